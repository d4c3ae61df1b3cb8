/* Settings files, tlspol.conf(5), as a flat list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "core/error.h"
#include "files/settings_in.h"

/* "PATH=VALUE@LINE:COLUMN " for each setting, or the message. */
static const struct {
	const char *content, *want;
} cases[] = {
	{"", ""},
	{"# nothing\n", ""},
	{"table:\n  name: x\n", "table.name=x@2:9 "},
	{"table: {name: x, columns: {domain: dest}}\npostfix:\n  version: 3.7\n",
		"table.name=x@1:15 table.columns.domain=dest@1:36 postfix.version=3.7@3:12 "},
	{"replicas: [a, b]\n", "replicas=a@1:12 replicas=b@1:15 "},
	{"table:\n  name:\n", ""},
	{"a: \"\"\n", "a=@1:4 "},
	{"d: &d {name: x}\ntable: *d\n", "d.name=x@1:14 table.name=x@1:14 "},
	{"table\n", "FILE:1:1: settings are written as NAME: VALUE"},
	{"- a\n", "FILE:1:1: settings are written as NAME: VALUE"},
	{"a: 1\nb:\n  c: 1\n  c: 2\n", "FILE:4:3: b.c is set twice"},
	{"[a]: 1\n", "FILE:1:1: the name of a setting is one word"},
	{"a: \"x\n", "FILE:2:1: not valid YAML: while scanning a quoted scalar, found unexpected "
		     "end of stream"},
	{"a: 1\n--- \nb: 2\n", "FILE:2: a second document begins here: a file holds one"},
	{"a: !!binary eA==\n",
		"FILE:1:4: the tag <tag:yaml.org,2002:binary> is not understood: write "
		"the value itself"},
	{"a: *b\n", "FILE:1:4: there is no anchor &b before this alias"},
	{"a: \xFC\n", "FILE:1:4: the byte 0xFC is not UTF-8: convert the file (iconv -t UTF-8)"},
};

static char *outcome(const char *path)
{
	g_autoptr(GPtrArray) settings =
		g_ptr_array_new_with_free_func((GDestroyNotify)setting_free);
	g_autoptr(GError) error = NULL;
	GString *text = g_string_new(NULL);

	if (!settings_read(path, settings, &error)) {
		assert_int_equal(error->code, STATUS_CONFIG);
		g_string_assign(text, error->message);
		g_string_replace(text, path, "FILE", 0);
		return g_string_free(text, FALSE);
	}
	for (guint i = 0; i < settings->len; i++) {
		const struct setting *setting = g_ptr_array_index(settings, i);

		g_string_append_printf(text, "%s=%s@%u:%u ", setting->path, setting->value,
			setting->line, setting->column);
	}
	return g_string_free(text, FALSE);
}

static void test_cases(void **state)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("tlspol-settings.XXXXXX", &path, NULL);

	(void)state;
	assert_true(fd >= 0);
	g_close(fd, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = NULL;

		assert_true(g_file_set_contents(path, cases[i].content, -1, NULL));
		got = outcome(path);
		assert_string_equal(got, cases[i].want);
	}
	g_unlink(path);
}

static void test_unreadable(void **state)
{
	static const char *const paths[] = {"/nonexistent/x.yaml", "/"};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GPtrArray) settings = g_ptr_array_new();
		g_autoptr(GError) error = NULL;

		assert_false(settings_read(paths[i], settings, &error));
		assert_int_equal(error->code, STATUS_NO_INPUT);
		assert_non_null(strstr(error->message, paths[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_unreadable),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
