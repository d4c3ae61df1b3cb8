/*
 * client_settings: what main.cf decides about TLS when Postfix's SMTP client delivers.
 *
 * One field for each parameter that core/demand and core/verdict go by; everything else about a
 * delivery is the row's. Strings are as `postconf -hx` prints them.
 */
#ifndef TLSPOL_CORE_CLIENT_SETTINGS_H
#define TLSPOL_CORE_CLIENT_SETTINGS_H

#include "core/level.h"

/* clang-format off */
/*
 * parameter, field, first Postfix (major, minor) that has it; the strings. A parameter with
 * another default at some version has it from client_settings_init().
 */
#define CLIENT_STRING_LIST(X)                                                   \
	X("smtp_tls_security_level",           security_level,       2, 3)      \
	X("smtp_dns_support_level",            dns_support_level,    2, 11)     \
	X("smtp_host_lookup",                  host_lookup,          2, 0)      \
	X("smtp_tls_dane_insecure_mx_policy",  insecure_mx_policy,   3, 1)      \
	X("tls_dane_digests",                  dane_digests,         2, 11)     \
	X("smtp_tls_ciphers",                  ciphers,              2, 6)      \
	X("smtp_tls_mandatory_ciphers",        mandatory_ciphers,    2, 3)      \
	X("smtp_tls_exclude_ciphers",          exclude_ciphers,      2, 3)      \
	X("smtp_tls_mandatory_exclude_ciphers", mandatory_exclude_ciphers, 2, 3) \
	X("smtp_tls_protocols",                protocols,            2, 6)      \
	X("smtp_tls_mandatory_protocols",      mandatory_protocols,  2, 3)      \
	X("smtp_tls_verify_cert_match",        verify_cert_match,    2, 3)      \
	X("smtp_tls_secure_cert_match",        secure_cert_match,    2, 3)      \
	X("smtp_tls_fingerprint_cert_match",   fingerprint_cert_match, 2, 5)    \
	X("smtp_tls_fingerprint_digest",       fingerprint_digest,   2, 5)      \
	X("smtp_tls_servername",               servername,           3, 4)      \
	X("smtp_tls_CAfile",                   ca_file,              2, 2)      \
	X("smtp_tls_CApath",                   ca_path,              2, 2)      \
	X("smtp_tls_trust_anchor_file",        trust_anchor_file,    2, 11)     \
	X("smtp_dns_resolver_options",         dns_resolver_options, 2, 8)      \
	X("inet_protocols",                    inet_protocols,       2, 2)      \
	X("smtp_address_preference",           address_preference,   2, 8)
/* The numbers. Times are seconds. */
#define CLIENT_NUMBER_LIST(X)                                                   \
	X("smtp_mx_address_limit",             mx_address_limit,     2, 1)      \
	X("smtp_mx_session_limit",             mx_session_limit,     2, 1)      \
	X("smtp_tls_scert_verifydepth",        verify_depth,         2, 2)      \
	X("smtp_connect_timeout",              connect_timeout,      2, 0)      \
	X("smtp_helo_timeout",                 helo_timeout,         2, 0)      \
	X("smtp_starttls_timeout",             starttls_timeout,     2, 2)      \
	X("minimal_backoff_time",              minimal_backoff_time, 2, 0)
/* yes or no */
#define CLIENT_FLAG_LIST(X)                                                     \
	X("smtp_tls_wrappermode",              wrappermode,          3, 0)      \
	X("smtp_skip_5xx_greeting",            skip_5xx_greeting,    2, 0)      \
	X("tls_append_default_CA",             append_default_ca,    2, 8)      \
	X("ignore_mx_lookup_error",            ignore_mx_lookup_error, 2, 0)    \
	X("smtp_balance_inet_protocols",       balance_inet_protocols, 3, 3)    \
	X("smtp_tls_force_insecure_host_tlsa_lookup", force_insecure_host, 2, 11) \
	X("smtp_cname_overrides_servername",   cname_overrides_servername, 2, 11) \
	X("smtp_defer_if_no_mx_address_found", defer_if_no_mx_address, 2, 1)    \
	X("smtp_tls_enforce_sts_mx_patterns",  enforce_sts_mx_patterns, 3, 10)
/* clang-format on */

struct client_settings {
	int postfix_version;
	gboolean from_postfix; /* read from an installed Postfix; else its defaults */
#define CLIENT_STRING(parameter, field, major, minor) char *field;
	CLIENT_STRING_LIST(CLIENT_STRING)
#undef CLIENT_STRING
#define CLIENT_NUMBER(parameter, field, major, minor) guint field;
	CLIENT_NUMBER_LIST(CLIENT_NUMBER)
#undef CLIENT_NUMBER
#define CLIENT_FLAG(parameter, field, major, minor) gboolean field;
	CLIENT_FLAG_LIST(CLIENT_FLAG)
#undef CLIENT_FLAG
};

/*
 * The defaults of that Postfix with compatibility_level 3.6 (postconf -d). With 3.11 and
 * compatibility_level 3.11 smtp_tls_security_level is "may"; here it is empty for all.
 */
void client_settings_init(struct client_settings *settings, int postfix_version);
void client_settings_release(struct client_settings *settings);
typedef struct client_settings client_settings_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(client_settings_t, client_settings_release)

/* Every parameter's name, ended by NULL: what to ask postconf for. */
const char *const *client_settings_names(void);
/*
 * Sets one as postconf prints it ("30s", "yes", "2h"). "" leaves the default of numbers and flags,
 * and where the version does not know the parameter. CONFIG when Postfix itself would not take the
 * value; the message names it.
 */
gboolean client_settings_set(
	struct client_settings *settings, const char *parameter, const char *value, GError **error);

/* Is the word, in any case, an element of the list that a parameter has? */
gboolean client_lists(const char *list, const char *word);

/* The level of a destination without a row: smtp_tls_security_level, "" = none. */
enum level client_default_level(const struct client_settings *settings);
/* smtp_dns_support_level = dnssec, and all else that DANE needs of main.cf (facts 4.3, 3 to 5). */
gboolean client_does_dane(const struct client_settings *settings);
/* Which of them is missing, in words; static. NULL when none is. */
const char *client_lacks_for_dane(const struct client_settings *settings);
/*
 * smtp_tls_dane_insecure_mx_policy: MAY, ENCRYPT or DANE. "" is the default of the version, which
 * in some of them depends on smtp_tls_security_level (facts 4.3).
 */
enum level client_insecure_mx_level(const struct client_settings *settings);
/* Bytes of smtp_tls_fingerprint_digest; 0 for one that is not known here. */
guint client_digest_length(const struct client_settings *settings);
/*
 * For another version than the one `from` was read from: what main.cf changed stays, the rest has
 * that version's defaults.
 */
void client_settings_for_version(
	struct client_settings *settings, const struct client_settings *from, int postfix_version);

#endif
