/* mysql_table(5) files: read as Postfix reads them, written so that it reads back what was meant.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib/gstdio.h>
#include <stdlib.h>

#include "core/error.h"
#include "files/mysql_cf.h"
#include "files/policies_in.h"
#include "leave_out.h"

/* -- reading ---------------------------------------------------------------------------------- */

/* "line:name=value;" of each entry, then the problems. Postfix 3.7's own words are in the comments.
 */
static const struct {
	const char *content, *want;
} cases[] = {
	{"", ""},
	{"user = pf\npassword=x\n", "1:user=pf;2:password=x;"},
	{"user=pf", "1:user=pf;"},
	{"  \n# c\nuser = pf # no comment\n", "3:user=pf # no comment;"},
	{"query = SELECT a\n  FROM b\n# c\n\tWHERE c\n", "1:query=SELECT a  FROM b\tWHERE c;"},
	{"password = \"a b\" $c %d \\e  \n", "1:password=\"a b\" $c %d \\e;"},
	{"password =\nuser = =x=\n", "1:password=;2:user==x=;"},
	{"user = pf\r\ndbname = x\r\n", "1:user=pf;2:dbname=x;"},
	/* overriding earlier entry: user=a */
	{"user = a\nuser = b\n",
		"1:user=a;2:user=b;warning: f:2: user is set again: the earlier value does not "
		"count;"},
	/* logical line must not start with whitespace */
	{" user = a\nx = y\n", "2:x=y;warning: f:1: begins with a blank but continues no line: "
			       "Postfix drops it;"},
	/* missing '=' after attribute name */
	{"user\n", "f:1: no '=' behind the name \"user\": Postfix dies of it;"},
	{"user name = a\n", "f:1: no '=' behind the name \"user\": Postfix dies of it;"},
	/* missing attribute name */
	{"= a\n", "f:1: no name before the '=': Postfix dies of it;"},
};

static char *outcome(const char *content, gsize len)
{
	g_autoptr(GPtrArray) entries =
		g_ptr_array_new_with_free_func((GDestroyNotify)cf_entry_free);
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	GString *text = g_string_new(NULL);

	cf_read_memory(content, len, "f", entries, problems);
	for (guint i = 0; i < entries->len; i++) {
		const struct cf_entry *entry = g_ptr_array_index(entries, i);

		g_string_append_printf(text, "%u:%s=%s;", entry->line, entry->name, entry->value);
	}
	for (guint i = 0; i < problems->len; i++) {
		const struct file_problem *problem = g_ptr_array_index(problems, i);
		g_autofree char *line = file_problem_format(problem);

		g_string_append_printf(text, "%s%s;", problem->warning ? "warning: " : "", line);
	}
	return g_string_free(text, FALSE);
}

static void test_read(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = outcome(cases[i].content, strlen(cases[i].content));

		assert_string_equal(got, cases[i].want);
	}
}

static void test_read_binary(void **state)
{
	g_autofree char *got = outcome("a = b\0c\n", 8);

	(void)state;
	assert_string_equal(got, "f:1:6: a NUL byte: nothing behind it could be trusted;");
}

static void test_last_wins(void **state)
{
	g_autoptr(GPtrArray) entries =
		g_ptr_array_new_with_free_func((GDestroyNotify)cf_entry_free);
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	static const char text[] = "user = a\nuser = b\n";

	(void)state;
	cf_read_memory(text, strlen(text), "f", entries, problems);
	assert_string_equal(cf_value(entries, "user"), "b");
	assert_null(cf_value(entries, "password"));
}

static void test_unreadable(void **state)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new(), problems = g_ptr_array_new();
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_false(cf_read("/nonexistent/x.cf", entries, problems, &error));
	assert_int_equal(error->code, STATUS_NO_INPUT);
}

/* -- writing ---------------------------------------------------------------------------------- */

#define QUERY "SELECT CONCAT_WS(' ', policy, NULLIF(params, '')) FROM t WHERE domain = '%s'"

/* Inlined, gcc 12 takes the variable for what open_memstream() put into it: -Wdangling-pointer. */
G_NO_INLINE static char *written(const struct mysql_cf *cf, const char *path, GError **error)
{
	char *text = NULL;
	gsize len = 0;
	FILE *to = open_memstream(&text, &len);
	gboolean done = mysql_cf_write(cf, path, to, error);

	fclose(to);
	if (!done)
		g_clear_pointer(&text, free);
	return text;
}

static void test_write(void **state)
{
	const struct mysql_cf cf = {.hosts = (char *)"unix:/run/mysqld/mysqld.sock",
		.user = (char *)"pf",
		.password = (char *)"secret",
		.dbname = (char *)"mail",
		.query = (char *)QUERY,
		.charset = (char *)"utf8mb4",
		.option_group = (char *)"",
		.tls_CAfile = (char *)"/etc/ssl/ca.pem"};
	char *text = written(&cf, "/etc/postfix/tls.cf", NULL);

	(void)state;
	assert_non_null(text);
	assert_non_null(strstr(text, "smtp_tls_policy_maps = proxy:mysql:/etc/postfix/tls.cf\n"));
	assert_non_null(strstr(text, "postmap -q example.com mysql:/etc/postfix/tls.cf\n"));
	assert_non_null(strstr(text, "\nhosts = unix:/run/mysqld/mysqld.sock\n"
				     "user = pf\n"
				     "password = secret\n"
				     "dbname = mail\n"
				     "query = " QUERY "\n"
				     "charset = utf8mb4\n"
				     "option_group =\n"
				     "tls_CAfile = /etc/ssl/ca.pem\n"
				     "tls_verify_cert = yes\n"));
	/* The secret stands in its own line only. */
	assert_null(strstr(strstr(text, "secret") + 1, "secret"));
	free(text);
}

/* Passwords that look like syntax elsewhere mean themselves here. */
static void test_write_then_read(void **state)
{
	static const char *const passwords[] = {"", "p#w", "# x", "$user", "100%", "%s", "\"q\"",
		"a b", "a=b", "=", "\\", "'", "{x}", "a\tb", "ü", "x;--"};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(passwords); i++) {
		const struct mysql_cf cf = {.hosts = (char *)"db.example:3306 db2.example",
			.password = (char *)passwords[i],
			.dbname = (char *)"mail",
			.query = (char *)QUERY};
		g_autoptr(GPtrArray) entries =
			g_ptr_array_new_with_free_func((GDestroyNotify)cf_entry_free);
		g_autoptr(GPtrArray) problems =
			g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
		char *text = written(&cf, NULL, NULL);

		assert_non_null(text);
		cf_read_memory(text, strlen(text), "f", entries, problems);
		assert_int_equal(problems->len, 0);
		assert_string_equal(cf_value(entries, "password"), passwords[i]);
		assert_string_equal(cf_value(entries, "query"), QUERY);
		free(text);
	}
}

static const struct {
	struct mysql_cf cf;
	const char *path, *want;
} refused[] = {
	{{.password = (char *)" hunter2"}, NULL, "password begins or ends with a blank"},
	{{.password = (char *)"hunter2 "}, NULL, "password begins or ends with a blank"},
	{{.password = (char *)"hunter2\r"}, NULL, "password begins or ends with a blank"},
	{{.password = (char *)"hun\nter2"}, NULL, "password has a line end in it"},
	{{.password = (char *)"hunter2\xFC"}, NULL, "password is not UTF-8 text"},
	{{.user = (char *)"a\nb = c"}, NULL, "user has a line end in it"},
	{{.dbname = (char *)""}, NULL, "dbname is missing"},
	{{.query = (char *)"SELECT 1"}, NULL, "query does not ask for a key"},
	{{.query = (char *)"SELECT '%d%s'"}, NULL, "query has %d in it"},
	{{.query = (char *)"SELECT '%s' %"}, NULL, "query has % in it"},
	{{.query = (char *)"SELECT 100%%"}, NULL, "query does not ask for a key"},
	{{.hosts = (char *)"::1"}, NULL, "IPv6 address ::1"},
	{{.hosts = (char *)"db.example, [2001:db8::1]:3306"}, NULL,
		"IPv6 address [2001:db8::1]:3306"},
	{{.hosts = (char *)"inet:2001:db8::1"}, NULL, "IPv6 address inet:2001:db8::1"},
	{{.user = (char *)"a"}, "/etc/x\ny", "the file's name has a line end in it"},
};

static void test_refused(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
		struct mysql_cf cf = refused[i].cf;
		g_autoptr(GError) error = NULL;

		if (!cf.dbname)
			cf.dbname = (char *)"mail";
		if (!cf.query)
			cf.query = (char *)QUERY;
		assert_null(written(&cf, refused[i].path, &error));
		assert_int_equal(error->code, STATUS_DATA);
		if (!strstr(error->message, refused[i].want))
			fail_msg("case %zu: %s", i, error->message);
		assert_null(strstr(error->message, "unter2"));
	}
}

/* A real postmap gets as far as the connection: nothing in the file stops it before. */
static void test_postmap(void **state)
{
	const struct mysql_cf cf = {.hosts = (char *)"unix:/nonexistent/socket",
		.user = (char *)"pf",
		.password = (char *)"# $p 100% \"q\"",
		.dbname = (char *)"mail",
		.query = (char *)QUERY,
		.charset = (char *)"utf8mb4",
		.tls_CAfile = (char *)"/nonexistent/ca.pem"};
	g_autofree char *postmap = g_find_program_in_path("postmap"), *path = NULL, *map = NULL,
			*err = NULL;
	int fd;
	char *text;

	(void)state;
	if (!postmap)
		postmap = g_find_program_in_path("/usr/sbin/postmap");
	if (!postmap)
		leave_out("there is no postmap");
	fd = g_file_open_tmp("tlspol-cf.XXXXXX", &path, NULL);
	g_close(fd, NULL);
	text = written(&cf, path, NULL);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	free(text);
	map = g_strconcat("mysql:", path, NULL);

	const char *argv[] = {postmap, "-q", "example.com", map, NULL};

	assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
		NULL, &err, NULL, NULL));
	g_unlink(path);
	if (strstr(err, "unsupported dictionary type"))
		leave_out("postmap has no mysql maps");
	if (!strstr(err, "/nonexistent/socket") || strstr(err, "overriding") ||
		strstr(err, "missing"))
		fail_msg("%s", err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_binary),
		cmocka_unit_test(test_last_wins),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_then_read),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_postmap),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
