#include "net/session_pool.h"

#include <event2/event.h>
#include <string.h>

#include "net/smtp_probe.h"

/* Lets so many sessions through at a time. */
struct gate {
	char *name; /* key in its table; NULL: the one for all */
	GHashTable *table;
	guint limit, active, users;
	GQueue waiting; /* struct slot *, which are in one queue at most */
};

enum { GATE_ADDRESS, GATE_PROVIDER, GATE_ALL, GATES };

/* One session: wanted, under way, or known. */
struct slot {
	struct session_pool *pool;
	char *key, *address;
	guint port;
	enum key_kind kind;
	struct demand demand; /* what the handshake depends on */
	struct gate *gates[GATES];
	struct smtp_probe *probe; /* while there is a connection */
	struct session *session;  /* when known */
	GQueue waits;		  /* struct survey_wait */
};

struct survey_wait {
	struct slot *slot;
	survey_session_done *done;
	gpointer data;
	GQueue *queue; /* the slot's, or the pool's `ready` */
	GList link;
};

struct session_pool {
	struct event_base *base;
	struct tls *tls;
	const struct survey_settings *settings;
	struct survey_counts *counts;
	GHashTable *slots;		   /* key -> struct slot, owned */
	GHashTable *addresses, *providers; /* name -> struct gate, owned */
	struct gate all;
	guint leaving; /* connections that wait for the answer to QUIT */
	GQueue ready;  /* struct survey_wait: their sessions are known */
	struct event *tell;
};

/* -- gates --------------------------------------------------------------------------------------
 */

static void gate_init(struct gate *gate, guint limit)
{
	gate->limit = limit ? limit : G_MAXUINT;
	g_queue_init(&gate->waiting);
}

static void gate_free(gpointer data)
{
	struct gate *gate = data;

	g_queue_clear(&gate->waiting);
	g_free(gate->name);
	g_free(gate);
}

static struct gate *gate_use(GHashTable *table, const char *name, guint limit)
{
	struct gate *gate = g_hash_table_lookup(table, name);

	if (!gate) {
		gate = g_new0(struct gate, 1);
		gate_init(gate, limit);
		gate->name = g_strdup(name);
		gate->table = table;
		g_hash_table_insert(table, gate->name, gate);
	}
	gate->users++;
	return gate;
}

static void gate_leave(struct gate *gate)
{
	if (--gate->users == 0 && gate->table)
		g_hash_table_remove(gate->table, gate->name);
}

/* An address is its own provider. */
static const char *provider_of(const char *host, const char *address)
{
	return strcmp(host, address) == 0 ? host : host_provider(host);
}

/* -- slots --------------------------------------------------------------------------------------
 */

static void slot_free(gpointer data)
{
	struct slot *slot = data;

	if (slot->probe)
		smtp_probe_cancel(slot->probe);
	if (slot->session)
		session_unref(slot->session);
	demand_release(&slot->demand);
	g_free(slot->address);
	g_free(slot->key);
	g_free(slot);
}

static void tell_later(struct session_pool *pool, struct survey_wait *wait)
{
	g_queue_push_tail_link(&pool->ready, &wait->link);
	wait->queue = &pool->ready;
	event_active(pool->tell, EV_TIMEOUT, 0);
}

static void slot_try(struct slot *slot);

static void gate_pump(struct gate *gate)
{
	struct slot *slot;

	while (gate->active < gate->limit && (slot = g_queue_pop_head(&gate->waiting)) != NULL)
		slot_try(slot);
}

static void slot_leave_gate(struct slot *slot, int i, gboolean active)
{
	struct gate *gate = slot->gates[i];

	slot->gates[i] = NULL;
	if (active) {
		gate->active--;
		gate_pump(gate);
	}
	gate_leave(gate);
}

/* The session is known: there is room for another. */
static void slot_done(struct session *session, gpointer data)
{
	struct slot *slot = data;
	GList *link;

	slot->session = session_ref(session);
	slot->pool->leaving++;
	while ((link = g_queue_pop_head_link(&slot->waits)) != NULL)
		tell_later(slot->pool, link->data);
	slot_leave_gate(slot, GATE_ALL, TRUE);
}

/* The connection is closed: the host may be asked for another. */
static void slot_gone(gpointer data)
{
	struct slot *slot = data;

	slot->probe = NULL;
	slot->pool->leaving--;
	slot_leave_gate(slot, GATE_ADDRESS, TRUE);
	slot_leave_gate(slot, GATE_PROVIDER, TRUE);
}

static void slot_start(struct slot *slot)
{
	const struct survey_settings *settings = slot->pool->settings;
	struct probe_request request = {
		.address = slot->address,
		.port = slot->port,
		.demand = &slot->demand,
		.kind = slot->kind,
		.helo = settings->helo,
		.step_ms = settings->step_seconds * 1000,
		.total_ms = settings->domain_seconds * 1000,
	};

	slot->pool->counts->sessions++;
	slot->probe = smtp_probe_start(
		slot->pool->base, slot->pool->tls, &request, slot_done, slot_gone, slot);
}

/* Starts, or waits at the first gate that is closed. */
static void slot_try(struct slot *slot)
{
	if (g_queue_is_empty(&slot->waits)) {
		/* Nobody waits for it any more. */
		for (int i = 0; i < GATES; i++)
			slot_leave_gate(slot, i, FALSE);
		g_hash_table_remove(slot->pool->slots, slot->key);
		return;
	}
	for (int i = 0; i < GATES; i++) {
		if (slot->gates[i]->active >= slot->gates[i]->limit) {
			g_queue_push_tail(&slot->gates[i]->waiting, slot);
			return;
		}
	}
	for (int i = 0; i < GATES; i++)
		slot->gates[i]->active++;
	slot_start(slot);
}

/* What the handshake depends on, and no more: who asked first may be gone before it begins. */
static void copy_handshake(const struct demand *from, struct demand *to)
{
	*to = (struct demand){
		.kind = from->kind,
		.level = from->level,
		.wrappermode = from->wrappermode,
		.protocols = from->protocols,
		.security_level = from->security_level,
		.grade = from->grade,
		.exclude = g_strdup(from->exclude),
		.sni = g_strdup(from->sni),
	};
}

static struct slot *slot_new(struct session_pool *pool, char *key, const char *host,
	const char *address, guint port, const struct demand *demand, enum key_kind kind)
{
	struct slot *slot = g_new0(struct slot, 1);

	slot->pool = pool;
	slot->key = key;
	slot->address = g_strdup(address);
	slot->port = port;
	slot->kind = kind;
	copy_handshake(demand, &slot->demand);
	g_queue_init(&slot->waits);
	slot->gates[GATE_ADDRESS] = gate_use(pool->addresses, address, pool->settings->per_address);
	slot->gates[GATE_PROVIDER] =
		gate_use(pool->providers, provider_of(host, address), pool->settings->per_provider);
	slot->gates[GATE_ALL] = &pool->all;
	pool->all.users++;
	g_hash_table_insert(pool->slots, slot->key, slot);
	return slot;
}

/* -- who waits ----------------------------------------------------------------------------------
 */

struct survey_wait *session_pool_ask(struct session_pool *pool, const char *host,
	const char *address, guint port, const struct demand *demand, enum key_kind kind,
	survey_session_done *done, gpointer data)
{
	g_autofree char *handshake = demand_handshake_key(demand);
	char *key = g_strdup_printf("%s %u %d %s", address, port, kind, handshake);
	struct slot *slot = g_hash_table_lookup(pool->slots, key);
	struct survey_wait *wait = g_new0(struct survey_wait, 1);
	gboolean fresh = !slot;

	if (fresh) {
		slot = slot_new(pool, key, host, address, port, demand, kind);
	} else {
		g_free(key);
		pool->counts->sessions_shared++;
	}
	wait->slot = slot;
	wait->done = done;
	wait->data = data;
	wait->link.data = wait;
	if (slot->session) {
		tell_later(pool, wait);
		return wait;
	}
	g_queue_push_tail_link(&slot->waits, &wait->link);
	wait->queue = &slot->waits;
	if (fresh)
		slot_try(slot);
	return wait;
}

void session_pool_forget(struct survey_wait *wait)
{
	g_queue_unlink(wait->queue, &wait->link);
	g_free(wait);
}

static void tell_ready(evutil_socket_t fd, short what, void *data)
{
	struct session_pool *pool = data;
	guint count = g_queue_get_length(&pool->ready);
	GList *link;

	(void)fd;
	(void)what;
	/* Those that these bring about are for the next turn of the loop. */
	while (count-- > 0 && (link = g_queue_pop_head_link(&pool->ready)) != NULL) {
		g_autofree struct survey_wait *wait = link->data;

		wait->done(wait->slot->session, wait->data);
	}
}

struct session_pool *session_pool_new(struct event_base *base, struct tls *tls,
	const struct survey_settings *settings, struct survey_counts *counts)
{
	struct session_pool *pool = g_new0(struct session_pool, 1);

	pool->base = base;
	pool->tls = tls;
	pool->settings = settings;
	pool->counts = counts;
	pool->slots = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, slot_free);
	pool->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, gate_free);
	pool->providers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, gate_free);
	gate_init(&pool->all, settings->width);
	g_queue_init(&pool->ready);
	pool->tell = event_new(base, -1, 0, tell_ready, pool);
	return pool;
}

/* Nobody waits for it, and nobody will. */
static void slot_abandon(struct slot *slot)
{
	for (int i = 0; i < GATES; i++) {
		if (slot->probe)
			slot->gates[i]->active--;
		else
			g_queue_remove(&slot->gates[i]->waiting, slot);
		gate_leave(slot->gates[i]);
	}
}

void session_pool_leave(struct session_pool *pool)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, pool->slots);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct slot *slot = value;

		if (!slot->session) {
			slot_abandon(slot);
			g_hash_table_iter_remove(&iter);
		}
	}
	while (pool->leaving > 0)
		event_base_loop(pool->base, EVLOOP_ONCE);
}

void session_pool_free(struct session_pool *pool)
{
	if (!pool)
		return;
	g_hash_table_unref(pool->slots);
	g_queue_clear(&pool->all.waiting);
	g_hash_table_unref(pool->addresses);
	g_hash_table_unref(pool->providers);
	event_free(pool->tell);
	g_free(pool);
}
