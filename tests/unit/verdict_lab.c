#include "observed.h"

#include "core/postfix_version.h"
#include "core/verdict.h"

/*
 * The matrix of facts/lab.md section 4: what a real Postfix 3.7 (smtp_dns_support_level = dnssec,
 * smtp_tls_security_level = may) did with mail for each host of the lab at nine levels, in this
 * order: none, may, encrypt, dane, dane-only, fingerprint, verify, secure, secure with match.
 *
 * P sent in the clear, s sent under TLS, V sent "Verified", d deferred, b bounced, ~ deferred at
 * first and in the clear later.
 */
static const struct {
	const char *domain, *spec;
	/* What the chain is worth: to DANE, the fingerprint, verify, secure, secure with match. */
	const char *chain;
	const char *postfix;
	const char *strict; /* the session above level encrypt where it is another one */
} hosts[] = {
	{"valid.lab.test", "ok", "-++-+", "PsssdVVdV"},
	{"wrongname.lab.test", "ok", "-+---", "PsssdVddd"},
	{"expired.lab.test", "ok", "-+---", "PsssdVddd"},
	{"notyet.lab.test", "ok", "-+---", "PsssdVddd"},
	{"wild.lab.test", "ok", "-++++", "PsssdVVVV"},
	{"inter.lab.test", "ok", "-++-+", "PsssdVVdV"},
	{"missint.lab.test", "ok", "-+---", "PsssdVddd"},
	{"badca.lab.test", "ok", "-+---", "PsssdVddd"},
	{"self.lab.test", "ok", "-+---", "PsssdVddd"},
	{"cnonly.lab.test", "ok", "-++-+", "PsssdVVdV"},
	{"dane311.lab.test", "3.1.1/32 ok", "++---", "PssVVVddd"},
	{"dane211.lab.test", "2.1.1/32 ok", "+-+-+", "PssVVdVdV"},
	{"danewrong.lab.test", "3.1.1/32 ok", "-++-+", "PssddVVdV"},
	{"daneexp.lab.test", "3.1.1/32 ok", "++---", "PssVVVddd"},
	{"dane211bad.lab.test", "2.1.1/32 ok", "-+---", "PssddVddd"},
	{"nostarttls.lab.test", "ehlo:no-starttls", "-----", "PPdPddddd"},
	{"tls10.lab.test", "ok", "-----", "Psssddddd", "handshake:tls"},
	{"hsfail.lab.test", "handshake:closed", "-----", "P~d~ddddd"},
	{"hsgarbage.lab.test", "handshake:tls", "-----", "P~d~ddddd"},
	{"tls454.lab.test", "starttls:said-no:454_4.7.0_TLS_not_available", "-----", "PPdPddddd"},
	{"tarpit.lab.test", "greeting:timeout", "-----", "ddddddddd"},
	{"greet421.lab.test", "greeting:said-no:421_4.3.2_busy", "-----", "ddddddddd"},
	{"greet554.lab.test", "greeting:said-no:554_go_away", "-----", "ddddddddd"},
	{"garbage.lab.test", "greeting:not-smtp", "-----", "ddddddddd"},
	{"huge.lab.test", "greeting:too-long", "-----", "ddddddddd"},
	{"refuse.lab.test", "connect:refused", "-----", "ddddddddd"},
	{"ehlofail.lab.test", "ehlo:no-starttls:500_what", "-----", "PPdPddddd"},
	{"unusable.lab.test", "1.1.1/32 ok", "-+---", "PsssdVddd"},
	{"tlsafail.lab.test", "tlsa=servfail ok", "-+---", "PssddVddd"},
	{"plain.test", "mx=insecure a=insecure ok", "-----", "Psssddddd"},
	{"tosec.plain.test", "mx=insecure 3.1.1/32 ok", "+----", "Psssddddd"},
	{"secplain.lab.test", "a=insecure ok", "-----", "Psssddddd"},
	{"expired.test", "mx=bogus", "-----", "ddddddddd"},
	{"bogus.test", "mx=bogus", "-----", "ddddddddd"},
	{"servf.test", "mx=servfail", "-----", "ddddddddd"},
	{"dead.test", "mx=timeout", "-----", "ddddddddd"},
	{"nullmx.lab.test", "mx=null", "-----", "bbbbbbbbb"},
	{"nope.lab.test", "mx=nxdomain", "-----", "bbbbbbbbb"},
	{"dangling.lab.test", "host=nope.lab.test:10 a=nxdomain", "-----", "bbbbbbbbb"},
	{"expmx.lab.test", "host=mx.expired.test:10 a=bogus", "-----", "ddddddddd"},
	{"amx.lab.test", "mx=none ok", "-+---", "PsssdVddd"},
	{"cnmx.lab.test", "host=alias.lab.test:10 cname=mx.lab.test 3.1.1/32 ok", "+----",
		"PssVVdddd"},
	{"cndom.lab.test", "mx-alias=dane311.lab.test 3.1.1/32 ok", "+----", "PssVVdddd"},
	{"multi.lab.test", "host=mx-refuse.lab.test:5 connect:refused host=mx-valid.lab.test:10 ok",
		"-++--", "PsssdVVdd"},
};

static const enum level levels[] = {LEVEL_NONE, LEVEL_MAY, LEVEL_ENCRYPT, LEVEL_DANE,
	LEVEL_DANE_ONLY, LEVEL_FINGERPRINT, LEVEL_VERIFY, LEVEL_SECURE, LEVEL_SECURE};
#define PIN "match=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
static const char *const params[] = {
	NULL, NULL, NULL, NULL, NULL, PIN, NULL, NULL, "match=mx.test"};

/* Column of `chain`; -1 where nobody looks at it. */
static int judged_by(guint level)
{
	return level < 3 ? -1 : level == 3 ? 0 : (int)level - 4;
}

static char *spec_at(guint host, guint level)
{
	gboolean strict = level > 4 && hosts[host].strict;
	int column = judged_by(level);
	GString *spec = g_string_new(strict ? hosts[host].strict : hosts[host].spec);

	/* At level none there is no STARTTLS, whatever it would have come to. */
	if (level == 0) {
		g_string_replace(spec, "handshake:tls", "plain", 1);
		g_string_replace(spec, "handshake:closed", "plain", 1);
		g_string_replace(spec, "starttls:said-no:454_4.7.0_TLS_not_available", "plain", 1);
		if (g_str_has_suffix(spec->str, "ok"))
			g_string_replace(spec, "ok", "plain", 1);
	}
	if (g_str_has_suffix(spec->str, "ok") && column >= 0)
		g_string_append(spec, hosts[host].chain[column] == '+' ? " match" : " nomatch");
	return g_string_free(spec, FALSE);
}

static char letter(const struct verdict *verdict)
{
	switch (verdict->outcome) {
	case OUTCOME_DELIVER:
		return verdict->effective > LEVEL_ENCRYPT ? 'V' : 's';
	case OUTCOME_PLAINTEXT:
		return verdict->delayed ? '~' : 'P';
	case OUTCOME_DEFER:
		return 'd';
	case OUTCOME_BOUNCE:
		return 'b';
	default:
		return '?';
	}
}

static void judge(guint i, guint level, struct verdict *verdict)
{
	struct policy policy = {.key = text_of(hosts[i].domain),
		.level = levels[level],
		.params = text_of(params[level])};
	g_autofree char *spec = spec_at(i, level);
	g_autoptr(observation_t) observation = observed(hosts[i].domain, spec);
	g_auto(client_settings_t) client;
	struct verdict_settings settings = {.client = &client, .timeout = 300};

	client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
	client_settings_set(&client, "smtp_dns_support_level", "dnssec", NULL);
	client_settings_set(&client, "smtp_tls_security_level", "may", NULL);
	observed_demand(observation, &policy, &client);
	verdict_judge(&policy, observation, &settings, verdict);
	if (letter(verdict) != hosts[i].postfix[level])
		fail_msg("%s at %s: got %c (%s), Postfix %c", hosts[i].domain,
			level_name(levels[level]), letter(verdict), verdict->reason,
			hosts[i].postfix[level]);
	assert_non_null(verdict->reason);
}

static void test_matrix(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(hosts); i++)
		for (guint level = 0; level < G_N_ELEMENTS(levels); level++) {
			g_auto(verdict_t) verdict;

			judge(i, level, &verdict);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_matrix)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
