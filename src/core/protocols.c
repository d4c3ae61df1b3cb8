#include "core/protocols.h"

#include "core/policy.h"

enum { BOUND_NONE = 0, SSLV3_VERSION = 0x0300 };

static const char *const version_names[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

/* 0x0300 for SSLv3, 0x0304 for TLSv1.3, -1 for a word that is no version. */
static int version_number(struct text name)
{
	if (text_is_nocase(name, "SSLv3"))
		return SSLV3_VERSION;
	for (guint i = 0; i < G_N_ELEMENTS(version_names); i++)
		if (text_is_nocase(name, version_names[i]))
			return SSLV3_VERSION + 1 + i;
	return -1;
}

/* The bits a NAME stands for; FALSE when it is none. */
static gboolean named(struct text name, unsigned *bits)
{
	int version = version_number(name);

	*bits = version > SSLV3_VERSION ? 1u << (version - SSLV3_VERSION - 1) : 0;
	return version >= 0 || text_is_nocase(name, "SSLv2");
}

/* strtoul(text, &end, 16) and then *end == 0 and at most INT_MAX, as Postfix has it. */
static gboolean hexadecimal(struct text text, guint64 *number)
{
	gsize i = 0, digits = 0;
	gboolean negative;

	while (i < text.len && (text.at[i] == '\v' || text.at[i] == '\f'))
		i++;
	negative = i < text.len && text.at[i] == '-';
	if (negative || (i < text.len && text.at[i] == '+'))
		i++;
	if (text.len > i + 2 && text.at[i] == '0' && (text.at[i + 1] | 0x20) == 'x' &&
		g_ascii_isxdigit(text.at[i + 2]))
		i += 2;
	*number = 0;
	for (; i < text.len && g_ascii_isxdigit(text.at[i]); i++, digits++) {
		*number = *number * 16 + g_ascii_xdigit_value(text.at[i]);
		if (*number > G_MAXINT)
			return FALSE;
	}
	return i == text.len && (digits || !text.len) && !(negative && *number);
}

/* A bound behind ">=" or "<="; *version is BOUND_NONE for none. */
static gboolean bound(
	struct text text, struct protocols *protocols, struct text element, int *version)
{
	guint64 number;
	int known = version_number(text);

	if (known >= 0 || text_is_nocase(text, "None")) {
		*version = MAX(known, BOUND_NONE);
		return TRUE;
	}
	if (!hexadecimal(text, &number))
		return FALSE;
	*version = BOUND_NONE;
	if (number >= SSLV3_VERSION && number <= SSLV3_VERSION + G_N_ELEMENTS(version_names))
		*version = number;
	else if (number && !protocols->unknown.at)
		protocols->unknown = element;
	return TRUE;
}

/* The bits at or above (below) a version. */
static unsigned from(int version)
{
	return version > SSLV3_VERSION ? PROTOCOLS_ALL << (version - SSLV3_VERSION - 1) : ~0u;
}

static unsigned up_to(int version)
{
	return version == BOUND_NONE ? ~0u : (1u << (version - SSLV3_VERSION)) - 1;
}

void protocols_parse(struct text list, struct protocols *protocols)
{
	struct text rest = list, element;
	unsigned include = 0, exclude = 0, bits;
	gboolean includes = FALSE;
	int lowest = BOUND_NONE, highest = BOUND_NONE;

	*protocols = (struct protocols){0};
	while (list_next(&rest, LIST_WORDS, &element)) {
		gboolean good;
		gboolean bounds = element.len >= 2 && element.at[1] == '=' &&
				  (element.at[0] == '>' || element.at[0] == '<');

		if (bounds) {
			good = bound(text_skip(element, 2), protocols, element,
				element.at[0] == '>' ? &lowest : &highest);
			if (!protocols->bound.at)
				protocols->bound = element;
		} else if (element.at[0] == '!') {
			good = named(text_skip(element, 1), &bits);
			exclude |= bits;
		} else {
			good = named(element, &bits);
			include |= bits;
			includes = includes || (good && !text_is_nocase(element, "SSLv2"));
		}
		if (!good && !protocols->bad.at)
			protocols->bad = element;
	}
	protocols->allowed = (includes ? include : PROTOCOLS_ALL) & ~exclude & from(lowest) &
			     up_to(highest) & PROTOCOLS_ALL;
}

unsigned protocols_offered(unsigned allowed)
{
	unsigned lowest = allowed & -allowed;

	/* Adding the lowest bit carries through the whole run above it. */
	return allowed & ~(allowed + lowest);
}

char *protocols_format(unsigned protocols)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(version_names); i++)
		if (protocols & 1u << i)
			g_string_append_printf(
				text, "%s%s", text->len ? ", " : "", version_names[i]);
	return g_string_free(text, FALSE);
}
