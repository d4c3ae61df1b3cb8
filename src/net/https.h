/*
 * https: one GET over TLS with WebPKI, for MTA-STS: no redirects, no cookies, bounded in time and
 * size whatever the server does. SIGPIPE has to be ignored.
 */
#ifndef TLSPOL_NET_HTTPS_H
#define TLSPOL_NET_HTTPS_H

#include <glib.h>

struct event_base;
struct tls;

/* Copied: it need not outlive the call. */
struct https_request {
	/*
	 * Literals, ended by NULL, tried in turn until one gives a status; each one but the last
	 * may take half of the time that is left.
	 */
	const char *const *addresses;
	const char *host, *path; /* Host and SNI; the certificate has to be for it */
	guint port;		 /* 443 */
	guint total_ms;		 /* for all addresses together */
	gsize body_max;		 /* a longer body is no answer */
};

/* Lives as long as the call of `done`. */
struct https_reply {
	int status;		  /* 0: no answer, see why. Of 103 and the like the first counts. */
	const char *content_type; /* with its parameters; NULL = none */
	const char *body;	  /* of status 200 only, complete; a NUL is behind it */
	gsize size;
	const char *why; /* in words, with the address where there were several; NULL when there
			    is a status */
	gboolean certificate_refused; /* that is why */
};
typedef void https_done(const struct https_reply *reply, gpointer data);
struct https_fetch;

/*
 * `done` is called once, from the loop, never from within https_get(); the handle ends with that
 * call.
 */
struct https_fetch *https_get(struct event_base *base, struct tls *tls,
	const struct https_request *request, https_done *done, gpointer data);
void https_cancel(struct https_fetch *fetch); /* no callback comes; NULL is fine */

#endif
