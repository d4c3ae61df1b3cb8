/* verify --nagios: one line, performance data, and 0 1 2 3 as plugins for Nagios and its kin. */
#include "cmd/verify.h"

enum { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };
static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

/* So many are named; the line has to fit into an SMS. */
#define NAMED 3

static int state_of(const struct verify_tally *tally)
{
	if (tally->weights[WEIGHT_PROBLEM])
		return NAGIOS_CRITICAL;
	if (tally->weights[WEIGHT_FINDING])
		return NAGIOS_WARNING;
	/* Nothing looked at is not the same as nothing found. */
	if (tally->weights[WEIGHT_UNKNOWN] || !tally->complete || !tally->judged)
		return NAGIOS_UNKNOWN;
	return NAGIOS_OK;
}

/* The pipe begins the performance data. */
static void append_harmless(GString *line, const char *text)
{
	g_autofree char *harmless = printable(text_of(text));

	g_strdelimit(harmless, "|", '!');
	g_string_append(line, harmless);
}

static void append_named(GString *line, const struct verify_tally *tally, enum verify_weight weight)
{
	guint named = 0;

	for (guint i = 0; i < tally->problems->len && named < NAMED; i++) {
		const struct verify_problem *problem =
			&g_array_index(tally->problems, struct verify_problem, i);
		g_autofree char *name = text_dup(verify_target_name(problem->target));

		if (problem->weight != weight)
			continue;
		g_string_append(line, named++ ? "; " : ": ");
		append_harmless(line, name);
		if (weight == WEIGHT_PROBLEM)
			g_string_append_printf(line, " %s", outcome_name(problem->outcome));
		g_string_append(line, " (");
		append_harmless(line, problem->why);
		g_string_append_c(line, ')');
	}
	if (tally->weights[weight] > named)
		g_string_append_printf(line, "; and %u more", tally->weights[weight] - named);
}

static void append_summary(GString *line, const struct verify_tally *tally)
{
	static const struct {
		enum verify_weight weight;
		const char *what;
	} parts[] = {
		{WEIGHT_PROBLEM, "not delivered as the policy says"},
		{WEIGHT_FINDING, "with findings"},
		{WEIGHT_UNKNOWN, "unknown"},
	};
	const char *separator = "";

	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		enum verify_weight weight = parts[i].weight;

		if (!tally->weights[weight])
			continue;
		g_string_append_printf(line, "%s%u of %u %s", separator, tally->weights[weight],
			tally->total, parts[i].what);
		append_named(line, tally, weight);
		separator = ", ";
	}
	if (!*separator)
		g_string_append_printf(line, "%u destination%s as the policies say", tally->judged,
			tally->judged == 1 ? "" : "s");
	if (!tally->complete)
		g_string_append_printf(line, ", only %u of %u begun, not all of them finished",
			tally->judged, tally->total);
}

/* 'label'=value[unit];[warn];[crit];[min];[max] */
static void append_data(GString *line, const struct verify_tally *tally)
{
	gint64 first = 0, now = g_get_real_time() / G_USEC_PER_SEC;

	g_string_append_printf(line, " | destinations=%u;;;0", tally->judged);
	for (guint i = 0; i < G_N_ELEMENTS(tally->outcomes); i++)
		g_string_append_printf(
			line, " %s=%u;;;0;%u", outcome_name(i), tally->outcomes[i], tally->total);
	g_string_append_printf(line, " findings=%u;;;0", tally->findings);
	for (guint i = 0; i < tally->ends->len; i++) {
		gint64 end = g_array_index(tally->ends, struct verify_end, i).rests_until;

		first = first ? MIN(first, end) : end;
	}
	if (first)
		g_string_append_printf(line, " first_end=%" G_GINT64_FORMAT "s", first - now);
	g_string_append_printf(line, " time=%.3fs;;;0\n",
		(double)(tally->ended_us - tally->started_us) / G_USEC_PER_SEC);
}

int verify_nagios(const struct verify_tally *tally, FILE *to)
{
	g_autoptr(GString) line = g_string_new(NULL);
	int state = state_of(tally);

	g_string_append_printf(line, "TLSPOL %s - ", words[state]);
	append_summary(line, tally);
	append_data(line, tally);
	fputs(line->str, to);
	return state;
}

int verify_nagios_failed(const GError *error, FILE *to)
{
	g_autoptr(GString) line = g_string_new("TLSPOL UNKNOWN - ");

	append_harmless(line, error->message);
	fprintf(to, "%s\n", line->str);
	return NAGIOS_UNKNOWN;
}
