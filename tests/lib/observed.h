/*
 * observed: observations written in one line, for tests/unit.
 *
 * Words, separated by blanks:
 *   mx=secure | mx=insecure | mx=none (the domain's own address) | mx=servfail | mx=nxdomain |
 *     mx=null | mx=timeout               the next-hop; nothing for [host]; "mx=secure" unless said
 *   mx-alias=NAME                        where its CNAMEs lead
 *   host=NAME:PREFERENCE                 begins a host; one "mx.NEXTHOP" unless there is one
 *   a=insecure | a=nodata | a=nxdomain | a=servfail | a=timeout
 *   cname=NAME  alias=secure             the host is an alias
 *   tlsa=none | servfail | unsigned | timeout, tlsa-base=NAME
 *   U.S.M/LENGTH, U.S.M/bad              a TLSA record; bad = cannot be decoded
 *   addr=TEXT                            begins an address; 192.0.2.N unless there is one
 *   ok | STAGE:FAULT[:CODE]              the session; without one it is not probed
 *   match | nomatch | name               the judgement of what is demanded
 *   injected                             plaintext came behind the reply to STARTTLS
 *   webpki[=NAME] | dane                 pass by these, too
 *   ends=SECONDS                         since 1970, of what the match rests on
 */
#ifndef TLSPOL_TESTS_OBSERVED_H
#define TLSPOL_TESTS_OBSERVED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/observation.h"

static inline enum dns_state observed_state(const char *word)
{
	static const char *const words[] = {
		[DNS_FOUND] = "found",
		[DNS_NO_DATA] = "nodata",
		[DNS_NO_NAME] = "nxdomain",
		[DNS_FAILED] = "servfail",
		[DNS_BOGUS] = "bogus",
		[DNS_TIMEOUT] = "timeout",
	};

	for (guint i = DNS_FOUND; i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return DNS_NOT_ASKED;
}

static inline void observed_mx(struct observation *observation, const char *word)
{
	static const struct {
		const char *word;
		enum mx_kind kind;
		enum dns_state state;
		gboolean secure;
	} kinds[] = {
		{"secure", MX_RECORDS, DNS_FOUND, TRUE},
		{"insecure", MX_RECORDS, DNS_FOUND, FALSE},
		{"none", MX_IMPLICIT, DNS_NO_DATA, TRUE},
		{"null", MX_NULL, DNS_FOUND, TRUE},
		{"servfail", MX_UNKNOWN, DNS_FAILED, FALSE},
		{"bogus", MX_UNKNOWN, DNS_BOGUS, FALSE},
		{"nxdomain", MX_UNKNOWN, DNS_NO_NAME, TRUE},
		{"timeout", MX_UNKNOWN, DNS_TIMEOUT, FALSE},
		{"not-asked", MX_UNKNOWN, DNS_NOT_ASKED, FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (strcmp(kinds[i].word, word) != 0)
			continue;
		observation->mx_kind = kinds[i].kind;
		observation->mx_answer.state = kinds[i].state;
		observation->mx_answer.secure = kinds[i].secure;
		return;
	}
	fail_msg("mx=%s", word);
}

static inline struct session *observed_session(const char *word)
{
	static const char *const stages[] = {
		"connect", "greeting", "ehlo", "starttls", "handshake", "again", "quit"};
	static const char *const faults[] = {"fine", "refused", "unreachable", "timeout", "closed",
		"said-no", "not-smtp", "too-long", "tls", "no-starttls"};
	struct session *session = session_new();
	g_auto(GStrv) parts = g_strsplit(word, ":", 4);

	if (strcmp(word, "plain") == 0)
		return session;
	if (strcmp(word, "ok") != 0) {
		for (guint i = 0; i < G_N_ELEMENTS(stages); i++)
			if (strcmp(stages[i], parts[0]) == 0)
				session->stage = i;
		for (guint i = 0; i < G_N_ELEMENTS(faults); i++)
			if (strcmp(faults[i], parts[1]) == 0)
				session->fault = i;
		assert_int_not_equal(session->fault, PROBE_FINE);
		if (parts[2]) {
			session->reply = atoi(parts[2]);
			session->said = g_strdelimit(g_strdup(parts[2]), "_", ' ');
		}
		if (session->fault == PROBE_TLS)
			session->why = g_strdup("wrong version number");
	}
	if (session->stage > PROBE_HANDSHAKE)
		session->protocol = g_strdup("TLSv1.3");
	return session;
}

static inline void observed_judge(
	struct judgement *judgement, gboolean matched, gboolean named, const char *by)
{
	judgement_release(judgement);
	judgement->done = TRUE;
	judgement->trusted = matched || !named;
	judgement->named = named;
	judgement->matched = matched;
	if (matched)
		judgement->by = g_strdup(by);
	else
		judgement->why = g_strdup(named ? "untrusted issuer" : "hostname mismatch");
}

static inline void observed_record(struct observed_host *host, const char *word)
{
	guint8 rdata[3 + 64] = {0};
	struct tlsa *tlsa = g_new0(struct tlsa, 1);
	const char *length = strchr(word, '/') + 1;

	if (!host->tlsa)
		host->tlsa = tlsa_array_new();
	host->tlsa_answer.state = DNS_FOUND;
	host->tlsa_answer.secure = TRUE;
	sscanf(word, "%hhu.%hhu.%hhu", &rdata[0], &rdata[1], &rdata[2]);
	tlsa_parse(rdata, 3 + (strcmp(length, "bad") == 0 ? 32 : (gsize)atoi(length)), tlsa);
	if (strcmp(length, "bad") == 0)
		tlsa->use = TLSA_UNUSABLE;
	g_ptr_array_add(host->tlsa, tlsa);
}

static inline void observed_tlsa(struct observed_host *host, const char *word)
{
	if (strcmp(word, "unsigned") == 0)
		host->tlsa_answer.secure = FALSE;
	else
		host->tlsa_answer.state = observed_state(word);
}

struct observed_at {
	struct observation *observation;
	struct observed_host *host;
	struct observed_address *address;
};

static inline struct observed_host *observed_need_host(struct observed_at *at)
{
	const struct nexthop *nexthop = &at->observation->nexthop;
	g_autofree char *name = at->observation->mx_kind == MX_RECORDS
					? g_strdup_printf("mx.%s", nexthop->domain)
					: g_strdup(nexthop->domain);

	if (!at->host) {
		at->host = observation_add_host(at->observation, name, 10);
		at->address = NULL;
		at->host->addresses_answer.state = DNS_FOUND;
		at->host->addresses_answer.secure = !nexthop->is_address;
		at->host->tlsa_answer.state = DNS_NO_NAME;
		at->host->tlsa_answer.secure = TRUE;
		at->host->tlsa_base = g_strdup(name);
	}
	return at->host;
}

static inline struct observed_address *observed_need_address(struct observed_at *at)
{
	struct observed_host *host = observed_need_host(at);
	g_autofree char *text = g_strdup_printf("192.0.2.%u", at->observation->hosts->len);

	if (!at->address)
		at->address = observed_host_add_address(
			host, at->observation->nexthop.is_address ? host->name : text);
	return at->address;
}

static inline void observed_begin_host(struct observed_at *at, const char *word)
{
	g_auto(GStrv) parts = g_strsplit(word, ":", 2);

	at->host = NULL;
	observed_need_host(at);
	g_free(at->host->name);
	at->host->name = g_strdup(parts[0]);
	g_free(at->host->tlsa_base);
	at->host->tlsa_base = g_strdup(parts[0]);
	at->host->preference = parts[1] ? (guint)atoi(parts[1]) : 10;
}

/* NULL behind the "=" when the word has none. */
static inline const char *observed_value(const char *word, const char *name)
{
	gsize len = strlen(name);

	return strncmp(word, name, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static inline gboolean observed_host_word(struct observed_at *at, const char *word)
{
	const char *value;

	if ((value = observed_value(word, "mx")))
		observed_mx(at->observation, value);
	else if ((value = observed_value(word, "mx-alias")))
		at->observation->mx_canonical = g_strdup(value);
	else if ((value = observed_value(word, "host")))
		observed_begin_host(at, value);
	else if ((value = observed_value(word, "a"))) {
		observed_need_host(at)->addresses_answer.secure = FALSE;
		if (strcmp(value, "insecure") != 0)
			at->host->addresses_answer.state = observed_state(value);
	} else if ((value = observed_value(word, "cname")))
		observed_need_host(at)->canonical = g_strdup(value);
	else if (strcmp(word, "alias=secure") == 0)
		observed_need_host(at)->alias_secure = TRUE;
	else if ((value = observed_value(word, "tlsa")))
		observed_tlsa(observed_need_host(at), value);
	else if ((value = observed_value(word, "tlsa-base"))) {
		g_free(observed_need_host(at)->tlsa_base);
		at->host->tlsa_base = g_strdup(value);
	} else if (g_ascii_isdigit(*word) && strchr(word, '/'))
		observed_record(observed_need_host(at), word);
	else
		return FALSE;
	return TRUE;
}

static inline void observed_address_word(struct observed_at *at, const char *word)
{
	const char *value;

	if ((value = observed_value(word, "addr"))) {
		at->address = NULL;
		at->address = observed_host_add_address(observed_need_host(at), value);
	} else if (strcmp(word, "match") == 0) {
		observed_judge(&observed_need_address(at)->judgement, TRUE, TRUE, "the match");
	} else if (strcmp(word, "nomatch") == 0) {
		observed_judge(&observed_need_address(at)->judgement, FALSE, TRUE, NULL);
	} else if (strcmp(word, "name") == 0) {
		observed_judge(&observed_need_address(at)->judgement, FALSE, FALSE, NULL);
	} else if (strcmp(word, "webpki") == 0) {
		observed_judge(&observed_need_address(at)->webpki, TRUE, TRUE, at->host->name);
	} else if ((value = observed_value(word, "webpki"))) {
		observed_judge(&observed_need_address(at)->webpki, TRUE, TRUE, value);
	} else if (strcmp(word, "dane") == 0) {
		observed_judge(&observed_need_address(at)->dane, TRUE, TRUE, "3 1 1");
	} else if ((value = observed_value(word, "ends"))) {
		at->address->judgement.rests_until = atoll(value);
		at->address->judgement.rests_on = g_strdup("CN=leaf");
	} else if (strcmp(word, "injected") == 0) {
		at->address->session->injected = TRUE;
	} else if (strcmp(word, "over-limit") == 0) {
		observed_need_address(at)->over_limit = TRUE;
	} else {
		observed_need_address(at)->session = observed_session(word);
		if (at->address->session->protocol)
			at->address->certificate = g_new0(struct certificate, 1);
	}
}

static inline struct observation *observed(const char *key, const char *spec)
{
	g_auto(GStrv) words = g_strsplit(spec, " ", -1);
	g_auto(nexthop_t) nexthop = {NULL};
	struct observed_at at = {NULL, NULL, NULL};

	assert_true(nexthop_parse(text_of(key), &nexthop, NULL));
	at.observation = observation_new(&nexthop);
	at.observation->mx_kind = MX_UNUSED;
	if (!nexthop.no_mx)
		observed_mx(at.observation, "secure");
	for (guint i = 0; words[i]; i++)
		if (*words[i] && !observed_host_word(&at, words[i]))
			observed_address_word(&at, words[i]);
	return at.observation;
}

/* Sets the demand of each host, as net/ does. */
static inline void observed_demand(struct observation *observation, const struct policy *policy,
	const struct client_settings *settings)
{
	for (guint i = 0; i < observation->hosts->len; i++) {
		struct observed_host *host = g_ptr_array_index(observation->hosts, i);

		demand_for_host(policy, settings, observation, host, &host->demand);
	}
}

#endif
