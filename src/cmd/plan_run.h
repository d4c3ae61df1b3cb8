/*
 * plan_run: a plan shown, guarded, and applied: what import and revert share.
 */
#ifndef TLSPOL_CMD_PLAN_RUN_H
#define TLSPOL_CMD_PLAN_RUN_H

#include "cmd/app.h"
#include "core/plan.h"

struct plan_options {
	gboolean plan, apply, yes, allow_weaker;
	char *expect;
	guint max_change;
};

/* For commands whose settings begin with a struct plan_options. */
extern const struct option_group plan_option_group;

/* USAGE when they contradict each other. */
gboolean plan_options_check(const struct plan_options *options, GError **error);

/*
 * Shows the plan where output goes and says what it comes to and what refuses it, asks where nobody
 * decided and somebody is there, applies. Returns the exit status: OK when there is nothing to do
 * or all is done, NO when something would change.
 */
int plan_run(struct app *app, const struct plan_options *options, const struct plan *plan,
	GError **error);

#endif
