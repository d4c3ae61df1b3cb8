/*
 * survey: many destinations at once: so many at a time, few at one address, each (address, port,
 * handshake) once a run, a deadline for each destination and one for all.
 */
#ifndef TLSPOL_NET_SURVEY_H
#define TLSPOL_NET_SURVEY_H

#include "core/observation.h"

struct survey_settings {
	const struct client_settings *client;
	/* Resolver: net/resolver.h. */
	const char *resolver, *trust_anchor, *root_hints;
	const char *helo;     /* name for EHLO */
	guint width;	      /* sessions at a time; half as many more destinations ask the DNS */
	guint per_address;    /* sessions at a time with one address */
	guint per_provider;   /* sessions at a time below one registered-looking domain of MX hosts
				 (last two labels); 0 = no limit */
	guint step_seconds;   /* patience for each step */
	guint domain_seconds; /* deadline for one destination */
	guint run_seconds;    /* deadline for all; 0 = none */
	gboolean both_keys;
	gboolean sts; /* look for MTA-STS, too */
	void (*tick)(
		gpointer data); /* once a second of a run, with its data; NULL = nobody waits */
};

struct survey;
struct survey *survey_new(const struct survey_settings *settings, GError **error);
void survey_free(struct survey *survey);

/* The next destination to look at. FALSE: there are no more. */
struct survey_item {
	struct nexthop nexthop;	     /* moved to the survey */
	const struct policy *policy; /* lives until `seen`; NULL = the global level */
	gpointer tag;
};
typedef gboolean survey_next(struct survey_item *item, gpointer data);
/* Called once for each, in the order they get ready; takes the observation over. */
typedef void survey_seen(gpointer tag, struct observation *observation, gpointer data);

/* Why a run ended before all was seen. */
enum survey_end { SURVEY_COMPLETE, SURVEY_DEADLINE, SURVEY_SIGNAL };
/*
 * Runs until `next` has no more and all are seen. SIGINT, SIGTERM and SIGHUP end it early: what is
 * under way is handed over as far as it is, marked as interrupted; a second signal goes to the
 * program's own handler. Handlers without SA_RESTART would break libunbound's pipe meanwhile.
 */
enum survey_end survey_run(
	struct survey *survey, survey_next *next, survey_seen *seen, gpointer data);

/* What a run cost: for --verbose and the bench. */
struct survey_counts {
	guint destinations, questions, sessions, sessions_shared, fetches;
};
const struct survey_counts *survey_counts(const struct survey *survey);

/* -- for domain_probe ----------------------------------------------------------------------------
 */

struct event_base *survey_loop(struct survey *survey);
struct resolver *survey_resolver(struct survey *survey);
struct tls *survey_tls(struct survey *survey);
const struct survey_settings *survey_settings_of(const struct survey *survey);
struct survey_counts *survey_counting(struct survey *survey); /* questions, fetches: theirs */
/* The session for (address, port, handshake, kind of key): a new one, or the one there is. */
typedef void survey_session_done(struct session *session, gpointer data);
struct survey_wait;
struct survey_wait *survey_session(struct survey *survey, const char *host, const char *address,
	guint port, const struct demand *demand, enum key_kind kind, survey_session_done *done,
	gpointer data);
void survey_session_forget(struct survey_wait *wait); /* no callback comes */

#endif
