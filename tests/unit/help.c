/* Help is made from the tables: folded, nothing left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/describe.h"
#include "cli/help.h"

static const char *const choices[] = {"table", "json", NULL};
static const char *const all[] = {"all", NULL};
static const struct option own_options[] = {
	{"note", 'n', OPTION_STRING, 0, "TEXT", "a note for people"},
	{"a-very-long-option-name", 0, OPTION_STRING, 0, "VALUE", "pushed to the next line"},
	{"format", 0, OPTION_CHOICE, 0, "FORMAT", "how rows are printed", choices, .preset = 1},
	{"prune", 0, OPTION_OPTIONAL, 0, "all", "remove the others", all},
	{"max-change", 0, OPTION_PERCENT, 0, "N%", "refuse more", .preset = 30},
	{"level", 'l', OPTION_STRINGS, 0, "LEVEL", "only these"},
	{"hidden", 0, OPTION_FLAG, 0, NULL, NULL},
	{NULL},
};
static const struct option common_options[] = {
	{"help", 'h', OPTION_FLAG, 0, NULL, "show this help"},
	{NULL},
};
static const struct option_group own = {NULL, BASE_COMMAND, own_options};
static const struct option_group common = {"General", BASE_SHARED, common_options, .common = TRUE};
static const struct command command = {
	.name = "add",
	.alias = "a",
	.group = "Policies",
	.summary = "store a policy",
	.description = "One paragraph whose words\nare folded anew at the width that there is.\n"
		       "\n"
		       "  kept   as it is\n"
		       "term   also kept\n",
	.operands = (const struct operand[]){{"KEY"}, {"LEVEL", .optional = TRUE},
		{"ATTR=VALUE", .optional = TRUE, .many = TRUE}, {NULL}},
	.groups = (const struct option_group *const[]){&own, &common, NULL},
	.examples = (const struct example[]){{"tlspol add x may", "why not"}, {NULL}},
	.statuses = (const int[]){0, 1, -1},
};
static const struct command hidden = {.name = "__x", .summary = "secret", .hidden = TRUE};
static const struct command program = {
	.name = "tlspol",
	.summary = "policies",
	.description = "The end.",
	.groups = (const struct option_group *const[]){&common, NULL},
	.program = TRUE,
};

static void one_command(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);

	(void)state;
	help_command(&command, text, 60, FALSE);
	assert_string_equal(text->str,
		"usage: tlspol add [OPTION…] KEY [LEVEL] [ATTR=VALUE…]\n"
		"\n"
		"Store a policy.\n"
		"Also called a.\n"
		"\n"
		"One paragraph whose words are folded anew at the width that\n"
		"there is.\n"
		"\n"
		"  kept   as it is\n"
		"term   also kept\n"
		"\n"
		"Options\n"
		"  -n, --note TEXT           a note for people\n"
		"      --a-very-long-option-name VALUE\n"
		"                            pushed to the next line\n"
		"      --format FORMAT       how rows are printed: table,\n"
		"                            json (default json)\n"
		"      --prune[=all]         remove the others\n"
		"      --max-change N%       refuse more (default 30%)\n"
		"  -l, --level LEVEL         only these; can be given several\n"
		"                            times\n"
		"\n"
		"General options ('tlspol help' explains them)\n"
		"  --help\n"
		"\n"
		"Examples\n"
		"  tlspol add x may\n"
		"      why not\n"
		"\n"
		"Exit status\n"
		"    0  done, nothing to report\n"
		"    1  the answer is no: differences, findings, not found\n");
}

static void the_program(void **state)
{
	static const struct command *const list[] = {&command, &hidden, NULL};
	g_autoptr(GString) text = g_string_new(NULL);

	(void)state;
	help_program(&program, list, text, 60, FALSE);
	assert_string_equal(text->str, "tlspol: policies\n"
				       "\n"
				       "usage: tlspol [OPTION…] \n"
				       "\n"
				       "Policies\n"
				       "  add         store a policy\n"
				       "\n"
				       "General options\n"
				       "  -h, --help                show this help\n"
				       "\n"
				       "The end.\n");
}

/* No line is longer than the width, whatever it is, but for single long words. */
static void widths(void **state)
{
	(void)state;
	for (guint width = 40; width <= 100; width++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_auto(GStrv) lines = NULL;

		help_command(&command, text, width, FALSE);
		lines = g_strsplit(text->str, "\n", -1);
		for (guint i = 0; lines[i]; i++) {
			if (g_utf8_strlen(lines[i], -1) > width)
				assert_non_null(strstr(lines[i], "'tlspol help' explains"));
		}
	}
}

static void synopsis(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);

	(void)state;
	describe_mdoc(&command, text);
	assert_string_equal(text->str, ".Nm tlspol Cm add\n"
				       ".Op Fl -note Ar TEXT\n"
				       ".Op Fl -a-very-long-option-name Ar VALUE\n"
				       ".Op Fl -format Ar FORMAT\n"
				       ".Op Fl -prune Ns Op = Ns Ar all\n"
				       ".Op Fl -max-change Ar N%\n"
				       ".Op Fl -level Ar LEVEL\n"
				       ".Op Ar common-option ...\n"
				       ".Ar KEY\n"
				       ".Op Ar LEVEL\n"
				       ".Op Ar ATTR=VALUE ...\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_command),
		cmocka_unit_test(the_program),
		cmocka_unit_test(widths),
		cmocka_unit_test(synopsis),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
