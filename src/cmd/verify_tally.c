/* verify: the account of all destinations. */
#include "cmd/verify.h"

char *verify_host_name(const struct host_verdict *host)
{
	return host->address ? g_strdup_printf("%s[%s]", host->host->name, host->address->text)
			     : g_strdup(host->host->name);
}

/* Does the level promise encryption? none and may do not. */
static gboolean takes_plaintext(enum level level)
{
	return level == LEVEL_NONE || level == LEVEL_MAY;
}

enum verify_weight verify_weigh(
	const struct verify_result *result, enum level allowed, gboolean strict)
{
	const struct verdict *verdict = &result->verdict;
	enum level level = result->target->row ? result->policy.level : allowed;

	if (verdict->outcome == OUTCOME_DEFER || verdict->outcome == OUTCOME_BOUNCE)
		return WEIGHT_PROBLEM;
	if (verdict->outcome == OUTCOME_PLAINTEXT && (strict || !takes_plaintext(level)))
		return WEIGHT_PROBLEM;
	for (guint i = 0; i < verdict->notes->len; i++) {
		if (((const struct note *)g_ptr_array_index(verdict->notes, i))->finding)
			return WEIGHT_FINDING;
	}
	return verdict->outcome == OUTCOME_UNKNOWN ? WEIGHT_UNKNOWN : WEIGHT_FINE;
}

/* -- counting -------------------------------------------------------------------------------- */

static void problem_clear(gpointer data)
{
	g_free(((struct verify_problem *)data)->why);
}

void verify_tally_init(struct verify_tally *tally, guint total)
{
	*tally = (struct verify_tally){.total = total, .started_us = g_get_monotonic_time()};
	tally->problems = g_array_new(FALSE, TRUE, sizeof(struct verify_problem));
	g_array_set_clear_func(tally->problems, problem_clear);
	tally->ends = g_array_new(FALSE, TRUE, sizeof(struct verify_end));
}

void verify_tally_release(struct verify_tally *tally)
{
	g_clear_pointer(&tally->problems, g_array_unref);
	g_clear_pointer(&tally->ends, g_array_unref);
}

char *verify_why(const char *reason, const GPtrArray *notes)
{
	GString *text = g_string_new(reason);

	for (guint i = 0; i < notes->len; i++) {
		const struct note *note = g_ptr_array_index(notes, i);

		if (note->finding)
			g_string_append_printf(text, "%s%s", text->len ? "; " : "", note->text);
	}
	return g_string_free(text, FALSE);
}

void verify_tally_add(
	struct verify_tally *tally, const struct verify_result *result, enum verify_weight weight)
{
	const struct verdict *verdict = &result->verdict;
	struct verify_problem problem = {
		result->target, weight, verdict->outcome, verdict->cause, NULL};
	struct verify_end end = {result->target, verdict->rests_until};

	tally->judged++;
	tally->outcomes[verdict->outcome]++;
	tally->weights[weight]++;
	tally->parents += result->target->kind == TARGET_PARENT;
	tally->changed += result->changes && result->changes[0];
	for (guint i = 0; i < verdict->notes->len; i++) {
		const struct note *note = g_ptr_array_index(verdict->notes, i);

		tally->notes[note->id]++;
		tally->findings += note->finding;
	}
	if (weight != WEIGHT_FINE) {
		problem.why = verify_why(verdict->reason, verdict->notes);
		g_array_append_val(tally->problems, problem);
	}
	if (verdict->rests_until)
		g_array_append_val(tally->ends, end);
}

/* Both structs begin with their target, and targets are in order in one array. */
static int compare_targets(gconstpointer a, gconstpointer b)
{
	const struct verify_target *first = *(const struct verify_target *const *)a;
	const struct verify_target *second = *(const struct verify_target *const *)b;

	return first < second ? -1 : first > second;
}

void verify_tally_finish(struct verify_tally *tally, gboolean complete)
{
	g_array_sort(tally->problems, compare_targets);
	g_array_sort(tally->ends, compare_targets);
	tally->ended_us = g_get_monotonic_time();
	tally->complete = complete;
}

int verify_tally_status(const struct verify_tally *tally)
{
	if (tally->weights[WEIGHT_PROBLEM] || tally->weights[WEIGHT_FINDING])
		return STATUS_NO;
	if (tally->weights[WEIGHT_UNKNOWN] || !tally->complete)
		return STATUS_UNDECIDED;
	return STATUS_OK;
}

/* -- in words -------------------------------------------------------------------------------- */

char *verify_tally_words(const struct verify_tally *tally)
{
	GString *text = g_string_new(NULL);
	const char *separator = ": ";

	g_string_append_printf(
		text, "%u destination%s", tally->judged, tally->judged == 1 ? "" : "s");
	for (guint i = 0; i < G_N_ELEMENTS(tally->outcomes); i++) {
		if (!tally->outcomes[i])
			continue;
		g_string_append_printf(
			text, "%s%u %s", separator, tally->outcomes[i], outcome_name(i));
		separator = ", ";
	}
	if (tally->findings)
		g_string_append_printf(
			text, "; %u finding%s", tally->findings, tally->findings == 1 ? "" : "s");
	if (tally->parents)
		g_string_append_printf(text,
			"; %u for subdomains not looked at, --sample names a "
			"host below",
			tally->parents);
	g_string_append_printf(
		text, "; %.1f s", (double)(tally->ended_us - tally->started_us) / G_USEC_PER_SEC);
	return g_string_free(text, FALSE);
}
