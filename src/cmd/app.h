/*
 * app: what commands share while one of them runs: options that many have, the configuration,
 * the store opened on demand, the way out for rows.
 *
 * The reading order of a command: its struct and option table, run(), helpers from here.
 */
#ifndef TLSPOL_CMD_APP_H
#define TLSPOL_CMD_APP_H

#include "cli/command.h"
#include "cmd/config.h"
#include "core/error.h"
#include "core/policy_set.h"
#include "core/rules.h"
#include "files/policies_in.h"
#include "output/records.h"
#include "store/store.h"

enum app_colour_when { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct app {
	/* Filled from the command line (shared option groups below; BASE_SHARED offsets). */
	gboolean quiet, verbose, help;
	char *config_path;
	enum app_colour_when colour;
	int format; /* enum record_format, or one more for commands that add their own */
	char *output;
	char *from;
	int input_format; /* enum policies_format */
	gboolean accept_expired;
	char *postfix_version;
	gboolean no_tafile;
	char *resolver, *trust_anchor, *root_hints; /* net/survey.h */
	struct {
		char *defaults_file, *defaults_extra_file, *defaults_group_suffix;
		gboolean no_defaults;
		char *host, *socket, *user, *password_file, *database, *table, *protocol;
		gboolean ask_password;
		guint port;
		char *ssl_ca, *ssl_capath, *ssl_cert, *ssl_key, *ssl_cipher;
		gboolean ssl, skip_ssl, skip_ssl_verify;
		guint connect_timeout;
	} db;

	/* Made when first asked for. */
	struct config *config;
	struct store *store;
	struct progress *progress; /* of long jobs, on a terminal; app_progress() */
	char *password;
	/* Set by main.c. */
	command_list commands;
	const struct command *program; /* tlspol itself */
	const struct command *command; /* the one that runs */
	gint64 now_us;		       /* see app_now() */
};

/*
 * Shared option groups; a command lists the ones it has, after its own, in this order:
 * rules   --postfix-version, --no-tafile
 * resolver  --resolver, --trust-anchor, --root-hints
 * input   --input-format, for commands with FILE operands
 * from    --from, --input-format
 * format  --format, --output
 * output  --output alone
 * db      the connection; every command that can use the table
 * global  --help, --config, --quiet, --verbose, --colour; every command
 */
extern const struct option_group app_group_rules, app_group_resolver, app_group_input,
	app_group_from, app_group_format, app_group_output, app_group_db, app_group_global;

const struct config *app_config(struct app *app, GError **error);

/*
 * The moment this run is about, in microseconds since 1970, UTC: that of --as-of, else the present,
 * the same one however often it is asked for. What temporary exceptions are judged by.
 */
gint64 app_now(struct app *app);

/* The open store (password asked for or read when needed), or NULL with an error. */
struct store *app_store(struct app *app, GError **error);
/* The settings the store is opened with; borrowed strings. For commands that work without one. */
gboolean app_store_settings(struct app *app, struct store_settings *settings, GError **error);

/*
 * All policies from --from or from the table, sorted. Keys of a file are folded and IDNA-mapped;
 * the file's problems are printed to stderr, and an error that is no warning gives DATA.
 * Two equal keys in one file are an error naming both lines.
 */
gboolean app_policies(struct app *app, struct policy_set *set, GError **error);
/* The same in portions and in any order; `parts` as for store_scan(). */
gboolean app_scan(struct app *app, guint parts, store_take *take, gpointer data, GError **error);
/* The same for named files (import FILE…): problems are collected, not printed. */
gboolean app_read_files(struct app *app, char **paths, int count, struct policy_set *set,
	GPtrArray *problems, GError **error);
/*
 * The two steps of it: the rows in the order of the files, for who looks at all of them (in any
 * other order each is a wait for memory), then sorted, keys that come twice told.
 */
gboolean app_read_rows(struct app *app, char **paths, int count, struct policy_set *set,
	GPtrArray *problems, GError **error);
void app_sort_rows(struct policy_set *set, GPtrArray *problems);
/* Prints problems to stderr; returns how many were errors. */
guint app_report_problems(struct app *app, const GPtrArray *problems);

/*
 * The rule context for this run: version from --postfix-version, the configuration, the
 * installed Postfix, in this order, else the newest known; OpenSSL and tafile answers.
 */
gboolean app_rules(struct app *app, struct rule_context *context, GError **error);
/* The same without asking the installed Postfix, which takes longer than reading a row. */
gboolean app_rules_unasked(struct app *app, struct rule_context *context, GError **error);

/*
 * Where output goes: standard output, or --output replaced atomically. app_output_close()
 * flushes; a full disk or a closed pipe is IO (74). Signals stay caught behind it: what was asked
 * for is done, unless the command goes on to something else and lets them through again.
 */
struct app_output {
	FILE *stream;
	struct atomic_file *file;
};
gboolean app_output_open(struct app *app, struct app_output *output, GError **error);
gboolean app_output_close(struct app_output *output, GError **error);
void app_output_abort(struct app_output *output);

/* Format, colour and width for records_open(), from the options and the terminal. */
void app_record_style(const struct app *app, FILE *to, struct record_style *style);

/* Width to fold text for people at: the terminal's, 80 where there is none, at most 100. */
guint app_text_width(void);
/* Colours on this stream, by --colour, NO_COLOR, TERM and whether it is a terminal. */
gboolean app_colour(const struct app *app, FILE *to);

/* Whether there is a terminal on which somebody may want to know how far a long job is. */
gboolean app_watched(struct app *app);
/*
 * A long job tells that now and then ("rows read", a literal), and NULL at its end, before anything
 * else is printed. Nothing happens unless app_watched() has been asked.
 */
void app_progress(struct app *app, const char *what, guint64 done, guint64 total);

/* Help on standard output: of one command, or of the program when `command` is NULL. */
void app_show_help(const struct app *app, const struct command *command);

/* "note: …" / "warning: …" on stderr; nothing with --quiet (warnings stay). */
void app_note(const struct app *app, const char *format, ...) G_GNUC_PRINTF(2, 3);
void app_warning(const struct app *app, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Frees what was made on demand; the options are options_release()'s. */
void app_release(struct app *app);

#endif
