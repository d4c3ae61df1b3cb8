/* Quicksort on windows of eight key bytes, deeper where they are equal (facts: bulk, part C). */
#include "core/key_sort.h"

static guint64 window_at(const char *key, guint32 len, guint32 depth)
{
	guint64 window = 0;

	if (depth + 8 <= len) {
		memcpy(&window, key + depth, 8);
		return GUINT64_FROM_BE(window);
	}
	if (depth < len)
		memcpy(&window, key + depth, len - depth);
	return GUINT64_FROM_BE(window);
}

static gboolean entry_before(const struct key_entry *a, const struct key_entry *b, guint32 depth)
{
	int order;

	if (a->window != b->window)
		return a->window < b->window;
	depth = MIN(depth, MIN(a->key_len, b->key_len));
	order = text_compare((struct text){a->key + depth, a->key_len - depth},
		(struct text){b->key + depth, b->key_len - depth});
	return order ? order < 0 : a->place < b->place;
}

static void insertion_sort(struct key_entry *entries, guint count, guint32 depth)
{
	for (guint i = 1; i < count; i++) {
		struct key_entry moving = entries[i];
		guint j = i;

		for (; j > 0 && entry_before(&moving, &entries[j - 1], depth); j--)
			entries[j] = entries[j - 1];
		entries[j] = moving;
	}
}

static guint64 pivot_of(const struct key_entry *entries, guint count)
{
	guint64 a = entries[0].window, b = entries[count / 2].window, c = entries[count - 1].window;

	return MAX(MIN(a, b), MIN(MAX(a, b), c));
}

/* Three-way partition by window: less | equal | greater. */
static void partition(
	struct key_entry *entries, guint count, guint *equal_from, guint *greater_from)
{
	guint64 pivot = pivot_of(entries, count);
	guint less = 0, i = 0, greater = count;

	while (i < greater) {
		struct key_entry at = entries[i];

		if (at.window < pivot) {
			entries[i++] = entries[less];
			entries[less++] = at;
		} else if (at.window > pivot) {
			entries[i] = entries[--greater];
			entries[greater] = at;
		} else {
			i++;
		}
	}
	*equal_from = less;
	*greater_from = greater;
}

/*
 * Entries whose windows at `depth` are equal: keys that end here come before longer ones, shorter
 * first (they differ in padding only when there are NUL bytes), in file order. Returns how many
 * end here, with windows that order them; the others get the next window.
 */
static guint split_ended(struct key_entry *entries, guint count, guint32 depth)
{
	guint ended = 0;

	for (guint i = 0; i < count; i++) {
		struct key_entry at = entries[i];

		if (at.key_len <= depth + 8) {
			at.window = (guint64)at.key_len << 32 | at.place;
			entries[i] = entries[ended];
			entries[ended++] = at;
		} else {
			entries[i].window = window_at(at.key, at.key_len, depth + 8);
		}
	}
	return ended;
}

static void sort_entries(struct key_entry *entries, guint count, guint32 depth);

static void sort_equal(struct key_entry *entries, guint count, guint32 depth)
{
	guint ended;

	if (count < 2)
		return;
	ended = split_ended(entries, count, depth);
	sort_entries(entries, ended, depth); /* all windows differ now: this goes no deeper */
	sort_entries(entries + ended, count - ended, depth + 8);
}

static void sort_entries(struct key_entry *entries, guint count, guint32 depth)
{
	while (count > 16) {
		guint equal_from, greater_from;

		partition(entries, count, &equal_from, &greater_from);
		sort_equal(entries + equal_from, greater_from - equal_from, depth);
		/* Recursion takes the smaller side, so that the stack stays flat whatever comes. */
		if (equal_from < count - greater_from) {
			sort_entries(entries, equal_from, depth);
			entries += greater_from;
			count -= greater_from;
		} else {
			sort_entries(entries + greater_from, count - greater_from, depth);
			count = equal_from;
		}
	}
	insertion_sort(entries, count, depth);
}

void key_entry_init(struct key_entry *entry, struct text key, guint32 place)
{
	*entry = (struct key_entry){
		window_at(key.at, (guint32)key.len, 0), key.at, (guint32)key.len, place};
}

void key_sort(struct key_entry *entries, guint count)
{
	sort_entries(entries, count, 0);
}
