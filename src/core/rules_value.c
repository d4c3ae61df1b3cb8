#include "core/rule_list.h"

#include "core/nearest.h"

/* -- the value as a whole ------------------------------------------------------------------- */

/* What is in a text that most texts do not have. */
enum oddity { HAS_NUL = 1 << 0, HAS_LINES = 1 << 1, HAS_NON_ASCII = 1 << 2 };

static unsigned oddities(struct text t)
{
	unsigned found = 0;

	for (gsize i = 0; i < t.len; i++) {
		guchar c = t.at[i];

		if (G_LIKELY(c >= ' ' && c < 0x80))
			continue;
		found |= c >= 0x80 ? HAS_NON_ASCII : 0;
		found |= c == '\n' || c == '\r' ? HAS_LINES : 0;
		found |= c == '\0' ? HAS_NUL : 0;
	}
	return found;
}

static void check_length(struct rule_check *check, unsigned odd)
{
	const struct rule_context *context = check->context;
	struct text params = check->policy->params;
	gsize length = params.len;

	if (odd & HAS_NON_ASCII && g_utf8_validate_len(params.at, params.len, NULL))
		length = g_utf8_strlen(params.at, params.len);
	if (length > context->params_max)
		finding(check, RULE_PARAMS_TOO_LONG,
			"the attributes are %" G_GSIZE_FORMAT
			" characters long, and the params column holds %" G_GSIZE_FORMAT,
			length, context->params_max);
	else if (length == context->params_max && context->from_table)
		finding(check, RULE_PARAMS_CUT,
			"the attributes fill the params column to its last character "
			"(%" G_GSIZE_FORMAT "): they may have been cut when they were stored",
			length);
}

static void check_params_bytes(struct rule_check *check, unsigned odd)
{
	struct text params = check->policy->params;

	if (params.at && !params.len && check->context->from_table)
		finding(check, RULE_PARAMS_EMPTY_STRING,
			"params is an empty string, where NULL says that there are no attributes: "
			"Postfix logs \"empty lookup result\" at each lookup");
	if (odd & HAS_NUL)
		finding(check, RULE_VALUE_NUL,
			"there is a NUL byte in the attributes: Postfix does not see what follows "
			"it");
	if (odd & HAS_LINES)
		finding(check, RULE_VALUE_LINES,
			"there is a line break in the attributes: Postfix takes it for a blank "
			"when it asks a database, but a map file cannot hold it; write a blank");
	if (check->context->params_max && params.len >= check->context->params_max)
		check_length(check, odd);
}

/* Up to the first NUL: more Postfix does not see. */
static gboolean utf8(struct text text)
{
	const char *nul;

	if (!text.len)
		return TRUE;
	nul = memchr(text.at, '\0', text.len);
	return g_utf8_validate_len(text.at, nul ? (gsize)(nul - text.at) : text.len, NULL);
}

/* -- the level ------------------------------------------------------------------------------ */

/* Words of older tables and of other programs. */
static const struct {
	const char *said, *meant;
} other_words[] = {
	{"must", "verify"},
	{"must_nopeermatch", "encrypt"},
	{"tls", "encrypt"},
	{"ssl", "encrypt"},
	{"starttls", "encrypt"},
	{"yes", "encrypt"},
	{"require", "encrypt"},
	{"required", "encrypt"},
	{"enforce", "secure"},
	{"no", "none"},
	{"off", "none"},
	{"opportunistic", "may"},
	{"half-dane", "dane"},
	{"sts", "secure"},
	{"mta-sts", "secure"},
};

static const char *level_meant(struct text word)
{
	struct text bare = word;

	for (guint i = 0; i < G_N_ELEMENTS(other_words); i++)
		if (text_is_nocase(word, other_words[i].said))
			return other_words[i].meant;
	/* Quotes, braces, colons and the like round a level that is right. */
	while (bare.len && !g_ascii_isalpha(bare.at[0]))
		bare = text_skip(bare, 1);
	for (gsize i = 0; i < bare.len; i++)
		if (!g_ascii_isalpha(bare.at[i]) && bare.at[i] != '-' && bare.at[i] != '_')
			bare.len = i;
	return nearest_word(bare, level_names());
}

static void check_level_unknown(struct rule_check *check)
{
	struct text word = check->policy->level_text;
	const char *meant;

	if (!word.len) {
		finding(check, RULE_VALUE_EMPTY,
			"the policy has no level: Postfix defers mail, name one of none, may, "
			"encrypt, dane, dane-only, fingerprint, verify or secure");
		return;
	}
	meant = level_meant(word);
	finding(check, RULE_LEVEL_UNKNOWN,
		"\"%.*s\" is none of Postfix's levels, so mail is deferred%s%s%s", TOKEN(word),
		meant ? ": did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
}

static void check_none(struct rule_check *check)
{
	struct attribute_cursor cursor;
	struct attribute attribute;

	attributes_start(&cursor, check->policy->params, check->context->postfix_version);
	if (attributes_next(&cursor, &attribute))
		finding(check, RULE_LEVEL_IGNORES,
			"\"%.*s\" is ignored, as all attributes are at level none",
			TOKEN(attribute.token));
}

/* Facts 4.3: the first precondition that fails. */
static void check_dane(struct rule_check *check)
{
	struct text key = check->policy->key;

	if (key.len && key.at[0] == '/')
		finding(check, RULE_DANE_SOCKET,
			"level %s does not work over the unix socket %.*s: mail is deferred",
			level_name(check->policy->level), TOKEN(key));
	if (!check->context->dnssec_known || check->context->dnssec)
		return;
	if (check->policy->level == LEVEL_DANE)
		finding(check, RULE_DANE_WITHOUT_DNSSEC,
			"level dane acts like may here, because smtp_dns_support_level is not "
			"dnssec: set it in main.cf");
	else
		finding(check, RULE_DANE_WITHOUT_DNSSEC,
			"level dane-only defers all mail here, because smtp_dns_support_level is "
			"not dnssec: set it in main.cf");
}

void check_value(struct rule_check *check)
{
	const struct policy *policy = check->policy;

	unsigned odd = oddities(policy->params);

	check_params_bytes(check, odd);
	if ((odd & HAS_NON_ASCII && !utf8(policy->params)) || !utf8(policy->level_text)) {
		finding(check, RULE_VALUE_UTF8,
			"the value is not UTF-8: Postfix takes that for a lookup error and defers "
			"mail");
		return;
	}
	switch (policy->level) {
	case LEVEL_UNKNOWN:
		check_level_unknown(check);
		return;
	case LEVEL_NONE:
		check_none(check);
		return;
	case LEVEL_DANE:
	case LEVEL_DANE_ONLY:
		check_dane(check);
		break;
	default:
		break;
	}
	check_attributes(check);
	check_names_left(check);
	check_fingerprints_left(check);
	check_ciphers_left(check);
	check_anchors_left(check);
	check_policy_type(check);
}
