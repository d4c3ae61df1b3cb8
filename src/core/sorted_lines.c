#include "core/sorted_lines.h"

#define BLOCK_SIZE (1 << 20)

/* In front of each line, unaligned: what is not worth a place in the entry. */
struct line_head {
	guint32 len;
	guint8 tag;
} __attribute__((packed));

void sorted_lines_init(struct sorted_lines *lines)
{
	*lines = (struct sorted_lines){
		.entries = g_array_new(FALSE, FALSE, sizeof(struct key_entry)),
		.texts = g_string_chunk_new(BLOCK_SIZE),
		.line = g_string_new(NULL),
		.sorted = TRUE,
	};
}

void sorted_lines_release(struct sorted_lines *lines)
{
	g_clear_pointer(&lines->entries, g_array_unref);
	g_clear_pointer(&lines->texts, g_string_chunk_free);
	g_string_free(lines->line, TRUE);
}

GString *sorted_lines_start(struct sorted_lines *lines)
{
	return g_string_set_size(lines->line, sizeof(struct line_head));
}

static struct text key_of(const struct sorted_lines *lines, guint i)
{
	const struct key_entry *entry = &g_array_index(lines->entries, struct key_entry, i);

	return (struct text){entry->key, entry->key_len};
}

void sorted_lines_add(struct sorted_lines *lines, gsize key_len, guint8 tag)
{
	guint count = lines->entries->len;
	struct line_head head = {(guint32)(lines->line->len - sizeof(head)), tag};
	struct key_entry entry;
	struct text key;

	memcpy(lines->line->str, &head, sizeof(head));
	key = (struct text){g_string_chunk_insert_len(
				    lines->texts, lines->line->str, (gssize)lines->line->len) +
				    sizeof(head),
		key_len};
	key_entry_init(&entry, key, count);
	lines->sorted =
		lines->sorted && (count == 0 || text_compare(key_of(lines, count - 1), key) <= 0);
	g_array_append_val(lines->entries, entry);
}

void sorted_lines_sort(struct sorted_lines *lines)
{
	if (!lines->sorted)
		key_sort((struct key_entry *)lines->entries->data, lines->entries->len);
	lines->sorted = TRUE;
}

/* Lines lie in the order they came in: the memory is asked for them before they are due. */
#define ASK_AHEAD 16

struct sorted_line sorted_lines_get(const struct sorted_lines *lines, guint i)
{
	const struct key_entry *entry = &g_array_index(lines->entries, struct key_entry, i);
	struct line_head head;

	if (i + ASK_AHEAD < lines->entries->len)
		__builtin_prefetch(entry[ASK_AHEAD].key - sizeof(head));
	memcpy(&head, entry->key - sizeof(head), sizeof(head));
	return (struct sorted_line){
		.key = {entry->key, entry->key_len},
		.text = {entry->key, head.len},
		.tag = head.tag,
	};
}

gboolean sorted_lines_have(const struct sorted_lines *lines, struct text key)
{
	guint low = 0, high = lines->entries->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (text_compare(key_of(lines, middle), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < lines->entries->len && text_equal(key_of(lines, low), key);
}
