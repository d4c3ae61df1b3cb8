/*
 * nearest: "did you mean": the known word closest to a misspelt one.
 */
#ifndef TLSPOL_CORE_NEAREST_H
#define TLSPOL_CORE_NEAREST_H

#include "core/text.h"

/*
 * Feed it candidates; `best` is the nearest so far that is near enough to be what was meant (at
 * most a third of the letters wrong, never all of them), the first of equals; NULL when none is.
 * Wrong is what has to be inserted, deleted, changed or swapped with its neighbour; ASCII case does
 * not count, and words longer than 63 bytes are never near.
 */
struct nearest {
	struct text word;
	const char *best;
	guint distance;
};
void nearest_init(struct nearest *nearest, struct text word);
void nearest_offer(struct nearest *nearest, const char *candidate);

/* The same over a NULL-terminated list. */
const char *nearest_word(struct text word, const char *const *candidates);

#endif
