/* One record for people: names and values below one another. */
#include "output/fold.h"
#include "output/record_writer.h"

static int name_width(const struct records *records)
{
	glong widest = 0;

	for (guint i = 0; i < records->column_count; i++)
		widest = MAX(widest, g_utf8_strlen(records->columns[i].title, -1));
	return (int)widest;
}

/* The lines of a text, on a terminal as many as it takes, that start in column `indent`. */
static void put_text(const struct records *records, const char *text, guint indent)
{
	guint width = records->style.width;
	g_autofree char *folded = width > indent ? fold_text(text, width - indent) : g_strdup(text);
	const char *line = folded;

	for (const char *end; (end = strchr(line, '\n')); line = end + 1)
		fprintf(records->to, "%.*s\n%*s", (int)(end - line), line, (int)indent, "");
	fprintf(records->to, "%s\n", line);
}

/* One element per line, below one another. */
static void put_list(const struct records *records, const struct value *value, guint indent)
{
	for (guint i = 0; value->list[i]; i++) {
		g_autofree char *text = printable(text_of(value->list[i]));

		fprintf(records->to, "%*s", i ? (int)indent : 0, "");
		put_text(records, text, indent);
	}
}

static void single_row(struct records *records, gconstpointer row)
{
	int width = name_width(records);

	for (guint i = 0; i < records->column_count; i++) {
		const struct column *column = &records->columns[i];
		struct value value = record_value(records, i, row);
		g_autofree char *text = record_value_printable(&value);
		glong letters = g_utf8_strlen(column->title, -1);

		if (!*text && column->flags & COLUMN_HIDE_EMPTY)
			continue;
		fprintf(records->to, "%s%*s  ", column->title, width - (int)letters, "");
		if (value.kind == VALUE_LIST && *text)
			put_list(records, &value, width + 2);
		else
			put_text(
				records, value.kind == VALUE_TEXT || *text ? text : "-", width + 2);
	}
}

static void single_close(struct records *records)
{
	if (!records->count && records->style.empty)
		fprintf(records->to, "%s\n", records->style.empty);
}

const struct record_writer writer_single = {NULL, single_row, single_close, .next = "\n"};
