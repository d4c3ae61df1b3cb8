/* verify: the survey, one judgement for each destination, the account. */
#include <unistd.h>

#include "cmd/interrupt.h"
#include "cmd/network.h"
#include "cmd/verify_changed.h"
#include "cmd/verify_report.h"
#include "core/exception.h"
#include "core/key.h"
#include "files/atomic_file.h"

struct run {
	struct verify_job *job;
	struct verify_report *report; /* NULL with --nagios */
	gboolean watched;
	struct atomic_file *metrics; /* NULL without --metrics */
	guint next;		     /* target */
};

/* -- a result -------------------------------------------------------------------------------- */

static guint index_of(const struct run *run, const struct verify_result *result)
{
	return (guint)(result->target - verify_target(run->job->targets, 0));
}

static void result_free(struct verify_result *result)
{
	g_strfreev(result->changes);
	verdict_release(&result->verdict);
	g_clear_pointer(&result->observation, observation_free);
	g_free(result);
}

static struct verify_result *result_new(
	const struct verify_job *job, const struct verify_target *target)
{
	struct verify_result *result = g_new0(struct verify_result, 1);

	result->target = target;
	result->policy.key = verify_target_name(target);
	result->policy.level = client_default_level(job->client);
	if (target->row)
		row_policy_now(&job->targets->set, target->row, app_now(job->app), &result->policy);
	return result;
}

static gboolean is_shown(
	const struct run *run, const struct verify_result *result, enum verify_weight weight)
{
	if (result->changes && !result->changes[0])
		return FALSE;
	return !run->job->settings->problems || weight != WEIGHT_FINE;
}

/* Also while all that is under way takes its time. */
static void show_progress(gpointer data)
{
	const struct run *run = data;
	const struct verify_tally *tally = &run->job->tally;

	if (run->watched)
		app_progress(run->job->app, "destinations verified", tally->judged, tally->total);
}

/* The verdict is there. Frees the result. */
static void take(struct run *run, struct verify_result *result)
{
	struct verify_job *job = run->job;
	enum verify_weight weight =
		verify_weigh(result, client_default_level(job->client), job->settings->strict);

	if (job->earlier)
		result->changes = verify_changed_words(job->earlier, result);
	verify_tally_add(&job->tally, result, weight);
	if (run->report)
		verify_report_take(
			run->report, index_of(run, result), result, is_shown(run, result, weight));
	show_progress(run);
	result_free(result);
}

/* There is nothing to look at: the reason is all there is to say. */
static void take_unknown(struct run *run, struct verify_result *result, const char *reason)
{
	struct verdict *verdict = &result->verdict;

	verdict->outcome = OUTCOME_UNKNOWN;
	verdict->effective = LEVEL_UNKNOWN;
	verdict->reason = g_strdup(reason);
	verdict->hosts = g_ptr_array_new();
	verdict->notes = g_ptr_array_new();
	take(run, result);
}

/* -- between the survey and us --------------------------------------------------------------- */

static const char *unknown_reason(enum target_kind kind)
{
	return kind == TARGET_PARENT
		       ? "the row is for all names below it: name one with --sample HOST"
		       : "Postfix never asks for such a key: 'tlspol check' says more";
}

static gboolean next_item(struct survey_item *item, gpointer data)
{
	struct run *run = data;
	const struct verify_job *job = run->job;

	while (run->next < job->targets->targets->len) {
		const struct verify_target *target = verify_target(job->targets, run->next++);
		struct verify_result *result = result_new(job, target);
		g_autoptr(GError) error = NULL;

		if (target->kind != TARGET_LIVE) {
			take_unknown(run, result, unknown_reason(target->kind));
		} else if (!nexthop_parse(verify_target_name(target), &item->nexthop, &error)) {
			take_unknown(run, result, error->message);
		} else {
			item->policy = target->row ? &result->policy : NULL;
			item->tag = result;
			return TRUE;
		}
	}
	return FALSE;
}

static void seen(gpointer tag, struct observation *observation, gpointer data)
{
	struct run *run = data;
	const struct verify_job *job = run->job;
	struct verify_result *result = tag;
	const struct verdict_settings settings = {
		.client = job->client,
		.now = app_now(job->app) / G_USEC_PER_SEC,
		.ahead = job->ahead,
		.timeout = job->settings->timeout,
	};

	result->observation = observation;
	verdict_judge(result->target->row ? &result->policy : NULL, observation, &settings,
		&result->verdict);
	take(run, result);
}

static struct survey_settings survey_settings(const struct verify_job *job)
{
	const struct verify_settings *settings = job->settings;

	return (struct survey_settings){
		.client = job->client,
		.resolver = job->app->resolver,
		.trust_anchor = job->app->trust_anchor,
		.root_hints = job->app->root_hints,
		.helo = settings->helo ? settings->helo : g_get_host_name(),
		.width = settings->width,
		.per_address = settings->per_address,
		.per_provider = settings->per_provider,
		.step_seconds = settings->timeout,
		.domain_seconds = settings->deadline,
		.run_seconds = settings->stop_after,
		.both_keys = settings->both_keys,
		.sts = !settings->no_sts,
		.tick = show_progress,
	};
}

static void say_counts(const struct app *app, const struct survey_counts *counts)
{
	app_note(app,
		"questions to DNS: %u, sessions: %u, shared with other destinations: %u, MTA-STS "
		"policies fetched: %u",
		counts->questions, counts->sessions, counts->sessions_shared, counts->fetches);
}

/* -- the run --------------------------------------------------------------------------------- */

static gboolean needs_dns(const struct verify_targets *targets)
{
	for (guint i = 0; i < targets->targets->len; i++) {
		const struct verify_target *target = verify_target(targets, i);
		struct key key;

		key_parse(verify_target_name(target), &key);
		if (target->kind == TARGET_LIVE && key.form < KEY_ADDRESS)
			return TRUE;
	}
	return FALSE;
}

/*
 * Through a resolver that does not answer, or takes DNSSEC away, all mail would seem to be
 * deferred: better nothing is said than that. FALSE with UNAVAILABLE.
 */
static gboolean check_resolver(const struct verify_job *job, const struct network *network,
	const struct survey_settings *settings, GError **error)
{
	struct resolver_report report;
	gboolean good, answered;

	if (!needs_dns(job->targets))
		return TRUE;
	if (!network->resolver_test(settings, NULL, &report, error))
		return FALSE;
	good = report.root_key.state == DNS_FOUND && report.root_key.secure;
	answered = report.root_key.state != DNS_FAILED && report.root_key.state != DNS_TIMEOUT;
	if (!good)
		g_set_error(error, TLSPOL_ERROR, STATUS_UNAVAILABLE,
			"no validated answer from DNS, by %s: %s; %s", report.servers,
			report.root_key.why ? report.root_key.why : "no answer in time",
			answered ? "the server strips DNSSEC from its answers (--resolver names "
				   "another, or recursive), the clock is wrong, or the trust "
				   "anchor is (--trust-anchor names another)"
				 : "name another server with --resolver, or --resolver recursive");
	else if (report.ad == RESOLVER_AD_MISSING && job->client->from_postfix &&
		 client_does_dane(job->client))
		app_warning(job->app,
			"the DNS servers of /etc/resolv.conf do not validate (no AD bit): Postfix "
			"here takes nothing for secure, so dane is may and dane-only defers, "
			"whatever is said below");
	g_free(report.root_key.why);
	g_free(report.servers);
	return good;
}

/* FALSE: nothing could be looked at. */
static gboolean look(struct run *run, enum survey_end *end, GError **error)
{
	const struct verify_job *job = run->job;
	const struct network *network = network_load(error);
	const struct survey_settings settings = survey_settings(job);
	struct survey *survey;

	if (!network || !check_resolver(job, network, &settings, error) ||
		!(survey = network->survey_new(&settings, error)))
		return FALSE;
	/* What is finished is printed, whatever comes. */
	interrupt_catch(TRUE);
	show_progress(run);
	*end = network->survey_run(survey, next_item, seen, run);
	app_progress(job->app, NULL, 0, 0);
	if (job->app->verbose)
		say_counts(job->app, network->survey_counts(survey));
	network->survey_free(survey);
	return TRUE;
}

/* -- the end --------------------------------------------------------------------------------- */

static void say_end(const struct verify_job *job, enum survey_end end)
{
	const struct verify_tally *tally = &job->tally;
	g_autofree char *words = verify_tally_words(tally);

	if (end != SURVEY_COMPLETE)
		app_warning(job->app,
			"%s: %u of %u destinations were begun, not all of them finished",
			end == SURVEY_SIGNAL ? "interrupted" : "stopped as --stop-after says",
			tally->judged, tally->total);
	if (job->targets->sockets)
		app_note(job->app, "%u row%s for sockets left out: there is no TLS to look at",
			job->targets->sockets, job->targets->sockets == 1 ? "" : "s");
	if (!tally->total)
		app_note(job->app, "there is nothing to verify");
	else
		app_note(job->app, "%s", words);
	if (job->earlier)
		app_note(job->app, "%u changed since %s, %u no longer there", tally->changed,
			job->settings->changed_since,
			end == SURVEY_COMPLETE ? verify_changed_gone(job->earlier) : 0);
}

static gboolean finish(struct run *run, enum survey_end end, GError **error)
{
	struct verify_report *report = g_steal_pointer(&run->report);

	if (report && !verify_report_close(report, end != SURVEY_SIGNAL, error))
		return FALSE;
	if (!run->metrics || end == SURVEY_SIGNAL)
		return TRUE;
	verify_metrics(&run->job->tally, atomic_file_stream(run->metrics));
	return atomic_file_commit(g_steal_pointer(&run->metrics), error);
}

/* What cannot be written is said before minutes are spent on looking. */
static gboolean open_outputs(struct run *run, GError **error)
{
	const struct verify_settings *settings = run->job->settings;

	if (!settings->nagios &&
		!(run->report = verify_report_open(run->job, run->job->tally.total, error)))
		return FALSE;
	return !settings->metrics ||
	       (run->metrics = atomic_file_open(settings->metrics, 0644, error));
}

/* A line that is drawn anew does not go with rows that come on the same terminal. */
static gboolean is_watched(const struct run *run)
{
	gboolean waits = !run->report || verify_report_waits(run->report);

	return (waits || !isatty(STDOUT_FILENO)) && app_watched(run->job->app);
}

static int status_of(const struct verify_job *job, enum survey_end end)
{
	if (job->settings->nagios)
		return verify_nagios(&job->tally, stdout);
	return end == SURVEY_SIGNAL ? STATUS_INTERRUPTED : verify_tally_status(&job->tally);
}

int verify_run(struct verify_job *job, GError **error)
{
	struct run run = {.job = job};
	enum survey_end end = SURVEY_COMPLETE;
	gboolean good;
	guint total = job->targets->targets->len;

	verify_tally_init(&job->tally, total);
	good = open_outputs(&run, error);
	run.watched = good && is_watched(&run);
	good = good && (!total || look(&run, &end, error));
	verify_tally_finish(&job->tally, good && end == SURVEY_COMPLETE && total);
	if (good)
		good = finish(&run, end, error);
	else if (run.report)
		verify_report_close(run.report, FALSE, NULL);
	atomic_file_abort(run.metrics);
	if (!good)
		return STATUS_BUG;
	say_end(job, end);
	return status_of(job, end);
}
