/*
 * exception: which policy of a row counts at a moment.
 *
 * An exception lies over a row's own policy until it ends. Where there was no policy to lie over
 * it is the row itself, and that row answers nothing any more once it has ended. Nothing has to
 * clear it away: whoever reads policies asks here, and Postfix's query says the same in SQL.
 *
 * Moments are microseconds since 1970, UTC, and are always handed in: the core has no clock. An
 * exception ends at a whole second, because the table's column has no more.
 */
#ifndef TLSPOL_CORE_EXCEPTION_H
#define TLSPOL_CORE_EXCEPTION_H

#include "core/policy_set.h"

/* The row's exception, live or ended; NULL where it has none. */
const struct policy_exception *row_exception(
	const struct policy_set *set, const struct policy_row *row);

/* FALSE for NULL, too. */
gboolean exception_live(const struct policy_exception *exception, gint64 now_us);

/* The row's exception if it is in force, else NULL. */
const struct policy_exception *live_exception(
	const struct policy_set *set, const struct policy_row *row, gint64 now_us);

/*
 * TRUE when the exception was all there was of the row, and has ended: Postfix and exports do as
 * if the row were not there.
 */
gboolean row_over(const struct policy_set *set, const struct policy_row *row, gint64 now_us);

/*
 * The policy of a row that is in force. FALSE when there is none: the row is switched off, or is
 * over.
 */
gboolean row_policy_now(const struct policy_set *set, const struct policy_row *row, gint64 now_us,
	struct policy *policy);

/* What an exception lays over the row with this key; only where exception->over. */
struct policy exception_policy(const struct policy_exception *exception, struct text key);

/*
 * The exception that a stored row keeps when `policy` becomes its own and nothing is said of
 * exceptions: the one it has; and where the row itself was the exception, that lies over the new
 * policy now (unless they are the same). FALSE when there is none to keep. Borrows all texts.
 */
gboolean exception_kept(const struct policy_set *set, const struct policy_row *row,
	const struct policy *policy, struct policy_exception *kept);

/* The same in every field; NULL and "nothing" are equal. */
gboolean exception_equal(const struct policy_exception *a, const struct policy_exception *b);

/* The moment at which the first live exception of active rows ends; 0 = none does. */
gint64 exception_next_end(const struct policy_set *set, gint64 now_us);

/* Takes out the rows that are over; the set stays sorted. */
void exception_drop_over(struct policy_set *set, gint64 now_us);

#endif
