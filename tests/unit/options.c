/* Words on the command line become settings: tables of command lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/options.h"
#include "core/error.h"

struct shared {
	gboolean help, quiet;
	int colour;
};
struct settings {
	gboolean force;
	char *note, *prune, *how;
	GPtrArray *levels;
	guint port, change;
	int format;
};

static const char *const formats[] = {"table", "json", NULL};
static const char *const prunes[] = {"all", NULL};
static const char *const colours[] = {"auto", "always", "never", NULL};

static const struct option shared_options[] = {
	{"help", 'h', OPTION_FLAG, offsetof(struct shared, help), NULL, "help"},
	{"quiet", 'q', OPTION_FLAG, offsetof(struct shared, quiet), NULL, "quiet"},
	{"colour", 0, OPTION_CHOICE, offsetof(struct shared, colour), "WHEN", "c", colours},
	{NULL},
};
static const struct option own_options[] = {
	{"force", 'f', OPTION_FLAG, offsetof(struct settings, force), NULL, "force"},
	{"note", 'n', OPTION_STRING, offsetof(struct settings, note), "TEXT", "note"},
	{"prune", 0, OPTION_OPTIONAL, offsetof(struct settings, prune), "WHAT", "p", prunes},
	{"how", 0, OPTION_STRING, offsetof(struct settings, how), "HOW", "how", prunes},
	{"level", 'l', OPTION_STRINGS, offsetof(struct settings, levels), "LEVEL", "level"},
	{"port", 'P', OPTION_NUMBER, offsetof(struct settings, port), "PORT", "port", .preset = 25},
	{"max-change", 0, OPTION_PERCENT, offsetof(struct settings, change), "N", "max",
		.preset = 30},
	{"format", 0, OPTION_CHOICE, offsetof(struct settings, format), "F", "format", formats,
		.preset = 1},
	{NULL},
};
static const struct option_group own = {NULL, BASE_COMMAND, own_options};
static const struct option_group common = {"General", BASE_SHARED, shared_options};
static const struct option_group *const groups[] = {&own, &common, NULL};
static const struct operand operands[] = {
	{"KEY"}, {"LEVEL", .optional = TRUE}, {"ATTR", .optional = TRUE, .many = TRUE}, {NULL}};
static const struct command command = {.name = "set", .operands = operands, .groups = groups};
static const struct command program = {
	.name = "tlspol", .operands = operands, .groups = groups, .program = TRUE};

struct outcome {
	struct shared shared;
	struct settings settings;
	char **operands;
	int count;
	GError *error;
};

/* `line` is split at blanks. */
static void parse(const struct command *parsed, const char *line, struct outcome *outcome)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);

	*outcome = (struct outcome){{FALSE}};
	options_parse(parsed, (int)g_strv_length(words), words, &outcome->shared,
		&outcome->settings, &outcome->operands, &outcome->count, &outcome->error);
	if (!outcome->error)
		options_check_operands(parsed, outcome->operands, outcome->count, &outcome->error);
}

static void release(struct outcome *outcome)
{
	options_release(&command, BASE_COMMAND, &outcome->settings);
	options_release(&command, BASE_SHARED, &outcome->shared);
	g_strfreev(outcome->operands);
	g_clear_error(&outcome->error);
}

/* Everything that was understood, in one line. */
static char *render(const struct outcome *outcome)
{
	const struct settings *s = &outcome->settings;
	GString *to = g_string_new(NULL);

	if (s->force)
		g_string_append(to, "force ");
	if (outcome->shared.quiet)
		g_string_append(to, "quiet ");
	if (outcome->shared.colour)
		g_string_append_printf(to, "colour=%d ", outcome->shared.colour);
	if (s->note)
		g_string_append_printf(to, "note=%s ", s->note);
	if (s->how)
		g_string_append_printf(to, "how=%s ", s->how);
	if (s->prune)
		g_string_append_printf(to, "prune=%s ", s->prune);
	for (guint i = 0; s->levels && i < s->levels->len; i++)
		g_string_append_printf(to, "level=%s ", (char *)s->levels->pdata[i]);
	if (s->port != 25)
		g_string_append_printf(to, "port=%u ", s->port);
	if (s->change != 30)
		g_string_append_printf(to, "change=%u ", s->change);
	if (s->format != 1)
		g_string_append_printf(to, "format=%d ", s->format);
	g_string_append_c(to, '|');
	for (int i = 0; i < outcome->count; i++)
		g_string_append_printf(to, " %s", outcome->operands[i]);
	return g_string_free(to, FALSE);
}

static void understood(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{"set k", "| k"},
		{"set k may match=a:b", "| k may match=a:b"},
		{"set --force k", "force | k"},
		{"set k --force may", "force | k may"},
		{"set -fq k", "force quiet | k"},
		{"set -f -q k", "force quiet | k"},
		{"set --note text k", "note=text | k"},
		{"set --note=text k", "note=text | k"},
		{"set -n text k", "note=text | k"},
		{"set -fn text k", "force note=text | k"},
		{"set -ntext k", "note=text | k"},
		{"set -fntext k", "force note=text | k"},
		{"set --note= k", "note= | k"},
		{"set --note=a=b k", "note=a=b | k"},
		{"set --note --force k", "note=--force | k"},
		{"set -n -- k", "note=-- | k"},
		{"set --note one --note two k", "note=two | k"},
		{"set -l a --level=b k", "level=a level=b | k"},
		{"set --prune k", "prune= | k"},
		{"set --prune=all k", "prune=all | k"},
		{"set --prune all", "prune= | all"},
		{"set --port 587 k", "port=587 | k"},
		{"set --port 0 k", "port=0 | k"},
		{"set -P 2147483647 k", "port=2147483647 | k"},
		{"set --max-change 50% k", "change=50 | k"},
		{"set --max-change=100 k", "change=100 | k"},
		{"set --format table k", "format=0 | k"},
		{"set --how all k", "how=all | k"},
		{"set --colour never k", "colour=2 | k"},
		{"set -- --force", "| --force"},
		{"set k -- -n --", "| k -n --"},
		{"set -", "| -"},
		/* Bytes that are no UTF-8 stay as they are. */
		{"set --note=\xff\xfe k\xe9", "note=\xff\xfe | k\xe9"},
		{"set k \xc3\xa9=x", "| k \xc3\xa9=x"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct outcome outcome;
		g_autofree char *got = NULL;

		parse(&command, cases[i].line, &outcome);
		if (outcome.error)
			fail_msg("%s: %s", cases[i].line, outcome.error->message);
		got = render(&outcome);
		if (strcmp(got, cases[i].want))
			fail_msg("%s: %s, want %s", cases[i].line, got, cases[i].want);
		release(&outcome);
	}
}

static void refused(void **state)
{
	static const struct {
		const char *line, *part;
	} cases[] = {
		{"set --forse k", "unknown option '--forse', did you mean '--force'?"},
		{"set --frmat=json k", "unknown option '--frmat', did you mean '--format'?"},
		{"set --zzzzzzzz k", "unknown option '--zzzzzzzz'"},
		{"set -z k", "unknown option '-z'"},
		{"set -fz k", "unknown option '-z'"},
		{"set --force=yes k", "--force takes no value"},
		{"set k --note", "option --note needs a value: TEXT"},
		{"set k -n", "option -n needs a value: TEXT"},
		{"set k -fn", "option -n needs a value: TEXT"},
		{"set --port x k", "--port: 'x' is no number"},
		{"set --port -1 k", "--port: '-1' is no number"},
		{"set --port= k", "--port: '' is no number"},
		{"set --port 2147483648 k", "--port: '2147483648' is no number"},
		{"set --port 99999999999999999999 k", "is no number"},
		{"set --max-change 101% k", "--max-change: '101%' is no percentage"},
		{"set --max-change % k", "is no percentage"},
		{"set --format xml k", "--format: 'xml' is none of: table, json"},
		{"set --format JSON k", "is none of: table, json"},
		{"set --format= k", "--format: '' is none of"},
		{"set --prune=some k", "--prune: 'some' is none of: all"},
		{"set --how some k", "--how: 'some' is none of: all"},
		{"set", "KEY is missing"},
		{"set --force", "KEY is missing"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct outcome outcome;

		parse(&command, cases[i].line, &outcome);
		if (!outcome.error)
			fail_msg("%s: not refused", cases[i].line);
		assert_int_equal(outcome.error->code, STATUS_USAGE);
		if (!strstr(outcome.error->message, cases[i].part))
			fail_msg("%s: %s, want %s", cases[i].line, outcome.error->message,
				cases[i].part);
		release(&outcome);
	}
}

static void surplus_operand(void **state)
{
	static const struct operand one[] = {{"KEY"}, {NULL}};
	struct command narrow = command;
	struct outcome outcome;

	(void)state;
	narrow.operands = one;
	parse(&narrow, "show a b", &outcome);
	assert_non_null(outcome.error);
	assert_string_equal(outcome.error->message, "'b' is one word too many");
	release(&outcome);
	narrow.operands = NULL;
	parse(&narrow, "version x", &outcome);
	assert_string_equal(outcome.error->message, "'x' is one word too many");
	release(&outcome);
}

/* The first mistake is reported, and --help behind it is seen. */
static void help_behind_a_mistake(void **state)
{
	struct outcome outcome;

	(void)state;
	parse(&command, "set --port x --format y --help", &outcome);
	assert_true(outcome.shared.help);
	assert_non_null(strstr(outcome.error->message, "--port"));
	release(&outcome);
}

/* Options of the program end at the command; the command's may repeat them. */
static void before_the_command(void **state)
{
	struct outcome outcome;
	char **rest;
	int count;

	(void)state;
	parse(&program, "tlspol --quiet --colour always set -f --note x k", &outcome);
	assert_null(outcome.error);
	assert_true(outcome.shared.quiet);
	assert_false(outcome.settings.force);
	assert_int_equal(outcome.count, 5);
	assert_string_equal(outcome.operands[0], "set");
	assert_true(options_parse(&command, outcome.count, outcome.operands, &outcome.shared,
		&outcome.settings, &rest, &count, NULL));
	assert_true(outcome.settings.force);
	assert_int_equal(outcome.shared.colour, 1); /* not preset again */
	assert_int_equal(count, 1);
	g_strfreev(rest);
	release(&outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(understood),
		cmocka_unit_test(refused),
		cmocka_unit_test(surplus_operand),
		cmocka_unit_test(help_behind_a_mistake),
		cmocka_unit_test(before_the_command),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
