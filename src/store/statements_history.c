/*
 * Statements about the past. Moments are numbers of ours, so they stand in the text: as seconds
 * since 1970 where they are compared, which no time zone changes, as a literal in UTC where the
 * grammar wants one.
 */
#include "store/store_private.h"

char *sql_moment(gint64 moment)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	g_autofree char *seconds = time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : NULL;

	return g_strdup_printf("%s.%06d", seconds ? seconds : "1970-01-01 00:00:00",
		(int)(moment % G_USEC_PER_SEC));
}

/* Condition: the moment of `column` is not before / is before this one. */
static void append_compared(GString *to, const char *column, const char *operator, gint64 moment)
{
	/* Nothing is older, and a number below zero would have two signs. */
	moment = MAX(moment, 0);
	g_string_append_printf(to, "UNIX_TIMESTAMP(%s) %s %" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT,
		column, operator, moment / G_USEC_PER_SEC, moment % G_USEC_PER_SEC);
}

static void append_all_versions(GString *to, const struct table_names *names)
{
	g_string_append(to, " FROM ");
	sql_append_name(to, names->table);
	g_string_append(to, " FOR SYSTEM_TIME ALL");
}

static void append_keys(
	GString *to, const struct table_names *names, guint count, gboolean converted)
{
	g_string_append(to, converted ? "CONVERT(" : "");
	sql_append_name(to, names->column[STORE_DOMAIN]);
	g_string_append(to, converted ? " USING utf8mb4) IN (" : " IN (");
	for (guint i = 0; i < count; i++)
		g_string_append(to, i ? ",?" : "?");
	g_string_append_c(to, ')');
}

/* Rows that had one of the keys once are followed under the keys that they have had since. */
static void append_rows_of_keys(
	GString *to, const struct table_names *names, guint count, gboolean converted)
{
	g_string_append(to, " WHERE ");
	if (!names->column[STORE_ID]) {
		append_keys(to, names, count, converted);
		return;
	}
	sql_append_name(to, names->column[STORE_ID]);
	g_string_append(to, " IN (SELECT ");
	sql_append_name(to, names->column[STORE_ID]);
	append_all_versions(to, names);
	g_string_append(to, " WHERE ");
	append_keys(to, names, count, converted);
	g_string_append_c(to, ')');
}

char *sql_history(const struct store *store, guint count, gboolean converted, gint64 since)
{
	const struct table_names *names = &store->names;
	GString *to = g_string_new(sql_patience());

	g_string_append(to, "SELECT *, ");
	if (store->hidden_changed_by) {
		sql_append_name(to, names->column[STORE_CHANGED_BY]);
		g_string_append(to, ", ");
	}
	g_string_append(to, "UNIX_TIMESTAMP(row_start), UNIX_TIMESTAMP(row_end)");
	append_all_versions(to, names);
	if (count) {
		append_rows_of_keys(to, names, count, converted);
	} else {
		g_string_append(to, " WHERE ");
		append_compared(to, "row_start", ">=", since);
		g_string_append(to, " OR (row_end < TIMESTAMP'2038-01-18 00:00:00' AND ");
		append_compared(to, "row_end", ">=", since);
		g_string_append_c(to, ')');
	}
	return g_string_free(to, FALSE);
}

char *sql_history_begin(const struct table_names *names)
{
	GString *to = g_string_new(sql_patience());

	g_string_append(to, "SELECT UNIX_TIMESTAMP(MIN(row_start))");
	append_all_versions(to, names);
	return g_string_free(to, FALSE);
}

char *sql_history_count(const struct table_names *names, gint64 before)
{
	GString *to = g_string_new(sql_patience());

	g_string_append(to, "SELECT COUNT(*)");
	append_all_versions(to, names);
	g_string_append(to, " WHERE ");
	append_compared(to, "row_end", "<", before);
	return g_string_free(to, FALSE);
}

char *sql_history_prune(const struct table_names *names, gint64 before)
{
	GString *to = g_string_new("SET STATEMENT time_zone = '+00:00' FOR DELETE HISTORY FROM ");
	g_autofree char *moment = sql_moment(before);

	sql_append_name(to, names->table);
	g_string_append_printf(to, " BEFORE SYSTEM_TIME TIMESTAMP'%s'", moment);
	return g_string_free(to, FALSE);
}

const char *sql_keep_history(void)
{
	return "SET SESSION system_versioning_alter_history = KEEP";
}

/* No statement that alters a table takes bound values. */
char *sql_comment(const struct table_names *names, const char *comment)
{
	GString *to = g_string_new("ALTER TABLE ");

	sql_append_name(to, names->table);
	g_string_append(to, " COMMENT = '");
	for (; *comment; comment++) {
		if (*comment == '\'' || *comment == '\\')
			g_string_append_c(to, *comment);
		g_string_append_c(to, *comment);
	}
	g_string_append_c(to, '\'');
	return g_string_free(to, FALSE);
}

char *sql_history_grant(const struct table_names *names, const char *database)
{
	GString *to = g_string_new("GRANT DELETE HISTORY ON ");

	sql_append_name(to, database);
	g_string_append_c(to, '.');
	sql_append_name(to, names->table);
	return g_string_free(to, FALSE);
}

/* -- turning it on --------------------------------------------------------------------------- */

/* By time, not by transaction: transactions have other numbers on every replica. */
const char *sql_add_versioning(void)
{
	return "ADD SYSTEM VERSIONING";
}

const char *sql_with_versioning(void)
{
	return " WITH SYSTEM VERSIONING";
}

/*
 * The name is written by the primary and travels in the row, so it is the same on every replica;
 * a column default would be computed on each. Where statements travel instead of rows a replica
 * computes the name again, as the user "@": both sides then say that nobody is known.
 */
#define WHO                                                                                        \
	"COALESCE(@tlspol_actor, IF(@@binlog_format = 'STATEMENT' OR SESSION_USER() LIKE '%%@', "  \
	"NULL, SESSION_USER()))"

void sql_triggers(GPtrArray *statements, const struct table_names *names, guint64 max)
{
	static const char *const verbs[] = {"INSERT", "UPDATE"};
	static const char *const words[] = {"insert", "update"};
	/* Names of triggers hold 64 characters. */
	g_autofree char *table =
		g_utf8_substring(names->table, 0, MIN(g_utf8_strlen(names->table, -1), 50));

	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
		g_autofree char *name = g_strdup_printf("%s_tlspol_%s", table, words[i]);
		GString *to = g_string_new("CREATE TRIGGER IF NOT EXISTS ");

		sql_append_name(to, name);
		g_string_append_printf(to, " BEFORE %s ON ", verbs[i]);
		sql_append_name(to, names->table);
		g_string_append(to, " FOR EACH ROW SET NEW.");
		sql_append_name(to, names->column[STORE_CHANGED_BY]);
		g_string_append_printf(to, " = LEFT(" WHO ", %" G_GUINT64_FORMAT ")", max);
		g_ptr_array_add(statements, g_string_free(to, FALSE));
	}
}

const char *sql_describe_triggers(void)
{
	return "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS"
	       " WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = ?"
	       " AND ACTION_STATEMENT LIKE '%@tlspol_actor%'";
}

const char *sql_describe_period(void)
{
	return "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS"
	       " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?"
	       " AND GENERATION_EXPRESSION IN ('ROW START', 'ROW END')";
}
