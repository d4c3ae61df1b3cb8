/* JSON: one array, one object a line, so that both jq and grep can read it. */
#include <jansson.h>

#include "output/record_writer.h"

static int put_bytes(const char *bytes, size_t len, void *data)
{
	return fwrite(bytes, 1, len, data) == len ? 0 : -1;
}

/* Letters that JSON has as they are: nearly all keys and policies; half the time of an export. */
static gboolean is_plain(struct text text)
{
	for (gsize i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			return FALSE;
	}
	return TRUE;
}

static void put_text(FILE *to, struct text text)
{
	json_t *quoted;

	if (is_plain(text)) {
		putc('"', to);
		fwrite(text.at, 1, text.len, to);
		putc('"', to);
		return;
	}
	quoted = json_stringn(text.at, text.len);
	/* JSON is UTF-8; bytes that are not are shown as U+FFFD rather than breaking the array. */
	if (!quoted) {
		g_autofree char *valid = g_utf8_make_valid(text.at, (gssize)text.len);

		quoted = json_string(valid);
	}
	json_dump_callback(quoted, put_bytes, to, JSON_ENCODE_ANY);
	json_decref(quoted);
}

static void put_list(FILE *to, const char *const *list)
{
	putc('[', to);
	for (guint i = 0; list && list[i]; i++) {
		if (i)
			fputs(", ", to);
		put_text(to, text_of(list[i]));
	}
	putc(']', to);
}

static void put_object(
	FILE *to, const struct column *columns, guint count, gconstpointer row, gpointer data)
{
	putc('{', to);
	for (guint i = 0; i < count; i++) {
		struct value value = {VALUE_NULL, .data = data};

		columns[i].get(row, data, &value);
		fputs(i ? ", \"" : "\"", to);
		fputs(columns[i].name, to);
		fputs("\": ", to);
		record_value_json(&value, to);
	}
	putc('}', to);
}

static void put_record(FILE *to, const struct value *value, gconstpointer row)
{
	guint count = 0;

	while (value->columns[count].name)
		count++;
	put_object(to, value->columns, count, row, value->data);
}

static void put_records(FILE *to, const struct value *value)
{
	putc('[', to);
	for (guint i = 0; value->rows && value->rows[i]; i++) {
		if (i)
			fputs(", ", to);
		put_record(to, value, value->rows[i]);
	}
	putc(']', to);
}

void record_value_json(const struct value *value, FILE *to)
{
	switch (value->kind) {
	case VALUE_NULL:
		fputs("null", to);
		break;
	case VALUE_TEXT:
		put_text(to, value->text);
		break;
	case VALUE_NUMBER:
		fprintf(to, "%" G_GINT64_FORMAT, value->number);
		break;
	case VALUE_BOOL:
		fputs(value->number ? "true" : "false", to);
		break;
	case VALUE_LIST:
		put_list(to, value->list);
		break;
	case VALUE_RECORD:
		if (value->rows && value->rows[0])
			put_record(to, value, value->rows[0]);
		else
			fputs("null", to);
		break;
	case VALUE_RECORDS:
		put_records(to, value);
		break;
	}
}

static void json_row(struct records *records, gconstpointer row)
{
	put_object(records->to, records->columns, records->column_count, row, records->data);
}

static void json_close(struct records *records)
{
	fputs(records->count ? "\n]\n" : "[]\n", records->to);
}

const struct record_writer writer_json = {
	NULL, json_row, json_close, .first = "[\n", .next = ",\n"};
