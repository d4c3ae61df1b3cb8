#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/import.h"

static const char *const prune_choices[] = {"all", NULL};

static const struct option import_options[] = {
	{"prune", 0, OPTION_OPTIONAL, offsetof(struct import, prune), "all",
		"also remove rows of the same origin, or all rows, that the files do not have",
		prune_choices},
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

	if (!plan_options_check(&import->plan, error))
		return FALSE;
	if (import->prune && !*import->prune && !import->label && count > 1)
		wrong = "--prune with several files needs --label ORIGIN to know whose rows to "
			"remove";
	else if (import->prune && !*import->prune && !import->label && strcmp(files[0], "-") == 0)
		wrong = "--prune from standard input needs --label ORIGIN to know whose rows to "
			"remove";
	if (wrong)
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE, wrong);
	return wrong == NULL;
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
		!import_read(app, import, operands, count, &wanted, &plan, error))
		return STATUS_BUG;
	return plan_run(app, &import->plan, &plan, error);
}

static const struct option_group import_group = {NULL, BASE_COMMAND, import_options};
static const struct option_group *const import_groups[] = {&import_group, &plan_option_group,
	&app_group_input, &app_group_format, &app_group_rules, &app_group_db, &app_group_global,
	NULL};
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
		"Reads policies from YAML, Postfix map source, CSV, JSON or STARTTLS policy\n"
		"lists (- is standard input), checks them, and compares them with the table.\n"
		"The plan lists + what would be added, ~ changed and - removed. On a terminal\n"
		"tlspol then asks; elsewhere it changes nothing without --apply.\n"
		"\n"
		"Without --prune nothing is removed. --prune removes rows that came from the\n"
		"same file (column origin) and have left it; --prune=all removes every row\n"
		"that the files do not have.\n"
		"\n"
		"Everything is applied in one transaction, or nothing. A plan that changes or\n"
		"removes more than 30 % of the rows, or protects mail less than before, is\n"
		"refused unless an option allows it. Rows that are as they should be are not\n"
		"written.",
	.operands = import_operands,
	.groups = import_groups,
	.examples = import_examples,
	.statuses = import_statuses,
	.settings_size = sizeof(struct import),
	.run = run,
};
