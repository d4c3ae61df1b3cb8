#include "cmd/verify_report.h"

/* What is left of a result until its turn comes. */
struct verify_line {
	char *destination, *row, *policy, *outcome, *why, *changes; /* of a table */
	char *text;						    /* of the other forms */
	gsize len;
};

struct verify_report {
	const struct verify_job *job;
	struct app_output output;
	struct record_style style;
	struct records *records; /* NULL where there are words host by host */
	struct verify_scratch *scratch;
	gboolean table;
	struct verify_line **lines; /* that came before their turn */
	gboolean *came;
	guint total, turn;
};

static void line_free(struct verify_line *line)
{
	if (!line)
		return;
	g_free(line->destination);
	g_free(line->row);
	g_free(line->policy);
	g_free(line->outcome);
	g_free(line->why);
	g_free(line->changes);
	g_free(line->text);
	g_free(line);
}

/* -- a table --------------------------------------------------------------------------------- */

#define LINE_COLUMN(field)                                                                         \
	static void get_##field(                                                                   \
		gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)               \
	{                                                                                          \
		value->text = text_of(((const struct verify_line *)row)->field);                   \
		value->kind = value->text.at ? VALUE_TEXT : VALUE_NULL;                            \
	}
LINE_COLUMN(destination)
LINE_COLUMN(row)
LINE_COLUMN(policy)
LINE_COLUMN(outcome)
LINE_COLUMN(why)
LINE_COLUMN(changes)
#undef LINE_COLUMN

static const struct column table_columns[] = {
	{"destination", "Destination", get_destination},
	{"row", "Row", get_row, COLUMN_HIDE_EMPTY},
	{"policy", "Policy", get_policy},
	{"outcome", "Outcome", get_outcome, COLUMN_SEVERITY},
	{"changes", "Changed", get_changes, COLUMN_WRAP | COLUMN_HIDE_EMPTY},
	{"why", "Why", get_why, COLUMN_WRAP},
	{NULL},
};

/*
 * Where mail is delivered Postfix's word for it says enough; else the reason, and what is to be
 * done.
 */
static char *table_why(const struct verdict *verdict)
{
	for (guint i = 0; verdict->outcome == OUTCOME_DELIVER && i < verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(verdict->hosts, i);
		g_autofree char *brief = NULL;

		if (host->outcome != OUTCOME_DELIVER || !host->trust || !host->address->session)
			continue;
		brief = g_strdup_printf("%s, %s", host->trust, host->address->session->protocol);
		return verify_why(brief, verdict->notes);
	}
	return verify_why(verdict->reason, verdict->notes);
}

static struct verify_line *table_line(const struct verify_result *result)
{
	struct verify_line *line = g_new0(struct verify_line, 1);
	struct text name = verify_target_name(result->target);
	struct text key = verify_target_key(result->target);

	line->destination = text_dup(name);
	if (!key.at)
		line->row = g_strdup("-");
	else if (!text_equal(name, key))
		line->row = text_dup(key);
	line->policy = verify_policy_words(result);
	line->outcome = g_strdup(outcome_name(result->verdict.outcome));
	line->why = table_why(&result->verdict);
	line->changes = result->changes ? g_strjoinv("; ", result->changes) : NULL;
	return line;
}

/* -- one after the other --------------------------------------------------------------------- */

static void put(struct verify_report *report, const struct verify_line *line)
{
	FILE *to = report->output.stream;

	if (report->table)
		records_row(report->records, line);
	else if (report->records)
		records_put(report->records, line->text, line->len);
	else
		fwrite(line->text, 1, line->len, to);
}

static void put_ready(struct verify_report *report)
{
	for (; report->turn < report->total && report->came[report->turn]; report->turn++) {
		struct verify_line *line = report->lines[report->turn];

		if (line)
			put(report, line);
		g_clear_pointer(&report->lines[report->turn], line_free);
	}
}

static struct verify_line *details_line(
	const struct verify_report *report, const struct verify_result *result)
{
	struct verify_line *line = g_new0(struct verify_line, 1);
	struct verify_details_style style = {
		.width = app_text_width(),
		.colour = report->style.colour,
		.now = app_now(report->job->app) / G_USEC_PER_SEC,
	};

	line->text = verify_details(result, &style);
	line->len = strlen(line->text);
	return line;
}

static struct verify_line *record_line(
	struct verify_report *report, const struct verify_result *result)
{
	struct verify_line *line = g_new0(struct verify_line, 1);

	line->text = records_render(report->records, result, &line->len);
	verify_scratch_clear(report->scratch);
	return line;
}

void verify_report_take(
	struct verify_report *report, guint i, const struct verify_result *result, gboolean shown)
{
	report->came[i] = TRUE;
	if (shown && report->table)
		report->lines[i] = table_line(result);
	else if (shown && report->records)
		report->lines[i] = record_line(report, result);
	else if (shown)
		report->lines[i] = details_line(report, result);
	put_ready(report);
}

/* -- beginning and end ----------------------------------------------------------------------- */

/* A few destinations that were named are told host by host. */
#define DETAILED 3

static gboolean wants_details(const struct verify_job *job, guint total)
{
	return job->settings->details || (job->named && total <= DETAILED);
}

static void open_records(struct verify_report *report)
{
	const struct verify_job *job = report->job;

	if (job->earlier)
		report->style.empty = "nothing has changed";
	else if (job->settings->problems)
		report->style.empty = "no problems";

	if (report->style.format != RECORD_TABLE)
		report->records = records_open(&report->style,
			job->earlier ? verify_changed_columns : verify_columns, report->scratch,
			report->output.stream);
	else if (!wants_details(job, report->total))
		report->records =
			records_open(&report->style, table_columns, NULL, report->output.stream);
	report->table = report->records && report->style.format == RECORD_TABLE;
}

struct verify_report *verify_report_open(const struct verify_job *job, guint total, GError **error)
{
	struct verify_report *report = g_new0(struct verify_report, 1);

	report->job = job;
	report->total = total;
	if (!app_output_open(job->app, &report->output, error)) {
		g_free(report);
		return NULL;
	}
	app_record_style(job->app, report->output.stream, &report->style);
	report->lines = g_new0(struct verify_line *, total);
	report->came = g_new0(gboolean, total);
	report->scratch = verify_scratch_new();
	open_records(report);
	return report;
}

gboolean verify_report_waits(const struct verify_report *report)
{
	return report->table || report->output.file;
}

gboolean verify_report_close(struct verify_report *report, gboolean keep, GError **error)
{
	gboolean good = TRUE;

	/* After an interruption those that came are not the first ones alone. */
	for (; report->turn < report->total; report->turn++) {
		if (report->lines[report->turn])
			put(report, report->lines[report->turn]);
		g_clear_pointer(&report->lines[report->turn], line_free);
	}
	if (report->records)
		good = records_close(report->records, error);
	if (good && keep)
		good = app_output_close(&report->output, error);
	else
		app_output_abort(&report->output);
	verify_scratch_free(report->scratch);
	g_free(report->lines);
	g_free(report->came);
	g_free(report);
	return good;
}
