/*
 * key_index: finds rows by their keys, many at a time.
 *
 * A million rows and their keys are spread over tens of megabytes, and a look-up by itself waits
 * for memory three times: for its slot, for the row, for the key. So keys are looked up in
 * groups, each step for all of them before the next one (facts: bulk, part B).
 */
#ifndef TLSPOL_CORE_KEY_INDEX_H
#define TLSPOL_CORE_KEY_INDEX_H

#include "core/policy_set.h"

#define KEY_INDEX_GROUP 64
#define KEY_INDEX_NONE	G_MAXUINT32

struct key_index;

/* Row number i of what is indexed. */
typedef const struct policy_row *key_index_row(gconstpointer rows, guint i);

/* Rows and keys must stay where they are as long as the index lives. */
struct key_index *key_index_new(key_index_row *row, gconstpointer rows, guint count);
void key_index_free(struct key_index *index);
typedef struct key_index key_index_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(key_index_t, key_index_free)

/* TRUE when no key came twice. */
gboolean key_index_unique(const struct key_index *index);

/*
 * Looks up at most KEY_INDEX_GROUP keys. found[i] becomes the number of the first row with
 * keys[i], or KEY_INDEX_NONE.
 */
void key_index_find(
	const struct key_index *index, const struct text *keys, guint count, guint32 *found);

#endif
