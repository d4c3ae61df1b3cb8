/* The right-hand side: splitting, canonical form, rules, for each Postfix version. */
#include "fuzz.h"

#include "core/postfix_version.h"
#include "core/rules.h"

static const int versions[] = {POSTFIX_VERSION(3, 4, 0), POSTFIX_VERSION(3, 7, 11),
	POSTFIX_VERSION(3, 9, 0), POSTFIX_VERSION(3, 10, 0), POSTFIX_VERSION(3, 11, 6)};

/* The canonical form of the canonical form is the same, and so is what it says. */
static void check_canonical(const struct policy *policy, int version)
{
	g_autoptr(GString) once = g_string_new(NULL), twice = g_string_new(NULL);
	struct policy canonical = *policy;

	policy_canonical_params(once, policy->params, version);
	policy_canonical_params(twice, (struct text){once->str, once->len}, version);
	g_assert_true(g_string_equal(once, twice));
	canonical.params = (struct text){once->str, once->len};
	if (version >= POSTFIX_VERSION(3, 10, 0))
		g_assert_true(policy_equal(policy, &canonical));
}

static void check_rules(const struct policy *policy, int version)
{
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	struct rule_context context;
	int worst, seen = -1;

	rule_context_init(&context, version);
	context.params_max = 255;
	context.from_table = TRUE;
	worst = rules_check(&context, policy, findings);
	for (guint i = 0; i < findings->len; i++) {
		const struct finding *finding = g_ptr_array_index(findings, i);

		g_assert_nonnull(finding->rule);
		g_assert_cmpuint(strlen(finding->text), >, 0);
		seen = MAX(seen, (int)finding->severity);
	}
	g_assert_cmpint(worst, ==, seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *copy = fuzz_copy(data, size);
	g_autoptr(GString) value = g_string_new(NULL);
	struct policy policy = {.key = TEXT_LITERAL("example.com")}, again = policy;

	if (!policy_split((struct text){copy, size}, &policy))
		return 0;
	g_assert_true(policy_equal(&policy, &policy));
	g_assert_null(policy_weaker(&policy, &policy));
	policy_append_value(value, &policy);
	g_assert_true(policy_split((struct text){value->str, value->len}, &again));
	g_assert_true(policy_equal(&policy, &again));
	for (gsize i = 0; i < G_N_ELEMENTS(versions); i++) {
		check_canonical(&policy, versions[i]);
		check_rules(&policy, versions[i]);
	}
	return 0;
}
