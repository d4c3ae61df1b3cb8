/*
 * Postfix map source, read exactly as postmap(1) reads it (facts 6.1): where postmap warns and
 * drops a line, there is an error here, because a policy would silently not exist.
 */
#include "files/policies_in.h"
#include "files/policy_fields.h"
#include "files/text_check.h"

struct reader {
	char *at, *end; /* what is still to be read */
	guint line;	/* of the line at `at`, from 1 */
	guint8 file;
	const char *name;
	struct policy_set *set;
	GPtrArray *problems;
};

/* Postfix's ISSPACE(): the C locale's isspace(), so VT and FF are blanks, too. */
static gboolean is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct text trimmed(struct text text)
{
	while (text.len && is_blank(text.at[0]))
		text = text_skip(text, 1);
	while (text.len && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

static struct text next_physical(struct reader *reader)
{
	char *newline = memchr(reader->at, '\n', reader->end - reader->at);
	struct text line = {reader->at, (newline ? newline : reader->end) - reader->at};

	reader->at = newline ? newline + 1 : reader->end;
	reader->line++;
	return line;
}

static gboolean says_nothing(struct text line)
{
	struct text text = trimmed(line);

	return !text.len || text.at[0] == '#';
}

/*
 * The next logical line. Continuations are moved up behind it in the buffer: their newline is
 * dropped, their leading blanks stay; comments and empty lines between do not end it.
 */
static gboolean next_logical(struct reader *reader, struct text *logical, guint *first_line)
{
	char *end = NULL;

	*logical = TEXT_NONE;
	while (reader->at < reader->end) {
		struct text line;

		if (logical->at && *reader->at != '#' && !is_blank(*reader->at))
			break;
		line = next_physical(reader);
		if (says_nothing(line))
			continue;
		if (!logical->at) {
			*logical = line;
			*first_line = reader->line;
			end = (char *)line.at + line.len;
			continue;
		}
		memmove(end, line.at, line.len);
		end += line.len;
		logical->len += line.len;
	}
	return logical->at != NULL;
}

/* How far the key goes: to the first blank outside quotes. FALSE when a quote stays open. */
static gboolean split_key(struct text line, gsize *key_len)
{
	gboolean quoted = FALSE;
	gsize i;

	for (i = 0; i < line.len && (quoted || !is_blank(line.at[i])); i++) {
		if (line.at[i] == '\\' && i + 1 < line.len)
			i++;
		else if (line.at[i] == '"')
			quoted = !quoted;
	}
	*key_len = i;
	return !quoted;
}

static void complain(struct reader *reader, gboolean warning, guint line, const char *text)
{
	file_problem_add(reader->problems, warning, reader->name, line, 0, "%s", text);
}

static void read_entry(struct reader *reader, struct text line, guint number)
{
	struct policy_fields row = {.line = number, .column = 1};
	gsize key_len;

	if (is_blank(line.at[0])) {
		complain(reader, FALSE, number,
			"a line must not begin with a blank unless it continues another: "
			"postmap drops it");
		return;
	}
	if (!g_utf8_validate_len(line.at, line.len, NULL)) {
		complain(reader, FALSE, number, "not UTF-8: postmap drops the line");
		return;
	}
	if (!split_key(line, &key_len)) {
		complain(reader, FALSE, number, "unbalanced '\"': postmap drops the line");
		return;
	}
	row.domain = (struct text){line.at, key_len};
	if (!policy_fields_split(&row, trimmed(text_skip(line, key_len)))) {
		file_problem_add(reader->problems, FALSE, reader->name, number, 0,
			"%.*s: expected KEY POLICY, there is no policy", TEXT_ARG(row.domain));
		return;
	}
	if (line.at[key_len - 1] == ':')
		complain(reader, TRUE, number,
			"the key ends in a colon, as in an alias file: Postfix asks for it with "
			"the colon only");
	policy_fields_append(&row, reader->file, reader->set, reader->problems);
}

void map_in(char *buffer, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems)
{
	struct reader reader = {
		.at = buffer,
		.end = buffer + len,
		.file = file,
		.name = g_ptr_array_index(set->files, file),
		.set = set,
		.problems = problems,
	};
	struct text line;
	guint number = 0;

	if (len >= 3 && memcmp(buffer, UTF8_BOM, 3) == 0)
		complain(&reader, FALSE, 1,
			"the file begins with a byte order mark, which to Postfix is a part of "
			"its first word: remove it");
	while (next_logical(&reader, &line, &number))
		read_entry(&reader, line, number);
}
