/*
 * Looks for the MTA-STS policies of the domains on standard input, one a line, all at once. One
 * line comes for each, when it comes: "DOMAIN STATE why" or "DOMAIN found ID MODE MAX-AGE MX…".
 *
 * usage: sts_probe RESOLVER TRUST-ANCHOR CA-FILE TOTAL-MS
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/client_settings.h"
#include "net/resolver.h"
#include "net/sts_fetch.h"
#include "net/tls.h"

static const char *const states[] = {"not-asked", "absent", "broken", "unknown", "found"};

struct wanted {
	char *domain;
	guint *left;
};

static void on_done(struct sts_observation *sts, gpointer data)
{
	struct wanted *wanted = data;
	const struct sts_policy *policy = sts->policy;

	printf("%s %s", wanted->domain, states[sts->state]);
	if (policy) {
		g_autofree char *patterns = g_strjoinv(" ", policy->mx);

		printf(" %s %s %u %s\n", sts->id, sts_mode_name(policy->mode), policy->max_age,
			patterns);
	} else {
		printf(" %s\n", sts->why ? sts->why : "-");
	}
	--*wanted->left;
	g_free(wanted->domain);
	g_free(wanted);
}

static void start_all(struct event_base *base, struct resolver *resolver, struct tls *tls,
	guint total_ms, guint *left)
{
	char line[512];

	while (fgets(line, sizeof(line), stdin)) {
		struct wanted *wanted = g_new0(struct wanted, 1);

		wanted->domain = g_strdup(g_strchomp(line));
		wanted->left = left;
		++*left;
		sts_fetch_start(base, resolver, tls, wanted->domain, total_ms, on_done, wanted);
	}
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct client_settings client;
	struct resolver_settings dns = {.resolver = argv[1], .trust_anchor = argv[2]};
	struct tls_settings settings = {.client = &client};
	g_autoptr(GError) error = NULL;
	struct resolver *resolver;
	struct tls *tls;
	guint left = 0;

	if (argc < 5)
		return 64;
	signal(SIGPIPE, SIG_IGN); /* as main.c has it */
	client_settings_init(&client, 30700);
	client_settings_set(&client, "smtp_tls_CAfile", argv[3], NULL);
	resolver = resolver_new(base, &dns, &error);
	tls = resolver ? tls_new(&settings, &error) : NULL;
	if (!tls) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	start_all(base, resolver, tls, (guint)strtoul(argv[4], NULL, 10), &left);
	while (left)
		event_base_loop(base, EVLOOP_ONCE);
	resolver_free(resolver);
	event_base_loop(base, EVLOOP_NONBLOCK);
	tls_free(tls);
	event_base_free(base);
	client_settings_release(&client);
	return 0;
}
