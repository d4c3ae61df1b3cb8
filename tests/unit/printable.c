#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/printable.h"

/* `max` 0: no limit. The ellipsis is three bytes of UTF-8. */
static const struct {
	struct text text;
	gsize max;
	const char *shown;
} cases[] = {
#define T(s) TEXT_LITERAL(s)
	{T(""), 0, ""},
	{T("plain ~"), 0, "plain ~"},
	{T("schön €"), 0, "schön €"},
	{T("\x1b[31m\x7f\t\n"), 0, "\\x1B[31m\\x7F\\x09\\x0A"},
	{T("a\0b"), 0, "a\\x00b"},
	{T("\xc3"), 0, "\\xC3"},
	{T("\xff\xc3\xa9"), 0, "\\xFFé"},
	{T("\xc0\x80"), 0, "\\xC0\\x80"},	   /* overlong */
	{T("\xed\xa0\x80"), 0, "\\xED\\xA0\\x80"}, /* a surrogate */
	{T("\xc2\x85"), 0, "\\xC2\\x85"},	   /* C1 control */
	{T("\xe2\x80\xae"), 0, "\\xE2\\x80\\xAE"}, /* right-to-left override */
	{T("abcdef"), 6, "abcdef"},
	{T("abcdefg"), 6, "abc…"},
	{T("ab€€"), 8, "ab€€"},
	{T("ab€€"), 7, "ab…"},
	{T("abcd€"), 6, "abc…"},
	{T("abc\x01"), 7, "abc\\x01"},
	{T("abc\x01"), 6, "abc…"},
	{T("abcd\x01zz"), 8, "abcd…"},
	{T("abcd"), 3, "…"},
#undef T
};

static void shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *exact = g_memdup2(cases[i].text.at, MAX(cases[i].text.len, 1));
		struct text text = {exact, cases[i].text.len};
		g_autofree char *got =
			cases[i].max ? printable_short(text, cases[i].max) : printable(text);

		assert_string_equal(got, cases[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
