#include "store/store_private.h"

#include "core/error.h"

#include <string.h>

/* What a column has to be, to be of use. */
static const struct {
	const char *types; /* blank before and after each */
	const char *wanted;
} fitting[STORE_COLUMN_COUNT] = {
	[STORE_ID] = {NULL, NULL},
	[STORE_DOMAIN] = {" char varchar tinytext text mediumtext longtext varbinary ", "a text"},
	[STORE_POLICY] = {" enum char varchar tinytext text ", "an enum or a text"},
	[STORE_PARAMS] = {" char varchar tinytext text mediumtext longtext varbinary ", "a text"},
	[STORE_ACTIVE] = {" tinyint smallint mediumint int bigint bit enum char varchar ",
		"a number or a text"},
	[STORE_NOTE] = {" char varchar tinytext text mediumtext longtext ", "a text"},
	[STORE_ORIGIN] = {" char varchar tinytext text ", "a text"},
	[STORE_PROVIDER] = {" char varchar tinytext text enum ", "a text"},
	[STORE_CHANGED_BY] = {" char varchar tinytext text ", "a text"},
	[STORE_EXCEPTION_POLICY] = {" enum char varchar tinytext text ", "an enum or a text"},
	[STORE_EXCEPTION_PARAMS] = {" char varchar tinytext text mediumtext varbinary ", "a text"},
	/* A timestamp would change with the session's time zone. */
	[STORE_EXCEPTION_UNTIL] = {" datetime ", "a datetime"},
	[STORE_EXCEPTION_NOTE] = {" char varchar tinytext text mediumtext longtext ", "a text"},
};

void store_table_free(struct store_table *table)
{
	if (!table)
		return;
	for (guint i = 0; i < STORE_COLUMN_COUNT; i++) {
		g_free(table->column[i].name);
		g_free(table->column[i].type);
		g_free(table->column[i].collation);
	}
	g_clear_pointer(&table->other_columns, g_ptr_array_unref);
	g_free(table->server);
	g_free(table->database);
	g_free(table->name);
	g_free(table->engine);
	g_free(table->comment);
	g_free(table);
}
typedef struct store_table store_table_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store_table_t, store_table_free)

static guint64 to_number(struct text value)
{
	g_autofree char *digits = text_dup(value);

	return digits ? g_ascii_strtoull(digits, NULL, 10) : 0;
}

struct description {
	struct store *store;
	struct store_table *table;
	gboolean found;
};

static gboolean take_table(gpointer data, const struct text *values, GError **error)
{
	struct description *description = data;
	struct store_table *table = description->table;

	(void)error;
	description->found = TRUE;
	table->server = text_dup(values[0]);
	table->database = text_dup(values[1]);
	table->engine = text_dup(values[2]);
	table->versioned = text_is(values[3], "SYSTEM VERSIONED");
	table->view = text_is(values[3], "VIEW");
	table->rows = to_number(values[4]);
	table->comment = text_dup(values[6]);
	/* 0 or 1; from MariaDB 12 on a word. */
	table->read_only = !(text_is(values[5], "0") || text_is_nocase(values[5], "OFF"));
	return TRUE;
}

static gboolean take_column(gpointer data, const struct text *values, GError **error)
{
	struct description *description = data;
	const struct table_names *names = &description->store->names;
	g_autofree char *name = text_dup(values[0]);
	g_autofree char *type = text_dup(values[2]);

	for (guint i = 0; i < STORE_COLUMN_COUNT; i++) {
		struct store_column *column = &description->table->column[i];
		g_autofree char *pattern = g_strdup_printf(" %s ", type);

		if (!names->column[i] || g_ascii_strcasecmp(names->column[i], name) != 0)
			continue;
		column->name = g_strdup(name);
		column->type = text_dup(values[1]);
		column->collation = text_dup(values[3]);
		column->max = to_number(values[4]);
		column->nullable = text_is(values[5], "YES");
		column->empty_preset = text_is(values[6], "''");
		if (!fitting[i].types || strstr(fitting[i].types, pattern))
			return TRUE;
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"%s: the column `%s` of `%s` is %s: for %s tlspol needs %s",
			description->store->target, name, names->table, column->type,
			column_word(i), fitting[i].wanted);
		return FALSE;
	}
	g_ptr_array_add(description->table->other_columns, g_steal_pointer(&name));
	return TRUE;
}

static gboolean take_unique(gpointer data, const struct text *values, GError **error)
{
	(void)values;
	(void)error;
	((struct description *)data)->table->domain_unique = TRUE;
	return TRUE;
}

gboolean params_want_empty(const struct store_table *table)
{
	const struct store_column *params = &table->column[STORE_PARAMS];

	return !params->nullable || params->empty_preset;
}

gboolean has_exceptions(const struct store_table *table)
{
	for (guint id = STORE_EXCEPTION_POLICY; id <= STORE_EXCEPTION_NOTE; id++)
		if (!table->column[id].name)
			return FALSE;
	return TRUE;
}

/* What must be there, is. */
static gboolean complete(const struct description *description, GError **error)
{
	const struct table_names *names = &description->store->names;

	for (guint i = 0; i < STORE_COLUMN_COUNT; i++) {
		if (description->table->column[i].name || !column_needed(names, i))
			continue;
		column_missing(description->store, i, error);
		return FALSE;
	}
	return TRUE;
}

/* FALSE without an error when there is no such table. */
static gboolean describe(struct description *description, GError **error)
{
	struct store *store = description->store;
	const struct text values[] = {
		text_of(store->names.table), text_of(store->names.column[STORE_DOMAIN])};
	struct db_reader reader = {.row = take_table, .data = description};

	if (!db_select(store, sql_describe_table(), values, 1, &reader, error) ||
		!description->found)
		return FALSE;
	description->table->name = g_strdup(store->names.table);
	reader.row = take_column;
	if (!db_select(store, sql_describe_columns(), values, 1, &reader, error) ||
		!complete(description, error))
		return FALSE;
	reader.row = take_unique;
	return db_select(store, sql_describe_unique(), values, 2, &reader, error);
}

/* The description, or NULL: without an error when there is no such table. */
static const struct store_table *look_at_table(struct store *store, GError **error)
{
	g_autoptr(store_table_t) table = g_new0(struct store_table, 1);
	struct description description = {.store = store, .table = table};
	g_autoptr(GError) cause = NULL;

	if (store->described)
		return store->described;
	table->other_columns = g_ptr_array_new_with_free_func(g_free);
	if (!describe(&description, &cause)) {
		if (cause)
			g_propagate_error(error, g_steal_pointer(&cause));
		return NULL;
	}
	store->described = g_steal_pointer(&table);
	return store->described;
}

/*
 * information_schema shows only what the account may see, so a table that seems to be missing is
 * asked for once more in a way that tells "not there" from "not allowed".
 */
const struct store_table *store_describe(struct store *store, GError **error)
{
	g_autoptr(GError) cause = NULL;
	const struct store_table *table = look_at_table(store, &cause);
	g_autofree char *probe = sql_select_none(&store->names);

	if (table || cause) {
		if (cause)
			g_propagate_error(error, g_steal_pointer(&cause));
		return table;
	}
	if (db_run(store, probe, error))
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"%s: information_schema does not show the table `%s`", store->target,
			store->names.table);
	return NULL;
}

gboolean store_needs_exceptions(struct store *store, GError **error)
{
	const struct store_table *table = store_describe(store, error);

	if (!table || has_exceptions(table))
		return table != NULL;
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
		"%s: the table `%s` has no columns for exceptions: `tlspol init --upgrade` adds "
		"them",
		store->target, table->name);
	return FALSE;
}
