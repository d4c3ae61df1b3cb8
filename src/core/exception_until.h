/*
 * exception_until: the end of an exception as files and the table have it.
 */
#ifndef TLSPOL_CORE_EXCEPTION_UNTIL_H
#define TLSPOL_CORE_EXCEPTION_UNTIL_H

#include "core/text.h"

/*
 * ISO 8601 with a zone, or without one in UTC ("2026-12-01T08:00:00Z", "2026-12-01 08:00:00",
 * "2026-12-01"). Microseconds since 1970, of a whole second, rather later. FALSE when it is none.
 */
gboolean exception_until_parse(struct text text, gint64 *until_us);
/* "2026-12-01T08:00:00Z", a fresh string. */
char *exception_until_format(gint64 until_us);

#endif
