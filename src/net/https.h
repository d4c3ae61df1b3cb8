/*
 * https: one GET over TLS with WebPKI, for MTA-STS: no redirects, bounded in time and size.
 */
#ifndef TLSPOL_NET_HTTPS_H
#define TLSPOL_NET_HTTPS_H

#include <glib.h>

struct event_base;
struct tls;

struct https_request {
	const char *const *addresses; /* literals, tried in turn; ended by NULL */
	const char *host, *path;      /* Host and SNI */
	guint port;		      /* 443 */
	guint total_ms;
	gsize body_max;
};
struct https_reply {
	int status; /* 0: no answer, see why */
	const char *content_type;
	const char *body;
	gsize size;
	const char *why; /* in words; NULL when there is a status */
};
typedef void https_done(const struct https_reply *reply, gpointer data);
struct https_fetch;
struct https_fetch *https_get(struct event_base *base, struct tls *tls,
	const struct https_request *request, https_done *done, gpointer data);
void https_cancel(struct https_fetch *fetch);

#endif
