#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/app.h"
#include "cmd/columns.h"
#include "cmd/commands.h"
#include "cmd/password.h"
#include "cmd/postfix.h"
#include "files/atomic_file.h"
#include "files/mysql_cf.h"
#include "files/policies_out.h"

struct export
{
	char *postmap, *reader, *hosts;
};

static const char *const postmap_choices[] = {"lmdb", "hash", "cdb", "btree", NULL};

static const struct option export_options[] = {
	{"postmap", 0, OPTION_OPTIONAL, offsetof(struct export, postmap), "TYPE",
		"map: also build the index that Postfix reads (default type: Postfix's own)",
		postmap_choices},
	{"reader", 0, OPTION_STRING, offsetof(struct export, reader), "USER",
		"mysql: account that Postfix reads the table with; its password comes from "
		"--password-file or a prompt"},
	{"hosts", 0, OPTION_STRING, offsetof(struct export, hosts), "LIST",
		"mysql: servers to ask: unix:/path, name, address:port (default: localhost)"},
	{NULL},
};

/* -- the index beside a map ----------------------------------------------------------------- */

/* Which type to build: the one asked for, or Postfix's own, as long as it is a file that can be. */
static char *index_type(const struct postfix *postfix, const struct export *export, GError **error)
{
	g_autofree char *type = *export->postmap
					? g_strdup(export->postmap)
					: postfix_setting(postfix, "default_database_type", error);

	if (!type || !postfix_has_map_type(postfix, type, error))
		return NULL;
	if (postfix_index_suffix(type))
		return g_steal_pointer(&type);
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
		"default_database_type of Postfix is %s, which tlspol cannot build: choose "
		"--postmap=lmdb, hash or cdb",
		type);
	return NULL;
}

static gboolean copy_file(const char *from, FILE *to, GError **error)
{
	FILE *in = fopen(from, "rbe");
	char block[65536];
	size_t got;
	int problem;

	if (in) {
		while ((got = fread(block, 1, sizeof(block), in)) > 0 &&
			fwrite(block, 1, got, to) == got)
			;
		problem = ferror(in) || ferror(to) ? errno : 0;
		fclose(in);
	} else {
		problem = errno;
	}
	if (!problem)
		return TRUE;
	g_set_error(
		error, TLSPOL_ERROR, STATUS_IO, "cannot copy %s: %s", from, g_strerror(problem));
	return FALSE;
}

/*
 * postmap works on the new source under its temporary name, so a failure (a full disk, a value
 * the type cannot hold) leaves what Postfix reads alone. The result then goes through an
 * atomic_file of its own: Postfix opens the old index or the new one, and notices by the link count
 * that the one it has open was replaced. The caller puts it in place before the source, because
 * Postfix warns of an index that is older than its source.
 */
static struct atomic_file *build_index(struct app *app, const struct postfix *postfix,
	const char *type, struct app_output *output, GError **error)
{
	const char *source = atomic_file_temporary(output->file),
		   *suffix = postfix_index_suffix(type);
	g_autofree char *built = g_strconcat(source, suffix, NULL);
	g_autofree char *final = g_strconcat(app->output, suffix, NULL);
	g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(atomic_file_t) index = NULL;
	struct stat like;
	gboolean good;

	if (fflush(output->stream) != 0 || fstat(fileno(output->stream), &like) != 0) {
		g_set_error(error, TLSPOL_ERROR, STATUS_IO, "cannot write %s: %s", app->output,
			g_strerror(errno));
		return NULL;
	}
	/* Only this function knows of postmap's own file: a signal must find it gone. */
	app_catch_interrupts(TRUE);
	good = postfix_build(postfix, type, source, warnings, error) &&
	       (index = atomic_file_open(final, like.st_mode & 0666, error)) &&
	       copy_file(built, atomic_file_stream(index), error);
	unlink(built);
	app_catch_interrupts(FALSE);
	if (good && app_interrupted()) {
		g_set_error_literal(
			error, TLSPOL_ERROR, STATUS_INTERRUPTED, "interrupted: nothing is changed");
		good = FALSE;
	}
	for (guint i = 0; i < warnings->len; i++)
		app_warning(app, "postmap: %s", (char *)g_ptr_array_index(warnings, i));
	return good ? g_steal_pointer(&index) : NULL;
}

/* -- map, yaml, json, csv ------------------------------------------------------------------- */

/* How many rows a map cannot carry; each is named. */
static guint report_left_out(struct app *app, const GPtrArray *problems)
{
	for (guint i = 0; i < problems->len; i++)
		app_warning(app, "left out: %s", (char *)g_ptr_array_index(problems, i));
	return problems->len;
}

static gboolean write_map(
	struct app *app, const struct policy_set *set, FILE *to, guint *left_out, GError **error)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	gboolean good = map_out(set, to, problems, error);

	*left_out = report_left_out(app, problems);
	return good;
}

static gboolean write_yaml(G_GNUC_UNUSED struct app *app, const struct policy_set *set, FILE *to,
	G_GNUC_UNUSED guint *left_out, GError **error)
{
	return yaml_out(set, to, error);
}

static gboolean write_records(
	enum record_format format, const struct policy_set *set, FILE *to, GError **error)
{
	const struct record_style style = {.format = format};
	struct records *records = records_open(&style, policy_columns, (gpointer)set, to);

	for (guint i = 0; i < policy_set_count(set); i++)
		records_row(records, policy_set_row(set, i));
	return records_close(records, error);
}

static gboolean write_json(G_GNUC_UNUSED struct app *app, const struct policy_set *set, FILE *to,
	G_GNUC_UNUSED guint *left_out, GError **error)
{
	return write_records(RECORD_JSON, set, to, error);
}

static gboolean write_csv(G_GNUC_UNUSED struct app *app, const struct policy_set *set, FILE *to,
	G_GNUC_UNUSED guint *left_out, GError **error)
{
	return write_records(RECORD_CSV, set, to, error);
}

typedef gboolean policies_writer(
	struct app *app, const struct policy_set *set, FILE *to, guint *left_out, GError **error);

static gboolean put_in_place(struct app *app, const struct postfix *postfix, const char *type,
	struct app_output *output, GError **error)
{
	g_autoptr(atomic_file_t) index = NULL;

	if (type && !(index = build_index(app, postfix, type, output, error))) {
		app_output_abort(output);
		return FALSE;
	}
	if (index && !atomic_file_commit(g_steal_pointer(&index), error)) {
		app_output_abort(output);
		return FALSE;
	}
	return app_output_close(output, error);
}

static int export_policies(
	struct app *app, const struct export *export, policies_writer *writer, GError **error)
{
	g_auto(policy_set_t) set;
	g_auto(postfix_t) postfix = {0};
	g_autofree char *type = NULL;
	struct app_output output;
	guint left_out = 0;

	policy_set_init(&set);
	if (export->postmap) {
		const struct config *config = app_config(app, error);

		if (!config)
			return STATUS_CONFIG;
		postfix_init(&postfix, config);
		if (!postfix_installed(&postfix, error) ||
			!(type = index_type(&postfix, export, error)))
			return STATUS_CONFIG;
	}
	/* All rows are here before the old file is touched. */
	if (!app_policies(app, &set, error) || !app_output_open(app, &output, error))
		return STATUS_IO;
	if (type && (!output.file || !atomic_file_temporary(output.file))) {
		app_output_abort(&output);
		g_set_error(error, TLSPOL_ERROR, STATUS_CANNOT_CREATE,
			"%s is no regular file: --postmap needs one to build the index beside",
			app->output);
		return STATUS_CANNOT_CREATE;
	}
	if (!writer(app, &set, output.stream, &left_out, error)) {
		app_output_abort(&output);
		return STATUS_IO;
	}
	if (!put_in_place(app, &postfix, type, &output, error))
		return STATUS_IO;
	return left_out ? STATUS_NO : STATUS_OK;
}

/* -- mysql ---------------------------------------------------------------------------------- */

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

/* Commas and blanks both separate servers; the file gets blanks. */
static char *hosts_value(struct app *app, const char *list, GError **error)
{
	g_auto(GStrv) hosts = g_strsplit_set(list ? list : "localhost", ", \t", -1);
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
	return file && protect(app, file, error) &&
	       mysql_cf_write(cf, path, atomic_file_stream(file), error) &&
	       atomic_file_commit(g_steal_pointer(&file), error);
}

static int export_mysql(struct app *app, const struct export *export, GError **error)
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

/* -- the command ---------------------------------------------------------------------------- */

static const struct {
	const char *name;
	policies_writer *write; /* NULL: mysql */
} formats[] = {
	{"map", write_map},
	{"mysql", NULL},
	{"yaml", write_yaml},
	{"json", write_json},
	{"csv", write_csv},
};

static gboolean check_words(
	const struct app *app, const struct export *export, const char *format, GError **error)
{
	gboolean map = strcmp(format, "map") == 0, mysql = strcmp(format, "mysql") == 0;
	const char *wrong = NULL;

	if (export->postmap && !map)
		wrong = "--postmap goes with export map";
	else if (export->postmap && !app->output)
		wrong = "--postmap needs --output FILE to build the index beside";
	else if ((export->reader || export->hosts) && !mysql)
		wrong = "--reader and --hosts go with export mysql";
	if (wrong)
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE, wrong);
	return wrong == NULL;
}

static int run(gpointer shared, gpointer settings, char **operands, G_GNUC_UNUSED int count,
	GError **error)
{
	struct app *app = shared;
	const struct export *export = settings;

	for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
		if (strcmp(operands[0], formats[i].name) != 0)
			continue;
		if (!check_words(app, export, operands[0], error))
			return STATUS_USAGE;
		return formats[i].write ? export_policies(app, export, formats[i].write, error)
					: export_mysql(app, export, error);
	}
	g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
		"unknown export format '%s': map, mysql, yaml, json or csv", operands[0]);
	return STATUS_USAGE;
}

static const struct option_group export_group = {NULL, BASE_COMMAND, export_options};
static const struct option_group *const export_groups[] = {
	&export_group, &app_group_output, &app_group_from, &app_group_db, &app_group_global, NULL};
static const char *const format_words[] = {"map", "mysql", "yaml", "json", "csv", NULL};
G_STATIC_ASSERT(G_N_ELEMENTS(format_words) == G_N_ELEMENTS(formats) + 1);
static const struct operand export_operands[] = {
	{"FORMAT", .choices = format_words},
	{NULL},
};
static const struct example export_examples[] = {
	{"tlspol export map --output /etc/postfix/tls_policy --postmap",
		"smtp_tls_policy_maps = hash:/etc/postfix/tls_policy"},
	{"tlspol export mysql --reader postfix --password-file pw --output "
	 "/etc/postfix/tls_policy.cf",
		"smtp_tls_policy_maps = proxy:mysql:/etc/postfix/tls_policy.cf"},
	{"tlspol export yaml >policies.yaml",
		"tlspol import reads it back, byte for byte the same"},
	{"tlspol export map --from policies.yaml", "from a file: no database is needed"},
	{NULL},
};
static const int export_statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_DATA,
	STATUS_NO_INPUT, STATUS_UNAVAILABLE, STATUS_CANNOT_CREATE, STATUS_IO, STATUS_TRY_AGAIN,
	STATUS_NO_PERMISSION, STATUS_CONFIG, -1};

const struct command cmd_export = {
	.name = "export",
	.group = "Files",
	.summary = "hand the policies to Postfix or to a file: map, mysql, yaml, json, csv",
	.description =
		"map    Postfix map source, one policy a line, sorted. --postmap also builds the\n"
		"       index. Rows a map cannot carry are named and left out (exit status 1).\n"
		"mysql  a Postfix mysql_table(5) file that works as it is; it holds the reader's\n"
		"       password, so it is made with mode 0640, group postfix.\n"
		"yaml   for import and for version control; json and csv for other programs.\n"
		"\n"
		"A file named with --output is replaced as a whole, with its old mode and owner;\n"
		"when anything fails the old one stays. For export mysql, --password-file is the\n"
		"reader's password; tlspol itself logs in by an option file, a socket, or "
		"--password.",
	.operands = export_operands,
	.groups = export_groups,
	.examples = export_examples,
	.statuses = export_statuses,
	.settings_size = sizeof(struct export),
	.run = run,
};
