#include "cmd/keys.h"

#include "core/key.h"
#include "net/idn.h"

static void typed_key_free(gpointer data)
{
	struct typed_key *key = data;

	g_free(key->stored);
	g_free(key);
}

GPtrArray *typed_keys(char **words, int count)
{
	GPtrArray *keys = g_ptr_array_new_full(count, typed_key_free);

	for (int i = 0; i < count; i++) {
		struct typed_key *key = g_new0(struct typed_key, 1);

		key->typed = words[i];
		key->stored = idn_key(text_of(words[i]), NULL);
		if (!key->stored)
			key->stored = g_strdup(words[i]);
		g_ptr_array_add(keys, key);
	}
	return keys;
}

gboolean typed_keys_read(
	struct app *app, const GPtrArray *keys, struct policy_set *set, GError **error)
{
	struct store *store;

	if (app->from)
		return app_policies(app, set, error);
	store = app_store(app, error);
	if (!store)
		return FALSE;

	g_autoptr(GPtrArray) texts = g_ptr_array_new();
	for (guint i = 0; i < keys->len; i++) {
		struct typed_key *key = keys->pdata[i];

		g_ptr_array_add(texts, key->stored);
		if (strcmp(key->typed, key->stored) != 0)
			g_ptr_array_add(texts, (gpointer)key->typed);
	}
	if (!store_find(store, texts, set, error))
		return FALSE;
	policy_set_sort(set);
	return TRUE;
}

const struct policy_row *typed_key_row(const struct typed_key *key, const struct policy_set *set)
{
	const struct policy_row *row = policy_set_find(set, text_of(key->typed));

	return row ? row : policy_set_find(set, text_of(key->stored));
}

/* Other keys for the same host, each of which is a policy of its own. */
static GPtrArray *other_spellings(const struct typed_key *typed)
{
	static const char *const shapes[] = {
		"%s", ".%s", "[%s]", "[%s]:25", "[%s]:465", "[%s]:587", "%s:25", "%s:587", NULL};
	GPtrArray *spellings = g_ptr_array_new_with_free_func(g_free);
	char *unicode = idn_key_unicode(text_of(typed->typed), NULL);
	struct key key;

	if (unicode)
		g_ptr_array_add(spellings, unicode);
	key_parse(text_of(typed->stored), &key);
	if (key.form == KEY_INVALID || !key.host.at)
		return spellings;

	g_autofree char *host = text_dup(key.host);
	for (guint i = 0; shapes[i]; i++) {
		char **around = g_strsplit(shapes[i], "%s", 2);
		char *spelling = g_strconcat(around[0], host, around[1], NULL);

		g_strfreev(around);
		if (strcmp(spelling, typed->stored) != 0)
			g_ptr_array_add(spellings, spelling);
		else
			g_free(spelling);
	}
	return spellings;
}

gboolean typed_key_missing(struct app *app, const struct typed_key *key,
	const struct policy_set *set, GString *to, GError **error)
{
	g_autoptr(GPtrArray) spellings = other_spellings(key);
	g_autofree char *shown = printable(text_of(key->typed));
	const char *before = " (but there is one for ";
	g_auto(policy_set_t) found;

	g_string_append_printf(to, "no policy for %s", shown);
	policy_set_init(&found);
	if (!app->from && spellings->len) {
		struct store *store = app_store(app, error);

		if (!store || !store_find(store, spellings, &found, error))
			return FALSE;
		policy_set_sort(&found);
		set = &found;
	}
	for (guint i = 0; i < spellings->len; i++) {
		if (!policy_set_find(set, text_of(spellings->pdata[i])))
			continue;
		g_string_append_printf(to, "%s%s", before, (char *)spellings->pdata[i]);
		before = ", ";
	}
	if (*before == ',')
		g_string_append_c(to, ')');
	return TRUE;
}
