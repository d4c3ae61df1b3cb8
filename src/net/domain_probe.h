/*
 * domain_probe: everything about one destination: MX, addresses, TLSA with their DNSSEC state, the
 * MTA-STS policy, a session with each address (asked from the survey, which shares them), and the
 * judgement of each chain. The result is one observation.
 */
#ifndef TLSPOL_NET_DOMAIN_PROBE_H
#define TLSPOL_NET_DOMAIN_PROBE_H

#include "core/observation.h"
#include "net/survey.h"

struct domain_probe;
typedef void domain_probe_done(struct observation *observation, gpointer data); /* takes it over */
/* `policy` (or NULL: the global level) must live until done. */
struct domain_probe *domain_probe_start(struct survey *survey, const struct nexthop *nexthop,
	const struct policy *policy, domain_probe_done *done, gpointer data);
/* What is known so far, marked as interrupted, goes to done() at once. */
void domain_probe_stop(struct domain_probe *probe);

#endif
