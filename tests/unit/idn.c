/*
 * IDNA: A-labels from RFC 3492 (section 7.1), RFC 5891 to 5894 and the Unicode FAQ's deviation
 * table; contextual rules from RFC 5892 appendix A; right-to-left labels from RFC 5893; folded
 * forms from what a real Postfix asked for (facts 1.3).
 */
#include <locale.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/error.h"
#include "net/idn.h"

static const struct {
	const char *typed, *key, *unicode; /* NULL: none */
} cases[] = {
	/* ASCII: folded, whatever it is */
	{"example.com", "example.com", NULL},
	{"Example.COM", "example.com", NULL},
	{"[MX.example.com]:587", "[mx.example.com]:587", NULL},
	{".Example.com", ".example.com", NULL},
	{"[IPv6:2001:DB8::1]:25", "[ipv6:2001:db8::1]:25", NULL},
	{"host.example:", "host.example:", NULL},
	{"*.Example.com", "*.example.com", NULL},
	{"a..b-", "a..b-", NULL},
	{"a_b.example.", "a_b.example.", NULL},
	{"", "", NULL},
	{"/var/run/LMTP", "/var/run/lmtp", NULL},
	{"/var/run/B\u00dcCHER", "/var/run/b\u00fccher", NULL},
	/* U-labels and where they stand */
	{"b\u00fccher.example", "xn--bcher-kva.example", "b\u00fccher.example"},
	{"B\u00dcCHER.Example", "xn--bcher-kva.example", "b\u00fccher.example"},
	{"bu\u0308cher.example", "xn--bcher-kva.example", "b\u00fccher.example"},
	{"xn--bcher-kva.example", "xn--bcher-kva.example", "b\u00fccher.example"},
	{"XN--Bcher-KVA.example", "xn--bcher-kva.example", "b\u00fccher.example"},
	{".b\u00fccher.example", ".xn--bcher-kva.example", ".b\u00fccher.example"},
	{"[mx.b\u00fccher.example]:submission", "[mx.xn--bcher-kva.example]:submission",
		"[mx.b\u00fccher.example]:submission"},
	{"b\u00fccher.example:25", "xn--bcher-kva.example:25", "b\u00fccher.example:25"},
	{"*.b\u00fccher.example", "*.xn--bcher-kva.example", "*.b\u00fccher.example"},
	{"user@b\u00fccher.example", "user@xn--bcher-kva.example", "user@b\u00fccher.example"},
	{"b\u00fccher.b\u00fccher", "xn--bcher-kva.xn--bcher-kva", "b\u00fccher.b\u00fccher"},
	/* deviations: IDNA 2008 keeps them, folding does not */
	{"\u03b2\u03cc\u03bb\u03bf\u03c2.com", "xn--nxasmm1c.com",
		"\u03b2\u03cc\u03bb\u03bf\u03c3.com"},
	{"fa\u00df.de", "xn--fa-hia.de", NULL /* an error, below */},
	{"FA\u1e9e.de", "xn--fa-hia.de", NULL},
	{"\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com", "xn--mgba3gch31f060k.com",
		"\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com"},
	/* RFC 3492, 7.1: Arabic, Chinese, Hebrew, Hindi, Russian */
	{"\u0644\u064a\u0647\u0645\u0627\u0628\u062a\u0643\u0644\u0645\u0648\u0634\u0639\u0631"
	 "\u0628"
	 "\u064a\u061f",
		NULL, NULL}, /* ends in a question mark: not IDNA 2008 */
	{"\u4ed6\u4eec\u4e3a\u4ec0\u4e48\u4e0d\u8bf4\u4e2d\u6587", "xn--ihqwcrb4cv8a8dqg056pqjye",
		"\u4ed6\u4eec\u4e3a\u4ec0\u4e48\u4e0d\u8bf4\u4e2d\u6587"},
	{"\u043f\u043e\u0447\u0435\u043c\u0443\u0436\u0435\u043e\u043d\u0438\u043d\u0435\u0433"
	 "\u043e"
	 "\u0432\u043e\u0440\u044f\u0442\u043f\u043e\u0440\u0443\u0441\u0441\u043a\u0438",
		"xn--b1abfaaepdrnnbgefbadotcwatmq2g4l",
		"\u043f\u043e\u0447\u0435\u043c\u0443\u0436\u0435\u043e\u043d\u0438\u043d\u0435"
		"\u0433"
		"\u043e\u0432\u043e\u0440\u044f\u0442\u043f\u043e\u0440\u0443\u0441\u0441\u043a"
		"\u0438"},
	/* RFC 5892, A.3 middle dot, A.7 katakana middle dot, A.2 joiner after a virama */
	{"l\u00b7l", "xn--ll-0ea", "l\u00b7l"},
	{"\u3042\u30fb\u3044", "xn--l8je26c", "\u3042\u30fb\u3044"},
	{"\u0915\u094d\u200d\u0937", "xn--11b2ezcw70k", "\u0915\u094d\u200d\u0937"},
	/* an A-label is taken at its word */
	{"xn--i-7iq.ws", "xn--i-7iq.ws", "i\u2764.ws"},
	/* not IDNA 2008 */
	{"\u2764.ws", NULL, NULL},
	{"a_\u00fc.example", NULL, NULL},
	{"-\u00fc.example", NULL, NULL},
	{"\u00fc-.example", NULL, NULL},
	{"\u00fcx--y.example", NULL, NULL},
	{"a\u200db.example", NULL, NULL},
	{"a\u00b7b.example", NULL, NULL},
	{"a\u30fbb.example", NULL, NULL},
	{"\u0301a.example", NULL, NULL},
	{"\u05d0a.example", NULL, NULL}, /* RFC 5893, 2: right to left with a Latin letter */
	{"1\u05d0.example", NULL, NULL}, /* begins with a digit */
	{"\u05d07\u0667\u05ea.example", NULL, NULL}, /* both kinds of digits */
	{"\uff41\u00fc.example", NULL, NULL},
	{"x\u3002example", NULL, NULL},
	{"b\u00fc\tcher", "xn--b-eha\tcher", "b\u00fc\tcher"}, /* the rules refuse the tab */
	{"xn--123456.example", NULL, NULL},
	{"xn--.example", NULL, NULL},
	{"xn--\u00fc.example", NULL, NULL},
	{"\u00fc1234567890123456789012345678901234567890123456789012345678", NULL, NULL},
	{"b\xfc"
	 "cher.example",
		NULL, NULL},
};

static void test_key(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *key = idn_key(text_of(cases[i].typed), &error);

		print_message("# %s\n", cases[i].typed);
		assert_true(text_equal(text_of(key), text_of(cases[i].key)));
		assert_int_equal(error == NULL, key != NULL);
		if (error) {
			assert_int_equal(error->code, STATUS_DATA);
			assert_true(g_utf8_validate(error->message, -1, NULL));
		}
	}
}

static void test_key_unicode(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *unicode = idn_key_unicode(text_of(cases[i].typed), NULL);

		print_message("# %s\n", cases[i].typed);
		assert_true(text_equal(text_of(unicode), text_of(cases[i].unicode)));
	}
}

/* Postfix asks for strasse.example when mail goes to straße.example (facts 1.3). */
static void test_another_domain(void **state)
{
	static const char *const typed[] = {
		"stra\u00dfe.example", "STRA\u1e9eE.example", "xn--strae-oqa.example"};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(typed); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *key = idn_key(text_of(typed[i]), NULL);

		assert_string_equal(key, "xn--strae-oqa.example");
		assert_null(idn_key_unicode(text_of(typed[i]), &error));
		assert_int_equal(error->code, STATUS_DATA);
		assert_non_null(strstr(error->message, "strasse.example"));
	}
}

static void test_messages(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(idn_key(TEXT_LITERAL("mx.\u2764.ws"), &error));
	assert_non_null(strstr(error->message, "mx.\u2764.ws: \"\u2764\" "));
	g_clear_error(&error);
	assert_null(idn_key(TEXT_LITERAL("a\0b"), &error));
	assert_int_equal(error->code, STATUS_DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_key_unicode),
		cmocka_unit_test(test_another_domain),
		cmocka_unit_test(test_messages),
	};

	setlocale(LC_ALL, "");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
