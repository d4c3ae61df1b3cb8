/* import: the files, judged as a whole. */
#include <stdio.h>
#include <string.h>

#include "cmd/import.h"
#include "net/idn.h"

/* A file of nothing but doubtful rows must not fill the screen and the memory. */
#define WARNINGS_SHOWN 200
/* Rows after which it is told how far judging is. */
#define JUDGED_AT_ONCE 256

struct judge {
	struct rule_memo memo;
	const struct policy_set *set;
	const struct plan *plan; /* NULL when the table could not be read */
	GPtrArray *problems, *findings;
	gboolean force;
	guint warnings;
};

/* A flag of rows while they are being judged: there is something to say of this one. */
#define ROW_SUSPECT (1 << 6)

/* FALSE when there is nothing to say of a row; else it is in judge->findings. */
static gboolean find_faults(struct judge *judge, const struct policy_row *row, int *worst)
{
	const struct policy_extra *extra = policy_set_extra(judge->set, row);

	g_ptr_array_set_size(judge->findings, 0);
	/* Reading said already that a provider alone is no policy. */
	if (extra && extra->provider && row->level == LEVEL_UNKNOWN &&
		(!extra->level_text || !*extra->level_text))
		return FALSE;
	*worst = rule_memo_check(&judge->memo, row, judge->findings);
	return judge->findings->len > 0;
}

static void report_row(struct judge *judge, const struct policy_row *row)
{
	const char *file = g_ptr_array_index(judge->set->files, row->file);
	gboolean harmless;
	int worst = 0;

	find_faults(judge, row, &worst);
	/* What the table has already is not refused: an exported table can always be imported. */
	harmless = worst < (int)SEVERITY_ERROR || judge->force ||
		   (judge->plan && plan_is_stored(judge->plan, row));
	for (guint i = 0; i < judge->findings->len; i++) {
		const struct finding *finding = g_ptr_array_index(judge->findings, i);
		gboolean warning = finding->severity != SEVERITY_ERROR || harmless;

		if (finding->severity < SEVERITY_WARNING)
			continue;
		if (warning && ++judge->warnings > WARNINGS_SHOWN)
			continue;
		file_problem_add(judge->problems, warning, file, row->where, row->column,
			"%.*s: %s [%s]", TEXT_ARG(policy_row_key(row)), finding->text,
			finding->rule->id);
	}
}

/* In the order of the files, before anything is known of the table. */
static void judge_rows(struct app *app, struct judge *judge, struct policy_set *set)
{
	int worst;

	for (guint i = 0; i < policy_set_count(set); i++) {
		struct policy_row *row = policy_set_row(set, i);

		if (find_faults(judge, row, &worst))
			row->flags |= ROW_SUSPECT;
		if (i % JUDGED_AT_ONCE == 0)
			app_progress(app, "policies judged", i, policy_set_count(set));
	}
	app_progress(app, NULL, 0, 0);
}

/* Reports everything that was found in the order of the files. FALSE: there are errors. */
static gboolean report_files(
	struct app *app, struct judge *judge, struct policy_set *set, GError **error)
{
	guint errors;

	for (guint i = 0; i < policy_set_count(set); i++) {
		struct policy_row *row = policy_set_row(set, i);

		if (!(row->flags & ROW_SUSPECT))
			continue;
		row->flags &= ~ROW_SUSPECT;
		report_row(judge, row);
	}
	file_problems_sort(judge->problems);
	errors = app_report_problems(app, judge->problems);
	if (judge->warnings > WARNINGS_SHOWN)
		app_warning(app, "%u more warnings; tlspol check --from FILE shows them all",
			judge->warnings - WARNINGS_SHOWN);
	if (errors == 0)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA, "%u error%s: nothing is changed", errors,
		errors == 1 ? "" : "s");
	return FALSE;
}

/* A row of `set` once more, under another key. */
static gboolean add_copy(struct policy_set *set, guint i, const char *key, GError **error)
{
	struct policy_row original = *policy_set_row(set, i), *added;
	struct policy policy = policy_set_policy(set, policy_set_row(set, i));
	const struct policy_extra *extra = policy_set_extra(set, policy_set_row(set, i));

	policy.key = policy_set_keep(set, text_of(key));
	added = policy_set_append(set, &policy, error);
	if (!added)
		return FALSE;
	added->where = original.where;
	added->column = original.column;
	added->file = original.file;
	if (extra)
		*policy_set_extra_for(set, added) = *extra;
	return TRUE;
}

/*
 * --both: under SMTPUTF8 Postfix asks for the Unicode form, and takes it for another key. A file
 * that has a row for that form already is left as it is.
 */
static gboolean add_unicode_rows(struct policy_set *set, GError **error)
{
	g_autoptr(GPtrArray) forms = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < policy_set_count(set); i++) {
		const struct policy_row *row = policy_set_row(set, i);
		g_autofree char *unicode = NULL;
		GError *cause = NULL;

		unicode = idn_key_unicode(policy_row_key(row), &cause);
		if (cause) {
			g_propagate_prefixed_error(error, cause,
				"%s:%u: ", (char *)g_ptr_array_index(set->files, row->file),
				row->where);
			return FALSE;
		}
		if (unicode && policy_set_find(set, text_of(unicode)))
			g_clear_pointer(&unicode, g_free);
		g_ptr_array_add(forms, g_steal_pointer(&unicode));
	}
	for (guint i = 0; i < forms->len; i++) {
		const char *unicode = g_ptr_array_index(forms, i);

		if (unicode && !add_copy(set, i, unicode, error))
			return FALSE;
	}
	policy_set_sort(set);
	return TRUE;
}

/* -- files and plan ------------------------------------------------------------------------- */

static const struct store_table *open_table(struct app *app, GError **error)
{
	struct store *store = app_store(app, error);

	return store ? store_describe(store, error) : NULL;
}

gboolean import_read(struct app *app, const struct import *import, char **files, int count,
	struct policy_set *wanted, struct plan *plan, GError **error)
{
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	g_autoptr(GError) no_plan = NULL;
	const struct store_table *table;
	struct rule_context context;
	struct judge judge = {
		.set = wanted, .problems = problems, .findings = findings, .force = import->force};

	if (!app_read_rows(app, files, count, wanted, problems, error) ||
		!app_rules(app, &context, error))
		return FALSE;
	table = open_table(app, &no_plan);
	context.params_max = table ? table->column[STORE_PARAMS].max : 0;
	rule_memo_init(&judge.memo, &context, wanted, app_now(app));
	judge_rows(app, &judge, wanted);
	app_sort_rows(wanted, problems);
	if (table && import_plan(app, import, files[0], wanted, plan, &no_plan))
		judge.plan = plan;
	if (!report_files(app, &judge, wanted, error))
		return FALSE;
	if (!judge.plan) {
		error_append(no_plan, "; nothing was changed");
		g_propagate_error(error, g_steal_pointer(&no_plan));
		return FALSE;
	}
	return !import->both || (add_unicode_rows(wanted, error) &&
					import_plan(app, import, files[0], wanted, plan, error));
}
