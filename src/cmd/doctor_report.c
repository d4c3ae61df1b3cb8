/* doctor: the report, in words or as records. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/doctor.h"
#include "cmd/paragraph.h"

struct doctor_row {
	const char *area, *check; /* static text */
	enum diagnosis diagnosis;
	char *text;
};

static const char *const diagnosis_names[] = {"ok", "skipped", "warning", "error"};

static void row_free(gpointer data)
{
	struct doctor_row *row = data;

	g_free(row->text);
	g_free(row);
}

GPtrArray *doctor_rows(void)
{
	return g_ptr_array_new_with_free_func(row_free);
}

void doctor_say(struct doctor *doctor, const char *area, const char *check,
	enum diagnosis diagnosis, const char *format, ...)
{
	struct doctor_row *row = g_new0(struct doctor_row, 1);
	va_list arguments;

	va_start(arguments, format);
	row->text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	row->area = area;
	row->check = check;
	row->diagnosis = diagnosis;
	g_ptr_array_add(doctor->rows, row);
}

static void put(struct value *value, const char *text)
{
	value->kind = VALUE_TEXT;
	value->text = text_of(text);
}

static void get_area(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, ((const struct doctor_row *)row)->area);
}

static void get_check(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, ((const struct doctor_row *)row)->check);
}

static void get_status(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, diagnosis_names[((const struct doctor_row *)row)->diagnosis]);
}

static void get_text(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, ((const struct doctor_row *)row)->text);
}

static const struct column doctor_columns[] = {
	{"area", "Area", get_area},
	{"check", "Check", get_check},
	{"status", "Status", get_status, COLUMN_SEVERITY},
	{"text", "Text", get_text, COLUMN_WRAP},
	{NULL},
};

static gboolean write_records(
	const struct doctor *doctor, const struct record_style *style, FILE *to, GError **error)
{
	struct records *records = records_open(style, doctor_columns, NULL, to);

	for (guint i = 0; i < doctor->rows->len; i++)
		records_row(records, g_ptr_array_index(doctor->rows, i));
	return records_close(records, error);
}

/* Sentences read badly in a narrow column: for people each has the whole width. */
static gboolean write_words(
	const struct doctor *doctor, const struct record_style *style, FILE *to, GError **error)
{
	static const char *const colours[] = {"\033[32m", "\033[2m", "\033[33m", "\033[31m"};
	const char *area = NULL;

	for (guint i = 0; i < doctor->rows->len; i++) {
		const struct doctor_row *row = g_ptr_array_index(doctor->rows, i);
		g_autoptr(GString) text = g_string_new(NULL);
		g_autofree char *raw = g_strdup_printf("%s: %s", row->check, row->text);
		g_autofree char *sentence = printable(text_of(raw));

		if (g_strcmp0(row->area, area) != 0)
			fprintf(to, "%s%s\n", area ? "\n" : "", row->area);
		area = row->area;
		paragraph(text, style->width, "", sentence);
		/* The label is as wide as the margin that it is written over. */
		fprintf(to, "  %s%s%s%s", style->colour ? colours[row->diagnosis] : "",
			diagnosis_names[row->diagnosis], style->colour ? "\033[0m" : "",
			text->str + 2 + strlen(diagnosis_names[row->diagnosis]));
	}
	if (!ferror(to))
		return TRUE;
	g_set_error_literal(error, TLSPOL_ERROR, STATUS_IO, "cannot write the report");
	return FALSE;
}

gboolean doctor_report(const struct doctor *doctor, GError **error)
{
	struct app_output output;
	struct record_style style;

	if (!app_output_open(doctor->app, &output, error))
		return FALSE;
	app_record_style(doctor->app, output.stream, &style);
	if (style.format == RECORD_TABLE ? write_words(doctor, &style, output.stream, error)
					 : write_records(doctor, &style, output.stream, error))
		return app_output_close(&output, error);
	app_output_abort(&output);
	return FALSE;
}

gboolean doctor_is_healthy(const struct doctor *doctor)
{
	for (guint i = 0; i < doctor->rows->len; i++) {
		const struct doctor_row *row = g_ptr_array_index(doctor->rows, i);

		if (row->diagnosis > DIAGNOSIS_SKIPPED)
			return FALSE;
	}
	return TRUE;
}
