#include "core/key_index.h"

struct slot {
	guint32 row; /* from 1; 0 = free */
	guint32 tag; /* the part of the hash that does not say which slot */
};

struct key_index {
	key_index_row *row;
	gconstpointer rows;
	struct slot *slots;
	guint32 mask;
	gboolean unique;
};

static inline guint32 first_slot(const struct key_index *index, guint64 hash)
{
	return (guint32)hash & index->mask;
}

static inline guint32 tag_of(guint64 hash)
{
	return (guint32)(hash >> 32);
}

static inline const struct policy_row *row_at(const struct key_index *index, guint32 slot)
{
	return index->row(index->rows, index->slots[slot].row - 1);
}

/* The next slot from `slot` on with this tag, or a free one. */
static guint32 next_slot(const struct key_index *index, guint32 slot, guint32 tag)
{
	while (index->slots[slot].row && index->slots[slot].tag != tag)
		slot = (slot + 1) & index->mask;
	return slot;
}

/* The slot of this key, or the free one where it belongs. */
static guint32 slot_of(const struct key_index *index, guint32 slot, guint32 tag, struct text key)
{
	slot = next_slot(index, slot, tag);
	while (index->slots[slot].row && !text_equal(policy_row_key(row_at(index, slot)), key))
		slot = next_slot(index, (slot + 1) & index->mask, tag);
	return slot;
}

static void add_rows(struct key_index *index, guint from, guint count)
{
	guint64 hashes[KEY_INDEX_GROUP];

	for (guint i = 0; i < count; i++)
		__builtin_prefetch(index->row(index->rows, from + i)->key);
	for (guint i = 0; i < count; i++) {
		hashes[i] = text_hash(policy_row_key(index->row(index->rows, from + i)));
		__builtin_prefetch(&index->slots[first_slot(index, hashes[i])], 1);
	}
	for (guint i = 0; i < count; i++) {
		struct text key = policy_row_key(index->row(index->rows, from + i));
		guint32 tag = tag_of(hashes[i]);
		guint32 slot = slot_of(index, first_slot(index, hashes[i]), tag, key);

		if (index->slots[slot].row)
			index->unique = FALSE;
		else
			index->slots[slot] = (struct slot){from + i + 1, tag};
	}
}

struct key_index *key_index_new(key_index_row *row, gconstpointer rows, guint count)
{
	struct key_index *index = g_new0(struct key_index, 1);
	guint32 size = 16;

	while (size / 2 < count)
		size *= 2;
	*index = (struct key_index){row, rows, g_new0(struct slot, size), size - 1, TRUE};
	for (guint from = 0; from < count; from += KEY_INDEX_GROUP)
		add_rows(index, from, MIN(count - from, KEY_INDEX_GROUP));
	return index;
}

void key_index_free(struct key_index *index)
{
	if (!index)
		return;
	g_free(index->slots);
	g_free(index);
}

gboolean key_index_unique(const struct key_index *index)
{
	return index->unique;
}

void key_index_find(
	const struct key_index *index, const struct text *keys, guint count, guint32 *found)
{
	guint64 hashes[KEY_INDEX_GROUP];
	guint32 slots[KEY_INDEX_GROUP];

	for (guint i = 0; i < count; i++) {
		hashes[i] = text_hash(keys[i]);
		__builtin_prefetch(&index->slots[first_slot(index, hashes[i])]);
	}
	for (guint i = 0; i < count; i++) {
		slots[i] = next_slot(index, first_slot(index, hashes[i]), tag_of(hashes[i]));
		if (index->slots[slots[i]].row)
			__builtin_prefetch(row_at(index, slots[i]));
	}
	for (guint i = 0; i < count; i++) {
		if (index->slots[slots[i]].row)
			__builtin_prefetch(row_at(index, slots[i])->key);
	}
	for (guint i = 0; i < count; i++) {
		guint32 slot = slot_of(index, slots[i], tag_of(hashes[i]), keys[i]);

		found[i] = index->slots[slot].row ? index->slots[slot].row - 1 : KEY_INDEX_NONE;
	}
}
