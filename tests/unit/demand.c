#include "observed.h"

#include "core/postfix_version.h"
#include "core/protocols.h"

/* What Postfix demands of a host: facts 2.2 to 2.6, 3, 4.1 to 4.5. */

#define V34  POSTFIX_VERSION(3, 4, 0)
#define V37  POSTFIX_VERSION(3, 7, 11)
#define V39  POSTFIX_VERSION(3, 9, 5)
#define V311 POSTFIX_VERSION(3, 11, 6)
#define PIN  "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"
#define PIN_OUT                                                                                    \
	"01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:"  \
	"AB:CD:EF"

struct wish {
	struct client_settings client;
	struct observation *observation;
	const struct demand *demand;
	char *value;
};

static void wish_for(struct wish *wish, int version, const char *key, const char *value,
	const char *spec, const char *setting)
{
	g_auto(GStrv) parts = g_strsplit(setting ? setting : "", "=", 2);
	struct policy policy = {.key = text_of(key)};
	const struct observed_host *host;

	client_settings_init(&wish->client, version);
	client_settings_set(&wish->client, "smtp_dns_support_level", "dnssec", NULL);
	if (setting)
		assert_true(client_settings_set(&wish->client, parts[0], parts[1], NULL));
	wish->value = g_strdup(value);
	if (value)
		policy_split(text_of(wish->value), &policy);
	wish->observation = observed(key, spec);
	observed_demand(wish->observation, value ? &policy : NULL, &wish->client);
	host = g_ptr_array_index(wish->observation->hosts, 0);
	wish->demand = &host->demand;
}

static void wish_clear(struct wish *wish)
{
	observation_free(wish->observation);
	client_settings_release(&wish->client);
	g_free(wish->value);
}

/* -- the level -------------------------------------------------------------------------------- */

/* Facts 4.3: smtp_tls_dane_insecure_mx_policy and its default by version. */
static void test_insecure_mx(void **state)
{
	static const struct {
		const char *version, *global, *policy, *level;
		gboolean half;
	} cases[] = {
		{"3.4.10", "may", "", "dane", TRUE},
		{"3.5.25", "may", "", "dane", TRUE},
		{"3.6.16", "may", "", "may", FALSE},
		{"3.6.16", "dane", "", "dane", TRUE},
		{"3.6.17", "may", "", "dane", TRUE},
		{"3.7.12", "may", "", "may", FALSE},
		{"3.7.11", "dane", "", "dane", TRUE},
		{"3.7.11", "encrypt", "", "may", FALSE},
		{"3.7.13", "may", "", "dane", TRUE},
		{"3.8.7", "may", "", "may", FALSE},
		{"3.8.8", "may", "", "dane", TRUE},
		{"3.9.1", "may", "", "may", FALSE},
		{"3.9.2", "may", "", "dane", TRUE},
		{"3.10.0", "may", "", "dane", TRUE},
		{"3.11.6", "may", "", "dane", TRUE},
		{"3.11.6", "may", "may", "may", FALSE},
		{"3.11.6", "may", "encrypt", "encrypt", FALSE},
		{"3.7.11", "may", "dane", "dane", TRUE},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *setting =
			g_strdup_printf("smtp_tls_dane_insecure_mx_policy=%s", cases[i].policy);
		struct policy policy = {.key = TEXT_LITERAL("d.test"), .level = LEVEL_DANE};
		g_autoptr(observation_t) observation = observed("d.test", "mx=insecure 3.1.1/32");
		const struct observed_host *host = g_ptr_array_index(observation->hosts, 0);
		g_auto(client_settings_t) client;
		int version;

		assert_true(postfix_version_parse(cases[i].version, &version, NULL));
		client_settings_init(&client, version);
		client_settings_set(&client, "smtp_dns_support_level", "dnssec", NULL);
		client_settings_set(&client, "smtp_tls_security_level", cases[i].global, NULL);
		client_settings_set(
			&client, "smtp_tls_dane_insecure_mx_policy", cases[i].policy, NULL);
		observed_demand(observation, &policy, &client);
		if (strcmp(level_name(host->demand.level), cases[i].level) != 0 ||
			host->demand.half_dane != cases[i].half)
			fail_msg("%s, global %s, policy %s: %s%s, want %s", cases[i].version,
				cases[i].global, cases[i].policy, level_name(host->demand.level),
				host->demand.half_dane ? " (half)" : "", cases[i].level);
	}
}

/* Of TLSA records only the unusable ones: one kind before 3.6, two from then on. */
static void test_unusable_before_36(void **state)
{
	struct wish wish;

	(void)state;
	wish_for(&wish, V34, "d.test", "dane-only", "3.1.1/31", NULL);
	assert_int_equal(wish.demand->kind, DEMAND_SKIP);
	assert_string_equal(wish.demand->why, "TLSA records unusable");
	wish_clear(&wish);
	wish_for(&wish, V37, "d.test", "dane-only", "3.1.1/31", NULL);
	assert_int_equal(wish.demand->kind, DEMAND_SESSION);
	assert_int_equal(wish.demand->level, LEVEL_DANE);
	assert_non_null(wish.demand->fails);
	wish_clear(&wish);
}

/* A digest that tls_dane_digests does not list does not count. */
static void test_digests(void **state)
{
	struct wish wish;

	(void)state;
	wish_for(&wish, V37, "d.test", "dane", "3.1.2/64", "tls_dane_digests=sha256");
	assert_int_equal(wish.demand->level, LEVEL_ENCRYPT);
	wish_clear(&wish);
	wish_for(&wish, V37, "d.test", "dane", "3.1.2/64", NULL);
	assert_int_equal(wish.demand->level, LEVEL_DANE);
	wish_clear(&wish);
}

static void test_no_row(void **state)
{
	struct wish wish;

	(void)state;
	wish_for(&wish, V37, "d.test", NULL, "ok", NULL);
	assert_int_equal(wish.demand->level, LEVEL_NONE);
	wish_clear(&wish);
	wish_for(&wish, V37, "d.test", NULL, "ok", "smtp_tls_security_level=verify");
	assert_int_equal(wish.demand->level, LEVEL_VERIFY);
	assert_string_equal(wish.demand->names[0], "mx.d.test");
	wish_clear(&wish);
	wish_for(&wish, V37, "d.test", "none", "ok", "smtp_tls_security_level=secure");
	assert_int_equal(wish.demand->level, LEVEL_NONE);
	wish_clear(&wish);
}

/* -- names ------------------------------------------------------------------------------------ */

static void test_names(void **state)
{
	static const struct {
		const char *key, *value, *spec, *setting, *names;
	} cases[] = {
		{"d.test", "secure", "ok", NULL, "d.test .d.test"},
		{"d.test", "verify", "ok", NULL, "mx.d.test"},
		{"d.test", "verify", "ok", "smtp_tls_verify_cert_match=nexthop, hostname",
			"d.test mx.d.test"},
		{"d.test", "secure", "ok", "smtp_tls_secure_cert_match=x.test:.y.test",
			"x.test .y.test"},
		{"d.test", "secure match=nexthop:dot-nexthop:hostname", "ok", NULL,
			"d.test .d.test mx.d.test"},
		{"d.test", "secure match=NextHop:HOSTNAME", "ok", NULL, "d.test mx.d.test"},
		{"d.test", "secure match=a.test::b.test match=.c.test", "ok", NULL,
			"a.test b.test .c.test"},
		{"d.test", "secure match=*.a.test", "ok", NULL, "*.a.test"},
		{"d.test", "secure match=a|b", "ok", NULL, "a|b"},
		{"d.test", "secure match=bücher.test:.bücher.test", "ok", NULL,
			"xn--bcher-kva.test .xn--bcher-kva.test"},
		{"d.test",
			"secure match=\xe3\x80\x82"
			"a.test",
			"ok", NULL, ".a.test"},
		{"[h.d.test]:587", "secure", "ok", NULL, "h.d.test .h.d.test"},
		{"[h.d.test]", "verify", "ok", NULL, "h.d.test"},
		{"[192.0.2.1]", "secure match=nexthop", "ok", NULL, "192.0.2.1"},
		{"[ipv6:2001:db8::1]", "secure match=nexthop", "ok", NULL, "2001:db8::1"},
		/* The name that was looked up, not where its CNAMEs lead. */
		{"d.test", "verify", "cname=t.test ok", NULL, "mx.d.test"},
		{"d.test", "verify", "cname=t.test ok", "smtp_cname_overrides_servername=yes",
			"t.test"},
		{"d.test", "secure match=.", "ok", NULL, ""},
		/* DANE: base domain, then what the MX lookup asked for. */
		{"d.test", "dane", "3.1.1/32", NULL, "mx.d.test d.test"},
		{"d.test", "dane-only", "mx-alias=e.test 2.1.1/32", NULL,
			"mx.d.test e.test d.test"},
		{"d.test", "dane", "cname=t.test tlsa-base=t.test 2.1.1/32", NULL, "t.test d.test"},
		{"d.test", "dane", "mx=none 2.1.1/32", NULL, "d.test"},
		{"[h.d.test]", "dane", "2.1.1/32", NULL, "h.d.test"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = NULL;
		struct wish wish;

		wish_for(&wish, V37, cases[i].key, cases[i].value, cases[i].spec, cases[i].setting);
		assert_non_null(wish.demand->names);
		got = g_strjoinv(" ", wish.demand->names);
		if (strcmp(got, cases[i].names) != 0)
			fail_msg("%s %s: got \"%s\", want \"%s\"", cases[i].key, cases[i].value,
				got, cases[i].names);
		assert_int_equal(!*cases[i].names, wish.demand->fails != NULL);
		wish_clear(&wish);
	}
}

/* Advice about DANE rests on what a row of that level would demand of the chain. */
static void test_advice(void **state)
{
	static const char *const specs[] = {"3.1.1/32", "mx-alias=e.test 2.1.1/32",
		"cname=t.test tlsa-base=t.test 2.1.1/32", "mx=none 2.1.1/32"};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(specs); i++) {
		g_autofree char *want = NULL, *got = NULL;
		struct demand advice;
		struct wish wish;

		wish_for(&wish, V37, "d.test", "dane-only", specs[i], NULL);
		demand_of_dane(wish.observation, wish.observation->hosts->pdata[0], &advice);
		want = g_strjoinv(" ", wish.demand->names);
		got = g_strjoinv(" ", advice.names);
		assert_string_equal(got, want);
		assert_int_equal(advice.level, wish.demand->level);
		assert_int_equal(advice.security_level, wish.demand->security_level);
		demand_release(&advice);
		wish_clear(&wish);
	}
}

/* Facts 2.5 and 10: what becomes of fingerprints. */
static void test_pins(void **state)
{
	static const struct {
		int version;
		const char *value, *setting, *pins; /* NULL: refused at the lookup */
		gboolean fails;
	} cases[] = {
		{V37, "fingerprint match=" PIN, NULL, PIN_OUT, FALSE},
		{V37, "fingerprint match=" PIN_OUT, NULL, PIN_OUT, FALSE},
		{V37, "fingerprint match=zz|" PIN, NULL, PIN_OUT, FALSE},
		{V37, "fingerprint match=zz match=" PIN, NULL, PIN_OUT, FALSE},
		{V37, "fingerprint match=:" PIN, NULL, NULL, FALSE},
		{V37, "fingerprint match=" PIN ":", NULL, NULL, FALSE},
		{V37, "fingerprint match=abc", NULL, NULL, FALSE},
		{V37, "fingerprint match=0123456789abcdef0123456789abcdef01234567", NULL, "", TRUE},
		{V37, "fingerprint match=0123456789abcdef0123456789abcdef01234567|" PIN, NULL,
			PIN_OUT, FALSE},
		{V37, "fingerprint match=" PIN, "smtp_tls_fingerprint_digest=sha1", "", TRUE},
		{V37, "fingerprint", NULL, NULL, FALSE},
		{V37, "fingerprint", "smtp_tls_fingerprint_cert_match=" PIN, PIN_OUT, FALSE},
		{V37, "fingerprint match=zz", "smtp_tls_fingerprint_cert_match=" PIN, PIN_OUT,
			FALSE},
		{V39, "fingerprint match=zz", "smtp_tls_fingerprint_cert_match=" PIN, NULL, FALSE},
		/* md5, compared as text. */
		{V34, "fingerprint match=01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF", NULL,
			"01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF", FALSE},
		{V34, "fingerprint match=0123456789abcdef0123456789abcdef", NULL, "", TRUE},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct wish wish;
		const struct demand *demand;

		wish_for(&wish, cases[i].version, "d.test", cases[i].value, "ok", cases[i].setting);
		demand = wish.demand;
		if ((demand->kind == DEMAND_SKIP) != !cases[i].pins)
			fail_msg("case %u: %s", i, demand->why ? demand->why : "not refused");
		if (cases[i].pins && !*cases[i].pins)
			assert_null(demand->pins[0]);
		else if (cases[i].pins)
			assert_string_equal(demand->pins[0], cases[i].pins);
		assert_int_equal(demand->fails != NULL, cases[i].fails);
		assert_false(demand->never_starts);
		wish_clear(&wish);
	}
}

/* -- the handshake ---------------------------------------------------------------------------- */

static void test_sni(void **state)
{
	static const struct {
		const char *key, *value, *spec, *setting, *sni;
	} cases[] = {
		{"d.test", "secure", "ok", NULL, NULL},
		{"d.test", "secure servername=hostname", "ok", NULL, "mx.d.test"},
		{"d.test", "may servername=nexthop", "ok", NULL, "d.test"},
		{"d.test", "may servername=HOSTNAME", "ok", NULL, "HOSTNAME"},
		{"d.test", "may servername=x.test", "ok", "smtp_tls_servername=y.test", "x.test"},
		{"d.test", "may", "ok", "smtp_tls_servername=y.test", "y.test"},
		{"d.test", "may", "ok", "smtp_tls_servername=hostname", "mx.d.test"},
		{"d.test", "none servername=x.test", "ok", NULL, NULL},
		{"d.test", "dane servername=x.test", "3.1.1/32", NULL, "mx.d.test"},
		{"d.test", "dane", "cname=t.test tlsa-base=t.test 3.1.1/32", NULL, "t.test"},
		/* Used where DANE steps down, but for records that only OpenSSL refuses. */
		{"d.test", "dane servername=x.test", "ok", NULL, "x.test"},
		{"d.test", "dane servername=x.test", "1.1.1/32", NULL, "x.test"},
		{"d.test", "dane servername=x.test", "3.1.1/31", NULL, "mx.d.test"},
		{"bücher.test", "may servername=nexthop", "ok", NULL, "xn--bcher-kva.test"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct wish wish;

		wish_for(&wish, V37, cases[i].key, cases[i].value, cases[i].spec, cases[i].setting);
		if (g_strcmp0(wish.demand->sni, cases[i].sni) != 0)
			fail_msg("%s %s: got %s, want %s", cases[i].key, cases[i].value,
				wish.demand->sni, cases[i].sni);
		wish_clear(&wish);
	}
}

static void test_handshake(void **state)
{
	static const struct {
		const char *value, *spec, *setting;
		unsigned protocols, security_level;
		const char *grade, *exclude;
		gboolean never_starts;
	} cases[] = {
		{"may", "ok", NULL, PROTOCOLS_ALL, 0, "medium", NULL, FALSE},
		{"encrypt", "ok", NULL, PROTOCOLS_ALL, 0, "medium", NULL, FALSE},
		{"verify", "ok", NULL, PROTOCOLS_ALL, 1, "medium", NULL, FALSE},
		{"dane", "3.1.1/32", NULL, PROTOCOLS_ALL, 1, "medium", NULL, FALSE},
		{"dane", "3.1.1/31", NULL, PROTOCOLS_ALL, 0, "medium", NULL, FALSE},
		{"dane", "ok", NULL, PROTOCOLS_ALL, 0, "medium", NULL, FALSE},
		{"encrypt protocols=>=TLSv1.2", "ok", NULL, PROTOCOLS_MODERN, 0, "medium", NULL,
			FALSE},
		{"encrypt protocols=", "ok", "smtp_tls_mandatory_protocols=TLSv1.3", PROTOCOLS_ALL,
			0, "medium", NULL, FALSE},
		{"encrypt", "ok", "smtp_tls_mandatory_protocols=TLSv1.3", PROTOCOL_TLSV1_3, 0,
			"medium", NULL, FALSE},
		{"may", "ok", "smtp_tls_mandatory_protocols=TLSv1.3", PROTOCOLS_ALL, 0, "medium",
			NULL, FALSE},
		{"may", "ok", "smtp_tls_protocols=!TLSv1,!TLSv1.1", PROTOCOLS_MODERN, 0, "medium",
			NULL, FALSE},
		{"dane", "ok", "smtp_tls_protocols=TLSv1.2", PROTOCOL_TLSV1_2, 0, "medium", NULL,
			FALSE},
		{"secure ciphers=HIGH exclude=a:b", "ok", NULL, PROTOCOLS_ALL, 1, "high", "a:b",
			FALSE},
		{"encrypt", "ok", "smtp_tls_mandatory_ciphers=high", PROTOCOLS_ALL, 0, "high", NULL,
			FALSE},
		{"may", "ok", "smtp_tls_mandatory_ciphers=high", PROTOCOLS_ALL, 0, "medium", NULL,
			FALSE},
		{"encrypt", "ok", "smtp_tls_exclude_ciphers=RC4", PROTOCOLS_ALL, 0, "medium", "RC4",
			FALSE},
		{"encrypt", "ok", "smtp_tls_mandatory_exclude_ciphers=DES", PROTOCOLS_ALL, 0,
			"medium", "DES", FALSE},
		{"may", "ok", "smtp_tls_mandatory_exclude_ciphers=DES", PROTOCOLS_ALL, 0, "medium",
			NULL, FALSE},
		{"encrypt exclude=", "ok", "smtp_tls_exclude_ciphers=RC4", PROTOCOLS_ALL, 0,
			"medium", NULL, FALSE},
		{"encrypt protocols=bogus", "ok", NULL, PROTOCOLS_ALL, 0, "medium", NULL, TRUE},
		{"may protocols=>=TLSv1.3:<=TLSv1.2", "ok", NULL, 0, 0, "medium", NULL, TRUE},
		{"encrypt ciphers=bogus", "ok", NULL, PROTOCOLS_ALL, 0, "medium", NULL, TRUE},
		{"encrypt exclude=!RC4", "ok", NULL, PROTOCOLS_ALL, 0, "medium", "!RC4", TRUE},
		{"encrypt", "ok", "smtp_tls_mandatory_ciphers=best", PROTOCOLS_ALL, 0, "medium",
			NULL, TRUE},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct demand *demand;
		struct wish wish;

		wish_for(&wish, V37, "d.test", cases[i].value, cases[i].spec, cases[i].setting);
		demand = wish.demand;
		if (demand->protocols != cases[i].protocols ||
			demand->security_level != cases[i].security_level ||
			strcmp(demand->grade, cases[i].grade) != 0 ||
			g_strcmp0(demand->exclude, cases[i].exclude) != 0 ||
			demand->never_starts != cases[i].never_starts)
			fail_msg("%s, %s: %x %u %s %s %d (%s)", cases[i].value, cases[i].setting,
				demand->protocols, demand->security_level, demand->grade,
				demand->exclude, demand->never_starts, demand->fails);
		assert_int_equal(demand->never_starts, demand->fails != NULL);
		wish_clear(&wish);
	}
}

static void test_same_handshake(void **state)
{
	static const struct {
		const char *one, *other;
		gboolean same;
	} cases[] = {
		{"secure match=a.test", "verify match=b.test", TRUE},
		{"secure", "fingerprint match=" PIN, TRUE},
		{"secure", "secure servername=hostname", FALSE},
		{"secure", "encrypt", FALSE},
		{"encrypt", "encrypt ciphers=high", FALSE},
		{"encrypt protocols=>=TLSv1.2", "encrypt protocols=TLSv1.2:TLSv1.3", TRUE},
		{"encrypt", "encrypt exclude=RC4", FALSE},
		{"none", "may", FALSE},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *first = NULL, *second = NULL;
		struct wish one, other;

		wish_for(&one, V37, "d.test", cases[i].one, "ok", NULL);
		wish_for(&other, V37, "d.test", cases[i].other, "ok", NULL);
		first = demand_handshake_key(one.demand);
		second = demand_handshake_key(other.demand);
		if ((strcmp(first, second) == 0) != cases[i].same)
			fail_msg("%s and %s", cases[i].one, cases[i].other);
		wish_clear(&one);
		wish_clear(&other);
	}
}

/* -- what Postfix refuses, and whom it passes by ---------------------------------------------- */

/* Facts 10.1 and 10.3. NULL: Postfix goes on. */
static void test_refused(void **state)
{
	static const struct {
		int version;
		const char *value, *why;
	} cases[] = {
		{V37, "may match=x", "client TLS configuration problem"},
		{V37, "bogus", "client TLS configuration problem"},
		{V37, "encrypt junk", "client TLS configuration problem"},
		{V37, "none match=x junk", NULL},
		{V37, "may enable_rpk=yes", "client TLS configuration problem"},
		{V311, "may enable_rpk=yes", NULL},
		{V37, "secure { match = a.test }", "client TLS configuration problem"},
		{V311, "secure { match = a.test }", NULL},
		{V311, "secure policy_ttl=5", "client TLS configuration problem"},
		{V311, "secure policy_type=sts match=foo mx_host_pattern=*.D.test", NULL},
		{V311, "secure policy_type=sts mx_host_pattern=mx.d.test", NULL},
		{V311, "secure policy_type=sts match=mx.d.test mx_host_pattern=*.sub.d.test",
			"does not match STS MX pattern"},
		{V311, "secure policy_type=sts mx_host_pattern=.d.test",
			"does not match STS MX pattern"},
		{V311, "secure policy_type=sts mx_host_pattern=", "does not match STS MX pattern"},
		{V311, "may policy_type=sts mx_host_pattern=no.test", "does not match"},
		{POSTFIX_VERSION(3, 10, 4), "secure policy_type=sts mx_host_pattern=no.test", NULL},
		{V311, "secure policy_type=no-policy-found", NULL},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct wish wish;

		wish_for(&wish, cases[i].version, "d.test", cases[i].value, "ok", NULL);
		if (!cases[i].why != (wish.demand->kind == DEMAND_SESSION) ||
			(cases[i].why && !strstr(wish.demand->why, cases[i].why)))
			fail_msg("%s: %s", cases[i].value,
				wish.demand->why ? wish.demand->why : "a session");
		wish_clear(&wish);
	}
}

/* A row made from MTA-STS: the host itself is what the certificate has to name. */
static void test_sts_names(void **state)
{
	struct wish wish;

	(void)state;
	wish_for(&wish, V311, "d.test", "secure policy_type=STS match=foo mx_host_pattern=*.d.test",
		"ok", NULL);
	assert_string_equal(wish.demand->names[0], "mx.d.test");
	assert_null(wish.demand->names[1]);
	wish_clear(&wish);
	wish_for(&wish, V311, "d.test", "secure policy_type=sts match=foo", "ok", NULL);
	assert_string_equal(wish.demand->names[0], "foo");
	wish_clear(&wish);
}

static void test_policy_failure(void **state)
{
	struct wish wish;

	(void)state;
	wish_for(&wish, V311, "d.test", "secure policy_type=sts policy_failure=sts-webpki-invalid",
		"ok", NULL);
	assert_non_null(strstr(wish.demand->fails, "sts-webpki-invalid"));
	wish_clear(&wish);
	wish_for(&wish, V311, "d.test", "may policy_type=sts policy_failure=sts-webpki-invalid",
		"ok", NULL);
	assert_null(wish.demand->fails);
	wish_clear(&wish);
}

static void test_wrappermode(void **state)
{
	struct wish wish;

	(void)state;
	wish_for(&wish, V37, "[h.d.test]:465", "encrypt", "ok", NULL);
	assert_true(wish.demand->wrappermode);
	wish_clear(&wish);
	wish_for(&wish, V37, "[h.d.test]:465", "may", "ok", NULL);
	assert_int_equal(wish.demand->skip, SKIP_REFUSED);
	wish_clear(&wish);
	wish_for(&wish, V37, "d.test", "encrypt", "ok", "smtp_tls_wrappermode=yes");
	assert_true(wish.demand->wrappermode);
	wish_clear(&wish);
}

static void test_tafile(void **state)
{
	struct wish wish;

	(void)state;
	wish_for(&wish, V37, "d.test", "secure tafile=/a.pem tafile=/b.pem", "ok",
		"smtp_tls_trust_anchor_file=/c.pem");
	assert_string_equal(wish.demand->tafile, "/a.pem\n/b.pem");
	wish_clear(&wish);
	wish_for(&wish, V37, "d.test", "verify", "ok", "smtp_tls_trust_anchor_file=/c.pem, /d.pem");
	assert_string_equal(wish.demand->tafile, "/c.pem\n/d.pem");
	wish_clear(&wish);
	wish_for(&wish, V37, "d.test", "secure", "ok", NULL);
	assert_null(wish.demand->tafile);
	wish_clear(&wish);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_insecure_mx),
		cmocka_unit_test(test_unusable_before_36),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_no_row),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_advice),
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_sni),
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_same_handshake),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sts_names),
		cmocka_unit_test(test_policy_failure),
		cmocka_unit_test(test_wrappermode),
		cmocka_unit_test(test_tafile),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
