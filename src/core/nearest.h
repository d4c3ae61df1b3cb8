/*
 * nearest: "did you mean": the known word closest to a misspelt one.
 */
#ifndef TLSPOL_CORE_NEAREST_H
#define TLSPOL_CORE_NEAREST_H

#include "core/text.h"

/*
 * Letters to insert, delete, change or swap with their neighbour to turn `a` into `b`
 * (Damerau-Levenshtein, optimal string alignment), ASCII case ignored. Words longer than 63 bytes
 * are never near: G_MAXUINT.
 */
guint word_distance(struct text a, struct text b);

/*
 * Feed it candidates; `best` is the nearest so far that is near enough to be what was meant (at
 * most a third of the letters wrong, never all of them), the first of equals; NULL when none is.
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
