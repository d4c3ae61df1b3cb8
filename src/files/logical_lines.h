/*
 * logical_lines: Postfix's text files line by line, as its readllines() reads them: map source
 * and .cf files alike (facts 5.2 and 6.1). Private to files/.
 *
 * A line that begins with a blank continues the one before: its newline is dropped, its blanks
 * stay. Comments and empty lines are passed over, also between continuations.
 */
#ifndef TLSPOL_FILES_LOGICAL_LINES_H
#define TLSPOL_FILES_LOGICAL_LINES_H

#include "core/text.h"

struct logical_lines {
	char *at, *end; /* what is still to be read */
	guint line;	/* of the physical line last read, from 1 */
};

void logical_lines_init(struct logical_lines *lines, char *buffer, gsize len);

/*
 * The next one, a slice of the buffer (continuations are moved together in it), and the number
 * of its first line. It may begin with a blank: then it continues nothing, and Postfix drops it.
 */
gboolean logical_lines_next(struct logical_lines *lines, struct text *line, guint *number);

/* Postfix's ISSPACE(): isspace() of the C locale, so VT and FF are blanks, too. */
static inline gboolean is_postfix_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without blanks at both ends. */
struct text postfix_trimmed(struct text text);

/* How far a map's key goes: to the first blank outside quotes. FALSE when a quote stays open. */
gboolean postfix_key_len(struct text line, gsize *key_len);

#endif
