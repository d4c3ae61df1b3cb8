/*
 * CSV as RFC 4180 has it, with LF as the line end (what every reader takes and what grep and
 * wc need); TSV with backslash escapes as LOAD DATA and COPY read it.
 */
#include "output/record_writer.h"

static void csv_field(const struct value *value, GString *scratch, FILE *to)
{
	gboolean quote;

	g_string_truncate(scratch, 0);
	record_value_text(value, ";", scratch);
	/* NULL is nothing at all, the empty string is "". */
	quote = value->kind != VALUE_NULL && (!scratch->len || strpbrk(scratch->str, ",\"\r\n") ||
						     strlen(scratch->str) != scratch->len);
	if (quote)
		putc('"', to);
	for (gsize i = 0; i < scratch->len; i++) {
		if (scratch->str[i] == '"')
			putc('"', to);
		putc(scratch->str[i], to);
	}
	if (quote)
		putc('"', to);
}

static void tsv_field(const struct value *value, GString *scratch, FILE *to)
{
	static const char plain[] = "\t\n\r\\", letters[] = "tnr\\";

	if (value->kind == VALUE_NULL) {
		fputs("\\N", to);
		return;
	}
	g_string_truncate(scratch, 0);
	record_value_text(value, ";", scratch);
	for (gsize i = 0; i < scratch->len; i++) {
		const char *special = scratch->str[i] ? strchr(plain, scratch->str[i]) : NULL;

		if (special)
			putc('\\', to);
		putc(special ? letters[special - plain] : scratch->str[i], to);
	}
}

static void headings(struct records *records, char separator)
{
	for (guint i = 0; i < records->column_count; i++) {
		if (i)
			putc(separator, records->to);
		fputs(records->columns[i].name, records->to);
	}
	putc('\n', records->to);
	records->state = g_string_new(NULL);
}

static void fields(struct records *records, gconstpointer row, char separator,
	void (*field)(const struct value *value, GString *scratch, FILE *to))
{
	for (guint i = 0; i < records->column_count; i++) {
		struct value value = record_value(records, i, row);

		if (i)
			putc(separator, records->to);
		field(&value, records->state, records->to);
	}
	putc('\n', records->to);
}

static void csv_open(struct records *records)
{
	headings(records, ',');
}

static void csv_row(struct records *records, gconstpointer row)
{
	fields(records, row, ',', csv_field);
}

static void tsv_open(struct records *records)
{
	headings(records, '\t');
}

static void tsv_row(struct records *records, gconstpointer row)
{
	fields(records, row, '\t', tsv_field);
}

static void close_fields(struct records *records)
{
	g_string_free(records->state, TRUE);
}

const struct record_writer writer_csv = {csv_open, csv_row, close_fields};
const struct record_writer writer_tsv = {tsv_open, tsv_row, close_fields};
