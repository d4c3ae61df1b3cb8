/*
 * files_test: tables of file contents and what a reader makes of them, for tests/unit.
 *
 * The outcome is written as text: first the problems as they would be printed (warnings begin
 * with "warning: "), then the rows as "KEY=LEVEL|PARAMS" (? before the word of an unknown level,
 * ~ for NULL params) and what else they have. A wanted line may be a glob pattern.
 */
#ifndef TLSPOL_TESTS_FILES_TEST_H
#define TLSPOL_TESTS_FILES_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "files/policies_in.h"

struct files_case {
	const char *name, *content, *want;
};

static inline void files_append_row(
	GString *to, const struct policy_set *set, const struct policy_row *row)
{
	struct policy policy = policy_set_policy(set, row);
	const struct policy_extra *extra = policy_set_extra(set, row);

	g_string_append_printf(to, "%.*s=", TEXT_ARG(policy.key));
	if (policy.level == LEVEL_UNKNOWN)
		g_string_append_printf(to, "?%.*s", TEXT_ARG(policy.level_text));
	else
		g_string_append(to, level_name(policy.level));
	g_string_append_printf(to, "|%.*s", TEXT_ARG(policy.params));
	if (!policy.params.at)
		g_string_append_c(to, '~');
	if (extra && extra->note)
		g_string_append_printf(to, " note=%s", extra->note);
	if (extra && extra->origin)
		g_string_append_printf(to, " origin=%s", extra->origin);
	if (extra && extra->provider)
		g_string_append_printf(to, " provider=%s", extra->provider);
	if (row->flags & ROW_INACTIVE)
		g_string_append(to, " inactive");
	g_string_append_c(to, '\n');
}

/* The outcome of reading `len` bytes at `content` as the file "f". */
static inline char *files_outcome(const char *content, gsize len, enum policies_format format)
{
	g_auto(policy_set_t) set;
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	GString *outcome = g_string_new(NULL);

	policy_set_init(&set);
	policies_read_memory(
		g_memdup2(len ? content : "", len ? len : 1), len, "f", format, &set, problems);
	for (guint i = 0; i < problems->len; i++) {
		const struct file_problem *problem = g_ptr_array_index(problems, i);
		g_autofree char *line = file_problem_format(problem);

		g_string_append_printf(
			outcome, "%s%s\n", problem->warning ? "warning: " : "", line);
	}
	for (guint i = 0; i < policy_set_count(&set); i++)
		files_append_row(outcome, &set, policy_set_row(&set, i));
	return g_string_free(outcome, FALSE);
}

static inline gboolean files_matches(const char *got, const char *want)
{
	g_auto(GStrv) got_lines = g_strsplit(got, "\n", -1);
	g_auto(GStrv) want_lines = g_strsplit(want, "\n", -1);

	if (g_strv_length(got_lines) != g_strv_length(want_lines))
		return FALSE;
	for (guint i = 0; got_lines[i]; i++) {
		if (strcmp(got_lines[i], want_lines[i]) != 0 &&
			(!strchr(want_lines[i], '*') ||
				!g_pattern_match_simple(want_lines[i], got_lines[i])))
			return FALSE;
	}
	return TRUE;
}

/* How many cases did not come out as wanted; each has been printed. */
static guint files_failures;

static inline void files_check_bytes(const char *name, const char *content, gsize len,
	enum policies_format format, const char *want)
{
	g_autofree char *got = files_outcome(content, len, format);

	if (files_matches(got, want))
		return;
	files_failures++;
	print_error("%s\n--- got\n%s--- want\n%s", name, got, want);
}

static inline void files_check_cases(
	const struct files_case *cases, gsize count, enum policies_format format)
{
	files_failures = 0;
	for (gsize i = 0; i < count; i++)
		files_check_bytes(cases[i].name, cases[i].content, strlen(cases[i].content), format,
			cases[i].want);
	assert_int_equal(files_failures, 0);
}

#endif
