/* All statements but those in sql/ are put together here; values are never part of the text. */
#include "store/store_private.h"

static const char *const words[STORE_COLUMN_COUNT] = {
	[STORE_ID] = "id",
	[STORE_DOMAIN] = "domain",
	[STORE_POLICY] = "policy",
	[STORE_PARAMS] = "params",
	[STORE_ACTIVE] = "active",
	[STORE_NOTE] = "note",
	[STORE_ORIGIN] = "origin",
	[STORE_PROVIDER] = "provider",
	[STORE_CHANGED_BY] = "changed_by",
	[STORE_EXCEPTION_POLICY] = "exception_policy",
	[STORE_EXCEPTION_PARAMS] = "exception_params",
	[STORE_EXCEPTION_UNTIL] = "exception_until",
	[STORE_EXCEPTION_NOTE] = "exception_note",
};

const char *column_word(enum store_column_id id)
{
	return words[id];
}

void table_names_init(struct table_names *names, const struct store_settings *settings)
{
	const char *given[STORE_COLUMN_COUNT] = {
		[STORE_ID] = settings->column_id,
		[STORE_DOMAIN] = settings->column_domain,
		[STORE_POLICY] = settings->column_policy,
		[STORE_PARAMS] = settings->column_params,
		[STORE_ACTIVE] = settings->column_active,
		[STORE_NOTE] = settings->column_note,
		[STORE_ORIGIN] = settings->column_origin,
		[STORE_PROVIDER] = settings->column_provider,
		[STORE_CHANGED_BY] = settings->column_changed_by,
	};

	names->table = g_strdup(settings->table ? settings->table : "tlspolicies");
	for (guint i = 0; i < STORE_COLUMN_COUNT; i++) {
		const char *name = given[i] ? given[i] : words[i];

		names->mapped[i] = given[i] != NULL;
		names->column[i] = g_str_equal(name, "-") ? NULL : g_strdup(name);
	}
}

void table_names_release(struct table_names *names)
{
	for (guint i = 0; i < STORE_COLUMN_COUNT; i++)
		g_clear_pointer(&names->column[i], g_free);
	g_clear_pointer(&names->table, g_free);
}

void sql_append_name(GString *to, const char *name)
{
	g_string_append_c(to, '`');
	for (; *name; name++) {
		if (*name == '`')
			g_string_append_c(to, '`');
		g_string_append_c(to, *name);
	}
	g_string_append_c(to, '`');
}

static void append_column(GString *to, const struct table_names *names, enum store_column_id id)
{
	sql_append_name(to, names->column[id]);
}

/*
 * Who reads does not wait for ever behind another's LOCK TABLES, nor longer than the server would.
 * Part of the statement itself, because a statement of its own is a round trip; MySQL, which can be
 * read too, takes it for a comment.
 */
#define PATIENCE "lock_wait_timeout = LEAST(@@lock_wait_timeout, 30)"

const char *sql_patience(void)
{
	return "/*M! SET STATEMENT " PATIENCE " FOR */ ";
}

/* Asks for no row: tells a table that is missing from one that is not for us. */
char *sql_select_none(const struct table_names *names)
{
	GString *to = g_string_new(sql_patience());

	g_string_append(to, "SELECT 1 FROM ");
	sql_append_name(to, names->table);
	g_string_append(to, " LIMIT 0");
	return g_string_free(to, FALSE);
}

char *sql_select_hidden(const struct table_names *names)
{
	GString *to = g_string_new(sql_patience());

	g_string_append(to, "SELECT *, ");
	append_column(to, names, STORE_CHANGED_BY);
	g_string_append(to, " FROM ");
	sql_append_name(to, names->table);
	g_string_append(to, " LIMIT 0");
	return g_string_free(to, FALSE);
}

char *sql_select_fields(const struct table_names *names)
{
	GString *to = g_string_new(sql_patience());

	g_string_append(to, "SELECT * FROM ");
	sql_append_name(to, names->table);
	g_string_append(to, " LIMIT 0");
	return g_string_free(to, FALSE);
}

static const guint8 parts_of[STORE_COLUMN_COUNT] = {
	[STORE_ID] = STORE_PART_ID,
	[STORE_NOTE] = STORE_PART_TEXTS,
	[STORE_ORIGIN] = STORE_PART_TEXTS,
	[STORE_PROVIDER] = STORE_PART_TEXTS,
	[STORE_CHANGED_BY] = STORE_PART_TEXTS,
	[STORE_EXCEPTION_NOTE] = STORE_PART_TEXTS,
	[STORE_EXCEPTION_POLICY] = STORE_PART_EXCEPTION,
	[STORE_EXCEPTION_PARAMS] = STORE_PART_EXCEPTION,
	[STORE_EXCEPTION_UNTIL] = STORE_PART_EXCEPTION,
};

static void append_parts(GString *to, const struct store *store, guint parts)
{
	for (guint id = 0, count = 0; id < STORE_COLUMN_COUNT; id++) {
		gboolean there =
			store->present[id] || (id == STORE_CHANGED_BY && store->hidden_changed_by);

		if (!there || (parts_of[id] && !(parts_of[id] & parts)))
			continue;
		g_string_append(to, count++ ? ", " : "");
		append_column(to, &store->names, id);
	}
}

static void append_all(GString *to, const struct store *store)
{
	g_string_append_c(to, '*');
	if (!store->hidden_changed_by)
		return;
	g_string_append(to, ", ");
	append_column(to, &store->names, STORE_CHANGED_BY);
}

/* "SELECT … FROM table", of a moment in UTC whatever the session's time zone. */
static GString *select_from(const struct store *store, guint parts, gboolean for_update)
{
	gboolean past = store->moment && !for_update;
	GString *to = g_string_new(past ? "SET STATEMENT time_zone = '+00:00', " PATIENCE " FOR "
				   : for_update ? NULL
						: sql_patience());

	g_string_append(to, "SELECT ");
	if (parts == STORE_PART_ALL)
		append_all(to, store);
	else
		append_parts(to, store, parts);
	g_string_append(to, " FROM ");
	sql_append_name(to, store->names.table);
	if (past)
		g_string_append_printf(to, " FOR SYSTEM_TIME AS OF TIMESTAMP'%s'", store->moment);
	return to;
}

char *sql_select_parts(const struct store *store, guint parts, gboolean for_update)
{
	GString *to = select_from(store, parts, for_update);

	if (for_update)
		g_string_append(to, " FOR UPDATE");
	return g_string_free(to, FALSE);
}

char *sql_select_all(const struct store *store, gboolean for_update)
{
	return sql_select_parts(store, STORE_PART_ALL, for_update);
}

char *sql_select_keys(
	const struct store *store, guint count, gboolean converted, gboolean for_update)
{
	GString *to = select_from(store, STORE_PART_ALL, for_update);

	g_string_append(to, converted ? " WHERE CONVERT(" : " WHERE ");
	append_column(to, &store->names, STORE_DOMAIN);
	g_string_append(to, converted ? " USING utf8mb4) IN (" : " IN (");
	for (guint i = 0; i < count; i++)
		g_string_append(to, i ? ",?" : "?");
	g_string_append(to, for_update ? ") FOR UPDATE" : ")");
	return g_string_free(to, FALSE);
}

/* " WHERE id = ?", or exactly this key: the first comparison is for the index. */
static void append_which(GString *to, const struct table_names *names, gboolean by_id)
{
	g_string_append(to, " WHERE ");
	append_column(to, names, by_id ? STORE_ID : STORE_DOMAIN);
	g_string_append(to, " = ?");
	if (by_id)
		return;
	g_string_append(to, " AND CONVERT(");
	append_column(to, names, STORE_DOMAIN);
	g_string_append(to, " USING utf8mb4) COLLATE utf8mb4_nopad_bin = ?");
}

/* Columns that an INSERT may write besides key, level and params, in the order of their values. */
static const enum store_column_id inserted[] = {STORE_NOTE, STORE_ORIGIN, STORE_PROVIDER,
	STORE_CHANGED_BY, STORE_EXCEPTION_POLICY, STORE_EXCEPTION_PARAMS, STORE_EXCEPTION_UNTIL,
	STORE_EXCEPTION_NOTE, STORE_ACTIVE};

/* One row of VALUES. */
static void append_marks(GString *to, const struct written_columns *columns)
{
	g_string_append(to, "(?, ?, ?");
	for (guint i = 0; i < G_N_ELEMENTS(inserted); i++)
		if (columns->use[inserted[i]])
			g_string_append(to, ", ?");
	g_string_append_c(to, ')');
}

static void append_insert(
	GString *to, const struct table_names *names, const struct written_columns *columns)
{
	g_string_append_c(to, '(');
	append_column(to, names, STORE_DOMAIN);
	g_string_append(to, ", ");
	append_column(to, names, STORE_POLICY);
	g_string_append(to, ", ");
	append_column(to, names, STORE_PARAMS);
	for (guint i = 0; i < G_N_ELEMENTS(inserted); i++) {
		if (!columns->use[inserted[i]])
			continue;
		g_string_append(to, ", ");
		append_column(to, names, inserted[i]);
	}
	g_string_append(to, ") VALUES ");
	append_marks(to, columns);
}

char *sql_one_more(const struct written_columns *columns)
{
	GString *to = g_string_new(", ");

	append_marks(to, columns);
	return g_string_free(to, FALSE);
}

/* A note, origin or provider that the plan does not name (NULL) stays; an empty one goes. */
static void append_update(
	GString *to, const struct table_names *names, const struct written_columns *columns)
{
	append_column(to, names, STORE_POLICY);
	g_string_append(to, " = ?, ");
	append_column(to, names, STORE_PARAMS);
	g_string_append(to, " = ?");
	for (guint id = STORE_NOTE; id <= STORE_PROVIDER; id++) {
		if (!columns->use[id])
			continue;
		g_string_append(to, ", ");
		append_column(to, names, id);
		g_string_append(
			to, columns->nullable[id] ? " = NULLIF(IFNULL(?, " : " = IFNULL(?, ");
		append_column(to, names, id);
		g_string_append(to, columns->nullable[id] ? "), '')" : ")");
	}
	for (guint id = STORE_CHANGED_BY; id <= STORE_EXCEPTION_NOTE; id++) {
		if (!columns->use[id])
			continue;
		g_string_append(to, ", ");
		append_column(to, names, id);
		g_string_append(to, " = ?");
	}
}

char *sql_change(const struct table_names *names, enum change_kind kind,
	const struct written_columns *columns, gboolean by_id)
{
	static const char *const verbs[] = {
		[CHANGE_ADD] = "INSERT INTO ",
		[CHANGE_UPDATE] = "UPDATE ",
		[CHANGE_REMOVE] = "DELETE FROM ",
	};
	GString *to = g_string_new(verbs[kind]);

	sql_append_name(to, names->table);
	if (kind == CHANGE_ADD) {
		g_string_append_c(to, ' ');
		append_insert(to, names, columns);
	}
	if (kind == CHANGE_UPDATE) {
		g_string_append(to, " SET ");
		append_update(to, names, columns);
	}
	if (kind != CHANGE_ADD)
		append_which(to, names, by_id);
	return g_string_free(to, FALSE);
}

char *sql_sign(const struct table_names *names, gboolean by_id)
{
	GString *to = g_string_new("UPDATE ");

	sql_append_name(to, names->table);
	g_string_append(to, " SET ");
	append_column(to, names, STORE_CHANGED_BY);
	g_string_append(to, " = ?");
	append_which(to, names, by_id);
	return g_string_free(to, FALSE);
}

const char *sql_actor(void)
{
	return "SET @tlspol_actor = ?";
}

const char *sql_writing_session(void)
{
	return "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
	       " innodb_lock_wait_timeout = 10, lock_wait_timeout = 30";
}

char *sql_time(gint64 us)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(us / G_USEC_PER_SEC);

	return time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : g_strdup("");
}

const char *sql_begin(void)
{
	return "START TRANSACTION";
}

const char *sql_commit(void)
{
	return "COMMIT";
}

const char *sql_rollback(void)
{
	return "ROLLBACK";
}

const char *sql_describe_table(void)
{
	return "SELECT VERSION(), DATABASE(), ENGINE, TABLE_TYPE, TABLE_ROWS, @@global.read_only,"
	       " TABLE_COMMENT"
	       " FROM information_schema.TABLES"
	       " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?";
}

const char *sql_describe_columns(void)
{
	return "SELECT COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, COLLATION_NAME,"
	       " CHARACTER_MAXIMUM_LENGTH, IS_NULLABLE, COLUMN_DEFAULT FROM "
	       "information_schema.COLUMNS"
	       " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";
}

/* Versioned tables have the row's end as a hidden last part of their unique keys. */
const char *sql_describe_unique(void)
{
	return "SELECT 1 FROM information_schema.STATISTICS"
	       " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND NON_UNIQUE = 0"
	       " GROUP BY INDEX_NAME HAVING SUM(COLUMN_NAME <> 'row_end') = 1"
	       " AND MAX(COLUMN_NAME = ? AND SUB_PART IS NULL) = 1";
}
