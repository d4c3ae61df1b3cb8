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

	json_array_foreach(notes, i, note)
	{
		g_hash_table_add(ids, (gpointer)text_at(note, "id"));
	}
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

/* The file of a big table is big, and jansson's idea of it ten times that: so it is row by row. */
struct rows {
	const char *name;
	const char *buffer, *at, *end;
};

static void skip_blanks(struct rows *rows)
{
	while (rows->at < rows->end && g_ascii_isspace(*rows->at))
		rows->at++;
}

static gboolean skip(struct rows *rows, char letter)
{
	skip_blanks(rows);
	if (rows->at == rows->end || *rows->at != letter)
		return FALSE;
	rows->at++;
	return TRUE;
}

/* Where `at` is, for messages. */
static guint line_of(const struct rows *rows)
{
	guint line = 1;

	for (const char *at = rows->buffer; at < rows->at; at++)
		line += *at == '\n';
	return line;
}

static gboolean complain(const struct rows *rows, GError **error, const char *what)
{
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
		"%s:%u: %s: what 'tlspol verify --format json' printed is expected", rows->name,
		line_of(rows), what);
	return FALSE;
}

static gboolean take_row(struct rows *rows, GPtrArray *verdicts, GError **error)
{
	const int flags =
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY;
	json_error_t wrong;
	json_t *row = json_loadb(rows->at, (gsize)(rows->end - rows->at), flags, &wrong);
	gboolean good = row && is_verdict(row);

	if (!row) {
		g_autofree char *what = g_strdup_printf("not valid JSON: %s", wrong.text);

		return complain(rows, error, what);
	}
	if (good)
		g_ptr_array_add(verdicts, read_verdict(row));
	else
		complain(rows, error, "no destination and outcome");
	rows->at += wrong.position;
	json_decref(row);
	return good;
}

static gboolean take_rows(struct rows *rows, GPtrArray *verdicts, GError **error)
{
	if (!skip(rows, '['))
		return complain(rows, error, "no array");
	if (skip(rows, ']'))
		return TRUE;
	do {
		skip_blanks(rows);
		if (!take_row(rows, verdicts, error))
			return FALSE;
	} while (skip(rows, ','));
	return skip(rows, ']') || complain(rows, error, "not valid JSON: ']' is missing");
}

GPtrArray *verdicts_read(const char *path, GError **error)
{
	g_autoptr(GPtrArray) verdicts =
		g_ptr_array_new_with_free_func((GDestroyNotify)earlier_verdict_free);
	struct rows rows = {.name = read_file_name(path)};
	g_autofree char *buffer = NULL;
	gsize len;

	if (!read_file(path, &buffer, &len, error))
		return NULL;
	rows.buffer = rows.at = buffer;
	rows.end = buffer + len;
	if (!take_rows(&rows, verdicts, error))
		return NULL;
	skip_blanks(&rows);
	if (rows.at != rows.end && !complain(&rows, error, "more behind the array"))
		return NULL;
	return g_steal_pointer(&verdicts);
}
