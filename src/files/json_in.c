/*
 * JSON: the array of objects that `tlspol list --format json` prints, alone or below
 * "policies", or {"policies": {KEY: POLICY}}. jansson says where a syntax error is, but not
 * where a value is: problems of a row are placed by looking for its key in the text.
 */
#include <jansson.h>

#include "files/file_problem.h"
#include "files/policies_readers.h"
#include "files/policy_fields.h"
#include "files/text_check.h"

struct reader {
	struct text text;
	guint8 file;
	const char *name;
	struct policy_set *set;
	GPtrArray *problems;
	/* Keys come in file order: the search for the next goes on from the last one found. */
	const char *searched;
	guint line;	 /* of `searched` */
	guint misses;	 /* keys that were not found, because they are written with escapes */
	struct text key; /* of the row that is read; absent when it has none */
	gsize element;	 /* its place in the list, from 1; 0 in a mapping */
};

/* Each miss reads the rest of the file; after so many the lines are not worth it. */
#define MISSES_MAX 100

static void complain(struct reader *reader, guint line, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
static void complain(struct reader *reader, guint line, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	file_problem_add(reader->problems, FALSE, reader->name, line, 0, "%s", text);
}

/* About the row that is read: its key, else its place, says which it is where the line cannot. */
static void complain_of_row(struct reader *reader, guint line, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
static void complain_of_row(struct reader *reader, guint line, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (reader->key.at)
		complain(reader, line, "%.*s: %s", TEXT_ARG(reader->key), text);
	else
		complain(reader, line, "element %" G_GSIZE_FORMAT " of the list: %s",
			reader->element, text);
}

/* Is the quoted word at `found` a value of "domain", or a name in front of a colon? */
static gboolean is_key(const struct reader *reader, const char *found, gsize len)
{
	static const char name[] = "\"domain\"";
	const char *before = found, *after = found + len;
	const char *end = reader->text.at + reader->text.len;

	while (after < end && g_ascii_isspace(*after))
		after++;
	if (after < end && *after == ':')
		return TRUE;
	while (before > reader->text.at && (g_ascii_isspace(before[-1]) || before[-1] == ':'))
		before--;
	return before - reader->text.at >= (gssize)strlen(name) &&
	       memcmp(before - strlen(name), name, strlen(name)) == 0;
}

/* The line where the key stands, at or behind the last one found; 0 when escapes hide it. */
static guint line_of(struct reader *reader, struct text key)
{
	g_autofree char *quoted = g_strdup_printf("\"%.*s\"", TEXT_ARG(key));
	const char *end = reader->text.at + reader->text.len;
	const char *found = reader->searched;
	gsize len = strlen(quoted);

	if (reader->misses == MISSES_MAX)
		return 0;
	while ((found = memmem(found, end - found, quoted, len)) && !is_key(reader, found, len))
		found++;
	if (!found) {
		reader->misses++;
		return 0;
	}
	for (; reader->searched < found; reader->searched++)
		reader->line += *reader->searched == '\n';
	return reader->line;
}

static struct text text_of_string(const json_t *value)
{
	return (struct text){json_string_value(value), json_string_length(value)};
}

static struct text keep(struct reader *reader, struct text text)
{
	return policy_set_keep(reader->set, text);
}

static gboolean read_field(
	struct reader *reader, const char *name, const json_t *value, struct policy_fields *row)
{
	enum row_field field = row_field_find(text_of(name));
	struct text *text = row_field_text(row, field);

	if (field == FIELD_UNKNOWN) {
		complain_of_row(reader, row->line, "unknown field \"%s\"", name);
		return FALSE;
	}
	if (field == FIELD_IGNORED || json_is_null(value))
		return TRUE;
	if (row_field_is_bool(field) && json_is_boolean(value)) {
		row_field_set_bool(row, field, json_is_true(value));
		return TRUE;
	}
	if (!text || !json_is_string(value)) {
		complain_of_row(reader, row->line, "%s is to be %s", name,
			text ? "a string" : "true or false");
		return FALSE;
	}
	*text = keep(reader, text_of_string(value));
	return TRUE;
}

/* `key` is absent where the field `domain` has it. */
static void read_object(struct reader *reader, const json_t *object, struct text key)
{
	struct policy_fields row = {.domain = keep(reader, key)};
	const json_t *domain = json_object_get(object, "domain");
	gboolean fine = TRUE, in_mapping = key.at != NULL;
	const char *name;
	json_t *value;

	if (!key.at && json_is_string(domain))
		key = text_of_string(domain);
	reader->key = key;
	if (in_mapping && domain) {
		complain_of_row(reader, line_of(reader, key),
			"the field domain repeats the key: remove it");
		return;
	}
	if (!in_mapping && !domain) {
		complain_of_row(reader, 0, "there is no domain: name the next-hop it is for");
		return;
	}
	row.line = key.at ? line_of(reader, key) : 0;
	json_object_foreach((json_t *)object, name, value) fine =
		read_field(reader, name, value, &row) && fine;
	if (fine)
		policy_fields_append(&row, reader->file, reader->set, reader->problems);
}

static void read_array(struct reader *reader, const json_t *array)
{
	gsize i;
	json_t *element;

	json_array_foreach(array, i, element)
	{
		reader->key = TEXT_NONE;
		reader->element = i + 1;
		if (json_is_object(element))
			read_object(reader, element, TEXT_NONE);
		else
			complain_of_row(
				reader, 0, "no object: {\"domain\": …, \"policy\": …} is expected");
	}
}

static void read_mapping(struct reader *reader, const json_t *object)
{
	const char *name;
	gsize len;
	json_t *value;

	json_object_keylen_foreach((json_t *)object, name, len, value)
	{
		struct text key = {name, len};
		struct policy_fields row = {.domain = keep(reader, key)};

		if (json_is_object(value)) {
			read_object(reader, value, key);
			continue;
		}
		row.line = line_of(reader, key);
		if (!json_is_string(value) && !json_is_null(value)) {
			complain(reader, row.line, "%.*s: a policy is a string or an object",
				TEXT_ARG(key));
			continue;
		}
		if (json_is_string(value))
			policy_fields_split(&row, keep(reader, text_of_string(value)));
		policy_fields_append(&row, reader->file, reader->set, reader->problems);
	}
}

static void read_top(struct reader *reader, const json_t *top)
{
	const json_t *policies = json_is_array(top) ? top : json_object_get(top, "policies");
	const char *name;
	json_t *value;

	if (json_is_object(top)) {
		json_object_foreach((json_t *)top, name, value)
		{
			if (strcmp(name, "policies") != 0)
				complain(reader, line_of(reader, text_of(name)),
					"\"%s\" is not known here: \"policies\" is expected", name);
		}
	}
	if (json_is_array(policies))
		read_array(reader, policies);
	else if (json_is_object(policies))
		read_mapping(reader, policies);
	else if (!reader->problems->len)
		complain(reader, 0, "there are no policies in it");
}

void json_in(char *buffer, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems)
{
	struct reader reader = {
		.text = {buffer, len},
		.searched = buffer,
		.line = 1,
		.file = file,
		.name = g_ptr_array_index(set->files, file),
		.set = set,
		.problems = problems,
	};
	json_error_t error;
	json_t *top;

	if (!text_check_blank((struct text){buffer, len})) {
		top = json_loadb(buffer, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
		if (top)
			read_top(&reader, top);
		else
			file_problem_add(problems, FALSE, reader.name, MAX(error.line, 0),
				MAX(error.column, 0), "not valid JSON: %s", error.text);
		json_decref(top);
	} else {
		complain(&reader, 0, "there are no policies in it");
	}
}
