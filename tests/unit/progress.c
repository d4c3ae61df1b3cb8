/* What the progress line says: counts, rate and time left, by arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "output/progress.h"

static void test_text(G_GNUC_UNUSED void **state)
{
	static const struct {
		guint64 done, total;
		gint64 seconds;
		const char *want;
	} table[] = {
		{0, 0, 1, "0 rows, 0 a second"},
		{999, 0, 1, "999 rows, 999 a second"},
		{1000, 0, 2, "1 000 rows, 500 a second"},
		{400000, 1000000, 2, "400 000 of 1 000 000 rows, 200 000 a second, 3 s left"},
		{1, 120, 1, "1 of 120 rows, 1 a second, 119 s left"},
		{1, 301, 1, "1 of 301 rows, 1 a second, 5 min left"},
		{1000010, 1000000, 5, "1 000 010 rows, 200 002 a second"},
		{12003004, 0, 1, "12 003 004 rows, 12 003 004 a second"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *text = progress_text(
			"rows", table[i].done, table[i].total, table[i].seconds * G_USEC_PER_SEC);

		assert_string_equal(text, table[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_text)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
