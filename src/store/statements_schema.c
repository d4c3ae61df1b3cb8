/* Statements about the table as a whole: upgrade, accounts, and the query Postfix gets. */
#include "store/store_private.h"

#include "sql_embedded.h"

#include <string.h>

static void append_column(GString *to, const struct table_names *names, enum store_column_id id)
{
	sql_append_name(to, names->column[id]);
}

static void add(GPtrArray *statements, GString *text)
{
	g_ptr_array_add(statements, g_string_free(text, FALSE));
}

/* -- the table as released: sql/001_table.sql, cut into definitions -------------------------- */

static void definition_free(gpointer data)
{
	struct definition *definition = data;

	g_free(definition->word);
	g_free(definition->text);
	g_free(definition);
}

static int column_id(const char *word)
{
	for (int id = 0; id < STORE_COLUMN_COUNT; id++)
		if (strcmp(column_word(id), word) == 0)
			return id;
	return -1;
}

/* "`policy` enum(…)\n    CHARACTER SET …" as one line under its mapped name. */
static struct definition *definition_new(const struct table_names *names, const char *sql)
{
	struct definition *definition = g_new0(struct definition, 1);
	const char *end = strchr(sql + 1, '`');
	GString *text = g_string_new(NULL);

	definition->word = g_strndup(sql + 1, end - sql - 1);
	definition->id = column_id(definition->word);
	if (definition->id < 0 || names->column[definition->id])
		sql_append_name(text,
			definition->id < 0 ? definition->word : names->column[definition->id]);
	for (end++; *end; end++)
		if (!(g_ascii_isspace(*end) && g_ascii_isspace(end[1])))
			g_string_append_c(text, g_ascii_isspace(*end) ? ' ' : *end);
	definition->text = g_string_free(text, FALSE);
	return definition;
}

/* The column definitions of sql/001_table.sql: what stands between ",\n  `" and the keys. */
GPtrArray *sql_definitions(const struct table_names *names)
{
	GPtrArray *all = g_ptr_array_new_with_free_func(definition_free);
	g_auto(GStrv) parts = g_strsplit(strchr(sql_001_table, '(') + 1, ",\n  ", -1);

	for (guint i = 0; parts[i]; i++) {
		char *part = g_strstrip(parts[i]);
		if (*part == '`')
			g_ptr_array_add(all, definition_new(names, part));
	}
	return all;
}

static void append_active_and_keys(GString *to, const struct table_names *names)
{
	gboolean id = names->column[STORE_ID] != NULL;

	if (names->mapped[STORE_ACTIVE] && names->column[STORE_ACTIVE]) {
		g_string_append(to, "  ");
		append_column(to, names, STORE_ACTIVE);
		g_string_append(to, " tinyint(1) NOT NULL DEFAULT 1,\n");
	}
	if (id) {
		g_string_append(to, "  PRIMARY KEY (");
		append_column(to, names, STORE_ID);
		g_string_append(to, "),\n  UNIQUE KEY ");
		append_column(to, names, STORE_DOMAIN);
		g_string_append(to, " (");
	} else {
		g_string_append(to, "  PRIMARY KEY (");
	}
	append_column(to, names, STORE_DOMAIN);
	g_string_append(to, ")\n");
}

/* A table without id has its key as primary key; active is made only where it is mapped. */
char *sql_create(const struct table_names *names)
{
	g_autoptr(GPtrArray) columns = sql_definitions(names);
	g_autoptr(GString) to = g_string_new("CREATE TABLE ");

	sql_append_name(to, names->table);
	g_string_append(to, " (\n");
	for (guint i = 0; i < columns->len; i++) {
		const struct definition *definition = columns->pdata[i];
		if (definition->id < 0 || names->column[definition->id])
			g_string_append_printf(to, "  %s,\n", definition->text);
	}
	append_active_and_keys(to, names);
	g_string_append(to, strstr(sql_001_table, ") ENGINE="));
	return g_strdup(g_strchomp(to->str));
}

/* -- upgrade --------------------------------------------------------------------------------- */

/* What params are without attributes, NULL or '', stays as other programs expect it. */
char *sql_modify_column(const struct store_table *table, const struct definition *definition)
{
	const struct store_column *params = &table->column[STORE_PARAMS];
	g_auto(GStrv) parts = g_strsplit(definition->text, " DEFAULT NULL", 2);

	if (definition->id != STORE_PARAMS || !params_want_empty(table))
		return g_strdup_printf("MODIFY COLUMN %s", definition->text);
	return g_strdup_printf(
		"MODIFY COLUMN %s %s DEFAULT ''", parts[0], params->nullable ? "NULL" : "NOT NULL");
}

char *sql_add_column(const struct definition *definition)
{
	return g_strdup_printf("ADD COLUMN %s%s", definition->text,
		definition->id == STORE_CHANGED_BY ? " INVISIBLE" : "");
}

char *sql_engine(void)
{
	return g_strdup("ENGINE=InnoDB");
}

/* Lower case is what the old collations hid; other folding (ß) `tlspol check` reports. */
static void add_fold(GPtrArray *statements, const struct table_names *names)
{
	g_autoptr(GString) column = g_string_new(NULL);
	GString *to = g_string_new("UPDATE ");

	append_column(column, names, STORE_DOMAIN);
	sql_append_name(to, names->table);
	g_string_append_printf(to,
		" SET %s = LOWER(RTRIM(%s)) WHERE CONVERT(%s USING utf8mb4) COLLATE "
		"utf8mb4_nopad_bin <> LOWER(RTRIM(CONVERT(%s USING utf8mb4)))",
		column->str, column->str, column->str, column->str);
	add(statements, to);
}

void sql_upgrade(GPtrArray *statements, const struct table_names *names,
	const struct store_table *table, gboolean fold, gboolean empty_params,
	const GPtrArray *clauses)
{
	/* Rows first: from then on the old collation and the new one find the same keys. */
	if (fold)
		add_fold(statements, names);
	if (empty_params) {
		GString *to = g_string_new("UPDATE ");
		sql_append_name(to, names->table);
		g_string_append(to, " SET ");
		append_column(to, names, STORE_PARAMS);
		g_string_append(to, " = NULL WHERE ");
		append_column(to, names, STORE_PARAMS);
		g_string_append(to, " = ''");
		add(statements, to);
	}
	if (!clauses->len)
		return;
	if (table->versioned)
		g_ptr_array_add(statements, g_strdup(sql_keep_history()));
	GString *to = g_string_new("ALTER TABLE ");
	sql_append_name(to, names->table);
	for (guint i = 0; i < clauses->len; i++)
		g_string_append_printf(to, "\n  %s,", (const char *)clauses->pdata[i]);
	/* Postfix goes on reading meanwhile; writers wait. */
	g_string_append(to, "\n  LOCK=SHARED");
	add(statements, to);
}

/* -- accounts -------------------------------------------------------------------------------- */

static void add_account(GPtrArray *statements, const char *name)
{
	g_ptr_array_add(statements,
		g_strdup_printf(
			"CREATE USER IF NOT EXISTS '%s'@'localhost' IDENTIFIED BY 'CHANGE-ME'",
			name));
}

static void add_grant(GPtrArray *statements, const char *rights, const struct table_names *names,
	const char *database, const char *account)
{
	GString *to = g_string_new("GRANT ");

	g_string_append(to, rights);
	g_string_append(to, " ON ");
	sql_append_name(to, database);
	g_string_append_c(to, '.');
	sql_append_name(to, names->table);
	g_string_append_printf(to, " TO '%s'@'localhost'", account);
	add(statements, to);
}

void sql_grants(GPtrArray *statements, const struct table_names *names, const char *database,
	gboolean active, gboolean exceptions)
{
	g_autoptr(GString) reader = g_string_new("SELECT (");

	append_column(reader, names, STORE_DOMAIN);
	g_string_append(reader, ", ");
	append_column(reader, names, STORE_POLICY);
	g_string_append(reader, ", ");
	append_column(reader, names, STORE_PARAMS);
	if (active) {
		g_string_append(reader, ", ");
		append_column(reader, names, STORE_ACTIVE);
	}
	for (guint id = STORE_EXCEPTION_POLICY; exceptions && id <= STORE_EXCEPTION_UNTIL; id++) {
		g_string_append(reader, ", ");
		append_column(reader, names, id);
	}
	g_string_append_c(reader, ')');
	add_account(statements, "postfix");
	add_grant(statements, reader->str, names, database, "postfix");
	add_account(statements, "tlspol");
	add_grant(statements, "SELECT, INSERT, UPDATE, DELETE", names, database, "tlspol");
	add_account(statements, "tlspol-auditor");
	add_grant(statements, "SELECT", names, database, "tlspol-auditor");
}

/* -- Postfix's query ------------------------------------------------------------------------- */

/* A name for Postfix's query template, where '%' means something. */
static char *template_name(const char *name)
{
	g_autoptr(GString) to = g_string_new(NULL);

	sql_append_name(to, name);
	g_string_replace(to, "%", "%%", 0);
	return g_strdup(to->str);
}

/* What a row says: "level attributes", without a blank behind when there are none. */
static void append_value(GString *to, const struct table_names *names, enum store_column_id level,
	enum store_column_id attributes)
{
	g_autofree char *policy = template_name(names->column[level]);
	g_autofree char *params = template_name(names->column[attributes]);

	g_string_append_printf(to, "CONCAT_WS(' ', %s, NULLIF(TRIM(%s), ''))", policy, params);
}

/*
 * An exception says it instead until its end, by the clock of the server that is asked, in UTC,
 * as the column has it whatever the session's time zone is. A comparison with NULL is as good as
 * FALSE to IF().
 */
static void append_answer(GString *to, const struct table_names *names, gboolean exceptions)
{
	g_autofree char *policy = template_name(names->column[STORE_EXCEPTION_POLICY]);
	g_autofree char *until = template_name(names->column[STORE_EXCEPTION_UNTIL]);

	if (!exceptions) {
		append_value(to, names, STORE_POLICY, STORE_PARAMS);
		return;
	}
	g_string_append_printf(to, "IF(%s IS NOT NULL AND %s > UTC_TIMESTAMP(), ", policy, until);
	append_value(to, names, STORE_EXCEPTION_POLICY, STORE_EXCEPTION_PARAMS);
	g_string_append(to, ", ");
	append_value(to, names, STORE_POLICY, STORE_PARAMS);
	g_string_append_c(to, ')');
}

/* Rows that do not answer: those switched off, and those that were there until a moment only. */
static void append_silent(
	GString *to, const struct table_names *names, gboolean active, gboolean exceptions)
{
	if (active) {
		g_autofree char *column = template_name(names->column[STORE_ACTIVE]);
		g_string_append_printf(to, " AND %s = 1", column);
	}
	if (exceptions) {
		g_autofree char *policy = template_name(names->column[STORE_EXCEPTION_POLICY]);
		g_autofree char *until = template_name(names->column[STORE_EXCEPTION_UNTIL]);
		g_string_append_printf(to,
			" AND (%s IS NOT NULL OR %s IS NULL OR %s > UTC_TIMESTAMP())", policy,
			until, until);
	}
}

/*
 * The key comes as UTF-8 whatever the connection's character set, so the literal says so; it is
 * brought to the column's character set, for the index and because comparing a key that the
 * column cannot hold would be an error that defers mail. What a collation matches too much ("ü"
 * and "y" in latin1_swedish_ci, blanks behind) is taken back by an exact comparison, in which the
 * stored key may still have capitals, because Postfix asks in lower case.
 */
char *sql_postfix_query(const struct table_names *names, const char *collation, gboolean active,
	gboolean exceptions)
{
	g_autofree char *charset =
		collation ? g_strndup(collation, strcspn(collation, "_")) : g_strdup("binary");
	gboolean exact = !collation || strcmp(collation, "utf8mb4_nopad_bin") == 0;
	g_autofree char *table = template_name(names->table);
	g_autofree char *domain = template_name(names->column[STORE_DOMAIN]);
	g_autoptr(GString) to = g_string_new("SELECT ");

	append_answer(to, names, exceptions);
	g_string_append_printf(to, " FROM %s WHERE %s = ", table, domain);
	if (strcmp(charset, "utf8mb4") == 0)
		g_string_append(to, "_utf8mb4'%s'");
	else
		g_string_append_printf(to, "CONVERT(_utf8mb4'%%s' USING %s)", charset);
	/* What CONVERT() makes has a collation of its own, which must not get in the way. */
	if (collation && strcmp(charset, "utf8mb4") != 0)
		g_string_append_printf(to, " COLLATE %s", collation);
	if (!exact)
		g_string_append_printf(to,
			" AND LOWER(CONVERT(%s USING utf8mb4)) COLLATE utf8mb4_nopad_bin = "
			"_utf8mb4'%%s'",
			domain);
	append_silent(to, names, active, exceptions);
	return g_strdup(to->str);
}
