/*
 * policy: one row of the policy table, and the grammar of its right-hand side.
 *
 * The grammar is smtp_tls_policy.c's (facts: postfix-client-tls sections 2 and 3):
 * LEVEL, then NAME=VALUE attributes, separated by any run of space, comma, tab, CR or LF; from
 * Postfix 3.10 on an attribute may be written { NAME = VALUE }, blanks and commas inside kept.
 * The table stores the level and the attributes ("params") in two columns.
 *
 * struct policy is a view: it owns nothing, and reading one allocates nothing.
 */
#ifndef TLSPOL_CORE_POLICY_H
#define TLSPOL_CORE_POLICY_H

#include "core/level.h"
#include "core/text.h"

struct policy {
	struct text key;
	enum level level;
	struct text level_text; /* the word as stored; set whenever level is LEVEL_UNKNOWN */
	struct text params;     /* absent = SQL NULL */
};

/* clang-format off */
/* id, name, first Postfix that knows it (major, minor) */
#define ATTRIBUTE_LIST(X)                          \
	X(CIPHERS,          "ciphers",          3, 4)  \
	X(PROTOCOLS,        "protocols",        3, 4)  \
	X(EXCLUDE,          "exclude",          3, 4)  \
	X(MATCH,            "match",            3, 4)  \
	X(TAFILE,           "tafile",           3, 4)  \
	X(SERVERNAME,       "servername",       3, 4)  \
	X(CONNECTION_REUSE, "connection_reuse", 3, 4)  \
	X(ENABLE_RPK,       "enable_rpk",       3, 9)  \
	X(POLICY_TYPE,      "policy_type",      3, 10) \
	X(POLICY_DOMAIN,    "policy_domain",    3, 10) \
	X(POLICY_STRING,    "policy_string",    3, 10) \
	X(MX_HOST_PATTERN,  "mx_host_pattern",  3, 10) \
	X(POLICY_FAILURE,   "policy_failure",   3, 10) \
	X(POLICY_TTL,       "policy_ttl",       3, 10)
/* clang-format on */

enum attribute_id {
#define ATTRIBUTE_ENUM(id, name, major, minor) ATTRIBUTE_##id,
	ATTRIBUTE_LIST(ATTRIBUTE_ENUM)
#undef ATTRIBUTE_ENUM
	ATTRIBUTE_UNKNOWN, /* NAME=VALUE with a name no Postfix knows */
	ATTRIBUTE_MALFORMED, /* no NAME=VALUE at all: see fault */
};
#define ATTRIBUTE_COUNT ATTRIBUTE_UNKNOWN

enum attribute_fault {
	FAULT_NONE,
	FAULT_NO_EQUALS,   /* "junk" */
	FAULT_NO_NAME,     /* "=x", "{ }" */
	FAULT_BRACE_OPEN,  /* 3.10+: missing '}' */
	FAULT_BRACE_TRAIL, /* 3.10+: something glued to the '}' */
};

struct attribute {
	enum attribute_id id;
	enum attribute_fault fault;
	struct text token; /* the whole token as written, for messages */
	struct text name, value;
	gboolean braced; /* { NAME = VALUE }: value is trimmed, its inner blanks are as written */
};

struct attribute_cursor {
	struct text rest;
	int postfix_version; /* decides whether braces mean anything */
};

/* Walks the attributes of `params` as the given Postfix would split them. Allocates nothing. */
void attributes_start(struct attribute_cursor *cursor, struct text params, int postfix_version);
gboolean attributes_next(struct attribute_cursor *cursor, struct attribute *attribute);

const char *attribute_name(enum attribute_id id);
/* First Postfix version with it, as POSTFIX_VERSION(major, minor, 0). */
int attribute_since(enum attribute_id id);
/* Attribute nearest to a misspelt name, or NULL: "did you mean". */
const char *attribute_did_you_mean(struct text name);

/*
 * Walks the elements of a list value; empty elements are passed over, as Postfix does. `rest`
 * starts as the value. What separates depends on the attribute:
 */
gboolean list_next(struct text *rest, const char *separators, struct text *element);
#define LIST_NAMES        ":"         /* match at verify and secure */
#define LIST_FINGERPRINTS "|"         /* match at fingerprint */
#define LIST_MAIN_CF      ", \t\r\n"   /* a list in main.cf */
#define LIST_WORDS        ": ,\t\r\n" /* protocols and exclude: blanks only within braces */

/*
 * Splits Postfix's own words ("secure match=a:b") at the first run of separators into level and
 * params (absent when nothing follows). FALSE when there is no first word at all. The slices
 * point into `value`; level_text is always set.
 */
gboolean policy_split(struct text value, struct policy *policy);

/*
 * Appends the canonical form of `params`: attribute names in lower case, one blank between
 * attributes, braces only where the value needs them; values verbatim. Malformed attributes are
 * kept as written (nothing is ever lost). Appends nothing for absent or blank params.
 */
void policy_canonical_params(GString *to, struct text params, int postfix_version);

/*
 * "level params" as Postfix's map has it: params as they are, without separators at the ends;
 * the level as stored where it is not understood.
 */
void policy_append_value(GString *to, const struct policy *policy);

/* Same key, level and canonical params (absent and blank params are the same). */
gboolean policy_equal(const struct policy *a, const struct policy *b);

/*
 * Why `after` protects mail less than `before` (same key), in words, or NULL. Looks at the level
 * and at what loosens authentication or encryption inside a level (hostname among the match
 * names, a lower protocol floor, a lower cipher grade). Static text.
 */
const char *policy_weaker(const struct policy *before, const struct policy *after);

#endif
