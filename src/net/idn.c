#include "net/idn.h"

#include <idn2.h>

#include "core/error.h"
#include "core/key.h"

#define A_LABEL_PREFIX "xn--"

/* Rewrites one label (NUL-terminated), appending to `to`; `key` is for messages. */
typedef gboolean map_label(GString *to, const char *label, const char *key, GError **error);

static gboolean label_refused(const char *key, const char *label, int reason, GError **error)
{
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA, "%s: \"%s\" is no valid IDNA 2008 label: %s",
		key, label, idn2_strerror(reason));
	return FALSE;
}

/*
 * Folding, except for the letters that IDNA 2008 keeps apart from their folded forms (RFC 5892,
 * section 2.6); the capital sharp s becomes the small one.
 */
static char *small_letters(const char *label)
{
	g_autoptr(GString) small = g_string_new(NULL);

	for (const char *p = label; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == 0x00DF || c == 0x1E9E)
			g_string_append_unichar(small, 0x00DF);
		else if (c == 0x03C2)
			g_string_append_unichar(small, c);
		else
			key_fold(small, (struct text){p, (gsize)(g_utf8_next_char(p) - p)});
	}
	return g_utf8_normalize(small->str, (gssize)small->len, G_NORMALIZE_NFC);
}

static gboolean is_a_label(const char *label)
{
	return g_ascii_strncasecmp(label, A_LABEL_PREFIX, strlen(A_LABEL_PREFIX)) == 0;
}

/* RFC 5893, section 2, rule 4 (with rule 5 for other labels), which libidn2 2.3 does not check. */
static gboolean mixes_digits(const char *label)
{
	gboolean european = FALSE, arabic = FALSE;

	for (const char *p = label; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		european |= (c >= '0' && c <= '9') || (c >= 0x06F0 && c <= 0x06F9);
		arabic |= c >= 0x0660 && c <= 0x0669;
	}
	return european && arabic;
}

static gboolean to_ascii(GString *to, const char *label, const char *key, GError **error)
{
	g_autofree char *small = small_letters(label);
	guint8 *ascii = NULL;
	char *decoded = NULL;
	int rc = IDN2_OK;

	if (!g_str_is_ascii(small)) {
		rc = mixes_digits(small) ? IDN2_BIDI
					 : idn2_register_u8((const guint8 *)small, NULL, &ascii, 0);
		if (rc == IDN2_OK)
			g_string_append(to, (const char *)ascii);
	} else {
		if (is_a_label(small))
			rc = idn2_to_unicode_8z8z(small, &decoded, 0);
		g_string_append(to, small);
	}
	idn2_free(ascii);
	idn2_free(decoded);
	return rc == IDN2_OK || label_refused(key, label, rc, error);
}

static gboolean to_unicode(GString *to, const char *label, const char *key, GError **error)
{
	char *decoded = NULL;
	int rc;

	if (!is_a_label(label)) {
		g_string_append(to, label);
		return TRUE;
	}
	rc = idn2_to_unicode_8z8z(label, &decoded, 0);
	if (rc != IDN2_OK)
		return label_refused(key, label, rc, error);
	key_fold(to, text_of(decoded));
	idn2_free(decoded);
	return TRUE;
}

/* Labels are what is left between these, in every form of key, also in those that are faulty. */
static gboolean is_label_end(char c)
{
	return strchr(".:[]@*,", c) || g_ascii_isspace(c); /* NUL too */
}

static char *map_labels(const char *key, map_label *map, GError **error)
{
	g_autoptr(GString) mapped = g_string_new(NULL);

	for (const char *p = key; *p;) {
		const char *start = p;

		while (!is_label_end(*p))
			p++;
		if (p > start) {
			g_autofree char *label = g_strndup(start, (gsize)(p - start));

			if (!map(mapped, label, key, error))
				return NULL;
		}
		if (*p)
			g_string_append_c(mapped, *p++);
	}
	return g_string_free(g_steal_pointer(&mapped), FALSE);
}

char *idn_key(struct text key, GError **error)
{
	g_autofree char *typed = NULL;

	if (!g_utf8_validate_len(key.at, key.len, NULL)) {
		g_autofree char *shown = g_utf8_make_valid(key.at, (gssize)key.len);

		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%s: not UTF-8, so Postfix would never find it", shown);
		return NULL;
	}
	typed = text_dup(key);
	if (strchr(typed, '/')) {
		g_autoptr(GString) folded = g_string_new(NULL);

		key_fold(folded, key);
		return g_string_free(g_steal_pointer(&folded), FALSE);
	}
	return map_labels(typed, to_ascii, error);
}

char *idn_key_unicode(struct text key, GError **error)
{
	g_autofree char *ascii = idn_key(key, error);
	g_autofree char *unicode = ascii ? map_labels(ascii, to_unicode, error) : NULL;

	if (!unicode || strcmp(unicode, ascii) == 0)
		return NULL;
	if (g_str_is_ascii(unicode)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%.*s: under SMTPUTF8 Postfix asks for %s, which is another domain's key; "
			"add it under that name if that is what you want",
			TEXT_ARG(key), unicode);
		return NULL;
	}
	return g_steal_pointer(&unicode);
}
