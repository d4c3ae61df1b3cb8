/*
 * verify --metrics: Prometheus' text format, for the textfile collector of node_exporter.
 *
 * Destinations have series of their own where something is wrong, and for the end of the
 * certificate that delivery rests on.
 */
#include "cmd/verify.h"

static void head(FILE *to, const char *name, const char *help)
{
	fprintf(to, "# HELP tlspol_verify_%s %s\n# TYPE tlspol_verify_%s gauge\n", name, help,
		name);
}

/* A backslash, a quote and a newline are escaped in labels; other control characters made harmless.
 */
static void label(FILE *to, const char *name, struct text value)
{
	g_autofree char *text = printable(value);

	fprintf(to, "%s=\"", name);
	for (const char *at = text; *at; at++) {
		if (*at == '"' || *at == '\\')
			putc('\\', to);
		putc(*at, to);
	}
	putc('"', to);
}

static void labels_of(FILE *to, const struct verify_target *target)
{
	label(to, "destination", verify_target_name(target));
	putc(',', to);
	label(to, "domain", verify_target_key(target));
}

static void write_run(FILE *to, const struct verify_tally *tally)
{
	head(to, "destinations", "Destinations by what would happen to mail for them.");
	for (guint i = 0; i < G_N_ELEMENTS(tally->outcomes); i++)
		fprintf(to, "tlspol_verify_destinations{outcome=\"%s\"} %u\n", outcome_name(i),
			tally->outcomes[i]);
	head(to, "notes", "What is to be said of destinations besides, by kind.");
	for (guint i = 0; i < NOTE_COUNT; i++)
		fprintf(to, "tlspol_verify_notes{note=\"%s\"} %u\n", note_name(i), tally->notes[i]);
	head(to, "findings", "Notes that call for something to be done.");
	fprintf(to, "tlspol_verify_findings %u\n", tally->findings);
	head(to, "complete", "1 when all destinations were looked at.");
	fprintf(to, "tlspol_verify_complete %d\n", tally->complete);
	head(to, "duration_seconds", "How long the run took.");
	fprintf(to, "tlspol_verify_duration_seconds %.3f\n",
		(double)(tally->ended_us - tally->started_us) / G_USEC_PER_SEC);
	head(to, "timestamp_seconds", "When it ended.");
	fprintf(to, "tlspol_verify_timestamp_seconds %" G_GINT64_FORMAT "\n",
		g_get_real_time() / G_USEC_PER_SEC);
}

static void write_problems(FILE *to, const struct verify_tally *tally)
{
	static const char *const kinds[] = {[WEIGHT_UNKNOWN] = "unknown",
		[WEIGHT_FINDING] = "finding",
		[WEIGHT_PROBLEM] = "problem"};

	head(to, "problem", "1 for each destination where something is wrong.");
	for (guint i = 0; i < tally->problems->len; i++) {
		const struct verify_problem *problem =
			&g_array_index(tally->problems, struct verify_problem, i);

		fputs("tlspol_verify_problem{", to);
		labels_of(to, problem->target);
		fprintf(to, ",kind=\"%s\",outcome=\"%s\",cause=\"%s\"} 1\n", kinds[problem->weight],
			outcome_name(problem->outcome), cause_name(problem->cause));
	}
}

static void write_ends(FILE *to, const struct verify_tally *tally)
{
	head(to, "rests_until_seconds", "When the first certificate ends that delivery rests on.");
	for (guint i = 0; i < tally->ends->len; i++) {
		const struct verify_end *end = &g_array_index(tally->ends, struct verify_end, i);

		fputs("tlspol_verify_rests_until_seconds{", to);
		labels_of(to, end->target);
		fprintf(to, "} %" G_GINT64_FORMAT "\n", end->rests_until);
	}
}

void verify_metrics(const struct verify_tally *tally, FILE *to)
{
	write_run(to, tally);
	write_problems(to, tally);
	write_ends(to, tally);
}
