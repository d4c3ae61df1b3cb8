/* init --history: system versioning, and who changed what. */
#include "store/store_private.h"

struct triggers {
	guint count;
};

static gboolean take_trigger(gpointer data, const struct text *values, GError **error)
{
	(void)values;
	(void)error;
	((struct triggers *)data)->count++;
	return TRUE;
}

static void add_triggers(const struct table_names *names, guint64 max, struct store_init *init)
{
	sql_triggers(init->optional, names, max);
	init_note(init,
		"make two triggers that write into %s who changes a row, with which "
		"program ever",
		names->column[STORE_CHANGED_BY]);
}

static void plan_changed_by(struct store *store, GPtrArray *clauses, struct store_init *init)
{
	g_autoptr(GPtrArray) columns = sql_definitions(&store->names);

	for (guint i = 0; i < columns->len; i++) {
		const struct definition *definition = columns->pdata[i];

		if (definition->id != STORE_CHANGED_BY)
			continue;
		g_ptr_array_add(clauses, sql_add_column(definition));
		init_note(init, "add the column %s, invisible to SELECT *", definition->word);
	}
}

gboolean init_history_plan(struct store *store, const struct store_table *table, GPtrArray *clauses,
	struct store_init *init, GError **error)
{
	const struct store_column *changed_by = &table->column[STORE_CHANGED_BY];
	const struct text name = text_of(table->name);
	struct triggers triggers = {0};
	const struct db_reader reader = {.row = take_trigger, .data = &triggers};

	if (!table->versioned) {
		g_ptr_array_add(clauses, g_strdup(sql_add_versioning()));
		init_note(init,
			"remember every version of a row from now on: the table (about "
			"%" G_GUINT64_FORMAT " rows) is copied once, and writers wait meanwhile",
			table->rows);
	}
	if (!store->names.column[STORE_CHANGED_BY])
		return TRUE;
	if (!changed_by->name && !(init->wishes & STORE_WISH_UPGRADE))
		plan_changed_by(store, clauses, init);
	if (!db_select(store, sql_describe_triggers(), &name, 1, &reader, error))
		return FALSE;
	if (triggers.count < 2)
		add_triggers(&store->names, changed_by->name ? changed_by->max : 255, init);
	return TRUE;
}

void init_history_create(const struct table_names *names, struct store_init *init)
{
	GPtrArray *statements = init->statements;
	char **create = (char **)&statements->pdata[statements->len - 1];
	char *with = g_strconcat(*create, sql_with_versioning(), NULL);

	g_free(*create);
	*create = with;
	init_note(init, "remember every version of a row");
	if (names->column[STORE_CHANGED_BY])
		add_triggers(names, 255, init);
}
