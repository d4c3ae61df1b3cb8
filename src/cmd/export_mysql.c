/* export mysql: a Postfix mysql_table(5) file that reads this table. */
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/export.h"
#include "cmd/interrupt.h"
#include "cmd/password.h"
#include "files/atomic_file.h"
#include "files/mysql_cf.h"

static gboolean host_fits(struct app *app, const char *host, GError **error)
{
	const char *name = g_str_has_prefix(host, "inet:") ? host + strlen("inet:") : host;
	const char *port = strchr(name, ':');
	guint64 number;

	if (g_str_has_prefix(host, "unix:")) {
		if (host[strlen("unix:")] == '/')
			return TRUE;
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"--hosts %s: a socket needs its whole path, unix:/run/mysqld/mysqld.sock",
			host);
		return FALSE;
	}
	if (*name == '[' || (port && strchr(port + 1, ':'))) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"--hosts %s: Postfix cannot read an IPv6 address there; use a host name",
			host);
		return FALSE;
	}
	if (port && (!g_ascii_string_to_unsigned(port + 1, 10, 1, 65535, &number, NULL) ||
			    port == name)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"--hosts %s: behind the colon goes a port from 1 to 65535", host);
		return FALSE;
	}
	if (port && g_str_has_prefix(name, "localhost:"))
		app_warning(app,
			"--hosts %s: localhost is the local socket, whatever the port; 127.0.0.1%s "
			"is TCP",
			host, port);
	return TRUE;
}

/* The server that this command is told, as far as a .cf can say it. */
static char *own_host(const struct app *app)
{
	if (app->db.socket)
		return g_strconcat("unix:", app->db.socket, NULL);
	if (app->db.host && app->db.port)
		return g_strdup_printf("%s:%u", app->db.host, app->db.port);
	return g_strdup(app->db.host ? app->db.host : "localhost");
}

/* Commas and blanks both separate servers; the file gets blanks. */
static char *hosts_value(struct app *app, const char *list, GError **error)
{
	g_autofree char *own = list ? NULL : own_host(app);
	g_auto(GStrv) hosts = g_strsplit_set(list ? list : own, ", \t", -1);
	g_autoptr(GString) value = g_string_new(NULL);

	for (guint i = 0; hosts[i]; i++) {
		if (!*hosts[i])
			continue;
		if (!host_fits(app, hosts[i], error))
			return NULL;
		g_string_append_printf(value, "%s%s", value->len ? " " : "", hosts[i]);
	}
	if (value->len)
		return g_string_free(g_steal_pointer(&value), FALSE);
	g_set_error_literal(error, TLSPOL_ERROR, STATUS_DATA, "--hosts names no server");
	return NULL;
}

/* A .cf holds a password: only root and Postfix may read it. */
static gboolean protect(struct app *app, struct atomic_file *file, GError **error)
{
	const struct group *group = getgrnam("postfix");
	struct stat old;

	if (stat(app->output, &old) == 0) {
		if (S_ISREG(old.st_mode) && (old.st_mode & S_IROTH))
			app_warning(app,
				"%s can be read by everybody and holds a password: chmod 0640 it",
				app->output);
		return TRUE;
	}
	if (geteuid() != 0 || !group)
		return TRUE;
	return atomic_file_owner(file, 0, group->gr_gid, error);
}

static gboolean write_cf(struct app *app, const struct mysql_cf *cf, GError **error)
{
	g_autoptr(atomic_file_t) file = NULL;
	g_autofree char *path = NULL;

	if (!app->output) {
		app_note(app, "this file holds a password: --output makes one with mode 0640");
		return mysql_cf_write(cf, NULL, stdout, error);
	}
	path = g_canonicalize_filename(app->output, NULL);
	file = atomic_file_open(app->output, 0640, error);
	if (!file || !protect(app, file, error) ||
		!mysql_cf_write(cf, path, atomic_file_stream(file), error))
		return FALSE;
	interrupt_catch(TRUE);
	return atomic_file_commit(g_steal_pointer(&file), error);
}

int export_mysql(struct app *app, const struct export_settings *export, GError **error)
{
	/* --password-file is the reader's here; tlspol itself logs in by an option file or socket.
	 */
	g_autofree char *password_file = g_steal_pointer(&app->db.password_file);
	g_autofree char *password = NULL, *query = NULL, *database = NULL, *hosts = NULL;
	struct store_settings settings;
	struct mysql_cf cf = {.charset = (char *)"utf8mb4"};

	if (!export->reader) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE,
			"export mysql needs --reader USER, the account that Postfix reads the "
			"table with");
		return STATUS_USAGE;
	}
	if (app->from) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE,
			"export mysql is about the table: --from has nothing to say to it");
		return STATUS_USAGE;
	}
	hosts = hosts_value(app, export->hosts, error);
	if (!hosts || !app_store(app, error) || !app_store_settings(app, &settings, error) ||
		!store_postfix_query(app->store, &settings, &query, &database, error))
		return STATUS_CONFIG;
	password = password_file ? password_from_file(password_file, error)
				 : password_ask("password of the reader: ", error);
	if (!password)
		return STATUS_USAGE;
	cf.hosts = hosts;
	cf.user = export->reader;
	cf.password = password;
	cf.dbname = database;
	cf.query = query;
	cf.tls_CAfile = app->db.ssl_ca;
	return write_cf(app, &cf, error) ? STATUS_OK : STATUS_IO;
}
