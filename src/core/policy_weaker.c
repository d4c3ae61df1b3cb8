#include "core/policy.h"

#include "core/postfix_version.h"
#include "core/protocols.h"

/* What one policy asks of the server, as far as two rows can be compared by it. */
struct demands {
	gboolean trusts_mx; /* takes the server's name from MX records */
	unsigned protocols;
	int grade;
};

static const char *const grades[] = {"null", "export", "low", "medium", "high"};
enum { GRADE_DEFAULT = 3 }; /* smtp_tls_ciphers, smtp_tls_mandatory_ciphers */

static int grade_of(struct text name)
{
	for (guint i = 0; i < G_N_ELEMENTS(grades); i++)
		if (text_is_nocase(name, grades[i]))
			return i;
	return GRADE_DEFAULT;
}

static gboolean names_hostname(struct text list)
{
	struct text name;

	while (list_next(&list, LIST_NAMES, &name))
		if (text_is_nocase(name, "hostname"))
			return TRUE;
	return FALSE;
}

static void demands_read(struct demands *demands, const struct policy *policy)
{
	struct attribute_cursor cursor;
	struct attribute attribute;
	struct protocols protocols;
	gboolean matches = FALSE;

	*demands = (struct demands){.protocols = PROTOCOLS_ALL, .grade = GRADE_DEFAULT};
	attributes_start(&cursor, policy->params, POSTFIX_NEWEST);
	while (attributes_next(&cursor, &attribute)) {
		switch (attribute.id) {
		case ATTRIBUTE_MATCH:
			matches = TRUE;
			demands->trusts_mx |= names_hostname(attribute.value);
			break;
		case ATTRIBUTE_PROTOCOLS:
			protocols_parse(attribute.value, &protocols);
			demands->protocols = protocols_offered(protocols.allowed);
			break;
		case ATTRIBUTE_CIPHERS:
			demands->grade = grade_of(attribute.value);
			break;
		default:
			break;
		}
	}
	if (policy->level == LEVEL_VERIFY && !matches)
		demands->trusts_mx = TRUE;
	if (policy->level != LEVEL_VERIFY && policy->level != LEVEL_SECURE)
		demands->trusts_mx = FALSE;
}

const char *policy_weaker(const struct policy *before, const struct policy *after)
{
	const char *weaker = NULL;
	struct demands b, a;

	/* verify with names of its own is as good as secure: the names decide, below. */
	if (before->level != LEVEL_SECURE || after->level != LEVEL_VERIFY)
		weaker = level_weaker(before->level, after->level);
	if (weaker || before->level >= LEVEL_COUNT || after->level >= LEVEL_COUNT)
		return weaker;
	if (after->level == LEVEL_NONE)
		return NULL;
	demands_read(&b, before);
	demands_read(&a, after);
	if (a.trusts_mx && !b.trusts_mx && before->level >= LEVEL_DANE_ONLY)
		return "the server's name is taken from MX records, which nothing protects";
	if (before->level == LEVEL_NONE)
		return NULL;
	/* The lowest version still offered is what an attacker can force. */
	if ((a.protocols & -a.protocols) < (b.protocols & -b.protocols))
		return "older TLS versions are allowed";
	if (a.grade < b.grade)
		return "weaker ciphers are allowed";
	return NULL;
}
