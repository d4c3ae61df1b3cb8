#include "core/rule_list.h"

#include "core/nearest.h"
#include "core/postfix_version.h"

enum restriction {
	ONCE = 1 << 0,
	LAST_COUNTS = 1 << 1,
	NOT_EMPTY = 1 << 2,
	MATCHING_LEVELS = 1 << 3, /* fingerprint, verify, secure */
	PKIX_LEVELS = 1 << 4,	  /* verify, secure */
};

/* Facts 2.2. */
static const struct {
	unsigned restrictions;
	void (*check)(struct rule_check *check, const struct attribute *attribute);
} attribute_rules[ATTRIBUTE_COUNT] = {
	[ATTRIBUTE_CIPHERS] = {ONCE | NOT_EMPTY, check_ciphers},
	[ATTRIBUTE_PROTOCOLS] = {ONCE, check_protocols},
	[ATTRIBUTE_EXCLUDE] = {ONCE, check_exclude},
	[ATTRIBUTE_MATCH] = {NOT_EMPTY | MATCHING_LEVELS, check_match},
	[ATTRIBUTE_TAFILE] = {NOT_EMPTY | PKIX_LEVELS, check_tafile},
	[ATTRIBUTE_SERVERNAME] = {ONCE, check_servername},
	[ATTRIBUTE_CONNECTION_REUSE] = {LAST_COUNTS, check_yes_no},
	[ATTRIBUTE_ENABLE_RPK] = {LAST_COUNTS, check_yes_no},
	[ATTRIBUTE_POLICY_TYPE] = {ONCE, check_policy_attribute},
	[ATTRIBUTE_POLICY_DOMAIN] = {ONCE, check_policy_attribute},
	[ATTRIBUTE_POLICY_STRING] = {0, check_policy_attribute},
	[ATTRIBUTE_MX_HOST_PATTERN] = {0, check_policy_attribute},
	[ATTRIBUTE_POLICY_FAILURE] = {ONCE, check_policy_attribute},
	[ATTRIBUTE_POLICY_TTL] = {ONCE, check_policy_attribute},
};

/* -- the value as a whole ------------------------------------------------------------------- */

static void check_params_bytes(struct rule_check *check)
{
	const struct rule_context *context = check->context;
	struct text params = check->policy->params;

	if (!params.at)
		return;
	if (!params.len) {
		if (context->from_table)
			finding(check, RULE_PARAMS_EMPTY_STRING,
				"params is an empty string, where NULL says that there are no "
				"attributes: Postfix logs \"empty lookup result\" at each lookup");
		return;
	}
	if (memchr(params.at, '\0', params.len))
		finding(check, RULE_VALUE_NUL,
			"there is a NUL byte in the attributes: Postfix does not see what follows "
			"it");
	if (memchr(params.at, '\n', params.len) || memchr(params.at, '\r', params.len))
		finding(check, RULE_VALUE_LINES,
			"there is a line break in the attributes: Postfix takes it for a blank "
			"when it "
			"asks a database, but a map file cannot hold it; write a blank");
	if (context->params_max && params.len >= context->params_max) {
		gsize length = g_utf8_validate_len(params.at, params.len, NULL)
				       ? (gsize)g_utf8_strlen(params.at, params.len)
				       : params.len;

		if (length > context->params_max)
			finding(check, RULE_PARAMS_TOO_LONG,
				"the attributes are %" G_GSIZE_FORMAT
				" characters long, and the params column holds %" G_GSIZE_FORMAT,
				length, context->params_max);
		else if (length == context->params_max && context->from_table)
			finding(check, RULE_PARAMS_CUT,
				"the attributes fill the params column to its last character "
				"(%" G_GSIZE_FORMAT
				"): they may have been cut when they were stored",
				length);
	}
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
			"encrypt, "
			"dane, dane-only, fingerprint, verify or secure");
		return;
	}
	meant = level_meant(word);
	finding(check, RULE_LEVEL_UNKNOWN,
		"\"%.*s\" is none of Postfix's levels, so mail is deferred%s%s%s", TOKEN(word),
		meant ? ": did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
}

/* -- attributes ----------------------------------------------------------------------------- */

/* The id of a name that stands alone, for "match = x" and "match:x". */
static const char *known_name(struct text name)
{
	for (int id = 0; id < ATTRIBUTE_COUNT; id++)
		if (text_is_nocase(name, attribute_name(id)))
			return attribute_name(id);
	return NULL;
}

static gboolean is_list(enum attribute_id id)
{
	return id == ATTRIBUTE_MATCH || id == ATTRIBUTE_PROTOCOLS || id == ATTRIBUTE_EXCLUDE;
}

static void check_no_equals(
	struct rule_check *check, const struct attribute *attribute, enum attribute_id before)
{
	struct text token = attribute->token;
	struct text name = {token.at, 0};
	const char *known;

	while (name.len < token.len &&
		(g_ascii_isalpha(name.at[name.len]) || name.at[name.len] == '_'))
		name.len++;
	known = known_name(name);
	if (known && (name.len == token.len || token.at[name.len] == ':'))
		finding(check, RULE_ATTRIBUTE_MALFORMED,
			"\"%.*s\" has no \"=\", so mail is deferred: write %s=VALUE, without "
			"blanks round "
			"the \"=\"",
			TOKEN(token), known);
	else if (level_parse(token) != LEVEL_UNKNOWN)
		finding(check, RULE_ATTRIBUTE_MALFORMED,
			"\"%.*s\" is a second level, and one policy has only one: mail is deferred",
			TOKEN(token));
	else if (is_list(before))
		finding(check, RULE_ATTRIBUTE_LIST,
			"\"%.*s\" stands by itself, so mail is deferred: the comma or blank before "
			"it ends "
			"%s=; write \"%s\" between the elements",
			TOKEN(token), attribute_name(before),
			before == ATTRIBUTE_MATCH && check->policy->level == LEVEL_FINGERPRINT
				? "|"
				: ":");
	else
		finding(check, RULE_ATTRIBUTE_MALFORMED,
			"\"%.*s\" is not NAME=VALUE, so mail is deferred", TOKEN(token));
}

static void check_malformed(
	struct rule_check *check, const struct attribute *attribute, enum attribute_id before)
{
	switch (attribute->fault) {
	case FAULT_NO_EQUALS:
		check_no_equals(check, attribute, before);
		break;
	case FAULT_BRACE_OPEN:
		finding(check, RULE_ATTRIBUTE_BRACES,
			"\"%.*s\" has no closing brace, so mail is deferred: write { NAME = VALUE "
			"}",
			TOKEN(attribute->token));
		break;
	case FAULT_BRACE_TRAIL:
		finding(check, RULE_ATTRIBUTE_BRACES,
			"\"%.*s\" goes on behind its closing brace, so mail is deferred: put a "
			"blank "
			"there",
			TOKEN(attribute->token));
		break;
	default:
		finding(check, RULE_ATTRIBUTE_MALFORMED,
			"\"%.*s\" has no name before the \"=\", so mail is deferred: write "
			"NAME=VALUE, "
			"without blanks round the \"=\"",
			TOKEN(attribute->token));
	}
}

static void check_unknown(struct rule_check *check, const struct attribute *attribute)
{
	const char *meant = attribute_did_you_mean(attribute->name);

	if (attribute->name.at[0] == '{' && !attribute->braced) {
		finding(check, RULE_ATTRIBUTE_BRACES,
			"\"%.*s\": Postfix before 3.10 knows no braces and defers mail, write "
			"NAME=VALUE",
			TOKEN(attribute->token));
		return;
	}
	finding(check, RULE_ATTRIBUTE_UNKNOWN,
		"Postfix knows no attribute \"%.*s\" and defers mail%s%s%s", TOKEN(attribute->name),
		meant ? ": did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
}

/* "a;ciphers=high": a second attribute glued on with a semicolon. */
static void check_joined(struct rule_check *check, const struct attribute *attribute)
{
	struct text rest = attribute->value, name;
	const char *semicolon;

	while (rest.len && (semicolon = memchr(rest.at, ';', rest.len))) {
		rest = text_skip(rest, semicolon - rest.at + 1);
		name = (struct text){rest.at, 0};
		while (name.len < rest.len && rest.at[name.len] != '=')
			name.len++;
		if (name.len < rest.len && known_name(name)) {
			finding(check, RULE_ATTRIBUTE_JOINED,
				"\"%.*s\": the semicolon does not end %s=, all that follows is "
				"taken for a "
				"part of its value; write a blank in its place",
				TOKEN(attribute->token), attribute_name(attribute->id));
			return;
		}
	}
}

/* The attribute exists but not in this Postfix; TRUE when it does. */
static gboolean check_version(struct rule_check *check, const struct attribute *attribute)
{
	int version = check->context->postfix_version;
	int since = attribute_since(attribute->id);
	const char *name = attribute_name(attribute->id);
	g_autofree char *reader = NULL;

	if (version < since) {
		reader = postfix_version_format(version);
		finding(check, RULE_ATTRIBUTE_VERSION,
			"%s= is known from Postfix %d.%d on: Postfix %s defers mail", name,
			since / 10000, since / 100 % 100, reader);
		return FALSE;
	}
	/* Facts 2.2: read, and then refused as an invalid name. */
	if (attribute->id == ATTRIBUTE_CONNECTION_REUSE &&
		(version < POSTFIX_VERSION(3, 4, 14) ||
			(version >= POSTFIX_VERSION(3, 5, 0) &&
				version < POSTFIX_VERSION(3, 5, 4)))) {
		reader = postfix_version_format(version);
		finding(check, RULE_ATTRIBUTE_VERSION,
			"connection_reuse= is broken in Postfix %s, which defers mail: it works "
			"from "
			"3.4.14 and 3.5.4 on",
			reader);
		return FALSE;
	}
	return TRUE;
}

/* FALSE when Postfix refuses the attribute before it looks into the value. */
static gboolean check_restrictions(struct rule_check *check, const struct attribute *attribute)
{
	unsigned restrictions = attribute_rules[attribute->id].restrictions;
	enum level level = check->policy->level;
	const char *name = attribute_name(attribute->id);
	gboolean pkix = level == LEVEL_VERIFY || level == LEVEL_SECURE;

	if ((restrictions & PKIX_LEVELS && !pkix) ||
		(restrictions & MATCHING_LEVELS && !pkix && level != LEVEL_FINGERPRINT)) {
		finding(check, RULE_ATTRIBUTE_LEVEL,
			"%s= is not allowed at level %s, so mail is deferred: it needs level "
			"%sverify or "
			"secure",
			name, level_name(level), restrictions & PKIX_LEVELS ? "" : "fingerprint, ");
		return FALSE;
	}
	if (restrictions & NOT_EMPTY && !attribute->value.len) {
		finding(check, RULE_ATTRIBUTE_EMPTY, "%s= is empty, so mail is deferred", name);
		return FALSE;
	}
	if (restrictions & ONCE && check->seen[attribute->id]) {
		finding(check, RULE_ATTRIBUTE_REPEATED,
			"%s= is given more than once, so mail is deferred", name);
		return FALSE;
	}
	if (restrictions & LAST_COUNTS && check->seen[attribute->id] == 1)
		finding(check, RULE_ATTRIBUTE_OVERRIDDEN,
			"%s= is given more than once: the last one counts", name);
	return TRUE;
}

static void check_attribute(struct rule_check *check, const struct attribute *attribute)
{
	if (!check_version(check, attribute))
		return;
	if (check_restrictions(check, attribute)) {
		check_joined(check, attribute);
		attribute_rules[attribute->id].check(check, attribute);
	}
	if (check->seen[attribute->id] < 2)
		check->seen[attribute->id]++;
}

static void check_attributes(struct rule_check *check)
{
	struct attribute_cursor cursor;
	struct attribute attribute;
	enum attribute_id before = ATTRIBUTE_UNKNOWN;

	attributes_start(&cursor, check->policy->params, check->context->postfix_version);
	while (attributes_next(&cursor, &attribute)) {
		if (attribute.token.at[0] == '#') {
			finding(check, RULE_ATTRIBUTE_COMMENT,
				"\"%.*s\": there are no comments behind a policy, Postfix takes "
				"the # for an "
				"attribute and defers mail; put the comment on a line of its own "
				"or into the "
				"note",
				TOKEN(attribute.token));
			return;
		}
		if (attribute.id == ATTRIBUTE_MALFORMED)
			check_malformed(check, &attribute, before);
		else if (attribute.id == ATTRIBUTE_UNKNOWN)
			check_unknown(check, &attribute);
		else
			check_attribute(check, &attribute);
		if (attribute.id != ATTRIBUTE_MALFORMED)
			before = attribute.id;
	}
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

	check_params_bytes(check);
	if (!utf8(policy->level_text) || !utf8(policy->params)) {
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
	check_policy_type(check);
}
