/*
 * Keys: what Postfix asks for and what it never asks for (facts 1.1 to 1.4, 10.5), its host name
 * test (valid_hostname's own reference cases), case folding (Unicode's CaseFolding.txt, C + F).
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/key.h"

#define LABEL63 "123456789012345678901234567890123456789012345678901234567890abc"
#define LABEL62 "12345678901234567890123456789012345678901234567890123456789012"
#define NAME255 LABEL63 "." LABEL63 "." LABEL63 "." LABEL63

static const struct {
	const char *text;
	enum key_form form;
	const char *host, *port;
} fine[] = {
	{"mail.example.com", KEY_DOMAIN, "mail.example.com", NULL},
	{"localhost", KEY_DOMAIN, "localhost", NULL},
	{"a_b.example", KEY_DOMAIN, "a_b.example", NULL},
	{"1.f2.3.4", KEY_DOMAIN, "1.f2.3.4", NULL},
	{"xn--bcher-kva.example", KEY_DOMAIN, "xn--bcher-kva.example", NULL},
	{"b\xc3\xbc"
	 "cher.example",
		KEY_DOMAIN,
		"b\xc3\xbc"
		"cher.example",
		NULL},
	{".example.com", KEY_PARENT, "example.com", NULL},
	{".com", KEY_PARENT, "com", NULL},
	{"example.com:587", KEY_DOMAIN_PORT, "example.com", "587"},
	{"example.com:submission", KEY_DOMAIN_PORT, "example.com", "submission"},
	{"example.com:", KEY_DOMAIN_PORT, "example.com", ""},
	{"[mx.example.com]", KEY_BRACKETED, "mx.example.com", NULL},
	{"[mx.example.com]:587", KEY_BRACKETED_PORT, "mx.example.com", "587"},
	{"[mx.example.com]:", KEY_BRACKETED_PORT, "mx.example.com", ""},
	{"[mx.example.com]:smtp", KEY_BRACKETED_PORT, "mx.example.com", "smtp"},
	{"[mx.example.com]:65535", KEY_BRACKETED_PORT, "mx.example.com", "65535"},
	{"192.0.2.1", KEY_ADDRESS, "192.0.2.1", NULL},
	{"192.0.2.1:25", KEY_ADDRESS_PORT, "192.0.2.1", "25"},
	{"0.0.0.0", KEY_ADDRESS, "0.0.0.0", NULL},
	{"010.1.1.1", KEY_ADDRESS, "010.1.1.1", NULL},
	{"host:00000000025", KEY_DOMAIN_PORT, "host", "00000000025"},
	{"[192.0.2.1]", KEY_LITERAL, "192.0.2.1", NULL},
	{"[192.0.2.1]:25", KEY_LITERAL_PORT, "192.0.2.1", "25"},
	{"[2001:db8::1]", KEY_LITERAL, "2001:db8::1", NULL},
	{"[2001:db8:0:0::1]:587", KEY_LITERAL_PORT, "2001:db8:0:0::1", "587"},
	{"[ipv6:2001:db8::1]", KEY_LITERAL, "2001:db8::1", NULL},
	{"[ipv6:2001:db8::1]:25", KEY_LITERAL_PORT, "2001:db8::1", "25"},
	{"/var/run/dovecot/lmtp", KEY_PATH, NULL, NULL},
	{"private/dovecot-lmtp", KEY_PATH, NULL, NULL},
};

static void test_fine(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(fine); i++) {
		struct key key;

		print_message("# %s\n", fine[i].text);
		key_parse(text_of(fine[i].text), &key);
		assert_int_equal(key.fault, KEY_FINE);
		assert_int_equal(key.form, fine[i].form);
		assert_true(text_equal(key.text, text_of(fine[i].text)));
		assert_true(text_equal(key.host, text_of(fine[i].host)));
		assert_true(text_equal(key.port, text_of(fine[i].port)));
		assert_int_equal(key.u_label, !g_str_is_ascii(fine[i].text));
		assert_null(key_meant(&key));
	}
}

static const struct {
	const char *text;
	enum key_fault fault;
	const char *meant;
} faulty[] = {
	{"", KEY_EMPTY, NULL},
	{"*", KEY_WILDCARD, NULL},
	{".", KEY_WILDCARD, NULL},
	{"*.w1.d", KEY_WILDCARD, ".w1.d"},
	{"*.W1.d", KEY_WILDCARD, ".w1.d"},
	{"mail*.example.com", KEY_WILDCARD, NULL},
	{"@k11.d", KEY_ADDRESS_SIGN, "k11.d"},
	{"user@k11.d", KEY_ADDRESS_SIGN, "k11.d"},
	{"*@k11.d", KEY_ADDRESS_SIGN, "k11.d"},
	{"\"a@b\"@k11.d", KEY_ADDRESS_SIGN, "k11.d"},
	{"user@[192.0.2.1]", KEY_ADDRESS_SIGN, "[192.0.2.1]"},
	{"@*.k11.d", KEY_ADDRESS_SIGN, ".k11.d"},
	{"user@", KEY_ADDRESS_SIGN, NULL},
	{"name.", KEY_TRAILING_DOT, "name"},
	{"[name.]", KEY_TRAILING_DOT, "[name]"},
	{"name.example.:25", KEY_TRAILING_DOT, "name.example:25"},
	{".name.", KEY_TRAILING_DOT, ".name"},
	{"host:0", KEY_BAD_PORT, "host"},
	{"[host]:65536", KEY_BAD_PORT, "[host]"},
	{"host:70000", KEY_BAD_PORT, "host"},
	{"host:99999999999999999999", KEY_BAD_PORT, "host"},
	{"hhh:1pp", KEY_BAD_PORT, "hhh"},
	{"host:25:x", KEY_BAD_PORT, NULL},
	{"host:-1", KEY_BAD_PORT, "host"},
	{"smtp:example.com", KEY_BAD_PORT, "example.com"},
	{"relay:[mx.example.com]:587", KEY_BAD_PORT, "[mx.example.com]:587"},
	{"inet:host:24", KEY_BAD_PORT, "host:24"},
	{"unix:/var/run/lmtp", KEY_BAD_PORT, "/var/run/lmtp"},
	{"https://example.com", KEY_BAD_PORT, "example.com"},
	{"smtp:*.example.com", KEY_WILDCARD, NULL},
	{"host:SMTP", KEY_NOT_FOLDED, "host:smtp"},
	{"K7.D", KEY_NOT_FOLDED, "k7.d"},
	{"[IPv6:2001:DB8::1]:25", KEY_NOT_FOLDED, "[ipv6:2001:db8::1]:25"},
	{"stra\xc3\x9f"
	 "e.example",
		KEY_NOT_FOLDED, "strasse.example"},
	{"2001:db8::1", KEY_BARE_IPV6, "[2001:db8::1]"},
	{"2001:DB8::1", KEY_BARE_IPV6, "[2001:db8::1]"},
	{"IPv6:2001:db8::1", KEY_BARE_IPV6, "[ipv6:2001:db8::1]"},
	{"[]", KEY_BAD_BRACKETS, NULL},
	{"[", KEY_BAD_BRACKETS, NULL},
	{"[name", KEY_BAD_BRACKETS, "[name]"},
	{"[2001:db8::1", KEY_BAD_BRACKETS, "[2001:db8::1]"},
	{"[name]x", KEY_BAD_BRACKETS, NULL},
	{"[ipv6:192.0.2.1]", KEY_BAD_BRACKETS, NULL},
	{"[.name]", KEY_BAD_NAME, NULL},
	{"name-.x", KEY_BAD_NAME, NULL},
	{"a..b", KEY_BAD_NAME, NULL},
	{"..a", KEY_BAD_NAME, NULL},
	{".example.com:25", KEY_BAD_NAME, NULL},
	{":25", KEY_BAD_NAME, NULL},
	{"1.2.3", KEY_BAD_NAME, NULL},
	{"192.0.2.321", KEY_BAD_NAME, NULL},
	{"0.1.2.3", KEY_BAD_NAME, NULL},
	{"1.2.3.4.5", KEY_BAD_NAME, NULL},
	{"192.0.2.1.", KEY_TRAILING_DOT, "192.0.2.1"},
	{"[1.2.3]", KEY_BAD_NAME, NULL},
	{"a\x01"
	 "b",
		KEY_BAD_NAME, NULL},
	{"a b-", KEY_BAD_NAME, NULL},
	{" example.com", KEY_BAD_NAME, "example.com"},
	{"example.com\r", KEY_BAD_NAME, "example.com"},
	{"/^example\\.com$/", KEY_BAD_NAME, NULL},
	{"/example/", KEY_BAD_NAME, NULL},
	{"a.example, b.example", KEY_LIST, NULL},
	{"k12a.d,k12.d", KEY_LIST, NULL},
	{"[a.example]:25 [B.example]:25", KEY_LIST, NULL},
	{"b\xfc"
	 "cher.example",
		KEY_NOT_UTF8, NULL},
	{NAME255 ".x", KEY_TOO_LONG, NULL},
};

static void test_faulty(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(faulty); i++) {
		struct key key;
		g_autofree char *meant = NULL;

		print_message("# %s\n", faulty[i].text);
		key_parse(text_of(faulty[i].text), &key);
		assert_int_equal(key.fault, faulty[i].fault);
		assert_int_equal(key.form, KEY_INVALID);
		meant = key_meant(&key);
		assert_true(text_equal(text_of(meant), text_of(faulty[i].meant)));
	}
}

static void test_nul_inside(void **state)
{
	struct key key;

	(void)state;
	key_parse(TEXT_LITERAL("a\0b"), &key);
	assert_int_equal(key.fault, KEY_BAD_NAME);
	assert_null(key_meant(&key));
}

static void test_slice_is_respected(void **state)
{
	struct key key;

	(void)state;
	key_parse((struct text){"[mx.example]:25000", 15}, &key);
	assert_int_equal(key.form, KEY_BRACKETED_PORT);
	assert_true(text_is(key.port, "25"));
}

static const struct {
	const char *name;
	gboolean ascii, utf8;
} hostnames[] = {
	{"a." LABEL63 ".b", TRUE, TRUE},
	{"a." LABEL63 "4.b", FALSE, FALSE},
	{NAME255, TRUE, TRUE},
	{NAME255 "x", FALSE, FALSE},
	{LABEL63 "." LABEL63 "." LABEL63 "." LABEL62 ".b", FALSE, FALSE}, /* 256 bytes */
	{"1.f2.3.4", TRUE, TRUE},
	{"a-a.b-b", TRUE, TRUE},
	{"a--b", TRUE, TRUE},
	{"_dmarc.example", TRUE, TRUE},
	{"1-1", TRUE, TRUE},
	{"", FALSE, FALSE},
	{".", FALSE, FALSE},
	{"a.", FALSE, FALSE},
	{".a", FALSE, FALSE},
	{"a..b", FALSE, FALSE},
	{"a.b.-", FALSE, FALSE},
	{"a.bb-.b", FALSE, FALSE},
	{"-.a.b", FALSE, FALSE},
	{"a.-.b", FALSE, FALSE},
	{"a.b.-bb", FALSE, FALSE},
	{"1.2.3.4", FALSE, FALSE},
	{"1.2.3", FALSE, FALSE},
	{"a b", FALSE, FALSE},
	{"a:b", FALSE, FALSE},
	{"b\xc3\xbc"
	 "cher.example",
		FALSE, TRUE},
	{"b\xfc"
	 "cher.example",
		FALSE, FALSE},
	{"b\xc3\xbc"
	 "cher-.example",
		FALSE, FALSE},
};

static void test_hostname(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(hostnames); i++) {
		print_message("# %s\n", hostnames[i].name);
		assert_int_equal(
			hostname_valid(text_of(hostnames[i].name), FALSE), hostnames[i].ascii);
		assert_int_equal(
			hostname_valid(text_of(hostnames[i].name), TRUE), hostnames[i].utf8);
	}
}

static const struct {
	gunichar from;
	const char *to;
} folds[] = {
	{'A', "a"}, {'[', "["}, {0x00C4, "\xc3\xa4"}, /* Ä */
	{0x00DF, "ss"},				      /* ß */
	{0x1E9E, "ss"},				      /* capital sharp s */
	{0x017F, "s"},				      /* long s */
	{0x0130, "i\xcc\x87"},	  /* capital i with dot: i, combining dot above */
	{0x0131, "\xc4\xb1"},	  /* dotless i stays */
	{0x03A3, "\xcf\x83"},	  /* Sigma */
	{0x03C2, "\xcf\x83"},	  /* final sigma */
	{0x00B5, "\xce\xbc"},	  /* micro sign: mu */
	{0x212A, "k"},		  /* Kelvin sign */
	{0xFB01, "fi"},		  /* ligature fi */
	{0x13A0, "\xe1\x8e\xa0"}, /* Cherokee folds to its capitals */
	{0xAB70, "\xe1\x8e\xa0"}, {0x13F8, "\xe1\x8f\xb0"},
	{0x10400, "\xf0\x90\x90\xa8"}, /* Deseret */
	{0x3002, "\xe3\x80\x82"},      /* an ideographic full stop is no dot here */
	{0xFF21, "\xef\xbd\x81"},      /* full-width A: folded, not normalised */
};

static void test_fold(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(folds); i++) {
		g_autoptr(GString) to = g_string_new("x");
		g_autofree char *expected = g_strconcat("x", folds[i].to, NULL);
		char from[6];
		gsize len = (gsize)g_unichar_to_utf8(folds[i].from, from);

		assert_true(key_fold(to, (struct text){from, len}));
		assert_string_equal(to->str, expected);
	}
}

static void test_fold_refuses_no_utf8(void **state)
{
	g_autoptr(GString) to = g_string_new("x");

	(void)state;
	assert_false(key_fold(to, TEXT_LITERAL("A\xff")));
	assert_string_equal(to->str, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_faulty),
		cmocka_unit_test(test_nul_inside),
		cmocka_unit_test(test_slice_is_respected),
		cmocka_unit_test(test_hostname),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_fold_refuses_no_utf8),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
