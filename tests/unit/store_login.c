/*
 * Which way and how protected a connection goes: the rules of login.h, which are mariadb(1)'s
 * documented ones for host, port, socket and protocol, and the specification's for TLS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>

#include "core/error.h"
#include "store/login.h"

static const struct {
	const char *file; /* an option file's text; NULL = none */
	struct store_settings settings;
	gboolean via_socket, tls, verify;
	const char *target;
} cases[] = {
	/* host, port, socket, protocol */
	{NULL, {0}, TRUE, FALSE, FALSE, "the local socket"},
	{NULL, {.host = "localhost"}, TRUE, FALSE, FALSE, "the local socket"},
	{NULL, {.socket = "/s"}, TRUE, FALSE, FALSE, "socket /s"},
	{NULL, {.host = "db.example"}, FALSE, FALSE, FALSE, "db.example:3306"},
	{NULL, {.host = "db.example", .port = 3307, .user = "x"}, FALSE, FALSE, FALSE,
		"db.example:3307 as user x"},
	{NULL, {.host = "::1"}, FALSE, FALSE, FALSE, "[::1]:3306"},
	{NULL, {.host = "localhost", .port = 3307}, FALSE, FALSE, FALSE, "localhost:3307"},
	{NULL, {.host = "localhost", .protocol = "tcp"}, FALSE, FALSE, FALSE, "localhost:3306"},
	{NULL, {.host = "db.example", .protocol = "socket", .socket = "/s"}, TRUE, FALSE, FALSE,
		"socket /s"},
	{"[client]\nport=3307\n", {0}, TRUE, FALSE, FALSE, "the local socket"},
	{"[client]\nhost=db.example\n", {0}, FALSE, FALSE, FALSE, "db.example:3306"},
	{"[client]\nhost=db.example\n", {.socket = "/s"}, TRUE, FALSE, FALSE, "socket /s"},
	{"[client]\nsocket=/s\n", {.host = "db.example"}, FALSE, FALSE, FALSE, "db.example:3306"},
	{"[client]\nprotocol=tcp\n", {0}, FALSE, FALSE, FALSE, "localhost:3306"},
	/* options win over files, later groups over earlier ones */
	{"[client]\nhost=a.example\n[tlspol]\nhost=b.example\n", {0}, FALSE, FALSE, FALSE,
		"b.example:3306"},
	{"[client]\nhost=a.example\n", {.host = "c.example"}, FALSE, FALSE, FALSE,
		"c.example:3306"},
	{"[client]\nhost=a.example\n[mysql]\nhost=b.example\n", {0}, FALSE, FALSE, FALSE,
		"a.example:3306"},
	{"[clientx]\nhost=a.example\n", {0}, TRUE, FALSE, FALSE, "the local socket"},
	{"[client-x]\nhost=a.example\n", {.defaults_group_suffix = "-x"}, FALSE, FALSE, FALSE,
		"a.example:3306"},
	/* TLS over TCP */
	{NULL, {.host = "h", .ssl = TRUE}, FALSE, TRUE, FALSE, "h:3306"},
	{NULL, {.host = "h", .ssl_ca = "/ca"}, FALSE, TRUE, TRUE, "h:3306"},
	{NULL, {.host = "h", .ssl_capath = "/ca"}, FALSE, TRUE, TRUE, "h:3306"},
	{NULL, {.host = "h", .ssl_cert = "/c"}, FALSE, TRUE, FALSE, "h:3306"},
	{NULL, {.host = "h", .ssl_ca = "/ca", .skip_ssl_verify = TRUE}, FALSE, TRUE, FALSE,
		"h:3306"},
	{NULL, {.host = "h", .ssl_ca = "/ca", .skip_ssl = TRUE}, FALSE, FALSE, FALSE, "h:3306"},
	{"[client]\nssl-ca=/ca\n", {.host = "h"}, FALSE, TRUE, TRUE, "h:3306"},
	{"[client]\nssl_ca=/ca\n", {.host = "h"}, FALSE, TRUE, TRUE, "h:3306"},
	{"[client]\nssl\n", {.host = "h"}, FALSE, TRUE, FALSE, "h:3306"},
	{"[client]\nssl\nskip-ssl\n", {.host = "h"}, FALSE, FALSE, FALSE, "h:3306"},
	{"[client]\nssl=0\n", {.host = "h", .ssl = TRUE}, FALSE, TRUE, FALSE, "h:3306"},
	{"[client]\nssl\n", {.host = "h", .skip_ssl = TRUE}, FALSE, FALSE, FALSE, "h:3306"},
	{"[client]\nssl\nssl-verify-server-cert\n", {.host = "h"}, FALSE, TRUE, TRUE, "h:3306"},
	{"[client]\nssl\nssl-verify-server-cert=ON\n", {.host = "h"}, FALSE, TRUE, TRUE, "h:3306"},
	{"[client]\nssl-ca=/ca\ndisable-ssl-verify-server-cert\n", {.host = "h"}, FALSE, TRUE,
		FALSE, "h:3306"},
	{"[client]\nssl-ca=/ca\nssl-verify-server-cert=0\n", {.host = "h"}, FALSE, TRUE, FALSE,
		"h:3306"},
	/* TLS on the unix socket only when we are asked */
	{"[client]\nssl-ca=/ca\n", {.socket = "/s"}, TRUE, FALSE, FALSE, "socket /s"},
	{"[tlspol]\nssl\n", {.socket = "/s"}, TRUE, TRUE, FALSE, "socket /s"},
	{NULL, {.socket = "/s", .ssl = TRUE}, TRUE, TRUE, FALSE, "socket /s"},
	/* names that other programs know */
	{"[client]\nprompt=x\nloose-thing\n[tlspol]\nloose-thing\n", {0}, TRUE, FALSE, FALSE,
		"the local socket"},
};

static const struct {
	const char *file;
	int status;
	const char *says;
} refused[] = {
	{"[tlspol]\nhots=a\n", STATUS_CONFIG, ":2: 'hots'"},
	{"host=a\n", STATUS_CONFIG, ":1: "},
	{"[client\n", STATUS_CONFIG, ":1: "},
	{"[client]\n\nport=many\n", STATUS_CONFIG, ":3: 'port'"},
	{"[client]\nport=-1\n", STATUS_CONFIG, "'port'"},
	{"[client]\nssl=perhaps\n", STATUS_CONFIG, "'ssl'"},
	{"[client]\nprotocol=pigeon\n", STATUS_CONFIG, "pigeon"},
};

static char *file_with(const char *text)
{
	char *path = NULL;
	int fd = g_file_open_tmp("store_login.XXXXXX", &path, NULL);

	assert_true(fd >= 0);
	g_close(fd, NULL);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	return path;
}

static void ways(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = cases[i].file ? file_with(cases[i].file) : NULL;
		struct store_settings settings = cases[i].settings;
		g_autoptr(GError) error = NULL;
		g_auto(login_t) login = {0};

		settings.defaults_file = path;
		settings.no_defaults = path == NULL;
		if (!login_read(&settings, &login, &error))
			fail_msg("case %u: %s", i, error->message);
		g_autofree char *target = login_target(&login);
		if (login.via_socket != cases[i].via_socket || login.tls != cases[i].tls ||
			login.verify != cases[i].verify || strcmp(target, cases[i].target) != 0)
			fail_msg("case %u: socket %d tls %d verify %d %s, want %d %d %d %s", i,
				login.via_socket, login.tls, login.verify, target,
				cases[i].via_socket, cases[i].tls, cases[i].verify,
				cases[i].target);
		if (path)
			g_unlink(path);
	}
}

static void refusals(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
		g_autofree char *path = file_with(refused[i].file);
		struct store_settings settings = {.defaults_file = path};
		g_autoptr(GError) error = NULL;
		g_auto(login_t) login = {0};

		assert_false(login_read(&settings, &login, &error));
		if (error->code != refused[i].status || !strstr(error->message, refused[i].says))
			fail_msg("%s: %d %s", refused[i].file, error->code, error->message);
		g_unlink(path);
	}
}

static void missing_file(void **state)
{
	struct store_settings settings = {.defaults_file = "/nonexistent/my.cnf"};
	struct store_settings extra = {.defaults_extra_file = "/nonexistent/my.cnf"};
	g_autoptr(GError) error = NULL, again = NULL;
	g_auto(login_t) login = {0};

	(void)state;
	assert_false(login_read(&settings, &login, &error));
	assert_int_equal(error->code, STATUS_NO_INPUT);
	assert_non_null(strstr(error->message, "/nonexistent/my.cnf"));
	assert_false(login_read(&extra, &login, &again));
	assert_int_equal(again->code, STATUS_NO_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways),
		cmocka_unit_test(refusals),
		cmocka_unit_test(missing_file),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_login", tests, NULL, NULL);
}
