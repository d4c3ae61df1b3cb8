#include "core/printable.h"

#define ELLIPSIS "…"

gboolean is_printable_ascii(struct text text)
{
	guchar odd = 0;

	for (gsize i = 0; i < text.len; i++)
		odd |= (guchar)(text.at[i] - ' ') > '~' - ' ';
	return !odd;
}

/* Appends what is shown of the first character; how many bytes of the text that is. */
static gsize append_first(GString *to, struct text text)
{
	gunichar letter = g_utf8_get_char_validated(text.at, (gssize)text.len);
	gboolean valid = letter != (gunichar)-1 && letter != (gunichar)-2;
	gsize bytes = valid ? (gsize)g_utf8_skip[*(const guchar *)text.at] : 1;

	if (valid && g_unichar_isprint(letter)) {
		g_string_append_len(to, text.at, (gssize)bytes);
	} else {
		for (gsize i = 0; i < bytes; i++)
			g_string_append_printf(to, "\\x%02X", (guchar)text.at[i]);
	}
	return bytes;
}

char *printable(struct text text)
{
	return printable_short(text, G_MAXSIZE);
}

char *printable_short(struct text text, gsize max)
{
	GString *to;
	gsize fits = 0; /* where the text can end to leave room for the ellipsis */

	if (text.len && text.len <= max && is_printable_ascii(text))
		return g_strndup(text.at, text.len);
	to = g_string_sized_new(MIN(text.len, max));
	while (text.len && to->len <= max) {
		if (to->len <= max - strlen(ELLIPSIS))
			fits = to->len;
		text = text_skip(text, append_first(to, text));
	}
	if (to->len > max) {
		g_string_truncate(to, fits);
		g_string_append(to, ELLIPSIS);
	}
	return g_string_free(to, FALSE);
}
