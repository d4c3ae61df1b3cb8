#include "net/domain_probe.h"

#include <string.h>

#include "net/domain_dns.h"
#include "net/sts_fetch.h"
#include "net/tls.h"

struct domain_probe {
	struct survey *survey;
	struct observation *observation;
	const struct policy *policy;
	domain_probe_done *done;
	gpointer data;
	struct domain_dns *dns;	 /* while under way */
	struct sts_fetch *fetch; /* while under way */
	GQueue asked;		 /* struct asked: sessions it waits for */
};

/* A session that was asked for, for one address. */
struct asked {
	struct domain_probe *probe;
	struct observed_host *host;
	struct observed_address *address;
	enum key_kind kind;
	struct survey_wait *wait;
	GList link;
};

static void hand_over(struct domain_probe *probe)
{
	probe->done(probe->observation, probe->data);
	g_free(probe);
}

static void hand_over_if_done(struct domain_probe *probe)
{
	if (!probe->dns && !probe->fetch && g_queue_is_empty(&probe->asked))
		hand_over(probe);
}

/* -- what a session is worth --------------------------------------------------------------------
 */

static void judge_webpki(struct asked *asked, struct tls_chain *chain)
{
	const struct nexthop *nexthop = &asked->probe->observation->nexthop;
	const char *const names[] = {
		asked->host->name, nexthop->is_address ? NULL : nexthop->domain, NULL};

	tls_judge_webpki(survey_tls(asked->probe->survey), chain, names, &asked->address->webpki);
}

/* As a row of level dane would be judged, whatever the row says (facts 4.3). */
static void judge_dane(struct asked *asked, struct tls_chain *chain)
{
	const struct observation *observation = asked->probe->observation;
	const struct observed_host *host = asked->host;
	struct demand demand;

	if (!host->tlsa || (observation->mx_kind == MX_RECORDS && !observation->mx_answer.secure))
		return;
	demand_of_dane(observation, host, &demand);
	tls_judge(survey_tls(asked->probe->survey), chain, &demand, host->tlsa, host->tlsa_base,
		&asked->address->dane);
	demand_release(&demand);
}

static struct judgement judge_demand(struct asked *asked, struct tls_chain *chain)
{
	const struct observed_host *host = asked->host;
	struct judgement judgement = {0};

	tls_judge(survey_tls(asked->probe->survey), chain, &host->demand, host->tlsa,
		host->tlsa_base, &judgement);
	return judgement;
}

/* -- sessions -----------------------------------------------------------------------------------
 */

static void ask_session(struct domain_probe *probe, struct observed_host *host,
	struct observed_address *address, enum key_kind kind);

static void keep_kind(struct asked *asked, struct session *session)
{
	struct observed_address *address = asked->address;

	address->kinds[asked->kind].session = session_ref(session);
	if (!session->chain)
		return;
	address->kinds[asked->kind].certificate =
		tls_certificate(survey_tls(asked->probe->survey), session->chain);
	address->kinds[asked->kind].judgement = judge_demand(asked, session->chain);
}

/* The kind that the server chose by itself is known already. */
static void ask_kind(
	struct asked *asked, struct session *session, enum key_kind kind, const char *name)
{
	struct asked known = *asked;

	known.kind = kind;
	if (strcmp(asked->address->certificate->kind, name) == 0)
		keep_kind(&known, session);
	else
		ask_session(asked->probe, asked->host, asked->address, kind);
}

static void keep_session(struct asked *asked, struct session *session)
{
	struct domain_probe *probe = asked->probe;
	struct observed_address *address = asked->address;

	address->session = session_ref(session);
	if (!session->chain)
		return;
	address->certificate = tls_certificate(survey_tls(probe->survey), session->chain);
	address->judgement = judge_demand(asked, session->chain);
	judge_webpki(asked, session->chain);
	judge_dane(asked, session->chain);
	if (survey_settings_of(probe->survey)->both_keys) {
		ask_kind(asked, session, KEY_KIND_ECDSA, "ECDSA");
		ask_kind(asked, session, KEY_KIND_RSA, "RSA");
	}
}

static void on_session(struct session *session, gpointer data)
{
	g_autofree struct asked *asked = data;

	g_queue_unlink(&asked->probe->asked, &asked->link);
	if (asked->kind == KEY_KIND_ANY)
		keep_session(asked, session);
	else
		keep_kind(asked, session);
	hand_over_if_done(asked->probe);
}

static void ask_session(struct domain_probe *probe, struct observed_host *host,
	struct observed_address *address, enum key_kind kind)
{
	struct asked *asked = g_new0(struct asked, 1);

	asked->probe = probe;
	asked->host = host;
	asked->address = address;
	asked->kind = kind;
	asked->link.data = asked;
	g_queue_push_tail_link(&probe->asked, &asked->link);
	asked->wait = survey_session(probe->survey, host->name, address->text,
		probe->observation->nexthop.port, &host->demand, kind, on_session, asked);
}

static void ask_sessions(struct domain_probe *probe)
{
	struct observation *observation = probe->observation;

	for (guint i = 0; i < observation->hosts->len; i++) {
		struct observed_host *host = observation->hosts->pdata[i];

		for (guint k = 0; k < host->addresses->len; k++) {
			struct observed_address *address = host->addresses->pdata[k];

			if (!address->over_limit && host->demand.kind == DEMAND_SESSION)
				ask_session(probe, host, address, KEY_KIND_ANY);
		}
	}
}

/* -- the destination ----------------------------------------------------------------------------
 */

static void demand_for_all(struct domain_probe *probe)
{
	struct observation *observation = probe->observation;

	for (guint i = 0; i < observation->hosts->len; i++) {
		struct observed_host *host = observation->hosts->pdata[i];

		demand_for_host(probe->policy, survey_settings_of(probe->survey)->client,
			observation, host, &host->demand);
	}
}

static void on_dns(gpointer data)
{
	struct domain_probe *probe = data;

	probe->dns = NULL;
	demand_for_all(probe);
	ask_sessions(probe);
	hand_over_if_done(probe);
}

static void on_sts(struct sts_observation *sts, gpointer data)
{
	struct domain_probe *probe = data;

	probe->fetch = NULL;
	probe->observation->sts = *sts;
	*sts = (struct sts_observation){0};
	hand_over_if_done(probe);
}

static void ask_sts(struct domain_probe *probe)
{
	const struct survey_settings *settings = survey_settings_of(probe->survey);

	survey_counting(probe->survey)->fetches++;
	probe->fetch = sts_fetch_start(survey_loop(probe->survey), survey_resolver(probe->survey),
		survey_tls(probe->survey), probe->observation->nexthop.domain,
		settings->step_seconds * 1000, on_sts, probe);
}

/* Does the row, or the default where there is none, go by TLSA? */
static gboolean wants_tlsa(const struct domain_probe *probe)
{
	enum level level =
		probe->policy ? probe->policy->level
			      : client_default_level(survey_settings_of(probe->survey)->client);

	return level == LEVEL_DANE || level == LEVEL_DANE_ONLY;
}

struct domain_probe *domain_probe_start(struct survey *survey, const struct nexthop *nexthop,
	const struct policy *policy, domain_probe_done *done, gpointer data)
{
	struct domain_probe *probe = g_new0(struct domain_probe, 1);

	probe->survey = survey;
	probe->observation = observation_new(nexthop);
	probe->policy = policy;
	probe->done = done;
	probe->data = data;
	g_queue_init(&probe->asked);
	probe->dns = domain_dns_start(survey, probe->observation, wants_tlsa(probe), on_dns, probe);
	if (survey_settings_of(survey)->sts && !nexthop->no_mx)
		ask_sts(probe);
	return probe;
}

void domain_probe_stop(struct domain_probe *probe)
{
	GList *link;

	if (probe->dns) {
		domain_dns_stop(probe->dns);
		demand_for_all(probe);
	}
	if (probe->fetch) {
		sts_fetch_cancel(probe->fetch);
		probe->observation->sts.state = STS_UNKNOWN;
		probe->observation->sts.why = g_strdup("no time was left");
	}
	while ((link = g_queue_pop_head_link(&probe->asked)) != NULL) {
		g_autofree struct asked *asked = link->data;

		survey_session_forget(asked->wait);
	}
	probe->observation->interrupted = TRUE;
	hand_over(probe);
}
