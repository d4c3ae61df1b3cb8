#include "cmd/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/paragraph.h"

/* -- the report ----------------------------------------------------------------------------- */

struct doctor_row {
	const char *area, *check; /* static text */
	enum diagnosis diagnosis;
	char *text;
};

static const char *const diagnosis_names[] = {"ok", "skipped", "warning", "error"};

static void doctor_row_free(struct doctor_row *row)
{
	g_free(row->text);
	g_free(row);
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

static gboolean write_report(struct doctor *doctor, GError **error)
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

/* -- the command ---------------------------------------------------------------------------- */

static gboolean look(struct doctor *doctor, GError **error)
{
	const struct config *config = app_config(doctor->app, error);

	if (!config)
		return FALSE;
	if (config->path)
		doctor_say(doctor, "tlspol", "configuration", DIAGNOSIS_OK, "%s is read",
			config->path);
	else
		doctor_say(doctor, "tlspol", "configuration", DIAGNOSIS_OK,
			"there is no tlspol.yaml: all settings have their defaults");
	postfix_init(&doctor->postfix, config);
	doctor_database(doctor);
	doctor_postfix(doctor);
	return write_report(doctor, error);
}

static gboolean is_healthy(const struct doctor *doctor)
{
	for (guint i = 0; i < doctor->rows->len; i++) {
		const struct doctor_row *row = g_ptr_array_index(doctor->rows, i);

		if (row->diagnosis > DIAGNOSIS_SKIPPED)
			return FALSE;
	}
	return TRUE;
}

static int run(gpointer shared, G_GNUC_UNUSED gpointer settings, G_GNUC_UNUSED char **operands,
	G_GNUC_UNUSED int count, GError **error)
{
	struct doctor doctor = {.app = shared};
	int status = STATUS_BUG;

	doctor.rows = g_ptr_array_new_with_free_func((GDestroyNotify)doctor_row_free);
	policy_set_init(&doctor.set);
	if (look(&doctor, error))
		status = is_healthy(&doctor) ? STATUS_OK : STATUS_NO;
	g_ptr_array_unref(doctor.rows);
	policy_set_release(&doctor.set);
	postfix_release(&doctor.postfix);
	return status;
}

static const struct option_group *const doctor_groups[] = {
	&app_group_rules, &app_group_format, &app_group_db, &app_group_global, NULL};
static const struct example doctor_examples[] = {
	{"tlspol doctor", "before the first import, and when mail waits in the queue"},
	{"tlspol doctor --format json", "for a monitoring system: exit status 1 on findings"},
	{NULL},
};
static const int doctor_statuses[] = {
	STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_CANNOT_CREATE, STATUS_IO, STATUS_CONFIG, -1};

const struct command cmd_doctor = {
	.name = "doctor",
	.group = "Set-up",
	.summary = "look for what is wrong on this machine: database, table, Postfix",
	.description =
		"Looks at the configuration, the connection, the table's columns and rows, the "
		"maps\n"
		"that smtp_tls_policy_maps names, and the settings of Postfix that decide whether\n"
		"the stored policies can work. Nothing is changed.\n"
		"\n"
		"A part that is not there (no Postfix, no database) is one line, and what depends\n"
		"on it is skipped. The exit status is 0 when all is well, 1 when there is a "
		"warning\n"
		"or an error; an unreachable database is an error of the report, not of doctor.",
	.groups = doctor_groups,
	.examples = doctor_examples,
	.statuses = doctor_statuses,
	.run = run,
};
