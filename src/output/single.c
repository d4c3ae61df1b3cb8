/* One record for people: names and values below one another. */
#include "output/record_writer.h"

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
		g_autofree char *text = record_value_printable(&value);
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
