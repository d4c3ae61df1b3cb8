/*
 * plan: the difference between the policies that are and the policies that should be.
 *
 * Diff and apply are one path: what is shown is the plan, what is done is the plan, and the
 * store proves it again under lock (store_apply).
 *
 * The policies that should be are a set in memory. Those that are stream past it, in any order
 * and in as many portions as the caller likes: plan_start(), plan_present() for each portion,
 * plan_finish(). Only rows that something happens to are kept, so a million rows that are as they
 * should be cost a byte each.
 */
#ifndef TLSPOL_CORE_PLAN_H
#define TLSPOL_CORE_PLAN_H

#include "core/policy_set.h"

enum change_kind { CHANGE_ADD, CHANGE_UPDATE, CHANGE_REMOVE };

struct change {
	enum change_kind kind;
	const struct policy_row *before; /* in plan.present; NULL for add */
	const struct policy_row *after;	 /* in plan.wanted; NULL for remove */
};

enum prune { PRUNE_NONE, PRUNE_ORIGIN, PRUNE_ALL };

struct plan {
	GArray *changes; /* of struct change, by key bytes */
	guint added, updated, removed, weaker;
	guint unchanged; /* wanted rows that are there already */
	guint present_count;
	/* Where the rows of changes are; borrowed, must outlive the plan (but see plan_start()). */
	const struct policy_set *present, *wanted;
	struct plan_work *work; /* private: of plan_start() and what follows */
};

void plan_init(struct plan *plan);
void plan_release(struct plan *plan);
typedef struct plan plan_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(plan_t, plan_release)

struct plan_scope {
	enum prune prune;
	const char *origin; /* PRUNE_ORIGIN removes only rows of this origin */
	/*
	 * A stored key that is not folded is met by its folded form: what a collation that
	 * ignores case does.
	 */
	gboolean fold;
};

/*
 * `wanted` is sorted and free of duplicates, and stays as it is until plan_finish(). Rows are
 * compared by policy_equal() and by note, origin and provider where the wanted row names them (a
 * wanted row without a note leaves the stored note alone, an empty one takes it away), and so are
 * exceptions: a wanted row that says nothing of one leaves the stored one alone, and comes under
 * it where there was nothing (core/exception.h, exception_kept()). A row that
 * is switched off counts as present and stays switched off. Of several stored rows with one key
 * the first counts; the others are rows that nobody wants. The plan keeps copies of stored rows:
 * `present` is its own set then.
 */
void plan_start(struct plan *plan, const struct policy_set *wanted, const struct plan_scope *scope);
gboolean plan_present(struct plan *plan, const struct policy_set *rows, GError **error);
void plan_finish(struct plan *plan);

/* After plan_finish(): was a policy_equal() one stored under this wanted row's key? */
gboolean plan_is_stored(const struct plan *plan, const struct policy_row *wanted);

/* All three steps, for two sets in memory. */
void plan_make(struct plan *plan, const struct policy_set *present, const struct policy_set *wanted,
	enum prune prune, const char *origin);

/*
 * One change, for commands that know what they do (add, set, remove); they set plan->present
 * and plan->wanted first.
 */
void plan_add_change(struct plan *plan, enum change_kind kind, const struct policy_row *before,
	const struct policy_row *after);

static inline const struct change *plan_change(const struct plan *plan, guint i)
{
	return &g_array_index(plan->changes, struct change, i);
}

/*
 * Why a change makes a policy that is in force protect mail less, or NULL (see policy_weaker()).
 * Additions and removals are never "weaker": what takes their place is not known here, and
 * removals have been asked for by name or by --prune.
 */
const char *change_weaker(const struct plan *plan, const struct change *change);

/* SHA-256 in hex over all changes in order: --expect. A fresh string. */
char *plan_checksum(const struct plan *plan);

struct plan_guards {
	guint max_change_percent; /* of present rows changed or removed; applies from 10 rows on */
	gboolean allow_weaker;
	const char *expect; /* checksum or an unambiguous start of 8 or more digits; NULL */
};
/*
 * Appends one sentence (fresh string) per guard that refuses the plan, each naming the option
 * that allows it.
 */
void plan_refusals(const struct plan *plan, const struct plan_guards *guards, GPtrArray *refusals);

#endif
