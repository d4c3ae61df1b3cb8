#include "cmd/keys.h"
#include "cmd/past.h"
#include "cmd/plan_run.h"

struct revert {
	struct plan_options plan;
	gboolean all;
	char *to;
};

/* clang-format off */
static const struct option own_options[] = {
	{"to", 0, OPTION_STRING, offsetof(struct revert, to), "T",
		"the moment to go back to"},
	{"all", 0, OPTION_FLAG, offsetof(struct revert, all), NULL,
		"all rows of the table, also those that came later, which are removed"},
	{NULL},
};
/* clang-format on */

static gboolean check_words(const struct revert *revert, int count, GError **error)
{
	const char *wrong = NULL;

	if (!plan_options_check(&revert->plan, error))
		return FALSE;
	if (!revert->to)
		wrong = "to which moment? --to \"2026-11-23 14:05:00\", --to '2 hours ago'";
	else if (!revert->all && !count)
		wrong = "which policies? name their keys, or --all";
	else if (revert->all && count)
		wrong = "--all goes without keys";
	if (wrong)
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE, wrong);
	return wrong == NULL;
}

/* Whole tables, or the rows of the keys alone. */
static gboolean read_rows(struct app *app, const GPtrArray *keys, gint64 moment,
	struct policy_set *set, GError **error)
{
	if (!keys)
		return past_read(app, moment, set, error);
	return app_store(app, error) && store_as_of(app->store, moment, error) &&
	       typed_keys_read(app, keys, set, error) && store_as_of(app->store, 0, error);
}

/* NO with all keys that are neither stored nor were. */
static gboolean all_known(const GPtrArray *keys, const struct policy_set *present,
	const struct policy_set *wanted, GError **error)
{
	g_autoptr(GString) missing = g_string_new(NULL);

	for (guint i = 0; keys && i < keys->len; i++) {
		const struct typed_key *key = keys->pdata[i];

		if (typed_key_row(key, present) || typed_key_row(key, wanted))
			continue;
		g_autofree char *shown = printable(text_of(key->typed));
		g_string_append_printf(missing, "%s%s", missing->len ? ", " : "", shown);
	}
	if (!missing->len)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_NO,
		"no policy for %s, neither now nor at that moment: nothing is changed",
		missing->str);
	return FALSE;
}

static int run(gpointer shared, gpointer settings, char **operands, int count, GError **error)
{
	struct app *app = shared;
	const struct revert *revert = settings;
	g_autoptr(GPtrArray) keys = revert->all ? NULL : typed_keys(operands, count);
	g_auto(policy_set_t) present, wanted;
	g_auto(plan_t) plan;
	gint64 moment;

	policy_set_init(&present);
	policy_set_init(&wanted);
	plan_init(&plan);
	if (!check_words(revert, count, error) ||
		!past_moment("--to", revert->to, &moment, error) ||
		!read_rows(app, keys, moment, &wanted, error) ||
		!read_rows(app, keys, 0, &present, error) ||
		!all_known(keys, &present, &wanted, error))
		return STATUS_BUG;
	past_name_all(&present, &wanted);
	plan_make(&plan, &present, &wanted, PRUNE_ALL, NULL);
	/* Keys that were named are not "too much at once". */
	if (keys)
		plan.present_count = 0;
	return plan_run(app, &revert->plan, &plan, error);
}

static const struct option_group own_group = {NULL, BASE_COMMAND, own_options};
static const struct option_group *const groups[] = {
	&own_group, &plan_option_group, &app_group_format, &app_group_db, &app_group_global, NULL};
static const struct operand operands[] = {{"KEY", TRUE, TRUE, COMPLETES_KEY}, {NULL}};
static const struct example examples[] = {
	{"tlspol revert github.com --to yesterday --plan", "what would it be again?"},
	{"tlspol revert github.com --to '2 hours ago' --apply", "one policy as it was"},
	{"tlspol revert --all --to '2026-11-20 14:05:00' --apply --max-change 100%",
		"the whole table as it was"},
	{NULL},
};
static const int statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_DATA, STATUS_UNAVAILABLE,
	STATUS_CANNOT_CREATE, STATUS_IO, STATUS_TRY_AGAIN, STATUS_NO_PERMISSION, STATUS_CONFIG, -1};

const struct command cmd_revert = {
	.name = "revert",
	.group = "History",
	.summary = "put policies back to what they were at a moment",
	.description =
		"Makes a plan that brings the policies of the keys, or with --all the whole\n"
		"table, back to what they were: + what was removed since, ~ what was changed,\n"
		"- what came. As with import nothing is done without --apply, or asking on a\n"
		"terminal, and the same guards refuse a plan that changes much or protects\n"
		"mail less. Going back is a change like any other: history goes on, and it\n"
		"can be reverted.\n"
		"\n"
		"A moment is \"2026-11-23 14:05:00\" (local time), ISO 8601 with Z or an\n"
		"offset, yesterday, \"2 hours ago\" or 3d; 'tlspol history' shows which there\n"
		"were.\n",
	.operands = operands,
	.groups = groups,
	.examples = examples,
	.statuses = statuses,
	.settings_size = sizeof(struct revert),
	.run = run,
};
