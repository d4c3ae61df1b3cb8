/* Which texts may stand plain in YAML: by the type rules of YAML 1.1 and 1.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/yaml_scalar.h"

static const char *const plain[] = {"a", "github.com", ".example.com", "dane-only", "4cable.tv",
	"xn--bcher-kva.example", "secure match=mx.google.com:.b.example", "a:b", "a#b",
	"/etc/x.pem", "a, b", "a{b}", "nope", "yesterday", "a|b", "secure { policy_string = x }",
	"a'b", "a\"b"};

/* What some reader takes for another type, or for YAML's own signs. */
static const char *const quoted[][2] = {
	{"", "\"\""}, {"no", "\"no\""}, {"Yes", "\"Yes\""}, {"y", "\"y\""}, {"ON", "\"ON\""},
	{"true", "\"true\""}, {"null", "\"null\""}, {"~", "\"~\""}, {"123", "\"123\""},
	{"0x1F", "\"0x1F\""}, {"0o17", "\"0o17\""}, {"1_000", "\"1_000\""}, {"1.5", "\"1.5\""},
	{"1e3", "\"1e3\""}, {".5", "\".5\""}, {".inf", "\".inf\""}, {".NaN", "\".NaN\""},
	{"-1", "\"-1\""}, {"+1", "\"+1\""},
	{"192.0.2.1", "\"192.0.2.1\""}, /* YAML 1.1: [-+]?([0-9][0-9_]*)?\.[0-9.]* */
	{"1:30", "\"1:30\""},		/* sexagesimal */
	{"2001-12-14", "\"2001-12-14\""},
	{"2001-12-14t21:59:43.10-05:00", "\"2001-12-14t21:59:43.10-05:00\""}, {"<<", "\"<<\""},
	{"=", "\"=\""}, {"---", "\"---\""}, {"...", "\"...\""}, {"- a", "\"- a\""},
	{"? a", "\"? a\""}, {"[a]", "\"[a]\""}, {"{a}", "\"{a}\""}, {"*a", "\"*a\""},
	{"&a", "\"&a\""}, {"!a", "\"!a\""}, {"|", "\"|\""}, {">", "\">\""}, {"%a", "\"%a\""},
	{"@a", "\"@a\""}, {"`a", "\"`a\""}, {"#a", "\"#a\""}, {"'a'", "\"'a'\""},
	{"\"a\"", "\"\\\"a\\\"\""}, {"a\\b", NULL}, {"a: b", "\"a: b\""}, {"a:", "\"a:\""},
	{"a #b", "\"a #b\""}, {" a", "\" a\""}, {"a ", "\"a \""}, {"a\tb", "\"a\\tb\""},
	{"a\nb", "\"a\\nb\""}, {"a\rb", "\"a\\rb\""}, {"a\x01", "\"a\\x01\""},
	{"a\x7f", "\"a\\x7F\""}, {"ü", "\"ü\""},
	{"\xC2\x85", "\"\\x85\""},		 /* NEL, a line break to YAML 1.1 */
	{"\xC2\xA0", NULL},			 /* no-break space: either way is right */
	{"\xE2\x80\xA8", "\"\\u2028\""},	 /* LS */
	{"\xEF\xBB\xBF", "\"\\uFEFF\""},	 /* byte order mark */
	{"\xF3\xA0\x80\x81", "\"\\U000E0001\""}, /* a tag character, not printable */
	{"\xF0\x9F\x90\xB4", "\"\xF0\x9F\x90\xB4\""}, {"a\xFC", "\"a\\uFFFD\""}, /* not UTF-8 */
};

static void test_plain(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(plain); i++) {
		g_autoptr(GString) text = g_string_new(NULL);

		yaml_scalar_append(text, text_of(plain[i]));
		assert_string_equal(text->str, plain[i]);
	}
}

static void test_quoted(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(quoted); i++) {
		g_autoptr(GString) text = g_string_new(NULL);

		yaml_scalar_append(text, text_of(quoted[i][0]));
		if (quoted[i][1])
			assert_string_equal(text->str, quoted[i][1]);
	}
}

static void test_nul(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);

	(void)state;
	yaml_scalar_append(text, TEXT_LITERAL("a\0b"));
	assert_string_equal(text->str, "\"a\\x00b\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_quoted),
		cmocka_unit_test(test_nul),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
