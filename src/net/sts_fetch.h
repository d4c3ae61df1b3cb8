/*
 * sts_fetch: a domain's MTA-STS policy: TXT record, addresses of mta-sts.DOMAIN, HTTPS, parsing
 * (RFC 8461).
 *
 * ABSENT is a domain without a record. BROKEN is its own fault: records that are none, no such
 * host, a certificate that is refused, anything but 200 and text/plain, a policy that is none.
 * UNKNOWN is where another try may tell more: DNS failed, or no server gave an answer.
 */
#ifndef TLSPOL_NET_STS_FETCH_H
#define TLSPOL_NET_STS_FETCH_H

#include "core/sts.h"

struct event_base;
struct resolver;
struct tls;

typedef void sts_fetch_done(
	struct sts_observation *sts, gpointer data); /* may steal the contents */
struct sts_fetch;
/*
 * `domain` is an A-label, copied. `done` is called once, from the loop; the handle ends with
 * that call. `total_ms` is for all, but for the time a question waits in the resolver's queue.
 */
struct sts_fetch *sts_fetch_start(struct event_base *base, struct resolver *resolver,
	struct tls *tls, const char *domain, guint total_ms, sts_fetch_done *done, gpointer data);
void sts_fetch_cancel(struct sts_fetch *fetch); /* no callback comes; NULL is fine */

#endif
