/*
 * text_check: is a file the text it should be? Private to files/.
 */
#ifndef TLSPOL_FILES_TEXT_CHECK_H
#define TLSPOL_FILES_TEXT_CHECK_H

#include "core/text.h"

/*
 * Refuses what no reader of ours can take: UTF-16 and UTF-32, NUL bytes, binary data. One
 * problem at most. TRUE when it is text.
 */
gboolean text_check_binary(struct text text, const char *name, GPtrArray *problems);

/*
 * The same, and the text must be UTF-8 throughout; a UTF-8 byte order mark at the start is
 * cut off. For all formats but map source, where Postfix has its own rules.
 */
gboolean text_check_encoding(struct text *text, const char *name, GPtrArray *problems);

/* Line and column (in bytes, both from 1) of a byte. */
void text_check_position(struct text text, gsize offset, guint *line, guint *column);

/* Nothing but blanks and line ends, or nothing at all. */
gboolean text_check_blank(struct text text);

#define UTF8_BOM "\xEF\xBB\xBF"

#endif
