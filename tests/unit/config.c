/* tlspol.yaml: every setting is read, nothing else is accepted, mistakes are named by place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "cmd/config.h"
#include "core/error.h"

static char *path;

static struct config *load(const char *text, GError **error)
{
	assert_true(g_file_set_contents(path, text, -1, NULL));
	return config_load(path, error);
}

static void everything(void **state)
{
	g_autoptr(config_t) config = load("# comment\n"
					  "table:\n"
					  "  name: tls_policy_override\n"
					  "  columns:\n"
					  "    id: \"-\"\n"
					  "    domain: dest\n"
					  "    policy: policy\n"
					  "    params: parameters\n"
					  "    active: active\n"
					  "postfix:\n"
					  "  version: 3.7\n"
					  "  config_directory: /etc/postfix\n"
					  "  command_directory: /usr/sbin\n",
		NULL);

	(void)state;
	assert_non_null(config);
	assert_string_equal(config->path, path);
	assert_string_equal(config->table, "tls_policy_override");
	assert_string_equal(config->column_id, "-");
	assert_string_equal(config->column_domain, "dest");
	assert_string_equal(config->column_params, "parameters");
	assert_string_equal(config->column_active, "active");
	assert_null(config->column_note);
	/* Not a number that could become 3.7000001 */
	assert_string_equal(config->postfix_version, "3.7");
	assert_string_equal(config->postfix_commands, "/usr/sbin");
}

static void nothing(void **state)
{
	g_autoptr(config_t) empty = load("", NULL);
	g_autoptr(config_t) comment = load("# nothing yet\n", NULL);

	(void)state;
	assert_non_null(empty);
	assert_null(empty->table);
	assert_non_null(comment);
}

static void mistakes(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{"table:\n  nmae: x\n",
			":2:9: unknown setting 'table.nmae', did you mean 'table.name'?"},
		{"postfix:\n  version: 3.7\n  color: red\n",
			":3:10: unknown setting 'postfix.color'"},
		{"zzzz: 1\n", ":1:7: unknown setting 'zzzz'"},
		{"table:\n  name: [a, b]\n", "only one value"},
		{"table:\n  name: {a: b}\n", "unknown setting 'table.name.a'"},
		{"table: [\n", ":"},
		{"table: x\n", "unknown setting 'table'"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(load(cases[i].text, &error));
		assert_int_equal(error->code, STATUS_CONFIG);
		assert_true(g_str_has_prefix(error->message, path));
		if (!strstr(error->message, cases[i].part))
			fail_msg("%s, want %s", error->message, cases[i].part);
	}
}

static void where_it_is_looked_for(void **state)
{
	g_autoptr(config_t) config = NULL;
	g_autoptr(GError) error = NULL;

	(void)state;
	g_clear_pointer(&config, config_free);
	assert_true(g_file_set_contents(path, "table:\n  name: here\n", -1, NULL));
	setenv("TLSPOL_CONFIG", path, 1);
	config = config_load(NULL, NULL);
	assert_string_equal(config->table, "here");
	/* --config wins, and a named file has to be there. */
	assert_null(config_load("/nonexistent/tlspol.yaml", &error));
	assert_int_equal(error->code, STATUS_NO_INPUT);
	assert_non_null(strstr(error->message, "/nonexistent/tlspol.yaml"));
	setenv("TLSPOL_CONFIG", "", 1);
	assert_null(config_environment("TLSPOL_CONFIG"));
	unsetenv("TLSPOL_CONFIG");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything),
		cmocka_unit_test(nothing),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(where_it_is_looked_for),
	};
	int failed, fd = g_file_open_tmp("tlspol-config-XXXXXX.yaml", &path, NULL);

	close(fd);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	g_free(path);
	return failed;
}
