#include "files/yaml_fast.h"

#define HEAD	"policies:\n"
#define KEY_MAX 255
/* Every row begins in this column, its key's. */
#define KEY_COLUMN 3

/* What may be in a key: first in a plain one, in a plain one, in quotes. */
enum { FIRST = 1 << 0, PLAIN = 1 << 1, QUOTED = 1 << 2 };
#define ANYWHERE (FIRST | PLAIN | QUOTED)

static const guint8 classes[256] = {
	['a' ... 'z'] = ANYWHERE,
	['0' ... '9'] = ANYWHERE,
	['.'] = ANYWHERE,
	['_'] = PLAIN | QUOTED,
	['-'] = PLAIN | QUOTED,
	[':'] = QUOTED,
	['['] = QUOTED,
	[']'] = QUOTED,
};

static inline gboolean is(char c, guint8 class)
{
	return (classes[(guchar)c] & class) != 0;
}

/* The line feed that ends the buffer ends every loop here. */
static const char *read_key(const char *at, struct text *key)
{
	gboolean quoted = *at == '"';
	guint8 class = quoted ? QUOTED : PLAIN;

	if (quoted)
		at++;
	else if (!is(*at, FIRST))
		return NULL;
	key->at = at;
	while (is(*at, class))
		at++;
	key->len = at - key->at;
	if (key->len == 0 || key->len > KEY_MAX)
		return NULL;
	if (!quoted)
		return at;
	return *at == '"' ? at + 1 : NULL;
}

/* The value's end, NULL when something in it might mean something. */
static const char *value_end(const char *at)
{
	char before = 'x';

	for (; *at >= ' ' && *at <= '~'; at++) {
		if (*at == ' ' && (before == ' ' || before == ':'))
			return NULL;
		if (*at == '#' && before == ' ')
			return NULL;
		before = *at;
	}
	return *at == '\n' && before != ' ' && before != ':' ? at : NULL;
}

/* What a value comes to. Files have few different ones, so most are those of a row before. */
struct value {
	struct text text, params;
	enum level level;
};
#define VALUES_KNOWN 256

struct reader {
	struct policy_set *set;
	struct value known[VALUES_KNOWN];
};

static gboolean parse_value(struct text text, struct value *value)
{
	struct policy policy;

	if (value_end(text.at) != text.at + text.len || !policy_split(text, &policy) ||
		policy.level == LEVEL_UNKNOWN || policy.level_text.at != text.at ||
		!text_is(policy.level_text, level_name(policy.level)))
		return FALSE;
	*value = (struct value){text, policy.params, policy.level};
	return TRUE;
}

/* The value up to the line's end; NULL when libyaml is to look at it. */
static const struct value *read_value(struct reader *reader, struct text text)
{
	struct value *value = &reader->known[text_hash(text) % VALUES_KNOWN];

	if (text_equal(value->text, text) || parse_value(text, value))
		return value;
	return NULL;
}

/* One line; returns where the next begins, NULL when libyaml is to look at it. */
static const char *read_line(struct reader *reader, const char *at, struct policy *policy)
{
	const struct value *value;
	const char *end;

	if (at[0] != ' ' || at[1] != ' ')
		return NULL;
	at = read_key(at + 2, &policy->key);
	if (!at || at[0] != ':' || at[1] != ' ')
		return NULL;
	at += 2;
	end = rawmemchr(at, '\n');
	value = read_value(reader, (struct text){at, end - at});
	if (!value)
		return NULL;
	policy->level = value->level;
	policy->params = value->params;
	return end + 1;
}

static gboolean read_lines(struct reader *reader, const char *at, const char *end, guint8 file)
{
	guint32 line = 2;

	while (at < end) {
		struct policy policy = {.key = TEXT_NONE};
		struct policy_row *row;

		at = read_line(reader, at, &policy);
		row = at ? policy_set_append(reader->set, &policy, NULL) : NULL;
		if (!row)
			return FALSE;
		row->file = file;
		row->where = line++;
		row->column = KEY_COLUMN;
	}
	return TRUE;
}

gboolean yaml_fast(const char *buffer, gsize len, guint8 file, struct policy_set *set)
{
	gsize head = strlen(HEAD);
	guint first = policy_set_count(set);
	gboolean sorted = set->sorted;
	struct reader reader = {.set = set};

	if (len <= head || memcmp(buffer, HEAD, head) != 0 || buffer[len - 1] != '\n')
		return FALSE;
	if (read_lines(&reader, buffer + head, buffer + len, file))
		return TRUE;
	g_array_set_size(set->rows, first);
	set->sorted = sorted;
	return FALSE;
}
