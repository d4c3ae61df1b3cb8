/* YAML: a sequence of mappings, in block style. */
#include "core/yaml_scalar.h"
#include "output/record_writer.h"

/* Behind "name:"; ends the line. */
static void append_value(GString *to, const struct value *value)
{
	switch (value->kind) {
	case VALUE_NULL:
		g_string_append(to, " null");
		break;
	case VALUE_TEXT:
		g_string_append_c(to, ' ');
		yaml_scalar_append(to, value->text);
		break;
	case VALUE_NUMBER:
		g_string_append_printf(to, " %" G_GINT64_FORMAT, value->number);
		break;
	case VALUE_BOOL:
		g_string_append(to, value->number ? " true" : " false");
		break;
	case VALUE_LIST:
		if (!value->list || !value->list[0])
			g_string_append(to, " []");
		for (guint i = 0; value->list && value->list[i]; i++) {
			g_string_append(to, "\n    - ");
			yaml_scalar_append(to, text_of(value->list[i]));
		}
		break;
	}
	g_string_append_c(to, '\n');
}

static void yaml_row(struct records *records, gconstpointer row)
{
	g_autoptr(GString) lines = g_string_new(NULL);

	for (guint i = 0; i < records->column_count; i++) {
		struct value value = record_value(records, i, row);

		g_string_append_printf(lines, "%s%s:", i ? "  " : "- ", records->columns[i].name);
		append_value(lines, &value);
	}
	fwrite(lines->str, 1, lines->len, records->to);
}

static void yaml_close(struct records *records)
{
	if (!records->count)
		fputs("[]\n", records->to);
}

const struct record_writer writer_yaml = {NULL, yaml_row, yaml_close};
