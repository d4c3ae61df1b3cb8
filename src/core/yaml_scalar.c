#include "core/yaml_scalar.h"

/* Words that some YAML reader takes for a boolean, a null or a number (1.1 and 1.2 together). */
static gboolean is_reserved_word(struct text text)
{
	static const char *const words[] = {"y", "n", "yes", "no", "true", "false", "on", "off",
		"null", "~", ".inf", ".nan", "<<", "=", "...", "---"};

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		if (text_is_nocase(text, words[i]))
			return TRUE;
	}
	return FALSE;
}

/*
 * Numbers, dates and sexagesimals begin with a digit, a dot or a sign and need no letter beyond
 * the hexadecimal ones, o and x. "192.0.2.1" is a float to YAML 1.1.
 */
static gboolean may_be_number(struct text text)
{
	if (!g_ascii_isdigit(text.at[0]) && text.at[0] != '.')
		return FALSE;
	if (memchr(text.at, ':', text.len))
		return TRUE;
	for (gsize i = 0; i < text.len; i++) {
		char c = g_ascii_tolower(text.at[i]);

		if (c >= 'g' && c <= 'z' && c != 'o' && c != 'x')
			return FALSE;
	}
	return TRUE;
}

gboolean yaml_scalar_is_plain(struct text text)
{
	if (!text.len || (!g_ascii_isalnum(text.at[0]) && text.at[0] != '.' && text.at[0] != '/'))
		return FALSE;
	if (is_reserved_word(text) || may_be_number(text))
		return FALSE;
	for (gsize i = 0; i < text.len; i++) {
		char c = text.at[i];
		char next = i + 1 < text.len ? text.at[i + 1] : ' ';

		if (c < 0x20 || c > 0x7e)
			return FALSE;
		if ((c == ':' || c == ' ') && next == ' ')
			return FALSE;
		if (c == ' ' && next == '#')
			return FALSE;
	}
	return TRUE;
}

/* What stands in double quotes as itself: printable, and no line break to any reader. */
static gboolean stands_as_itself(gunichar c)
{
	if (c < 0x80)
		return c >= 0x20 && c <= 0x7e;
	return g_unichar_isprint(c) && c != 0x2028 && c != 0x2029 && c != 0xfeff;
}

static void append_escape(GString *to, gunichar c)
{
	switch (c) {
	case '\n':
		g_string_append(to, "\\n");
		return;
	case '\r':
		g_string_append(to, "\\r");
		return;
	case '\t':
		g_string_append(to, "\\t");
		return;
	}
	if (c < 0x100)
		g_string_append_printf(to, "\\x%02X", c);
	else if (c < 0x10000)
		g_string_append_printf(to, "\\u%04X", c);
	else
		g_string_append_printf(to, "\\U%08X", c);
}

void yaml_scalar_append_quoted(GString *to, struct text text)
{
	const char *end = text.at + text.len;

	g_string_append_c(to, '"');
	for (const char *at = text.at; at < end;) {
		gunichar c = g_utf8_get_char_validated(at, end - at);

		if (*at == '\0') {
			append_escape(to, 0);
			at++;
		} else if ((gint32)c < 0) {
			append_escape(to, 0xfffd);
			at++;
		} else {
			if (c == '"' || c == '\\')
				g_string_append_c(to, '\\');
			if (stands_as_itself(c))
				g_string_append_unichar(to, c);
			else
				append_escape(to, c);
			at = g_utf8_next_char(at);
		}
	}
	g_string_append_c(to, '"');
}

void yaml_scalar_append(GString *to, struct text text)
{
	if (yaml_scalar_is_plain(text))
		g_string_append_len(to, text.at, text.len);
	else
		yaml_scalar_append_quoted(to, text);
}
