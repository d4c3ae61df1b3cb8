/* Tables for people, by libsmartcols. */
#include <libsmartcols.h>

#include "output/fold.h"
#include "output/record_writer.h"

#define GAP "  "
/* No column is folded to less than this, unless its heading and texts are shorter. */
#define LEAST_WIDTH 10

/* Severities and outcomes, by their words. */
static const struct {
	const char *word, *colour;
} colours[] = {
	{"error", "red"},
	{"warning", "yellow"},
	{"notice", "cyan"},
	{"ok", "green"},
	{"deliver", "green"},
	{"plaintext", "yellow"},
	{"defer", "red"},
	{"bounce", "red"},
	{"unknown", "magenta"},
};

static const char *colour_of(const char *word)
{
	for (guint i = 0; i < G_N_ELEMENTS(colours); i++) {
		if (g_str_equal(colours[i].word, word))
			return colours[i].colour;
	}
	return NULL;
}

/* All rows are kept until the end, so that the widths fit all of them. */
struct table {
	struct libscols_table *lines;
	guint *widths; /* of each column's widest text; 0 = no row had anything */
};

static void table_open(struct records *records)
{
	struct table *table = g_new0(struct table, 1);
	gboolean terminal = records->style.width > 0;

	table->lines = scols_new_table();
	table->widths = g_new0(guint, records->column_count);
	scols_table_set_stream(table->lines, records->to);
	scols_table_enable_colors(table->lines, records->style.colour);
	scols_table_enable_noencoding(table->lines, TRUE); /* printable() has done it */
	scols_table_set_column_separator(table->lines, GAP);
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
		scols_table_new_column(table->lines, column->title, 0, flags);
	}
	records->state = table;
}

static void table_row(struct records *records, gconstpointer row)
{
	struct table *table = records->state;
	struct libscols_line *line = scols_table_new_line(table->lines, NULL);

	for (guint i = 0; i < records->column_count; i++) {
		struct value value = record_value(records, i, row);
		char *text = record_value_printable(&value);

		table->widths[i] = MAX(table->widths[i], (guint)g_utf8_strlen(text, -1));
		if (records->columns[i].flags & COLUMN_SEVERITY && colour_of(text))
			scols_cell_set_color(scols_line_get_cell(line, i), colour_of(text));
		scols_line_refer_data(line, i, text);
	}
}

/* Puts line ends into the texts of one column, and tells smartcols to break there. */
static void fold_column(struct table *table, guint number, guint width)
{
	struct libscols_column *column = scols_table_get_column(table->lines, number);

	scols_column_set_flags(column, scols_column_get_flags(column) | SCOLS_FL_WRAP);
	scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
	for (gsize i = 0; i < scols_table_get_nlines(table->lines); i++) {
		struct libscols_line *line = scols_table_get_line(table->lines, i);
		const char *text = scols_cell_get_data(scols_line_get_cell(line, number));

		scols_line_refer_data(line, number, fold_text(text, width));
	}
}

/* Columns that may be folded give way, the widest first, until the table fits the terminal. */
static void fold_wide_columns(struct records *records)
{
	struct table *table = records->state;
	guint count = 0;
	g_autofree guint *widths = g_new(guint, records->column_count);
	g_autofree guint *least = g_new(guint, records->column_count);
	g_autofree guint *numbers = g_new(guint, records->column_count);

	for (guint i = 0; i < records->column_count; i++) {
		const struct column *column = &records->columns[i];

		if (!table->widths[i] && column->flags & COLUMN_HIDE_EMPTY)
			continue;
		widths[count] = MAX(table->widths[i], (guint)g_utf8_strlen(column->title, -1));
		least[count] = column->flags & COLUMN_WRAP ? MIN(widths[count], LEAST_WIDTH)
							   : widths[count];
		numbers[count++] = i;
	}
	fold_columns(widths, least, count, strlen(GAP), records->style.width);
	for (guint i = 0; i < count; i++) {
		if (widths[i] < table->widths[numbers[i]])
			fold_column(table, numbers[i], widths[i]);
	}
}

static void table_close(struct records *records)
{
	struct table *table = records->state;

	for (guint i = 0; i < records->column_count; i++) {
		struct libscols_column *column = scols_table_get_column(table->lines, i);

		if (!table->widths[i] && records->columns[i].flags & COLUMN_HIDE_EMPTY)
			scols_column_set_flags(
				column, scols_column_get_flags(column) | SCOLS_FL_HIDDEN);
	}
	if (records->style.width)
		fold_wide_columns(records);
	if (records->count)
		scols_print_table(table->lines);
	else if (records->style.empty)
		fprintf(records->to, "%s\n", records->style.empty);
	scols_unref_table(table->lines);
	g_free(table->widths);
	g_free(table);
}

const struct record_writer writer_table = {table_open, table_row, table_close};
