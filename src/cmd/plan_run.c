#include "cmd/plan_run.h"

#include <stdio.h>
#include <unistd.h>

#include "cmd/interrupt.h"
#include "cmd/plan_report.h"

/* clang-format off */
static const struct option plan_options[] = {
	{"plan", 'n', OPTION_FLAG, offsetof(struct plan_options, plan), NULL,
		"only show what would change; exit status 1 when something would"},
	{"apply", 0, OPTION_FLAG, offsetof(struct plan_options, apply), NULL,
		"change the table without asking"},
	{"yes", 'y', OPTION_FLAG, offsetof(struct plan_options, yes), NULL, "the same as --apply"},
	{"max-change", 0, OPTION_PERCENT, offsetof(struct plan_options, max_change), "N%",
		"refuse to change or remove more than this share of the rows", .preset = 30},
	{"allow-weaker", 0, OPTION_FLAG, offsetof(struct plan_options, allow_weaker), NULL,
		"apply changes that protect mail less than before"},
	{"expect", 0, OPTION_STRING, offsetof(struct plan_options, expect), "CHECKSUM",
		"apply only the plan with this checksum, as --plan showed it"},
	{NULL},
};
/* clang-format on */
const struct option_group plan_option_group = {"Plan", BASE_COMMAND, plan_options};

gboolean plan_options_check(const struct plan_options *options, GError **error)
{
	if (!options->plan || !(options->apply || options->yes))
		return TRUE;
	g_set_error_literal(
		error, TLSPOL_ERROR, STATUS_USAGE, "--plan and --apply are opposites: choose one");
	return FALSE;
}

/* As after `set --quiet`, nobody is told what is being changed; the plan as a file is asked for. */
static gboolean is_wanted(const struct app *app, const struct plan_options *options)
{
	return !app->quiet || !(options->apply || options->yes) || app->output ||
	       app->format != RECORD_TABLE;
}

static gboolean show(struct app *app, const struct plan_options *options, const struct plan *plan,
	GError **error)
{
	g_autofree char *summary = NULL;

	if (is_wanted(app, options) && !plan_report(app, plan, error)) {
		/* The error itself is not printed where nobody reads the output: import | head. */
		if (options->apply || options->yes)
			app_warning(app, "the plan could not be shown, so nothing was changed");
		return FALSE;
	}
	/* That was only the plan: a signal ends the program again, also one that came meanwhile. */
	interrupt_catch(FALSE);
	if (interrupted()) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_INTERRUPTED,
			"interrupted: nothing was changed");
		return FALSE;
	}
	/* Its checksum takes a while for a million changes. */
	summary = app->quiet ? NULL : plan_summary(plan);
	if (summary)
		app_note(app, "%s", summary);
	return TRUE;
}

static gboolean ask(void)
{
	char answer[16];

	fputs("apply? [y/N] ", stderr);
	if (!fgets(answer, sizeof(answer), stdin)) {
		fputc('\n', stderr);
		return FALSE;
	}
	return *answer == 'y' || *answer == 'Y';
}

/* TRUE when the plan is to be applied. */
static gboolean decide(struct app *app, const struct plan_options *options, gboolean refused)
{
	if (options->plan)
		return FALSE;
	if (options->apply || options->yes)
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

int plan_run(struct app *app, const struct plan_options *options, const struct plan *plan,
	GError **error)
{
	const struct plan_guards guards = {
		options->max_change, options->allow_weaker, options->expect};
	g_autoptr(GPtrArray) refusals = g_ptr_array_new_with_free_func(g_free);

	if (!show(app, options, plan, error))
		return STATUS_IO;
	plan_refusals(plan, &guards, refusals);
	for (guint i = 0; i < refusals->len; i++)
		app_warning(app, "refused: %s", (char *)g_ptr_array_index(refusals, i));
	if (plan->changes->len == 0 && refusals->len == 0)
		return STATUS_OK;
	if (!decide(app, options, refusals->len > 0))
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
