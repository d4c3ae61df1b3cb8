/*
 * rule_list: all rules in one place, and what the rules_*.c files share. Private to them.
 */
#ifndef TLSPOL_CORE_RULE_LIST_H
#define TLSPOL_CORE_RULE_LIST_H

#include "core/protocols.h"
#include "core/rules.h"

/* clang-format off */
/* id in the code, id for people, usual severity, one line for tlspol-policies(5) */
#define RULE_LIST(X)                                                                                \
	X(LEVEL_UNKNOWN,          "level-unknown",          ERROR,                                  \
	  "the first word is none of Postfix's levels")                                             \
	X(LEVEL_IGNORES,          "level-ignores",          WARNING,                                \
	  "attributes at level none are ignored")                                                   \
	X(VALUE_EMPTY,            "value-empty",            ERROR,                                  \
	  "a policy without a level is a lookup error")                                             \
	X(VALUE_UTF8,             "value-utf8",             ERROR,                                  \
	  "a value that is not UTF-8 is a lookup error")                                            \
	X(VALUE_NUL,              "value-nul",              WARNING,                                \
	  "Postfix does not see what follows a NUL byte")                                           \
	X(VALUE_LINES,            "value-lines",            WARNING,                                \
	  "line breaks separate attributes in a database but cannot be written to a map file")      \
	X(PARAMS_EMPTY_STRING,    "params-empty-string",    WARNING,                                \
	  "an empty string where NULL is meant makes Postfix log a warning at each lookup")         \
	X(PARAMS_TOO_LONG,        "params-too-long",        ERROR,                                  \
	  "the column cannot hold the attributes")                                                  \
	X(PARAMS_CUT,             "params-cut",             WARNING,                                \
	  "attributes that fill the column to the last character may have been cut")                \
	X(ATTRIBUTE_MALFORMED,    "attribute-malformed",    ERROR,                                  \
	  "an attribute is not NAME=VALUE")                                                         \
	X(ATTRIBUTE_COMMENT,      "attribute-comment",      ERROR,                                  \
	  "there are no comments behind a policy")                                                  \
	X(ATTRIBUTE_LIST,         "attribute-list",         ERROR,                                  \
	  "a comma or blank inside a list ends the attribute")                                      \
	X(ATTRIBUTE_BRACES,       "attribute-braces",       ERROR,                                  \
	  "braces are unbalanced, or the Postfix is older than 3.10")                               \
	X(ATTRIBUTE_UNKNOWN,      "attribute-unknown",      ERROR,                                  \
	  "no Postfix knows an attribute of this name")                                             \
	X(ATTRIBUTE_VERSION,      "attribute-version",      ERROR,                                  \
	  "the attribute is newer than the Postfix that reads it, or broken there")                 \
	X(ATTRIBUTE_LEVEL,        "attribute-level",        ERROR,                                  \
	  "the attribute is not allowed at this level")                                             \
	X(ATTRIBUTE_EMPTY,        "attribute-empty",        ERROR,                                  \
	  "the attribute must not be empty")                                                        \
	X(ATTRIBUTE_REPEATED,     "attribute-repeated",     ERROR,                                  \
	  "the attribute may be given only once")                                                   \
	X(ATTRIBUTE_OVERRIDDEN,   "attribute-overridden",   WARNING,                                \
	  "of several values the last one counts")                                                  \
	X(ATTRIBUTE_VALUE,        "attribute-value",        ERROR,                                  \
	  "the attribute does not take this value")                                                 \
	X(ATTRIBUTE_JOINED,       "attribute-joined",       WARNING,                                \
	  "a semicolon does not separate attributes, it is part of the value")                      \
	X(ATTRIBUTE_NO_EFFECT,    "attribute-no-effect",    NOTICE,                                 \
	  "the attribute does nothing at this level")                                               \
	X(SERVERNAME_INVALID,     "servername-invalid",     ERROR,                                  \
	  "servername is no host name")                                                             \
	X(SERVERNAME_CASE,        "servername-case",        WARNING,                                \
	  "hostname and nexthop are special in servername only in lower case")                      \
	X(CIPHERS_GRADE,          "ciphers-grade",          ERROR,                                  \
	  "ciphers is no grade: TLS never starts")                                                  \
	X(CIPHERS_WEAK,           "ciphers-weak",           WARNING,                                \
	  "the grade allows ciphers that protect little or nothing")                                \
	X(CIPHERS_NONE_LEFT,      "ciphers-none-left",      ERROR,                                  \
	  "no cipher is left to offer, or OpenSSL refuses the list: TLS never starts")              \
	X(EXCLUDE_MODIFIER,       "exclude-modifier",       ERROR,                                  \
	  "an element of exclude begins with one of ! + - @: TLS never starts")                     \
	X(EXCLUDE_NO_EFFECT,      "exclude-no-effect",      WARNING,                                \
	  "an element of exclude excludes nothing")                                                 \
	X(PROTOCOLS_INVALID,      "protocols-invalid",      ERROR,                                  \
	  "an element of protocols is no protocol: TLS never starts")                               \
	X(PROTOCOLS_VERSION,      "protocols-version",      ERROR,                                  \
	  ">= and <= need Postfix 3.6")                                                             \
	X(PROTOCOLS_NONE_LEFT,    "protocols-none-left",    ERROR,                                  \
	  "no protocol is left to offer: TLS never starts")                                         \
	X(PROTOCOLS_OLD,          "protocols-old",          ERROR,                                  \
	  "TLS 1.0 and 1.1 fail at the levels above encrypt, and are obsolete below")               \
	X(PROTOCOLS_HOLE,         "protocols-hole",         WARNING,                                \
	  "OpenSSL offers only the lowest range when a version in the middle is left out")          \
	X(PROTOCOLS_NO_EFFECT,    "protocols-no-effect",    WARNING,                                \
	  "an element of protocols restricts nothing")                                              \
	X(MATCH_NONE,             "match-none",             ERROR,                                  \
	  "no name is left to look for in the certificate: verification always fails")              \
	X(MATCH_DOT,              "match-dot",              WARNING,                                \
	  "a lone dot in match is skipped")                                                         \
	X(MATCH_WILDCARD,         "match-wildcard",         WARNING,                                \
	  "*.dom in match is no wildcard, .dom is")                                                 \
	X(MATCH_SEPARATOR,        "match-separator",        WARNING,                                \
	  "names in match are separated by colons only")                                            \
	X(MATCH_NEVER,            "match-never",            WARNING,                                \
	  "a name in match is no name a certificate can have")                                      \
	X(MATCH_ADDRESS,          "match-address",          WARNING,                                \
	  "an address in match must be in the certificate as an address, whatever names match")     \
	X(MATCH_FINGERPRINT,      "match-fingerprint",      WARNING,                                \
	  "a fingerprint in match belongs to level fingerprint")                                    \
	X(MATCH_WIDE,             "match-wide",             WARNING,                                \
	  "a name in match covers a whole top-level domain")                                        \
	X(MATCH_DOT_NEXTHOP,      "match-dot-nexthop",      WARNING,                                \
	  "dot-nexthop alone does not match the next-hop domain itself")                            \
	X(MATCH_TRUSTS_MX,        "match-trusts-mx",        WARNING,                                \
	  "hostname in match makes secure believe unauthenticated MX records")                      \
	X(VERIFY_TRUSTS_MX,       "verify-trusts-mx",       WARNING,                                \
	  "verify without match, or with hostname, believes unauthenticated MX records")            \
	X(ADDRESS_NEEDS_MATCH,    "address-needs-match",    WARNING,                                \
	  "without match the certificate must contain the address that is the next-hop")            \
	X(FINGERPRINT_MALFORMED,  "fingerprint-malformed",  WARNING,                                \
	  "a malformed fingerprint is skipped")                                                     \
	X(FINGERPRINT_CRASH,      "fingerprint-crash",      ERROR,                                  \
	  "a fingerprint of one character stops Postfix's smtp process")                            \
	X(FINGERPRINT_COLONS,     "fingerprint-colons",     ERROR,                                  \
	  "before Postfix 3.6 a fingerprint matches only with colons")                              \
	X(FINGERPRINT_LENGTH,     "fingerprint-length",     ERROR,                                  \
	  "a fingerprint has not the length of the digest in use")                                  \
	X(FINGERPRINT_NONE,       "fingerprint-none",       ERROR,                                  \
	  "level fingerprint has no usable fingerprint")                                            \
	X(FINGERPRINT_FALLBACK,   "fingerprint-fallback",   WARNING,                                \
	  "fingerprints of main.cf are used in place of malformed ones (Postfix before 3.9)")       \
	X(TAFILE_MISSING,         "tafile-missing",         ERROR,                                  \
	  "the trust anchor file does not exist")                                                   \
	X(TAFILE_UNREADABLE,      "tafile-unreadable",      ERROR,                                  \
	  "user postfix cannot read the trust anchor file")                                         \
	X(TAFILE_CONTENT,         "tafile-content",         ERROR,                                  \
	  "the trust anchor file holds no certificate or public key")                               \
	X(TAFILE_CHROOT,          "tafile-chroot",          NOTICE,                                 \
	  "smtp(8) may run in a chroot, and sees another file there")                               \
	X(DANE_WITHOUT_DNSSEC,    "dane-without-dnssec",    WARNING,                                \
	  "DANE needs smtp_dns_support_level = dnssec")                                             \
	X(DANE_SOCKET,            "dane-socket",            ERROR,                                  \
	  "DANE does not work over a unix socket")                                                  \
	X(POLICY_TYPE_MISSING,    "policy-type-missing",    ERROR,                                  \
	  "policy_* and mx_host_pattern need policy_type")                                          \
	X(POLICY_FAILURE,         "policy-failure",         WARNING,                                \
	  "policy_failure makes certificate verification fail")                                     \
	X(MX_PATTERN_NEVER,       "mx-pattern-never",       ERROR,                                  \
	  "no MX host can match mx_host_pattern")                                                   \
	X(KEY_EMPTY,              "key-empty",              ERROR,                                  \
	  "a key must not be empty")                                                                \
	X(KEY_TOO_LONG,           "key-too-long",           ERROR,                                  \
	  "no next-hop is longer than 255 bytes")                                                   \
	X(KEY_WILDCARD,           "key-wildcard",           ERROR,                                  \
	  "there are no wildcard keys but .dom")                                                    \
	X(KEY_ADDRESS_SIGN,       "key-address-sign",       ERROR,                                  \
	  "a key is a next-hop, not an address: no @")                                              \
	X(KEY_TRAILING_DOT,       "key-trailing-dot",       ERROR,                                  \
	  "Postfix never asks for a name with a dot at its end")                                    \
	X(KEY_BAD_PORT,           "key-bad-port",           ERROR,                                  \
	  "the port is no number from 1 to 65535 and no service Postfix knows")                      \
	X(KEY_NOT_FOLDED,         "key-not-folded",         ERROR,                                  \
	  "Postfix asks for keys in lower (folded) case")                                           \
	X(KEY_BARE_IPV6,          "key-bare-ipv6",          ERROR,                                  \
	  "an IPv6 address needs brackets")                                                         \
	X(KEY_BAD_BRACKETS,       "key-bad-brackets",       ERROR,                                  \
	  "brackets are unbalanced or followed by something that is no port")                       \
	X(KEY_BAD_NAME,           "key-bad-name",           ERROR,                                  \
	  "the key holds no valid host name")                                                       \
	X(KEY_NOT_UTF8,           "key-not-utf8",           ERROR,                                  \
	  "the key is not UTF-8")                                                                   \
	X(KEY_LIST,               "key-list",               ERROR,                                  \
	  "each next-hop of a list is looked up by itself")                                         \
	X(KEY_U_LABEL,            "key-u-label",            NOTICE,                                 \
	  "a key with non-ASCII letters is asked for only by mail that uses SMTPUTF8")              \
	X(EXCEPTION_ENDED,        "exception-ended",        WARNING,                                \
	  "a temporary exception has ended and can be taken out of the table")                      \
	X(EXCEPTION_WITHOUT_REASON, "exception-without-reason", WARNING,                            \
	  "nothing says why there is a temporary exception")
/* clang-format on */

enum rule_id {
#define RULE_ENUM(id, name, severity, summary) RULE_##id,
	RULE_LIST(RULE_ENUM)
#undef RULE_ENUM
};

/* One policy being judged. */
struct rule_check {
	const struct rule_context *context;
	const struct policy *policy;
	GPtrArray *findings;
	guint8 seen[ATTRIBUTE_COUNT]; /* how often; 2 stands for more */
	struct text ciphers, exclude; /* values, absent where not given */
	unsigned offered;             /* protocols, bits of enum protocol */
	guint names, addresses;       /* match at verify and secure: usable elements */
	gboolean hostname, dot_nexthop, other_name;
	gboolean match_refused; /* Postfix did not come to look at its elements */
	guint good_fingerprints, wrong_lengths, bad_fingerprints;
	guint usable_tafiles;
	struct text broken_tafile; /* the last one, absent if there is none */
	gboolean pattern_possible; /* some mx_host_pattern that a name can match */
};

/* A token in a message: "%.*s" with TOKEN(t); long ones are cut. */
#define TOKEN(t) (int)MIN((t).len, 100), (t).at ? (t).at : ""

/* Appends a finding of the rule's usual severity, or of another one. */
void finding(struct rule_check *check, enum rule_id id, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
void finding_as(struct rule_check *check, enum rule_id id, enum severity severity,
	const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Sorts what was appended from `first` on; the worst severity, -1 where there is nothing. */
int findings_sort(GPtrArray *findings, guint first);

/* rules_key.c */
void check_key(struct rule_check *check, struct text key);
/* TRUE for next-hops that Postfix resolves by MX records. */
gboolean key_has_mx(struct text key);

/* rules_value.c: UTF-8, NUL, length, the level. */
void check_value(struct rule_check *check);

/* rules_attributes.c: all attributes, as the target Postfix splits them. */
void check_attributes(struct rule_check *check);

/* One attribute that is well-formed, known and allowed. */
void check_match(struct rule_check *check, const struct attribute *attribute);
void check_servername(struct rule_check *check, const struct attribute *attribute);
void check_protocols(struct rule_check *check, const struct attribute *attribute);
void check_ciphers(struct rule_check *check, const struct attribute *attribute);
void check_exclude(struct rule_check *check, const struct attribute *attribute);
void check_tafile(struct rule_check *check, const struct attribute *attribute);
void check_yes_no(struct rule_check *check, const struct attribute *attribute);
void check_policy_attribute(struct rule_check *check, const struct attribute *attribute);

/* match at level fingerprint; called by check_match(). */
void check_fingerprints(struct rule_check *check, const struct attribute *attribute);

/* What shows only when all attributes have been read. */
void check_names_left(struct rule_check *check);
void check_fingerprints_left(struct rule_check *check);
void check_ciphers_left(struct rule_check *check);
void check_anchors_left(struct rule_check *check);
void check_policy_type(struct rule_check *check);

#endif
