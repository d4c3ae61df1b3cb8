/*
 * CSV as RFC 4180 has it, or TSV with backslash escapes as LOAD DATA has it: a heading with
 * column names, then rows. Fields are unquoted in place. NULL is an empty field without quotes in
 * CSV and \N in TSV.
 */
#include "files/file_problem.h"
#include "files/policies_readers.h"
#include "files/policy_fields.h"
#include "files/text_check.h"

#define COLUMNS_MAX 64

struct reader {
	char *at, *end; /* what is still to be read */
	guint line;	/* of `at`, from 1 */
	char separator;
	guint8 file;
	const char *name;
	struct policy_set *set;
	GPtrArray *problems;
	struct text fields[COLUMNS_MAX]; /* of the record last read */
	guint count;
	enum row_field columns[COLUMNS_MAX]; /* from the heading */
	guint column_count;
};

static void complain(struct reader *reader, guint line, const char *text)
{
	file_problem_add(reader->problems, FALSE, reader->name, line, 0, "%s", text);
}

/* A field in quotes; doubled quotes stand for one. FALSE when the file ends in it. */
static gboolean read_quoted(struct reader *reader, struct text *field)
{
	char *to = ++reader->at;

	field->at = to;
	while (reader->at < reader->end) {
		char c = *reader->at++;

		if (c == '"' && (reader->at == reader->end || *reader->at != '"')) {
			field->len = to - field->at;
			return TRUE;
		}
		if (c == '"')
			reader->at++;
		if (c == '\n')
			reader->line++;
		*to++ = c;
	}
	return FALSE;
}

static void read_bare(struct reader *reader, struct text *field)
{
	const char *start = reader->at;

	while (reader->at < reader->end && *reader->at != reader->separator && *reader->at != '\n')
		reader->at++;
	*field = (struct text){start, reader->at - start};
	if (field->len && start[field->len - 1] == '\r' &&
		(reader->at == reader->end || *reader->at == '\n'))
		field->len--;
	if (!field->len)
		*field = TEXT_NONE;
}

/* A field of TSV: quotes mean nothing, a backslash does. */
static void unescape(struct text *field)
{
	static const char letters[] = "tnr0", meant[] = "\t\n\r";
	char *start = (char *)field->at, *to = start;

	if (text_is(*field, "\\N")) {
		*field = TEXT_NONE;
		return;
	}
	if (!field->at)
		return;
	for (gsize i = 0; i < field->len; i++) {
		char c = start[i];

		if (c == '\\' && i + 1 < field->len) {
			const char *letter = strchr(letters, start[++i]);

			c = letter && *letter ? meant[letter - letters] : start[i];
		}
		*to++ = c;
	}
	field->len = to - start;
}

static gboolean read_field(struct reader *reader, guint start, struct text *field)
{
	if (reader->separator == ',' && reader->at < reader->end && *reader->at == '"') {
		if (read_quoted(reader, field))
			return TRUE;
		complain(reader, start, "the closing quote is missing");
		return FALSE;
	}
	read_bare(reader, field);
	if (reader->separator == '\t')
		unescape(field);
	return TRUE;
}

static gboolean at_line_end(struct reader *reader)
{
	if (reader->end - reader->at >= 2 && reader->at[0] == '\r' && reader->at[1] == '\n')
		reader->at++;
	return reader->at == reader->end || *reader->at == '\n';
}

static void skip_line(struct reader *reader)
{
	while (reader->at < reader->end && *reader->at != '\n')
		reader->at++;
}

/* FALSE when the record is damaged; what is left of its line has been passed over. */
static gboolean read_fields(struct reader *reader)
{
	guint start = reader->line;

	reader->count = 0;
	for (;;) {
		struct text field;

		if (!read_field(reader, start, &field))
			return FALSE;
		if (reader->count == COLUMNS_MAX) {
			complain(reader, start, "too many fields");
			skip_line(reader);
			return FALSE;
		}
		reader->fields[reader->count++] = field;
		if (at_line_end(reader))
			return TRUE;
		if (*reader->at != reader->separator) {
			complain(reader, start, "text behind the closing quote of a field");
			skip_line(reader);
			return FALSE;
		}
		reader->at++;
	}
}

static gboolean next_record(struct reader *reader, gboolean *whole)
{
	if (reader->at >= reader->end)
		return FALSE;
	*whole = read_fields(reader);
	if (reader->at < reader->end)
		reader->at++;
	return TRUE;
}

static gboolean read_heading(struct reader *reader)
{
	gboolean domain = FALSE, whole = FALSE;

	if (!next_record(reader, &whole) || !whole)
		return whole;
	for (guint i = 0; i < reader->count; i++) {
		enum row_field field = row_field_find(reader->fields[i]);

		if (field == FIELD_UNKNOWN)
			file_problem_add(reader->problems, FALSE, reader->name, reader->line, 0,
				"unknown column \"%.*s\" in the heading: domain, policy, params, "
				"note, origin, provider, active, verbatim and exception_policy, "
				"_params, _until, _note are known",
				TEXT_ARG(reader->fields[i]));
		for (guint j = 0; j < i && field < FIELD_IGNORED; j++) {
			if (reader->columns[j] == field)
				file_problem_add(reader->problems, FALSE, reader->name,
					reader->line, 0, "the column %.*s is there twice",
					TEXT_ARG(reader->fields[i]));
		}
		domain = domain || field == FIELD_DOMAIN;
		reader->columns[i] = field;
	}
	reader->column_count = reader->count;
	if (!domain)
		complain(reader, reader->line,
			"the first line is to name the columns, domain among them: "
			"domain,policy,params");
	return !reader->problems->len;
}

static void read_row(struct reader *reader, guint line)
{
	struct policy_fields row = {.line = line, .column = 1};
	gboolean yes;

	if (reader->count != reader->column_count) {
		file_problem_add(reader->problems, FALSE, reader->name, line, 0,
			"%u fields, but the heading names %u columns", reader->count,
			reader->column_count);
		return;
	}
	for (guint i = 0; i < reader->count; i++) {
		struct text *field = row_field_text(&row, reader->columns[i]);
		struct text value = reader->fields[i];

		if (field) {
			*field = value;
		} else if (row_field_is_bool(reader->columns[i]) && value.at) {
			if (!row_field_bool(value, &yes)) {
				complain(reader, line, "active and verbatim are yes or no");
				return;
			}
			row_field_set_bool(&row, reader->columns[i], yes);
		}
	}
	policy_fields_append(&row, reader->file, reader->set, reader->problems);
}

static gboolean is_blank_record(const struct reader *reader)
{
	return reader->count == 1 && !reader->fields[0].at && reader->column_count > 1;
}

static void read_rows(struct reader *reader)
{
	gboolean whole;
	guint line = ++reader->line;

	while (next_record(reader, &whole)) {
		if (whole && !is_blank_record(reader))
			read_row(reader, line);
		line = ++reader->line;
	}
}

void csv_in(char *buffer, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems)
{
	const char *newline = memchr(buffer, '\n', len);
	struct reader reader = {
		.at = buffer,
		.end = buffer + len,
		.line = 1,
		.file = file,
		.name = g_ptr_array_index(set->files, file),
		.set = set,
		.problems = problems,
	};

	reader.separator =
		memchr(buffer, '\t', newline ? (gsize)(newline - buffer) : len) ? '\t' : ',';
	if (text_check_blank((struct text){buffer, len}))
		complain(&reader, 0, "there are no policies in it");
	else if (read_heading(&reader))
		read_rows(&reader);
}
