#include "files/settings_in.h"

#include "core/error.h"
#include "files/file_problem.h"
#include "files/read_file.h"
#include "files/text_check.h"
#include "files/yaml_events.h"

void setting_free(struct setting *setting)
{
	if (!setting)
		return;
	g_free(setting->path);
	g_free(setting->value);
	g_free(setting);
}

/* What reading a file needs. */
struct reader {
	struct yaml_events *events;
	const char *name;
	GPtrArray *settings, *problems;
};

static void read_node(struct reader *reader, const struct yaml_event *node, const char *path);

static void read_entry(
	struct reader *reader, const struct yaml_event *key, const char *path, GHashTable *seen)
{
	g_autofree char *word = text_dup(key->text);
	g_autofree char *below = NULL;
	struct yaml_event value;

	if (!word) {
		file_problem_add(reader->problems, FALSE, reader->name, key->line, key->column,
			"the name of a setting is one word");
		yaml_events_skip(reader->events, key);
		yaml_events_next(reader->events, &value);
		yaml_events_skip(reader->events, &value);
		return;
	}
	below = g_strdup_printf("%s%s%s", path, *path ? "." : "", word);
	if (!g_hash_table_add(seen, g_steal_pointer(&word)))
		file_problem_add(reader->problems, FALSE, reader->name, key->line, key->column,
			"%s is set twice", below);
	yaml_events_next(reader->events, &value);
	read_node(reader, &value, below);
}

static void read_mapping(struct reader *reader, const char *path)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct yaml_event key;

	for (yaml_events_next(reader->events, &key);
		key.kind != YAML_IS_MAP_END && key.kind != YAML_IS_END;
		yaml_events_next(reader->events, &key))
		read_entry(reader, &key, path, seen);
}

static void read_list(struct reader *reader, const char *path)
{
	struct yaml_event element;

	for (yaml_events_next(reader->events, &element);
		element.kind != YAML_IS_LIST_END && element.kind != YAML_IS_END;
		yaml_events_next(reader->events, &element))
		read_node(reader, &element, path);
}

static void read_node(struct reader *reader, const struct yaml_event *node, const char *path)
{
	struct setting *setting;

	if (node->kind == YAML_IS_MAP) {
		read_mapping(reader, path);
	} else if (node->kind == YAML_IS_LIST) {
		read_list(reader, path);
	} else if (node->kind == YAML_IS_SCALAR && !yaml_event_is_null(node)) {
		setting = g_new0(struct setting, 1);
		setting->path = g_strdup(path);
		setting->value = text_dup(node->text);
		setting->line = node->line;
		setting->column = node->column;
		g_ptr_array_add(reader->settings, setting);
	}
}

static void read_document(struct reader *reader, struct text text)
{
	g_autoptr(yaml_events_t) events =
		yaml_events_new(text.at, text.len, reader->name, reader->problems);
	struct yaml_event top;

	reader->events = events;
	yaml_events_next(events, &top);
	if (top.kind == YAML_IS_MAP) {
		read_mapping(reader, "");
	} else if (top.kind != YAML_IS_END && !yaml_event_is_null(&top)) {
		file_problem_add(reader->problems, FALSE, reader->name, top.line, top.column,
			"settings are written as NAME: VALUE");
		yaml_events_skip(events, &top);
	}
	/* A second document is a problem that only further reading shows. */
	yaml_events_next(events, &top);
}

gboolean settings_read(const char *path, GPtrArray *settings, GError **error)
{
	g_autofree char *buffer = NULL;
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	struct reader reader = {
		.name = read_file_name(path), .settings = settings, .problems = problems};
	struct text text;

	if (!read_file(path, &buffer, &text.len, error))
		return FALSE;
	text.at = buffer;
	if (text_check_encoding(&text, reader.name, problems))
		read_document(&reader, text);
	if (problems->len) {
		g_autofree char *first = file_problem_format(g_ptr_array_index(problems, 0));

		g_set_error_literal(error, TLSPOL_ERROR, STATUS_CONFIG, first);
		return FALSE;
	}
	return TRUE;
}
