#include "files/file_problem.h"

#include <string.h>

/* More than anybody reads; the rest is counted. */
#define PROBLEMS_MAX 1000
/* Bytes of one problem's text; a key may be longer. */
#define PROBLEM_TEXT_MAX 1500

void file_problem_free(struct file_problem *problem)
{
	if (!problem)
		return;
	g_free(problem->file);
	g_free(problem->text);
	g_free(problem);
}

static struct file_problem *problem_new(
	gboolean warning, const char *file, guint line, guint column, char *text)
{
	struct file_problem *problem = g_new0(struct file_problem, 1);

	problem->file = g_strdup(file);
	problem->line = line;
	problem->column = column;
	problem->warning = warning;
	problem->text = text;
	return problem;
}

/* The last problem of a full list counts those that are not in it. */
static void count_further(GPtrArray *problems, gboolean warning, const char *file)
{
	struct file_problem *last;

	if (problems->len == PROBLEMS_MAX)
		g_ptr_array_add(problems, problem_new(TRUE, file, 0, 0, NULL));
	last = g_ptr_array_index(problems, PROBLEMS_MAX);
	last->further++;
	last->warning = last->warning && warning;
	g_free(last->text);
	last->text = g_strdup_printf("… and %u more", last->further);
}

/* What a file says may be long, and may have line ends and worse in it: one line comes out. */
static char *one_line(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *line = g_string_new(NULL);

	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (line->len >= PROBLEM_TEXT_MAX) {
			g_string_append(line, "…");
			break;
		}
		if (g_unichar_iscntrl(c))
			g_string_append_printf(line, "\\x%02X", c);
		else
			g_string_append_unichar(line, c);
	}
	return g_string_free(line, FALSE);
}

void file_problem_add_valist(GPtrArray *problems, gboolean warning, const char *file, guint line,
	guint column, const char *format, va_list arguments)
{
	g_autofree char *text = NULL;

	if (problems->len >= PROBLEMS_MAX) {
		count_further(problems, warning, file);
		return;
	}
	text = g_strdup_vprintf(format, arguments);
	g_ptr_array_add(problems, problem_new(warning, file, line, column, one_line(text)));
}

void file_problem_add(GPtrArray *problems, gboolean warning, const char *file, guint line,
	guint column, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	file_problem_add_valist(problems, warning, file, line, column, format, arguments);
	va_end(arguments);
}

void file_problem_duplicate(GPtrArray *problems)
{
	struct file_problem *last = g_ptr_array_index(problems, problems->len - 1);

	last->duplicate = last->further == 0;
}

void file_problem_from(GPtrArray *problems, gint64 from_us)
{
	struct file_problem *last = g_ptr_array_index(problems, problems->len - 1);

	last->from_us = last->further ? 0 : from_us;
}

void file_problems_settle(GPtrArray *problems, gint64 now_us, gboolean accept)
{
	for (guint i = problems->len; i > 0; i--) {
		struct file_problem *problem = g_ptr_array_index(problems, i - 1);

		if (!problem->from_us)
			continue;
		if (now_us < problem->from_us)
			g_ptr_array_remove_index(problems, i - 1);
		else if (accept)
			problem->warning = TRUE;
	}
}

char *file_problem_format(const struct file_problem *problem)
{
	GString *text = g_string_new(problem->file);

	if (problem->line)
		g_string_append_printf(text, ":%u", problem->line);
	if (problem->line && problem->column)
		g_string_append_printf(text, ":%u", problem->column);
	if (text->len)
		g_string_append(text, ": ");
	g_string_append(text, problem->text);
	return g_string_free(text, FALSE);
}

static int by_place(gconstpointer a, gconstpointer b)
{
	const struct file_problem *one = *(const struct file_problem *const *)a;
	const struct file_problem *other = *(const struct file_problem *const *)b;
	int order = strcmp(one->file, other->file);

	if (one->further || other->further)
		return !!one->further - !!other->further;
	if (order)
		return order;
	if (one->line != other->line)
		return one->line < other->line ? -1 : 1;
	return one->column < other->column ? -1 : one->column > other->column;
}

void file_problems_sort(GPtrArray *problems)
{
	g_ptr_array_sort(problems, by_place);
}
