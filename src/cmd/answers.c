#include "cmd/answers.h"

#include "core/key.h"

/* postmap folds the keys it builds, too. */
static void fold_keys(struct policy_set *set)
{
	for (guint i = 0; i < policy_set_count(set); i++) {
		struct policy_row *row = policy_set_row(set, i);
		g_autoptr(GString) folded = g_string_new(NULL);

		if (key_fold(folded, policy_row_key(row)) &&
			!text_equal(policy_row_key(row), (struct text){folded->str, folded->len}))
			policy_set_rekey(set, row,
				policy_set_keep(set, (struct text){folded->str, folded->len}));
	}
}

static gboolean read_table(struct app *app, GPtrArray *keys, struct policy_set *set, GError **error)
{
	const struct store_table *table;
	const char *collation;

	if (!app_store(app, error) || !(table = store_describe(app->store, error)))
		return FALSE;
	collation = table->column[STORE_DOMAIN].collation;
	if (!collation || !strstr(collation, "_ci"))
		return keys ? store_find(app->store, keys, set, error)
			    : app_policies(app, set, error);
	if (!app_policies(app, set, error))
		return FALSE;
	fold_keys(set);
	return TRUE;
}

gboolean answers_read(struct app *app, GPtrArray *keys, struct policy_set *set, GError **error)
{
	if (app->from ? !app_policies(app, set, error) : !read_table(app, keys, set, error))
		return FALSE;
	policy_set_sort(set);
	return TRUE;
}
