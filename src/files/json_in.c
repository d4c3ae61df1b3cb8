/*
 * JSON: the array of objects that `tlspol list --format json` prints, alone or below
 * "policies", or {"policies": {KEY: POLICY}}.
 */
#include <jansson.h>

#include "files/file_problem.h"
#include "files/json_places.h"
#include "files/policies_readers.h"
#include "files/policy_fields.h"
#include "files/text_check.h"

struct reader {
	struct json_places places;
	guint8 file;
	const char *name;
	struct policy_set *set;
	GPtrArray *problems;
	struct text key; /* of the row that is read; absent when it has none */
	gsize element;	 /* its place in the list, from 1; 0 in a mapping */
};

static void complain(struct reader *reader, guint line, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
static void complain(struct reader *reader, guint line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	file_problem_add_valist(reader->problems, FALSE, reader->name, line, 0, format, arguments);
	va_end(arguments);
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
		complain_of_row(reader, json_line_of(&reader->places, key),
			"the field domain repeats the key: remove it");
		return;
	}
	if (!in_mapping && !domain) {
		complain_of_row(reader, 0, "there is no domain: name the next-hop it is for");
		return;
	}
	row.line = key.at ? json_line_of(&reader->places, key) : 0;
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
		row.line = json_line_of(&reader->places, key);
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
				complain(reader, json_line_of(&reader->places, text_of(name)),
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
		.places = json_places_of(buffer, len),
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
