/*
 * json_places: jansson says where a syntax error is, but not where a value is. Problems of a row
 * are placed by looking for its key in the text.
 */
#ifndef TLSPOL_FILES_JSON_PLACES_H
#define TLSPOL_FILES_JSON_PLACES_H

#include "core/text.h"

/* Private. */
struct json_places {
	struct text text;
	/* Keys come in file order: the search for the next goes on from the last one found. */
	const char *searched;
	guint line;   /* of `searched` */
	guint misses; /* keys that were not found, because they are written with escapes */
};

struct json_places json_places_of(const char *buffer, gsize len);
/*
 * The line where the key stands as a name or as the value of "domain", at or behind the last one
 * found; 0 when escapes hide it.
 */
guint json_line_of(struct json_places *places, struct text key);

#endif
