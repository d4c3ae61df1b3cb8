/*
 * answers: the rows that may answer when Postfix asks for keys.
 */
#ifndef TLSPOL_CMD_ANSWERS_H
#define TLSPOL_CMD_ANSWERS_H

#include "cmd/app.h"

/*
 * From the table the rows of these keys (char *, as core/lookup.h gives them; NULL = all rows),
 * from
 * --from all rows of the file; sorted, and under the keys that Postfix asks for: a collation that
 * ignores case makes a row "GitHub.com" answer for github.com.
 */
gboolean answers_read(struct app *app, GPtrArray *keys, struct policy_set *set, GError **error);

#endif
