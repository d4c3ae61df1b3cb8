/*
 * sorted_lines: lines of a file that come in any order and leave in that of their keys.
 *
 * A line begins with its key. A million lines are their bytes, five more and an entry of 24
 * bytes each.
 */
#ifndef TLSPOL_CORE_SORTED_LINES_H
#define TLSPOL_CORE_SORTED_LINES_H

#include "core/key_sort.h"

struct sorted_lines {
	/* private */
	GArray *entries; /* of struct key_entry */
	GStringChunk *texts;
	GString *line;
	gboolean sorted;
};

struct sorted_line {
	struct text key, text; /* text begins with the key */
	guint8 tag;
};

void sorted_lines_init(struct sorted_lines *lines);
void sorted_lines_release(struct sorted_lines *lines);
typedef struct sorted_lines sorted_lines_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sorted_lines_t, sorted_lines_release)

/* Where the caller appends the next line, its key first; then it is added. */
GString *sorted_lines_start(struct sorted_lines *lines);
/* `tag` is for the caller to know the line by. */
void sorted_lines_add(struct sorted_lines *lines, gsize key_len, guint8 tag);
/* Equal keys stay in the order they came in. */
void sorted_lines_sort(struct sorted_lines *lines);

static inline guint sorted_lines_count(const struct sorted_lines *lines)
{
	return lines->entries->len;
}
struct sorted_line sorted_lines_get(const struct sorted_lines *lines, guint i);
/* After sorting: is there a line with this key? */
gboolean sorted_lines_have(const struct sorted_lines *lines, struct text key);

#endif
