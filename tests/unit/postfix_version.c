#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "core/postfix_version.h"

/* Real mail_version strings, and what may be typed; 0 = refused. */
static const struct {
	const char *text;
	int version;
} cases[] = {
	{"3.7.11", 30711},
	{"3.7", 30700},
	{"3.4", 30400},
	{"3.4.0", 30400},
	{"3.12-20260821", 31200},
	{"3.11.6", 31106},
	{"3.10.14", 31014},
	{"3.9.0-RC1", 30900},
	{"3.3.22", 0},
	{"2.11.3", 0},
	{"3.13.0", 0},
	{"4.0", 0},
	{"3", 0},
	{"", 0},
	{"3.", 0},
	{"3.7.", 0},
	{"3.7.11 ", 0},
	{" 3.7", 0},
	{"3,7", 0},
	{"v3.7", 0},
	{"3.7.x", 0},
	{"3.7.1.1", 0},
	{"3.999999999999", 0},
	{"-3.7", 0},
};

static void parses(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		int version = 0;
		gboolean good = postfix_version_parse(cases[i].text, &version, &error);

		if (good != (cases[i].version != 0) || version != cases[i].version)
			fail_msg("\"%s\" gave %d", cases[i].text, version);
		assert_true(good == (error == NULL));
		if (error)
			assert_true(g_error_matches(error, TLSPOL_ERROR, STATUS_USAGE));
	}
}

static void formats(void **state)
{
	g_autofree char *old = postfix_version_format(POSTFIX_VERSION(3, 4, 0));
	g_autofree char *new = postfix_version_format(POSTFIX_VERSION(3, 11, 6));

	(void)state;
	assert_string_equal(old, "3.4.0");
	assert_string_equal(new, "3.11.6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(formats),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
