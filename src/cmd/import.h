/*
 * import: its options, and the reading of both sides.
 */
#ifndef TLSPOL_CMD_IMPORT_H
#define TLSPOL_CMD_IMPORT_H

#include "cmd/app.h"

struct import {
	gboolean plan, apply, yes, allow_weaker, force, both;
	char *prune, *expect, *label;
	guint max_change;
};

/*
 * All files as one set, and the table's rows; both sorted. Everything that is wrong in the files
 * is reported at once (DATA), also when there is no table to compare them with. Keys of `wanted`
 * are spelt as the table has them where its collation takes them for the same.
 */
gboolean import_read(struct app *app, const struct import *import, char **files, int count,
	struct policy_set *wanted, struct policy_set *present, GError **error);

#endif
