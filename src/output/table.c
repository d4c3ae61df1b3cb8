/* Tables for people, by libsmartcols; and one record as names and values below one another. */
#include <libsmartcols.h>

#include "output/record_writer.h"

/* Severities and outcomes, by their words. */
static const struct {
	const char *word, *colour;
} colours[] = {
	{"error", "red"},
	{"warning", "yellow"},
	{"notice", "cyan"},
	{"ok", "green"},
};

static const char *colour_of(const char *word)
{
	for (guint i = 0; i < G_N_ELEMENTS(colours); i++) {
		if (g_str_equal(colours[i].word, word))
			return colours[i].colour;
	}
	return NULL;
}

/* A column of the table; no row had anything for it yet while `empty` is set. */
struct table {
	struct libscols_table *lines;
	gboolean *empty;
};

static void table_open(struct records *records)
{
	struct table *table = g_new0(struct table, 1);
	gboolean terminal = records->style.width > 0;

	table->lines = scols_new_table();
	table->empty = g_new(gboolean, records->column_count);
	scols_table_set_stream(table->lines, records->to);
	scols_table_enable_colors(table->lines, records->style.colour);
	scols_table_enable_noencoding(table->lines, TRUE); /* printable() has done it */
	scols_table_set_column_separator(table->lines, "  ");
	scols_table_enable_minout(table->lines, TRUE); /* no blanks at the end of lines */
	scols_table_set_termforce(
		table->lines, terminal ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	if (terminal)
		scols_table_set_termwidth(table->lines, records->style.width);
	for (guint i = 0; i < records->column_count; i++) {
		const struct column *column = &records->columns[i];
		int flags = 0;

		if (column->flags & COLUMN_RIGHT)
			flags |= SCOLS_FL_RIGHT;
		if (terminal && column->flags & COLUMN_TRUNCATE)
			flags |= SCOLS_FL_TRUNC;
		if (terminal && column->flags & COLUMN_WRAP)
			flags |= SCOLS_FL_WRAP;
		scols_table_new_column(table->lines, column->title, 0, flags);
		table->empty[i] = TRUE;
	}
	records->state = table;
}

static char *cell_text(const struct value *value)
{
	g_autoptr(GString) text = g_string_new(NULL);

	record_value_text(value, ", ", text);
	return printable((struct text){text->str, text->len});
}

static void table_row(struct records *records, gconstpointer row)
{
	struct table *table = records->state;
	struct libscols_line *line = scols_table_new_line(table->lines, NULL);

	for (guint i = 0; i < records->column_count; i++) {
		struct value value = record_value(records, i, row);
		char *text = cell_text(&value);

		if (*text)
			table->empty[i] = FALSE;
		if (records->columns[i].flags & COLUMN_SEVERITY && colour_of(text))
			scols_cell_set_color(scols_line_get_cell(line, i), colour_of(text));
		scols_line_refer_data(line, i, text);
	}
}

static void table_close(struct records *records)
{
	struct table *table = records->state;

	for (guint i = 0; i < records->column_count; i++) {
		struct libscols_column *column = scols_table_get_column(table->lines, i);

		if (table->empty[i] && records->columns[i].flags & COLUMN_HIDE_EMPTY)
			scols_column_set_flags(
				column, scols_column_get_flags(column) | SCOLS_FL_HIDDEN);
	}
	if (records->count)
		scols_print_table(table->lines);
	else if (records->style.empty)
		fprintf(records->to, "%s\n", records->style.empty);
	scols_unref_table(table->lines);
	g_free(table->empty);
	g_free(table);
}

const struct record_writer writer_table = {table_open, table_row, table_close};

/* -- one record ---------------------------------------------------------------------------- */

static int name_width(const struct records *records)
{
	glong widest = 0;

	for (guint i = 0; i < records->column_count; i++)
		widest = MAX(widest, g_utf8_strlen(records->columns[i].title, -1));
	return (int)widest;
}

/* One element per line, below one another. */
static void single_list(FILE *to, const struct value *value, int width)
{
	for (guint i = 0; value->list[i]; i++) {
		g_autofree char *text = printable(text_of(value->list[i]));

		fprintf(to, "%*s%s\n", i ? width + 2 : 0, "", text);
	}
}

static void single_row(struct records *records, gconstpointer row)
{
	int width = name_width(records);

	if (records->count)
		putc('\n', records->to);
	for (guint i = 0; i < records->column_count; i++) {
		const struct column *column = &records->columns[i];
		struct value value = record_value(records, i, row);
		g_autofree char *text = cell_text(&value);
		glong letters = g_utf8_strlen(column->title, -1);

		if (!*text && column->flags & COLUMN_HIDE_EMPTY)
			continue;
		fprintf(records->to, "%s%*s  ", column->title, width - (int)letters, "");
		if (value.kind == VALUE_LIST && *text)
			single_list(records->to, &value, width);
		else
			fprintf(records->to, "%s\n",
				value.kind == VALUE_TEXT || *text ? text : "-");
	}
}

static void single_close(struct records *records)
{
	if (!records->count && records->style.empty)
		fprintf(records->to, "%s\n", records->style.empty);
}

const struct record_writer writer_single = {NULL, single_row, single_close};
