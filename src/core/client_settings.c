#include "core/client_settings.h"

#include <stddef.h>
#include <string.h>

#include "core/error.h"
#include "core/policy.h"
#include "core/postfix_version.h"

#define BOUNDS_SINCE	POSTFIX_VERSION(3, 6, 0)
#define STS_PATTERNS	POSTFIX_VERSION(3, 10, 5)
#define SECONDS_DEFAULT 's'

/* -- the parameters as tables ---------------------------------------------------------------- */

enum kind { KIND_STRING, KIND_NUMBER, KIND_FLAG };

static const struct parameter {
	const char *name;
	enum kind kind;
	size_t offset;
	int since;
} parameters[] = {
#define STRING_ROW(parameter, field, major, minor)                                                 \
	{parameter, KIND_STRING, offsetof(struct client_settings, field),                          \
		POSTFIX_VERSION(major, minor, 0)},
	CLIENT_STRING_LIST(STRING_ROW)
#undef STRING_ROW
#define NUMBER_ROW(parameter, field, major, minor)                                                 \
	{parameter, KIND_NUMBER, offsetof(struct client_settings, field),                          \
		POSTFIX_VERSION(major, minor, 0)},
		CLIENT_NUMBER_LIST(NUMBER_ROW)
#undef NUMBER_ROW
#define FLAG_ROW(parameter, field, major, minor)                                                   \
	{parameter, KIND_FLAG, offsetof(struct client_settings, field),                            \
		POSTFIX_VERSION(major, minor, 0)},
			CLIENT_FLAG_LIST(FLAG_ROW)
#undef FLAG_ROW
};

static char **string_at(struct client_settings *settings, const struct parameter *parameter)
{
	return G_STRUCT_MEMBER_P(settings, parameter->offset);
}

static guint *number_at(struct client_settings *settings, const struct parameter *parameter)
{
	return G_STRUCT_MEMBER_P(settings, parameter->offset);
}

static gboolean *flag_at(struct client_settings *settings, const struct parameter *parameter)
{
	return G_STRUCT_MEMBER_P(settings, parameter->offset);
}

/* postconf -d of 3.7.11; what differs in other versions is in client_settings_init(). */
static const struct {
	const char *name, *value;
} defaults[] = {
	{"smtp_host_lookup", "dns"},
	{"tls_dane_digests", "sha512 sha256"},
	{"smtp_tls_ciphers", "medium"},
	{"smtp_tls_mandatory_ciphers", "medium"},
	{"smtp_tls_protocols", ">=TLSv1"},
	{"smtp_tls_mandatory_protocols", ">=TLSv1"},
	{"smtp_tls_verify_cert_match", "hostname"},
	{"smtp_tls_secure_cert_match", "nexthop, dot-nexthop"},
	{"smtp_tls_fingerprint_digest", "sha256"},
	{"inet_protocols", "all"},
	{"smtp_address_preference", "any"},
	{"smtp_mx_address_limit", "5"},
	{"smtp_mx_session_limit", "2"},
	{"smtp_tls_scert_verifydepth", "9"},
	{"smtp_connect_timeout", "30s"},
	{"smtp_helo_timeout", "300s"},
	{"smtp_starttls_timeout", "300s"},
	{"minimal_backoff_time", "300s"},
	{"smtp_skip_5xx_greeting", "yes"},
	{"smtp_balance_inet_protocols", "yes"},
};

static const struct parameter *find(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(parameters); i++)
		if (strcmp(parameters[i].name, name) == 0)
			return &parameters[i];
	return NULL;
}

const char *const *client_settings_names(void)
{
	static const char *const names[] = {
#define NAME(parameter, field, major, minor) parameter,
		CLIENT_STRING_LIST(NAME) CLIENT_NUMBER_LIST(NAME) CLIENT_FLAG_LIST(NAME)
#undef NAME
			NULL,
	};

	return names;
}

/* -- values ----------------------------------------------------------------------------------- */

/* "30s", "5m", "2h", "1d", "1w", "30"; also several together, "1h30m". */
static gboolean read_number(const char *value, guint *number)
{
	static const char units[] = "smhdw";
	static const guint seconds[] = {1, 60, 3600, 86400, 604800};
	guint64 sum = 0;

	while (*value) {
		guint64 part = 0;
		const char *unit;

		if (!g_ascii_isdigit(*value))
			return FALSE;
		for (; g_ascii_isdigit(*value); value++) {
			part = part * 10 + (guint)(*value - '0');
			if (part > G_MAXINT)
				return FALSE;
		}
		unit = strchr(units, *value ? g_ascii_tolower(*value) : SECONDS_DEFAULT);
		if (!unit)
			return FALSE;
		sum += part * seconds[unit - units];
		if (sum > G_MAXINT)
			return FALSE;
		value += *value != '\0';
	}
	*number = sum;
	return TRUE;
}

static gboolean one_of(const char *value, const char *const *words)
{
	for (; *words; words++)
		if (g_ascii_strcasecmp(value, *words) == 0)
			return TRUE;
	return FALSE;
}

/* What stops Postfix's SMTP client when it starts. */
static gboolean string_valid(const struct parameter *parameter, const char *value)
{
	static const char *const supports[] = {"disabled", "enabled", "dnssec", NULL};
	static const char *const insecure[] = {"may", "encrypt", "dane", NULL};

	if (!*value)
		return TRUE;
	if (parameter->offset == offsetof(struct client_settings, security_level))
		return level_parse(text_of(value)) != LEVEL_UNKNOWN;
	if (parameter->offset == offsetof(struct client_settings, dns_support_level))
		return one_of(value, supports);
	if (parameter->offset == offsetof(struct client_settings, insecure_mx_policy))
		return one_of(value, insecure);
	return TRUE;
}

static gboolean set(
	struct client_settings *settings, const struct parameter *parameter, const char *value)
{
	switch (parameter->kind) {
	case KIND_STRING:
		if (!string_valid(parameter, value))
			return FALSE;
		g_free(*string_at(settings, parameter));
		*string_at(settings, parameter) = g_strdup(value);
		return TRUE;
	case KIND_NUMBER:
		return read_number(value, number_at(settings, parameter));
	case KIND_FLAG:
		*flag_at(settings, parameter) = g_ascii_strcasecmp(value, "yes") == 0;
		return *flag_at(settings, parameter) || g_ascii_strcasecmp(value, "no") == 0;
	}
	return FALSE;
}

gboolean client_settings_set(
	struct client_settings *settings, const char *parameter, const char *value, GError **error)
{
	const struct parameter *row = find(parameter);

	if (!row) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"%s is none of the parameters that a verdict depends on", parameter);
		return FALSE;
	}
	if (!*value && (row->kind != KIND_STRING || row->since > settings->postfix_version))
		return TRUE;
	if (set(settings, row, value))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG, "%s = %s: Postfix does not take this value",
		parameter, value);
	return FALSE;
}

void client_settings_init(struct client_settings *settings, int postfix_version)
{
	*settings = (struct client_settings){.postfix_version = postfix_version};
	for (guint i = 0; i < G_N_ELEMENTS(parameters); i++)
		if (parameters[i].kind == KIND_STRING)
			*string_at(settings, &parameters[i]) = g_strdup("");
	for (guint i = 0; i < G_N_ELEMENTS(defaults); i++)
		set(settings, find(defaults[i].name), defaults[i].value);
	settings->enforce_sts_mx_patterns = postfix_version >= STS_PATTERNS;
	if (postfix_version < BOUNDS_SINCE) {
		set(settings, find("smtp_tls_protocols"), "!SSLv2, !SSLv3");
		set(settings, find("smtp_tls_mandatory_protocols"), "!SSLv2, !SSLv3");
		set(settings, find("smtp_tls_fingerprint_digest"), "md5");
	}
}

void client_settings_release(struct client_settings *settings)
{
	for (guint i = 0; i < G_N_ELEMENTS(parameters); i++)
		if (parameters[i].kind == KIND_STRING)
			g_clear_pointer(string_at(settings, &parameters[i]), g_free);
}

void client_settings_for_version(
	struct client_settings *settings, const struct client_settings *from, int postfix_version)
{
	struct client_settings *read = (struct client_settings *)from;
	g_auto(client_settings_t) old;

	client_settings_init(&old, from->postfix_version);
	client_settings_init(settings, postfix_version);
	settings->from_postfix = from->from_postfix;
	for (guint i = 0; i < G_N_ELEMENTS(parameters); i++) {
		const struct parameter *row = &parameters[i];

		if (row->kind == KIND_STRING) {
			if (strcmp(*string_at(read, row), *string_at(&old, row)) != 0)
				set(settings, row, *string_at(read, row));
		} else if (*number_at(read, row) != *number_at(&old, row)) {
			*number_at(settings, row) = *number_at(read, row);
		}
	}
	/* postconf prints what the old version's default came to: not a choice of anybody's. */
	set(&old, find("smtp_tls_security_level"), from->security_level);
	if (client_insecure_mx_level(from) == client_insecure_mx_level(&old))
		set(settings, find("smtp_tls_dane_insecure_mx_policy"), "");
}

/* -- what follows from them ------------------------------------------------------------------- */

enum level client_default_level(const struct client_settings *settings)
{
	return *settings->security_level ? level_parse(text_of(settings->security_level))
					 : LEVEL_NONE;
}

gboolean client_lists(const char *list, const char *word)
{
	struct text rest = text_of(list), element;

	while (list_next(&rest, LIST_MAIN_CF, &element))
		if (text_is_nocase(element, word))
			return TRUE;
	return FALSE;
}

const char *client_lacks_for_dane(const struct client_settings *settings)
{
	if (g_ascii_strcasecmp(settings->dns_support_level, "dnssec") != 0)
		return "smtp_dns_support_level is not dnssec";
	if (!client_lists(settings->host_lookup, "dns"))
		return "smtp_host_lookup has no dns";
	if (settings->ignore_mx_lookup_error)
		return "ignore_mx_lookup_error is yes";
	if (client_lists(settings->dns_resolver_options, "res_defnames") ||
		client_lists(settings->dns_resolver_options, "res_dnsrch"))
		return "smtp_dns_resolver_options has res_defnames or res_dnsrch";
	return NULL;
}

gboolean client_does_dane(const struct client_settings *settings)
{
	return !client_lacks_for_dane(settings);
}

/* The releases whose default was wrong: first and one behind the last (facts 4.3). */
static gboolean insecure_mx_default_is_may(int version)
{
	static const int ranges[][2] = {
		{POSTFIX_VERSION(3, 6, 0), POSTFIX_VERSION(3, 6, 17)},
		{POSTFIX_VERSION(3, 7, 0), POSTFIX_VERSION(3, 7, 13)},
		{POSTFIX_VERSION(3, 8, 0), POSTFIX_VERSION(3, 8, 8)},
		{POSTFIX_VERSION(3, 9, 0), POSTFIX_VERSION(3, 9, 2)},
	};

	for (guint i = 0; i < G_N_ELEMENTS(ranges); i++)
		if (version >= ranges[i][0] && version < ranges[i][1])
			return TRUE;
	return FALSE;
}

enum level client_insecure_mx_level(const struct client_settings *settings)
{
	if (*settings->insecure_mx_policy)
		return level_parse(text_of(settings->insecure_mx_policy));
	if (insecure_mx_default_is_may(settings->postfix_version) &&
		client_default_level(settings) != LEVEL_DANE)
		return LEVEL_MAY;
	return LEVEL_DANE;
}

guint client_digest_length(const struct client_settings *settings)
{
	static const struct {
		const char *name;
		guint length;
	} digests[] = {
		{"md5", 16},
		{"sha1", 20},
		{"sha224", 28},
		{"sha256", 32},
		{"sha384", 48},
		{"sha512", 64},
	};

	for (guint i = 0; i < G_N_ELEMENTS(digests); i++)
		if (g_ascii_strcasecmp(settings->fingerprint_digest, digests[i].name) == 0)
			return digests[i].length;
	return 0;
}
