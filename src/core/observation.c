#include "core/observation.h"

const char *probe_stage_words(enum probe_stage stage)
{
	static const char *const words[] = {
		[PROBE_CONNECT] = "while connecting",
		[PROBE_GREETING] = "while reading the greeting",
		[PROBE_EHLO] = "in reply to EHLO",
		[PROBE_STARTTLS] = "in reply to STARTTLS",
		[PROBE_HANDSHAKE] = "in the TLS handshake",
		[PROBE_EHLO_AGAIN] = "in reply to EHLO under TLS",
		[PROBE_QUIT] = "in reply to QUIT",
	};

	return words[stage];
}

/* -- sessions and certificates ---------------------------------------------------------------- */

struct session *session_new(void)
{
	struct session *session = g_new0(struct session, 1);

	session->references = 1;
	session->stage = PROBE_QUIT;
	return session;
}

struct session *session_ref(struct session *session)
{
	session->references++;
	return session;
}

void session_unref(struct session *session)
{
	if (!session || --session->references > 0)
		return;
	g_free(session->said);
	g_free(session->why);
	g_free(session->protocol);
	g_free(session->cipher);
	if (session->chain && session->chain_free)
		session->chain_free(session->chain);
	g_free(session);
}

void certificate_free(struct certificate *certificate)
{
	if (!certificate)
		return;
	g_free(certificate->subject);
	g_free(certificate->issuer);
	g_strfreev(certificate->names);
	g_free(certificate->certificate_digest);
	g_free(certificate->key_digest);
	g_free(certificate);
}

void judgement_release(struct judgement *judgement)
{
	g_free(judgement->by);
	g_free(judgement->why);
	g_free(judgement->rests_on);
	*judgement = (struct judgement){0};
}

/* -- hosts and addresses ---------------------------------------------------------------------- */

static void dns_answer_release(struct dns_answer *answer)
{
	g_clear_pointer(&answer->why, g_free);
}

static void address_free(struct observed_address *address)
{
	g_free(address->text);
	session_unref(address->session);
	certificate_free(address->certificate);
	judgement_release(&address->judgement);
	judgement_release(&address->webpki);
	judgement_release(&address->dane);
	for (guint i = 0; i < KEY_KINDS; i++) {
		session_unref(address->kinds[i].session);
		certificate_free(address->kinds[i].certificate);
		judgement_release(&address->kinds[i].judgement);
	}
	g_free(address);
}

static void host_free(struct observed_host *host)
{
	g_free(host->name);
	dns_answer_release(&host->addresses_answer);
	g_free(host->canonical);
	g_ptr_array_unref(host->addresses);
	dns_answer_release(&host->tlsa_answer);
	g_free(host->tlsa_base);
	if (host->tlsa)
		g_ptr_array_unref(host->tlsa);
	demand_release(&host->demand);
	g_free(host);
}

struct observed_host *observation_add_host(
	struct observation *observation, const char *name, guint preference)
{
	struct observed_host *host = g_new0(struct observed_host, 1);

	host->name = g_strdup(name);
	host->preference = preference;
	host->addresses = g_ptr_array_new_with_free_func((GDestroyNotify)address_free);
	g_ptr_array_add(observation->hosts, host);
	return host;
}

struct observed_address *observed_host_add_address(struct observed_host *host, const char *text)
{
	struct observed_address *address = g_new0(struct observed_address, 1);

	address->text = g_strdup(text);
	address->ipv6 = strchr(text, ':') != NULL;
	g_ptr_array_add(host->addresses, address);
	return address;
}

const char *host_provider(const char *name)
{
	const char *at = strrchr(name, '.');

	while (at && at > name && at[-1] != '.')
		at--;
	return at ? at : name;
}

/* -- the whole -------------------------------------------------------------------------------- */

struct observation *observation_new(const struct nexthop *nexthop)
{
	struct observation *observation = g_new0(struct observation, 1);

	observation->nexthop = *nexthop;
	observation->nexthop.text = g_strdup(nexthop->text);
	observation->nexthop.domain = g_strdup(nexthop->domain);
	observation->mx_kind = MX_UNKNOWN;
	observation->hosts = g_ptr_array_new_with_free_func((GDestroyNotify)host_free);
	return observation;
}

void observation_free(struct observation *observation)
{
	if (!observation)
		return;
	nexthop_release(&observation->nexthop);
	g_free(observation->mx_canonical);
	dns_answer_release(&observation->mx_answer);
	g_ptr_array_unref(observation->hosts);
	sts_observation_release(&observation->sts);
	g_free(observation);
}
