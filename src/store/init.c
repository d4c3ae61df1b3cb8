#include "store/store_private.h"

#include "core/error.h"
#include "store/login.h"

#include <string.h>

void store_init_release(struct store_init *init)
{
	g_clear_pointer(&init->statements, g_ptr_array_unref);
	g_clear_pointer(&init->optional, g_ptr_array_unref);
	g_clear_pointer(&init->notes, g_ptr_array_unref);
	g_clear_pointer(&init->failed, g_ptr_array_unref);
}

void init_note(struct store_init *init, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(init->notes, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

/* -- what an upgrade has to do -------------------------------------------------------------- */

static gboolean is_exact(const struct store_column *column)
{
	return g_strcmp0(column->collation, "utf8mb4_nopad_bin") == 0;
}

/* Whether the column of an adopted table holds less, or compares other, than a new one's. */
static gboolean needs_change(const struct store_table *table, enum store_column_id id)
{
	const struct store_column *column = &table->column[id];

	if (id == STORE_DOMAIN)
		return !is_exact(column) || column->max < 255;
	if (id == STORE_PARAMS)
		return column->max < 4096 || !g_str_has_prefix(column->collation, "utf8mb4");
	return FALSE;
}

static gboolean has_column(const struct store_table *table, const struct definition *definition)
{
	if (definition->id >= 0)
		return table->column[definition->id].name != NULL;
	for (guint i = 0; i < table->other_columns->len; i++)
		if (g_ascii_strcasecmp(table->other_columns->pdata[i], definition->word) == 0)
			return TRUE;
	return FALSE;
}

static void plan_columns(struct store *store, const struct store_table *table, GPtrArray *clauses,
	struct store_init *init)
{
	g_autoptr(GPtrArray) columns = sql_definitions(&store->names);

	for (guint i = 0; i < columns->len; i++) {
		const struct definition *definition = columns->pdata[i];
		int id = definition->id;

		/* A table without an id column keeps its own primary key. */
		if (id == STORE_ID || (id >= 0 && !store->names.column[id]))
			continue;
		if (!has_column(table, definition)) {
			g_ptr_array_add(clauses, sql_add_column(definition));
			init_note(init, "add the column %s", definition->word);
		} else if (id >= 0 && needs_change(table, id)) {
			g_ptr_array_add(clauses, sql_modify_column(table, definition));
			init_note(init, "change the column %s from %s %s to %s",
				table->column[id].name, table->column[id].type,
				table->column[id].collation,
				id == STORE_DOMAIN ? "varchar(255) utf8mb4_nopad_bin"
						   : "varchar(4096) utf8mb4_nopad_bin");
		}
	}
	if (!has_exceptions(table))
		init_note(init,
			"before export mysql writes a new .cf: let the account that Postfix "
			"reads with see the exception columns, as init --grants has it");
	if (g_ascii_strcasecmp(table->engine ? table->engine : "", "InnoDB") != 0) {
		g_ptr_array_add(clauses, sql_engine());
		init_note(init, "change the engine from %s to InnoDB", table->engine);
	}
}

/* -- what the rows need ---------------------------------------------------------------------- */

struct row_needs {
	guint unfolded, empty_params;
};

/* What the upgrade's LOWER(RTRIM()) makes of a key. */
static char *future_key(struct text key)
{
	g_autofree char *copy = text_dup(key);

	while (key.len && copy[key.len - 1] == ' ')
		copy[--key.len] = '\0';
	return g_utf8_validate(copy, -1, NULL) ? g_utf8_strdown(copy, -1) : g_strdup(copy);
}

/*
 * Under the old collation a row "GitHub.com" answers for github.com; under the exact one it would
 * not, and mail would silently fall back to the default level. So keys are folded first, and
 * two rows that would become one stop the upgrade.
 */
static gboolean look_at_rows(
	struct store *store, struct row_needs *needs, struct store_init *init, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_auto(policy_set_t) set;

	policy_set_init(&set);
	if (!store_read(store, &set, error))
		return FALSE;
	for (guint i = 0; i < policy_set_count(&set); i++) {
		const struct policy_row *row = policy_set_row(&set, i);
		struct text key = policy_row_key(row);
		char *future = future_key(key);
		const struct policy_row *other = g_hash_table_lookup(seen, future);

		if (other) {
			g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
				"%s: the rows `%.*s` and `%.*s` would both be `%s`: remove one of "
				"them first",
				store->names.table, TEXT_ARG(policy_row_key(other)), TEXT_ARG(key),
				future);
			g_free(future);
			return FALSE;
		}
		if (!text_is(key, future)) {
			needs->unfolded++;
			init_note(init, "store the key `%.*s` as `%s`", TEXT_ARG(key), future);
		}
		needs->empty_params += row->params && row->params_len == 0;
		g_hash_table_insert(seen, future, (gpointer)row);
	}
	return TRUE;
}

static gboolean plan_wide(struct store *store, const struct store_table *table, GPtrArray *clauses,
	struct row_needs *needs, struct store_init *init, GError **error)
{
	if (!look_at_rows(store, needs, init, error))
		return FALSE;
	if (params_want_empty(table))
		needs->empty_params = 0;
	plan_columns(store, table, clauses, init);
	if (needs->empty_params)
		init_note(init, "store the empty params of %u rows as NULL", needs->empty_params);
	return TRUE;
}

static gboolean plan_upgrade(struct store *store, const struct store_table *table,
	struct store_init *init, GError **error)
{
	g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);
	struct row_needs needs = {0};

	if (table->view) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"%s: `%s` is a view: upgrade the table behind it", store->target,
			table->name);
		return FALSE;
	}
	if ((init->wishes & STORE_WISH_UPGRADE) &&
		!plan_wide(store, table, clauses, &needs, init, error))
		return FALSE;
	if ((init->wishes & STORE_WISH_HISTORY) &&
		!init_history_plan(store, table, clauses, init, error))
		return FALSE;
	if (table->versioned && clauses->len)
		init_note(
			init, "keep the table's history; old versions get the new columns as NULL");
	sql_upgrade(init->statements, &store->names, table, needs.unfolded > 0,
		needs.empty_params > 0, clauses);
	init->action = init->statements->len || init->optional->len ? STORE_INIT_UPGRADE
								    : STORE_INIT_NOTHING;
	return TRUE;
}

/* -- the interface --------------------------------------------------------------------------- */

static gboolean can_create(const struct table_names *names, GError **error)
{
	static const enum store_column_id needed[] = {STORE_DOMAIN, STORE_POLICY, STORE_PARAMS};

	for (guint i = 0; i < G_N_ELEMENTS(needed); i++) {
		if (names->column[needed[i]])
			continue;
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"a policy table needs a column for %s: name one in the configuration",
			column_word(needed[i]));
		return FALSE;
	}
	return TRUE;
}

static gboolean plan_create(
	const struct table_names *names, struct store_init *init, GError **error)
{
	if (!can_create(names, error))
		return FALSE;
	init->action = STORE_INIT_CREATE;
	g_ptr_array_add(init->statements, sql_create(names));
	init_note(init, "make the table %s", names->table);
	if (init->wishes & STORE_WISH_HISTORY)
		init_history_create(names, init);
	return TRUE;
}

gboolean store_init_plan(struct store *store, const struct store_settings *settings, guint wishes,
	struct store_init *init, GError **error)
{
	struct table_names names;
	const struct store_table *table;
	g_autoptr(GError) cause = NULL;
	gboolean fine;

	*init = (struct store_init){
		.wishes = wishes,
		.statements = g_ptr_array_new_with_free_func(g_free),
		.optional = g_ptr_array_new_with_free_func(g_free),
		.notes = g_ptr_array_new_with_free_func(g_free),
		.failed = g_ptr_array_new_with_free_func(g_free),
	};
	if (store) {
		if (!db_require_mariadb(store, error))
			return FALSE;
		store->last_error = 0;
		table = store_describe(store, &cause);
		if (table)
			return !wishes || plan_upgrade(store, table, init, error);
		if (store->last_error != NO_SUCH_TABLE) {
			g_propagate_error(error, g_steal_pointer(&cause));
			return FALSE;
		}
	}
	table_names_init(&names, settings);
	fine = plan_create(&names, init, error);
	table_names_release(&names);
	return fine;
}

gboolean store_init_apply(struct store *store, struct store_init *init, GError **error)
{
	if (!db_require_mariadb(store, error) || !db_run(store, sql_writing_session(), error) ||
		!db_tell_actor(store, error))
		return FALSE;
	g_clear_pointer(&store->described, store_table_free);
	store->looked_for_hidden = FALSE;
	db_committing(store, TRUE);
	for (guint i = 0; i < init->statements->len; i++)
		if (!db_run(store, init->statements->pdata[i], error))
			return FALSE;
	for (guint i = 0; i < init->optional->len; i++) {
		g_autoptr(GError) cause = NULL;

		if (db_run(store, init->optional->pdata[i], &cause))
			continue;
		if (cause->code != STATUS_NO_PERMISSION) {
			g_propagate_error(error, g_steal_pointer(&cause));
			return FALSE;
		}
		g_ptr_array_add(init->failed, g_strdup(cause->message));
	}
	return TRUE;
}

/* The database that is meant: the connection's own, or what settings and option files say. */
static gboolean find_database(
	struct store *store, const struct store_settings *settings, char **database, GError **error)
{
	g_auto(login_t) login = {0};

	if (store) {
		const struct store_table *table = store_describe(store, error);
		*database = table ? g_strdup(table->database) : NULL;
		return table != NULL;
	}
	if (!login_read(settings, &login, error))
		return FALSE;
	*database = g_strdup(login.database);
	if (!*database)
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"no database is named; --database NAME, or database=NAME in [tlspol] of an "
			"option file");
	return *database != NULL;
}

gboolean store_grants(struct store *store, const struct store_settings *settings,
	GPtrArray *statements, GError **error)
{
	g_autofree char *database = NULL;
	struct table_names names;

	if (!find_database(store, settings, &database, error))
		return FALSE;
	table_names_init(&names, settings);
	sql_grants(statements, &names, database,
		store && store->described->column[STORE_ACTIVE].name,
		!store || has_exceptions(store->described));
	table_names_release(&names);
	return TRUE;
}

gboolean store_postfix_query(struct store *store, const struct store_settings *settings,
	char **query, char **database, GError **error)
{
	const char *collation = "utf8mb4_nopad_bin";
	gboolean active = settings->column_active && strcmp(settings->column_active, "-") != 0;
	gboolean exceptions = TRUE;
	struct table_names names;

	if (!find_database(store, settings, database, error))
		return FALSE;
	if (store) {
		exceptions = has_exceptions(store->described);
		active = store->described->column[STORE_ACTIVE].name != NULL;
		collation = store->described->column[STORE_DOMAIN].collation;
	}
	table_names_init(&names, settings);
	*query = sql_postfix_query(&names, collation, active, exceptions);
	table_names_release(&names);
	return TRUE;
}
