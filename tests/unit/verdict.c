#include "observed.h"

#include "core/postfix_version.h"
#include "core/verdict.h"

/* How Postfix goes through hosts, and what is noted besides. smtp_connect.c, facts 4.4. */

#define NOW	 1800000000 /* 2027-01-15 */
#define PIN	 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NEXT_PIN "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

struct sight {
	struct client_settings client;
	struct verdict_settings settings;
	struct observation *observation;
	struct verdict verdict;
	char *value;
};

static void look_with(struct sight *sight, const char *value, const char *spec, guint timeout,
	const char *parameter, const char *setting)
{
	struct policy policy = {.key = TEXT_LITERAL("d.test")};

	client_settings_init(&sight->client, POSTFIX_VERSION(3, 7, 11));
	client_settings_set(&sight->client, "smtp_dns_support_level", "dnssec", NULL);
	client_settings_set(&sight->client, "smtp_tls_CAfile", "/ca.pem", NULL);
	if (parameter)
		client_settings_set(&sight->client, parameter, setting, NULL);
	sight->settings = (struct verdict_settings){
		.client = &sight->client, .now = NOW, .ahead = 14 * 86400, .timeout = timeout};
	sight->value = g_strdup(value);
	policy_split(text_of(sight->value), &policy);
	sight->observation = observed("d.test", spec);
	observed_demand(sight->observation, &policy, &sight->client);
	verdict_judge(&policy, sight->observation, &sight->settings, &sight->verdict);
}

static void look(struct sight *sight, const char *value, const char *spec)
{
	look_with(sight, value, spec, 300, NULL, NULL);
}

static void look_away(struct sight *sight)
{
	verdict_release(&sight->verdict);
	observation_free(sight->observation);
	client_settings_release(&sight->client);
	g_free(sight->value);
}

static void expect(const struct sight *sight, const char *what, const char *outcome,
	const char *cause, const char *reason)
{
	const struct verdict *verdict = &sight->verdict;

	if (strcmp(outcome_name(verdict->outcome), outcome) != 0 ||
		(cause && strcmp(cause_name(verdict->cause), cause) != 0) ||
		(reason && !strstr(verdict->reason, reason)))
		fail_msg("%s:\n got  %s (%s): %s\n want %s (%s): %s", what,
			outcome_name(verdict->outcome), cause_name(verdict->cause), verdict->reason,
			outcome, cause ? cause : "any", reason ? reason : "");
}

/* -- one host after the other ----------------------------------------------------------------- */

static void test_hosts(void **state)
{
	static const struct {
		const char *value, *spec, *outcome, *cause, *reason;
	} cases[] = {
		{"secure", "host=a.test:10 ok match host=b.test:20 ok nomatch", "deliver", "none",
			"a.test[192.0.2.1]"},
		{"secure", "host=a.test:10 connect:refused host=b.test:20 ok match", "deliver",
			"none", "b.test[192.0.2.2]"},
		{"secure", "host=a.test:10 ok nomatch host=b.test:20 ok match", "deliver", "none",
			"b.test"},
		{"secure", "host=a.test:10 ok nomatch host=b.test:20 connect:refused", "defer",
			"policy", "a.test"},
		/* What stays so goes before what may pass. */
		{"secure", "host=a.test:10 connect:refused host=b.test:20 ok nomatch", "defer",
			"policy", "b.test"},
		{"encrypt", "host=a.test:10 connect:refused host=b.test:20 greeting:closed",
			"defer", "server", "a.test"},
		/* The next host is only for mail that the first one did not take. */
		{"may", "host=a.test:10 ehlo:no-starttls host=b.test:20 ok", "plaintext", "server",
			"a.test"},
		{"may", "host=a.test:10 ok host=b.test:20 ehlo:no-starttls", "deliver", "none",
			"a.test"},
		{"may", "host=a.test:10 connect:refused host=b.test:20 ehlo:no-starttls",
			"plaintext", "server", "b.test"},
		/* Equal preference: the order is by chance, so the worst counts. */
		{"may", "host=a.test:10 ok host=b.test:10 ehlo:no-starttls", "plaintext", "server",
			"b.test"},
		{"encrypt", "host=a.test:10 ok host=b.test:10 ehlo:no-starttls", "deliver", "none",
			"a.test"},
		{"encrypt", "host=a.test:10 ehlo:no-starttls host=b.test:10 ok", "deliver", "none",
			"b.test"},
		/* A handshake that fails: on to the next host first. */
		{"may", "host=a.test:10 handshake:tls host=b.test:20 ok", "deliver", "none",
			"b.test"},
		{"may", "host=a.test:10 handshake:tls host=b.test:20 connect:refused", "plaintext",
			"server", "at first"},
		/* Two addresses of one host are two tries. */
		{"secure", "host=a.test:10 addr=192.0.2.1 connect:timeout addr=192.0.2.9 ok match",
			"deliver", "none", "192.0.2.9"},
		/* A host without an address is passed over. */
		{"secure", "host=a.test:10 a=nxdomain host=b.test:20 ok match", "deliver", "none",
			"b.test"},
		{"secure", "host=a.test:10 a=nxdomain host=b.test:20 a=servfail", "defer", "dns",
			"b.test"},
		{"secure", "host=a.test:10 a=nxdomain host=b.test:20 a=nodata", "bounce", "dns",
			"a.test"},
		/* dane-only passes hosts without records by. */
		{"dane-only", "host=a.test:10 ok host=b.test:20 3.1.1/32 ok match", "deliver",
			"none", "b.test"},
		{"dane-only", "host=a.test:10 ok host=b.test:20 3.1.1/32 ok nomatch", "defer",
			"policy", "no TLSA records found"},
		{"dane", "host=a.test:10 tlsa=servfail ok host=b.test:20 ok", "deliver", "none",
			"b.test"},
		/* Nothing is known of the first, and nothing of the second is worse. */
		{"secure", "host=a.test:10 addr=192.0.2.1 host=b.test:20 ok match", "deliver",
			"none", "b.test"},
		{"secure", "host=a.test:10 addr=192.0.2.1 host=b.test:20 ok nomatch", "unknown",
			"time", "a.test"},
		{"secure match=a:b match=c junk", "ok match", "defer", "policy",
			"client TLS configuration problem"},
		{"secure", "mx=null", "bounce", "dns", "does not accept mail"},
		{"none", "mx=nxdomain", "bounce", "dns", "no such domain"},
		{"none", "mx=servfail", "defer", "dns", "MX lookup fails"},
		{"none", "mx=not-asked", "unknown", "time", "no time left"},
		{"secure", "host=a.test:10 ok match addr=192.0.2.8", "deliver", "none", "a.test"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *what = g_strdup_printf("%s, %s", cases[i].value, cases[i].spec);
		struct sight sight;

		look(&sight, cases[i].value, cases[i].spec);
		expect(&sight, what, cases[i].outcome, cases[i].cause, cases[i].reason);
		look_away(&sight);
	}
}

/* smtp_mx_address_limit: what Postfix comes to counts, hosts it passes by included. */
static void test_limits(void **state)
{
	static const struct {
		const char *value, *spec, *limit, *outcome, *reason;
	} cases[] = {
		{"secure",
			"host=a.test:10 connect:refused host=b.test:20 connect:refused "
			"host=c.test:30 ok match",
			"3", "deliver", "c.test"},
		{"secure",
			"host=a.test:10 connect:refused host=b.test:20 connect:refused "
			"host=c.test:30 ok match",
			"2", "defer", "a.test"},
		{"dane-only", "host=a.test:10 ok host=b.test:20 3.1.1/32 ok match", "1", "defer",
			"no TLSA"},
		{"secure",
			"host=a.test:10 connect:refused host=b.test:20 connect:refused "
			"host=c.test:30 ok match",
			"0", "deliver", "c.test"},
		/* By chance the two that are tried may be the bad ones; the next attempt is another
		   one. */
		{"secure",
			"host=a.test:10 connect:refused host=b.test:10 connect:refused "
			"host=c.test:10 ok match",
			"2", "deliver", "c.test"},
		{"secure",
			"host=a.test:10 connect:refused host=b.test:20 over-limit host=c.test:30 "
			"over-limit",
			"1", "defer", "a.test"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *what =
			g_strdup_printf("limit %s, %s", cases[i].limit, cases[i].spec);
		struct sight sight;

		look_with(&sight, cases[i].value, cases[i].spec, 300, "smtp_mx_address_limit",
			cases[i].limit);
		expect(&sight, what, cases[i].outcome, NULL, cases[i].reason);
		look_away(&sight);
	}
}

static void test_tried(void **state)
{
	static const gboolean tried[] = {TRUE, TRUE, TRUE, FALSE};
	struct sight sight;

	(void)state;
	look(&sight, "secure",
		"host=a.test:10 connect:refused host=b.test:20 ok match host=c.test:20 ok nomatch "
		"host=d.test:30 ok match");
	assert_int_equal(sight.verdict.hosts->len, G_N_ELEMENTS(tried));
	for (guint i = 0; i < G_N_ELEMENTS(tried); i++) {
		const struct host_verdict *host = g_ptr_array_index(sight.verdict.hosts, i);

		assert_int_equal(host->tried, tried[i]);
	}
	look_away(&sight);
}

/* -- servers ---------------------------------------------------------------------------------- */

/* smtp_proto.c, smtp_trouble.c: a refusal with a 5 bounces, but for the greeting. */
static void test_replies(void **state)
{
	static const struct {
		const char *value, *spec, *outcome;
	} cases[] = {
		{"may", "greeting:said-no:421_busy", "defer"},
		{"may", "greeting:said-no:554_5.7.1_no", "defer"},
		{"may", "greeting:said-no:354_what", "bounce"},
		{"encrypt", "starttls:said-no:454_4.7.0_no", "defer"},
		{"encrypt", "starttls:said-no:554_5.7.3_no", "bounce"},
		{"encrypt", "starttls:said-no:501", "bounce"},
		{"encrypt", "starttls:said-no:554_4.7.0_later", "defer"},
		{"may", "starttls:said-no:554_5.7.3_no", "plaintext"},
		{"may", "starttls:closed", "defer"},
		{"may", "starttls:timeout", "defer"},
		{"may", "ehlo:said-no:421_busy", "defer"},
		{"may", "again:closed", "plaintext"},
		{"encrypt", "again:closed", "defer"},
		{"encrypt", "again:said-no:500_what", "deliver"},
		{"encrypt", "again:said-no:421_busy", "defer"},
		{"may", "again:said-no:421_busy", "defer"},
		/* The certificate is looked at before the second EHLO. */
		{"secure", "again:closed nomatch", "defer"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sight sight;

		look(&sight, cases[i].value, cases[i].spec);
		expect(&sight, cases[i].spec, cases[i].outcome, NULL, NULL);
		look_away(&sight);
	}
}

static void test_settings(void **state)
{
	static const struct {
		const char *value, *spec, *parameter, *setting, *outcome;
	} cases[] = {
		{"may", "greeting:said-no:554_5.7.1_no", "smtp_skip_5xx_greeting", "no", "bounce"},
		{"may", "host=a.test:10 a=nxdomain", "smtp_defer_if_no_mx_address_found", "yes",
			"defer"},
		{"may", "ok", "smtp_tls_wrappermode", "yes", "defer"},
		{"encrypt", "ok", "smtp_tls_wrappermode", "yes", "deliver"},
		{"dane", "3.1.1/32 ok", "smtp_dns_support_level", "enabled", "deliver"},
		{"dane-only", "3.1.1/32 ok match", "smtp_dns_support_level", "", "defer"},
		{"dane-only", "3.1.1/32 ok match", "smtp_host_lookup", "native", "defer"},
		{"dane-only", "3.1.1/32 ok match", "smtp_host_lookup", "dns, native", "deliver"},
		{"dane-only", "3.1.1/32 ok match", "ignore_mx_lookup_error", "yes", "defer"},
		{"dane-only", "3.1.1/32 ok match", "smtp_dns_resolver_options", "res_defnames",
			"defer"},
		{"dane-only", "a=insecure 3.1.1/32 ok match",
			"smtp_tls_force_insecure_host_tlsa_lookup", "yes", "deliver"},
		{"may", "ok", "smtp_tls_protocols", "bogus", "plaintext"},
		{"encrypt", "ok", "smtp_tls_mandatory_protocols", "bogus", "defer"},
		{"encrypt", "ok", "smtp_tls_servername", "a..b", "defer"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sight sight;

		look_with(&sight, cases[i].value, cases[i].spec, 300, cases[i].parameter,
			cases[i].setting);
		expect(&sight, cases[i].parameter, cases[i].outcome, NULL, NULL);
		look_away(&sight);
	}
}

/* connect 30 s, greeting and EHLO 300 s, STARTTLS 300 s; the resolver 10 s. */
static void test_patience(void **state)
{
	static const struct {
		const char *spec;
		guint timeout;
		const char *outcome;
	} cases[] = {
		{"connect:timeout", 10, "unknown"},
		{"connect:timeout", 30, "defer"},
		{"greeting:timeout", 30, "unknown"},
		{"greeting:timeout", 300, "defer"},
		{"handshake:timeout", 299, "unknown"},
		{"handshake:timeout", 300, "defer"},
		{"mx=timeout", 5, "unknown"},
		{"mx=timeout", 10, "defer"},
		{"host=a.test:10 a=timeout", 5, "unknown"},
		{"host=a.test:10 a=timeout", 10, "defer"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sight sight;

		look_with(&sight, "encrypt", cases[i].spec, cases[i].timeout, NULL, NULL);
		expect(&sight, cases[i].spec, cases[i].outcome, NULL, NULL);
		look_away(&sight);
	}
}

/* -- notes ------------------------------------------------------------------------------------ */

static char *notes_of(const struct verdict *verdict)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < verdict->notes->len; i++) {
		const struct note *note = g_ptr_array_index(verdict->notes, i);

		g_string_append_printf(text, "%s%s%s", i ? " " : "", note_name(note->id),
			note->finding ? "!" : "");
	}
	return g_string_free(text, FALSE);
}

static void test_notes(void **state)
{
	static const struct {
		const char *value, *spec, *notes, *text;
	} cases[] = {
		{"secure", "ok match", "", NULL},
		/* In 13 days, and in 15. */
		{"secure", "ok match ends=1801123200", "expires!", "2027-01-28, in 13 days"},
		{"secure", "ok match ends=1801296000", "", NULL},
		{"secure", "ok match ends=1800172800", "expires!", "2027-01-17, in 2 days"},
		{"secure", "ok match ends=1800169200", "expires!", "2027-01-17, in 47 hours"},
		{"secure", "ok match ends=1800003600", "expires!", "2027-01-15, in 1 hour,"},
		{"secure", "ok match ends=1800003599", "expires!", "2027-01-15, within the hour"},
		{"secure", "host=a.test:10 ok match host=b.test:20 ok nomatch", "some-hosts!",
			"only 1 of 2 pass, not b.test"},
		{"secure", "host=a.test:10 connect:refused host=b.test:20 ok match", "some-hosts!",
			"only 1 of 2 pass, not a.test"},
		{"secure",
			"host=a.test:10 addr=192.0.2.1 ok match addr=2001:db8::1 "
			"connect:unreachable",
			"", NULL},
		{"may", "host=a.test:10 ok host=b.test:10 ehlo:no-starttls", "some-hosts!",
			"b.test"},
		{"may", "handshake:tls", "delayed!", "300 s"},
		{"encrypt", "ok injected", "injection!", "192.0.2.1"},
		{"dane", "ok", "degraded", "level may is in force, not dane"},
		{"dane", "1.1.1/32 ok", "degraded", "level encrypt is in force, not dane"},
		{"encrypt", "ok dane 3.1.1/32", "shadows-dane stronger", "level dane-only"},
		{"secure", "ok match dane 3.1.1/32", "shadows-dane", "level secure"},
		{"dane-only", "3.1.1/32 ok match dane", "", NULL},
		{"encrypt", "ok webpki", "stronger", "match=mx.d.test"},
		{"encrypt", "host=a.test:10 ok webpki host=b.test:20 ok webpki", "stronger",
			"match=a.test:b.test"},
		{"encrypt", "host=a.test:10 ok webpki host=b.test:20 ok", "", NULL},
		/* Not the wildcard itself: that would let any host of the provider in. */
		{"encrypt", "host=a.x.test:10 ok webpki=*.x.test", "stronger", "match=a.x.test:"},
		{"encrypt", "host=a.x.test:10 ok webpki=d.test", "stronger", "match=d.test:"},
		{"fingerprint match=" PIN, "ok match", "pin-alone", "next"},
		{"fingerprint match=" PIN "|" NEXT_PIN, "ok match", "", NULL},
		{"fingerprint match=" PIN "|" NEXT_PIN "00", "ok match", "pin-alone", NULL},
		{"verify", "mx=insecure ok match", "untrusted-mx", "mx.d.test"},
		{"verify", "ok match", "", NULL},
		{"verify match=nexthop", "mx=insecure ok match", "", NULL},
		{"secure match=hostname", "mx=insecure ok match", "untrusted-mx", "match="},
		{"secure match=.protection.outlook.com",
			"host=mx1.example.net:10 ok name host=mx2.example.net:20 ok name",
			"provider!",
			"the row names .protection.outlook.com, the MX hosts are now under "
			"example.net"},
		{"secure match=.protection.outlook.com", "host=mx1.example.net:10 ok match", "",
			NULL},
		{"secure match=.example.net", "host=mx1.example.net:10 ok nomatch", "", NULL},
		{"secure match=nexthop:dot-nexthop", "host=mx1.example.net:10 ok name", "", NULL},
		{"secure match=mail.d.test", "host=mx1.example.net:10 ok name", "", NULL},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = NULL;
		const struct note *first = NULL;
		struct sight sight;

		look(&sight, cases[i].value, cases[i].spec);
		got = notes_of(&sight.verdict);
		if (strcmp(got, cases[i].notes) != 0)
			fail_msg("%s, %s: got \"%s\", want \"%s\"", cases[i].value, cases[i].spec,
				got, cases[i].notes);
		if (sight.verdict.notes->len)
			first = g_ptr_array_index(
				sight.verdict.notes, sight.verdict.notes->len - 1);
		if (cases[i].text && (!first || !strstr(first->text, cases[i].text)))
			fail_msg("%s, %s: %s", cases[i].value, cases[i].spec,
				first ? first->text : "no note");
		look_away(&sight);
	}
}

static void test_no_ca(void **state)
{
	struct sight sight;
	g_autofree char *notes = NULL;

	(void)state;
	look_with(&sight, "secure", "ok nomatch", 300, "smtp_tls_CAfile", "");
	notes = notes_of(&sight.verdict);
	assert_string_equal(notes, "no-ca");
	look_away(&sight);
}

static struct sts_policy *sts_policy(enum sts_mode mode, const char *mx)
{
	struct sts_policy *policy = g_new0(struct sts_policy, 1);

	policy->mode = mode;
	policy->max_age = 86400;
	policy->mx = g_strsplit(mx, " ", -1);
	return policy;
}

static void test_sts(void **state)
{
	static const struct {
		const char *value;
		enum sts_state state;
		enum sts_mode mode;
		const char *mx, *notes;
	} cases[] = {
		{"encrypt", STS_FOUND, STS_ENFORCE, "mx.d.test", "shadows-sts"},
		{"dane-only", STS_FOUND, STS_ENFORCE, "mx.d.test", ""},
		{"dane", STS_FOUND, STS_ENFORCE, "mx.d.test", "degraded shadows-sts"},
		{"encrypt", STS_FOUND, STS_TESTING, "mx.d.test", ""},
		{"secure", STS_FOUND, STS_ENFORCE, "*.d.test", "shadows-sts"},
		{"encrypt", STS_FOUND, STS_ENFORCE, "*.e.test", "shadows-sts sts-mismatch"},
		{"encrypt", STS_FOUND, STS_NONE, "", ""},
		{"encrypt", STS_BROKEN, STS_NONE, "", "sts-broken"},
		{"encrypt", STS_ABSENT, STS_NONE, "", ""},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct policy policy = {.key = TEXT_LITERAL("d.test")};
		g_autofree char *notes = NULL;
		struct sight sight;

		look(&sight, cases[i].value, "ok match");
		verdict_release(&sight.verdict);
		policy_split(text_of(sight.value), &policy);
		sight.observation->sts.state = cases[i].state;
		if (cases[i].state == STS_FOUND)
			sight.observation->sts.policy = sts_policy(cases[i].mode, cases[i].mx);
		verdict_judge(&policy, sight.observation, &sight.settings, &sight.verdict);
		notes = notes_of(&sight.verdict);
		if (strcmp(notes, cases[i].notes) != 0)
			fail_msg("case %u: got \"%s\", want \"%s\"", i, notes, cases[i].notes);
		look_away(&sight);
	}
}

/* Both keys of a server: RSA passes, ECDSA does not. */
static void test_keys(void **state)
{
	struct policy policy = {.key = TEXT_LITERAL("d.test"), .level = LEVEL_SECURE};
	struct observed_address *address;
	struct observed_host *host;
	g_autofree char *notes = NULL;
	struct sight sight;

	(void)state;
	look(&sight, "secure", "ok match");
	verdict_release(&sight.verdict);
	host = g_ptr_array_index(sight.observation->hosts, 0);
	address = g_ptr_array_index(host->addresses, 0);
	for (guint kind = KEY_KIND_ANY + 1; kind < KEY_KINDS; kind++) {
		address->kinds[kind].session = session_ref(address->session);
		address->kinds[kind].certificate = g_new0(struct certificate, 1);
		observed_judge(
			&address->kinds[kind].judgement, kind == KEY_KIND_RSA, TRUE, "mx.d.test");
	}
	verdict_judge(&policy, sight.observation, &sight.settings, &sight.verdict);
	notes = notes_of(&sight.verdict);
	assert_string_equal(notes, "keys-differ!");
	look_away(&sight);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_tried),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_no_ca),
		cmocka_unit_test(test_sts),
		cmocka_unit_test(test_keys),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
