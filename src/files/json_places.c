#include "files/json_places.h"

/* Each miss reads the rest of the file; after so many the lines are not worth it. */
#define MISSES_MAX 100

struct json_places json_places_of(const char *buffer, gsize len)
{
	return (struct json_places){.text = {buffer, len}, .searched = buffer, .line = 1};
}

/* Is the quoted word at `found` a value of "domain", or a name in front of a colon? */
static gboolean is_key(const struct json_places *places, const char *found, gsize len)
{
	static const char name[] = "\"domain\"";
	const char *before = found, *after = found + len;
	const char *end = places->text.at + places->text.len;

	while (after < end && g_ascii_isspace(*after))
		after++;
	if (after < end && *after == ':')
		return TRUE;
	while (before > places->text.at && (g_ascii_isspace(before[-1]) || before[-1] == ':'))
		before--;
	return before - places->text.at >= (gssize)strlen(name) &&
	       memcmp(before - strlen(name), name, strlen(name)) == 0;
}

guint json_line_of(struct json_places *places, struct text key)
{
	g_autofree char *quoted = g_strdup_printf("\"%.*s\"", TEXT_ARG(key));
	const char *end = places->text.at + places->text.len;
	const char *found = places->searched;
	gsize len = strlen(quoted);

	if (places->misses == MISSES_MAX)
		return 0;
	while ((found = memmem(found, end - found, quoted, len)) && !is_key(places, found, len))
		found++;
	if (!found) {
		places->misses++;
		return 0;
	}
	for (; places->searched < found; places->searched++)
		places->line += *places->searched == '\n';
	return places->line;
}
