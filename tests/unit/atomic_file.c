/* A file is the old one or the new one: on success, on failure, and when a signal comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "files/atomic_file.h"
#include "leave_out.h"

static char *directory;

static int setup(void **state)
{
	(void)state;
	directory = g_dir_make_tmp("tlspol-atomic.XXXXXX", NULL);
	return directory ? 0 : -1;
}

static guint entries(void)
{
	GDir *dir = g_dir_open(directory, 0, NULL);
	guint count = 0;

	while (g_dir_read_name(dir))
		count++;
	g_dir_close(dir);
	return count;
}

static int teardown(void **state)
{
	GDir *dir = g_dir_open(directory, 0, NULL);
	const char *name;

	(void)state;
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);

		g_unlink(path);
	}
	g_dir_close(dir);
	g_rmdir(directory);
	g_clear_pointer(&directory, g_free);
	return 0;
}

static char *in_directory(const char *name)
{
	return g_build_filename(directory, name, NULL);
}

static void assert_content(const char *path, const char *want)
{
	g_autofree char *got = NULL;

	assert_true(g_file_get_contents(path, &got, NULL, NULL));
	assert_string_equal(got, want);
}

static void write_file(const char *path, const char *text)
{
	struct atomic_file *file = atomic_file_open(path, 0640, NULL);

	assert_non_null(file);
	fputs(text, atomic_file_stream(file));
	assert_true(atomic_file_commit(file, NULL));
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void test_new(void **state)
{
	g_autofree char *path = in_directory("a");
	mode_t before = umask(077);

	(void)state;
	write_file(path, "one\n");
	umask(before);
	assert_content(path, "one\n");
	assert_int_equal(mode_of(path), 0640);
	assert_int_equal(entries(), 1);
}

static void test_replace_keeps_mode(void **state)
{
	g_autofree char *path = in_directory("a");

	(void)state;
	write_file(path, "one\n");
	assert_int_equal(chmod(path, 0604), 0);
	write_file(path, "two\n");
	assert_content(path, "two\n");
	assert_int_equal(mode_of(path), 0604);
	assert_int_equal(entries(), 1);
}

static void test_replace_keeps_owner(void **state)
{
	g_autofree char *path = in_directory("a");
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		leave_out("only root may give files away");
	write_file(path, "one\n");
	assert_int_equal(chown(path, 12345, 23456), 0);
	write_file(path, "two\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 23456);
}

static void test_owner_of_new(void **state)
{
	g_autofree char *path = in_directory("a");
	g_autoptr(atomic_file_t) file = atomic_file_open(path, 0640, NULL);
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		leave_out("only root may give files away");
	assert_true(atomic_file_owner(file, -1, 23456, NULL));
	assert_true(atomic_file_commit(g_steal_pointer(&file), NULL));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_gid, 23456);
	assert_int_equal(st.st_uid, geteuid());
}

static void test_old_until_commit(void **state)
{
	g_autofree char *path = in_directory("a");
	struct atomic_file *file;

	(void)state;
	write_file(path, "one\n");
	file = atomic_file_open(path, 0640, NULL);
	fputs("two\n", atomic_file_stream(file));
	fflush(atomic_file_stream(file));
	assert_content(path, "one\n");
	assert_content(atomic_file_temporary(file), "two\n");
	atomic_file_abort(file);
	assert_content(path, "one\n");
	assert_int_equal(entries(), 1);
}

static void test_symlink(void **state)
{
	g_autofree char *path = in_directory("a"), *link = in_directory("l"),
			*link_link = in_directory("ll");
	struct stat st;

	(void)state;
	write_file(path, "one\n");
	assert_int_equal(symlink("a", link), 0);
	assert_int_equal(symlink(link, link_link), 0);
	write_file(link_link, "two\n");
	assert_content(path, "two\n");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(link_link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void test_dangling_symlink(void **state)
{
	g_autofree char *path = in_directory("a"), *link = in_directory("l");

	(void)state;
	assert_int_equal(symlink("a", link), 0);
	write_file(link, "one\n");
	assert_content(path, "one\n");
}

static void test_looping_symlink(void **state)
{
	g_autofree char *link = in_directory("l");
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_int_equal(symlink("l", link), 0);
	assert_null(atomic_file_open(link, 0640, &error));
	assert_int_equal(error->code, STATUS_CANNOT_CREATE);
}

static void test_cannot(void **state)
{
	static const char *const paths[] = {"/nonexistent/a", "/", ""};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(atomic_file_open(paths[i], 0640, &error));
		assert_int_equal(error->code, STATUS_CANNOT_CREATE);
		assert_non_null(strstr(error->message, paths[i]));
	}
}

/* root may write anywhere, so the child becomes somebody else. */
static void test_read_only_directory(void **state)
{
	g_autofree char *path = in_directory("a");
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(chmod(directory, 0555), 0);
	child = fork();
	if (child == 0) {
		g_autoptr(GError) error = NULL;
		gboolean other = geteuid() != 0 || setuid(12345) == 0;
		struct atomic_file *file = other ? atomic_file_open(path, 0640, &error) : NULL;

		_exit(other && !file && error->code == STATUS_NO_PERMISSION ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(chmod(directory, 0755), 0);
	assert_int_equal(entries(), 0);
}

static void test_full_device(void **state)
{
	struct atomic_file *file = atomic_file_open("/dev/full", 0640, NULL);
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_non_null(file);
	fputs("one\n", atomic_file_stream(file));
	assert_false(atomic_file_commit(file, &error));
	assert_int_equal(error->code, STATUS_IO);
	assert_non_null(strstr(error->message, "/dev/full"));
}

/* A disk that is full, in small: the limit of a file's size. */
static void test_write_failure_keeps_old(void **state)
{
	g_autofree char *path = in_directory("a");
	int status;
	pid_t child;

	(void)state;
	write_file(path, "one\n");
	child = fork();
	if (child == 0) {
		const struct rlimit limit = {1000, 1000};
		struct atomic_file *file = atomic_file_open(path, 0640, NULL);
		g_autoptr(GError) error = NULL;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		for (int i = 0; i < 100000; i++)
			putc('x', atomic_file_stream(file));
		_exit(!atomic_file_commit(file, &error) && error->code == STATUS_IO ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_content(path, "one\n");
	assert_int_equal(entries(), 1);
}

static void test_fifo(void **state)
{
	g_autofree char *path = in_directory("f");
	char got[16] = "";
	int reader;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	write_file(path, "one\n");
	assert_int_equal(read(reader, got, sizeof got), 4);
	assert_string_equal(got, "one\n");
	close(reader);
}

static void on_signal(int number)
{
	atomic_file_abort_all();
	_exit(128 + number);
}

static void test_signal(void **state)
{
	g_autofree char *path = in_directory("a"), *other = in_directory("b");
	int ready[2], status;
	pid_t child;
	char byte;

	(void)state;
	write_file(path, "one\n");
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct atomic_file *first, *second;

		signal(SIGTERM, on_signal);
		first = atomic_file_open(path, 0640, NULL);
		second = atomic_file_open(other, 0640, NULL);
		fputs("two\n", atomic_file_stream(first));
		fputs("two\n", atomic_file_stream(second));
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(entries(), 3);
	kill(child, SIGTERM);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
	assert_content(path, "one\n");
	assert_int_equal(entries(), 1);
	close(ready[0]);
	close(ready[1]);
}

/* After a commit there is nothing left for the signal handler to remove. */
static void test_abort_all_after_commit(void **state)
{
	g_autofree char *path = in_directory("a");

	(void)state;
	for (int i = 0; i < 40; i++)
		write_file(path, "one\n");
	atomic_file_abort_all();
	assert_content(path, "one\n");
}

static void touch(const char *name)
{
	g_autofree char *path = in_directory(name);

	assert_true(g_file_set_contents(path, "x", -1, NULL));
}

static gboolean is_there(const char *name)
{
	g_autofree char *path = in_directory(name);

	return g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(path, G_FILE_TEST_IS_SYMLINK);
}

/* What a killed run left of this target goes; what is another's, alive or of another name, stays.
 */
static void test_leftovers(void **state)
{
	static const char *const go[] = {
		".a.tlspol-0123abcd", ".a.tlspol-0123abcd.db", ".a.tlspol-89abcdef.cdb.tmp"};
	static const char *const stay[] = {".a.tlspol-0123abc", ".a.tlspol-0123abcde",
		".a.tlspol-0123abcg", ".a.0123abcd", ".b.tlspol-0123abcd", "a.tlspol-0123abcd",
		".a.db.tlspol-0123abcd"};
	static const char *const dangling = ".a.tlspol-ffffffff";
	g_autofree char *path = in_directory("a"), *link = in_directory(dangling);
	g_autofree char *living = NULL, *built = NULL;
	struct atomic_file *alive = atomic_file_open(path, 0644, NULL);

	(void)state;
	assert_non_null(alive);
	living = g_path_get_basename(atomic_file_temporary(alive));
	built = g_strconcat(living, ".db", NULL);
	touch(built);
	for (guint i = 0; i < G_N_ELEMENTS(go); i++)
		touch(go[i]);
	for (guint i = 0; i < G_N_ELEMENTS(stay); i++)
		touch(stay[i]);
	assert_int_equal(symlink("/nowhere", link), 0);
	write_file(path, "two\n");
	for (guint i = 0; i < G_N_ELEMENTS(go); i++)
		assert_false(is_there(go[i]));
	for (guint i = 0; i < G_N_ELEMENTS(stay); i++)
		assert_true(is_there(stay[i]));
	assert_true(is_there(living) && is_there(built) && is_there(dangling));
	fputs("one\n", atomic_file_stream(alive));
	assert_true(atomic_file_commit(alive, NULL));
	assert_content(path, "one\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_new),
		TEST(test_replace_keeps_mode),
		TEST(test_replace_keeps_owner),
		TEST(test_owner_of_new),
		TEST(test_old_until_commit),
		TEST(test_symlink),
		TEST(test_dangling_symlink),
		TEST(test_looping_symlink),
		TEST(test_cannot),
		TEST(test_read_only_directory),
		TEST(test_full_device),
		TEST(test_write_failure_keeps_old),
		TEST(test_fifo),
		TEST(test_signal),
		TEST(test_abort_all_after_commit),
		TEST(test_leftovers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
