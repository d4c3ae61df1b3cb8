#include <unistd.h>

#include "cmd/edit.h"

struct init_settings {
	gboolean print, upgrade, history, yes, grants;
};

/* clang-format off */
static const struct option own_options[] = {
	{"print", 0, OPTION_FLAG, offsetof(struct init_settings, print), NULL,
		"print the SQL and change nothing; without --upgrade and --history no server is needed"},
	{"upgrade", 0, OPTION_FLAG, offsetof(struct init_settings, upgrade), NULL,
		"give an adopted table the columns and collation of a new one"},
	{"history", 0, OPTION_FLAG, offsetof(struct init_settings, history), NULL,
		"keep every version of a row from now on, and who wrote it"},
	{"yes", 'y', OPTION_FLAG, offsetof(struct init_settings, yes), NULL,
		"do not ask before the table is altered"},
	{"grants", 0, OPTION_FLAG, offsetof(struct init_settings, grants), NULL,
		"print the SQL for accounts with the least privileges"},
	{0},
};
/* clang-format on */
static const struct option_group own_group = {NULL, BASE_COMMAND, own_options};
static const struct option_group *const groups[] = {
	&own_group, &app_group_db, &app_group_global, NULL};

struct init_run {
	struct app *app;
	const struct init_settings *settings;
	GString *text; /* for standard output */
};

static void append_sql(GString *text, const GPtrArray *statements)
{
	for (guint i = 0; i < statements->len; i++)
		g_string_append_printf(text, "%s;\n", (char *)statements->pdata[i]);
}

/* The SQL is the answer, so --quiet does not silence it. */
static gboolean print_text(struct init_run *run, GError **error)
{
	struct app_output output;

	if (!app_output_open(run->app, &output, error))
		return FALSE;
	fwrite(run->text->str, 1, run->text->len, output.stream);
	return app_output_close(&output, error);
}

static gboolean print_grants(struct init_run *run, struct store *store,
	const struct store_settings *settings, GError **error)
{
	g_autoptr(GPtrArray) statements = g_ptr_array_new_with_free_func(g_free);

	if (!store_grants(store, settings, statements, error))
		return FALSE;
	append_sql(run->text, statements);
	return print_text(run, error);
}

/* What an adopted table has not got, and which commands miss it. */
static void describe_missing(const struct store_table *table, GString *text)
{
	static const struct {
		enum store_column_id id;
		const char *name;
	} extras[] = {{STORE_NOTE, "note"}, {STORE_ORIGIN, "origin"}, {STORE_PROVIDER, "provider"},
		{STORE_CHANGED_BY, "changed_by"}};
	const char *before = "it has no column ";

	for (guint i = 0; i < G_N_ELEMENTS(extras); i++) {
		if (table->column[extras[i].id].name)
			continue;
		g_string_append_printf(text, "%s%s", before, extras[i].name);
		before = ", ";
	}
	if (*before == ',')
		g_string_append(text, ": everything else works; "
				      "'tlspol init --upgrade' adds them\n");
}

static gboolean describe_adopted(struct init_run *run, struct store *store, GError **error)
{
	const struct store_table *table = store_describe(store, error);
	const struct store_column *params;

	if (!table)
		return FALSE;
	params = &table->column[STORE_PARAMS];
	g_string_append_printf(run->text, "table %s.%s is used as it is, nothing was changed\n",
		table->database, table->name);
	g_string_append_printf(run->text, "its %s column holds %" G_GUINT64_FORMAT " characters\n",
		params->name, params->max);
	if (!table->domain_unique && !table->view)
		app_warning(run->app,
			"column %s of %s.%s has no unique index: the same key can be "
			"stored twice",
			table->column[STORE_DOMAIN].name, table->database, table->name);
	describe_missing(table, run->text);
	g_string_append(run->text, "next: 'tlspol list', 'tlspol check'\n");
	return edit_say(run->app, run->text, error);
}

/* What the table is going to become; keys of rows are among it. */
static void append_notes(GString *text, const struct store_init *init)
{
	for (guint i = 0; i < init->notes->len; i++) {
		g_autofree char *note = printable(text_of(init->notes->pdata[i]));

		g_string_append_printf(text, "  %s\n", note);
	}
}

static gboolean confirmed(const struct init_run *run, const struct store_init *init, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char answer[16] = "";

	if (run->settings->yes)
		return TRUE;
	if (!isatty(STDIN_FILENO)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
			"this alters the table: look at it with --print, then give --yes");
		return FALSE;
	}
	fputs("the table is altered:\n", stderr);
	append_notes(text, init);
	fputs(text->str, stderr);
	fputs("the table is locked for writing meanwhile; go on? [y/N] ", stderr);
	if (fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y'))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_NO, "the table was not changed");
	return FALSE;
}

/* What was done, and what to type next. */
static void append_done(
	GString *text, const struct store_table *table, const struct store_init *init)
{
	static const char *const done[] = {
		[STORE_INIT_NOTHING] = "no upgrade needed for",
		[STORE_INIT_CREATE] = "created",
		[STORE_INIT_UPGRADE] = "upgraded",
	};
	static const char *const remembers[] = {
		[STORE_INIT_NOTHING] = "history is kept already in",
		[STORE_INIT_CREATE] = "created",
		[STORE_INIT_UPGRADE] = "history is kept from now on in",
	};
	static const char *const next[] = {
		[STORE_INIT_NOTHING] = "",
		[STORE_INIT_CREATE] =
			"next: 'tlspol add KEY LEVEL' or 'tlspol import FILE', then 'tlspol export "
			"mysql'\n'tlspol init --grants' prints accounts for Postfix and for "
			"tlspol\n",
		[STORE_INIT_UPGRADE] = "next: 'tlspol check'\n",
	};

	g_string_append_printf(text, "%s table %s.%s\n",
		(init->wishes == STORE_WISH_HISTORY ? remembers : done)[init->action],
		table->database, table->name);
	if (init->action == STORE_INIT_UPGRADE)
		append_notes(text, init);
	g_string_append(text, next[init->action]);
}

/* Without its triggers history works, but blames the wrong ones. */
static void warn_of_failed(const struct init_run *run, const struct store_init *init)
{
	for (guint i = 0; i < init->failed->len; i++)
		app_warning(run->app, "no trigger was made: %s", (char *)init->failed->pdata[i]);
	if (init->failed->len)
		app_warning(run->app, "changes by other programs than tlspol will not be signed; "
				      "an account with the privilege TRIGGER makes it good with "
				      "'tlspol init --history --yes'");
}

static gboolean do_init(
	struct init_run *run, struct store *store, struct store_init *init, GError **error)
{
	const struct store_table *table;

	if (init->action == STORE_INIT_NOTHING && !init->wishes)
		return describe_adopted(run, store, error);
	if (init->action == STORE_INIT_UPGRADE && !confirmed(run, init, error))
		return FALSE;
	if (init->action != STORE_INIT_NOTHING && !store_init_apply(store, init, error))
		return FALSE;
	table = store_describe(store, error);
	if (!table)
		return FALSE;
	warn_of_failed(run, init);
	append_done(run->text, table, init);
	return init->action == STORE_INIT_NOTHING ? edit_say(run->app, run->text, error)
						  : edit_report(run->app, run->text, error);
}

static gboolean init(struct init_run *run, GError **error)
{
	const struct init_settings *asked = run->settings;
	struct store_settings settings = {0};
	struct store_init plan = {0};
	struct store *store = NULL;
	guint wishes = (asked->upgrade ? STORE_WISH_UPGRADE : 0) |
		       (asked->history ? STORE_WISH_HISTORY : 0);
	gboolean done;

	if (!app_store_settings(run->app, &settings, error))
		return FALSE;
	if (wishes || !asked->print) {
		store = app_store(run->app, error);
		if (!store)
			return FALSE;
	}
	if (asked->grants)
		return print_grants(run, store, &settings, error);
	if (!store_init_plan(store, &settings, wishes, &plan, error))
		return FALSE;
	if (asked->print) {
		append_sql(run->text, plan.statements);
		append_sql(run->text, plan.optional);
		done = print_text(run, error);
	} else {
		done = do_init(run, store, &plan, error);
	}
	store_init_release(&plan);
	return done;
}

static int run(gpointer shared, gpointer data, char **operands, int count, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct init_run run = {shared, data, text};

	(void)operands;
	(void)count;
	return init(&run, error) ? STATUS_OK : STATUS_BUG;
}

static const struct example examples[] = {
	{"tlspol init", "make the table, or adopt the one that is there"},
	{"tlspol init --print --database mail", "the SQL for a database administrator"},
	{"tlspol init --upgrade", "notes, origin and provider for an old table, after asking"},
	{"tlspol init --history", "remember who changed what and when, from now on"},
	{"tlspol init --grants --print --database mail",
		"accounts for Postfix, tlspol and an auditor"},
	{0},
};
static const int statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_UNAVAILABLE,
	STATUS_TRY_AGAIN, STATUS_NO_PERMISSION, STATUS_CONFIG, -1};

const struct command cmd_init = {
	.name = "init",
	.group = "Set-up",
	.summary = "make, adopt or upgrade the policy table",
	.description =
		"Makes the policy table where there is none. A table that is there already is\n"
		"adopted: nothing in it is altered, and every command that needs no more\n"
		"columns works. Names of tables and columns can be mapped in tlspol.conf(5).\n"
		"\n"
		"With --history MariaDB keeps every version of a row (system versioning), and\n"
		"triggers write down who changed it, also when it was not tlspol: 'tlspol\n"
		"history', 'diff' and 'revert' work from then on. A table that is there is\n"
		"copied once.\n"
		"\n"
		"With --upgrade an adopted table gets what a new one has: a binary collation,\n"
		"wider parameters, columns for note, origin and provider. It says what it\n"
		"will do and asks first.\n",
	.groups = groups,
	.examples = examples,
	.statuses = statuses,
	.settings_size = sizeof(struct init_settings),
	.run = run,
};
