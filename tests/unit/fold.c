/* Folding long texts: no line is too long, nothing but blanks is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "output/fold.h"

static void places(void **state)
{
	static const struct {
		const char *text;
		guint width;
		const char *want;
	} cases[] = {
		{"", 10, ""},
		{"short", 10, "short"},
		{"just right", 10, "just right"},
		{"one two three", 10, "one two\nthree"},
		{"one  two", 5, "one\ntwo"},
		{"match=a.example:b.example", 20, "match=a.example:\nb.example"},
		/* A blank is better than a separator behind it. */
		{"see match=a:b", 12, "see\nmatch=a:b"},
		{"smtp_dns_support_level", 18, "smtp_dns_support_\nlevel"},
		{"mx.example.com", 8, "mx.\nexample.\ncom"},
		{"abcdefghij", 4, "abcd\nefgh\nij"},
		{"abc", 1, "a\nb\nc"},
		/* Characters, not bytes. */
		{"\u00fc\u00fc\u00fc", 2, "\u00fc\u00fc\n\u00fc"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = fold_text(cases[i].text, cases[i].width);

		assert_string_equal(got, cases[i].want);
	}
}

static void nothing_lost(void **state)
{
	const char *text =
		"level dane-only defers all mail here, because smtp_dns_support_level is "
		"not dnssec: set it in main.cf, or match=.google.com:.googlemail.com";

	(void)state;
	for (guint width = 1; width < 160; width++) {
		g_autofree char *got = fold_text(text, width);
		g_auto(GStrv) lines = g_strsplit(got, "\n", -1);
		const char *at = text;

		for (guint i = 0; lines[i]; i++) {
			assert_true(g_utf8_strlen(lines[i], -1) <= width);
			at += strspn(at, " ");
			assert_memory_equal(at, lines[i], strlen(lines[i]));
			at += strlen(lines[i]);
		}
		assert_string_equal(at, "");
	}
}

static void columns(void **state)
{
	static const struct {
		guint widths[3], least[3], width, want[3];
	} cases[] = {
		{{10, 20, 30}, {10, 5, 5}, 80, {10, 20, 30}}, /* it fits */
		{{10, 20, 30}, {10, 5, 5}, 64, {10, 20, 30}}, /* just so: 60 and two gaps */
		{{10, 20, 30}, {10, 5, 5}, 54, {10, 20, 20}}, /* the widest first */
		{{10, 20, 30}, {10, 5, 5}, 44, {10, 15, 15}}, /* then both */
		{{40, 20, 30}, {40, 5, 5}, 60, {40, 8, 8}}, /* the first stays, though the widest */
		{{40, 20, 30}, {40, 16, 16}, 40, {40, 16, 16}}, /* it cannot fit */
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint widths[3];

		memcpy(widths, cases[i].widths, sizeof(widths));
		fold_columns(widths, cases[i].least, 3, 2, cases[i].width);
		assert_memory_equal(widths, cases[i].want, sizeof(widths));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(nothing_lost),
		cmocka_unit_test(columns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
