#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/import.h"
#include "cmd/plan_report.h"

static const char *const prune_choices[] = {"all", NULL};

static const struct option import_options[] = {
	{"plan", 'n', OPTION_FLAG, offsetof(struct import, plan), NULL,
		"only show what would change; exit status 1 when something would"},
	{"apply", 0, OPTION_FLAG, offsetof(struct import, apply), NULL,
		"change the table without asking"},
	{"yes", 'y', OPTION_FLAG, offsetof(struct import, yes), NULL, "the same as --apply"},
	{"prune", 0, OPTION_OPTIONAL, offsetof(struct import, prune), "all",
		"also remove rows of the same origin, or all rows, that the files do not have",
		prune_choices},
	{"max-change", 0, OPTION_PERCENT, offsetof(struct import, max_change), "N%",
		"refuse to change or remove more than this share of the rows", .preset = 30},
	{"allow-weaker", 0, OPTION_FLAG, offsetof(struct import, allow_weaker), NULL,
		"apply changes that protect mail less than before"},
	{"expect", 0, OPTION_STRING, offsetof(struct import, expect), "CHECKSUM",
		"apply only the plan with this checksum, as --plan showed it"},
	{"label", 0, OPTION_STRING, offsetof(struct import, label), "ORIGIN",
		"origin of all rows of the files (default for new rows: the file's name)"},
	{"force", 0, OPTION_FLAG, offsetof(struct import, force), NULL,
		"store policies that Postfix would refuse, too"},
	{"both", 0, OPTION_FLAG, offsetof(struct import, both), NULL,
		"store international names under their Unicode form, too"},
	{NULL},
};

static gboolean check_words(const struct import *import, char **files, int count, GError **error)
{
	const char *wrong = NULL;

	if (import->plan && (import->apply || import->yes))
		wrong = "--plan and --apply are opposites: choose one";
	else if (import->prune && !*import->prune && !import->label && count > 1)
		wrong = "--prune with several files needs --label ORIGIN to know whose rows to "
			"remove";
	else if (import->prune && !*import->prune && !import->label && strcmp(files[0], "-") == 0)
		wrong = "--prune from standard input needs --label ORIGIN to know whose rows to "
			"remove";
	if (wrong)
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE, wrong);
	return wrong == NULL;
}

/* -- plan, guards, apply -------------------------------------------------------------------- */

/* Shows the plan, and in words what it comes to. */
static gboolean show_plan(struct app *app, const struct plan *plan, GError **error)
{
	g_autofree char *summary = plan_summary(plan);
	struct app_output output;

	if (!app_output_open(app, &output, error))
		return FALSE;
	if (!plan_report(app, plan, output.stream, error)) {
		app_output_abort(&output);
		return FALSE;
	}
	if (!app_output_close(&output, error))
		return FALSE;
	app_note(app, "%s", summary);
	return TRUE;
}

static gboolean ask(void)
{
	char answer[16];

	fputs("apply? [y/N] ", stderr);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

/* TRUE when the plan is to be applied. */
static gboolean decide(struct app *app, const struct import *import, gboolean refused)
{
	if (import->plan)
		return FALSE;
	if (import->apply || import->yes)
		return TRUE;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		app_note(app, "nothing is changed without --apply");
		return FALSE;
	}
	if (!refused && ask())
		return TRUE;
	app_note(app, "nothing is changed");
	return FALSE;
}

static int finish(
	struct app *app, const struct import *import, const struct plan *plan, GError **error)
{
	const struct plan_guards guards = {
		import->max_change, import->allow_weaker, import->expect};
	g_autoptr(GPtrArray) refusals = g_ptr_array_new_with_free_func(g_free);

	plan_refusals(plan, &guards, refusals);
	for (guint i = 0; i < refusals->len; i++)
		app_warning(app, "refused: %s", (char *)g_ptr_array_index(refusals, i));
	if (plan->changes->len == 0 && refusals->len == 0)
		return STATUS_OK;
	if (!decide(app, import, refusals->len > 0))
		return STATUS_NO;
	if (refusals->len) {
		g_set_error_literal(
			error, TLSPOL_ERROR, STATUS_NO, "the plan is refused: nothing is changed");
		return STATUS_NO;
	}
	if (!store_apply(app->store, plan, error))
		return STATUS_BUG;
	app_note(app, "done: %u added, %u changed, %u removed", plan->added, plan->updated,
		plan->removed);
	return STATUS_OK;
}

static int run(gpointer shared, gpointer settings, char **operands, int count, GError **error)
{
	struct app *app = shared;
	const struct import *import = settings;
	g_auto(policy_set_t) wanted;
	g_auto(plan_t) plan;

	policy_set_init(&wanted);
	plan_init(&plan);
	if (!check_words(import, operands, count, error) ||
		!import_read(app, import, operands, count, &wanted, &plan, error) ||
		!show_plan(app, &plan, error))
		return STATUS_BUG;
	return finish(app, import, &plan, error);
}

static const struct option_group import_group = {NULL, BASE_COMMAND, import_options};
static const struct option_group *const import_groups[] = {&import_group, &app_group_input,
	&app_group_format, &app_group_rules, &app_group_db, &app_group_global, NULL};
static const struct operand import_operands[] = {
	{"FILE", FALSE, TRUE, COMPLETES_FILE},
	{NULL},
};
static const struct example import_examples[] = {
	{"tlspol import policies.yaml --plan",
		"what would change? exit status 1 when something would"},
	{"tlspol import policies.yaml --apply", "from cron, or after the plan was read"},
	{"tlspol import policies.yaml --apply --prune", "also remove what left this file"},
	{"tlspol export yaml | ssh mx2 tlspol import - --apply", "carry a table to another server"},
	{NULL},
};
static const int import_statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_DATA,
	STATUS_NO_INPUT, STATUS_UNAVAILABLE, STATUS_CANNOT_CREATE, STATUS_IO, STATUS_TRY_AGAIN,
	STATUS_NO_PERMISSION, STATUS_CONFIG, STATUS_INTERRUPTED, -1};

const struct command cmd_import = {
	.name = "import",
	.group = "Files",
	.summary = "bring the table to what files say: plan, then apply",
	.description =
		"Reads policies from YAML, Postfix map source, CSV or JSON files (- is standard\n"
		"input), checks them, and compares them with the table. The plan lists\n"
		"+ what would be added, ~ changed and - removed. On a terminal tlspol then asks;\n"
		"elsewhere it changes nothing without --apply.\n"
		"\n"
		"Without --prune nothing is removed. --prune removes rows that came from the same\n"
		"file (column origin) and have left it; --prune=all removes every row that the\n"
		"files do not have.\n"
		"\n"
		"Everything is applied in one transaction, or nothing. A plan that changes or\n"
		"removes more than 30 % of the rows, or protects mail less than before, is "
		"refused\n"
		"unless an option allows it. Rows that are as they should be are not written.",
	.operands = import_operands,
	.groups = import_groups,
	.examples = import_examples,
	.statuses = import_statuses,
	.settings_size = sizeof(struct import),
	.run = run,
};
