/*
 * past: the table as it was at a moment, for commands that look back.
 */
#ifndef TLSPOL_CMD_PAST_H
#define TLSPOL_CMD_PAST_H

#include "cmd/app.h"

/* A moment that is over, as typed (cmd/moment.h). `name`: option or operand, for messages. */
gboolean past_moment(const char *name, const char *text, gint64 *moment, GError **error);

/*
 * --as-of T: app_policies() and all other reads, and app_now(), are of that moment from now on.
 * Says which moment was understood. USAGE together with --from.
 */
gboolean past_as_of(struct app *app, const char *text, GError **error);

/* All rows as they were, sorted; moment 0 = as they are. */
gboolean past_read(struct app *app, gint64 moment, struct policy_set *set, GError **error);

/*
 * For a plan that goes back: what `present` has beside its policies and `wanted` has not (a note,
 * an origin, a provider, an exception) is wanted gone; left unnamed it would stay. Both sorted.
 */
void past_name_all(const struct policy_set *present, struct policy_set *wanted);

#endif
