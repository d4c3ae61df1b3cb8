/*
 * key_sort: sorts keys by their bytes, as LC_ALL=C sort does; equal ones by their places.
 */
#ifndef TLSPOL_CORE_KEY_SORT_H
#define TLSPOL_CORE_KEY_SORT_H

#include "core/text.h"

struct key_entry {
	guint64 window; /* private: eight bytes of the key, big-endian, padded with zeros */
	const char *key;
	guint32 key_len;
	guint32 place; /* where the thing with this key is now; different for each */
};

void key_entry_init(struct key_entry *entry, struct text key, guint32 place);
/* Afterwards the windows are of no use any more. */
void key_sort(struct key_entry *entries, guint count);

#endif
