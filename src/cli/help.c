#include "cli/help.h"

#include "core/error.h"

/* Where the explanations of options start; longer options push theirs to the next line. */
#define OPTION_COLUMN 28

struct page {
	GString *to;
	guint width;
	gboolean colour;
};

/* -- folding ------------------------------------------------------------------------------- */

static void pad(GString *to, guint columns)
{
	while (columns--)
		g_string_append_c(to, ' ');
}

/*
 * Appends words with blanks or line ends between them, the next line indented. `column` is
 * where the first word stands already.
 */
static void fold(struct page *page, const char *words, guint column, guint indent)
{
	g_auto(GStrv) list = g_strsplit_set(words, " \n", -1);
	gboolean first = TRUE;

	for (char **word = list; *word; word++) {
		guint letters = (guint)g_utf8_strlen(*word, -1);

		if (!letters)
			continue;
		if (!first && column + 1 + letters > page->width) {
			g_string_append_c(page->to, '\n');
			pad(page->to, indent);
			column = indent;
		} else if (!first) {
			g_string_append_c(page->to, ' ');
			column++;
		}
		g_string_append(page->to, *word);
		column += letters;
		first = FALSE;
	}
	g_string_append_c(page->to, '\n');
}

/*
 * Paragraphs are folded anew; lines that start with a blank or have two in a row (lists of terms)
 * stay as they are.
 */
static void fold_paragraphs(struct page *page, const char *text)
{
	g_autofree char *trimmed = g_strchomp(g_strdup(text));
	g_auto(GStrv) lines = g_strsplit(trimmed, "\n", -1);
	g_autoptr(GString) paragraph = g_string_new(NULL);

	for (char **line = lines;; line++) {
		gboolean verbatim = *line && (**line == ' ' || strstr(*line, "  "));
		gboolean ends = !*line || !**line || verbatim;

		if (ends && paragraph->len) {
			fold(page, paragraph->str, 0, 0);
			g_string_truncate(paragraph, 0);
		}
		if (!*line)
			break;
		if (ends)
			g_string_append_printf(page->to, "%s\n", *line);
		else
			g_string_append_printf(paragraph, "%s ", *line);
	}
}

static void heading(struct page *page, const char *title, const char *more)
{
	g_string_append(page->to, page->colour ? "\n\033[1m" : "\n");
	g_string_append_printf(page->to, "%s%s", title, more);
	g_string_append(page->to, page->colour ? "\033[0m\n" : "\n");
}

/* -- options ------------------------------------------------------------------------------- */

/* "KEY LEVEL [ATTR=VALUE…]" */
static void append_operands(const struct command *command, GString *to)
{
	for (const struct operand *o = command->operands; o && o->metavar; o++) {
		g_string_append_printf(to, "%s%s%s%s%s", o == command->operands ? "" : " ",
			o->optional ? "[" : "", o->metavar, o->many ? "…" : "",
			o->optional ? "]" : "");
	}
}

/* "--format FORMAT", "--prune[=all]" */
static void append_option(const struct option *option, GString *to)
{
	g_string_append_printf(to, "--%s", option->name);
	if (!option->metavar)
		return;
	g_string_append_printf(
		to, option->kind == OPTION_OPTIONAL ? "[=%s]" : " %s", option->metavar);
}

/* "how rows are printed: table, json, yaml, csv, tsv (default table)" */
static void append_explanation(const struct option *option, GString *to)
{
	g_string_append(to, option->help);
	/* A single one is the metavar. */
	for (guint i = 0; option->choices && option->choices[1] && option->choices[i]; i++)
		g_string_append_printf(to, "%s%s", i ? ", " : ": ", option->choices[i]);
	if (option->kind == OPTION_STRINGS)
		g_string_append(to, "; can be given several times");
	if (option->kind == OPTION_CHOICE)
		g_string_append_printf(to, " (default %s)", option->choices[option->preset]);
	else if (option->kind == OPTION_NUMBER && option->preset)
		g_string_append_printf(to, " (default %d)", option->preset);
	else if (option->kind == OPTION_PERCENT)
		g_string_append_printf(to, " (default %d%%)", option->preset);
}

static void put_option(struct page *page, const struct option *option)
{
	g_autoptr(GString) left = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	guint column;

	if (option->letter)
		g_string_append_printf(left, "  -%c, ", option->letter);
	else
		g_string_append(left, "      ");
	append_option(option, left);
	append_explanation(option, text);
	column = (guint)g_utf8_strlen(left->str, -1);
	g_string_append(page->to, left->str);
	if (column + 2 > OPTION_COLUMN) {
		g_string_append_c(page->to, '\n');
		column = 0;
	}
	pad(page->to, OPTION_COLUMN - column);
	fold(page, text->str, OPTION_COLUMN, OPTION_COLUMN);
}

/* The names alone: `tlspol help` explains them once for all commands. */
static void put_names(struct page *page, const struct option_group *group)
{
	g_autoptr(GString) words = g_string_new(NULL);

	for (const struct option *o = group->options; o->name; o++) {
		if (!o->help)
			continue;
		if (words->len)
			g_string_append(words, ", ");
		append_option(o, words);
	}
	pad(page->to, 2);
	fold(page, words->str, 2, 2);
}

static void put_groups(struct page *page, const struct command *command)
{
	for (const struct option_group *const *g = command->groups; g && *g; g++) {
		const struct option_group *group = *g;
		gboolean names = group->common && !command->program;

		if (!group->options->name)
			continue;
		/* Two groups of the same title read as one. */
		if (g == command->groups || g_strcmp0(group->title, g[-1]->title) != 0)
			heading(page, group->title ? group->title : "Options",
				!group->title ? ""
				: names	      ? " options ('tlspol help' explains them)"
					      : " options");
		if (names)
			put_names(page, group);
		for (const struct option *o = group->options; o->name && !names; o++) {
			if (o->help)
				put_option(page, o);
		}
	}
}

/* -- one command --------------------------------------------------------------------------- */

static void put_usage(struct page *page, const struct command *command)
{
	g_autoptr(GString) words = g_string_new(NULL);

	g_string_append_printf(words, "tlspol %s [OPTION…] ", command->name);
	append_operands(command, words);
	g_string_append(page->to, "usage: ");
	fold(page, words->str, strlen("usage: "), strlen("usage: tlspol "));
}

static void put_examples(struct page *page, const struct command *command)
{
	if (!command->examples)
		return;
	heading(page, "Examples", "");
	for (const struct example *example = command->examples; example->line; example++) {
		g_string_append_printf(page->to, "  %s\n", example->line);
		if (!example->why)
			continue;
		pad(page->to, 6);
		fold(page, example->why, 6, 6);
	}
}

static void put_statuses(struct page *page, const struct command *command)
{
	if (!command->statuses)
		return;
	heading(page, "Exit status", "");
	for (const int *status = command->statuses; *status >= 0; status++) {
		g_string_append_printf(page->to, "  %3d  ", *status);
		fold(page, status_meaning(*status), 7, 7);
	}
}

void help_command(const struct command *command, GString *to, guint width, gboolean colour)
{
	struct page page = {to, width, colour};

	put_usage(&page, command);
	g_string_append_c(to, '\n');
	g_string_append_c(to, g_ascii_toupper(command->summary[0]));
	g_string_append_printf(to, "%s.\n", command->summary + 1);
	if (command->alias)
		g_string_append_printf(to, "Also called %s.\n", command->alias);
	if (command->description) {
		g_string_append_c(to, '\n');
		fold_paragraphs(&page, command->description);
	}
	put_groups(&page, command);
	put_examples(&page, command);
	put_statuses(&page, command);
}

/* -- the program --------------------------------------------------------------------------- */

static void put_command_group(struct page *page, command_list commands, const char *group)
{
	heading(page, group, "");
	for (; *commands; commands++) {
		if ((*commands)->hidden || !g_str_equal((*commands)->group, group))
			continue;
		g_string_append_printf(page->to, "  %-11s ", (*commands)->name);
		fold(page, (*commands)->summary, 14, 14);
	}
}

void help_program(const struct command *program, command_list commands, GString *to, guint width,
	gboolean colour)
{
	struct page page = {to, width, colour};
	g_autoptr(GPtrArray) done = g_ptr_array_new();

	g_string_append_printf(to, "%s: %s\n\nusage: %s [OPTION…] ", program->name,
		program->summary, program->name);
	append_operands(program, to);
	g_string_append_c(to, '\n');
	for (command_list command = commands; *command; command++) {
		const char *group = (*command)->group;

		if ((*command)->hidden ||
			g_ptr_array_find_with_equal_func(done, group, g_str_equal, NULL))
			continue;
		g_ptr_array_add(done, (gpointer)group);
		put_command_group(&page, commands, group);
	}
	put_groups(&page, program);
	g_string_append_c(to, '\n');
	fold_paragraphs(&page, program->description);
}
