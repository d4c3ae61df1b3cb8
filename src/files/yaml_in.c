/*
 * The policies file, tlspol-policies(5): a small pull parser over yaml_events. After a problem
 * in one row it goes on with the next.
 */
#include "core/policy.h"
#include "files/file_problem.h"
#include "files/policies_readers.h"
#include "files/policy_fields.h"
#include "files/yaml_events.h"

/* How a list of values becomes attributes. */
enum joining { JOIN_NOT, JOIN_COLON, JOIN_MATCH, JOIN_REPEAT };
static const enum joining joinings[ATTRIBUTE_COUNT] = {
	[ATTRIBUTE_MATCH] = JOIN_MATCH,
	[ATTRIBUTE_PROTOCOLS] = JOIN_COLON,
	[ATTRIBUTE_EXCLUDE] = JOIN_COLON,
	[ATTRIBUTE_TAFILE] = JOIN_REPEAT,
	[ATTRIBUTE_POLICY_STRING] = JOIN_REPEAT,
	[ATTRIBUTE_MX_HOST_PATTERN] = JOIN_REPEAT,
};

/* A field of a row as read: which one, and its values in reader.values. */
struct field {
	enum row_field id; /* FIELD_UNKNOWN: `attribute` says which */
	enum attribute_id attribute;
	guint line, column;
	guint first, count; /* into reader.values */
	gboolean merged;    /* came by "<<": the row's own wins */
};

struct reader {
	struct yaml_events *events;
	struct policy_set *set;
	GPtrArray *problems;
	const char *name;
	guint8 file;
	GArray *fields; /* of the row being read */
	GArray *values; /* of struct text, kept by the set */
	GString *params;
	gboolean bad; /* the row has a problem already */
};

G_GNUC_PRINTF(3, 4)
static void problem(struct reader *reader, const struct yaml_event *at, const char *format, ...)
{
	va_list arguments;

	reader->bad = TRUE;
	/* The end of a file that cannot be read further: that has been said. */
	if (!at->line)
		return;
	va_start(arguments, format);
	file_problem_add_valist(
		reader->problems, FALSE, reader->name, at->line, at->column, format, arguments);
	va_end(arguments);
}

static struct text keep(struct reader *reader, const struct yaml_event *scalar)
{
	return scalar->verbatim ? scalar->text : policy_set_keep(reader->set, scalar->text);
}

static gboolean next(struct reader *reader, struct yaml_event *event, enum yaml_kind end)
{
	yaml_events_next(reader->events, event);
	return event->kind != end && event->kind != YAML_IS_END;
}

static gboolean is_merge(const struct yaml_event *key)
{
	return key->kind == YAML_IS_SCALAR && key->plain && text_is(key->text, "<<");
}

/* Reads past a value that cannot be used. */
static void skip_value(struct reader *reader)
{
	struct yaml_event value;

	yaml_events_next(reader->events, &value);
	yaml_events_skip(reader->events, &value);
}

/* -- the fields of a row --------------------------------------------------------------------- */

static gboolean find_field(struct text name, struct field *field)
{
	field->attribute = ATTRIBUTE_UNKNOWN;
	field->id = row_field_find(name);
	if (field->id != FIELD_UNKNOWN)
		return TRUE;
	for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
		if (text_is_nocase(name, attribute_name(i))) {
			field->attribute = i;
			return TRUE;
		}
	}
	return FALSE;
}

static const char *field_name(const struct field *field)
{
	return field->id == FIELD_UNKNOWN ? attribute_name(field->attribute)
					  : row_field_name(field->id);
}

static void unknown_field(struct reader *reader, const struct yaml_event *name)
{
	const char *meant = attribute_did_you_mean(name->text);

	if (meant)
		problem(reader, name, "unknown field \"%.*s\": did you mean %s?",
			TEXT_ARG(name->text), meant);
	else
		problem(reader, name,
			"unknown field \"%.*s\": a policy has policy, params, note, origin, "
			"provider and Postfix's attributes",
			TEXT_ARG(name->text));
}

/* An inner blank would end the value; only what may be free text can have it (in braces). */
static void check_value(
	struct reader *reader, const struct yaml_event *value, const struct field *field)
{
	enum attribute_id id = field->attribute;

	if (id == ATTRIBUTE_UNKNOWN || id == ATTRIBUTE_POLICY_STRING || id == ATTRIBUTE_TAFILE)
		return;
	for (gsize i = 0; i < value->text.len; i++) {
		if (strchr(" ,\t\r\n", value->text.at[i])) {
			problem(reader, value, "%s: \"%.*s\" has a blank or comma in it%s",
				attribute_name(id), TEXT_ARG(value->text),
				joinings[id] == JOIN_NOT ? "" : ": write a list, [a, b]");
			return;
		}
	}
}

static void add_value(struct reader *reader, const struct yaml_event *value, struct field *field)
{
	struct text kept;

	if (value->kind != YAML_IS_SCALAR) {
		problem(reader, value, "%s: one value is expected here", field_name(field));
		yaml_events_skip(reader->events, value);
		return;
	}
	if (yaml_event_is_null(value)) {
		if (field->id == FIELD_UNKNOWN)
			problem(reader, value, "%s has no value: write \"\" for an empty one",
				field_name(field));
		return;
	}
	check_value(reader, value, field);
	kept = keep(reader, value);
	g_array_append_val(reader->values, kept);
	field->count++;
}

static void read_value(struct reader *reader, struct field *field)
{
	struct yaml_event value, element;

	field->first = reader->values->len;
	field->count = 0;
	yaml_events_next(reader->events, &value);
	if (value.kind != YAML_IS_LIST) {
		add_value(reader, &value, field);
		return;
	}
	if (field->id != FIELD_UNKNOWN || joinings[field->attribute] == JOIN_NOT)
		problem(reader, &value, "%s takes one value, not a list", field_name(field));
	while (next(reader, &element, YAML_IS_LIST_END))
		add_value(reader, &element, field);
	if (!field->count && !reader->bad)
		problem(reader, &value, "%s: the list is empty", field_name(field));
}

static struct field *same_field(const struct reader *reader, const struct field *field)
{
	for (guint i = 0; i < reader->fields->len; i++) {
		struct field *other = &g_array_index(reader->fields, struct field, i);

		if (other->id == field->id && other->attribute == field->attribute)
			return other;
	}
	return NULL;
}

/* A row's own field wins over a merged one, the first merged one over the next. */
static void add_field(struct reader *reader, const struct field *field)
{
	struct field *other = same_field(reader, field);
	struct yaml_event at = {.line = field->line, .column = field->column};

	if (!other)
		g_array_append_val(reader->fields, *field);
	else if (field->merged)
		return;
	else if (other->merged)
		*other = *field;
	else
		problem(reader, &at, "%s is already in line %u", field_name(field), other->line);
}

static void read_fields(struct reader *reader, gboolean merged);

/* "<<": a mapping, or a list of them. */
static void read_merge(struct reader *reader)
{
	struct yaml_event value, element;

	yaml_events_next(reader->events, &value);
	if (value.kind == YAML_IS_MAP) {
		read_fields(reader, TRUE);
		return;
	}
	if (value.kind != YAML_IS_LIST) {
		problem(reader, &value, "<< takes a mapping, or a list of mappings");
		return;
	}
	while (next(reader, &element, YAML_IS_LIST_END)) {
		if (element.kind == YAML_IS_MAP) {
			read_fields(reader, TRUE);
			continue;
		}
		problem(reader, &element, "<< takes a mapping, or a list of mappings");
		yaml_events_skip(reader->events, &element);
	}
}

/* The mapping's start has been read. Nests as deep as yaml_events lets merges nest. */
static void read_fields(struct reader *reader, gboolean merged)
{
	struct yaml_event name;

	while (next(reader, &name, YAML_IS_MAP_END)) {
		struct field field = {.line = name.line, .column = name.column, .merged = merged};

		if (name.kind != YAML_IS_SCALAR) {
			problem(reader, &name, "the name of a field is one word");
			yaml_events_skip(reader->events, &name);
			skip_value(reader);
		} else if (is_merge(&name)) {
			read_merge(reader);
		} else if (!find_field(name.text, &field)) {
			unknown_field(reader, &name);
			skip_value(reader);
		} else if (field.id == FIELD_IGNORED) {
			skip_value(reader);
		} else {
			read_value(reader, &field);
			add_field(reader, &field);
		}
	}
}

/* -- from fields to a row -------------------------------------------------------------------- */

static struct text value_at(const struct reader *reader, guint i)
{
	return g_array_index(reader->values, struct text, i);
}

/* NAME=VALUE; in braces where the value has a blank or comma (Postfix 3.10). */
static void append_attribute(GString *to, const char *name, struct text value)
{
	gboolean braces = FALSE;

	for (gsize i = 0; i < value.len; i++)
		braces = braces || strchr(" ,\t\r\n", value.at[i]);
	if (to->len)
		g_string_append_c(to, ' ');
	g_string_append_printf(to, braces ? "{ %s = " : "%s=", name);
	g_string_append_len(to, value.at, value.len);
	g_string_append(to, braces ? " }" : "");
}

static void append_field(struct reader *reader, const struct field *field, enum level level)
{
	const char *name = attribute_name(field->attribute);
	enum joining joining = joinings[field->attribute];
	char separator = joining == JOIN_MATCH && level == LEVEL_FINGERPRINT ? '|' : ':';

	for (guint i = field->first; i < field->first + field->count; i++) {
		struct text value = value_at(reader, i);

		if (i == field->first || joining == JOIN_REPEAT) {
			append_attribute(reader->params, name, value);
			continue;
		}
		g_string_append_c(reader->params, separator);
		g_string_append_len(reader->params, value.at, value.len);
	}
}

/* params as given, or put together from the attributes' own fields, in the order of the file. */
static struct text gather_params(struct reader *reader, enum level level)
{
	struct text given = TEXT_NONE;
	guint parts = 0;

	g_string_truncate(reader->params, 0);
	for (guint i = 0; i < reader->fields->len; i++) {
		const struct field *field = &g_array_index(reader->fields, struct field, i);

		if (field->id == FIELD_PARAMS && field->count) {
			given = value_at(reader, field->first);
			if (reader->params->len)
				g_string_append_c(reader->params, ' ');
			g_string_append_len(reader->params, given.at, given.len);
			parts++;
		} else if (field->id == FIELD_UNKNOWN) {
			append_field(reader, field, level);
			parts++;
		}
	}
	if (parts == (given.at ? 1 : 0))
		return given;
	return policy_set_keep(
		reader->set, (struct text){reader->params->str, reader->params->len});
}

static void set_field(struct reader *reader, struct policy_fields *row, const struct field *field)
{
	struct yaml_event at = {.line = field->line, .column = field->column};
	struct text value = field->count ? value_at(reader, field->first) : TEXT_NONE;
	gboolean yes;

	if (row_field_is_bool(field->id) && value.at) {
		if (row_field_bool(value, &yes))
			row_field_set_bool(row, field->id, yes);
		else
			problem(reader, &at, "%s is yes or no, not \"%.*s\"", field_name(field),
				TEXT_ARG(value));
	} else if (field->id < FIELD_ACTIVE && field->id != FIELD_PARAMS)
		*row_field_text(row, field->id) = value;
}

/*
 * A row in the long form, its mapping's start already read. `key` is absent in the list form,
 * where the field `domain` has it.
 */
static void read_long_row(struct reader *reader, const struct yaml_event *start, struct text key)
{
	struct policy_fields row = {.line = start->line, .column = start->column};

	g_array_set_size(reader->fields, 0);
	g_array_set_size(reader->values, 0);
	reader->bad = FALSE;
	read_fields(reader, FALSE);
	if (reader->bad || yaml_events_broken(reader->events))
		return;
	for (guint i = 0; i < reader->fields->len; i++)
		set_field(reader, &row, &g_array_index(reader->fields, struct field, i));
	if (key.at && row.domain.at)
		problem(reader, start, "%.*s: the field domain repeats the key: remove it",
			TEXT_ARG(key));
	if (key.at)
		row.domain = key;
	row.params = gather_params(reader, level_parse(row.level));
	if (!reader->bad)
		policy_fields_append(&row, reader->file, reader->set, reader->problems);
}

static void read_short_row(struct reader *reader, const struct yaml_event *key, struct text domain,
	const struct yaml_event *value)
{
	struct policy_fields row = {.domain = domain, .line = key->line, .column = key->column};

	if (!yaml_event_is_null(value))
		policy_fields_split(&row, keep(reader, value));
	policy_fields_append(&row, reader->file, reader->set, reader->problems);
}

/* -- the file -------------------------------------------------------------------------------- */

static void read_policies_list(struct reader *reader)
{
	struct yaml_event row;

	while (next(reader, &row, YAML_IS_LIST_END)) {
		if (row.kind == YAML_IS_MAP) {
			read_long_row(reader, &row, TEXT_NONE);
			continue;
		}
		problem(reader, &row,
			"a list of policies is made of mappings: - {domain: …, policy: …}");
		yaml_events_skip(reader->events, &row);
	}
}

static void read_policies_mapping(struct reader *reader);

/* "<<" among the policies: rows that give way to the mapping's own. */
static void read_merged_policies(struct reader *reader)
{
	guint first = policy_set_count(reader->set);
	struct yaml_event value;

	yaml_events_next(reader->events, &value);
	if (value.kind != YAML_IS_MAP) {
		problem(reader, &value, "<< takes a mapping KEY: POLICY here");
		yaml_events_skip(reader->events, &value);
		return;
	}
	read_policies_mapping(reader);
	for (guint i = first; i < policy_set_count(reader->set); i++)
		policy_set_row(reader->set, i)->flags |= ROW_MERGED;
}

static void read_policies_mapping(struct reader *reader)
{
	struct yaml_event key, value;

	while (next(reader, &key, YAML_IS_MAP_END)) {
		struct text domain;

		if (is_merge(&key)) {
			read_merged_policies(reader);
			continue;
		}
		if (key.kind != YAML_IS_SCALAR) {
			problem(reader, &key,
				"a key is one word: quote it, \"[mx.example.com]:587\"");
			yaml_events_skip(reader->events, &key);
			skip_value(reader);
			continue;
		}
		domain = keep(reader, &key);
		yaml_events_next(reader->events, &value);
		if (value.kind == YAML_IS_MAP) {
			read_long_row(reader, &key, domain);
		} else if (value.kind == YAML_IS_LIST) {
			problem(reader, &value, "%.*s: a policy is a text or a mapping, not a list",
				TEXT_ARG(domain));
			yaml_events_skip(reader->events, &value);
		} else if (value.kind == YAML_IS_SCALAR) {
			read_short_row(reader, &key, domain, &value);
		}
	}
}

static void read_policies(struct reader *reader, const struct yaml_event *start)
{
	if (start->kind == YAML_IS_MAP)
		read_policies_mapping(reader);
	else if (start->kind == YAML_IS_LIST)
		read_policies_list(reader);
	else if (yaml_event_is_null(start))
		problem(reader, start, "there are no policies in it");
	else
		problem(reader, start, "policies: is a mapping KEY: POLICY, or a list");
}

/* Names that begin so are the author's own: a place for anchors and remarks. */
static gboolean is_private_name(struct text name)
{
	return text_starts(name, "_") || text_starts(name, "x-");
}

static void read_top(struct reader *reader)
{
	struct yaml_event name, value;
	guint seen = 0;

	while (next(reader, &name, YAML_IS_MAP_END)) {
		gboolean policies = name.kind == YAML_IS_SCALAR && text_is(name.text, "policies");

		if (policies && seen)
			problem(reader, &name, "policies is already in line %u", seen);
		else if (name.kind != YAML_IS_SCALAR || (!policies && !is_private_name(name.text)))
			problem(reader, &name,
				"\"%.*s\" is not known here: policies stand below \"policies:\", "
				"indented; other names begin with _ or x-",
				TEXT_ARG(name.text));
		yaml_events_skip(reader->events, &name);
		yaml_events_next(reader->events, &value);
		if (policies && !seen) {
			seen = name.line;
			read_policies(reader, &value);
		} else {
			yaml_events_skip(reader->events, &value);
		}
	}
	if (!seen && !reader->problems->len)
		file_problem_add(reader->problems, FALSE, reader->name, 0, 0,
			"there are no policies in it: they stand below \"policies:\"");
}

static void read_document(struct reader *reader)
{
	struct yaml_event top;

	yaml_events_next(reader->events, &top);
	if (top.kind == YAML_IS_MAP)
		read_top(reader);
	else if (top.kind == YAML_IS_LIST)
		read_policies_list(reader);
	else if (top.kind == YAML_IS_SCALAR && !yaml_event_is_null(&top))
		problem(reader, &top, "a policy file begins with \"policies:\"");
	else if (!yaml_events_broken(reader->events))
		file_problem_add(
			reader->problems, FALSE, reader->name, 0, 0, "there are no policies in it");
	/* What follows the document is looked at, too: a second one is a problem. */
	yaml_events_next(reader->events, &top);
}

void yaml_in(char *buffer, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems)
{
	struct reader reader = {
		.set = set,
		.problems = problems,
		.name = g_ptr_array_index(set->files, file),
		.file = file,
		.fields = g_array_new(FALSE, FALSE, sizeof(struct field)),
		.values = g_array_new(FALSE, FALSE, sizeof(struct text)),
		.params = g_string_new(NULL),
	};

	reader.events = yaml_events_new(buffer, len, reader.name, problems);
	read_document(&reader);
	yaml_events_free(reader.events);
	g_array_unref(reader.fields);
	g_array_unref(reader.values);
	g_string_free(reader.params, TRUE);
}
