/*
 * Postfix map source, read exactly as postmap(1) reads it (facts 6.1): where postmap warns and
 * drops a line, there is an error here, because a policy would silently not exist.
 */
#include "files/logical_lines.h"
#include "files/file_problem.h"
#include "files/policies_readers.h"
#include "files/policy_fields.h"
#include "files/text_check.h"

struct reader {
	guint8 file;
	const char *name;
	struct policy_set *set;
	GPtrArray *problems;
};

static void complain(struct reader *reader, gboolean warning, guint line, const char *text)
{
	file_problem_add(reader->problems, warning, reader->name, line, 0, "%s", text);
}

static void read_entry(struct reader *reader, struct text line, guint number)
{
	struct policy_fields row = {.line = number, .column = 1};
	gsize key_len;

	if (is_postfix_blank(line.at[0])) {
		complain(reader, FALSE, number,
			"a line must not begin with a blank unless it continues another: "
			"postmap drops it");
		return;
	}
	if (!g_utf8_validate_len(line.at, line.len, NULL)) {
		complain(reader, FALSE, number, "not UTF-8: postmap drops the line");
		return;
	}
	if (!postfix_key_len(line, &key_len)) {
		complain(reader, FALSE, number, "unbalanced '\"': postmap drops the line");
		return;
	}
	row.domain = (struct text){line.at, key_len};
	if (!policy_fields_split(&row, postfix_trimmed(text_skip(line, key_len)))) {
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
		.file = file,
		.name = g_ptr_array_index(set->files, file),
		.set = set,
		.problems = problems,
	};
	struct logical_lines lines;
	struct text line;
	guint number = 0;

	if (text_starts((struct text){buffer, len}, UTF8_BOM)) {
		complain(&reader, FALSE, 1,
			"the file begins with a byte order mark, which to Postfix is a part of "
			"its first word: remove it");
		buffer += strlen(UTF8_BOM);
		len -= strlen(UTF8_BOM);
	}
	logical_lines_init(&lines, buffer, len);
	while (logical_lines_next(&lines, &line, &number))
		read_entry(&reader, line, number);
}
