/*
 * smtp_probe: one connection to one address: greeting, EHLO, STARTTLS, handshake, EHLO, QUIT.
 */
#ifndef TLSPOL_NET_SMTP_PROBE_H
#define TLSPOL_NET_SMTP_PROBE_H

#include "core/observation.h"

struct event_base;
struct tls;

struct probe_request {
	const char *address; /* literal */
	guint port;
	const struct demand *demand; /* what the handshake depends on; lives until done */
	enum key_kind kind;
	const char *helo; /* lives until done */
	guint step_ms;	  /* patience for each step: connect, one reply, the handshake */
	guint total_ms;	  /* for all of it */
};
/* The session is known; takes a reference if it keeps it. Not the place for smtp_probe_cancel(). */
typedef void probe_done(struct session *session, gpointer data);
/* The connection is closed, at once or when QUIT was answered; the probe is gone. */
typedef void probe_gone(gpointer data);
struct smtp_probe;
/*
 * Never fails: whatever goes wrong is in the session. `done` is called once, then `gone`, both from
 * the loop. Nobody has to wait for `gone`: it says when the server is free of us.
 */
struct smtp_probe *smtp_probe_start(struct event_base *base, struct tls *tls,
	const struct probe_request *request, probe_done *done, probe_gone *gone, gpointer data);
void smtp_probe_cancel(struct smtp_probe *probe); /* no callback comes */

#endif
