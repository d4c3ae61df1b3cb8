#include "core/rule_list.h"

#include "core/nearest.h"
#include "core/postfix_version.h"

#define BOUNDS_SINCE	 POSTFIX_VERSION(3, 6, 0)
#define WEAK_GRADES_GONE POSTFIX_VERSION(3, 8, 0)

/* -- protocols ------------------------------------------------------------------------------ */

/* "TLS1.2", "TLSv1_2", "tls-1.2", "1.2" and the like; NULL when nothing is near. */
static const char *protocol_meant(struct text element)
{
	static const struct {
		const char *digits, *meant;
	} spellings[] = {
		{"1", "TLSv1"},
		{"10", "TLSv1"},
		{"11", "TLSv1.1"},
		{"12", "TLSv1.2"},
		{"13", "TLSv1.3"},
	};
	static const char *const names[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", NULL};
	char digits[3] = "";
	gsize n = 0;

	for (gsize i = 0; i < element.len && n < sizeof(digits) - 1; i++)
		if (g_ascii_isdigit(element.at[i]))
			digits[n++] = element.at[i];
	for (guint i = 0; element.len < 12 && i < G_N_ELEMENTS(spellings); i++)
		if (strcmp(digits, spellings[i].digits) == 0)
			return spellings[i].meant;
	return nearest_word(element, names);
}

static void check_protocols_bad(struct rule_check *check, struct text bad)
{
	const char *meant = protocol_meant(bad);

	if (memchr(bad.at, ';', bad.len) || memchr(bad.at, '|', bad.len) ||
		memchr(bad.at, '/', bad.len))
		finding(check, RULE_PROTOCOLS_INVALID,
			"\"%.*s\" in protocols is no protocol, so TLS never starts: protocols are "
			"separated by \":\"",
			TOKEN(bad));
	else
		finding(check, RULE_PROTOCOLS_INVALID,
			"\"%.*s\" in protocols is no protocol, so TLS never starts: %s%s%s",
			TOKEN(bad),
			meant ? "did you mean \""
			      : "write for example TLSv1.3, !TLSv1 or >=TLSv1.2",
			meant ? meant : "", meant ? "\"?" : "");
}

/* A list that Postfix can read, and that leaves something; what OpenSSL makes of it. */
static void check_offered(struct rule_check *check, struct text list, unsigned allowed)
{
	enum level level = check->policy->level;
	unsigned offered = check->offered;

	if (offered != allowed) {
		g_autofree char *left = protocols_format(offered);
		g_autofree char *asked = protocols_format(allowed);

		finding(check, RULE_PROTOCOLS_HOLE,
			"protocols=%.*s allows %s, but OpenSSL cannot leave out a version in the "
			"middle: only %s is offered; write >=VERSION",
			TOKEN(list), asked, left);
	}
	if (offered & PROTOCOLS_MODERN)
		return;
	if (level > LEVEL_DANE)
		finding(check, RULE_PROTOCOLS_OLD,
			"protocols=%.*s offers TLS 1.0 or 1.1 only, which OpenSSL refuses at level "
			"%s: the handshake fails, write >=TLSv1.2",
			TOKEN(list), level_name(level));
	else
		finding_as(check, RULE_PROTOCOLS_OLD, SEVERITY_WARNING,
			"protocols=%.*s offers TLS 1.0 or 1.1 only, which %s: write >=TLSv1.2",
			TOKEN(list),
			level == LEVEL_DANE ? "fails wherever TLSA records are found"
					    : "many servers no longer accept");
}

void check_protocols(struct rule_check *check, const struct attribute *attribute)
{
	struct text list = attribute->value;
	struct protocols protocols;

	protocols_parse(list, &protocols);
	if (protocols.bad.at) {
		check_protocols_bad(check, protocols.bad);
		return;
	}
	if (protocols.bound.at && check->context->postfix_version < BOUNDS_SINCE)
		finding(check, RULE_PROTOCOLS_VERSION,
			"\"%.*s\" in protocols needs Postfix 3.6, older ones never start TLS: list "
			"the versions, for example TLSv1.2:TLSv1.3",
			TOKEN(protocols.bound));
	if (protocols.unknown.at)
		finding(check, RULE_PROTOCOLS_NO_EFFECT,
			"\"%.*s\" in protocols is no version OpenSSL knows, and restricts nothing",
			TOKEN(protocols.unknown));
	if (text_is_nocase(list, "SSLv2"))
		finding(check, RULE_PROTOCOLS_NO_EFFECT,
			"protocols=SSLv2 restricts nothing, no OpenSSL has SSLv2 any more");
	check->offered = protocols_offered(protocols.allowed);
	if (!check->offered)
		finding(check, RULE_PROTOCOLS_NONE_LEFT,
			"protocols=%.*s leaves no protocol that OpenSSL has, so TLS never starts: "
			"write for example >=TLSv1.2",
			TOKEN(list));
	else
		check_offered(check, list, protocols.allowed);
}

/* -- ciphers and exclude -------------------------------------------------------------------- */

static const char *const grades[] = {"high", "medium", "low", "export", "null", NULL};

static const char *grade_find(struct text name)
{
	for (const char *const *grade = grades; *grade; grade++)
		if (text_is_nocase(name, *grade))
			return *grade;
	return NULL;
}

static const char *grade_meant(struct text word)
{
	if (text_is_nocase(word, "strong") || text_is_nocase(word, "ultra") ||
		text_is_nocase(word, "modern"))
		return "high";
	if (text_is_nocase(word, "default") || text_is_nocase(word, "intermediate"))
		return "medium";
	return nearest_word(word, grades);
}

void check_ciphers(struct rule_check *check, const struct attribute *attribute)
{
	const char *grade = grade_find(attribute->value), *meant;

	if (!grade) {
		meant = grade_meant(attribute->value);
		finding(check, RULE_CIPHERS_GRADE,
			"ciphers=%.*s is none of the grades high, medium, low, export and null, so "
			"TLS never starts: %s%s%s",
			TOKEN(attribute->value),
			meant ? "did you mean \"" : "single ciphers are taken out with exclude=",
			meant ? meant : "", meant ? "\"?" : "");
		return;
	}
	check->ciphers = text_of(grade);
	if (strcmp(grade, "null") == 0)
		finding(check, RULE_CIPHERS_WEAK,
			"ciphers=null offers only ciphers that do not encrypt, TLS 1.3 excepted: "
			"write medium or high");
	else if (strcmp(grade, "low") == 0 || strcmp(grade, "export") == 0)
		finding_as(check, RULE_CIPHERS_WEAK,
			check->context->postfix_version < WEAK_GRADES_GONE ? SEVERITY_WARNING
									   : SEVERITY_NOTICE,
			"ciphers=%s %s: write medium or high", grade,
			check->context->postfix_version < WEAK_GRADES_GONE
				? "allows ciphers that can be broken"
				: "means medium from Postfix 3.8 on");
}

static void check_excluded(struct rule_check *check, struct text element)
{
	if (strchr("!+-@", element.at[0]))
		finding(check, RULE_EXCLUDE_MODIFIER,
			"\"%.*s\" in exclude begins with \"%c\", so TLS never starts: name the "
			"cipher without it, exclude excludes anyway",
			TOKEN(element), element.at[0]);
	else if (element.len > 4 && strncmp(element.at, "TLS_", 4) == 0)
		finding(check, RULE_EXCLUDE_NO_EFFECT,
			"\"%.*s\" in exclude excludes nothing: ciphers of TLS 1.3 cannot be "
			"excluded, only TLS 1.3 as a whole (protocols=!TLSv1.3)",
			TOKEN(element));
	else if (text_is(element, "TLSv1.3"))
		finding(check, RULE_EXCLUDE_NO_EFFECT,
			"\"TLSv1.3\" in exclude excludes nothing: write protocols=!TLSv1.3");
	else if (memchr(element.at, ';', element.len) || memchr(element.at, '|', element.len))
		finding(check, RULE_EXCLUDE_NO_EFFECT,
			"\"%.*s\" in exclude is one name that OpenSSL does not know: separate "
			"ciphers by \":\"",
			TOKEN(element));
}

void check_exclude(struct rule_check *check, const struct attribute *attribute)
{
	struct text rest = attribute->value, element;

	while (list_next(&rest, LIST_WORDS, &element))
		check_excluded(check, element);
	check->exclude = attribute->value;
}

static gboolean excludes_all(struct text list)
{
	struct text element;

	while (list_next(&list, LIST_WORDS, &element))
		if (text_is(element, "ALL"))
			return TRUE;
	return FALSE;
}

/* Exclusions with a modifier have been reported, and would confuse OpenSSL. */
static gboolean has_modifier(struct text list)
{
	struct text element;

	while (list_next(&list, LIST_WORDS, &element))
		if (strchr("!+-@", element.at[0]))
			return TRUE;
	return FALSE;
}

/* Whether anything is left to offer; NULL grade and no TLS 1.3 is what no server takes. */
static gboolean none_left(struct rule_check *check, const struct cipher_choice *choice)
{
	const struct rule_context *context = check->context;
	gboolean null = text_is(check->ciphers, "null");

	if (null && !(choice->protocols & PROTOCOL_TLSV1_3))
		return TRUE;
	if (context->no_cipher_left)
		return context->no_cipher_left(choice, context->data);
	return excludes_all(check->exclude) || (null && choice->level == LEVEL_ENCRYPT);
}

void check_ciphers_left(struct rule_check *check)
{
	struct cipher_choice choice = {
		.grade = check->ciphers.at ? check->ciphers.at : "medium",
		.exclude = check->exclude,
		/* dane may turn out to be may, which excludes least. */
		.level = check->policy->level == LEVEL_DANE ? LEVEL_MAY : check->policy->level,
		.protocols = check->offered,
	};

	if (!check->exclude.len && !text_is(check->ciphers, "null"))
		return;
	if (!check->offered || has_modifier(check->exclude) || !none_left(check, &choice))
		return;
	if (check->exclude.len)
		finding(check, RULE_CIPHERS_NONE_LEFT,
			"exclude=%.*s leaves no cipher of grade %s, or OpenSSL cannot read it, so "
			"TLS never starts",
			TOKEN(check->exclude), choice.grade);
	else
		finding(check, RULE_CIPHERS_NONE_LEFT,
			"ciphers=%s leaves no cipher at level %s, so TLS never starts: write "
			"medium or high",
			choice.grade, level_name(check->policy->level));
}
