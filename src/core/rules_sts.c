#include "core/rule_list.h"

#include "core/postfix_version.h"

#define PATTERNS_ENFORCED POSTFIX_VERSION(3, 10, 5)

static gboolean is_word(struct text value, const char *const *words)
{
	for (; *words; words++)
		if (text_is_nocase(value, *words))
			return TRUE;
	return FALSE;
}

static void check_word(
	struct rule_check *check, const struct attribute *attribute, const char *const *words)
{
	if (is_word(attribute->value, words))
		return;
	g_autofree char *all = g_strjoinv(", ", (char **)words);

	finding(check, RULE_ATTRIBUTE_VALUE, "%s=%.*s is none of %s, so mail is deferred",
		attribute_name(attribute->id), TOKEN(attribute->value), all);
}

/* All digits, and fits a 32-bit int. */
static gboolean is_ttl(struct text value)
{
	gint64 number = 0;

	for (gsize i = 0; i < value.len; i++) {
		if (!g_ascii_isdigit(value.at[i]))
			return FALSE;
		number = number * 10 + (value.at[i] - '0');
		if (number > G_MAXINT32)
			return FALSE;
	}
	return value.len > 0;
}

/* Exact name, or *.name for exactly one label more: RFC 8461. */
static void check_mx_pattern(struct rule_check *check, struct text pattern)
{
	struct text name = pattern;

	if (pattern.len > 2 && pattern.at[0] == '*' && pattern.at[1] == '.')
		name = text_skip(pattern, 2);
	if (hostname_valid(name, FALSE)) {
		check->pattern_possible = TRUE;
		return;
	}
	finding_as(check, RULE_MX_PATTERN_NEVER, SEVERITY_WARNING,
		"mx_host_pattern=%.*s matches no MX host: write a host name, or *.NAME for the "
		"names one label below NAME",
		TOKEN(pattern));
}

void check_policy_attribute(struct rule_check *check, const struct attribute *attribute)
{
	static const char *const types[] = {"sts", "no-policy-found", NULL};
	static const char *const failures[] = {"sts-policy-fetch-error", "sts-policy-invalid",
		"sts-webpki-invalid", "validation-failure", NULL};
	struct text value = attribute->value;

	switch (attribute->id) {
	case ATTRIBUTE_POLICY_TYPE:
		check_word(check, attribute, types);
		break;
	case ATTRIBUTE_POLICY_FAILURE:
		check_word(check, attribute, failures);
		if (check->policy->level > LEVEL_DANE && is_word(value, failures))
			finding(check, RULE_POLICY_FAILURE,
				"policy_failure=%.*s makes certificate verification fail, so no "
				"server is accepted at level %s",
				TOKEN(value), level_name(check->policy->level));
		break;
	case ATTRIBUTE_POLICY_DOMAIN:
		if (!hostname_valid(value, FALSE))
			finding(check, RULE_ATTRIBUTE_VALUE,
				"policy_domain=%.*s is no host name, so mail is deferred",
				TOKEN(value));
		break;
	case ATTRIBUTE_POLICY_TTL:
		if (!is_ttl(value))
			finding(check, RULE_ATTRIBUTE_VALUE,
				"policy_ttl=%.*s is no number of seconds, so mail is deferred",
				TOKEN(value));
		break;
	case ATTRIBUTE_MX_HOST_PATTERN:
		check_mx_pattern(check, value);
		break;
	default:
		break;
	}
}

void check_policy_type(struct rule_check *check)
{
	if (check->context->postfix_version < attribute_since(ATTRIBUTE_POLICY_TYPE))
		return;
	for (int id = ATTRIBUTE_POLICY_DOMAIN; id <= ATTRIBUTE_POLICY_TTL; id++) {
		if (check->seen[id] && !check->seen[ATTRIBUTE_POLICY_TYPE]) {
			finding(check, RULE_POLICY_TYPE_MISSING,
				"%s= is given without policy_type=, so mail is deferred: add "
				"policy_type=sts",
				attribute_name(id));
			return;
		}
	}
	if (check->seen[ATTRIBUTE_MX_HOST_PATTERN] && !check->pattern_possible &&
		check->context->postfix_version >= PATTERNS_ENFORCED)
		finding(check, RULE_MX_PATTERN_NEVER,
			"no MX host can match mx_host_pattern, so Postfix skips all of them and "
			"mail is deferred");
}
