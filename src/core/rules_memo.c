/* Judging many rows: what has been found fine once is not looked at again. */
#include "core/exception.h"
#include "core/rules.h"

static guint slot_of(guint8 level, struct text params)
{
	return (guint)(text_hash(params) + level) % RULE_MEMO_SLOTS;
}

void rule_memo_init(struct rule_memo *memo, const struct rule_context *context,
	const struct policy_set *set, gint64 now_us)
{
	memset(memo, 0, sizeof(*memo));
	memo->context = context;
	memo->set = set;
	memo->now_us = now_us;
}

/*
 * A value's findings depend on the key only where it is none of a recipient domain: a path, an
 * address. An exception has a moment and a policy of its own.
 */
static gboolean is_usual(const struct policy_set *set, const struct policy_row *row)
{
	return row->level != LEVEL_UNKNOWN &&
	       (row->flags & ROW_PLAIN || key_is_plain(policy_row_key(row))) &&
	       (!row->extra || !row_exception(set, row));
}

int rule_memo_check(struct rule_memo *memo, const struct policy_row *row, GPtrArray *findings)
{
	struct text params = policy_row_params(row);
	struct rule_memo_slot *slot = &memo->slots[slot_of(row->level, params)];
	gboolean usual = is_usual(memo->set, row);
	int worst;

	if (usual && slot->fine && slot->level == row->level && text_equal(slot->params, params))
		return -1;
	worst = rules_check_row(memo->context, memo->set, row, memo->now_us, findings);
	if (usual && worst < 0)
		*slot = (struct rule_memo_slot){params, row->level, TRUE};
	return worst;
}
