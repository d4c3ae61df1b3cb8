/*
 * text: a slice of bytes that somebody else owns.
 *
 * A million policies are slices into a few buffers (design.md, "Central types"), so the core
 * reads slices and never needs a NUL behind them. A slice with at == NULL is "absent", which
 * is how SQL NULL travels; an empty slice has at != NULL and len == 0.
 */
#ifndef TLSPOL_CORE_TEXT_H
#define TLSPOL_CORE_TEXT_H

#include <glib.h>
#include <string.h>

struct text {
	const char *at;
	gsize len;
};

#define TEXT_NONE	((struct text){NULL, 0})
#define TEXT_LITERAL(s) ((struct text){"" s, sizeof(s) - 1})
/* For "%.*s" in a format. */
#define TEXT_ARG(t) (int)(t).len, (t).at ? (t).at : ""

static inline struct text text_of(const char *s)
{
	return (struct text){s, s ? strlen(s) : 0};
}

/* Byte equality; absent equals only absent. */
static inline gboolean text_equal(struct text a, struct text b)
{
	if (!a.at || !b.at)
		return a.at == b.at;
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* Byte order, as memcmp and LC_ALL=C sort have it; absent sorts first. */
static inline int text_compare(struct text a, struct text b)
{
	gsize shorter = MIN(a.len, b.len);
	int order = shorter ? memcmp(a.at, b.at, shorter) : 0;

	if (order)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

static inline guint64 text_hash_step(guint64 hash, guint64 word)
{
	hash = (hash ^ word) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
	return hash ^ (hash >> 32);
}

/* Multiply and fold, eight bytes at a time: texts are short, and this is most of a look-up. */
static inline guint64 text_hash(struct text t)
{
	guint64 hash = text_hash_step(0, t.len), word;

	for (; t.len > 8; t = (struct text){t.at + 8, t.len - 8}) {
		memcpy(&word, t.at, 8);
		hash = text_hash_step(hash, word);
	}
	word = 0;
	if (t.len)
		memcpy(&word, t.at, t.len);
	return text_hash_step(text_hash_step(hash, word), 0);
}

static inline gboolean text_is(struct text t, const char *s)
{
	return t.at && t.len == strlen(s) && memcmp(t.at, s, t.len) == 0;
}

/* ASCII case-insensitive, as Postfix's strcasecmp is for levels and attribute names. */
static inline gboolean text_is_nocase(struct text t, const char *s)
{
	return t.at && t.len == strlen(s) &&
	       (memcmp(t.at, s, t.len) == 0 || g_ascii_strncasecmp(t.at, s, t.len) == 0);
}

static inline gboolean text_starts(struct text t, const char *start)
{
	gsize len = strlen(start);

	return t.len >= len && memcmp(t.at, start, len) == 0;
}

static inline struct text text_skip(struct text t, gsize n)
{
	return (struct text){t.at + n, t.len - n};
}

/* A fresh NUL-terminated copy (g_free), NULL for an absent slice. */
static inline char *text_dup(struct text t)
{
	return t.at ? g_strndup(t.at, t.len) : NULL;
}

#endif
