#include "observed.h"

#include "core/postfix_version.h"
#include "core/verdict.h"

/*
 * What real Postfix 3.7.11 and 3.11.6 did in each of these situations: facts 10.4, with the tls=
 * field of 3.11 as the level that was in force ("-" where a host was passed by). What OpenSSL says
 * of a chain (digests, agility, names) is part of the situation here: match or nomatch.
 */
static const struct {
	const char *situation, *key, *spec;
	/* of level dane: 3.7.11, 3.11.6 (NULL = the same), level in force; of level dane-only */
	const char *dane_37, *dane_311, *level, *only;
} rows[] = {
	{"3 1 1 good", "d.test", "3.1.1/32 ok match", "verified", NULL, "dane", "verified"},
	{"3 1 1 bad", "d.test", "3.1.1/32 ok nomatch", "defer: not verified", NULL, "dane",
		"defer: not verified"},
	{"self-signed, no TLSA", "d.test", "ok", "untrusted", NULL, "may",
		"defer: no TLSA records found"},
	{"no TLSA", "d.test", "ok webpki", "trusted", NULL, "may", "defer: no TLSA records found"},
	{"insecure MX, secure host, good TLSA", "d.test", "mx=insecure 3.1.1/32 ok match", "sent",
		"trusted", "dane", "defer: non DNSSEC destination"},
	{"insecure MX, secure host, bad TLSA", "d.test", "mx=insecure 3.1.1/32 ok nomatch", "sent",
		"defer: not verified", "dane", "defer: non DNSSEC destination"},
	{"insecure MX, secure host, no TLSA", "d.test", "mx=insecure ok", "sent", NULL, "may",
		"defer: non DNSSEC destination"},
	{"secure MX, insecure host A, TLSA present", "d.test", "a=insecure 3.1.1/32 ok match",
		"sent", NULL, "may", "defer: no TLSA records found"},
	{"secure MX+host, TLSA answer without AD", "d.test", "3.1.1/32 tlsa=unsigned ok match",
		"sent", NULL, "may", "defer: no TLSA records found"},
	{"TLSA SERVFAIL", "d.test", "tlsa=servfail ok", "defer: TLSA lookup error for mx.d.test:25",
		NULL, "-", "defer: TLSA lookup error for mx.d.test:25"},
	{"TLSA bogus, as SERVFAIL", "d.test", "tlsa=bogus ok",
		"defer: TLSA lookup error for mx.d.test:25", NULL, "-",
		"defer: TLSA lookup error for mx.d.test:25"},
	{"TLSA NXDOMAIN", "d.test", "tlsa=nxdomain ok", "sent", NULL, "may",
		"defer: no TLSA records found"},
	{"3 0 1 good", "d.test", "3.0.1/32 ok match", "verified", NULL, "dane", "verified"},
	{"3 1 2 good", "d.test", "3.1.2/64 ok match", "verified", NULL, "dane", "verified"},
	{"3 0 2 good", "d.test", "3.0.2/64 ok match", "verified", NULL, "dane", "verified"},
	{"3 1 0 good (full key)", "d.test", "3.1.0/60 ok match", "verified", NULL, "dane",
		"verified"},
	{"3 0 0 good (full cert)", "d.test", "3.0.0/60 ok match", "verified", NULL, "dane",
		"verified"},
	{"2 0 1 CA good, name mismatch", "d.test", "2.0.1/32 ok name", "defer: not verified", NULL,
		"dane", "defer: not verified"},
	{"2 0 1 CA good, name match", "d.test", "2.0.1/32 ok match", "verified", NULL, "dane",
		"verified"},
	{"2 1 1 CA good, name match", "d.test", "2.1.1/32 ok match", "verified", NULL, "dane",
		"verified"},
	{"2 0 1 leaf digest as TA", "d.test", "2.0.1/32 ok nomatch", "defer: not verified", NULL,
		"dane", "defer: not verified"},
	{"0 0 1 only", "d.test", "0.0.1/32 ok webpki", "trusted", NULL, "encrypt",
		"defer: TLSA records unusable"},
	{"1 1 1 only", "d.test", "1.1.1/32 ok webpki", "trusted", NULL, "encrypt",
		"defer: TLSA records unusable"},
	{"1 1 1 + 3 1 1 good", "d.test", "1.1.1/32 3.1.1/32 ok match", "verified", NULL, "dane",
		"verified"},
	{"1 1 1 good + 3 1 1 bad", "d.test", "1.1.1/32 3.1.1/32 ok nomatch", "defer: not verified",
		NULL, "dane", "defer: not verified"},
	{"3 1 1 short digest", "d.test", "3.1.1/31 ok webpki", "untrusted", NULL, "encrypt",
		"defer: not verified"},
	{"3 1 1 short + 3 1 1 good", "d.test", "3.1.1/31 3.1.1/32 ok match", "verified", NULL,
		"dane", "verified"},
	{"3 1 3 unknown mtype", "d.test", "3.1.3/32 ok webpki", "untrusted", NULL, "encrypt",
		"defer: not verified"},
	{"3 2 1 unknown selector", "d.test", "3.2.1/32 ok webpki", "untrusted", NULL, "encrypt",
		"defer: not verified"},
	{"4 1 1 unknown usage", "d.test", "4.1.1/32 ok webpki", "trusted", NULL, "encrypt",
		"defer: TLSA records unusable"},
	{"3 1 255 private mtype", "d.test", "3.1.255/32 ok webpki", "trusted", NULL, "encrypt",
		"defer: TLSA records unusable"},
	{"digest agility: 3 1 1 good + 3 1 2 bad", "d.test", "3.1.1/32 3.1.2/64 ok nomatch",
		"defer: not verified", NULL, "dane", "defer: not verified"},
	{"digest agility: 3 1 1 bad + 3 1 2 good", "d.test", "3.1.1/32 3.1.2/64 ok match",
		"verified", NULL, "dane", "verified"},
	{"3 1 0 garbage key", "d.test", "3.1.0/bad ok webpki", "untrusted", NULL, "encrypt",
		"defer: not verified"},
	{"2 0 0 full CA cert name ok", "d.test", "2.0.0/60 ok match", "verified", NULL, "dane",
		"verified"},
	{"MX host is CNAME, TLSA at target", "d.test",
		"cname=t.test tlsa-base=t.test 3.1.1/32 ok match", "verified", NULL, "dane",
		"verified"},
	{"MX host is CNAME, TLSA at alias only", "d.test", "cname=t.test 3.1.1/32 ok match",
		"verified", NULL, "dane", "verified"},
	{"MX host is CNAME to insecure target, alias secure", "d.test",
		"a=insecure cname=t.test alias=secure 3.1.1/32 ok match", "verified", NULL, "dane",
		"verified"},
	{"no MX, domain itself secure", "d.test", "mx=none 3.1.1/32 ok match", "verified", NULL,
		"dane", "verified"},
	{"[host]", "[h.d.test]", "3.1.1/32 ok match", "verified", NULL, "dane", "verified"},
	{"[host]:2525 TLSA at _2525", "[h.d.test]:2525", "3.1.1/32 ok match", "verified", NULL,
		"dane", "verified"},
	{"[host] insecure A", "[h.d.test]", "a=insecure ok", "sent", NULL, "may",
		"defer: no TLSA records found"},
	{"[address]", "[192.0.2.1]", "ok", "sent", NULL, "may", "defer: no TLSA records found"},
	{"no STARTTLS, good TLSA", "d.test", "3.1.1/32 ehlo:no-starttls",
		"defer: does not offer STARTTLS", NULL, "dane", "defer: does not offer STARTTLS"},
	{"no STARTTLS, no TLSA", "d.test", "ehlo:no-starttls", "plaintext", NULL, "may",
		"defer: no TLSA records found"},
	/* The first attempt; later ones go in the clear. */
	{"broken TLS, no TLSA", "d.test", "handshake:tls", "delayed", NULL, "may",
		"defer: no TLSA records found"},
	{"no STARTTLS, unusable TLSA only", "d.test", "1.1.1/32 ehlo:no-starttls",
		"defer: does not offer STARTTLS", NULL, "encrypt", "defer: TLSA records unusable"},
	{"STARTTLS refused 454, good TLSA", "d.test", "3.1.1/32 starttls:said-no:454",
		"defer: refuses to start TLS", NULL, "dane", "defer: refuses to start TLS"},
};

/* "verified", "trusted", "untrusted", "sent", "plaintext", "delayed", "defer: REASON". */
static void expect(const struct verdict *verdict, const char *want, const char *what)
{
	static const char *const words[] = {
		[OUTCOME_DELIVER] = "sent",
		[OUTCOME_PLAINTEXT] = "plaintext",
		[OUTCOME_DEFER] = "defer",
		[OUTCOME_BOUNCE] = "bounce",
		[OUTCOME_UNKNOWN] = "unknown",
	};
	const struct host_verdict *host =
		verdict->hosts->len ? g_ptr_array_index(verdict->hosts, 0) : NULL;
	const char *got = words[verdict->outcome];
	g_auto(GStrv) parts = g_strsplit(want, ": ", 2);

	if (verdict->delayed)
		got = "delayed";
	if (verdict->outcome == OUTCOME_DELIVER && verdict->effective > LEVEL_ENCRYPT)
		got = g_strcmp0(host->trust, "Verified") == 0 ? "verified" : "trusted";
	else if (verdict->outcome == OUTCOME_DELIVER && g_str_has_suffix(parts[0], "trusted"))
		got = g_strcmp0(host->trust, "Trusted") == 0 ? "trusted" : "untrusted";
	if (strcmp(got, parts[0]) != 0 || (parts[1] && !strstr(verdict->reason, parts[1])))
		fail_msg("%s: got %s (%s), want %s", what, got, verdict->reason, want);
}

static void judge(enum level level, const char *key, const char *spec, int version,
	struct verdict *verdict, struct observation **observation)
{
	struct policy policy = {.key = text_of(key), .level = level};
	g_auto(client_settings_t) client;
	struct verdict_settings settings = {.client = &client, .timeout = 300};

	client_settings_init(&client, version);
	client_settings_set(&client, "smtp_dns_support_level", "dnssec", NULL);
	client_settings_set(&client, "smtp_tls_security_level", "may", NULL);
	client_settings_set(&client, "smtp_tls_CAfile", "/ca.pem", NULL);
	*observation = observed(key, spec);
	observed_demand(*observation, &policy, &client);
	verdict_judge(&policy, *observation, &settings, verdict);
}

static void check(enum level level, guint row, int version, const char *want, const char *force)
{
	g_autofree char *what = g_strdup_printf(
		"%s, %s, Postfix %d", level_name(level), rows[row].situation, version);
	g_autoptr(observation_t) observation = NULL;
	g_auto(verdict_t) verdict;
	const struct observed_host *host;

	judge(level, rows[row].key, rows[row].spec, version, &verdict, &observation);
	expect(&verdict, want, what);
	host = g_ptr_array_index(observation->hosts, 0);
	if (force && (strcmp(force, "-") == 0) != (host->demand.kind == DEMAND_SKIP))
		fail_msg("%s: kind %d", what, host->demand.kind);
	if (force && *force != '-' && strcmp(level_name(host->demand.level), force) != 0)
		fail_msg("%s: level %s, want %s", what, level_name(host->demand.level), force);
}

static void test_table(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *newer = rows[i].dane_311 ? rows[i].dane_311 : rows[i].dane_37;

		check(LEVEL_DANE, i, POSTFIX_VERSION(3, 7, 11), rows[i].dane_37,
			rows[i].dane_311 ? "may" : rows[i].level);
		check(LEVEL_DANE, i, POSTFIX_VERSION(3, 11, 6), newer, rows[i].level);
		check(LEVEL_DANE_ONLY, i, POSTFIX_VERSION(3, 7, 11), rows[i].only, NULL);
		check(LEVEL_DANE_ONLY, i, POSTFIX_VERSION(3, 11, 6), rows[i].only, NULL);
	}
}

/* Facts 10.4, the rows at the end: other levels against faulty servers; the same in 3.11.6. */
static void test_sinks(void **state)
{
	static const struct {
		enum level level;
		const char *params, *spec, *want;
	} sinks[] = {
		{LEVEL_MAY, NULL, "ehlo:no-starttls", "plaintext"},
		{LEVEL_MAY, NULL, "handshake:tls", "delayed"},
		{LEVEL_MAY, NULL, "ok", "sent"},
		{LEVEL_MAY, NULL, "starttls:said-no:454", "plaintext"},
		{LEVEL_ENCRYPT, NULL, "ehlo:no-starttls", "defer: does not offer STARTTLS"},
		{LEVEL_ENCRYPT, NULL, "handshake:tls", "defer: handshake"},
		{LEVEL_ENCRYPT, NULL, "ok", "sent"},
		{LEVEL_ENCRYPT, NULL, "starttls:said-no:454", "defer: refuses to start TLS"},
		{LEVEL_VERIFY, NULL, "ehlo:no-starttls", "defer: does not offer STARTTLS"},
		{LEVEL_VERIFY, NULL, "handshake:tls", "defer: handshake"},
		{LEVEL_VERIFY, NULL, "ok nomatch", "defer: not verified"},
		{LEVEL_VERIFY, NULL, "ok name", "defer: not verified"},
		{LEVEL_VERIFY, NULL, "starttls:said-no:454", "defer: refuses to start TLS"},
		{LEVEL_SECURE, NULL, "ehlo:no-starttls", "defer: does not offer STARTTLS"},
		{LEVEL_SECURE, NULL, "handshake:tls", "defer: handshake"},
		{LEVEL_SECURE, NULL, "ok nomatch", "defer: not verified"},
		{LEVEL_SECURE, NULL, "ok match", "verified"},
		{LEVEL_VERIFY, "match=nexthop", "ok name", "defer: not verified"},
		{LEVEL_FINGERPRINT,
			"match=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
			"ok match", "verified"},
		{LEVEL_FINGERPRINT,
			"match=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
			"ok nomatch", "defer: not verified"},
		{LEVEL_FINGERPRINT, "match=0123456789abcdef0123456789abcdef01234567", "ok match",
			"defer: digest"},
		{LEVEL_NONE, NULL, "plain", "plaintext"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(sinks); i++) {
		struct policy policy = {.key = TEXT_LITERAL("s.test"),
			.level = sinks[i].level,
			.params = text_of(sinks[i].params)};
		g_autoptr(observation_t) observation = observed("s.test", sinks[i].spec);
		g_auto(client_settings_t) client;
		struct verdict_settings settings = {.client = &client, .timeout = 300};
		g_auto(verdict_t) verdict;

		client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
		observed_demand(observation, &policy, &client);
		verdict_judge(&policy, observation, &settings, &verdict);
		expect(&verdict, sinks[i].want, level_name(sinks[i].level));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_sinks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
