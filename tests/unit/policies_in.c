/* Opening a file of policies: what cannot be read at all, and which format it is taken for. */
#include "files_test.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"

static char *directory;

static int setup(void **state)
{
	(void)state;
	directory = g_dir_make_tmp("tlspol-in.XXXXXX", NULL);
	return directory ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	g_rmdir(directory);
	g_free(directory);
	return 0;
}

/* Rows read, or minus the error's code. */
static int rows_in(const char *path, enum policies_format format, char **message)
{
	g_auto(policy_set_t) set;
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	g_autoptr(GError) error = NULL;

	policy_set_init(&set);
	if (!policies_read(path, format, &set, problems, &error)) {
		if (message)
			*message = g_strdup(error->message);
		return -error->code;
	}
	return problems->len ? -STATUS_DATA : (int)policy_set_count(&set);
}

static void test_unreadable(void **state)
{
	g_autofree char *missing = NULL, *is_directory = NULL;

	(void)state;
	assert_int_equal(rows_in("/nonexistent/x.yaml", POLICIES_AUTO, &missing), -STATUS_NO_INPUT);
	assert_string_equal(missing, "cannot read /nonexistent/x.yaml: No such file or directory");
	assert_int_equal(rows_in("/", POLICIES_AUTO, &is_directory), -STATUS_NO_INPUT);
	assert_string_equal(is_directory, "cannot read /: it is a directory, name a file in it");
}

static void test_no_permission(void **state)
{
	g_autofree char *path = g_build_filename(directory, "x.yaml", NULL);
	int status;
	pid_t child;

	(void)state;
	assert_true(g_file_set_contents(path, "a may\n", -1, NULL));
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(directory, 0755), 0);
	child = fork();
	if (child == 0) {
		gboolean other = geteuid() != 0 || setuid(12345) == 0;

		_exit(other && rows_in(path, POLICIES_AUTO, NULL) == -STATUS_NO_INPUT ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	g_unlink(path);
	assert_int_equal(status, 0);
}

/* Sparse: nothing of it is read. */
static void test_too_large(void **state)
{
	g_autofree char *path = g_build_filename(directory, "big.yaml", NULL), *message = NULL;
	int fd = open(path, O_WRONLY | O_CREAT, 0600), got;

	(void)state;
	assert_int_equal(ftruncate(fd, 1024L * 1024 * 1024 + 1), 0);
	close(fd);
	got = rows_in(path, POLICIES_AUTO, &message);
	g_unlink(path);
	assert_int_equal(got, -STATUS_DATA);
	assert_non_null(strstr(message, "larger than 1 GiB"));
}

static void test_standard_input(void **state)
{
	int saved = dup(STDIN_FILENO), ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "a may\nb none\n", 13), 13);
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	assert_int_equal(rows_in("-", POLICIES_AUTO, NULL), 2);
	dup2(saved, STDIN_FILENO);
	close(ends[0]);
	close(saved);
}

/* A pipe larger than the first buffer. */
static void test_growing_buffer(void **state)
{
	g_autofree char *path = g_build_filename(directory, "fifo", NULL);
	int status, got;
	pid_t child;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	child = fork();
	if (child == 0) {
		FILE *to = fopen(path, "w");

		for (int i = 0; i < 50000; i++)
			fprintf(to, "k%d.example\tmay\n", i);
		_exit(fclose(to) == 0 ? 0 : 1);
	}
	got = rows_in(path, POLICIES_MAP, NULL);
	assert_int_equal(waitpid(child, &status, 0), child);
	g_unlink(path);
	assert_int_equal(status, 0);
	assert_int_equal(got, 50000);
}

/* The name decides where it says something: this text is one row of a map, no YAML. */
static void test_suffixes(void **state)
{
	static const struct {
		const char *name;
		int want;
	} names[] = {{"a.map", 1}, {"a.cf", 1}, {"a", 1}, {"a.yaml", -STATUS_DATA},
		{"a.yml", -STATUS_DATA}, {"a.json", -STATUS_DATA}, {"a.csv", -STATUS_DATA},
		{"a.tsv", -STATUS_DATA}, {"a.txt", 1}};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(directory, names[i].name, NULL);
		int got;

		assert_true(g_file_set_contents(path, "example.com may\n", -1, NULL));
		got = rows_in(path, POLICIES_AUTO, NULL);
		g_unlink(path);
		assert_int_equal(got, names[i].want);
	}
}

/* --input-format offers the names in the order of the enum. */
static void test_names(void **state)
{
	const char *const *names = policies_formats;

	(void)state;
	assert_string_equal(names[POLICIES_AUTO], "auto");
	assert_string_equal(names[POLICIES_YAML], "yaml");
	assert_string_equal(names[POLICIES_MAP], "map");
	assert_string_equal(names[POLICIES_CSV], "csv");
	assert_string_equal(names[POLICIES_JSON], "json");
	assert_string_equal(names[POLICIES_EFF], "eff");
	assert_null(names[POLICIES_EFF + 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_no_permission),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_standard_input),
		cmocka_unit_test(test_growing_buffer),
		cmocka_unit_test(test_suffixes),
		cmocka_unit_test(test_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
