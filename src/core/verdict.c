#include "core/verdict_parts.h"

#include "core/address_order.h"

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {"deliver", "plaintext", "defer", "bounce", "unknown"};

	return names[outcome];
}

const char *cause_name(enum cause cause)
{
	static const char *const names[] = {"none", "policy", "server", "dns", "time"};

	return names[cause];
}

static void host_verdict_free(struct host_verdict *host)
{
	g_free(host->reason);
	g_free(host->trust);
	g_free(host);
}

static void note_free(struct note *note)
{
	g_free(note->text);
	g_free(note);
}

void verdict_release(struct verdict *verdict)
{
	g_clear_pointer(&verdict->reason, g_free);
	g_clear_pointer(&verdict->hosts, g_ptr_array_unref);
	g_clear_pointer(&verdict->notes, g_ptr_array_unref);
}

/* -- one host --------------------------------------------------------------------------------- */

char *verdict_who(const struct observation *observation, const struct observed_host *host,
	const struct observed_address *address)
{
	guint port = observation->nexthop.port;
	GString *who = g_string_new(NULL);

	if (!address || strcmp(host->name, address->text) != 0)
		g_string_append(who, host->name);
	if (address)
		g_string_append_printf(who, "[%s]", address->text);
	if (port != 25)
		g_string_append_printf(who, ":%u", port);
	return g_string_free(who, FALSE);
}

void verdict_say(const struct verdict_case *one, struct host_verdict *to, enum outcome outcome,
	enum cause cause, char *text)
{
	g_autofree char *who = verdict_who(one->observation, to->host, to->address);

	to->outcome = outcome;
	to->cause = cause;
	g_free(to->reason);
	to->reason = g_strdup_printf("%s: %s", who, text);
	g_free(text);
}

static struct host_verdict *add_host(const struct verdict_case *one,
	const struct observed_host *host, const struct observed_address *address)
{
	struct host_verdict *verdict = g_new0(struct host_verdict, 1);

	verdict->host = host;
	verdict->address = address;
	g_ptr_array_add(one->verdict->hosts, verdict);
	return verdict;
}

/* DEFER when Postfix's resolver has given up by then, too. */
static enum outcome no_answer(const struct verdict_case *one)
{
	return one->settings->timeout >= RESOLVER_PATIENCE ? OUTCOME_DEFER : OUTCOME_UNKNOWN;
}

static void judge_skipped(const struct verdict_case *one, struct host_verdict *to)
{
	static const enum cause causes[] = {
		[SKIP_NOT] = CAUSE_NONE,
		[SKIP_REFUSED] = CAUSE_POLICY,
		[SKIP_UNFIT] = CAUSE_POLICY,
		[SKIP_LOOKUP] = CAUSE_DNS,
		[SKIP_NO_ANSWER] = CAUSE_TIME,
	};
	const struct demand *demand = &to->host->demand;
	enum outcome outcome = OUTCOME_DEFER;

	if (demand->skip == SKIP_NO_ANSWER)
		outcome = to->host->tlsa_answer.state == DNS_TIMEOUT ? no_answer(one)
								     : OUTCOME_UNKNOWN;
	verdict_say(one, to, outcome, causes[demand->skip], g_strdup(demand->why));
}

static void judge_address(const struct verdict_case *one, struct host_verdict *to)
{
	const struct observed_address *address = to->address;

	if (address->over_limit)
		verdict_say(one, to, OUTCOME_UNKNOWN, CAUSE_NONE,
			g_strdup_printf("behind smtp_mx_address_limit = %u: Postfix does not come "
					"to it",
				one->client->mx_address_limit));
	else if (!address->session)
		verdict_say(one, to, OUTCOME_UNKNOWN, CAUSE_TIME,
			g_strdup("there was no time left to look at it"));
	else
		verdict_of_session(
			one, to, address->session, &address->judgement, address->certificate);
}

/* A host without addresses is passed over, and counts only where no host has any. */
static void judge_without_address(const struct verdict_case *one, struct host_verdict *to)
{
	const struct dns_answer *answer = &to->host->addresses_answer;

	switch (answer->state) {
	case DNS_NO_NAME:
		verdict_say(
			one, to, OUTCOME_BOUNCE, CAUSE_DNS, g_strdup("the name does not exist"));
		break;
	case DNS_FOUND:
	case DNS_NO_DATA:
		verdict_say(one, to, OUTCOME_BOUNCE, CAUSE_DNS, g_strdup("it has no address"));
		break;
	case DNS_FAILED:
	case DNS_BOGUS:
		verdict_say(one, to, OUTCOME_DEFER, CAUSE_DNS,
			g_strdup_printf("its address lookup fails: %s",
				answer->why ? answer->why : "no server answers it"));
		break;
	case DNS_TIMEOUT:
		verdict_say(one, to, no_answer(one), CAUSE_TIME,
			g_strdup("no answer about its addresses in time"));
		break;
	case DNS_NOT_ASKED:
		verdict_say(one, to, OUTCOME_UNKNOWN, CAUSE_TIME,
			g_strdup("there was no time left to ask for its addresses"));
		break;
	}
}

static void judge_hosts(const struct verdict_case *one)
{
	const struct observation *observation = one->observation;

	for (guint i = 0; i < observation->hosts->len; i++) {
		const struct observed_host *host = g_ptr_array_index(observation->hosts, i);

		if (!host->addresses->len)
			judge_without_address(one, add_host(one, host, NULL));
		else if (host->demand.kind == DEMAND_SKIP)
			judge_skipped(one, add_host(one, host, NULL));
		else
			for (guint k = 0; k < host->addresses->len; k++)
				judge_address(one, add_host(one, host, host->addresses->pdata[k]));
	}
}

/* -- all of them, as Postfix goes through them ------------------------------------------------ */

/* How many addresses Postfix comes to here: those of a host that it passes by count, too. */
static guint weight(const struct host_verdict *host)
{
	return host->address ? !host->address->over_limit : addresses_within_limit(host->host);
}

/* The mail leaves here, one way or the other. */
static gboolean ends_it(const struct host_verdict *host)
{
	return !host->delayed &&
	       (host->outcome == OUTCOME_DELIVER || host->outcome == OUTCOME_PLAINTEXT ||
		       host->outcome == OUTCOME_BOUNCE);
}

/* The hosts of one preference, from `first` on; returns the first one behind them. */
static guint walk_group(const struct verdict_case *one, guint first, guint *room, gboolean *ended)
{
	const GPtrArray *hosts = one->verdict->hosts;
	guint count = 0, ends = 0, i;
	const struct host_verdict *begin = g_ptr_array_index(hosts, first);

	for (i = first; i < hosts->len; i++) {
		struct host_verdict *host = g_ptr_array_index(hosts, i);

		if (host->host->preference != begin->host->preference)
			break;
		host->tried = weight(host) > 0;
		count += weight(host);
		ends += weight(host) && ends_it(host);
	}
	*ended = ends > 0;
	*room -= MIN(*room, count);
	return i;
}

static void walk(const struct verdict_case *one)
{
	guint limit = one->client->mx_address_limit;
	guint room = limit ? limit : G_MAXUINT;
	gboolean ended = FALSE;

	for (guint i = 0; i < one->verdict->hosts->len && room && !ended;)
		i = walk_group(one, i, &room, &ended);
}

static const struct host_verdict *first_tried(
	const struct verdict_case *one, enum outcome outcome, gboolean delayed)
{
	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);

		if (host->tried && host->outcome == outcome && host->delayed == delayed)
			return host;
	}
	return NULL;
}

/* Of those that defer, the one that stays so until somebody changes something. */
static const struct host_verdict *first_deferring(const struct verdict_case *one)
{
	const struct host_verdict *found = NULL;

	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);

		if (!host->tried || host->outcome != OUTCOME_DEFER)
			continue;
		if (host->cause == CAUSE_POLICY)
			return host;
		found = found ? found : host;
	}
	return found;
}

/* Worst first, where mail leaves at all; one that is unknown only hides what comes behind it. */
static const struct host_verdict *decide(const struct verdict_case *one)
{
	const struct host_verdict *host = first_tried(one, OUTCOME_BOUNCE, FALSE);

	if (!host)
		host = first_tried(one, OUTCOME_PLAINTEXT, FALSE);
	if (!host)
		host = first_tried(one, OUTCOME_DELIVER, FALSE);
	if (!host)
		host = first_tried(one, OUTCOME_PLAINTEXT, TRUE);
	if (!host)
		host = first_tried(one, OUTCOME_UNKNOWN, FALSE);
	return host ? host : first_deferring(one);
}

/* -- destinations without a host -------------------------------------------------------------- */

static void conclude(
	const struct verdict_case *one, enum outcome outcome, enum cause cause, const char *words)
{
	one->verdict->outcome = outcome;
	one->verdict->cause = cause;
	one->verdict->reason = g_strdup_printf("%s: %s", one->observation->nexthop.domain, words);
}

static void conclude_without_mx(const struct verdict_case *one)
{
	const struct dns_answer *answer = &one->observation->mx_answer;

	switch (answer->state) {
	case DNS_NO_NAME:
	case DNS_NO_DATA:
		conclude(one, OUTCOME_BOUNCE, CAUSE_DNS,
			"there is no such domain, mail comes back at any level");
		break;
	case DNS_FAILED:
	case DNS_BOGUS: {
		g_autofree char *words = g_strdup_printf("the MX lookup fails: %s",
			answer->why ? answer->why : "no server answers it");

		conclude(one, OUTCOME_DEFER, CAUSE_DNS, words);
		break;
	}
	case DNS_TIMEOUT:
		conclude(one, no_answer(one), CAUSE_TIME, "no answer about MX records in time");
		break;
	default:
		conclude(one, OUTCOME_UNKNOWN, CAUSE_TIME,
			"there was no time left to ask for MX records");
	}
}

/* No host has an address: one failed lookup is enough to try again later. */
static void conclude_without_address(const struct verdict_case *one)
{
	static const enum outcome order[] = {OUTCOME_DEFER, OUTCOME_UNKNOWN, OUTCOME_BOUNCE};
	gboolean mx = one->observation->mx_kind == MX_RECORDS;

	for (guint o = 0; o < G_N_ELEMENTS(order); o++) {
		for (guint i = 0; i < one->verdict->hosts->len; i++) {
			const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);

			if (host->outcome != order[o])
				continue;
			one->verdict->outcome = host->outcome;
			one->verdict->cause = host->cause;
			one->verdict->reason = g_strdup(host->reason);
			if (mx && host->outcome == OUTCOME_BOUNCE &&
				one->client->defer_if_no_mx_address)
				one->verdict->outcome = OUTCOME_DEFER;
			return;
		}
	}
	conclude(one, OUTCOME_BOUNCE, CAUSE_DNS, "none of its MX records names a host");
}

/* -- the whole -------------------------------------------------------------------------------- */

static void conclude_from_hosts(const struct verdict_case *one)
{
	const struct host_verdict *host;

	judge_hosts(one);
	walk(one);
	host = decide(one);
	if (!host) {
		conclude_without_address(one);
		return;
	}
	one->verdict->outcome = host->outcome;
	one->verdict->cause = host->cause;
	one->verdict->delayed = host->delayed;
	one->verdict->reason = g_strdup(host->reason);
	if (host->host->demand.kind == DEMAND_SESSION)
		one->verdict->effective = host->host->demand.level;
}

void verdict_judge(const struct policy *policy, const struct observation *observation,
	const struct verdict_settings *settings, struct verdict *verdict)
{
	struct verdict_case one = {policy, observation, settings, settings->client, verdict};

	*verdict = (struct verdict){
		.effective = LEVEL_UNKNOWN,
		.hosts = g_ptr_array_new_with_free_func((GDestroyNotify)host_verdict_free),
		.notes = g_ptr_array_new_with_free_func((GDestroyNotify)note_free),
	};
	switch (observation->mx_kind) {
	case MX_NULL:
		conclude(&one, OUTCOME_BOUNCE, CAUSE_DNS,
			"it does not accept mail (null MX), mail comes back at any level");
		break;
	case MX_UNKNOWN:
		conclude_without_mx(&one);
		break;
	default:
		conclude_from_hosts(&one);
	}
	verdict_add_notes(&one);
}
