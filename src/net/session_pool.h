/*
 * session_pool: the sessions of a run: each (address, port, handshake, kind of key) once, few at
 * a time with one address, with the hosts of one provider, and in all.
 */
#ifndef TLSPOL_NET_SESSION_POOL_H
#define TLSPOL_NET_SESSION_POOL_H

#include "net/survey.h"

struct event_base;
struct tls;

struct session_pool;
/* All are borrowed; counts->sessions and sessions_shared are kept up to date. */
struct session_pool *session_pool_new(struct event_base *base, struct tls *tls,
	const struct survey_settings *settings, struct survey_counts *counts);
void session_pool_free(struct session_pool *pool);
/*
 * At the end of a run, when nobody waits: sessions that are not finished are given up, and the
 * others' QUIT is waited for, a second at most.
 */
void session_pool_leave(struct session_pool *pool);

/* As survey_session() and survey_session_forget() in net/survey.h, which are these. */
struct survey_wait *session_pool_ask(struct session_pool *pool, const char *host,
	const char *address, guint port, const struct demand *demand, enum key_kind kind,
	survey_session_done *done, gpointer data);
void session_pool_forget(struct survey_wait *wait);

#endif
