/* A plan is applied to what it was made from, or not at all: proved under lock. */
#include "store/store_private.h"

#include "core/error.h"
#include "core/exception.h"
#include "core/key_index.h"

/* From here on reading the whole table under lock is cheaper than asking key by key. */
#define MANY_CHANGES 1000

static gboolean same_extra(const struct policy_extra *a, const struct policy_extra *b)
{
	for (guint id = STORE_NOTE; id <= STORE_PROVIDER; id++)
		if (g_strcmp0(extra_value(a, id), extra_value(b, id)) != 0)
			return FALSE;
	return exception_equal(a ? a->exception : NULL, b ? b->exception : NULL);
}

static gboolean same_row(const struct policy_set *a_set, const struct policy_row *a,
	const struct policy_set *b_set, const struct policy_row *b)
{
	struct policy before = policy_set_policy(a_set, a), now = policy_set_policy(b_set, b);

	return a->where == b->where && before.level == now.level &&
	       (before.level != LEVEL_UNKNOWN || text_equal(before.level_text, now.level_text)) &&
	       text_equal(before.params, now.params) &&
	       (a->flags & ROW_INACTIVE) == (b->flags & ROW_INACTIVE) &&
	       same_extra(policy_set_extra(a_set, a), policy_set_extra(b_set, b));
}

static gboolean changed_meanwhile(const struct policy_row *row, const char *how, GError **error)
{
	g_set_error(error, TLSPOL_ERROR, STATUS_TRY_AGAIN,
		"%.*s: %s since the change was planned; try again", TEXT_ARG(policy_row_key(row)),
		how);
	return FALSE;
}

/* What has been seen of the row that a change was planned from. */
enum proof { PROOF_NONE, PROOF_OTHER, PROOF_SAME };

/* The proof of a plan while locked rows stream past it. */
struct proving {
	struct store *store;
	const struct plan *plan;
	struct key_index *index; /* of the planned rows; made for the first locked row */
	guint8 *proofs;		 /* enum proof, of each change */
};

static const struct policy_row *planned_row(gconstpointer plan, guint i)
{
	const struct change *change = plan_change(plan, i);

	return change->before ? change->before : change->after;
}

/* Changes stand by key, and without a unique index there may be more than one of a key. */
static gboolean prove_row(struct proving *proving, guint i, const struct policy_set *locked,
	const struct policy_row *now, GError **error)
{
	const struct plan *plan = proving->plan;
	struct text key = policy_row_key(now);

	for (; i < plan->changes->len && text_equal(policy_row_key(planned_row(plan, i)), key);
		i++) {
		const struct change *change = plan_change(plan, i);

		if (!change->before)
			return changed_meanwhile(change->after, "somebody stored it", error);
		if (same_row(plan->present, change->before, locked, now))
			proving->proofs[i] = PROOF_SAME;
		else
			proving->proofs[i] = MAX(proving->proofs[i], PROOF_OTHER);
	}
	return TRUE;
}

static gboolean prove_rows(gpointer data, const struct policy_set *locked, GError **error)
{
	struct proving *proving = data;
	const struct plan *plan = proving->plan;
	struct text keys[KEY_INDEX_GROUP];
	guint32 found[KEY_INDEX_GROUP];

	if (!proving->index && policy_set_count(locked))
		proving->index = key_index_new(planned_row, plan, plan->changes->len);
	for (guint from = 0; from < policy_set_count(locked); from += KEY_INDEX_GROUP) {
		guint count = MIN(policy_set_count(locked) - from, KEY_INDEX_GROUP);

		for (guint i = 0; i < count; i++)
			keys[i] = policy_row_key(policy_set_row(locked, from + i));
		key_index_find(proving->index, keys, count, found);
		for (guint i = 0; i < count; i++)
			if (found[i] != KEY_INDEX_NONE &&
				!prove_row(proving, found[i], locked,
					policy_set_row(locked, from + i), error))
				return FALSE;
	}
	return TRUE;
}

/* Every row that is to be changed or removed must have come past as it was. */
static gboolean prove_end(const struct proving *proving, GError **error)
{
	const struct plan *plan = proving->plan;

	for (guint i = 0; i < plan->changes->len; i++) {
		const struct policy_row *before = plan_change(plan, i)->before;

		if (before && proving->proofs[i] != PROOF_SAME)
			return changed_meanwhile(before,
				proving->proofs[i] == PROOF_OTHER ? "somebody changed it"
								  : "somebody removed it",
				error);
	}
	return TRUE;
}

static gboolean find_rows(struct proving *proving, GError **error)
{
	const struct plan *plan = proving->plan;
	g_autofree struct text *keys = g_new(struct text, plan->changes->len + 1);
	g_auto(policy_set_t) locked;

	policy_set_init(&locked);
	for (guint i = 0; i < plan->changes->len; i++)
		keys[i] = policy_row_key(planned_row(plan, i));
	return rows_find(proving->store, keys, plan->changes->len, TRUE, &locked, error) &&
	       prove_rows(proving, &locked, error);
}

/* Whether the table still is, under lock, what the changes were planned from. */
gboolean prove(struct store *store, const struct plan *plan, GError **error)
{
	guint count = plan->changes->len;
	g_autofree guint8 *proofs = g_new0(guint8, count + 1);
	struct proving proving = {store, plan, NULL, proofs};
	gboolean whole = count >= MANY_CHANGES && count >= plan->present_count / 4;
	/* Of a row that should not be there it is enough to know that it is. */
	guint parts = plan->updated + plan->removed ? STORE_PART_ALL : 0;
	gboolean fine = whole ? rows_scan(store, parts, TRUE, prove_rows, &proving, error)
			      : find_rows(&proving, error);

	key_index_free(proving.index);
	return fine && prove_end(&proving, error);
}
