/* The text of an MTA-STS policy; the same bytes as a content type. */
#include "fuzz.h"

#include "core/sts.h"

static void check_error(GError *error)
{
	g_assert_nonnull(error);
	g_assert_true(g_utf8_validate(error->message, -1, NULL));
	g_assert_null(strchr(error->message, '\n'));
	g_assert_cmpuint(strlen(error->message), <=, 250);
	g_error_free(error);
}

static void check_pattern(const struct sts_policy *policy, const char *pattern)
{
	g_autofree char *below = g_strconcat("x", pattern + 1, NULL);
	g_autofree char *deeper = g_strconcat("x.y", pattern + 1, NULL);

	for (const char *at = pattern; *at; at++)
		g_assert_true(
			g_ascii_isalnum(*at) ? !g_ascii_isupper(*at) : strchr("-.*", *at) != NULL);
	if (*pattern != '*') {
		g_assert_true(sts_allows(policy, pattern));
		return;
	}
	g_assert_true(sts_allows(policy, below));
	g_assert_false(sts_mx_matches(pattern, deeper));
	g_assert_false(sts_mx_matches(pattern, pattern + 2));
}

/* Written in the plain form it is the same policy. */
static void check_again(const struct sts_policy *policy)
{
	g_autoptr(GString) text = g_string_new("version: STSv1\r\n");
	struct sts_policy *again;

	g_string_append_printf(
		text, "mode: %s\r\nmax_age: %u\r\n", sts_mode_name(policy->mode), policy->max_age);
	for (char **pattern = policy->mx; *pattern; pattern++)
		g_string_append_printf(text, "mx: %s\r\n", *pattern);
	again = sts_policy_parse((struct text){text->str, text->len}, NULL);
	g_assert_nonnull(again);
	g_assert_cmpint(again->mode, ==, policy->mode);
	g_assert_cmpuint(again->max_age, ==, policy->max_age);
	g_assert_true(
		g_strv_equal((const char *const *)again->mx, (const char *const *)policy->mx));
	sts_policy_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *copy = fuzz_copy(data, size);
	g_autofree char *type = g_strndup(copy, size);
	GError *error = NULL;
	struct sts_policy *policy = sts_policy_parse((struct text){copy, size}, &error);

	if (sts_content_type_fine(type))
		g_assert_true(g_ascii_strncasecmp(type, "text/plain", 10) == 0);
	if (!policy) {
		check_error(error);
		return 0;
	}
	g_assert_null(error);
	g_assert_cmpuint(policy->max_age, <=, 31557600);
	g_assert_cmpuint(g_strv_length(policy->mx), <=, STS_MX_MAX);
	g_assert_true(policy->mode == STS_NONE || policy->mx[0]);
	for (char **pattern = policy->mx; *pattern; pattern++)
		check_pattern(policy, *pattern);
	check_again(policy);
	sts_policy_free(policy);
	return 0;
}
