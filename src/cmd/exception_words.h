/*
 * exception_words: temporary exceptions as people read them, with the time left.
 */
#ifndef TLSPOL_CMD_EXCEPTION_WORDS_H
#define TLSPOL_CMD_EXCEPTION_WORDS_H

#include "core/exception.h"

/* "3 days left", "ended 2 hours ago". A fresh string. */
char *exception_left(gint64 until_us, gint64 now_us);

/*
 * "may, 3 days left", "may, ended 2 hours ago"; "this row, …" where there is no policy under it.
 * A fresh string, NULL for a row without an exception.
 */
char *exception_brief(const struct policy_set *set, const struct policy_row *row, gint64 now_us);

/*
 * "may until 2026-12-01 08:00:00 CET": what stays true later, for reports of what was done. A
 * fresh string, NULL for a row without an exception.
 */
char *exception_until_words(const struct policy_set *set, const struct policy_row *row);

/* exception_brief() with the moment in local time and the reason behind. */
char *exception_full(const struct policy_set *set, const struct policy_row *row, gint64 now_us);

#endif
