#include "core/key.h"

#include <arpa/inet.h>

#define KEY_MAX	     255
#define LABEL_MAX    63
#define HOSTNAME_MAX 255

/* -- small questions --------------------------------------------------------------------------- */

static gboolean is_ascii(struct text t)
{
	for (gsize i = 0; i < t.len; i++)
		if ((guchar)t.at[i] >= 0x80)
			return FALSE;
	return TRUE;
}

static gboolean is_separator(char c)
{
	return c == ',' || g_ascii_isspace(c);
}

/* Where `c` is, t.len when nowhere. */
static gsize find_char(struct text t, char c)
{
	const char *at = t.len ? memchr(t.at, c, t.len) : NULL;

	return at ? (gsize)(at - t.at) : t.len;
}

static gsize find_last_char(struct text t, char c)
{
	const char *at = t.len ? memrchr(t.at, c, t.len) : NULL;

	return at ? (gsize)(at - t.at) : t.len;
}

/* valid_ipv4_hostaddr(): leading zeros are decimal, and 0.0.0.0 is fine, but 0.1.2.3 is not. */
static gboolean is_ipv4(struct text t)
{
	guint octets = 1, digits = 0, value = 0, first = 0, all = 0;

	for (gsize i = 0; i < t.len; i++) {
		if (g_ascii_isdigit(t.at[i])) {
			digits++;
			value = value * 10 + (guint)(t.at[i] - '0');
			all |= value;
			if (value > 255)
				return FALSE;
		} else if (t.at[i] == '.' && digits > 0) {
			first = octets == 1 ? value : first;
			octets++;
			digits = value = 0;
		} else {
			return FALSE;
		}
	}
	return octets == 4 && digits > 0 && (first > 0 || all == 0);
}

static gboolean is_ipv6(struct text t)
{
	char copy[INET6_ADDRSTRLEN + 1];
	guchar address[16];

	if (t.len >= sizeof(copy) || find_char(t, '\0') < t.len || find_char(t, ':') == t.len)
		return FALSE;
	memcpy(copy, t.at, t.len);
	copy[t.len] = '\0';
	return inet_pton(AF_INET6, copy, address) == 1;
}

static gboolean skip_ipv6_tag(struct text *t)
{
	if (t->len < 5 || g_ascii_strncasecmp(t->at, "ipv6:", 5) != 0)
		return FALSE;
	*t = text_skip(*t, 5);
	return TRUE;
}

/* What a byte may be in a label. */
enum part { PART_HYPHEN = 1 << 0, PART_LETTER = 1 << 1, PART_DIGIT = 1 << 2, PART_UTF8 = 1 << 3 };
static const guint8 parts[256] = {
	['-'] = PART_HYPHEN,
	['_'] = PART_LETTER,
	['A' ... 'Z'] = PART_LETTER,
	['a' ... 'z'] = PART_LETTER,
	['0' ... '9'] = PART_DIGIT,
	[0x80 ... 0xff] = PART_UTF8,
};

/* With `utf8`, non-ASCII bytes are letters and lengths are left to the A-label form. */
static gboolean labels_valid(struct text name, gboolean utf8)
{
	unsigned seen = 0;

	for (gsize i = 0;; i++) {
		gsize start = i, len;

		for (; i < name.len && parts[(guchar)name.at[i]]; i++)
			seen |= parts[(guchar)name.at[i]];
		len = i - start;
		if (len == 0 || (len > LABEL_MAX && !utf8) || name.at[start] == '-' ||
			name.at[i - 1] == '-')
			return FALSE;
		if (i == name.len)
			break;
		if (name.at[i] != '.')
			return FALSE;
	}
	return seen != PART_DIGIT && (utf8 || (!(seen & PART_UTF8) && name.len <= HOSTNAME_MAX));
}

gboolean hostname_valid(struct text name, gboolean allow_utf8)
{
	g_autofree char *copy = NULL, *ascii = NULL;

	if (labels_valid(name, FALSE))
		return TRUE;
	if (!allow_utf8 || is_ascii(name) || !g_utf8_validate_len(name.at, name.len, NULL) ||
		!labels_valid(name, TRUE))
		return FALSE;
	copy = text_dup(name);
	ascii = g_hostname_to_ascii(copy);
	return ascii && labels_valid(text_of(ascii), FALSE);
}

/* -- folding ------------------------------------------------------------------------------ */

/* GLib lower-cases Cherokee, where Unicode folds upwards: these capitals fold to themselves. */
static gboolean folds_to_itself(gunichar c)
{
	return c >= 0x13A0 && c <= 0x13F5;
}

gboolean key_fold(GString *to, struct text text)
{
	const char *end = text.at + text.len;

	if (is_ascii(text)) {
		for (gsize i = 0; i < text.len; i++)
			g_string_append_c(to, g_ascii_tolower(text.at[i]));
		return TRUE;
	}
	if (!g_utf8_validate_len(text.at, text.len, NULL))
		return FALSE;
	for (const char *p = text.at; p < end; p = g_utf8_next_char(p)) {
		gssize len = g_utf8_next_char(p) - p;

		if (folds_to_itself(g_utf8_get_char(p))) {
			g_string_append_len(to, p, len);
		} else {
			g_autofree char *folded = g_utf8_casefold(p, len);

			g_string_append(to, folded);
		}
	}
	return TRUE;
}

gboolean key_is_folded(struct text text)
{
	g_autoptr(GString) folded = NULL;

	if (is_ascii(text)) {
		for (gsize i = 0; i < text.len; i++)
			if (g_ascii_isupper(text.at[i]))
				return FALSE;
		return TRUE;
	}
	folded = g_string_new(NULL);
	return key_fold(folded, text) && text_equal(text, (struct text){folded->str, folded->len});
}

/* -- parsing ------------------------------------------------------------------------------ */

/*
 * A number from 1 to 65535, or a word shaped like a service name: Postfix has smtp, submission,
 * smtps, submissions and lmtp built in and asks services(5) for others.
 */
static gboolean port_valid(struct text port)
{
	guint number = 0;

	if (port.len == 0)
		return TRUE; /* "host:" is asked for as it is */
	if (!g_ascii_isdigit(port.at[0])) {
		for (gsize i = 0; i < port.len; i++)
			if (!g_ascii_isalnum(port.at[i]) && port.at[i] != '-')
				return FALSE;
		return port.at[0] != '-' && port.at[port.len - 1] != '-';
	}
	for (gsize i = 0; i < port.len; i++) {
		if (!g_ascii_isdigit(port.at[i]))
			return FALSE;
		number = number * 10 + (guint)(port.at[i] - '0');
		if (number > 65535)
			return FALSE;
	}
	return number > 0;
}

static enum key_fault name_fault(struct text name)
{
	if (hostname_valid(name, TRUE))
		return KEY_FINE;
	if (name.len > 1 && name.at[name.len - 1] == '.')
		return KEY_TRAILING_DOT;
	return KEY_BAD_NAME;
}

/* "[host]", "[host]:port"; key->text starts with '['. */
static enum key_fault parse_brackets(struct key *key)
{
	struct text inner = text_skip(key->text, 1), after, address;
	gsize close = find_char(inner, ']');
	enum key_fault fault;

	if (close == 0 || close == inner.len)
		return KEY_BAD_BRACKETS;
	after = text_skip(inner, close + 1);
	inner.len = close;
	if (after.len > 0 && after.at[0] != ':')
		return KEY_BAD_BRACKETS;
	if (after.len > 0)
		key->port = text_skip(after, 1);

	key->host = address = inner;
	if (skip_ipv6_tag(&address)) {
		if (!is_ipv6(address))
			return KEY_BAD_BRACKETS;
		key->host = address;
		key->form = key->port.at ? KEY_LITERAL_PORT : KEY_LITERAL;
	} else if (is_ipv4(inner) || is_ipv6(inner)) {
		key->form = key->port.at ? KEY_LITERAL_PORT : KEY_LITERAL;
	} else {
		fault = name_fault(inner);
		if (fault)
			return fault;
		key->form = key->port.at ? KEY_BRACKETED_PORT : KEY_BRACKETED;
	}
	return port_valid(key->port) ? KEY_FINE : KEY_BAD_PORT;
}

/* "host", "host:port", an address without brackets. */
static enum key_fault parse_plain(struct key *key)
{
	struct text untagged = key->text;
	gsize colon = find_char(key->text, ':');
	enum key_fault fault;

	skip_ipv6_tag(&untagged);
	if (is_ipv6(untagged))
		return KEY_BARE_IPV6;
	key->host = key->text;
	if (colon < key->text.len) {
		key->host.len = colon;
		key->port = text_skip(key->text, colon + 1);
	}
	if (is_ipv4(key->host)) {
		key->form = key->port.at ? KEY_ADDRESS_PORT : KEY_ADDRESS;
	} else {
		fault = name_fault(key->host);
		if (fault)
			return fault;
		key->form = key->port.at ? KEY_DOMAIN_PORT : KEY_DOMAIN;
	}
	return port_valid(key->port) ? KEY_FINE : KEY_BAD_PORT;
}

/*
 * A socket's pathname, as LMTP asks for it: absolute, or below the queue directory's private/ or
 * public/. Anything with a character of a regular expression in it is one that strayed from a
 * regexp table, "/^example$/".
 */
static gboolean is_path(struct text t)
{
	static const char *const roots[] = {"/", "private/", "public/"};

	for (guint i = 0; i < G_N_ELEMENTS(roots); i++) {
		gsize root = strlen(roots[i]);

		if (t.len > root && memcmp(t.at, roots[i], root) == 0)
			return TRUE;
	}
	return FALSE;
}

static enum key_fault path_fault(struct text path)
{
	for (gsize i = 0; i < path.len; i++)
		if (strchr("^$*+?()[]{}|\\", path.at[i]) || g_ascii_iscntrl(path.at[i]))
			return KEY_BAD_NAME;
	return path.at[path.len - 1] == '/' ? KEY_BAD_NAME : KEY_FINE;
}

/* Blanks or commas: a list when every element is a key by itself. */
static enum key_fault separated_fault(struct text text)
{
	guint elements = 0;

	while (text.len > 0) {
		struct text element = text;
		struct key key;

		for (element.len = 0; element.len < text.len; element.len++)
			if (is_separator(text.at[element.len]))
				break;
		if (element.len > 0) {
			elements++;
			key_parse(element, &key);
			if (key.fault && key.fault != KEY_NOT_FOLDED)
				return KEY_BAD_NAME;
		}
		text = text_skip(text, MIN(element.len + 1, text.len));
	}
	return elements > 1 ? KEY_LIST : KEY_BAD_NAME;
}

static gboolean has_separator(struct text text)
{
	for (gsize i = 0; i < text.len; i++)
		if (is_separator(text.at[i]))
			return TRUE;
	return FALSE;
}

static enum key_fault parse_parent(struct key *key)
{
	key->form = KEY_PARENT;
	key->host = text_skip(key->text, 1);
	return name_fault(key->host);
}

static enum key_fault parse(struct key *key)
{
	struct text text = key->text;

	if (text.len == 0)
		return KEY_EMPTY;
	if (find_char(text, '\0') < text.len)
		return KEY_BAD_NAME;
	if (key->u_label && !g_utf8_validate_len(text.at, text.len, NULL))
		return KEY_NOT_UTF8;
	if (text.len > KEY_MAX)
		return KEY_TOO_LONG;
	if (has_separator(text))
		return separated_fault(text);
	if (is_path(text)) {
		key->form = KEY_PATH;
		return path_fault(text);
	}
	if (find_char(text, '@') < text.len)
		return KEY_ADDRESS_SIGN;
	if (find_char(text, '*') < text.len || text_is(text, "."))
		return KEY_WILDCARD;
	if (text.at[0] == '[')
		return parse_brackets(key);
	return text.at[0] == '.' ? parse_parent(key) : parse_plain(key);
}

/*
 * Where a name is at after each byte; nothing leads out of NOT_PLAIN. Digits and dots alone are no
 * name, and two hyphens side by side may be those of an A-label.
 */
enum place { NOT_PLAIN, BEGIN, DIGITS, LABEL_BEGIN, LABEL, HYPHEN, PLACE_COUNT };
static const guint8 next_place[256][PLACE_COUNT] = {
	['.'] = {[DIGITS] = BEGIN, [LABEL] = LABEL_BEGIN},
	['-'] = {[DIGITS] = HYPHEN, [LABEL] = HYPHEN},
	['0' ... '9'] = {[BEGIN] = DIGITS,
		[DIGITS] = DIGITS,
		[LABEL_BEGIN] = LABEL,
		[LABEL] = LABEL,
		[HYPHEN] = LABEL},
	['a' ... 'z'] = {[BEGIN] = LABEL,
		[DIGITS] = LABEL,
		[LABEL_BEGIN] = LABEL,
		[LABEL] = LABEL,
		[HYPHEN] = LABEL},
	['_'] = {[BEGIN] = LABEL,
		[DIGITS] = LABEL,
		[LABEL_BEGIN] = LABEL,
		[LABEL] = LABEL,
		[HYPHEN] = LABEL},
};

gboolean key_is_plain(struct text text)
{
	enum place place = BEGIN;

	for (gsize i = text.len && text.at[0] == '.'; i < text.len; i++)
		place = next_place[(guchar)text.at[i]][place];
	/* Then no label is longer than it may be, either. */
	return place == LABEL && text.len <= LABEL_MAX;
}

/* What parse() comes to for such a key, without all its questions. */
static void take_plain(struct key *key)
{
	gboolean parent = key->text.at[0] == '.';

	key->form = parent ? KEY_PARENT : KEY_DOMAIN;
	key->host = text_skip(key->text, parent ? 1 : 0);
}

void key_parse(struct text text, struct key *key)
{
	*key = (struct key){.text = text};
	if (key_is_plain(text)) {
		take_plain(key);
		return;
	}
	key->u_label = !is_ascii(text);
	key->fault = parse(key);
	if (!key->fault && !key_is_folded(text))
		key->fault = KEY_NOT_FOLDED;
	if (key->fault)
		key->form = KEY_INVALID;
}

/* -- what was meant ----------------------------------------------------------------------- */

/*
 * The end of what stands before a next-hop in transport_maps ("smtp:", "inet:") or in a URL, 0
 * where there is none: no port has a dot, a bracket, a slash or a colon in it.
 */
static gsize transport_end(struct text text)
{
	gsize colon = find_char(text, ':');
	struct text rest;

	if (colon == 0 || colon == text.len)
		return 0;
	rest = text_skip(text, colon + 1);
	if (rest.len > 2 && memcmp(rest.at, "//", 2) == 0)
		return colon + 3;
	for (gsize i = 0; i < rest.len; i++)
		if (strchr(".[/:", rest.at[i]))
			return colon + 1;
	return 0;
}

/* Rewrites `text`, of which `key` is the reading, once; FALSE when there is nothing to suggest. */
static gboolean mend(GString *text, const struct key *key)
{
	gsize transport;

	switch (key->fault) {
	case KEY_BAD_PORT:
		transport = key->text.at[0] == '[' ? 0 : transport_end(key->text);
		if (transport > 0)
			g_string_erase(text, 0, (gssize)transport);
		else
			g_string_truncate(text, key->port.at - 1 - text->str);
		return TRUE;
	case KEY_BAD_BRACKETS:
		if (find_char(key->text, ']') < key->text.len)
			return FALSE;
		g_string_append_c(text, ']');
		return TRUE;
	case KEY_ADDRESS_SIGN:
		g_string_erase(text, 0, (gssize)find_last_char(key->text, '@') + 1);
		return TRUE;
	case KEY_WILDCARD:
		if (text->len < 3 || !g_str_has_prefix(text->str, "*."))
			return FALSE;
		g_string_erase(text, 0, 1);
		return TRUE;
	case KEY_TRAILING_DOT:
		g_string_erase(text, key->host.at + key->host.len - 1 - text->str, 1);
		return TRUE;
	case KEY_BARE_IPV6:
		g_string_prepend_c(text, '[');
		g_string_append_c(text, ']');
		return TRUE;
	default:
		return FALSE;
	}
}

char *key_meant(const struct key *key)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct text trimmed = key->text;

	while (trimmed.len > 0 && is_separator(trimmed.at[0]))
		trimmed = text_skip(trimmed, 1);
	while (trimmed.len > 0 && is_separator(trimmed.at[trimmed.len - 1]))
		trimmed.len--;
	if (!key_fold(text, trimmed))
		return NULL;
	/* Each round takes something away, or adds the brackets once. */
	for (;;) {
		struct key candidate;

		key_parse((struct text){text->str, text->len}, &candidate);
		if (!candidate.fault)
			break;
		if (!mend(text, &candidate))
			return NULL;
	}
	if (text_equal(key->text, (struct text){text->str, text->len}))
		return NULL;
	return g_strndup(text->str, text->len);
}
