/*
 * import: its options, the files, the plan.
 */
#ifndef TLSPOL_CMD_IMPORT_H
#define TLSPOL_CMD_IMPORT_H

#include "cmd/plan_run.h"

struct import {
	struct plan_options plan;
	gboolean force, both;
	char *prune, *label;
};

/*
 * All files as one sorted set, and what has to happen to the table. Everything that is wrong in
 * the files is reported at once (DATA), also when there is no table to compare them with.
 */
gboolean import_read(struct app *app, const struct import *import, char **files, int count,
	struct policy_set *wanted, struct plan *plan, GError **error);

/* For import_read(): the table streams past the set. `file`: what --prune goes by. */
gboolean import_plan(struct app *app, const struct import *import, const char *file,
	struct policy_set *wanted, struct plan *plan, GError **error);

#endif
