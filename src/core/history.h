/*
 * history: what happened to policies, told from the versions of rows that a table keeps.
 *
 * A version is a row of a policy_set and its life: from when until when it was what the table
 * had. Versions come in any order; what happened is told in the order of time. Pure.
 *
 * Of one key, a version that begins where another ends is a change, after a gap it is an
 * addition. An id that goes on under another key in the same moment is a renamed key. Removals
 * carry no name in the table, so the program signs first: it writes changed_by alone, then
 * removes. Such a last version, short-lived and in all else like the one before, is told as the
 * removal that it is part of. Two changes in one microsecond are one: the table keeps no more.
 */
#ifndef TLSPOL_CORE_HISTORY_H
#define TLSPOL_CORE_HISTORY_H

#include "core/policy_set.h"

/* Microseconds since 1970, UTC. */
struct life {
	gint64 from, until;
};
#define LIFE_GOES_ON G_MAXINT64

enum event_kind { EVENT_ADD, EVENT_UPDATE, EVENT_RENAME, EVENT_REMOVE };

struct event {
	gint64 moment;
	enum event_kind kind;
	const struct policy_row *before, *after; /* in the versions; NULL for add, for remove */
	const char *who;			 /* NULL = nobody knows; lives with the versions */
};

/*
 * An array of struct event, by moment, then by key. `lives` has a struct life for each row of
 * `versions`, in its order. Nothing older than `since` is told; versions that are the "before"
 * of something later must be there all the same.
 */
GArray *history_events(const struct policy_set *versions, const GArray *lives, gint64 since);

/* The same policy with the same words around it, whoever wrote it. */
gboolean history_same(
	const struct policy_set *versions, const struct policy_row *a, const struct policy_row *b);

#endif
