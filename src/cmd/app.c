#include "cmd/app.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/help.h"
#include "cmd/interrupt.h"
#include "cmd/password.h"
#include "files/atomic_file.h"
#include "output/progress.h"

/* -- on demand ----------------------------------------------------------------------------- */

/* Options that a setting stands for when they are not given. */
static void take_settings(struct app *app)
{
	const struct {
		char **option;
		const char *setting;
	} taken[] = {
		{&app->resolver, app->config->resolver_address},
		{&app->trust_anchor, app->config->resolver_anchor},
		{&app->root_hints, app->config->resolver_hints},
	};

	for (guint i = 0; i < G_N_ELEMENTS(taken); i++) {
		if (!*taken[i].option)
			*taken[i].option = g_strdup(taken[i].setting);
	}
}

const struct config *app_config(struct app *app, GError **error)
{
	if (!app->config) {
		app->config = config_load(app->config_path, error);
		if (app->config)
			take_settings(app);
	}
	return app->config;
}

gint64 app_now(struct app *app)
{
	if (!app->now_us)
		app->now_us = g_get_real_time();
	return app->now_us;
}

static gboolean find_password(struct app *app, GError **error)
{
	if (app->password)
		return TRUE;
	if (app->db.password_file)
		app->password = password_from_file(app->db.password_file, error);
	else if (app->db.ask_password)
		app->password = password_ask("database password: ", error);
	else
		return TRUE;
	return app->password != NULL;
}

/* Who works here: cron and services have no USER, but everybody has an account. */
static const char *actor(void)
{
	const char *sudo_user = config_environment("SUDO_USER");
	const char *user = config_environment("USER");

	if (sudo_user)
		return sudo_user;
	return user ? user : g_get_user_name();
}

gboolean app_store_settings(struct app *app, struct store_settings *settings, GError **error)
{
	const struct config *config = app_config(app, error);
	const char *mariadb_home = config_environment("MARIADB_HOME");

	if (!config)
		return FALSE;
	*settings = (struct store_settings){
		.home = config_environment("HOME"),
		.mariadb_home = mariadb_home ? mariadb_home : config_environment("MYSQL_HOME"),
		.actor = actor,
		.defaults_file = app->db.defaults_file,
		.defaults_extra_file = app->db.defaults_extra_file,
		.defaults_group_suffix = app->db.defaults_group_suffix,
		.no_defaults = app->db.no_defaults,
		.host = app->db.host,
		.socket = app->db.socket,
		.user = app->db.user,
		.password = app->password,
		.database = app->db.database,
		.port = app->db.port,
		.protocol = app->db.protocol,
		.ssl_ca = app->db.ssl_ca,
		.ssl_capath = app->db.ssl_capath,
		.ssl_cert = app->db.ssl_cert,
		.ssl_key = app->db.ssl_key,
		.ssl_cipher = app->db.ssl_cipher,
		.ssl = app->db.ssl,
		.skip_ssl = app->db.skip_ssl,
		.skip_ssl_verify = app->db.skip_ssl_verify,
		.connect_timeout = app->db.connect_timeout,
		.committing = interrupt_catch,
		.table = app->db.table ? app->db.table : config->table,
		.column_id = config->column_id,
		.column_domain = config->column_domain,
		.column_policy = config->column_policy,
		.column_params = config->column_params,
		.column_active = config->column_active,
		.column_note = config->column_note,
		.column_origin = config->column_origin,
		.column_provider = config->column_provider,
		.column_changed_by = config->column_changed_by,
	};
	return TRUE;
}

/* A terminal that understands escapes, for colours and lines that are drawn anew. */
static gboolean is_able_terminal(int fd)
{
	return isatty(fd) && g_strcmp0(config_environment("TERM"), "dumb") != 0;
}

gboolean app_watched(struct app *app)
{
	if (!app->progress && !app->quiet && is_able_terminal(STDERR_FILENO))
		app->progress = progress_new(stderr);
	return app->progress != NULL;
}

void app_progress(struct app *app, const char *what, guint64 done, guint64 total)
{
	if (app->progress && what)
		progress_show(app->progress, what, done, total);
	else if (app->progress)
		progress_end(app->progress);
}

static void show_store(gpointer app, enum store_work work, guint64 done, guint64 total)
{
	static const char *const words[] = {
		[STORE_READING] = "rows read", [STORE_WRITING] = "rows written"};

	app_progress(app, work == STORE_IDLE ? NULL : words[work], done, total);
}

struct store *app_store(struct app *app, GError **error)
{
	struct store_settings settings;

	if (app->store)
		return app->store;
	if (!find_password(app, error) || !app_store_settings(app, &settings, error))
		return NULL;
	app->store = store_open(&settings, error);
	if (app->store && app_watched(app))
		store_set_watch(app->store, show_store, app);
	return app->store;
}

void app_release(struct app *app)
{
	g_clear_pointer(&app->store, store_close);
	g_clear_pointer(&app->progress, progress_free);
	g_clear_pointer(&app->config, config_free);
	/* Also of a command that does not have these options, and so does not free them. */
	g_clear_pointer(&app->resolver, g_free);
	g_clear_pointer(&app->trust_anchor, g_free);
	g_clear_pointer(&app->root_hints, g_free);
	if (app->password)
		explicit_bzero(app->password, strlen(app->password));
	g_clear_pointer(&app->password, g_free);
}

/* -- the way out ----------------------------------------------------------------------------- */

gboolean app_output_open(struct app *app, struct app_output *output, GError **error)
{
	*output = (struct app_output){.stream = stdout};
	if (!app->output || g_str_equal(app->output, "-"))
		return TRUE;
	output->file = atomic_file_open(app->output, 0644, error);
	if (!output->file)
		return FALSE;
	output->stream = atomic_file_stream(output->file);
	return TRUE;
}

gboolean app_output_close(struct app_output *output, GError **error)
{
	struct atomic_file *file = g_steal_pointer(&output->file);

	if (file) {
		interrupt_catch(TRUE);
		return atomic_file_commit(file, error);
	}
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_IO, "cannot write to standard output: %s",
		errno ? g_strerror(errno) : "it does not take what is written");
	return FALSE;
}

void app_output_abort(struct app_output *output)
{
	g_clear_pointer(&output->file, atomic_file_abort);
}

/* Columns of the terminal; 0 when `to` is none. */
static guint terminal_width(FILE *to)
{
	const char *columns = config_environment("COLUMNS");
	struct winsize size;
	guint64 width;

	if (!isatty(fileno(to)))
		return 0;
	if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (columns && g_ascii_string_to_unsigned(columns, 10, 1, 10000, &width, NULL))
		return (guint)width;
	return 80;
}

guint app_text_width(void)
{
	guint width = terminal_width(stdout);

	return width ? CLAMP(width, 40, 100) : 80;
}

gboolean app_colour(const struct app *app, FILE *to)
{
	if (app->colour != COLOUR_AUTO)
		return app->colour == COLOUR_ALWAYS;
	return is_able_terminal(fileno(to)) && !config_environment("NO_COLOR");
}

void app_record_style(const struct app *app, FILE *to, struct record_style *style)
{
	*style = (struct record_style){
		.format = (enum record_format)app->format,
		.colour = app_colour(app, to),
		.width = terminal_width(to),
	};
}

void app_show_help(const struct app *app, const struct command *command)
{
	g_autoptr(GString) text = g_string_new(NULL);
	gboolean colour = app_colour(app, stdout);

	if (command)
		help_command(command, text, app_text_width(), colour);
	else
		help_program(app->program, app->commands, text, app_text_width(), colour);
	fputs(text->str, stdout);
}

static void say(const struct app *app, const char *kind, const char *colour, const char *format,
	va_list arguments)
{
	g_autofree char *raw = g_strdup_vprintf(format, arguments);
	g_autofree char *text = printable(text_of(raw));
	gboolean coloured = app_colour(app, stderr);

	/* What was printed before comes first when both go to one terminal. */
	fflush(stdout);
	fprintf(stderr, "%s%s:%s %s\n", coloured ? colour : "", kind, coloured ? "\033[0m" : "",
		text);
}

void app_note(const struct app *app, const char *format, ...)
{
	va_list arguments;

	if (app->quiet)
		return;
	va_start(arguments, format);
	say(app, "note", "\033[36m", format, arguments);
	va_end(arguments);
}

void app_warning(const struct app *app, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(app, "warning", "\033[33m", format, arguments);
	va_end(arguments);
}
