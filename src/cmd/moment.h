/*
 * moment: points in time as people type them, and as they read them.
 *
 * "2026-11-23 14:05:00" (local time), ISO 8601 with Z or an offset, a day alone (its beginning),
 * "14:05" (today), "@1700000000" (seconds since 1970), now, today, yesterday, tomorrow, and
 * spans: "2 hours ago", "in 3 days", "3d". A span without a word for its direction goes where
 * the question looks. Moments are microseconds since 1970 in UTC; "local" is the zone of `now`.
 */
#ifndef TLSPOL_CMD_MOMENT_H
#define TLSPOL_CMD_MOMENT_H

#include <glib.h>

enum moment_direction { MOMENT_PAST, MOMENT_FUTURE };

/* USAGE when `text` is no moment, or on the wrong side of `now` (a minute is let pass). */
gboolean moment_parse(const char *text, enum moment_direction direction, GDateTime *now,
	gint64 *moment, GError **error);

/*
 * "2026-11-23 14:05:00 +01:00", for eyes, and moment_parse() reads it; with microseconds where
 * `precise`. A fresh string.
 */
char *moment_local(gint64 moment, gboolean precise);
/* "2026-11-23T13:05:00.123456Z", for programs. A fresh string. */
char *moment_utc(gint64 moment);

#endif
