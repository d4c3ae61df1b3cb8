#include "output/fold.h"

#include <string.h>

/* How good a place between two characters is for a line to end. */
static int goodness(char before, char after)
{
	return after == ' ' && before != ' ' ? 3
	       : strchr(":|,;", before)	     ? 2
	       : strchr("=._/-", before)     ? 1
					     : 0;
}

/* Where a line that starts at `text` ends; a blank there is not part of it. */
static const char *line_end(const char *text, guint width)
{
	const char *end = text, *best = NULL;
	int best_goodness = 1;

	for (guint used = 0; used < width && *end; used++) {
		end = g_utf8_next_char(end);
		if (goodness(end[-1], *end) >= best_goodness) {
			best_goodness = goodness(end[-1], *end);
			best = end;
		}
	}
	return *end && best ? best : end;
}

char *fold_text(const char *text, guint width)
{
	GString *to = g_string_sized_new(strlen(text) + 8);

	while (*text) {
		const char *end = line_end(text, width);

		g_string_append_len(to, text, end - text);
		text = end + strspn(end, " ");
		if (*text)
			g_string_append_c(to, '\n');
	}
	return g_string_free(to, FALSE);
}

void fold_columns(guint *widths, const guint *least, guint count, guint gap, guint width)
{
	guint total = count ? gap * (count - 1) : 0;

	for (guint i = 0; i < count; i++)
		total += widths[i];
	while (total > width) {
		guint *widest = NULL;

		for (guint i = 0; i < count; i++) {
			if (widths[i] > least[i] && (!widest || widths[i] > *widest))
				widest = &widths[i];
		}
		if (!widest)
			return;
		(*widest)--;
		total--;
	}
}
