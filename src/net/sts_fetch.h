/*
 * sts_fetch: a domain's MTA-STS policy: TXT record, addresses of mta-sts.DOMAIN, HTTPS, parsing
 * (RFC 8461).
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
struct sts_fetch *sts_fetch_start(struct event_base *base, struct resolver *resolver,
	struct tls *tls, const char *domain, guint total_ms, sts_fetch_done *done, gpointer data);
void sts_fetch_cancel(struct sts_fetch *fetch);

#endif
