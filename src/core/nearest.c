#include "core/nearest.h"

#define WORD_MAX 63

/* Damerau-Levenshtein (optimal string alignment). */
static guint distance_of(struct text a, struct text b)
{
	/* Three rows of the usual matrix: a swap looks two rows back. */
	guint rows[3][WORD_MAX + 1];
	guint *above = rows[0], *row = rows[1], *spare = rows[2];

	if (a.len > WORD_MAX || b.len > WORD_MAX)
		return G_MAXUINT;
	for (gsize j = 0; j <= b.len; j++)
		row[j] = (guint)j;
	for (gsize i = 1; i <= a.len; i++) {
		guint *two_above = above;

		above = row;
		row = spare;
		spare = two_above;
		row[0] = (guint)i;
		for (gsize j = 1; j <= b.len; j++) {
			char x = g_ascii_tolower(a.at[i - 1]), y = g_ascii_tolower(b.at[j - 1]);
			guint best = MIN(above[j], row[j - 1]) + 1;

			best = MIN(best, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == g_ascii_tolower(b.at[j - 2]) &&
				y == g_ascii_tolower(a.at[i - 2]))
				best = MIN(best, two_above[j - 2] + 1);
			row[j] = best;
		}
	}
	return row[b.len];
}

void nearest_init(struct nearest *nearest, struct text word)
{
	*nearest = (struct nearest){.word = word, .distance = G_MAXUINT};
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	struct text other = text_of(candidate);
	guint distance = distance_of(nearest->word, other);
	gsize longer = MAX(nearest->word.len, other.len);

	if (distance < nearest->distance && distance <= (longer + 2) / 3 && distance < longer) {
		nearest->best = candidate;
		nearest->distance = distance;
	}
}

const char *nearest_word(struct text word, const char *const *candidates)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (; *candidates; candidates++)
		nearest_offer(&nearest, *candidates);
	return nearest.best;
}
