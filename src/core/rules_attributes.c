#include "core/rule_list.h"

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
			"blanks round the \"=\"",
			TOKEN(token), known);
	else if (level_parse(token) != LEVEL_UNKNOWN)
		finding(check, RULE_ATTRIBUTE_MALFORMED,
			"\"%.*s\" is a second level, and one policy has only one: mail is deferred",
			TOKEN(token));
	else if (is_list(before))
		finding(check, RULE_ATTRIBUTE_LIST,
			"\"%.*s\" stands by itself, so mail is deferred: the comma or blank before "
			"it ends %s=; write \"%s\" between the elements",
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
			"blank there",
			TOKEN(attribute->token));
		break;
	default:
		finding(check, RULE_ATTRIBUTE_MALFORMED,
			"\"%.*s\" has no name before the \"=\", so mail is deferred: write "
			"NAME=VALUE, without blanks round the \"=\"",
			TOKEN(attribute->token));
	}
}

static void check_unknown(struct rule_check *check, const struct attribute *attribute)
{
	const char *meant = attribute_did_you_mean(attribute->name);

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
				"taken for a part of its value; write a blank in its place",
				TOKEN(attribute->token), attribute_name(attribute->id));
			return;
		}
	}
}

/* Facts 2.2: some releases read connection_reuse, and then refuse its name all the same. */
static gboolean works(enum attribute_id id, int version)
{
	if (id == ATTRIBUTE_CONNECTION_REUSE)
		return version >= POSTFIX_VERSION(3, 5, 4) ||
		       (version >= POSTFIX_VERSION(3, 4, 14) && version < POSTFIX_VERSION(3, 5, 0));
	return version >= attribute_since(id);
}

static void check_version(struct rule_check *check, enum attribute_id id)
{
	g_autofree char *reader = postfix_version_format(check->context->postfix_version);
	int since = attribute_since(id);

	if (id == ATTRIBUTE_CONNECTION_REUSE)
		finding(check, RULE_ATTRIBUTE_VERSION,
			"connection_reuse= is broken in Postfix %s, which defers mail: it works "
			"from 3.4.14 and 3.5.4 on",
			reader);
	else
		finding(check, RULE_ATTRIBUTE_VERSION,
			"%s= is known from Postfix %d.%d on: Postfix %s defers mail",
			attribute_name(id), since / 10000, since / 100 % 100, reader);
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
			"%sverify or secure",
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
	guint8 *seen = &check->seen[attribute->id];

	if (!works(attribute->id, check->context->postfix_version)) {
		if (!*seen)
			check_version(check, attribute->id);
	} else if (check_restrictions(check, attribute)) {
		check_joined(check, attribute);
		attribute_rules[attribute->id].check(check, attribute);
	} else if (attribute->id == ATTRIBUTE_MATCH) {
		check->match_refused = TRUE;
	}
	if (*seen < 2)
		(*seen)++;
}

/* What people write who take a policy for another language. TRUE when it was reported. */
static gboolean check_foreign(struct rule_check *check, const struct attribute *attribute)
{
	char first = attribute->token.at[0];

	if (first == '#')
		finding(check, RULE_ATTRIBUTE_COMMENT,
			"\"%.*s\": there are no comments behind a policy, Postfix takes the # for "
			"an attribute and defers mail; put the comment on a line of its own or "
			"into the note",
			TOKEN(attribute->token));
	else if (first == '{' && !attribute->braced)
		finding(check, RULE_ATTRIBUTE_BRACES,
			"\"%.*s\": Postfix before 3.10 knows no braces and defers mail, write "
			"NAME=VALUE",
			TOKEN(attribute->token));
	else
		return FALSE;
	return TRUE;
}

void check_attributes(struct rule_check *check)
{
	struct attribute_cursor cursor;
	struct attribute attribute;
	enum attribute_id before = ATTRIBUTE_UNKNOWN;
	gboolean malformed = FALSE;

	attributes_start(&cursor, check->policy->params, check->context->postfix_version);
	while (attributes_next(&cursor, &attribute)) {
		/* One slip makes a run of malformed tokens: the first one tells what it was. */
		if (malformed && attribute.id == ATTRIBUTE_MALFORMED)
			continue;
		malformed = attribute.id == ATTRIBUTE_MALFORMED;
		if (check_foreign(check, &attribute)) {
			malformed = TRUE;
			if (attribute.token.at[0] == '#')
				return;
		} else if (malformed) {
			check_malformed(check, &attribute, before);
		} else {
			before = attribute.id;
			if (attribute.id == ATTRIBUTE_UNKNOWN)
				check_unknown(check, &attribute);
			else
				check_attribute(check, &attribute);
		}
	}
}

/* -- attributes with simple values ---------------------------------------------------------- */

void check_servername(struct rule_check *check, const struct attribute *attribute)
{
	struct text name = attribute->value;
	enum level level = check->policy->level;

	if (!hostname_valid(name, FALSE)) {
		finding(check, RULE_SERVERNAME_INVALID,
			"servername=%.*s is no ASCII host name, so mail is deferred: write a name "
			"without dots at its ends, or hostname or nexthop",
			TOKEN(name));
		return;
	}
	if ((text_is_nocase(name, "hostname") && !text_is(name, "hostname")) ||
		(text_is_nocase(name, "nexthop") && !text_is(name, "nexthop")))
		finding(check, RULE_SERVERNAME_CASE,
			"servername=%.*s is sent as it is: only in lower case is it replaced by "
			"the server's name",
			TOKEN(name));
	if (level == LEVEL_DANE_ONLY)
		finding(check, RULE_ATTRIBUTE_NO_EFFECT,
			"servername= is not used at level dane-only: the TLSA base domain is sent");
}

void check_yes_no(struct rule_check *check, const struct attribute *attribute)
{
	const char *name = attribute_name(attribute->id);
	enum level level = check->policy->level;

	if (!text_is_nocase(attribute->value, "yes") && !text_is_nocase(attribute->value, "no"))
		finding(check, RULE_ATTRIBUTE_VALUE,
			"%s=%.*s is neither yes nor no, so mail is deferred", name,
			TOKEN(attribute->value));
	else if (attribute->id == ATTRIBUTE_ENABLE_RPK &&
		 (level == LEVEL_VERIFY || level == LEVEL_SECURE || level == LEVEL_DANE ||
			 level == LEVEL_DANE_ONLY))
		finding(check, RULE_ATTRIBUTE_NO_EFFECT, "%s= does nothing at level %s", name,
			level_name(level));
}
