#include "core/plan.h"

/* Below this a share of the rows says nothing: one of three is a third. */
#define GUARD_MIN_ROWS	  10
#define EXPECT_MIN_DIGITS 8

void plan_init(struct plan *plan)
{
	*plan = (struct plan){.changes = g_array_new(FALSE, FALSE, sizeof(struct change))};
}

void plan_release(struct plan *plan)
{
	g_clear_pointer(&plan->changes, g_array_unref);
}

void plan_add_change(struct plan *plan, enum change_kind kind, const struct policy_row *before,
	const struct policy_row *after)
{
	struct change change = {kind, before, after};

	g_array_append_val(plan->changes, change);
	plan->added += kind == CHANGE_ADD;
	plan->updated += kind == CHANGE_UPDATE;
	plan->removed += kind == CHANGE_REMOVE;
	plan->weaker += change_weaker(plan, &change) != NULL;
}

const char *change_weaker(const struct plan *plan, const struct change *change)
{
	struct policy before, after;

	if (change->kind != CHANGE_UPDATE || (change->before->flags & ROW_INACTIVE))
		return NULL;
	before = policy_set_policy(plan->present, change->before);
	after = policy_set_policy(plan->wanted, change->after);
	return policy_weaker(&before, &after);
}

/* -- making one ------------------------------------------------------------------------------- */

static const struct policy_extra *extra_of(
	const struct policy_set *set, const struct policy_row *row)
{
	static const struct policy_extra nothing;
	const struct policy_extra *extra = policy_set_extra(set, row);

	return extra ? extra : &nothing;
}

/* `wanted` names it, and it is not what is stored; an empty text wants nothing stored. */
static gboolean text_wanted(const char *stored, const char *wanted)
{
	return wanted && strcmp(wanted, stored ? stored : "") != 0;
}

static gboolean row_wanted(
	const struct plan *plan, const struct policy_row *before, const struct policy_row *after)
{
	const struct policy_extra *is = extra_of(plan->present, before);
	const struct policy_extra *should = extra_of(plan->wanted, after);
	struct policy a = policy_set_policy(plan->present, before);
	struct policy b = policy_set_policy(plan->wanted, after);

	if (!policy_equal(&a, &b))
		return TRUE;
	return text_wanted(is->note, should->note) || text_wanted(is->origin, should->origin) ||
	       text_wanted(is->provider, should->provider);
}

static gboolean row_pruned(
	const struct plan *plan, const struct policy_row *row, enum prune prune, const char *origin)
{
	if (prune == PRUNE_ORIGIN)
		return origin && g_strcmp0(extra_of(plan->present, row)->origin, origin) == 0;
	return prune == PRUNE_ALL;
}

void plan_make(struct plan *plan, const struct policy_set *present, const struct policy_set *wanted,
	enum prune prune, const char *origin)
{
	guint i = 0, j = 0;

	plan->present = present;
	plan->wanted = wanted;
	plan->present_count = policy_set_count(present);
	while (i < policy_set_count(present) || j < policy_set_count(wanted)) {
		const struct policy_row *before = NULL, *after = NULL;
		int order;

		if (i < policy_set_count(present))
			before = policy_set_row(present, i);
		if (j < policy_set_count(wanted))
			after = policy_set_row(wanted, j);
		order = !after	  ? -1
			: !before ? 1
				  : text_compare(policy_row_key(before), policy_row_key(after));
		i += order <= 0;
		j += order >= 0;
		if (order > 0)
			plan_add_change(plan, CHANGE_ADD, NULL, after);
		else if (order == 0 && row_wanted(plan, before, after))
			plan_add_change(plan, CHANGE_UPDATE, before, after);
		else if (order < 0 && row_pruned(plan, before, prune, origin))
			plan_add_change(plan, CHANGE_REMOVE, before, NULL);
		else if (order == 0)
			plan->unchanged++;
	}
}

/* -- its checksum -------------------------------------------------------------------------------
 */

/* "LENGTH:bytes", "-" where there is nothing: no text can be taken for two others. */
static void sum_text(GChecksum *sum, struct text text)
{
	char head[24];

	if (!text.at) {
		g_checksum_update(sum, (const guchar *)"-", 1);
		return;
	}
	g_snprintf(head, sizeof(head), "%zu:", text.len);
	g_checksum_update(sum, (const guchar *)head, -1);
	g_checksum_update(sum, (const guchar *)text.at, (gssize)text.len);
}

static void sum_row(GChecksum *sum, const struct policy_set *set, const struct policy_row *row)
{
	const struct policy_extra *extra;
	struct policy policy;

	if (!row) {
		g_checksum_update(sum, (const guchar *)"!", 1);
		return;
	}
	policy = policy_set_policy(set, row);
	extra = extra_of(set, row);
	sum_text(sum, policy.key);
	sum_text(sum, policy.level == LEVEL_UNKNOWN ? policy.level_text
						    : text_of(level_name(policy.level)));
	sum_text(sum, policy.params);
	sum_text(sum, text_of(extra->note));
	sum_text(sum, text_of(extra->origin));
	sum_text(sum, text_of(extra->provider));
}

char *plan_checksum(const struct plan *plan)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

	for (guint i = 0; i < plan->changes->len; i++) {
		const struct change *change = plan_change(plan, i);

		g_checksum_update(sum, (const guchar *)&"+~-"[change->kind], 1);
		sum_row(sum, plan->present, change->before);
		sum_row(sum, plan->wanted, change->after);
	}
	return g_strdup(g_checksum_get_string(sum));
}

/* -- its guards ---------------------------------------------------------------------------------
 */

static void refuse(GPtrArray *refusals, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void refuse(GPtrArray *refusals, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(refusals, g_strdup_vprintf(format, args));
	va_end(args);
}

static void guard_size(const struct plan *plan, guint percent, GPtrArray *refusals)
{
	guint64 touched = (guint64)plan->updated + plan->removed;
	guint64 share;

	if (plan->present_count < GUARD_MIN_ROWS ||
		touched * 100 <= (guint64)percent * plan->present_count)
		return;
	share = (touched * 100 + plan->present_count - 1) / plan->present_count;
	refuse(refusals,
		"%" G_GUINT64_FORMAT " of %u rows would be changed or removed, more than %u %%: "
		"allow it with --max-change %" G_GUINT64_FORMAT "%%",
		touched, plan->present_count, percent, share);
}

static void guard_weaker(const struct plan *plan, GPtrArray *refusals)
{
	for (guint i = 0; i < plan->changes->len; i++) {
		const struct change *change = plan_change(plan, i);
		const char *why = change_weaker(plan, change);

		if (!why)
			continue;
		refuse(refusals,
			"%u %s would be made weaker, %s %.*s (%s): allow it with --allow-weaker",
			plan->weaker, plan->weaker == 1 ? "policy" : "policies",
			plan->weaker == 1 ? "that of" : "the first is",
			TEXT_ARG(policy_row_key(change->before)), why);
		return;
	}
}

static void guard_expect(const struct plan *plan, const char *expect, GPtrArray *refusals)
{
	g_autofree char *sum = plan_checksum(plan);
	gsize len = strlen(expect);

	if (len < EXPECT_MIN_DIGITS)
		refuse(refusals,
			"--expect %s is too short to tell plans apart: give at least %d digits of "
			"the checksum",
			expect, EXPECT_MIN_DIGITS);
	else if (g_ascii_strncasecmp(sum, expect, len) != 0)
		refuse(refusals,
			"the plan is not the one --expect %s stands for: it is %s now; look at it "
			"again with --plan",
			expect, sum);
}

void plan_refusals(const struct plan *plan, const struct plan_guards *guards, GPtrArray *refusals)
{
	guard_size(plan, guards->max_change_percent, refusals);
	if (plan->weaker > 0 && !guards->allow_weaker)
		guard_weaker(plan, refusals);
	if (guards->expect)
		guard_expect(plan, guards->expect, refusals);
}
