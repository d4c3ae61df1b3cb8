#include <string.h>

#include "cmd/past.h"
#include "cmd/plan_report.h"

static gboolean check_words(const struct app *app, int count, GError **error)
{
	const char *wrong = NULL;

	if (!app->from && !count)
		wrong = "between which moments? diff T1 [T2], or diff --from FILE";
	else if (app->from && count > 1)
		wrong = "diff --from FILE compares the file with one moment of the table";
	if (wrong)
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE, wrong);
	return wrong == NULL;
}

/* The table at the first moment; the file, or the table at the second; now where none is named. */
static gboolean read_sides(struct app *app, char **words, int count, struct policy_set *before,
	struct policy_set *after, GError **error)
{
	gint64 first = 0, second = 0;

	if ((count > 0 && !past_moment("T1", words[0], &first, error)) ||
		(count > 1 && !past_moment("T2", words[1], &second, error)))
		return FALSE;
	/* A file's errors come first: they need no server. */
	if (app->from)
		return app_policies(app, after, error) && past_read(app, first, before, error);
	if (!past_read(app, first, before, error) || !past_read(app, second, after, error))
		return FALSE;
	past_name_all(before, after);
	return TRUE;
}

/* A column that ignores case has one row for "GitHub.com" and github.com. */
static gboolean compare(struct app *app, const struct policy_set *before,
	const struct policy_set *after, struct plan *plan, GError **error)
{
	const struct store_table *table = store_describe(app->store, error);
	const char *collation = table ? table->column[STORE_DOMAIN].collation : NULL;
	struct plan_scope scope = {.prune = PRUNE_ALL};

	if (!table)
		return FALSE;
	scope.fold = app->from && collation && strstr(collation, "_ci");
	plan_start(plan, after, &scope);
	if (!plan_present(plan, before, error))
		return FALSE;
	plan_finish(plan);
	return TRUE;
}

static gboolean show(struct app *app, const struct plan *plan, GError **error)
{
	if (!plan_report(app, plan, error))
		return FALSE;
	app_note(app, "%u added, %u changed, %u removed, %u unchanged", plan->added, plan->updated,
		plan->removed, plan->unchanged);
	return TRUE;
}

static int run(gpointer shared, gpointer settings, char **operands, int count, GError **error)
{
	struct app *app = shared;
	g_auto(policy_set_t) before, after;
	g_auto(plan_t) plan;

	(void)settings;
	policy_set_init(&before);
	policy_set_init(&after);
	plan_init(&plan);
	if (!check_words(app, count, error) ||
		!read_sides(app, operands, count, &before, &after, error) ||
		!compare(app, &before, &after, &plan, error) || !show(app, &plan, error))
		return STATUS_BUG;
	return plan.changes->len ? STATUS_NO : STATUS_OK;
}

static const struct option_group *const groups[] = {
	&app_group_format, &app_group_from, &app_group_db, &app_group_global, NULL};
static const struct operand operands[] = {
	{"T1", .optional = TRUE}, {"T2", .optional = TRUE}, {NULL}};
static const struct example examples[] = {
	{"tlspol diff yesterday", "what has changed since the day before began"},
	{"tlspol diff 2026-11-01 '2026-11-15 08:00'", "between two moments"},
	{"tlspol diff --from policies.yaml", "what the file has otherwise than the table"},
	{"tlspol diff --from policies.yaml '2 hours ago'", "than the table had"},
	{NULL},
};
static const int statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_DATA, STATUS_NO_INPUT,
	STATUS_UNAVAILABLE, STATUS_CANNOT_CREATE, STATUS_IO, STATUS_NO_PERMISSION, STATUS_CONFIG,
	-1};

const struct command cmd_diff = {
	.name = "diff",
	.group = "History",
	.summary = "compare the table with what it was, or with a file",
	.description =
		"Shows how the policies at T1 became those at T2 (now, when T2 is not given),\n"
		"or with --from how the table differs from a file: + only in the later one, ~\n"
		"other there, - only in the earlier one. The exit status is 1 when anything\n"
		"differs.\n"
		"\n"
		"A moment is \"2026-11-23 14:05:00\" (local time), ISO 8601 with Z or an\n"
		"offset, yesterday, \"2 hours ago\" or 3d. The table must keep history: 'tlspol\n"
		"init --history'. A file is compared with any table.\n",
	.operands = operands,
	.groups = groups,
	.examples = examples,
	.statuses = statuses,
	.run = run,
};
