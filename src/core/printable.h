/*
 * printable: text from outside made harmless for a terminal, a log and a table.
 */
#ifndef TLSPOL_CORE_PRINTABLE_H
#define TLSPOL_CORE_PRINTABLE_H

#include "core/text.h"

/* Control characters and invalid UTF-8 as \xNN. A fresh string. */
char *printable(struct text text);
/* The same in at most `max` bytes (3 or more): longer text is cut between characters, "…" behind.
 */
char *printable_short(struct text text, gsize max);
/* Is it like that already, as nearly all texts are? */
gboolean is_printable_ascii(struct text text);

#endif
