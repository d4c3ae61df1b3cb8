#include "cmd/columns.h"
#include "cmd/edit.h"
#include "cmd/keys.h"
#include "cmd/moment.h"
#include "cmd/past.h"
#include "core/history.h"

struct history_settings {
	char *since, *prune_before;
};

/* clang-format off */
static const struct option own_options[] = {
	{"since", 0, OPTION_STRING, offsetof(struct history_settings, since), "T",
		"only what happened from then on"},
	{"prune-before", 0, OPTION_STRING, offsetof(struct history_settings, prune_before), "T",
		"forget the versions that were over by then"},
	{NULL},
};
/* clang-format on */

/* -- columns -------------------------------------------------------------------------------- */

/* An event on its way out; texts live until the next one. */
struct told {
	const struct policy_set *versions;
	char *time, *change;
};

static void put(struct value *value, struct text text)
{
	value->kind = text.at ? VALUE_TEXT : VALUE_NULL;
	value->text = text;
}

static const struct policy_row *subject(const struct event *event)
{
	return event->after ? event->after : event->before;
}

#define GETTER(name) static void get_##name(gconstpointer row, gpointer data, struct value *value)

GETTER(time)
{
	(void)row;
	put(value, text_of(((const struct told *)data)->time));
}

GETTER(kind)
{
	static const char *const names[] = {"add", "update", "rename", "remove"};

	(void)data;
	put(value, text_of(names[((const struct event *)row)->kind]));
}

GETTER(who)
{
	(void)data;
	put(value, text_of(((const struct event *)row)->who));
}

GETTER(domain)
{
	(void)data;
	put(value, policy_row_key(subject(row)));
}

GETTER(old_domain)
{
	const struct event *event = row;

	(void)data;
	put(value, event->kind == EVENT_RENAME ? policy_row_key(event->before) : TEXT_NONE);
}

GETTER(change)
{
	(void)row;
	put(value, text_of(((const struct told *)data)->change));
}

/* A row's column before and after, by the getter that list has for it. */
static void put_side(struct value *value, const struct told *told, const struct policy_row *row,
	void (*get)(gconstpointer row, gpointer set, struct value *value))
{
	put(value, TEXT_NONE);
	if (row)
		get(row, (gpointer)told->versions, value);
}

#define SIDES(field)                                                                               \
	GETTER(field)                                                                              \
	{                                                                                          \
		put_side(value, data, ((const struct event *)row)->after, column_##field);         \
	}                                                                                          \
	GETTER(old_##field)                                                                        \
	{                                                                                          \
		put_side(value, data, ((const struct event *)row)->before, column_##field);        \
	}
SIDES(policy)
SIDES(params)
SIDES(note)
SIDES(origin)
SIDES(provider)
SIDES(exception_policy)
SIDES(exception_params)
SIDES(exception_until)
SIDES(exception_note)

static const struct column machine_columns[] = {
	{"time", "Time", get_time, 0},
	{"change", "Change", get_kind, 0},
	{"domain", "Domain", get_domain, 0},
	{"policy", "Policy", get_policy, 0},
	{"params", "Parameters", get_params, 0},
	{"note", "Note", get_note, 0},
	{"old_domain", "Old domain", get_old_domain, 0},
	{"old_policy", "Old policy", get_old_policy, 0},
	{"old_params", "Old parameters", get_old_params, 0},
	{"old_note", "Old note", get_old_note, 0},
	{"changed_by", "Changed by", get_who, 0},
	{"origin", "Origin", get_origin, 0},
	{"old_origin", "Old origin", get_old_origin, 0},
	{"provider", "Provider", get_provider, 0},
	{"old_provider", "Old provider", get_old_provider, 0},
	{"exception_policy", "Exception", get_exception_policy, 0},
	{"old_exception_policy", "Old exception", get_old_exception_policy, 0},
	{"exception_params", "Exception parameters", get_exception_params, 0},
	{"old_exception_params", "Old exception parameters", get_old_exception_params, 0},
	{"exception_until", "Exception until", get_exception_until, 0},
	{"old_exception_until", "Old exception until", get_old_exception_until, 0},
	{"exception_note", "Exception note", get_exception_note, 0},
	{"old_exception_note", "Old exception note", get_old_exception_note, 0},
	{NULL},
};
static const struct column table_columns[] = {
	{"time", "Time", get_time, 0},
	{"changed_by", "Changed by", get_who, COLUMN_HIDE_EMPTY},
	{"domain", "Domain", get_domain, 0},
	{"change", "Change", get_change, COLUMN_WRAP},
	{NULL},
};

/* "+ may", "~ may -> secure", "- secure". */
static char *describe(const struct policy_set *versions, const struct event *event)
{
	g_autofree char *before = event->before ? edit_show(versions, event->before) : NULL;
	g_autofree char *after = event->after ? edit_show(versions, event->after) : NULL;
	g_autofree char *key = event->before ? printable(policy_row_key(event->before)) : NULL;

	switch (event->kind) {
	case EVENT_ADD:
		return g_strconcat("+ ", after, NULL);
	case EVENT_REMOVE:
		return g_strconcat("- ", before, NULL);
	case EVENT_RENAME:
		if (strcmp(before, after) == 0)
			return g_strdup_printf("~ %s, was the row of %s", after, key);
		return g_strdup_printf("~ %s -> %s, was the row of %s", before, after, key);
	case EVENT_UPDATE:
		break;
	}
	/* Columns that tlspol does not know, or the same once more by hand. */
	if (strcmp(before, after) == 0)
		return g_strdup_printf("~ %s, written again", after);
	return g_strconcat("~ ", before, " -> ", after, NULL);
}

/* -- reading and printing ------------------------------------------------------------------- */

static gboolean is_meant(const GPtrArray *keys, const struct policy_row *row)
{
	for (guint i = 0; row && i < keys->len; i++) {
		const struct typed_key *key = keys->pdata[i];

		if (text_is(policy_row_key(row), key->stored) ||
			text_is(policy_row_key(row), key->typed))
			return TRUE;
	}
	return FALSE;
}

static gboolean print(struct app *app, const struct policy_set *versions, const GArray *events,
	const GPtrArray *keys, GError **error)
{
	struct told told = {.versions = versions};
	struct app_output output;
	struct record_style style;
	struct records *records;

	if (!app_output_open(app, &output, error))
		return FALSE;
	app_record_style(app, output.stream, &style);
	style.empty = "nothing has changed";
	gboolean eyes = style.format == RECORD_TABLE;
	records =
		records_open(&style, eyes ? table_columns : machine_columns, &told, output.stream);
	for (guint i = 0; i < events->len; i++) {
		const struct event *event = &g_array_index(events, struct event, i);

		if (keys && !is_meant(keys, event->before) && !is_meant(keys, event->after))
			continue;
		told.time = eyes ? moment_local(event->moment, TRUE) : moment_utc(event->moment);
		told.change = eyes ? describe(versions, event) : NULL;
		records_row(records, event);
		g_clear_pointer(&told.time, g_free);
		g_clear_pointer(&told.change, g_free);
	}
	if (records_close(records, error))
		return app_output_close(&output, error);
	app_output_abort(&output);
	return FALSE;
}

/* NO with the keys that no row ever had. */
static gboolean all_known(const GPtrArray *keys, const struct policy_set *versions, GError **error)
{
	g_autoptr(GString) missing = g_string_new(NULL);

	for (guint i = 0; keys && i < keys->len; i++) {
		const struct typed_key *key = keys->pdata[i];
		gboolean known = FALSE;

		for (guint j = 0; j < policy_set_count(versions) && !known; j++) {
			struct text stored = policy_row_key(policy_set_row(versions, j));

			known = text_is(stored, key->stored) || text_is(stored, key->typed);
		}
		if (known)
			continue;
		g_autofree char *shown = printable(text_of(key->typed));
		g_string_append_printf(missing, "%s%s", missing->len ? ", " : "", shown);
	}
	if (!missing->len)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_NO, "history knows nothing of %s", missing->str);
	return FALSE;
}

static gboolean tell(struct app *app, const GPtrArray *keys, gint64 since, GError **error)
{
	g_autoptr(GArray) lives = g_array_new(FALSE, FALSE, sizeof(struct life));
	g_autoptr(GPtrArray) texts = keys ? g_ptr_array_new() : NULL;
	g_autoptr(GArray) events = NULL;
	g_auto(policy_set_t) versions;

	policy_set_init(&versions);
	for (guint i = 0; keys && i < keys->len; i++) {
		struct typed_key *key = keys->pdata[i];

		g_ptr_array_add(texts, key->stored);
		g_ptr_array_add(texts, (gpointer)key->typed);
	}
	if (!app_store(app, error) ||
		!store_history(app->store, texts, since, &versions, lives, error))
		return FALSE;
	events = history_events(&versions, lives, since);
	return print(app, &versions, events, keys, error) && all_known(keys, &versions, error);
}

static gboolean prune(struct app *app, gint64 before, GError **error)
{
	g_autofree char *shown = moment_local(before, FALSE);
	gboolean noted;
	guint64 count;

	if (!app_store(app, error) ||
		!store_history_prune(app->store, before, &count, &noted, error))
		return FALSE;
	if (!noted)
		app_warning(app,
			"the account may not note this in the table's comment: earlier moments "
			"will look whole, and are not; do not revert to one");
	app_note(app, "forgot %" G_GUINT64_FORMAT " old version%s of rows, all that was over by %s",
		count, count == 1 ? "" : "s", shown);
	return TRUE;
}

static int run(gpointer shared, gpointer data, char **operands, int count, GError **error)
{
	const struct history_settings *settings = data;
	g_autoptr(GPtrArray) keys = count ? typed_keys(operands, count) : NULL;
	gint64 since = 0, before = 0;

	if (settings->prune_before && (settings->since || count)) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE,
			"--prune-before is about all rows: it goes without keys and --since");
		return STATUS_USAGE;
	}
	if (settings->prune_before)
		return past_moment("--prune-before", settings->prune_before, &before, error) &&
				       prune(shared, before, error)
			       ? STATUS_OK
			       : STATUS_BUG;
	if (settings->since && !past_moment("--since", settings->since, &since, error))
		return STATUS_USAGE;
	return tell(shared, keys, since, error) ? STATUS_OK : STATUS_BUG;
}

static const struct option_group own_group = {NULL, BASE_COMMAND, own_options};
static const struct option_group *const groups[] = {
	&own_group, &app_group_format, &app_group_db, &app_group_global, NULL};
static const struct operand operands[] = {{"KEY", TRUE, TRUE, COMPLETES_KEY}, {NULL}};
static const struct example examples[] = {
	{"tlspol history github.com", "who changed this policy, when, from what to what"},
	{"tlspol history --since '2 days ago'", "everything that was changed lately"},
	{"tlspol history --since yesterday --format json", "the same for a script"},
	{"tlspol history --prune-before 2025-01-01", "let go of what is older"},
	{NULL},
};
static const int statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_UNAVAILABLE,
	STATUS_CANNOT_CREATE, STATUS_IO, STATUS_TRY_AGAIN, STATUS_NO_PERMISSION, STATUS_CONFIG, -1};

const struct command cmd_history = {
	.name = "history",
	.group = "History",
	.summary = "who changed what and when",
	.description =
		"Tells what happened to the policies of the keys, or of all, in the order of\n"
		"time: + added, ~ changed (old -> new), - removed, and by whom. The table\n"
		"must keep history: 'tlspol init --history'. Rows that were there before are\n"
		"told as added when it was turned on, by nobody.\n"
		"\n"
		"A moment is \"2026-11-23 14:05:00\" (local time), ISO 8601 with Z or an\n"
		"offset, yesterday, \"2 hours ago\" or 3d. Times are shown in local time with\n"
		"their offset from UTC; formats for programs have UTC.\n"
		"\n"
		"--prune-before forgets for good. It needs a privilege of its own.\n",
	.operands = operands,
	.groups = groups,
	.examples = examples,
	.statuses = statuses,
	.settings_size = sizeof(struct history_settings),
	.run = run,
};
