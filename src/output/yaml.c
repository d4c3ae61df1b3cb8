/* YAML: a sequence of mappings, in block style. */
#include "core/yaml_scalar.h"
#include "output/record_writer.h"

static void append_record(GString *to, const struct column *columns, gconstpointer row,
	gpointer data, guint indent, gboolean in_list);

static void append_list(GString *to, const char *const *list, guint indent)
{
	if (!list || !list[0])
		g_string_append(to, " []");
	g_string_append_c(to, '\n');
	for (guint i = 0; list && list[i]; i++) {
		g_string_append_printf(to, "%*s- ", (int)indent, "");
		yaml_scalar_append(to, text_of(list[i]));
		g_string_append_c(to, '\n');
	}
}

static void append_records(GString *to, const struct value *value, guint indent)
{
	if (!value->rows || !value->rows[0])
		g_string_append(to, " []");
	g_string_append_c(to, '\n');
	for (guint i = 0; value->rows && value->rows[i]; i++)
		append_record(to, value->columns, value->rows[i], value->data, indent, TRUE);
}

/* Behind "name:"; ends the line. What needs lines of its own has them from `indent` on. */
static void append_value(GString *to, const struct value *value, guint indent)
{
	switch (value->kind) {
	case VALUE_NULL:
		g_string_append(to, " null\n");
		break;
	case VALUE_TEXT:
		g_string_append_c(to, ' ');
		yaml_scalar_append(to, value->text);
		g_string_append_c(to, '\n');
		break;
	case VALUE_NUMBER:
		g_string_append_printf(to, " %" G_GINT64_FORMAT "\n", value->number);
		break;
	case VALUE_BOOL:
		g_string_append(to, value->number ? " true\n" : " false\n");
		break;
	case VALUE_LIST:
		append_list(to, value->list, indent);
		break;
	case VALUE_RECORD:
		g_string_append(to, value->rows && value->rows[0] ? "\n" : " null\n");
		if (value->rows && value->rows[0])
			append_record(
				to, value->columns, value->rows[0], value->data, indent, FALSE);
		break;
	case VALUE_RECORDS:
		append_records(to, value, indent);
		break;
	}
}

/* In a list the first name stands behind a dash at `indent`, the others below it. */
static void append_record(GString *to, const struct column *columns, gconstpointer row,
	gpointer data, guint indent, gboolean in_list)
{
	guint inside = in_list ? indent + 2 : indent;

	for (guint i = 0; columns[i].name; i++) {
		struct value value = {VALUE_NULL, .data = data};

		columns[i].get(row, data, &value);
		if (in_list && i == 0)
			g_string_append_printf(to, "%*s- %s:", (int)indent, "", columns[i].name);
		else
			g_string_append_printf(to, "%*s%s:", (int)inside, "", columns[i].name);
		append_value(to, &value, inside + 2);
	}
}

static void yaml_row(struct records *records, gconstpointer row)
{
	g_autoptr(GString) lines = g_string_new(NULL);

	append_record(lines, records->columns, row, records->data, 0, TRUE);
	fwrite(lines->str, 1, lines->len, records->to);
}

static void yaml_close(struct records *records)
{
	if (!records->count)
		fputs("[]\n", records->to);
}

const struct record_writer writer_yaml = {NULL, yaml_row, yaml_close};
