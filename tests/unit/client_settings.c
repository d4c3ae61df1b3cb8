#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/postfix_client.h"
#include "core/demand.h"
#include "core/error.h"
#include "core/postfix_version.h"

/* postconf -d of the installed 3.7.11, and the differences of facts 9. */
static void test_defaults(void **state)
{
	g_auto(client_settings_t) now, old;

	(void)state;
	client_settings_init(&now, POSTFIX_VERSION(3, 7, 11));
	assert_string_equal(now.security_level, "");
	assert_string_equal(now.dns_support_level, "");
	assert_string_equal(now.protocols, ">=TLSv1");
	assert_string_equal(now.mandatory_protocols, ">=TLSv1");
	assert_string_equal(now.secure_cert_match, "nexthop, dot-nexthop");
	assert_string_equal(now.dane_digests, "sha512 sha256");
	assert_int_equal(now.mx_address_limit, 5);
	assert_int_equal(now.mx_session_limit, 2);
	assert_int_equal(now.connect_timeout, 30);
	assert_int_equal(now.helo_timeout, 300);
	assert_int_equal(now.starttls_timeout, 300);
	assert_int_equal(client_digest_length(&now), 32);
	assert_true(now.skip_5xx_greeting);
	assert_false(now.wrappermode);
	assert_false(now.enforce_sts_mx_patterns);
	assert_int_equal(client_default_level(&now), LEVEL_NONE);
	assert_false(client_does_dane(&now));
	client_settings_init(&old, POSTFIX_VERSION(3, 5, 0));
	assert_string_equal(old.protocols, "!SSLv2, !SSLv3");
	assert_int_equal(client_digest_length(&old), 16);
}

static void test_values(void **state)
{
	static const struct {
		const char *parameter, *value;
		gboolean good;
	} cases[] = {
		{"smtp_helo_timeout", "30s", TRUE},
		{"smtp_helo_timeout", "2h", TRUE},
		{"smtp_helo_timeout", "45", TRUE},
		{"smtp_helo_timeout", "1y", FALSE},
		{"smtp_helo_timeout", "-1s", FALSE},
		{"smtp_helo_timeout", "99999999999999999999s", FALSE},
		{"smtp_tls_wrappermode", "YES", TRUE},
		{"smtp_tls_wrappermode", "true", FALSE},
		{"smtp_tls_security_level", "Encrypt", TRUE},
		{"smtp_tls_security_level", "must", FALSE},
		{"smtp_dns_support_level", "dnssec", TRUE},
		{"smtp_dns_support_level", "dane", FALSE},
		{"smtp_tls_dane_insecure_mx_policy", "encrypt", TRUE},
		{"smtp_tls_dane_insecure_mx_policy", "secure", FALSE},
		{"smtp_tls_policy_maps", "", FALSE},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_auto(client_settings_t) client;

		client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
		if (client_settings_set(&client, cases[i].parameter, cases[i].value, &error) !=
			cases[i].good)
			fail_msg("%s = %s", cases[i].parameter, cases[i].value);
		if (error) {
			assert_int_equal(error->code, STATUS_CONFIG);
			assert_non_null(strstr(error->message, cases[i].parameter));
		}
	}
}

static void test_times(void **state)
{
	g_auto(client_settings_t) client;

	(void)state;
	client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
	client_settings_set(&client, "smtp_helo_timeout", "2h", NULL);
	assert_int_equal(client.helo_timeout, 7200);
	client_settings_set(&client, "smtp_connect_timeout", "1m30s", NULL);
	assert_int_equal(client.connect_timeout, 90);
	client_settings_set(&client, "minimal_backoff_time", "1w", NULL);
	assert_int_equal(client.minimal_backoff_time, 604800);
	/* postconf prints nothing for what its version does not know, and for what is empty. */
	client_settings_set(&client, "smtp_helo_timeout", "", NULL);
	assert_int_equal(client.helo_timeout, 7200);
	client_settings_set(&client, "smtp_tls_protocols", "", NULL);
	assert_string_equal(client.protocols, "");
}

/* main.cf of one version for another: what it changes stays, the rest is the other's. */
static void test_other_version(void **state)
{
	g_auto(client_settings_t) installed, newer;

	(void)state;
	client_settings_init(&installed, POSTFIX_VERSION(3, 7, 11));
	client_settings_set(&installed, "smtp_tls_dane_insecure_mx_policy", "may", NULL);
	client_settings_set(&installed, "smtp_mx_address_limit", "9", NULL);
	client_settings_set(&installed, "smtp_tls_CAfile", "/ca.pem", NULL);
	client_settings_for_version(&newer, &installed, POSTFIX_VERSION(3, 11, 6));
	assert_int_equal(client_insecure_mx_level(&installed), LEVEL_MAY);
	assert_int_equal(client_insecure_mx_level(&newer), LEVEL_DANE);
	assert_int_equal(newer.mx_address_limit, 9);
	assert_string_equal(newer.ca_file, "/ca.pem");
	assert_true(newer.enforce_sts_mx_patterns);
	client_settings_release(&newer);
	/* Chosen by somebody, since it is not what the default comes to. */
	client_settings_set(&installed, "smtp_tls_dane_insecure_mx_policy", "encrypt", NULL);
	client_settings_for_version(&newer, &installed, POSTFIX_VERSION(3, 11, 6));
	assert_int_equal(client_insecure_mx_level(&newer), LEVEL_ENCRYPT);
}

/* The installed Postfix itself, where there is one. */
static void test_installed(void **state)
{
	g_auto(client_settings_t) client = {0};
	g_autoptr(GError) error = NULL;
	g_auto(postfix_t) postfix = {NULL};

	(void)state;
	postfix_init(&postfix, NULL);
	if (!postfix_installed(&postfix, NULL))
		skip();
	assert_true(postfix_client_settings(&postfix, 0, &client, &error));
	assert_true(client.from_postfix);
	assert_true(client.postfix_version >= POSTFIX_OLDEST);
	assert_true(client.mx_address_limit > 0);
	assert_true(*client.verify_cert_match != '\0');
}

static void test_nexthops(void **state)
{
	static const struct {
		const char *key, *domain;
		guint port;
		gboolean no_mx, is_address;
	} good[] = {
		{"example.com", "example.com", 25, FALSE, FALSE},
		{"example.com:587", "example.com", 587, FALSE, FALSE},
		{"example.com:", "example.com", 25, FALSE, FALSE},
		{"example.com:submission", "example.com", 587, FALSE, FALSE},
		{"[mx.example.com]", "mx.example.com", 25, TRUE, FALSE},
		{"[mx.example.com]:smtps", "mx.example.com", 465, TRUE, FALSE},
		{"[mx.example.com]:2525", "mx.example.com", 2525, TRUE, FALSE},
		{"192.0.2.1", "192.0.2.1", 25, TRUE, TRUE},
		{"192.0.2.1:26", "192.0.2.1", 26, TRUE, TRUE},
		{"[192.0.2.1]", "192.0.2.1", 25, TRUE, TRUE},
		{"[2001:db8::1]:587", "2001:db8::1", 587, TRUE, TRUE},
		{"[ipv6:2001:db8::1]", "2001:db8::1", 25, TRUE, TRUE},
		{"bücher.example", "xn--bcher-kva.example", 25, FALSE, FALSE},
	};
	static const char *const bad[] = {".example.com", "/var/run/lmtp", "private/lmtp", "*",
		"example.com:imaps", "2001:db8::1"};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
		g_auto(nexthop_t) nexthop;

		assert_true(nexthop_parse(text_of(good[i].key), &nexthop, NULL));
		assert_string_equal(nexthop.text, good[i].key);
		assert_string_equal(nexthop.domain, good[i].domain);
		assert_int_equal(nexthop.port, good[i].port);
		assert_int_equal(nexthop.no_mx, good[i].no_mx);
		assert_int_equal(nexthop.is_address, good[i].is_address);
	}
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		g_auto(nexthop_t) nexthop;

		if (nexthop_parse(text_of(bad[i]), &nexthop, &error))
			fail_msg("%s is no next-hop by itself", bad[i]);
		assert_int_equal(error->code, STATUS_DATA);
		assert_non_null(strstr(error->message, bad[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_other_version),
		cmocka_unit_test(test_installed),
		cmocka_unit_test(test_nexthops),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
