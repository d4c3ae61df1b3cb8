#include "net/resolver.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unbound.h>

#include "core/error.h"
#include "net/resolver_context.h"

#define OUTSTANDING	 128
#define NAME_LENGTH_MAX	 253
#define LABEL_LENGTH_MAX 63
#define WHY_MAX		 300
#define CLASS_IN	 1

struct resolver {
	struct event_base *base;
	struct ub_ctx *ctx;
	struct event *readable; /* libunbound has answers; pending while something is under way */
	char *servers;
	guint limit, outstanding;
	gboolean started;    /* libunbound has made its thread */
	GHashTable *lookups; /* key -> struct lookup *, waiting or sent */
	GQueue waiting;	     /* of struct lookup, not sent yet */
	GQueue refused;	     /* of struct dns_question, answered at the next turn of the loop */
};

/* One question to libunbound, and all who want to know. */
struct lookup {
	struct resolver *resolver;
	char *key; /* "52 _25._tcp.mx.example" */
	const char *name;
	enum dns_type type;
	gboolean sent, answered;
	int id;
	GList link; /* in resolver->waiting */
	GQueue questions;
};

struct dns_question {
	struct resolver *resolver;
	struct lookup *lookup; /* NULL: refused */
	GList link;	       /* in lookup->questions or resolver->refused */
	struct event *deadline;
	guint timeout_ms;
	const char *why; /* static; what refused it */
	resolver_done *done;
	gpointer data;
};

static void send_waiting(struct resolver *resolver);

/* -- lookups ----------------------------------------------------------------------------------- */

static void lookup_free(struct lookup *lookup)
{
	g_free(lookup->key);
	g_free(lookup);
}

/* It is over: nobody else joins, and its place is free. */
static void lookup_end(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;

	g_hash_table_remove(resolver->lookups, lookup->key);
	if (!lookup->sent)
		g_queue_unlink(&resolver->waiting, &lookup->link);
	else if (--resolver->outstanding == 0)
		event_del(resolver->readable);
}

/* -- questions --------------------------------------------------------------------------------- */

static void question_free(struct dns_question *question)
{
	event_free(question->deadline);
	g_free(question);
}

static void question_arm(struct dns_question *question, guint milliseconds)
{
	struct timeval patience = {milliseconds / 1000, milliseconds % 1000 * 1000};

	event_add(question->deadline, &patience);
}

/* Out of its queue; the lookup of which it was the last one ends. */
static void question_leave(struct dns_question *question)
{
	struct lookup *lookup = question->lookup;
	struct resolver *resolver = question->resolver;

	g_queue_unlink(lookup ? &lookup->questions : &resolver->refused, &question->link);
	question->lookup = NULL;
	if (!lookup || lookup->answered || lookup->questions.length)
		return;
	if (lookup->sent)
		ub_cancel(resolver->ctx, lookup->id);
	lookup_end(lookup);
	lookup_free(lookup);
	send_waiting(resolver);
}

/* The handle is gone before the callback, which may ask and cancel. */
static void question_answer(struct dns_question *question, const struct dns_reply *reply)
{
	resolver_done *done = question->done;
	gpointer data = question->data;

	question_free(question);
	done(reply, data);
}

static void question_refuse(struct dns_question *question, const char *why)
{
	question->lookup = NULL;
	question->why = why;
	g_queue_push_tail_link(&question->resolver->refused, &question->link);
	question_arm(question, 0);
}

static void on_deadline(G_GNUC_UNUSED evutil_socket_t fd, G_GNUC_UNUSED short what, gpointer data)
{
	struct dns_question *question = data;
	struct dns_reply reply = {.answer.state = question->why ? DNS_FAILED : DNS_TIMEOUT,
		.answer.why = (char *)question->why};

	question_leave(question);
	question_answer(question, &reply);
}

/* -- answers ----------------------------------------------------------------------------------- */

static const char *failure_words(int rcode)
{
	static const char *const words[] = {
		[1] = "the server calls the question malformed (FORMERR)",
		[2] = "no server gives an answer (SERVFAIL)",
		[4] = "the server cannot do that (NOTIMP)",
		[5] = "the server refuses to answer (REFUSED)",
	};

	return rcode >= 0 && rcode < (int)G_N_ELEMENTS(words) && words[rcode] ? words[rcode]
									      : "no usable answer";
}

/* Bogus comes first: its data is filled in all the same. */
static void judge(const struct ub_result *result, struct dns_answer *answer)
{
	if (result->bogus) {
		answer->state = DNS_BOGUS;
		answer->why = g_strndup(
			result->why_bogus ? result->why_bogus : "validation failure", WHY_MAX);
		return;
	}
	answer->secure = result->secure;
	if (result->nxdomain || result->rcode == 3) {
		answer->state = DNS_NO_NAME;
	} else if (result->rcode != 0) {
		answer->state = DNS_FAILED;
		answer->why = g_strdup(failure_words(result->rcode));
	} else {
		answer->state = result->havedata ? DNS_FOUND : DNS_NO_DATA;
	}
}

static void fill_reply(const struct ub_result *result, struct dns_reply *reply)
{
	judge(result, &reply->answer);
	if (reply->answer.state == DNS_BOGUS)
		return;
	if (result->canonname && g_str_has_suffix(result->canonname, "."))
		result->canonname[strlen(result->canonname) - 1] = '\0';
	reply->canonical = result->canonname;
	if (reply->answer.state != DNS_FOUND)
		return;
	while (reply->count < DNS_RECORDS_MAX && result->data[reply->count])
		reply->count++;
	reply->rdata = (const guint8 *const *)result->data;
	reply->size = result->len;
}

/* From ub_process(), in the loop. */
static void on_result(gpointer data, int code, struct ub_result *result)
{
	struct lookup *lookup = data;
	struct resolver *resolver = lookup->resolver;
	struct dns_reply reply = {.count = 0};
	GList *link;

	lookup_end(lookup);
	lookup->answered = TRUE;
	if (code == 0) {
		fill_reply(result, &reply);
	} else {
		reply.answer.state = DNS_FAILED;
		reply.answer.why = g_strdup(ub_strerror(code));
	}
	/* Callbacks may cancel others of the same lookup. */
	while ((link = g_queue_pop_head_link(&lookup->questions)))
		question_answer(link->data, &reply);
	g_free(reply.answer.why);
	lookup_free(lookup);
	ub_resolve_free(result);
	send_waiting(resolver);
}

static void on_readable(G_GNUC_UNUSED evutil_socket_t fd, G_GNUC_UNUSED short what, gpointer data)
{
	struct resolver *resolver = data;

	ub_process(resolver->ctx);
}

/* -- asking ------------------------------------------------------------------------------------ */

/* The first call makes libunbound's thread, which must not take our signals. */
static int send_lookup(struct resolver *resolver, struct lookup *lookup)
{
	sigset_t all, before;
	int code;

	if (!resolver->started) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
	}
	code = ub_resolve_async(resolver->ctx, lookup->name, (int)lookup->type, CLASS_IN, lookup,
		on_result, &lookup->id);
	if (!resolver->started)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	resolver->started = TRUE;
	return code;
}

static void send_waiting(struct resolver *resolver)
{
	while (resolver->outstanding < resolver->limit && resolver->waiting.length) {
		struct lookup *lookup = g_queue_peek_head(&resolver->waiting);
		int code = send_lookup(resolver, lookup);
		GList *link;

		if (code != 0) {
			lookup_end(lookup);
			while ((link = g_queue_pop_head_link(&lookup->questions)))
				question_refuse(link->data, ub_strerror(code));
			lookup_free(lookup);
			continue;
		}
		g_queue_unlink(&resolver->waiting, &lookup->link);
		lookup->sent = TRUE;
		if (resolver->outstanding++ == 0)
			event_add(resolver->readable, NULL);
		for (link = lookup->questions.head; link; link = link->next)
			question_arm(link->data, ((struct dns_question *)link->data)->timeout_ms);
	}
}

/* Letters, digits, hyphens, underscores; the root is "". */
static gboolean is_name(const char *name, gsize len)
{
	gsize label = 0;

	if (len > NAME_LENGTH_MAX)
		return FALSE;
	for (gsize i = 0; i < len; i++) {
		if (name[i] == '.' && !label)
			return FALSE;
		label = name[i] == '.' ? 0 : label + 1;
		if (label > LABEL_LENGTH_MAX ||
			(!g_ascii_isalnum(name[i]) && !strchr("-_.", name[i])))
			return FALSE;
	}
	return label || !len;
}

static struct lookup *lookup_for(
	struct resolver *resolver, const char *name, gsize len, enum dns_type type)
{
	g_autofree char *folded = len ? g_ascii_strdown(name, (gssize)len) : g_strdup(".");
	g_autofree char *key = g_strdup_printf("%d %s", type, folded);
	struct lookup *lookup = g_hash_table_lookup(resolver->lookups, key);

	if (lookup)
		return lookup;
	lookup = g_new0(struct lookup, 1);
	lookup->resolver = resolver;
	lookup->name = strchr(key, ' ') + 1;
	lookup->key = g_steal_pointer(&key);
	lookup->type = type;
	lookup->link.data = lookup;
	g_queue_push_tail_link(&resolver->waiting, &lookup->link);
	g_hash_table_insert(resolver->lookups, lookup->key, lookup);
	return lookup;
}

struct dns_question *resolver_ask(struct resolver *resolver, const char *name, enum dns_type type,
	guint timeout_ms, resolver_done *done, gpointer data)
{
	struct dns_question *question = g_new0(struct dns_question, 1);
	gsize len = strlen(name) - g_str_has_suffix(name, ".");

	question->resolver = resolver;
	question->link.data = question;
	question->deadline = evtimer_new(resolver->base, on_deadline, question);
	question->timeout_ms = timeout_ms;
	question->done = done;
	question->data = data;
	if (!*name || !is_name(name, len)) {
		question_refuse(question, "this is no name that the DNS can be asked for");
		return question;
	}
	question->lookup = lookup_for(resolver, name, len, type);
	g_queue_push_tail_link(&question->lookup->questions, &question->link);
	if (question->lookup->sent)
		question_arm(question, timeout_ms);
	else
		send_waiting(resolver);
	return question;
}

void resolver_cancel(struct dns_question *question)
{
	if (!question)
		return;
	question_leave(question);
	question_free(question);
}

/* -- the resolver ------------------------------------------------------------------------------ */

struct resolver *resolver_new(
	struct event_base *base, const struct resolver_settings *settings, GError **error)
{
	g_autofree char *servers = NULL;
	struct ub_ctx *ctx = resolver_context_new(settings, &servers, error);
	struct resolver *resolver;

	if (!ctx)
		return NULL;
	resolver = g_new0(struct resolver, 1);
	resolver->base = base;
	resolver->ctx = ctx;
	resolver->readable =
		event_new(base, ub_fd(ctx), EV_READ | EV_PERSIST, on_readable, resolver);
	resolver->servers = g_steal_pointer(&servers);
	resolver->limit = settings->outstanding ? settings->outstanding : OUTSTANDING;
	resolver->lookups = g_hash_table_new(g_str_hash, g_str_equal);
	return resolver;
}

static void free_questions(GQueue *questions)
{
	GList *link;

	while ((link = g_queue_pop_head_link(questions)))
		question_free(link->data);
}

void resolver_free(struct resolver *resolver)
{
	GHashTableIter lookups;
	gpointer lookup;

	if (!resolver)
		return;
	g_hash_table_iter_init(&lookups, resolver->lookups);
	while (g_hash_table_iter_next(&lookups, NULL, &lookup)) {
		free_questions(&((struct lookup *)lookup)->questions);
		g_hash_table_iter_remove(&lookups);
		lookup_free(lookup);
	}
	free_questions(&resolver->refused);
	g_hash_table_unref(resolver->lookups);
	event_free(resolver->readable);
	/* Stops its thread; what is under way gets no callback. */
	ub_ctx_delete(resolver->ctx);
	g_free(resolver->servers);
	g_free(resolver);
}

const char *resolver_servers(const struct resolver *resolver)
{
	return resolver->servers;
}
