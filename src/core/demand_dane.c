#include "core/demand_parts.h"

#include "core/postfix_version.h"

/* Before that Postfix read TLSA records itself, and had one kind of unusable. */
#define OPENSSL_DANE POSTFIX_VERSION(3, 6, 0)

/* What the TLSA lookup comes to. */
enum tlsa_state { TLSA_NONE, TLSA_ALL_UNSUPPORTED, TLSA_ALL_UNUSABLE, TLSA_SOME_USABLE };

static gboolean optional(const struct demand_case *one)
{
	return one->demand->asked == LEVEL_DANE;
}

/* dane goes on with a lower level, dane-only passes the host by. `degraded` is taken over. */
static void step_down(struct demand_case *one, enum level level, const char *why, char *degraded)
{
	if (optional(one)) {
		one->demand->level = level;
		one->demand->degraded = degraded;
		return;
	}
	g_free(degraded);
	demand_skip(one, SKIP_UNFIT, g_strdup(why));
}

/* FALSE when the lookup came to nothing that can be judged; then the host is skipped. */
static gboolean tlsa_looked_up(struct demand_case *one)
{
	const struct observed_host *host = one->host;
	guint port = one->observation->nexthop.port;

	switch (host->tlsa_answer.state) {
	case DNS_FAILED:
	case DNS_BOGUS:
		demand_skip(one, SKIP_LOOKUP,
			g_strdup_printf("TLSA lookup error for %s:%u%s%s", host->name, port,
				host->tlsa_answer.why ? ": " : "",
				host->tlsa_answer.why ? host->tlsa_answer.why : ""));
		return FALSE;
	case DNS_TIMEOUT:
		demand_skip(one, SKIP_NO_ANSWER,
			g_strdup_printf("no answer about TLSA records for %s:%u in time",
				host->name, port));
		return FALSE;
	case DNS_NOT_ASKED:
		demand_skip(one, SKIP_NO_ANSWER,
			g_strdup_printf(
				"TLSA records for %s:%u were not looked up", host->name, port));
		return FALSE;
	default:
		return TRUE;
	}
}

static enum tlsa_state tlsa_state(const struct demand_case *one)
{
	const GPtrArray *records = one->host->tlsa;
	enum tlsa_state state = TLSA_ALL_UNSUPPORTED;
	g_autofree gboolean *kept = NULL;

	if (one->host->tlsa_answer.state != DNS_FOUND || !one->host->tlsa_answer.secure ||
		!records || !records->len)
		return TLSA_NONE;
	kept = g_new0(gboolean, records->len);
	tlsa_strongest(records, one->settings->dane_digests, kept);
	for (guint i = 0; i < records->len; i++) {
		const struct tlsa *record = g_ptr_array_index(records, i);

		if (record->use == TLSA_USABLE && kept[i])
			return TLSA_SOME_USABLE;
		if (record->use != TLSA_UNSUPPORTED &&
			one->settings->postfix_version >= OPENSSL_DANE)
			state = TLSA_ALL_UNUSABLE;
	}
	return state;
}

/* Facts 4.3: base domain, then what the MX lookup asked for, expanded and as asked. */
static char **dane_names(const struct observation *observation, const char *base)
{
	GPtrArray *names = g_ptr_array_new();

	g_ptr_array_add(names, g_strdup(base));
	if (observation->mx_kind == MX_RECORDS) {
		if (observation->mx_canonical)
			g_ptr_array_add(names, g_strdup(observation->mx_canonical));
		g_ptr_array_add(names, g_strdup(observation->nexthop.domain));
	}
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

void demand_of_dane(const struct observation *observation, const struct observed_host *host,
	struct demand *demand)
{
	*demand = (struct demand){
		.level = LEVEL_DANE,
		.asked = LEVEL_DANE,
		.security_level = SECURITY_LEVEL_MATCHING,
		.names = dane_names(observation, host->tlsa_base ? host->tlsa_base : host->name),
	};
}

/* Of a digest that main.cf does not list nothing reaches OpenSSL: CAs are asked as at encrypt. */
static gboolean has_unusable(const GPtrArray *records)
{
	for (guint i = 0; i < records->len; i++) {
		if (((const struct tlsa *)g_ptr_array_index(records, i))->use == TLSA_UNUSABLE)
			return TRUE;
	}
	return FALSE;
}

/*
 * TLSA records that OpenSSL does not take show only at the handshake: SNI and ciphers are those
 * of DANE by then.
 */
static void all_unusable(struct demand_case *one)
{
	if (optional(one)) {
		one->demand->level = LEVEL_ENCRYPT;
		one->demand->unusable = has_unusable(one->host->tlsa);
		one->demand->degraded =
			g_strdup_printf("all TLSA records of %s are unusable, so TLS is mandatory "
					"but nobody is authenticated",
				one->host->name);
		return;
	}
	one->demand->level = LEVEL_DANE;
	one->demand->fails =
		g_strdup_printf("all TLSA records of %s are unusable", one->host->name);
}

static void with_records(struct demand_case *one, gboolean mx_insecure)
{
	const struct observed_host *host = one->host;
	enum tlsa_state state = tlsa_state(one);

	if (state == TLSA_NONE) {
		step_down(one, LEVEL_MAY, "no TLSA records found",
			g_strdup_printf("%s has no TLSA records that DNSSEC protects", host->name));
		return;
	}
	if (state == TLSA_ALL_UNSUPPORTED) {
		step_down(one, LEVEL_ENCRYPT, "TLSA records unusable",
			g_strdup_printf("no TLSA record of %s is of a kind that SMTP uses, so TLS "
					"is mandatory but nobody is authenticated",
				host->name));
		return;
	}
	if (mx_insecure && client_insecure_mx_level(one->settings) == LEVEL_ENCRYPT) {
		step_down(one, LEVEL_ENCRYPT, "non DNSSEC destination",
			g_strdup("DNSSEC does not protect the MX records, so TLS is mandatory but "
				 "nobody is authenticated"));
		return;
	}
	one->demand->sni = g_strdup(host->tlsa_base ? host->tlsa_base : host->name);
	if (state == TLSA_ALL_UNUSABLE) {
		all_unusable(one);
		return;
	}
	one->demand->level = LEVEL_DANE;
	one->demand->half_dane = mx_insecure;
	one->demand->names = dane_names(one->observation, one->demand->sni);
}

void demand_resolve_dane(struct demand_case *one)
{
	const struct observation *observation = one->observation;
	const char *lacks = client_lacks_for_dane(one->settings);
	gboolean mx_insecure = observation->mx_kind == MX_RECORDS && !observation->mx_answer.secure;
	gboolean host_insecure = !one->host->addresses_answer.secure && !one->host->alias_secure;

	if (lacks && optional(one)) {
		step_down(one, LEVEL_MAY, NULL,
			g_strdup_printf("%s in main.cf, so level dane acts like may", lacks));
	} else if (lacks) {
		demand_skip(one, SKIP_REFUSED,
			g_strdup_printf("client TLS configuration problem: %s in main.cf, so level "
					"dane-only never works",
				lacks));
	} else if (mx_insecure &&
		   (!optional(one) || client_insecure_mx_level(one->settings) == LEVEL_MAY)) {
		step_down(one, LEVEL_MAY, "non DNSSEC destination",
			g_strdup("DNSSEC does not protect the MX records, so level dane acts like "
				 "may"));
	} else if (host_insecure && !one->settings->force_insecure_host) {
		step_down(one, LEVEL_MAY, "no TLSA records found",
			g_strdup_printf(
				"DNSSEC does not protect the addresses of %s, so level dane "
				"acts like may",
				one->host->name));
	} else if (tlsa_looked_up(one)) {
		with_records(one, mx_insecure);
	}
}
