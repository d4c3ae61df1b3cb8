#include "store/store_private.h"

#include "core/error.h"

#include <string.h>

#define NO_PRIVILEGE 1142

/* -- is there any --------------------------------------------------------------------------- */

static gboolean take_period(gpointer data, const struct text *values, GError **error)
{
	(void)error;
	if (!text_is(values[1], "timestamp") ||
		!(text_is(values[0], "row_start") || text_is(values[0], "row_end")))
		*(gboolean *)data = FALSE;
	return TRUE;
}

/* Versioned by time, with the columns that MariaDB adds itself. */
static gboolean need_history(struct store *store, GError **error)
{
	const struct store_table *table = store_describe(store, error);
	const struct text name = text_of(store->names.table);
	gboolean fitting = TRUE;
	const struct db_reader reader = {.row = take_period, .data = &fitting};

	if (!table)
		return FALSE;
	if (!table->versioned) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"the table %s.%s keeps no history: `tlspol init --history` turns it on, "
			"from then on changes are remembered",
			table->database, table->name);
		return FALSE;
	}
	if (!db_select(store, sql_describe_period(), &name, 1, &reader, error))
		return FALSE;
	if (!fitting)
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"the table %s.%s is versioned by transaction, or with names of its own: "
			"tlspol reads what ALTER TABLE ... ADD SYSTEM VERSIONING makes",
			table->database, table->name);
	return fitting;
}

/* "1795437273.798178"; what is current ends in 2038, or in 2106. */
static gint64 to_moment(struct text value)
{
	gint64 number = 0, unit = G_USEC_PER_SEC;
	gboolean fraction = FALSE;

	for (gsize i = 0; i < value.len; i++) {
		if (value.at[i] == '.') {
			fraction = TRUE;
		} else if (unit > 1) {
			number = number * 10 + (value.at[i] - '0');
			unit /= fraction ? 10 : 1;
		}
	}
	return number * unit;
}

static gboolean take_number(gpointer data, const struct text *values, GError **error)
{
	(void)error;
	*(struct text *)data = (struct text){text_dup(values[0]), values[0].len};
	return TRUE;
}

/* One number, as text; a fresh string, NULL for NULL. */
static gboolean ask_number(
	struct store *store, const char *statement, char **number, GError **error)
{
	struct text answer = TEXT_NONE;
	const struct db_reader reader = {.row = take_number, .data = &answer};
	gboolean fine = db_rows(store, statement, &reader, error);

	*number = (char *)answer.at;
	return fine;
}

/* -- what was pruned ------------------------------------------------------------------------- */

/* In the table's comment, before a moment in UTC. */
#define PRUNED	   "history is pruned before "
#define PRUNED_LEN (sizeof("2026-11-23T13:05:00Z") - 1)

/* The moment from which on history is whole; 0 = all of it. */
static gint64 pruned_before(const struct store_table *table)
{
	const char *words = table->comment ? strstr(table->comment, PRUNED) : NULL;
	g_autofree char *text = words ? g_strndup(words + strlen(PRUNED), PRUNED_LEN) : NULL;
	g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, NULL) : NULL;

	return time ? g_date_time_to_unix(time) * G_USEC_PER_SEC : 0;
}

/* The comment that is there, with another moment in it. Whole seconds, rather later. */
static char *comment_pruned(const struct store_table *table, gint64 before)
{
	g_autoptr(GDateTime) time =
		g_date_time_new_from_unix_utc((before + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
	g_autofree char *moment = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
	const char *comment = table->comment ? table->comment : "";
	const char *words = strstr(comment, PRUNED);

	if (words && strlen(words) >= strlen(PRUNED) + PRUNED_LEN)
		return g_strdup_printf("%.*s" PRUNED "%s%s", (int)(words - comment), comment,
			moment, words + strlen(PRUNED) + PRUNED_LEN);
	return g_strconcat(comment, *comment ? "; " : "", PRUNED, moment, NULL);
}

/* Where the account may not alter the table the rest is as good. */
static gboolean note_pruned(struct store *store, gint64 before)
{
	g_autofree char *comment = comment_pruned(store->described, before);
	g_autofree char *statement = sql_comment(&store->names, comment);

	if (before <= pruned_before(store->described))
		return TRUE;
	if (!db_run(store, sql_keep_history(), NULL) || !db_run(store, statement, NULL))
		return FALSE;
	g_clear_pointer(&store->described, store_table_free);
	return TRUE;
}

/* -- a moment ------------------------------------------------------------------------------- */

/* The first moment of which all is known. */
static gboolean history_begin(struct store *store, gint64 *begin, GError **error)
{
	g_autofree char *statement = sql_history_begin(&store->names);
	g_autofree char *first = NULL;

	if (!ask_number(store, statement, &first, error))
		return FALSE;
	*begin = MAX(to_moment(text_of(first)), pruned_before(store->described));
	return TRUE;
}

gboolean store_as_of(struct store *store, gint64 moment, GError **error)
{
	gint64 begin = 0;

	g_clear_pointer(&store->moment, g_free);
	if (!moment)
		return TRUE;
	if (!need_history(store, error) || !history_begin(store, &begin, error))
		return FALSE;
	if (moment < begin) {
		g_autofree char *first = sql_moment(begin);

		g_set_error(error, TLSPOL_ERROR, STATUS_NO,
			"the history of %s.%s begins at %s UTC: nothing is known of that moment",
			store->described->database, store->described->name, first);
		return FALSE;
	}
	store->moment = sql_moment(moment);
	return TRUE;
}

/* -- versions ------------------------------------------------------------------------------- */

/* Rows as everywhere, and their lives in the two fields behind. */
struct version_reader {
	struct row_reader rows;
	struct db_reader inner;
	GArray *lives;
	guint fields;
};

static gboolean take_fields(
	gpointer data, const struct db_field *fields, guint count, GError **error)
{
	struct version_reader *versions = data;

	versions->fields = count;
	return versions->inner.fields(versions->inner.data, fields, count - 2, error);
}

static gboolean take_version(gpointer data, const struct text *values, GError **error)
{
	struct version_reader *versions = data;
	struct life life = {
		to_moment(values[versions->fields - 2]), to_moment(values[versions->fields - 1])};

	/* The end of time: 2038-01-19, on later servers 2106-02-07. */
	if (life.until / G_USEC_PER_SEC >= G_MAXINT32)
		life.until = LIFE_GOES_ON;
	g_array_append_val(versions->lives, life);
	return versions->inner.row(versions->inner.data, values, error);
}

static gboolean read_of_keys(
	struct store *store, const GPtrArray *keys, const struct db_reader *reader, GError **error)
{
	g_autofree struct text *texts = g_new(struct text, keys->len + 1);
	g_autofree char *statement = sql_history(store, keys->len, FALSE, 0);
	g_autofree char *converted = sql_history(store, keys->len, TRUE, 0);
	g_autoptr(GError) cause = NULL;

	for (guint i = 0; i < keys->len; i++)
		texts[i] = text_of(keys->pdata[i]);
	if (db_select(store, statement, texts, keys->len, reader, &cause))
		return TRUE;
	if (rows_mixed_collations(store))
		return db_select(store, converted, texts, keys->len, reader, error);
	g_propagate_error(error, g_steal_pointer(&cause));
	return FALSE;
}

gboolean store_history(struct store *store, const GPtrArray *keys, gint64 since,
	struct policy_set *versions, GArray *lives, GError **error)
{
	struct version_reader reader = {.lives = lives};
	const struct db_reader outer = {
		.fields = take_fields, .row = take_version, .data = &reader};

	if (!need_history(store, error) || !rows_look_for_hidden(store, error))
		return FALSE;
	row_reader_init(&reader.rows, &reader.inner, store, versions);
	if (keys)
		return read_of_keys(store, keys, &outer, error);
	g_autofree char *statement = sql_history(store, 0, FALSE, since);
	return db_rows(store, statement, &outer, error);
}

/* -- forgetting ------------------------------------------------------------------------------ */

gboolean store_history_prune(
	struct store *store, gint64 before, guint64 *count, gboolean *noted, GError **error)
{
	g_autofree char *asked = sql_history_count(&store->names, before);
	g_autofree char *statement = sql_history_prune(&store->names, before);
	g_autofree char *number = NULL;

	if (!db_require_mariadb(store, error) || !need_history(store, error) ||
		!db_run(store, sql_writing_session(), error) ||
		!ask_number(store, asked, &number, error))
		return FALSE;
	*count = number ? g_ascii_strtoull(number, NULL, 10) : 0;
	if (db_run(store, statement, error)) {
		*noted = !*count || note_pruned(store, before);
		return TRUE;
	}
	if (store->last_error == NO_PRIVILEGE) {
		g_autofree char *grant =
			sql_history_grant(&store->names, store->described->database);
		g_clear_error(error);
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_PERMISSION,
			"%s: forgetting history needs a privilege of its own, which DELETE does "
			"not include: an administrator gives it with %s TO your account",
			store->target, grant);
	}
	return FALSE;
}
