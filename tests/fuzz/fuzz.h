/*
 * fuzz: what the fuzz targets share. A target defines LLVMFuzzerTestOneInput(); libFuzzer gives
 * it mutations without end (`make fuzz`), replay_main.c the seeds and their beginnings
 * (`make check`). What must never be false is a g_assert: it aborts, which both notice.
 */
#ifndef TLSPOL_TESTS_FUZZ_H
#define TLSPOL_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "files/policies_in.h"
#include "files/policies_out.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An exact copy on the heap, so that one byte too far is seen. */
static inline char *fuzz_copy(const void *data, size_t size)
{
	return g_memdup2(size ? data : "", size ? size : 1);
}

static inline GPtrArray *fuzz_problems(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
}

static inline gboolean fuzz_has_error(const GPtrArray *problems)
{
	for (guint i = 0; i < problems->len; i++) {
		const struct file_problem *problem = g_ptr_array_index(problems, i);

		g_assert_true(g_utf8_validate(problem->text, -1, NULL));
		g_assert_null(strchr(problem->text, '\n'));
		if (!problem->warning)
			return TRUE;
	}
	return FALSE;
}

/* The set as a policies file; NULL where YAML cannot carry it. */
static inline char *fuzz_yaml(const struct policy_set *set, size_t *len)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, len);
	gboolean done = yaml_out(set, to, NULL);

	fclose(to);
	if (!done)
		g_clear_pointer(&text, free);
	return text;
}

static inline char *fuzz_map(const struct policy_set *set, size_t *len)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	char *text = NULL;
	FILE *to = open_memstream(&text, len);

	g_assert_true(map_out(set, 0, to, problems, NULL));
	fclose(to);
	return text;
}

typedef char *fuzz_writer(const struct policy_set *set, size_t *len);

/* What has been written is read without an error, and written again it is the same. */
static inline void fuzz_identity(
	const struct policy_set *set, fuzz_writer *write, enum policies_format format)
{
	g_auto(policy_set_t) again;
	g_autoptr(GPtrArray) problems = fuzz_problems();
	size_t len = 0, len_again = 0;
	char *first = write(set, &len), *second;

	if (!first)
		return;
	policy_set_init(&again);
	policies_read_memory(fuzz_copy(first, len), len, "written", format, &again, problems);
	g_assert_false(fuzz_has_error(problems));
	second = write(&again, &len_again);
	g_assert_cmpmem(first, len, second, len_again);
	free(first);
	free(second);
}

/* Reads the input as one format and takes what came out through both writers. */
static inline void fuzz_read(const uint8_t *data, size_t size, enum policies_format format)
{
	g_auto(policy_set_t) set;
	g_autoptr(GPtrArray) problems = fuzz_problems();

	policy_set_init(&set);
	policies_read_memory(fuzz_copy(data, size), size, "input", format, &set, problems);
	fuzz_has_error(problems);
	policy_set_sort(&set);
	fuzz_identity(&set, fuzz_yaml, POLICIES_YAML);
	fuzz_identity(&set, fuzz_map, POLICIES_MAP);
}

#endif
