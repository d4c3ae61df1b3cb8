/* import: what has to happen to the table, and whose rows they are. */
#include <string.h>

#include "cmd/import.h"

/* -- origins -------------------------------------------------------------------------------- */

/* A file's origin. Rows that have nothing else to say share one entry in their set's side table. */
struct origin {
	const char *text; /* kept by the set; NULL = standard input, which has none */
	const struct policy_row *first;
};

static void set_origin(struct policy_set *set, struct policy_row *row, struct origin *origin)
{
	struct policy_extra *extra;

	if (!policy_set_extra(set, row) && origin->first) {
		policy_set_share_extra(row, origin->first);
		return;
	}
	if (!policy_set_extra(set, row))
		origin->first = row;
	extra = policy_set_extra_for(set, row);
	if (!extra->origin)
		extra->origin = origin->text;
}

/* --label claims every row of the files, whoever wrote it before. */
static void claim_rows(struct policy_set *wanted, const char *label)
{
	struct origin origin = {policy_set_keep(wanted, text_of(label)).at, NULL};

	for (guint i = 0; i < policy_set_count(wanted); i++)
		set_origin(wanted, policy_set_row(wanted, i), &origin);
}

/* The origin that each file gives: its name. */
static struct origin *file_origins(struct policy_set *set)
{
	struct origin *origins = g_new0(struct origin, set->files->len);

	for (guint i = 0; i < set->files->len; i++) {
		const char *file = g_ptr_array_index(set->files, i);
		g_autofree char *name = g_path_get_basename(file);

		if (*file != '<')
			origins[i].text = policy_set_keep(set, text_of(name)).at;
	}
	return origins;
}

/*
 * Without --label only what the plan writes anyway gets the file's name: rows that are as they
 * should be stay untouched, so that importing an exported table changes nothing.
 */
static void mark_changed_rows(struct policy_set *wanted, const struct plan *plan)
{
	g_autofree struct origin *origins = file_origins(wanted);

	for (guint i = 0; i < plan->changes->len; i++) {
		const struct policy_row *after = plan_change(plan, i)->after;

		/* The plan's rows are the set's own: an offset makes one writable. */
		if (after && origins[after->file].text)
			set_origin(wanted,
				policy_set_row(wanted, (guint)(after - policy_set_row(wanted, 0))),
				&origins[after->file]);
	}
}

/* -- the plan ------------------------------------------------------------------------------- */

static gboolean take_rows(gpointer plan, const struct policy_set *rows, GError **error)
{
	return plan_present(plan, rows, error);
}

/*
 * Where the collation ignores case, a row "GitHub.com" is the row of github.com: the table
 * would not take another one, and Postfix finds it.
 */
static gboolean ignores_case(const struct store_table *table)
{
	const char *collation = table->column[STORE_DOMAIN].collation;

	return collation && strstr(collation, "_ci");
}

static gboolean origin_missing(const struct import *import, const struct store_table *table,
	enum prune prune, GError **error)
{
	if (table->column[STORE_ORIGIN].name || (prune != PRUNE_ORIGIN && !import->label))
		return FALSE;
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
		"table %s.%s has no column for the origin of a row, which %s needs: run tlspol "
		"init --upgrade%s",
		table->database, table->name, import->label ? "--label" : "--prune",
		prune == PRUNE_ORIGIN ? ", or use --prune=all" : "");
	return TRUE;
}

gboolean import_plan(struct app *app, const struct import *import, const char *file,
	struct policy_set *wanted, struct plan *plan, GError **error)
{
	struct store *store = app_store(app, error);
	const struct store_table *table = store ? store_describe(store, error) : NULL;
	enum prune prune = !import->prune ? PRUNE_NONE : *import->prune ? PRUNE_ALL : PRUNE_ORIGIN;
	g_autofree char *name = g_path_get_basename(file);
	struct plan_scope scope = {prune, import->label ? import->label : name, FALSE};

	if (!table || origin_missing(import, table, prune, error))
		return FALSE;
	scope.fold = ignores_case(table);
	if (import->label)
		claim_rows(wanted, import->label);
	plan_start(plan, wanted, &scope);
	if (!store_scan(store, STORE_PART_ALL, take_rows, plan, error))
		return FALSE;
	plan_finish(plan);
	if (table->column[STORE_ORIGIN].name && !import->label)
		mark_changed_rows(wanted, plan);
	return TRUE;
}
