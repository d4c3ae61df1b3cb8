#include "output/records.h"

#include <errno.h>
#include <stdlib.h>

#include "core/error.h"
#include "output/record_writer.h"

const char *const record_formats[] = {"table", "json", "yaml", "csv", "tsv", NULL};
/* In the same order. */
static const struct record_writer *const writers[] = {
	&writer_table, &writer_json, &writer_yaml, &writer_csv, &writer_tsv};
G_STATIC_ASSERT(G_N_ELEMENTS(record_formats) == G_N_ELEMENTS(writers) + 1);

static struct records *open_with(const struct record_writer *writer,
	const struct record_style *style, const struct column *columns, gpointer data, FILE *to)
{
	struct records *records = g_new0(struct records, 1);

	records->style = *style;
	records->writer = writer;
	records->columns = columns;
	while (columns[records->column_count].name)
		records->column_count++;
	records->data = data;
	records->to = to;
	if (writer->open)
		writer->open(records);
	return records;
}

struct records *records_open(
	const struct record_style *style, const struct column *columns, gpointer data, FILE *to)
{
	return open_with(writers[style->format], style, columns, data, to);
}

struct records *records_open_single(
	const struct record_style *style, const struct column *columns, gpointer data, FILE *to)
{
	const struct record_writer *writer =
		style->format == RECORD_TABLE ? &writer_single : writers[style->format];

	return open_with(writer, style, columns, data, to);
}

/* FALSE: nobody reads the rest of a closed pipe, and a full disk stays full. */
static gboolean begin_row(struct records *records)
{
	const struct record_writer *writer = records->writer;
	const char *before = records->count ? writer->next : writer->first;

	if (ferror(records->to))
		return FALSE;
	if (before)
		fputs(before, records->to);
	return TRUE;
}

void records_row(struct records *records, gconstpointer row)
{
	if (!begin_row(records))
		return;
	records->writer->row(records, row);
	records->count++;
}

char *records_render(struct records *records, gconstpointer row, gsize *len)
{
	FILE *to = records->to;
	char *text = NULL, *copy;

	records->to = open_memstream(&text, len);
	g_assert(records->to);
	records->writer->row(records, row);
	fclose(records->to);
	records->to = to;
	copy = g_memdup2(text, *len + 1);
	free(text);
	return copy;
}

void records_put(struct records *records, const char *rendered, gsize len)
{
	if (!begin_row(records))
		return;
	fwrite(rendered, 1, len, records->to);
	records->count++;
}

gboolean records_close(struct records *records, GError **error)
{
	FILE *to = records->to;

	errno = 0;
	records->writer->close(records);
	g_free(records);
	if (fflush(to) == 0 && !ferror(to))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_IO, "cannot write the output: %s",
		errno ? g_strerror(errno) : "the file or pipe does not take it");
	return FALSE;
}

struct value record_value(const struct records *records, guint i, gconstpointer row)
{
	struct value value = {VALUE_NULL, .data = records->data};

	records->columns[i].get(row, records->data, &value);
	if (value.kind == VALUE_RECORD && (!value.rows || !value.rows[0]))
		value.kind = VALUE_NULL;
	return value;
}

static void append_json(const struct value *value, GString *to)
{
	char *text = NULL;
	gsize len;
	FILE *stream = open_memstream(&text, &len);

	g_assert(stream);
	record_value_json(value, stream);
	fclose(stream);
	g_string_append_len(to, text, (gssize)len);
	free(text);
}

void record_value_text(const struct value *value, const char *separator, GString *to)
{
	switch (value->kind) {
	case VALUE_NULL:
		break;
	case VALUE_TEXT:
		g_string_append_len(to, value->text.at, (gssize)value->text.len);
		break;
	case VALUE_NUMBER:
		g_string_append_printf(to, "%" G_GINT64_FORMAT, value->number);
		break;
	case VALUE_BOOL:
		g_string_append(to, value->number ? "yes" : "no");
		break;
	case VALUE_LIST:
		for (guint i = 0; value->list && value->list[i]; i++) {
			if (i)
				g_string_append(to, separator);
			g_string_append(to, value->list[i]);
		}
		break;
	case VALUE_RECORD:
	case VALUE_RECORDS:
		append_json(value, to);
		break;
	}
}

char *record_value_printable(const struct value *value)
{
	g_autoptr(GString) text = g_string_new(NULL);

	record_value_text(value, ", ", text);
	return printable((struct text){text->str, text->len});
}
