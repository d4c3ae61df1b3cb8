/*
 * Runs a fuzz target over its seeds, tests/fuzz/seeds/NAME/, as a TAP program: each seed whole,
 * every beginning of it, and with each of its bytes changed in turn.
 */
#include "fuzz.h"

/* Longer seeds are cut and changed at as many places, evenly spread. */
#define PLACES_MAX 512

static void replay(const char *content, gsize len)
{
	g_autofree uint8_t *changed = g_memdup2(content, MAX(len, 1));
	gsize step = len / PLACES_MAX + 1;

	LLVMFuzzerTestOneInput((const uint8_t *)content, len);
	for (gsize i = 0; i < len; i += step) {
		uint8_t before = changed[i];

		LLVMFuzzerTestOneInput((const uint8_t *)content, i);
		changed[i] ^= (uint8_t)(1 << (i % 8));
		LLVMFuzzerTestOneInput(changed, len);
		changed[i] = before;
	}
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *names_in(const char *directory)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GDir *dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(names, g_strdup(name));
	if (dir)
		g_dir_close(dir);
	g_ptr_array_sort(names, compare_names);
	return names;
}

int main(int argc, char **argv)
{
	g_autofree char *base = g_path_get_basename(argv[0]);
	g_autofree char *directory = g_build_filename("tests/fuzz/seeds", base, NULL);
	g_autoptr(GPtrArray) names = names_in(directory);

	(void)argc;
	/* An abort in a seed must leave the seeds before it on the pipe to prove. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_build_filename(directory, name, NULL);
		g_autofree char *content = NULL;
		gsize len;

		if (!g_file_get_contents(path, &content, &len, NULL)) {
			printf("not ok %u - %s cannot be read\n", i + 1, path);
			return 1;
		}
		replay(content, len);
		printf("ok %u - %s\n", i + 1, name);
	}
	/* No seeds at all is a failure, too: the test was started in the wrong place. */
	if (!names->len)
		puts("not ok 1 - no seeds");
	printf("1..%u\n", MAX(names->len, 1));
	return !names->len;
}
