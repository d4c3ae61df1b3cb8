#include "net/domain_dns.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <string.h>

#include "core/address_order.h"
#include "core/key.h"
#include "net/resolver.h"
#include "net/tls.h"

/* What is kept of one host. More of them would not be tried, or not be matched, by anybody. */
#define ADDRESSES_MAX 64
#define TLSA_MAX      64

enum stage { STAGE_MX, STAGE_ADDRESSES, STAGE_ALIASES, STAGE_TLSA, STAGE_DONE };

struct domain_dns {
	struct survey *survey;
	struct observation *observation;
	gboolean wants_tlsa;
	domain_dns_done *done;
	gpointer data;
	enum stage stage;
	GQueue questions;   /* struct asked: what this stage still waits for */
	struct event *turn; /* begins a stage */
};

struct asked;
typedef void asked_reply(
	struct domain_dns *dns, struct asked *asked, const struct dns_reply *reply);
/* One question that is under way. */
struct asked {
	struct domain_dns *dns;
	struct observed_host *host; /* NULL: MX */
	enum dns_type type;
	struct dns_answer *answer; /* where its state goes when nobody waits any longer */
	asked_reply *use;
	struct dns_question *question;
	GList link;
};

/* -- questions ----------------------------------------------------------------------------------
 */

static void on_reply(const struct dns_reply *reply, gpointer data)
{
	g_autofree struct asked *asked = data;
	struct domain_dns *dns = asked->dns;

	g_queue_unlink(&dns->questions, &asked->link);
	asked->use(dns, asked, reply);
	if (g_queue_is_empty(&dns->questions))
		event_active(dns->turn, EV_TIMEOUT, 0);
}

static void ask(struct domain_dns *dns, const char *name, enum dns_type type,
	struct observed_host *host, struct dns_answer *answer, asked_reply *use)
{
	struct asked *asked = g_new0(struct asked, 1);

	asked->dns = dns;
	asked->host = host;
	asked->type = type;
	asked->answer = answer;
	asked->use = use;
	asked->link.data = asked;
	g_queue_push_tail_link(&dns->questions, &asked->link);
	survey_counting(dns->survey)->questions++;
	asked->question = resolver_ask(survey_resolver(dns->survey), name, type,
		survey_settings_of(dns->survey)->step_seconds * 1000, on_reply, asked);
}

static void answer_set(struct dns_answer *answer, const struct dns_answer *from)
{
	g_free(answer->why);
	*answer = *from;
	answer->why = g_strdup(from->why);
}

/* How much a state says about a host that was asked for A and AAAA. */
static int weight(enum dns_state state)
{
	static const int weights[] = {
		[DNS_NO_NAME] = 1,
		[DNS_NO_DATA] = 2,
		[DNS_FAILED] = 3,
		[DNS_BOGUS] = 4,
		[DNS_TIMEOUT] = 5,
		[DNS_FOUND] = 6,
	};

	return weights[state];
}

/* A and AAAA together: one that was found counts as it does for Postfix, else the one that failed.
 */
static void answer_add(struct dns_answer *answer, const struct dns_answer *from)
{
	gboolean both = weight(answer->state) == weight(from->state);

	if (both)
		answer->secure = answer->secure && from->secure;
	else if (weight(from->state) > weight(answer->state))
		answer_set(answer, from);
}

static gboolean is_address(const char *text, gboolean *ipv6)
{
	struct in6_addr address;

	*ipv6 = strchr(text, ':') != NULL;
	return inet_pton(*ipv6 ? AF_INET6 : AF_INET, text, &address) == 1;
}

/* -- MX -----------------------------------------------------------------------------------------
 */

/* Postfix passes over names that are none, and takes an address as one (with a warning). */
static gboolean host_fine(const char *host)
{
	gboolean ipv6;

	return is_address(host, &ipv6) || hostname_valid(text_of(host), FALSE);
}

static void use_mx_records(struct observation *observation, const struct dns_reply *reply)
{
	gboolean null = FALSE;

	for (guint i = 0; i < reply->count; i++) {
		g_autofree char *host = NULL;
		guint preference;

		if (!dns_mx_read(reply->rdata[i], reply->size[i], &preference, &host))
			continue;
		if (!*host || strcmp(host, ".") == 0)
			null = TRUE;
		else if (host_fine(host))
			observation_add_host(observation, host, preference);
	}
	observation->mx_kind = null && !observation->hosts->len ? MX_NULL : MX_RECORDS;
	hosts_order(observation);
	if (observation->hosts->len > OBSERVED_HOSTS_MAX) {
		observation->hosts_left_out = observation->hosts->len - OBSERVED_HOSTS_MAX;
		g_ptr_array_set_size(observation->hosts, OBSERVED_HOSTS_MAX);
	}
}

static void use_mx(struct domain_dns *dns, struct asked *asked, const struct dns_reply *reply)
{
	struct observation *observation = dns->observation;
	const struct client_settings *client = survey_settings_of(dns->survey)->client;
	enum dns_state state = reply->answer.state;

	answer_set(asked->answer, &reply->answer);
	observation->mx_canonical = g_strdup(reply->canonical);
	if (state == DNS_FOUND) {
		use_mx_records(observation, reply);
	} else if (state == DNS_NO_DATA || (client->ignore_mx_lookup_error &&
						   (state == DNS_FAILED || state == DNS_BOGUS))) {
		observation->mx_kind = MX_IMPLICIT;
		observation_add_host(observation, observation->nexthop.domain, 0);
	} else {
		observation->mx_kind = MX_UNKNOWN;
	}
}

static void ask_mx(struct domain_dns *dns)
{
	struct observation *observation = dns->observation;

	if (observation->nexthop.no_mx) {
		observation->mx_kind = MX_UNUSED;
		observation_add_host(observation, observation->nexthop.domain, 0);
	} else {
		ask(dns, observation->nexthop.domain, DNS_MX, NULL, &observation->mx_answer,
			use_mx);
	}
}

/* -- addresses ----------------------------------------------------------------------------------
 */

static void use_addresses(
	struct domain_dns *dns, struct asked *asked, const struct dns_reply *reply)
{
	struct observed_host *host = asked->host;

	(void)dns;
	answer_add(asked->answer, &reply->answer);
	if (reply->canonical && !host->canonical)
		host->canonical = g_strdup(reply->canonical);
	for (guint i = 0; i < reply->count && host->addresses->len < ADDRESSES_MAX; i++) {
		g_autofree char *text =
			dns_address_read(asked->type, reply->rdata[i], reply->size[i]);

		if (text)
			observed_host_add_address(host, text)->ipv6 = asked->type == DNS_AAAA;
	}
}

static void ask_addresses(struct domain_dns *dns)
{
	const char *protocols = survey_settings_of(dns->survey)->client->inet_protocols;
	gboolean all = !*protocols || client_lists(protocols, "all"), ipv6;

	for (guint i = 0; i < dns->observation->hosts->len; i++) {
		struct observed_host *host = dns->observation->hosts->pdata[i];

		if (is_address(host->name, &ipv6)) {
			observed_host_add_address(host, host->name)->ipv6 = ipv6;
			host->addresses_answer.state = DNS_FOUND;
			continue;
		}
		if (all || client_lists(protocols, "ipv4"))
			ask(dns, host->name, DNS_A, host, &host->addresses_answer, use_addresses);
		if (all || client_lists(protocols, "ipv6"))
			ask(dns, host->name, DNS_AAAA, host, &host->addresses_answer,
				use_addresses);
	}
}

/* -- TLSA ---------------------------------------------------------------------------------------
 */

/* May TLSA of this host mean something? Not asked for what is never tried. */
static gboolean tlsa_matters(const struct domain_dns *dns, const struct observed_host *host)
{
	const struct observation *observation = dns->observation;
	gboolean ipv6;

	return addresses_within_limit(host) && !is_address(host->name, &ipv6) &&
	       (observation->mx_kind != MX_RECORDS || observation->mx_answer.secure ||
		       dns->wants_tlsa);
}

static void use_alias(struct domain_dns *dns, struct asked *asked, const struct dns_reply *reply)
{
	(void)dns;
	asked->host->alias_secure = reply->answer.state == DNS_FOUND && reply->answer.secure;
}

/* An alias in a secure zone may point to an insecure one: the alias alone is asked for. */
static void ask_aliases(struct domain_dns *dns)
{
	for (guint i = 0; i < dns->observation->hosts->len; i++) {
		struct observed_host *host = dns->observation->hosts->pdata[i];

		if (!host->canonical)
			continue;
		if (host->addresses_answer.secure)
			host->alias_secure = TRUE;
		else if (tlsa_matters(dns, host))
			ask(dns, host->name, DNS_CNAME, host, NULL, use_alias);
	}
}

static void ask_tlsa(struct domain_dns *dns, struct observed_host *host, const char *base);

static void use_tlsa(struct domain_dns *dns, struct asked *asked, const struct dns_reply *reply)
{
	struct observed_host *host = asked->host;
	enum dns_state state = reply->answer.state;
	gboolean none = state == DNS_NO_DATA || state == DNS_NO_NAME ||
			(state == DNS_FOUND && !reply->answer.secure);

	answer_set(asked->answer, &reply->answer);
	if (none && strcmp(host->tlsa_base, host->name) != 0) {
		ask_tlsa(dns, host, host->name);
		return;
	}
	if (none || state != DNS_FOUND)
		return;
	host->tlsa = tlsa_array_new();
	for (guint i = 0; i < MIN(reply->count, TLSA_MAX); i++) {
		struct tlsa *tlsa = g_new0(struct tlsa, 1);

		tlsa_parse(reply->rdata[i], (gsize)reply->size[i], tlsa);
		tls_tlsa_judge(tlsa);
		g_ptr_array_add(host->tlsa, tlsa);
	}
}

static void ask_tlsa(struct domain_dns *dns, struct observed_host *host, const char *base)
{
	char *fresh = g_strdup(base);
	g_autofree char *name =
		g_strdup_printf("_%u._tcp.%s", dns->observation->nexthop.port, fresh);

	g_free(host->tlsa_base);
	host->tlsa_base = fresh;
	answer_set(&host->tlsa_answer, &(struct dns_answer){.state = DNS_NOT_ASKED});
	ask(dns, name, DNS_TLSA, host, &host->tlsa_answer, use_tlsa);
}

/* The expanded name first, where the way there is secure; then the name itself. */
static void ask_all_tlsa(struct domain_dns *dns)
{
	gboolean force = survey_settings_of(dns->survey)->client->force_insecure_host;

	for (guint i = 0; i < dns->observation->hosts->len; i++) {
		struct observed_host *host = dns->observation->hosts->pdata[i];
		gboolean secure = host->addresses_answer.secure || force;

		if (!tlsa_matters(dns, host))
			continue;
		if (secure && host->canonical)
			ask_tlsa(dns, host, host->canonical);
		else if (secure || host->alias_secure)
			ask_tlsa(dns, host, host->name);
	}
}

/* -- one after the other ------------------------------------------------------------------------
 */

static void free_dns(struct domain_dns *dns)
{
	event_free(dns->turn);
	g_free(dns);
}

static void on_turn(evutil_socket_t fd, short what, void *data)
{
	struct domain_dns *dns = data;

	(void)fd;
	(void)what;
	while (g_queue_is_empty(&dns->questions)) {
		switch (dns->stage++) {
		case STAGE_MX:
			ask_mx(dns);
			break;
		case STAGE_ADDRESSES:
			ask_addresses(dns);
			break;
		case STAGE_ALIASES:
			addresses_order(dns->observation, survey_settings_of(dns->survey)->client);
			ask_aliases(dns);
			break;
		case STAGE_TLSA:
			ask_all_tlsa(dns);
			break;
		case STAGE_DONE: {
			domain_dns_done *done = dns->done;
			gpointer whose = dns->data;

			free_dns(dns);
			done(whose);
			return;
		}
		}
	}
}

struct domain_dns *domain_dns_start(struct survey *survey, struct observation *observation,
	gboolean wants_tlsa, domain_dns_done *done, gpointer data)
{
	struct domain_dns *dns = g_new0(struct domain_dns, 1);

	dns->survey = survey;
	dns->observation = observation;
	observation->mx_kind = MX_UNKNOWN;
	dns->wants_tlsa = wants_tlsa;
	dns->done = done;
	dns->data = data;
	g_queue_init(&dns->questions);
	dns->turn = event_new(survey_loop(survey), -1, 0, on_turn, dns);
	event_active(dns->turn, EV_TIMEOUT, 0);
	return dns;
}

void domain_dns_stop(struct domain_dns *dns)
{
	GList *link;

	while ((link = g_queue_pop_head_link(&dns->questions)) != NULL) {
		g_autofree struct asked *asked = link->data;

		resolver_cancel(asked->question);
		if (asked->answer)
			answer_add(asked->answer, &(struct dns_answer){.state = DNS_TIMEOUT});
	}
	free_dns(dns);
}
