#include "cmd/edit.h"
#include "cmd/keys.h"

static const struct option_group *const groups[] = {&app_group_db, &app_group_global, NULL};

/* The rows to go, each once, however often its key was given; `missing` says which are not there.
 */
static gboolean find_rows(struct app *app, const GPtrArray *keys, const struct policy_set *present,
	GHashTable *going, GString *missing, GError **error)
{
	for (guint i = 0; i < keys->len; i++) {
		const struct policy_row *row = typed_key_row(keys->pdata[i], present);

		for (const struct policy_row *twin = row; twin;
			twin = policy_set_twin(present, twin))
			g_hash_table_add(going, (gpointer)twin);
		if (row)
			continue;
		if (missing->len)
			g_string_append(missing, "; ");
		if (!typed_key_missing(app, keys->pdata[i], present, missing, error))
			return FALSE;
	}
	return TRUE;
}

static int run(gpointer shared, gpointer data, char **operands, int count, GError **error)
{
	struct app *app = shared;
	g_autoptr(GPtrArray) keys = typed_keys(operands, count);
	g_autoptr(GHashTable) going = g_hash_table_new(NULL, NULL);
	g_autoptr(GString) missing = g_string_new(NULL);
	g_autoptr(GString) report = g_string_new(NULL);
	g_auto(policy_set_t) present, nothing;
	g_auto(plan_t) plan;

	(void)data;
	policy_set_init(&present);
	policy_set_init(&nothing);
	plan_init(&plan);
	plan.present = &present;
	plan.wanted = &nothing;
	if (!typed_keys_read(app, keys, &present, error) ||
		!find_rows(app, keys, &present, going, missing, error))
		return STATUS_BUG;

	for (guint i = 0; i < policy_set_count(&present); i++) {
		const struct policy_row *row = policy_set_row(&present, i);

		if (!g_hash_table_contains(going, row))
			continue;
		g_autofree char *key = printable(policy_row_key(row));
		g_autofree char *value = edit_show(&present, row);
		plan_add_change(&plan, CHANGE_REMOVE, row, NULL);
		g_string_append_printf(report, "removed %s: %s\n", key, value);
	}
	if (plan.changes->len && !store_apply(app->store, &plan, error))
		return STATUS_BUG;
	if (!edit_report(app, report, error))
		return STATUS_IO;
	if (missing->len) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_NO, missing->str);
		return STATUS_NO;
	}
	return STATUS_OK;
}

static const struct operand operands[] = {{"KEY", FALSE, TRUE, COMPLETES_KEY}, {0}};
static const struct example examples[] = {
	{"tlspol remove github.com", "mail for github.com goes by smtp_tls_security_level again"},
	{"tlspol rm old.example .old.example '[mx.old.example]'", "several, all or none"},
	{0},
};
static const int statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_UNAVAILABLE,
	STATUS_TRY_AGAIN, STATUS_NO_PERMISSION, STATUS_CONFIG, -1};

const struct command cmd_remove = {
	.name = "remove",
	.alias = "rm",
	.group = "Policies",
	.summary = "delete policies",
	.description =
		"Deletes the policies of the keys, in one transaction, and prints what it\n"
		"deleted, so that it can be put back. A key that is not stored is exit status\n"
		"1; the others are deleted all the same.\n",
	.operands = operands,
	.groups = groups,
	.examples = examples,
	.statuses = statuses,
	.run = run,
};
