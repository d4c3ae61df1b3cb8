#include "files/text_check.h"

#include "files/file_problem.h"

void text_check_position(struct text text, gsize offset, guint *line, guint *column)
{
	gsize line_start = 0;

	*line = 1;
	for (gsize i = 0; i < offset; i++) {
		if (text.at[i] == '\n') {
			line_start = i + 1;
			++*line;
		}
	}
	*column = offset - line_start + 1;
}

static gboolean is_utf16_or_32(struct text text)
{
	const guchar *at = (const guchar *)text.at;

	if (text.len >= 2 && ((at[0] == 0xff && at[1] == 0xfe) || (at[0] == 0xfe && at[1] == 0xff)))
		return TRUE;
	/* Without a mark: ASCII characters with NUL bytes between them. */
	return text.len >= 4 &&
	       ((at[0] && !at[1] && at[2] && !at[3]) || (!at[0] && at[1] && !at[2] && at[3]) ||
		       (!at[0] && !at[1] && !at[2] && at[3]));
}

/* Control characters that no text has; tab, line ends, form feed and escape are left alone. */
static gboolean has_control_characters(struct text text)
{
	for (gsize i = 0; i < text.len; i++) {
		guchar c = text.at[i];

		if (c && c < 0x20 && c != 0x1b && (c < '\t' || c > '\r'))
			return TRUE;
	}
	return FALSE;
}

gboolean text_check_binary(struct text text, const char *name, GPtrArray *problems)
{
	const char *nul = text.len ? memchr(text.at, '\0', text.len) : NULL;
	guint line, column;

	if (is_utf16_or_32(text)) {
		file_problem_add(problems, FALSE, name, 0, 0,
			"this is UTF-16 or UTF-32 text: convert it to UTF-8 "
			"(iconv -f UTF-16 -t UTF-8)");
		return FALSE;
	}
	/* g_utf8_validate_len() is false for a NUL, too. */
	if (has_control_characters(text) && !g_utf8_validate_len(text.at, text.len, NULL)) {
		file_problem_add(problems, FALSE, name, 0, 0, "this is binary data, not text");
		return FALSE;
	}
	if (nul) {
		text_check_position(text, nul - text.at, &line, &column);
		file_problem_add(problems, FALSE, name, line, column,
			"a NUL byte: nothing behind it could be trusted");
		return FALSE;
	}
	return TRUE;
}

gboolean text_check_encoding(struct text *text, const char *name, GPtrArray *problems)
{
	const char *bad;
	guint line, column;

	if (!text_check_binary(*text, name, problems))
		return FALSE;
	if (text_starts(*text, UTF8_BOM))
		*text = text_skip(*text, strlen(UTF8_BOM));
	if (g_utf8_validate_len(text->at, text->len, &bad))
		return TRUE;
	text_check_position(*text, bad - text->at, &line, &column);
	file_problem_add(problems, FALSE, name, line, column,
		"the byte 0x%02X is not UTF-8: convert the file (iconv -t UTF-8)", (guchar)*bad);
	return FALSE;
}

gboolean text_check_blank(struct text text)
{
	for (gsize i = 0; i < text.len; i++) {
		if (!g_ascii_isspace(text.at[i]))
			return FALSE;
	}
	return TRUE;
}
