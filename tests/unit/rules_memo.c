#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/postfix_version.h"
#include "core/rules.h"

/* Keys whose values are judged differently, and some that are wrong themselves. */
static const char *const keys[] = {"a.example", "b.example", ".a.example", "a.example:25",
	"[a.example]", "[a.example]:587", "192.0.2.1", "[192.0.2.1]", "[2001:db8::1]:25",
	"/var/run/lmtp", "private/lmtp", "A.example", "a.example.",
	"b\xc3\xbc"
	"cher.example",
	"xn--bcher-kva.example", "*.example", "", "1.2", "a_b.example", "-a.example", "a..example",
	"a.example, b.example", "ab"};

/* Fine ones, and one at least for every rule that looks at the key or at the server's settings. */
static const char *const values[] = {"may", "encrypt", "dane", "dane-only", "none", "none x=y",
	"must", "verify", "verify match=hostname", "verify match=mx.example", "secure",
	"secure match=hostname", "secure match=mx.example", "secure match=nexthop:dot-nexthop",
	"secure match=dot-nexthop", "secure match=*.example", "secure match=.", "secure mach=a.b",
	"fingerprint", "fingerprint match=00:11", "encrypt protocols=>=TLSv1.2",
	"encrypt protocols=TLSv1", "encrypt exclude=ALL", "encrypt ciphers=null",
	"secure tafile=/nowhere", "may connection_reuse=yes", "encrypt ciphers=high",
	"encrypt ciphers=high "};

static void fill(struct policy_set *set)
{
	guint all = G_N_ELEMENTS(keys) * G_N_ELEMENTS(values);

	/* Every pair three times, neighbours having little in common. */
	for (guint i = 0; i < 3 * all; i++) {
		guint pair = i * 5 % all;
		struct policy policy = {.key = text_of(keys[pair % G_N_ELEMENTS(keys)])};
		struct policy_row *row;

		policy_split(text_of(values[pair / G_N_ELEMENTS(keys)]), &policy);
		row = policy_set_append(set, &policy, NULL);
		assert_non_null(row);
		if (i % 11 == 0)
			policy_set_extra_for(set, row)->note = "a note";
		if (i % 13 == 0) {
			struct policy_exception exception = {.over = TRUE,
				.level = LEVEL_MAY,
				.params = TEXT_LITERAL("mach=a.b"),
				.until_us = i % 2 ? 1000000 : 3000000};

			policy_set_except(set, row, &exception);
		}
	}
}

static GPtrArray *findings_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
}

static void same_as_without(const struct rule_context *context)
{
	g_autoptr(GPtrArray) with = findings_new(), without = findings_new();
	struct rule_memo memo;
	g_auto(policy_set_t) set;

	policy_set_init(&set);
	fill(&set);
	rule_memo_init(&memo, context, &set, 2000000);
	for (guint i = 0; i < policy_set_count(&set); i++) {
		const struct policy_row *row = policy_set_row(&set, i);

		g_ptr_array_set_size(with, 0);
		g_ptr_array_set_size(without, 0);
		assert_int_equal(rule_memo_check(&memo, row, with),
			rules_check_row(context, &set, row, 2000000, without));
		assert_int_equal(with->len, without->len);
		for (guint j = 0; j < with->len; j++) {
			const struct finding *a = with->pdata[j], *b = without->pdata[j];

			assert_ptr_equal(a->rule, b->rule);
			assert_int_equal(a->severity, b->severity);
			assert_string_equal(a->text, b->text);
		}
	}
}

static void findings_are_the_same(void **state)
{
	static const int versions[] = {
		POSTFIX_VERSION(3, 4, 0), POSTFIX_VERSION(3, 9, 0), POSTFIX_VERSION(3, 11, 0)};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(versions); i++) {
		struct rule_context context;

		rule_context_init(&context, versions[i]);
		same_as_without(&context);
		context.dnssec_known = TRUE;
		same_as_without(&context);
		context.dnssec = context.from_table = TRUE;
		context.params_max = 18;
		same_as_without(&context);
	}
}

static gboolean count_calls(const struct cipher_choice *choice, gpointer calls)
{
	(void)choice;
	++*(guint *)calls;
	return FALSE;
}

/* So many different values that each meets another one's place: fine ones and bad ones in turn. */
static void many_values(void **state)
{
	g_autoptr(GPtrArray) findings = findings_new();
	struct rule_context context;
	struct rule_memo memo;
	g_auto(policy_set_t) set;

	(void)state;
	policy_set_init(&set);
	rule_context_init(&context, POSTFIX_VERSION(3, 11, 0));
	rule_memo_init(&memo, &context, &set, 0);
	for (guint i = 0; i < 20 * RULE_MEMO_SLOTS; i++) {
		struct policy policy = {.key = TEXT_LITERAL("a.example"), .level = LEVEL_SECURE};
		g_autofree char *params =
			g_strdup_printf("match=%smx%u.example", i % 2 ? "*." : "", i);

		policy.params = policy_set_keep(&set, text_of(params));
		assert_int_equal(
			rule_memo_check(&memo, policy_set_append(&set, &policy, NULL), findings),
			i % 2 ? (int)SEVERITY_WARNING : -1);
	}
}

/* A row that gets another key is another one: an address needs names to look for. */
static void another_key(void **state)
{
	g_autoptr(GPtrArray) findings = findings_new();
	struct policy policy = {.key = TEXT_LITERAL("a.example"), .level = LEVEL_SECURE};
	struct rule_context context;
	struct rule_memo memo;
	struct policy_row *row;
	g_auto(policy_set_t) set;

	(void)state;
	policy_set_init(&set);
	rule_context_init(&context, POSTFIX_VERSION(3, 11, 0));
	rule_memo_init(&memo, &context, &set, 0);
	row = policy_set_append(&set, &policy, NULL);
	row->flags |= ROW_PLAIN;
	assert_int_equal(rule_memo_check(&memo, row, findings), -1);
	policy_set_rekey(&set, row, TEXT_LITERAL("[192.0.2.1]"));
	assert_int_equal(rule_memo_check(&memo, row, findings), (int)SEVERITY_WARNING);
}

/* What OpenSSL thinks of a list is asked once, not for every host; for an address always. */
static void is_not_judged_again(void **state)
{
	static const char *const hosts[] = {
		"a.example", "b.example", ".c.example", "[192.0.2.1]", "[192.0.2.2]"};
	g_autoptr(GPtrArray) findings = findings_new();
	guint calls = 0;
	struct rule_context context;
	struct rule_memo memo;
	g_auto(policy_set_t) set;

	(void)state;
	policy_set_init(&set);
	rule_context_init(&context, POSTFIX_VERSION(3, 11, 0));
	context.no_cipher_left = count_calls;
	context.data = &calls;
	rule_memo_init(&memo, &context, &set, 0);
	for (guint i = 0; i < G_N_ELEMENTS(hosts); i++) {
		struct policy policy = {.key = text_of(hosts[i])};

		policy_split(text_of("encrypt exclude=RC4"), &policy);
		rule_memo_check(&memo, policy_set_append(&set, &policy, NULL), findings);
	}
	assert_int_equal(findings->len, 0);
	assert_int_equal(calls, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_are_the_same),
		cmocka_unit_test(many_values),
		cmocka_unit_test(another_key),
		cmocka_unit_test(is_not_judged_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
