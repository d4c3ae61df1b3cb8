#include "core/exception.h"

/* What has no end is none: it takes a stored exception away, and stray columns come to it. */
static gboolean is_none(const struct policy_exception *exception)
{
	return !exception || !exception->until_us;
}

const struct policy_exception *row_exception(
	const struct policy_set *set, const struct policy_row *row)
{
	const struct policy_extra *extra = policy_set_extra(set, row);

	return extra && !is_none(extra->exception) ? extra->exception : NULL;
}

gboolean exception_live(const struct policy_exception *exception, gint64 now_us)
{
	return exception && exception->until_us > now_us;
}

const struct policy_exception *live_exception(
	const struct policy_set *set, const struct policy_row *row, gint64 now_us)
{
	const struct policy_exception *exception = row_exception(set, row);

	return exception_live(exception, now_us) ? exception : NULL;
}

gboolean row_over(const struct policy_set *set, const struct policy_row *row, gint64 now_us)
{
	const struct policy_exception *exception = row_exception(set, row);

	return exception && !exception->over && !exception_live(exception, now_us);
}

gboolean row_policy_now(const struct policy_set *set, const struct policy_row *row, gint64 now_us,
	struct policy *policy)
{
	const struct policy_exception *exception = live_exception(set, row, now_us);

	if ((row->flags & ROW_INACTIVE) || row_over(set, row, now_us))
		return FALSE;
	if (exception && exception->over)
		*policy = exception_policy(exception, policy_row_key(row));
	else
		*policy = policy_set_policy(set, row);
	return TRUE;
}

struct policy exception_policy(const struct policy_exception *exception, struct text key)
{
	struct policy policy = {key, exception->level, TEXT_NONE, exception->params};

	if (policy.level == LEVEL_UNKNOWN)
		policy.level_text = text_of(exception->level_text ? exception->level_text : "");
	return policy;
}

gboolean exception_kept(const struct policy_set *set, const struct policy_row *row,
	const struct policy *policy, struct policy_exception *kept)
{
	const struct policy_extra *extra = policy_set_extra(set, row);
	struct policy stored = policy_set_policy(set, row);

	/* What is stored beside, also if it comes to nothing, is somebody's and stays. */
	if (!extra || !extra->exception)
		return FALSE;
	*kept = *extra->exception;
	if (kept->over || is_none(kept))
		return TRUE;
	stored.key = policy->key;
	kept->over = TRUE;
	kept->level = stored.level;
	kept->level_text = extra->level_text;
	kept->params = stored.params;
	return !policy_equal(&stored, policy);
}

gboolean exception_equal(const struct policy_exception *a, const struct policy_exception *b)
{
	struct policy one, other;

	if (is_none(a) || is_none(b))
		return is_none(a) && is_none(b);
	if (a->over != b->over || a->until_us != b->until_us || g_strcmp0(a->note, b->note) != 0)
		return FALSE;
	if (!a->over)
		return TRUE;
	one = exception_policy(a, TEXT_LITERAL(""));
	other = exception_policy(b, TEXT_LITERAL(""));
	return policy_equal(&one, &other);
}

gint64 exception_next_end(const struct policy_set *set, gint64 now_us)
{
	gint64 first = 0;

	for (guint i = 0; i < policy_set_count(set); i++) {
		const struct policy_row *row = policy_set_row(set, i);
		const struct policy_exception *exception = row_exception(set, row);

		if ((row->flags & ROW_INACTIVE) || !exception_live(exception, now_us))
			continue;
		if (!first || exception->until_us < first)
			first = exception->until_us;
	}
	return first;
}

void exception_drop_over(struct policy_set *set, gint64 now_us)
{
	guint kept = 0;

	for (guint i = 0; i < policy_set_count(set); i++)
		if (!row_over(set, policy_set_row(set, i), now_us))
			*policy_set_row(set, kept++) = *policy_set_row(set, i);
	g_array_set_size(set->rows, kept);
}
