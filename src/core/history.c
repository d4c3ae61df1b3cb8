#include "core/history.h"

#include "core/exception.h"

/* A removal follows its signature in the same transaction. */
#define SIGNATURE_LIFE (5 * G_TIME_SPAN_MINUTE)

/* A version on its way through the sorting. */
struct version {
	const struct policy_row *row;
	struct life life;
};

struct telling {
	const struct policy_set *versions;
	gint64 since;
	GArray *events;
};

static const char *who_wrote(const struct telling *telling, const struct policy_row *row)
{
	const struct policy_extra *extra = policy_set_extra(telling->versions, row);

	return extra ? extra->changed_by : NULL;
}

static void tell(struct telling *telling, gint64 moment, enum event_kind kind,
	const struct policy_row *before, const struct policy_row *after, const char *who)
{
	const struct event event = {moment, kind, before, after, who};

	if (moment >= telling->since)
		g_array_append_val(telling->events, event);
}

gboolean history_same(
	const struct policy_set *versions, const struct policy_row *a, const struct policy_row *b)
{
	static const struct policy_extra nothing;
	struct policy one = policy_set_policy(versions, a), other = policy_set_policy(versions, b);
	const struct policy_extra *before = policy_set_extra(versions, a);
	const struct policy_extra *after = policy_set_extra(versions, b);

	before = before ? before : &nothing;
	after = after ? after : &nothing;
	return text_equal(one.key, other.key) && one.level == other.level &&
	       (one.level != LEVEL_UNKNOWN || text_equal(one.level_text, other.level_text)) &&
	       text_equal(one.params, other.params) &&
	       (a->flags & ROW_INACTIVE) == (b->flags & ROW_INACTIVE) &&
	       g_strcmp0(before->note, after->note) == 0 &&
	       g_strcmp0(before->origin, after->origin) == 0 &&
	       g_strcmp0(before->provider, after->provider) == 0 &&
	       exception_equal(before->exception, after->exception);
}

/* -- one key -------------------------------------------------------------------------------- */

/* `next` goes on where `version` ends; a row that is there twice goes on all the more. */
static gboolean goes_on(const struct version *version, const struct version *next)
{
	return next && next->life.from <= version->life.until;
}

static gboolean is_signature(const struct telling *telling, const struct version *before,
	const struct version *version, const struct version *next)
{
	return before && version->life.until != LIFE_GOES_ON &&
	       before->life.until == version->life.from && !goes_on(version, next) &&
	       before->row->where == version->row->where &&
	       version->life.until - version->life.from < SIGNATURE_LIFE &&
	       history_same(telling->versions, before->row, version->row);
}

/* The versions of one key, by time. */
static void tell_key(struct telling *telling, const struct version *versions, guint count)
{
	for (guint i = 0; i < count; i++) {
		const struct version *version = &versions[i];
		const struct version *before = i ? version - 1 : NULL;
		const struct version *next = i + 1 < count ? version + 1 : NULL;
		const struct policy_row *row = version->row;
		gboolean signature = is_signature(telling, before, version, next);

		if (!before || !goes_on(before, version))
			tell(telling, version->life.from, EVENT_ADD, NULL, row,
				who_wrote(telling, row));
		else if (!signature)
			tell(telling, version->life.from, EVENT_UPDATE, before->row, row,
				who_wrote(telling, row));
		if (version->life.until != LIFE_GOES_ON && !goes_on(version, next))
			tell(telling, version->life.until, EVENT_REMOVE, row, NULL,
				signature ? who_wrote(telling, row) : NULL);
	}
}

/* -- all keys ------------------------------------------------------------------------------- */

static int by_key_and_time(gconstpointer a, gconstpointer b)
{
	const struct version *one = a, *other = b;
	int order = text_compare(policy_row_key(one->row), policy_row_key(other->row));

	if (order)
		return order;
	if (one->life.from != other->life.from)
		return one->life.from < other->life.from ? -1 : 1;
	return one->life.until < other->life.until ? -1 : one->life.until > other->life.until;
}

static const struct policy_row *subject(const struct event *event)
{
	return event->after ? event->after : event->before;
}

static int by_time_and_key(gconstpointer a, gconstpointer b)
{
	const struct event *one = a, *other = b;

	if (one->moment != other->moment)
		return one->moment < other->moment ? -1 : 1;
	return text_compare(policy_row_key(subject(one)), policy_row_key(subject(other)));
}

/* Removals and additions of one moment: those with the same id are one row under a new key. */
static void join_renamed(GArray *events, guint from, guint to, GArray *joined)
{
	g_autoptr(GHashTable) gone = g_hash_table_new(NULL, NULL);

	for (guint i = from; i < to; i++) {
		struct event *event = &g_array_index(events, struct event, i);

		if (event->kind == EVENT_REMOVE && event->before->where)
			g_hash_table_insert(gone, GUINT_TO_POINTER(event->before->where), event);
	}
	for (guint i = from; i < to && g_hash_table_size(gone); i++) {
		struct event *event = &g_array_index(events, struct event, i);
		struct event *old;

		if (event->kind != EVENT_ADD || !event->after->where)
			continue;
		old = g_hash_table_lookup(gone, GUINT_TO_POINTER(event->after->where));
		if (!old)
			continue;
		event->kind = EVENT_RENAME;
		event->before = old->before;
		old->moment = -1;
		g_hash_table_remove(gone, GUINT_TO_POINTER(event->after->where));
	}
	for (guint i = from; i < to; i++)
		if (g_array_index(events, struct event, i).moment >= 0)
			g_array_append_val(joined, g_array_index(events, struct event, i));
}

static GArray *join_events(GArray *events)
{
	GArray *joined = g_array_sized_new(FALSE, FALSE, sizeof(struct event), events->len);

	for (guint from = 0, to = 0; from < events->len; from = to) {
		gint64 moment = g_array_index(events, struct event, from).moment;

		while (to < events->len && g_array_index(events, struct event, to).moment == moment)
			to++;
		join_renamed(events, from, to, joined);
	}
	return joined;
}

GArray *history_events(const struct policy_set *versions, const GArray *lives, gint64 since)
{
	guint count = policy_set_count(versions);
	g_autoptr(GArray) sorted = g_array_sized_new(FALSE, FALSE, sizeof(struct version), count);
	g_autoptr(GArray) events = g_array_new(FALSE, FALSE, sizeof(struct event));
	struct telling telling = {versions, since, events};

	for (guint i = 0; i < count; i++) {
		const struct version version = {
			policy_set_row(versions, i), g_array_index(lives, struct life, i)};
		g_array_append_val(sorted, version);
	}
	g_array_sort(sorted, by_key_and_time);
	for (guint from = 0, to = 0; from < count; from = to) {
		const struct version *first = &g_array_index(sorted, struct version, from);
		struct text key = policy_row_key(first->row);

		while (to < count &&
			text_equal(
				policy_row_key(g_array_index(sorted, struct version, to).row), key))
			to++;
		tell_key(&telling, first, to - from);
	}
	g_array_sort(events, by_time_and_key);
	return join_events(events);
}
