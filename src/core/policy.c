#include "core/policy.h"

#include "core/nearest.h"
#include "core/postfix_version.h"

static const struct {
	const char *name;
	gsize len;
	int since;
} attributes[ATTRIBUTE_COUNT] = {
#define ATTRIBUTE_ROW(id, name, major, minor)                                                      \
	{name, sizeof(name) - 1, POSTFIX_VERSION(major, minor, 0)},
	ATTRIBUTE_LIST(ATTRIBUTE_ROW)
#undef ATTRIBUTE_ROW
};

#define BRACES_SINCE POSTFIX_VERSION(3, 10, 0)

enum { SEPARATOR = 1 << 0, SPACE = 1 << 1 };

/* A table, because a million policies are read byte by byte. */
static const guint8 kinds[256] = {
	[' '] = SEPARATOR | SPACE,
	['\t'] = SEPARATOR | SPACE,
	['\r'] = SEPARATOR | SPACE,
	['\n'] = SEPARATOR | SPACE,
	[','] = SEPARATOR,
	['\v'] = SPACE,
	['\f'] = SPACE,
};

/* Postfix's CHARS_COMMA_SP. Vertical tab and form feed do not separate. */
static inline gboolean is_separator(char c)
{
	return kinds[(guchar)c] & SEPARATOR;
}

/* Postfix's ISSPACE: what is stripped round names and values. */
static inline gboolean is_space(char c)
{
	return kinds[(guchar)c] & SPACE;
}

static struct text trim(struct text t)
{
	while (t.len && is_space(t.at[0]))
		t = text_skip(t, 1);
	while (t.len && is_space(t.at[t.len - 1]))
		t.len--;
	return t;
}

/* Postfix reads a C string: a NUL in a database value ends it. */
static struct text until_nul(struct text t)
{
	const char *nul = t.len ? memchr(t.at, '\0', t.len) : NULL;

	return nul ? (struct text){t.at, nul - t.at} : t;
}

const char *attribute_name(enum attribute_id id)
{
	return id < ATTRIBUTE_COUNT ? attributes[id].name : "";
}

int attribute_since(enum attribute_id id)
{
	return id < ATTRIBUTE_COUNT ? attributes[id].since : 0;
}

static enum attribute_id attribute_find(struct text name)
{
	for (int id = 0; id < ATTRIBUTE_COUNT; id++)
		if (name.len == attributes[id].len &&
			(memcmp(name.at, attributes[id].name, name.len) == 0 ||
				g_ascii_strncasecmp(name.at, attributes[id].name, name.len) == 0))
			return id;
	return ATTRIBUTE_UNKNOWN;
}

/* Names other programs use for the same thing, too far away for a misspelling. */
static const struct {
	const char *said, *meant;
} other_words[] = {
	{"cipher", "ciphers"},
	{"cipherlist", "ciphers"},
	{"tls_ciphers", "ciphers"},
	{"exclude_ciphers", "exclude"},
	{"protocol", "protocols"},
	{"tls_protocols", "protocols"},
	{"names", "match"},
	{"mx", "match"},
	{"name", "match"},
	{"fingerprint", "match"},
	{"cafile", "tafile"},
	{"ca_file", "tafile"},
	{"sni", "servername"},
	{"tls_connection_reuse", "connection_reuse"},
	{"reuse", "connection_reuse"},
	{"policy", "policy_type"},
	{"ttl", "policy_ttl"},
	{"mx_pattern", "mx_host_pattern"},
};

const char *attribute_did_you_mean(struct text name)
{
	struct nearest nearest;

	for (gsize i = 0; i < G_N_ELEMENTS(other_words); i++)
		if (text_is_nocase(name, other_words[i].said))
			return other_words[i].meant;
	nearest_init(&nearest, name);
	for (int id = 0; id < ATTRIBUTE_COUNT; id++)
		nearest_offer(&nearest, attributes[id].name);
	return nearest.best;
}

/* -- reading -------------------------------------------------------------------------------- */

void attributes_start(struct attribute_cursor *cursor, struct text params, int postfix_version)
{
	cursor->rest = params.at ? until_nul(params) : TEXT_LITERAL("");
	cursor->postfix_version = postfix_version;
}

/*
 * mystrtokq(): from 3.10 on an open brace anywhere in a token keeps separators inside it, to the
 * end of the text when it is never closed.
 */
static gboolean next_token(struct attribute_cursor *cursor, struct text *token)
{
	const char *p = cursor->rest.at, *end = p + cursor->rest.len;
	gboolean braces = cursor->postfix_version >= BRACES_SINCE;
	guint depth = 0;

	while (p < end && is_separator(*p))
		p++;
	token->at = p;
	for (; p < end && (depth || !is_separator(*p)); p++) {
		if (braces && *p == '{')
			depth++;
		else if (depth && *p == '}')
			depth--;
	}
	token->len = p - token->at;
	cursor->rest = (struct text){p, end - p};
	return token->len > 0;
}

/* extpar(): takes the braces off; the text inside goes on even when they are wrong. */
static enum attribute_fault unbrace(struct text *inner)
{
	struct text t = *inner;
	guint depth = 0;

	for (gsize i = 0; i < t.len; i++) {
		if (t.at[i] == '{') {
			depth++;
		} else if (t.at[i] == '}' && --depth == 0) {
			*inner = trim((struct text){t.at + 1, i - 1});
			return i + 1 == t.len ? FAULT_NONE : FAULT_BRACE_TRAIL;
		}
	}
	*inner = trim(text_skip(t, 1));
	return FAULT_BRACE_OPEN;
}

/* split_nameval() */
static enum attribute_fault split_name_value(struct text t, struct text *name, struct text *value)
{
	gsize i = 0, name_end;

	t = trim(t);
	if (!t.len || t.at[0] == '=')
		return FAULT_NO_NAME;
	while (i < t.len && !is_space(t.at[i]) && t.at[i] != '=')
		i++;
	name_end = i;
	while (i < t.len && is_space(t.at[i]))
		i++;
	if (i == t.len || t.at[i] != '=')
		return FAULT_NO_EQUALS;
	*name = (struct text){t.at, name_end};
	*value = trim(text_skip(t, i + 1));
	return FAULT_NONE;
}

gboolean attributes_next(struct attribute_cursor *cursor, struct attribute *attribute)
{
	struct text inner;

	if (!next_token(cursor, &attribute->token))
		return FALSE;
	inner = attribute->token;
	attribute->name = attribute->value = TEXT_NONE;
	attribute->fault = FAULT_NONE;
	attribute->braced = cursor->postfix_version >= BRACES_SINCE && inner.at[0] == '{';
	if (attribute->braced)
		attribute->fault = unbrace(&inner);
	if (attribute->fault == FAULT_NONE)
		attribute->fault = split_name_value(inner, &attribute->name, &attribute->value);
	attribute->id = attribute->fault == FAULT_NONE ? attribute_find(attribute->name)
						       : ATTRIBUTE_MALFORMED;
	return TRUE;
}

/* Where a separator is, or the end. */
static gsize find_separator(struct text t, const char *separators)
{
	const char *at;
	gsize i = 0;

	if (separators[1] == '\0') {
		at = memchr(t.at, separators[0], t.len);
		return at ? (gsize)(at - t.at) : t.len;
	}
	while (i < t.len && !strchr(separators, t.at[i]))
		i++;
	return i;
}

gboolean list_next(struct text *rest, const char *separators, struct text *element)
{
	while (rest->len && strchr(separators, rest->at[0]))
		*rest = text_skip(*rest, 1);
	*element = (struct text){rest->at, 0};
	if (!rest->len)
		return FALSE;
	element->len = find_separator(*rest, separators);
	*rest = text_skip(*rest, element->len);
	return TRUE;
}

gboolean policy_split(struct text value, struct policy *policy)
{
	const char *p = value.at, *end = p + value.len;

	while (p < end && is_separator(*p))
		p++;
	policy->level_text.at = p;
	while (p < end && *p != '\0' && !is_separator(*p))
		p++;
	policy->level_text.len = p - policy->level_text.at;
	policy->level = level_parse(policy->level_text);
	while (p < end && is_separator(*p))
		p++;
	policy->params = p < end ? (struct text){p, end - p} : TEXT_NONE;
	while (policy->params.len && is_separator(policy->params.at[policy->params.len - 1]))
		policy->params.len--;
	return policy->level_text.len > 0;
}

/* -- writing -------------------------------------------------------------------------------- */

static gboolean needs_braces(struct text value)
{
	guint depth = 0;

	for (gsize i = 0; i < value.len; i++) {
		if (is_separator(value.at[i]) && !depth)
			return TRUE;
		if (value.at[i] == '{')
			depth++;
		else if (depth && value.at[i] == '}')
			depth--;
	}
	return depth > 0;
}

static void append_lower(GString *to, struct text name)
{
	for (gsize i = 0; i < name.len; i++)
		g_string_append_c(to, g_ascii_tolower(name.at[i]));
}

static void append_attribute(GString *to, const struct attribute *attribute)
{
	if (attribute->id == ATTRIBUTE_MALFORMED) {
		g_string_append_len(to, attribute->token.at, attribute->token.len);
		return;
	}
	gboolean braces = attribute->braced &&
			  (needs_braces(attribute->name) || needs_braces(attribute->value));

	if (braces)
		g_string_append(to, "{ ");
	append_lower(to, attribute->name);
	g_string_append(to, braces ? " = " : "=");
	g_string_append_len(to, attribute->value.at, attribute->value.len);
	if (braces)
		g_string_append(to, " }");
}

void policy_canonical_params(GString *to, struct text params, int postfix_version)
{
	struct attribute_cursor cursor;
	struct attribute attribute;
	gsize start = to->len;

	attributes_start(&cursor, params, postfix_version);
	while (attributes_next(&cursor, &attribute)) {
		if (to->len > start)
			g_string_append_c(to, ' ');
		append_attribute(to, &attribute);
	}
	/* What Postfix does not see behind a NUL is kept all the same. */
	struct text seen = until_nul(params);

	if (seen.len < params.len)
		g_string_append_len(to, seen.at + seen.len, params.len - seen.len);
}

void policy_append_value(GString *to, const struct policy *policy)
{
	struct text params = policy->params;

	while (params.len && is_separator(params.at[0]))
		params = text_skip(params, 1);
	while (params.len && is_separator(params.at[params.len - 1]))
		params.len--;
	if (policy->level < LEVEL_COUNT)
		g_string_append(to, level_name(policy->level));
	else
		g_string_append_len(to, policy->level_text.at, policy->level_text.len);
	if (params.len) {
		g_string_append_c(to, ' ');
		g_string_append_len(to, params.at, params.len);
	}
}

/* -- comparing ------------------------------------------------------------------------------ */

static gboolean params_equal(struct text a, struct text b)
{
	if (a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0))
		return TRUE;
	if (!a.len && !b.len)
		return TRUE;

	g_autoptr(GString) ca = g_string_new(NULL);
	g_autoptr(GString) cb = g_string_new(NULL);

	policy_canonical_params(ca, a, POSTFIX_NEWEST);
	policy_canonical_params(cb, b, POSTFIX_NEWEST);
	return g_string_equal(ca, cb);
}

gboolean policy_equal(const struct policy *a, const struct policy *b)
{
	if (!text_equal(a->key, b->key) || a->level != b->level)
		return FALSE;
	if (a->level == LEVEL_UNKNOWN && !text_equal(a->level_text, b->level_text))
		return FALSE;
	return params_equal(a->params, b->params);
}
