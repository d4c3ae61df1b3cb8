#include "net/resolver_test.h"

#include <arpa/nameser.h>
#include <event2/event.h>
#include <resolv.h>

#include "core/error.h"
#include "net/resolver.h"

#define PATIENCE_MS 5000

struct test {
	struct event_base *base;
	struct dns_answer *answer;
};

static void on_answer(const struct dns_reply *reply, gpointer data)
{
	struct test *test = data;

	*test->answer = reply->answer;
	test->answer->why = g_strdup(reply->answer.why);
	event_base_loopbreak(test->base);
}

static void ask(struct test *test, struct resolver *resolver, const char *name, enum dns_type type,
	struct dns_answer *answer)
{
	test->answer = answer;
	resolver_ask(resolver, name, type, PATIENCE_MS, on_answer, test);
	event_base_dispatch(test->base);
}

/* As Postfix asks since 3.6: the AD bit in the question, to be had in the answer, for "ns:.". */
static void test_ad(struct resolver_report *report)
{
	struct __res_state state = {0};
	guchar answer[NS_PACKETSZ * 8];

	if (res_ninit(&state) != 0)
		return;
	state.options |= RES_TRUSTAD | RES_USE_EDNS0;
	state.retrans = 2;
	state.retry = 1;
	if (res_nquery(&state, "", ns_c_in, ns_t_ns, answer, sizeof(answer)) >= NS_HFIXEDSZ)
		report->ad = ((const HEADER *)answer)->ad ? RESOLVER_AD_SET : RESOLVER_AD_MISSING;
	res_nclose(&state);
}

gboolean resolver_test(const struct survey_settings *settings, const char *probe,
	struct resolver_report *report, GError **error)
{
	const struct resolver_settings ours = {.resolver = settings->resolver,
		.trust_anchor = settings->trust_anchor,
		.root_hints = settings->root_hints};
	struct test test = {.base = event_base_new()};
	struct resolver *resolver = resolver_new(test.base, &ours, error);
	gint64 start = g_get_monotonic_time();

	*report = (struct resolver_report){.servers = NULL};
	if (resolver) {
		report->servers = g_strdup(resolver_servers(resolver));
		ask(&test, resolver, ".", DNS_DNSKEY, &report->root_key);
		report->milliseconds = (guint)((g_get_monotonic_time() - start) / 1000);
		if (probe && report->root_key.secure)
			ask(&test, resolver, probe, DNS_A, &report->probe);
		if (!settings->resolver)
			test_ad(report);
		resolver_free(resolver);
	}
	event_base_free(test.base);
	return resolver != NULL;
}
