#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/plan_report.h"
#include "net/idn.h"

struct import {
	gboolean plan, apply, yes, allow_weaker, force, both;
	char *prune, *expect, *label;
	guint max_change;
};

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

/* -- the files ------------------------------------------------------------------------------ */

/* A file of nothing but doubtful rows must not fill the screen and the memory. */
#define WARNINGS_SHOWN 200

struct judge {
	const struct rule_context *context;
	const struct policy_set *set, *present; /* present: NULL when the table was not read */
	GPtrArray *problems, *findings;
	gboolean force;
	guint warnings;
};

/* What the table has already is not refused: an exported table can always be imported. */
static gboolean is_stored(const struct judge *judge, const struct policy *policy)
{
	const struct policy_row *row =
		judge->present ? policy_set_find(judge->present, policy->key) : NULL;
	struct policy stored;

	if (!row)
		return FALSE;
	stored = policy_set_policy(judge->present, row);
	return policy_equal(&stored, policy);
}

static void judge_row(struct judge *judge, const struct policy_row *row)
{
	struct policy policy = policy_set_policy(judge->set, row);
	const struct policy_extra *extra = policy_set_extra(judge->set, row);
	const char *file = g_ptr_array_index(judge->set->files, row->file);
	gboolean harmless;
	int worst;

	/* Reading said already that a provider alone is no policy. */
	if (extra && extra->provider && policy.level == LEVEL_UNKNOWN && !policy.level_text.len)
		return;
	worst = rules_check(judge->context, &policy, judge->findings);
	harmless = worst < (int)SEVERITY_ERROR || judge->force || is_stored(judge, &policy);
	for (guint i = 0; i < judge->findings->len; i++) {
		const struct finding *finding = g_ptr_array_index(judge->findings, i);
		gboolean warning = finding->severity != SEVERITY_ERROR || harmless;

		if (finding->severity < SEVERITY_WARNING)
			continue;
		if (warning && ++judge->warnings > WARNINGS_SHOWN)
			continue;
		file_problem_add(judge->problems, warning, file, row->where, row->column,
			"%.*s: %s [%s]", TEXT_ARG(policy.key), finding->text, finding->rule->id);
	}
	g_ptr_array_set_size(judge->findings, 0);
}

static int by_place(gconstpointer a, gconstpointer b)
{
	const struct file_problem *one = *(const struct file_problem *const *)a;
	const struct file_problem *two = *(const struct file_problem *const *)b;
	int order = strcmp(one->file, two->file);

	if (one->further || two->further)
		return !!one->further - !!two->further;
	if (order)
		return order;
	if (one->line != two->line)
		return one->line < two->line ? -1 : 1;
	return one->column < two->column ? -1 : one->column > two->column;
}

/* Judges all rows, reports everything that was found in the order of the files. */
static gboolean judge_files(struct app *app, const struct import *import,
	const struct policy_set *wanted, const struct policy_set *present, GPtrArray *problems,
	gsize params_max, GError **error)
{
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	struct rule_context context;
	struct judge judge = {&context, wanted, present, problems, findings, import->force, 0};
	guint errors;

	if (!app_rules(app, &context, error))
		return FALSE;
	context.params_max = params_max;
	for (guint i = 0; i < policy_set_count(wanted); i++)
		judge_row(&judge, policy_set_row(wanted, i));
	g_ptr_array_sort(problems, by_place);
	errors = app_report_problems(app, problems);
	if (judge.warnings > WARNINGS_SHOWN)
		app_warning(app, "%u more warnings; tlspol check --from FILE shows them all",
			judge.warnings - WARNINGS_SHOWN);
	if (errors == 0)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA, "%u error%s: nothing is changed", errors,
		errors == 1 ? "" : "s");
	return FALSE;
}

static void name_duplicate(
	const struct policy_row *first, const struct policy_row *again, gpointer data)
{
	GError **error = data;

	if (!*error)
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"line %u: %.*s is the Unicode form of another row that --both adds itself",
			MAX(first->where, again->where), (int)first->key_len, first->key);
}

/* --both: under SMTPUTF8 Postfix asks for the Unicode form, and takes it for another key. */
static gboolean add_unicode_rows(struct policy_set *set, GError **error)
{
	guint count = policy_set_count(set);
	GError *duplicate = NULL;

	for (guint i = 0; i < count; i++) {
		struct policy_row *row = policy_set_row(set, i);
		struct policy policy = policy_set_policy(set, row);
		const struct policy_extra *extra = policy_set_extra(set, row);
		struct policy_row place = *row, *added;
		g_autofree char *unicode = NULL;
		GError *cause = NULL;

		unicode = idn_key_unicode(policy.key, &cause);
		if (cause) {
			g_propagate_prefixed_error(error, cause,
				"%s:%u: ", (char *)g_ptr_array_index(set->files, row->file),
				row->where);
			return FALSE;
		}
		if (!unicode)
			continue;
		policy.key = policy_set_keep(set, text_of(unicode));
		added = policy_set_append(set, &policy, error);
		if (!added)
			return FALSE;
		added->where = place.where;
		added->column = place.column;
		added->file = place.file;
		if (extra)
			*policy_set_extra_for(set, added) = *extra;
	}
	policy_set_sort(set);
	policy_set_duplicates(set, name_duplicate, &duplicate);
	if (duplicate)
		g_propagate_error(error, duplicate);
	return duplicate == NULL;
}

static const struct store_table *read_table(
	struct app *app, struct policy_set *present, GError **error)
{
	struct store *store = app_store(app, error);
	const struct store_table *table = store ? store_describe(store, error) : NULL;

	if (!table || !store_read(store, present, error))
		return NULL;
	policy_set_sort(present);
	return table;
}

/*
 * All files as one set, and the table. Everything that is wrong in the files is told at once,
 * and it is told also when there is no table to compare them with.
 */
static gboolean read_both(struct app *app, const struct import *import, char **files, int count,
	struct policy_set *wanted, struct policy_set *present, GError **error)
{
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	const struct store_table *table;
	g_autoptr(GError) no_table = NULL;

	if (!app_read_files(app, files, count, wanted, problems, error))
		return FALSE;
	table = read_table(app, present, &no_table);
	if (!judge_files(app, import, wanted, table ? present : NULL, problems,
		    table ? table->column[STORE_PARAMS].max : 0, error))
		return FALSE;
	if (!table) {
		g_propagate_error(error, g_steal_pointer(&no_table));
		return FALSE;
	}
	return !import->both || add_unicode_rows(wanted, error);
}

/* -- origins -------------------------------------------------------------------------------- */

static void set_origin(struct policy_set *set, struct policy_row *row, const char *origin)
{
	struct policy_extra *extra = policy_set_extra_for(set, row);

	if (!extra->origin)
		extra->origin = policy_set_keep(set, text_of(origin)).at;
}

/* --label claims every row of the files, whoever wrote it before. */
static void claim_rows(struct policy_set *wanted, const char *label)
{
	for (guint i = 0; i < policy_set_count(wanted); i++)
		set_origin(wanted, policy_set_row(wanted, i), label);
}

/* The origin that a file gives: its name; standard input has none. */
static char *file_origin(const struct policy_set *set, const struct policy_row *row)
{
	const char *file = g_ptr_array_index(set->files, row->file);

	return *file == '<' ? NULL : g_path_get_basename(file);
}

/*
 * Without --label only what the plan writes anyway gets the file's name: rows that are as they
 * should be stay untouched, so that importing an exported table changes nothing.
 */
static void mark_changed_rows(struct policy_set *wanted, const struct plan *plan)
{
	for (guint i = 0; i < plan->changes->len; i++) {
		const struct policy_row *after = plan_change(plan, i)->after;
		g_autofree char *origin = after ? file_origin(wanted, after) : NULL;

		/* The plan's rows are the set's own: an offset makes one writable. */
		if (origin)
			set_origin(wanted,
				policy_set_row(wanted, (guint)(after - policy_set_row(wanted, 0))),
				origin);
	}
}

static gboolean make_plan(struct app *app, const struct import *import, char **files,
	const struct policy_set *present, struct policy_set *wanted, struct plan *plan,
	GError **error)
{
	const struct store_table *table = store_describe(app->store, NULL);
	enum prune prune = !import->prune ? PRUNE_NONE : *import->prune ? PRUNE_ALL : PRUNE_ORIGIN;
	gboolean has_origin = table->column[STORE_ORIGIN].name != NULL;
	g_autofree char *name = g_path_get_basename(files[0]);

	if (!has_origin && (prune == PRUNE_ORIGIN || import->label)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"table %s.%s has no column for the origin of a row, which %s needs: run "
			"tlspol "
			"init --upgrade%s",
			table->database, table->name, import->label ? "--label" : "--prune",
			prune == PRUNE_ORIGIN ? ", or use --prune=all" : "");
		return FALSE;
	}
	if (import->label)
		claim_rows(wanted, import->label);
	plan_make(plan, present, wanted, prune, import->label ? import->label : name);
	if (has_origin && !import->label)
		mark_changed_rows(wanted, plan);
	return TRUE;
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
	g_auto(policy_set_t) wanted, present;
	g_auto(plan_t) plan;

	policy_set_init(&wanted);
	policy_set_init(&present);
	plan_init(&plan);
	if (!check_words(import, operands, count, error) ||
		!read_both(app, import, operands, count, &wanted, &present, error) ||
		!make_plan(app, import, operands, &present, &wanted, &plan, error) ||
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
	STATUS_NO_INPUT, STATUS_UNAVAILABLE, STATUS_IO, STATUS_TRY_AGAIN, STATUS_NO_PERMISSION,
	STATUS_CONFIG, STATUS_INTERRUPTED, -1};

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
