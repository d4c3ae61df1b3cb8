/*
 * plan_report: a plan as people and scripts read it (tlspol-output(5), "import").
 */
#ifndef TLSPOL_CMD_PLAN_REPORT_H
#define TLSPOL_CMD_PLAN_REPORT_H

#include "cmd/app.h"
#include "core/plan.h"

/*
 * Writes the changes in the wanted format to where the output goes. As a table: "+ key: value",
 * "~ key: old -> new", "- key: value", one line each. Else records (plan_columns.h).
 */
gboolean plan_report(struct app *app, const struct plan *plan, GError **error);

/* "old -> new (note: …)" for people, of one change; harmless on a terminal. A fresh string. */
char *plan_change_words(const struct plan *plan, const struct change *change);

/* "3 to add, 1 to change, 0 to remove, 10 unchanged; checksum 0f3a…", a fresh string. */
char *plan_summary(const struct plan *plan);

#endif
