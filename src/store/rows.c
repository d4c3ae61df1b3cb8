#include "store/store_private.h"

#include "core/error.h"
#include "core/exception_until.h"

#include <stdlib.h>
#include <string.h>

/* Rows handed out at once: enough that emptying their set costs nothing, few for the cache. */
#define ROWS_AT_ONCE 512
/* Keys asked for in one statement: more would make it long, fewer would make many. */
#define KEYS_AT_ONCE 1000

/* ER_CANT_AGGREGATE_2COLLATIONS and its relatives for three and for many values. */
#define MIXED_COLLATIONS   1267
#define MIXED_COLLATIONS_3 1270
#define MIXED_COLLATIONS_N 1271

gboolean column_needed(const struct table_names *names, enum store_column_id id)
{
	return names->column[id] && (id == STORE_DOMAIN || id == STORE_POLICY ||
					    id == STORE_PARAMS || names->mapped[id]);
}

void column_missing(const struct store *store, enum store_column_id id, GError **error)
{
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
		"%s: the table `%s` has no column `%s` for %s: map the names of its columns in the "
		"configuration, tlspol.conf(5)",
		store->target, store->names.table, store->names.column[id], column_word(id));
}

static gboolean field_fits(const struct store *store, enum store_column_id id,
	const struct db_field *field, GError **error)
{
	if (!field->kind || id == STORE_ID || id == STORE_ACTIVE)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
		"%s: the column `%s` of `%s` is %s: for %s tlspol needs a text", store->target,
		field->name, store->names.table, field->kind, column_word(id));
	return FALSE;
}

static gboolean count_changed_by(
	gpointer data, const struct db_field *fields, guint count, GError **error)
{
	struct store *store = data;
	guint found = 0;

	(void)error;
	for (guint i = 0; i < count; i++)
		found += g_ascii_strcasecmp(
				 fields[i].name, store->names.column[STORE_CHANGED_BY]) == 0;
	store->hidden_changed_by = found == 1;
	return TRUE;
}

/* Where there is no such column, or no table, the server says so: neither matters here. */
gboolean rows_look_for_hidden(struct store *store, GError **error)
{
	const struct db_reader reader = {.fields = count_changed_by, .data = store};
	guint last_error = store->last_error;
	g_autofree char *statement = NULL;
	g_autoptr(GError) cause = NULL;

	if (store->looked_for_hidden || !store->names.column[STORE_CHANGED_BY])
		return TRUE;
	statement = sql_select_hidden(&store->names);
	if (!db_rows(store, statement, &reader, &cause) && store->last_error == LOCK_WAIT) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	store->looked_for_hidden = TRUE;
	store->last_error = last_error;
	return TRUE;
}

/* Finds the mapped columns among the fields of a result. */
static gboolean take_fields(
	gpointer data, const struct db_field *fields, guint count, GError **error)
{
	struct row_reader *rows = data;
	struct store *store = rows->store;

	for (guint id = 0; id < STORE_COLUMN_COUNT; id++) {
		const char *name = store->names.column[id];
		guint at = 0;

		while (at < count && !(name && g_ascii_strcasecmp(fields[at].name, name) == 0))
			at++;
		rows->at[id] = at < count ? (int)at : -1;
		if (at < count && !field_fits(store, id, &fields[at], error))
			return FALSE;
		if (rows->some)
			continue;
		store->present[id] =
			at < count || (id == STORE_CHANGED_BY && store->hidden_changed_by);
		if (at == count && column_needed(&store->names, id)) {
			column_missing(store, id, error);
			return FALSE;
		}
	}
	for (guint id = STORE_NOTE; id < STORE_COLUMN_COUNT; id++)
		rows->more = rows->more || rows->at[id] >= 0;
	return TRUE;
}

static struct text value_of(
	const struct row_reader *rows, const struct text *values, enum store_column_id id)
{
	return rows->at[id] < 0 ? TEXT_NONE : values[rows->at[id]];
}

/* An id that is no number, or too big for a row, is not used: rows are then changed by key. */
static guint32 row_id(struct text value)
{
	guint64 id = 0;

	for (gsize i = 0; i < value.len; i++) {
		if (!g_ascii_isdigit(value.at[i]) || id > G_MAXUINT32)
			return 0;
		id = id * 10 + (guint)(value.at[i] - '0');
	}
	return id > G_MAXUINT32 ? 0 : (guint32)id;
}

static void take_extra(struct row_reader *rows, const struct text *values, struct policy_row *row)
{
	static const struct {
		enum store_column_id id;
		gsize offset;
	} extras[] = {
		{STORE_NOTE, offsetof(struct policy_extra, note)},
		{STORE_ORIGIN, offsetof(struct policy_extra, origin)},
		{STORE_PROVIDER, offsetof(struct policy_extra, provider)},
		{STORE_CHANGED_BY, offsetof(struct policy_extra, changed_by)},
	};

	for (guint i = 0; i < G_N_ELEMENTS(extras); i++) {
		struct text value = value_of(rows, values, extras[i].id);
		/* `tlspol set --note ''` takes a note away. */
		if (!value.len)
			continue;
		struct policy_extra *extra = policy_set_extra_for(rows->set, row);
		*(const char **)((char *)extra + extras[i].offset) =
			policy_set_keep(rows->set, value).at;
	}
}

/* An end that is no time is none, and so there is no exception. */
static void take_exception(
	struct row_reader *rows, const struct text *values, struct policy_row *row)
{
	struct text policy = value_of(rows, values, STORE_EXCEPTION_POLICY);
	struct text params = value_of(rows, values, STORE_EXCEPTION_PARAMS);
	struct text until = value_of(rows, values, STORE_EXCEPTION_UNTIL);
	struct text note = value_of(rows, values, STORE_EXCEPTION_NOTE);
	struct policy_exception exception = {.over = policy.at != NULL};

	if (!policy.at && !params.at && !until.at && !note.len)
		return;
	g_autofree char *word = text_dup(policy);
	g_autofree char *why = note.len ? text_dup(note) : NULL;
	exception.level = level_parse(policy);
	if (exception.level == LEVEL_UNKNOWN)
		exception.level_text = word;
	exception.params = params;
	if (until.at && !exception_until_parse(until, &exception.until_us))
		exception.until_us = 0;
	exception.note = why;
	policy_set_except(rows->set, row, &exception);
}

/* What has been read goes to whoever streams. */
static gboolean hand_out(struct row_reader *rows, GError **error)
{
	if (!rows->take)
		return TRUE;
	if (!rows->take(rows->data, rows->set, error))
		return FALSE;
	policy_set_clear(rows->set);
	return TRUE;
}

static gboolean take_row(gpointer data, const struct text *values, GError **error)
{
	struct row_reader *rows = data;
	struct text key = value_of(rows, values, STORE_DOMAIN);
	struct text word = value_of(rows, values, STORE_POLICY);
	struct text params = value_of(rows, values, STORE_PARAMS);
	struct text active = value_of(rows, values, STORE_ACTIVE);
	struct policy policy = {.level = level_parse(word)};
	struct policy_row *row;

	/* A NULL key or level is as good as an empty one: shown, and of no use to Postfix. */
	if (!key.at)
		key = TEXT_LITERAL("");
	if (!word.at)
		word = TEXT_LITERAL("");
	if (rows->only && !g_hash_table_contains((GHashTable *)rows->only, &key))
		return TRUE;
	policy.key = policy_set_keep(rows->set, key);
	if (policy.level == LEVEL_UNKNOWN)
		policy.level_text = policy_set_keep(rows->set, word);
	if (params.at)
		policy.params = policy_set_keep(rows->set, params);
	row = policy_set_append(rows->set, &policy, error);
	if (!row) {
		g_prefix_error(error, "%s: `%s`: ", rows->store->target, rows->store->names.table);
		return FALSE;
	}
	row->where = row_id(value_of(rows, values, STORE_ID));
	if (text_is(active, "0"))
		row->flags |= ROW_INACTIVE;
	if (rows->more) {
		take_extra(rows, values, row);
		take_exception(rows, values, row);
	}
	if (++rows->unreported == ROWS_AT_ONCE) {
		work_more(rows->store, rows->unreported);
		rows->unreported = 0;
	}
	return policy_set_count(rows->set) < ROWS_AT_ONCE || hand_out(rows, error);
}

void row_reader_init(struct row_reader *rows, struct db_reader *reader, struct store *store,
	struct policy_set *set)
{
	*rows = (struct row_reader){.store = store, .set = set};
	*reader = (struct db_reader){.fields = take_fields, .row = take_row, .data = rows};
}

static guint hash_text(gconstpointer text)
{
	return (guint)text_hash(*(const struct text *)text);
}

static gboolean same_text(gconstpointer a, gconstpointer b)
{
	return text_equal(*(const struct text *)a, *(const struct text *)b);
}

gboolean rows_mixed_collations(const struct store *store)
{
	return store->last_error == MIXED_COLLATIONS || store->last_error == MIXED_COLLATIONS_3 ||
	       store->last_error == MIXED_COLLATIONS_N;
}

/* One statement's worth of keys. */
static gboolean find_some(struct store *store, const struct text *keys, guint count,
	gboolean for_update, struct policy_set *set, GError **error)
{
	if (!rows_look_for_hidden(store, error))
		return FALSE;
	g_autofree char *statement = sql_select_keys(store, count, FALSE, for_update);
	g_autofree char *converted = sql_select_keys(store, count, TRUE, for_update);
	g_autoptr(GHashTable) only = g_hash_table_new(hash_text, same_text);
	g_autoptr(GError) cause = NULL;
	struct row_reader rows;
	struct db_reader reader;

	row_reader_init(&rows, &reader, store, set);
	for (guint i = 0; i < count; i++)
		g_hash_table_add(only, (gpointer)&keys[i]);
	rows.only = only;
	if (db_select(store, statement, keys, count, &reader, &cause))
		return TRUE;
	/* A key outside the column's character set cannot be compared with it as it is. */
	if (rows_mixed_collations(store))
		return db_select(store, converted, keys, count, &reader, error);
	g_propagate_error(error, g_steal_pointer(&cause));
	return FALSE;
}

/*
 * The server compares by the column's collation, which may hold more keys equal than are ("ü" and
 * "y" in latin1_swedish_ci), so what it answers is compared again, by bytes.
 */
gboolean rows_find(struct store *store, const struct text *keys, guint count, gboolean for_update,
	struct policy_set *set, GError **error)
{
	for (guint from = 0; from < count; from += KEYS_AT_ONCE)
		if (!find_some(store, keys + from, MIN(count - from, KEYS_AT_ONCE), for_update, set,
			    error))
			return FALSE;
	return TRUE;
}

gboolean store_find(
	struct store *store, const GPtrArray *keys, struct policy_set *set, GError **error)
{
	g_autofree struct text *texts = g_new(struct text, keys->len + 1);

	for (guint i = 0; i < keys->len; i++)
		texts[i] = text_of(keys->pdata[i]);
	return rows_find(store, texts, keys->len, FALSE, set, error);
}

gboolean rows_alike(struct store *store, struct text key, struct policy_set *set, GError **error)
{
	if (!rows_look_for_hidden(store, error))
		return FALSE;
	g_autofree char *statement = sql_select_keys(store, 1, FALSE, FALSE);
	struct row_reader rows;
	struct db_reader reader;

	row_reader_init(&rows, &reader, store, set);
	return db_select(store, statement, &key, 1, &reader, error);
}

/* A statement that reads the whole table, watched. */
static gboolean read_all(
	struct store *store, const char *statement, const struct db_reader *reader, GError **error)
{
	gboolean fine;

	work_start(store, STORE_READING, store->described ? store->described->rows : 0);
	fine = db_rows(store, statement, reader, error);
	work_end(store);
	return fine;
}

/* Which columns there are to choose from. */
static gboolean learn_columns(struct store *store, GError **error)
{
	g_autofree char *statement = sql_select_fields(&store->names);
	struct row_reader rows;
	struct db_reader reader;

	row_reader_init(&rows, &reader, store, NULL);
	return db_rows(store, statement, &reader, error);
}

gboolean rows_scan(struct store *store, guint parts, gboolean for_update, store_take *take,
	gpointer data, GError **error)
{
	g_autofree char *statement = NULL;
	g_auto(policy_set_t) some;
	struct row_reader rows;
	struct db_reader reader;

	policy_set_init(&some);
	if (!rows_look_for_hidden(store, error) ||
		(parts != STORE_PART_ALL && !learn_columns(store, error)))
		return FALSE;
	statement = sql_select_parts(store, parts, for_update);
	row_reader_init(&rows, &reader, store, &some);
	rows.some = parts != STORE_PART_ALL;
	rows.take = take;
	rows.data = data;
	return read_all(store, statement, &reader, error) && hand_out(&rows, error);
}

gboolean store_scan(
	struct store *store, guint parts, store_take *take, gpointer data, GError **error)
{
	return rows_scan(store, parts, FALSE, take, data, error);
}

gboolean store_read(struct store *store, struct policy_set *set, GError **error)
{
	if (!rows_look_for_hidden(store, error))
		return FALSE;
	g_autofree char *statement = sql_select_all(store, FALSE);
	struct row_reader rows;
	struct db_reader reader;

	row_reader_init(&rows, &reader, store, set);
	return read_all(store, statement, &reader, error);
}
