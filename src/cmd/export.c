#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/columns.h"
#include "cmd/commands.h"
#include "cmd/export.h"
#include "cmd/interrupt.h"
#include "cmd/moment.h"
#include "cmd/past.h"
#include "cmd/postfix.h"
#include "core/exception.h"
#include "files/atomic_file.h"
#include "files/policies_out.h"

static const char *const postmap_choices[] = {"lmdb", "hash", "cdb", "btree", NULL};

static const struct option export_options[] = {
	{"postmap", 0, OPTION_OPTIONAL, offsetof(struct export_settings, postmap), "TYPE",
		"map: also build the index that Postfix reads (default type: Postfix's own)",
		postmap_choices},
	{"as-of", 0, OPTION_STRING, offsetof(struct export_settings, as_of), "T",
		"the table as it was at this moment"},
	{"reader", 0, OPTION_STRING, offsetof(struct export_settings, reader), "USER",
		"mysql: account that Postfix reads the table with; its password comes from "
		"--password-file or a prompt"},
	{"hosts", 0, OPTION_STRING, offsetof(struct export_settings, hosts), "LIST",
		"mysql: servers to ask: unix:/path, name, address:port (default: the one tlspol is "
		"told with --socket or --host, else localhost)"},
	{NULL},
};

/* -- the index beside a map ----------------------------------------------------------------- */

/* Which type to build: the one asked for, or Postfix's own, as long as it is a file that can be. */
static char *index_type(
	const struct postfix *postfix, const struct export_settings *export, GError **error)
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

/* `name` is what `to` will be called. */
static gboolean copy_file(const char *from, FILE *to, const char *name, GError **error)
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
		error, TLSPOL_ERROR, STATUS_IO, "writing %s failed: %s", name, g_strerror(problem));
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
	g_autofree char *unfinished = g_strconcat(built, ".tmp", NULL);
	g_autofree char *final = g_strconcat(app->output, suffix, NULL);
	g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(atomic_file_t) index = NULL;
	struct stat like;
	gboolean good;

	errno = 0;
	if (fflush(output->stream) != 0 || ferror(output->stream) ||
		fstat(fileno(output->stream), &like) != 0) {
		g_set_error(error, TLSPOL_ERROR, STATUS_IO, "writing %s failed: %s", app->output,
			g_strerror(errno ? errno : EIO));
		return NULL;
	}
	/* Only this function knows of postmap's own file: a signal must find it gone. */
	interrupt_catch(TRUE);
	good = postfix_build(postfix, type, source, warnings, error) &&
	       (index = atomic_file_open(final, like.st_mode & 0666, error)) &&
	       copy_file(built, atomic_file_stream(index), final, error);
	unlink(built);
	/* What a killed postmap leaves of a cdb. */
	unlink(unfinished);
	interrupt_catch(FALSE);
	if (good && interrupted()) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_INTERRUPTED,
			"interrupted: nothing was changed");
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

/* What is exported, read before the old file is touched. A map needs no more than its lines. */
struct exported {
	struct app *app;
	struct policy_set set;
	struct map_lines *map; /* NULL: the policies are in `set` */
	gint64 next_end;       /* of an exception in the map; 0 = there is none */
	gboolean past;	       /* as of another moment */
	guint left_out;
};

static gboolean take_rows(
	gpointer data, const struct policy_set *rows, G_GNUC_UNUSED GError **error)
{
	struct exported *exported = data;
	gint64 end = exception_next_end(rows, app_now(exported->app));

	if (end && (!exported->next_end || end < exported->next_end))
		exported->next_end = end;
	map_lines_add(exported->map, rows);
	return TRUE;
}

static gboolean read_map(struct exported *exported, GError **error)
{
	exported->map = map_lines_new(app_now(exported->app));
	return app_scan(exported->app, STORE_PART_EXCEPTION, take_rows, exported, error);
}

static gboolean read_set(struct exported *exported, GError **error)
{
	if (!app_policies(exported->app, &exported->set, error))
		return FALSE;
	exception_drop_over(&exported->set, app_now(exported->app));
	return TRUE;
}

static gboolean write_map(struct exported *exported, FILE *to, GError **error)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	gboolean good = map_lines_write(exported->map, to, problems, error);

	exported->left_out = report_left_out(exported->app, problems);
	if (good && exported->next_end && !exported->past) {
		g_autofree char *when = moment_local(exported->next_end, FALSE);

		app_note(exported->app,
			"an exception in this map ends %s: export the map again then, it cannot "
			"tell the time itself",
			when);
	}
	return good;
}

static gboolean write_yaml(struct exported *exported, FILE *to, GError **error)
{
	return yaml_out(&exported->set, to, error);
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

static gboolean write_json(struct exported *exported, FILE *to, GError **error)
{
	return write_records(RECORD_JSON, &exported->set, to, error);
}

static gboolean write_csv(struct exported *exported, FILE *to, GError **error)
{
	return write_records(RECORD_CSV, &exported->set, to, error);
}

static const struct export_format {
	const char *name;
	gboolean (*read)(struct exported *exported, GError **error);
	gboolean (*write)(struct exported *exported, FILE *to, GError **error);
} export_formats[] = {
	{"map", read_map, write_map},
	{"mysql"}, /* has a file of its own */
	{"yaml", read_set, write_yaml},
	{"json", read_set, write_json},
	{"csv", read_set, write_csv},
};

static gboolean put_in_place(struct app *app, const struct postfix *postfix, const char *type,
	struct app_output *output, GError **error)
{
	g_autoptr(atomic_file_t) index = NULL;

	if (type && !(index = build_index(app, postfix, type, output, error))) {
		app_output_abort(output);
		return FALSE;
	}
	/* From the first of the two files on, both are finished. */
	interrupt_catch(TRUE);
	if (index && !atomic_file_commit(g_steal_pointer(&index), error)) {
		app_output_abort(output);
		return FALSE;
	}
	return app_output_close(output, error);
}

/* /dev/stdout and FIFOs are written directly: there is nothing postmap could read again. */
static gboolean is_regular(const struct app_output *output)
{
	struct stat file;

	return output->file && fstat(fileno(output->stream), &file) == 0 && S_ISREG(file.st_mode);
}

static int write_file(struct exported *exported, const struct export_format *format,
	const struct postfix *postfix, const char *type, GError **error)
{
	struct app_output output;

	if (!app_output_open(exported->app, &output, error))
		return STATUS_IO;
	if (type && !is_regular(&output)) {
		app_output_abort(&output);
		g_set_error(error, TLSPOL_ERROR, STATUS_CANNOT_CREATE,
			"%s is no regular file: --postmap needs one to build the index beside",
			exported->app->output);
		return STATUS_CANNOT_CREATE;
	}
	if (!format->write(exported, output.stream, error)) {
		if (output.file)
			g_prefix_error(error, "%s: ", exported->app->output);
		app_output_abort(&output);
		return STATUS_IO;
	}
	if (!put_in_place(exported->app, postfix, type, &output, error))
		return STATUS_IO;
	return exported->left_out ? STATUS_NO : STATUS_OK;
}

static int export_policies(struct app *app, const struct export_settings *export,
	const struct export_format *format, GError **error)
{
	struct exported exported = {.app = app, .past = export->as_of != NULL};
	g_auto(postfix_t) postfix = {0};
	g_autofree char *type = NULL;
	int status = STATUS_IO;

	if (export->postmap) {
		const struct config *config = app_config(app, error);

		if (!config)
			return STATUS_CONFIG;
		postfix_init(&postfix, config);
		if (!postfix_installed(&postfix, error) ||
			!(type = index_type(&postfix, export, error)))
			return STATUS_CONFIG;
	}
	if (export->as_of && !past_as_of(app, export->as_of, error))
		return STATUS_USAGE;
	policy_set_init(&exported.set);
	if (format->read(&exported, error))
		status = write_file(&exported, format, &postfix, type, error);
	policy_set_release(&exported.set);
	g_clear_pointer(&exported.map, map_lines_free);
	return status;
}

/* -- the command ---------------------------------------------------------------------------- */

static const char *const formats[] = {"map", "mysql", "yaml", "json", "csv", NULL};
G_STATIC_ASSERT(G_N_ELEMENTS(formats) == G_N_ELEMENTS(export_formats) + 1);

static gboolean check_words(const struct app *app, const struct export_settings *export,
	const char *format, GError **error)
{
	gboolean map = strcmp(format, "map") == 0, mysql = strcmp(format, "mysql") == 0;
	const char *wrong = NULL;

	if (export->postmap && !map)
		wrong = "--postmap goes with export map";
	else if (export->postmap && !app->output)
		wrong = "--postmap needs --output FILE to build the index beside";
	else if (export->as_of && mysql)
		wrong = "--as-of goes with formats that hold policies, not with mysql";
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
	const struct export_settings *export = settings;

	for (guint i = 0; i < G_N_ELEMENTS(export_formats); i++) {
		const struct export_format *format = &export_formats[i];

		if (strcmp(operands[0], format->name) != 0)
			continue;
		if (!check_words(app, export, operands[0], error))
			return STATUS_USAGE;
		return format->read ? export_policies(app, export, format, error)
				    : export_mysql(app, export, error);
	}
	g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
		"unknown export format '%s': map, mysql, yaml, json or csv", operands[0]);
	return STATUS_USAGE;
}

static const struct option_group export_group = {NULL, BASE_COMMAND, export_options};
static const struct option_group *const export_groups[] = {
	&export_group, &app_group_output, &app_group_from, &app_group_db, &app_group_global, NULL};
static const struct operand export_operands[] = {
	{"FORMAT", .choices = formats},
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
		"A file named with --output is replaced as a whole, with its old mode and\n"
		"owner; when anything fails the old one stays. For export mysql,\n"
		"--password-file is the reader's password; tlspol itself logs in by an option\n"
		"file, a socket, or --ask-password.",
	.operands = export_operands,
	.groups = export_groups,
	.examples = export_examples,
	.statuses = export_statuses,
	.settings_size = sizeof(struct export_settings),
	.run = run,
};
