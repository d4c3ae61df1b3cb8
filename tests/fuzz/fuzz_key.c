/* Keys: reading, folding, judging. */
#include "fuzz.h"

#include "core/key.h"
#include "core/lookup.h"
#include "core/postfix_version.h"
#include "core/rules.h"
#include "net/idn.h"

static gboolean inside(struct text part, struct text whole)
{
	return !part.at || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void check_parse(struct text text)
{
	struct key key;
	g_autofree char *meant = NULL;

	key_parse(text, &key);
	g_assert_true((key.form == KEY_INVALID) == (key.fault != KEY_FINE));
	g_assert_true(inside(key.host, text) && inside(key.port, text));
	meant = key_meant(&key);
	if (meant)
		g_assert_false(text_equal(text, text_of(meant)));
}

/* What is told in one pass is what all the questions come to. */
static void check_plain(struct text text)
{
	struct text name = text.len && text.at[0] == '.' ? text_skip(text, 1) : text;
	g_autofree char *stored = NULL;
	struct key key;

	if (!key_is_plain(text))
		return;
	key_parse(text, &key);
	g_assert_true(key.form == (name.len < text.len ? KEY_PARENT : KEY_DOMAIN));
	g_assert_true(text_equal(key.host, name) && !key.port.at && !key.u_label);
	g_assert_true(hostname_valid(name, FALSE) && key_is_folded(text));
	stored = idn_key(text, NULL);
	g_assert_true(stored && text_is(text, stored));
}

static void check_fold(struct text text)
{
	g_autoptr(GString) once = g_string_new(NULL), twice = g_string_new(NULL);

	if (!key_fold(once, text)) {
		g_assert_false(g_utf8_validate_len(text.at, text.len, NULL));
		return;
	}
	g_assert_true(key_fold(twice, (struct text){once->str, once->len}));
	g_assert_true(g_string_equal(once, twice));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *copy = fuzz_copy(data, size);
	struct text text = {copy, size};
	struct rule_context context;
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	g_autoptr(GPtrArray) nexthops = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *stored = NULL, *unicode = NULL;

	check_parse(text);
	check_plain(text);
	check_fold(text);
	hostname_valid(text, TRUE);
	rule_context_init(&context, POSTFIX_NEWEST);
	rules_check(&context, &(struct policy){.key = text, .level = LEVEL_MAY}, findings);
	if (lookup_nexthops(text, nexthops, NULL)) {
		for (guint i = 0; i < nexthops->len; i++) {
			g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);

			lookup_keys(text_of(g_ptr_array_index(nexthops, i)), keys);
			g_assert_cmpuint(keys->len, >, 0);
		}
	}
	stored = idn_key(text, NULL);
	unicode = idn_key_unicode(text, NULL);
	/* What is stored is stored form already. */
	if (stored) {
		g_autofree char *again = idn_key(text_of(stored), NULL);

		g_assert_cmpstr(again, ==, stored);
	}
	return 0;
}
