#include "net/survey.h"

#include <event2/event.h>
#include <signal.h>

#include "net/domain_probe.h"
#include "net/open_files.h"
#include "net/resolver.h"
#include "net/session_pool.h"
#include "net/tls.h"

/* One destination that is being looked at. */
struct visit {
	struct survey *survey;
	struct nexthop nexthop;
	gpointer tag;
	struct domain_probe *probe;
	struct event *deadline;
	GList link; /* in survey->visits */
};

struct survey {
	struct survey_settings settings;
	struct event_base *base;
	struct resolver *resolver;
	struct tls *tls;
	struct session_pool *pool;
	struct survey_counts counts;
	/* of survey_run() */
	survey_next *next;
	survey_seen *seen;
	gpointer data;
	GQueue visits; /* struct visit */
	gboolean no_more;
	enum survey_end end;
};

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};

/* -- one destination ----------------------------------------------------------------------------
 */

static void fill(struct survey *survey);

static void visit_done(struct observation *observation, gpointer data)
{
	struct visit *visit = data;
	struct survey *survey = visit->survey;

	g_queue_unlink(&survey->visits, &visit->link);
	if (visit->deadline)
		event_free(visit->deadline);
	survey->seen(visit->tag, observation, survey->data);
	nexthop_release(&visit->nexthop);
	g_free(visit);
	fill(survey);
}

static void visit_deadline(evutil_socket_t fd, short what, void *data)
{
	struct visit *visit = data;

	(void)fd;
	(void)what;
	domain_probe_stop(visit->probe);
}

static void visit_start(struct survey *survey, struct survey_item *item)
{
	struct visit *visit = g_new0(struct visit, 1);
	struct timeval patience = {survey->settings.domain_seconds, 0};

	visit->survey = survey;
	visit->nexthop = item->nexthop;
	visit->tag = item->tag;
	visit->link.data = visit;
	g_queue_push_tail_link(&survey->visits, &visit->link);
	survey->counts.destinations++;
	if (patience.tv_sec) {
		visit->deadline = evtimer_new(survey->base, visit_deadline, visit);
		evtimer_add(visit->deadline, &patience);
	}
	visit->probe = domain_probe_start(survey, &visit->nexthop, item->policy, visit_done, visit);
}

/*
 * Starts as many destinations as there is room for; ends the loop behind the last. The pool sees to
 * it that no more than `width` have sessions: some more ask the DNS meanwhile.
 */
static void fill(struct survey *survey)
{
	guint width = survey->settings.width;

	while (!survey->no_more && survey->visits.length < width + width / 2) {
		struct survey_item item = {0};

		if (survey->next(&item, survey->data))
			visit_start(survey, &item);
		else
			survey->no_more = TRUE;
	}
	if (survey->no_more && g_queue_is_empty(&survey->visits))
		event_base_loopbreak(survey->base);
}

/* -- the run ------------------------------------------------------------------------------------
 */

/* What is under way is handed over as it is; nothing new begins. */
static void stop(struct survey *survey, enum survey_end end)
{
	survey->end = end;
	survey->no_more = TRUE;
	while (!g_queue_is_empty(&survey->visits))
		domain_probe_stop(((struct visit *)g_queue_peek_head(&survey->visits))->probe);
}

static void run_deadline(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	stop(data, SURVEY_DEADLINE);
}

static void tick(evutil_socket_t fd, short what, void *data)
{
	struct survey *survey = data;

	(void)fd;
	(void)what;
	survey->settings.tick(survey->data);
}

struct interrupts {
	struct survey *survey;
	struct event *events[G_N_ELEMENTS(ending)];
};

/* libevent puts back the program's own handlers: the next signal is theirs. */
static void interrupts_release(struct interrupts *interrupts)
{
	for (guint i = 0; i < G_N_ELEMENTS(ending); i++)
		if (interrupts->events[i])
			event_free(g_steal_pointer(&interrupts->events[i]));
}

static void on_signal(evutil_socket_t number, short what, void *data)
{
	struct interrupts *interrupts = data;

	(void)number;
	(void)what;
	interrupts_release(interrupts);
	stop(interrupts->survey, SURVEY_SIGNAL);
}

static void interrupts_catch(struct interrupts *interrupts)
{
	struct sigaction now;

	for (guint i = 0; i < G_N_ELEMENTS(ending); i++) {
		/* Whoever started us under nohup(1) or with & wants it ignored. */
		if (sigaction(ending[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN)
			continue;
		interrupts->events[i] =
			evsignal_new(interrupts->survey->base, ending[i], on_signal, interrupts);
		evsignal_add(interrupts->events[i], NULL);
	}
}

enum survey_end survey_run(
	struct survey *survey, survey_next *next, survey_seen *seen, gpointer data)
{
	struct interrupts interrupts = {.survey = survey};
	struct timeval patience = {survey->settings.run_seconds, 0}, second = {1, 0};
	struct event *deadline = evtimer_new(survey->base, run_deadline, survey);
	struct event *ticking = event_new(survey->base, -1, EV_PERSIST, tick, survey);

	survey->next = next;
	survey->seen = seen;
	survey->data = data;
	survey->no_more = FALSE;
	survey->end = SURVEY_COMPLETE;
	interrupts_catch(&interrupts);
	if (patience.tv_sec)
		evtimer_add(deadline, &patience);
	if (survey->settings.tick)
		evtimer_add(ticking, &second);
	fill(survey);
	if (!survey->no_more || !g_queue_is_empty(&survey->visits))
		event_base_dispatch(survey->base);
	event_free(deadline);
	event_free(ticking);
	interrupts_release(&interrupts);
	session_pool_leave(survey->pool);
	return survey->end;
}

/* -- what it consists of ------------------------------------------------------------------------
 */

struct survey *survey_new(const struct survey_settings *settings, GError **error)
{
	struct survey *survey = g_new0(struct survey, 1);
	struct resolver_settings resolver = {
		.resolver = settings->resolver,
		.trust_anchor = settings->trust_anchor,
		.root_hints = settings->root_hints,
	};
	struct tls_settings tls = {.client = settings->client};

	survey->settings = *settings;
	survey->settings.width = MAX(settings->width, 1);
	g_queue_init(&survey->visits);
	/*
	 * A socket for each session, one for each question that libunbound has under way, and
	 * HTTPS. Where the limit is too low, sessions wait for a socket.
	 */
	open_files_raise(3 * survey->settings.width + 1024);
	survey->base = event_base_new();
	survey->tls = tls_new(&tls, error);
	/* Said once, before anything is asked; Postfix turns TLS off altogether (tls_client.c). */
	if (survey->tls && tls_load_anchors(survey->tls, error))
		survey->resolver = resolver_new(survey->base, &resolver, error);
	if (!survey->resolver) {
		survey_free(survey);
		return NULL;
	}
	survey->pool =
		session_pool_new(survey->base, survey->tls, &survey->settings, &survey->counts);
	return survey;
}

/* libevent and libunbound finish their work in a last turn of the loop. */
void survey_free(struct survey *survey)
{
	if (!survey)
		return;
	session_pool_free(survey->pool);
	if (survey->resolver)
		resolver_free(survey->resolver);
	event_base_loop(survey->base, EVLOOP_NONBLOCK);
	event_base_free(survey->base);
	if (survey->tls)
		tls_free(survey->tls);
	g_free(survey);
}

const struct survey_counts *survey_counts(const struct survey *survey)
{
	return &survey->counts;
}

struct survey_counts *survey_counting(struct survey *survey)
{
	return &survey->counts;
}

struct event_base *survey_loop(struct survey *survey)
{
	return survey->base;
}

struct resolver *survey_resolver(struct survey *survey)
{
	return survey->resolver;
}

struct tls *survey_tls(struct survey *survey)
{
	return survey->tls;
}

const struct survey_settings *survey_settings_of(const struct survey *survey)
{
	return &survey->settings;
}

struct survey_wait *survey_session(struct survey *survey, const char *host, const char *address,
	guint port, const struct demand *demand, enum key_kind kind, survey_session_done *done,
	gpointer data)
{
	return session_pool_ask(survey->pool, host, address, port, demand, kind, done, data);
}

void survey_session_forget(struct survey_wait *wait)
{
	session_pool_forget(wait);
}
