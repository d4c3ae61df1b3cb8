#include "files/verdicts_in.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "files/read_file.h"

void earlier_verdict_free(struct earlier_verdict *verdict)
{
	g_free(verdict->destination);
	g_free(verdict->domain);
	g_free(verdict->policy);
	g_free(verdict->params);
	g_free(verdict->outcome);
	g_free(verdict->cause);
	g_free(verdict->effective);
	g_strfreev(verdict->notes);
	g_strfreev(verdict->hosts);
	g_clear_pointer(&verdict->certificates, g_hash_table_unref);
	g_free(verdict);
}

static const char *text_at(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys of a set of texts as a sorted list. */
static char **sorted_list(GHashTable *set)
{
	g_autofree const char **keys = (const char **)g_hash_table_get_keys_as_array(set, NULL);
	char **list = g_strdupv((char **)keys);

	qsort(list, g_strv_length(list), sizeof *list, compare_texts);
	return list;
}

static char **read_notes(const json_t *notes)
{
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
	const json_t *note;
	gsize i;

	json_array_foreach(notes, i, note) g_hash_table_add(ids, (gpointer)text_at(note, "id"));
	return sorted_list(ids);
}

static void read_hosts(const json_t *hosts, struct earlier_verdict *verdict)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	const json_t *host;
	gsize i;

	verdict->certificates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	json_array_foreach(hosts, i, host)
	{
		const char *digest =
			text_at(json_object_get(host, "certificate"), "certificate_digest");
		const char *name = text_at(host, "name"), *address = text_at(host, "address");

		g_hash_table_add(names, (gpointer)name);
		if (*digest)
			g_hash_table_insert(verdict->certificates,
				g_strdup_printf("%s[%s]", name, address), g_strdup(digest));
	}
	verdict->hosts = sorted_list(names);
}

static struct earlier_verdict *read_verdict(const json_t *row)
{
	struct earlier_verdict *verdict = g_new0(struct earlier_verdict, 1);

	verdict->destination = g_strdup(text_at(row, "destination"));
	verdict->domain = g_strdup(text_at(row, "domain"));
	verdict->policy = g_strdup(text_at(row, "policy"));
	verdict->params = g_strdup(text_at(row, "params"));
	verdict->outcome = g_strdup(text_at(row, "outcome"));
	verdict->cause = g_strdup(text_at(row, "cause"));
	verdict->effective = g_strdup(text_at(row, "effective"));
	verdict->notes = read_notes(json_object_get(row, "notes"));
	read_hosts(json_object_get(row, "hosts"), verdict);
	return verdict;
}

static gboolean is_verdict(const json_t *row)
{
	return json_is_string(json_object_get(row, "destination")) &&
	       json_is_string(json_object_get(row, "outcome"));
}

static GPtrArray *read_rows(const json_t *rows, const char *name, GError **error)
{
	g_autoptr(GPtrArray) verdicts =
		g_ptr_array_new_with_free_func((GDestroyNotify)earlier_verdict_free);
	const json_t *row;
	gsize i;

	if (!json_is_array(rows)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%s: no array: what 'tlspol verify --format json' printed is expected",
			name);
		return NULL;
	}
	json_array_foreach(rows, i, row)
	{
		if (!is_verdict(row)) {
			g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
				"%s: element %" G_GSIZE_FORMAT " has no destination and outcome: "
				"what 'tlspol verify --format json' printed is expected",
				name, i + 1);
			return NULL;
		}
		g_ptr_array_add(verdicts, read_verdict(row));
	}
	return g_steal_pointer(&verdicts);
}

GPtrArray *verdicts_read(const char *path, GError **error)
{
	const char *name = read_file_name(path);
	g_autofree char *buffer = NULL;
	GPtrArray *verdicts;
	json_error_t wrong;
	json_t *rows;
	gsize len;

	if (!read_file(path, &buffer, &len, error))
		return NULL;
	rows = json_loadb(buffer, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &wrong);
	if (!rows) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA, "%s:%d:%d: not valid JSON: %s", name,
			MAX(wrong.line, 0), MAX(wrong.column, 0), wrong.text);
		return NULL;
	}
	verdicts = read_rows(rows, name, error);
	json_decref(rows);
	return verdicts;
}
