#include "core/plan.h"

#include "core/exception.h"
#include "core/key.h"
#include "core/key_index.h"

/* Below this a share of the rows says nothing: one of three is a third. */
#define GUARD_MIN_ROWS	  10
#define EXPECT_MIN_DIGITS 8

/* What is known of a wanted row's key. */
enum mark {
	MARK_ABSENT,  /* not stored, so far */
	MARK_CHANGED, /* stored with another policy, or with another exception */
	MARK_TOUCHED, /* stored with this policy; note, origin or provider are others */
	MARK_SAME,
};

/* A stored row that something happens to. */
struct touched {
	guint kept;	/* its place among the kept rows */
	guint32 wanted; /* which row takes its place; KEY_INDEX_NONE = it is removed */
};

struct plan_work {
	struct plan_scope scope;
	char *origin;
	guint8 *marks; /* enum mark, of each wanted row */
	/* The table's rows often come in the wanted order: then no index is needed. */
	guint next;
	struct key_index *index; /* of wanted; made when the first guess fails */
	struct policy_set kept;
	GArray *touched; /* of struct touched, each for one kept row */
};

static void work_free(struct plan_work *work)
{
	key_index_free(work->index);
	policy_set_release(&work->kept);
	g_array_unref(work->touched);
	g_free(work->origin);
	g_free(work->marks);
	g_free(work);
}

void plan_init(struct plan *plan)
{
	*plan = (struct plan){.changes = g_array_new(FALSE, FALSE, sizeof(struct change))};
}

void plan_release(struct plan *plan)
{
	g_clear_pointer(&plan->changes, g_array_unref);
	g_clear_pointer(&plan->work, work_free);
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

/* An exception that comes is compared with the policy it is going to lie over, or replace. */
static const char *exception_weaker(
	const struct plan *plan, const struct change *change, const struct policy *before)
{
	const struct policy_exception *is = row_exception(plan->present, change->before);
	const struct policy_exception *comes = row_exception(plan->wanted, change->after);
	struct policy policy;

	if (!comes || !comes->over || exception_equal(is, comes))
		return NULL;
	policy = exception_policy(comes, before->key);
	return policy_weaker(before, &policy);
}

const char *change_weaker(const struct plan *plan, const struct change *change)
{
	struct policy before, after;
	const char *why;

	if (change->kind != CHANGE_UPDATE || (change->before->flags & ROW_INACTIVE))
		return NULL;
	before = policy_set_policy(plan->present, change->before);
	after = policy_set_policy(plan->wanted, change->after);
	why = policy_weaker(&before, &after);
	return why ? why : exception_weaker(plan, change, &before);
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

/* The stored row is an exception with nothing under it, and the wanted one is what is to be there.
 */
static gboolean gets_policy(const struct policy_set *rows, const struct policy_row *before,
	const struct policy_extra *should)
{
	const struct policy_exception *is = before->extra ? row_exception(rows, before) : NULL;

	return is && !is->over && !should->exception;
}

static enum mark compare_rows(const struct plan *plan, const struct policy_set *rows,
	const struct policy_row *before, const struct policy_row *after)
{
	const struct policy_extra *is, *should = extra_of(plan->wanted, after);
	struct policy a = policy_set_policy(rows, before);
	struct policy b = policy_set_policy(plan->wanted, after);

	b.key = a.key; /* but for folding they are the same */
	if (!policy_equal(&a, &b) || gets_policy(rows, before, should))
		return MARK_CHANGED;
	if (!after->extra)
		return MARK_SAME;
	is = extra_of(rows, before);
	if (should->exception && !exception_equal(is->exception, should->exception))
		return MARK_CHANGED;
	return text_wanted(is->note, should->note) || text_wanted(is->origin, should->origin) ||
			       text_wanted(is->provider, should->provider)
		       ? MARK_TOUCHED
		       : MARK_SAME;
}

static gboolean row_pruned(
	const struct plan_scope *scope, const struct policy_set *rows, const struct policy_row *row)
{
	if (scope->prune == PRUNE_ORIGIN)
		return scope->origin && g_strcmp0(extra_of(rows, row)->origin, scope->origin) == 0;
	return scope->prune == PRUNE_ALL;
}

void plan_start(struct plan *plan, const struct policy_set *wanted, const struct plan_scope *scope)
{
	struct plan_work *work = g_new0(struct plan_work, 1);

	g_clear_pointer(&plan->work, work_free);
	work->scope = *scope;
	work->scope.origin = work->origin = g_strdup(scope->origin);
	work->marks = g_new0(guint8, policy_set_count(wanted) + 1);
	work->touched = g_array_new(FALSE, FALSE, sizeof(struct touched));
	policy_set_init(&work->kept);
	g_array_set_size(plan->changes, 0);
	*plan = (struct plan){
		.changes = plan->changes,
		.present = &work->kept,
		.wanted = wanted,
		.work = work,
	};
}

static const struct policy_row *row_of(gconstpointer set, guint i)
{
	return policy_set_row(set, i);
}

static gboolean keep_row(struct plan *plan, const struct policy_set *rows,
	const struct policy_row *row, guint32 wanted, GError **error)
{
	struct plan_work *work = plan->work;
	struct touched touched = {policy_set_count(&work->kept), wanted};

	g_array_append_val(work->touched, touched);
	return policy_set_copy(&work->kept, rows, row, error) != NULL;
}

/* A stored row and the wanted one with its key, KEY_INDEX_NONE where there is none. */
static gboolean take_row(struct plan *plan, const struct policy_set *rows,
	const struct policy_row *row, guint32 wanted, GError **error)
{
	struct plan_work *work = plan->work;
	enum mark mark;

	if (wanted != KEY_INDEX_NONE)
		work->next = wanted + 1;
	if (wanted == KEY_INDEX_NONE || work->marks[wanted] != MARK_ABSENT)
		return !row_pruned(&work->scope, rows, row) ||
		       keep_row(plan, rows, row, KEY_INDEX_NONE, error);
	mark = compare_rows(plan, rows, row, policy_set_row(plan->wanted, wanted));
	work->marks[wanted] = mark;
	if (mark != MARK_SAME)
		return keep_row(plan, rows, row, wanted, error);
	plan->unchanged++;
	return TRUE;
}

static gboolean is_next(const struct plan *plan, const struct policy_row *row)
{
	guint next = plan->work->next;

	return next < policy_set_count(plan->wanted) &&
	       text_equal(policy_row_key(row), policy_row_key(policy_set_row(plan->wanted, next)));
}

/* The key a stored row is met by. */
static struct text met_by(struct plan *plan, const struct policy_row *row)
{
	g_autoptr(GString) folded = NULL;
	struct text key = policy_row_key(row);

	if (!plan->work->scope.fold || key_is_folded(key))
		return key;
	folded = g_string_new(NULL);
	if (!key_fold(folded, key))
		return key;
	return policy_set_keep(&plan->work->kept, (struct text){folded->str, folded->len});
}

/* At most KEY_INDEX_GROUP rows, looked up all at once. */
static gboolean take_rows(
	struct plan *plan, const struct policy_set *rows, guint from, guint count, GError **error)
{
	struct plan_work *work = plan->work;
	struct text keys[KEY_INDEX_GROUP];
	guint32 found[KEY_INDEX_GROUP];

	if (!work->index)
		work->index = key_index_new(row_of, plan->wanted, policy_set_count(plan->wanted));
	for (guint i = 0; i < count; i++)
		keys[i] = met_by(plan, policy_set_row(rows, from + i));
	key_index_find(work->index, keys, count, found);
	for (guint i = 0; i < count; i++)
		if (!take_row(plan, rows, policy_set_row(rows, from + i), found[i], error))
			return FALSE;
	return TRUE;
}

gboolean plan_present(struct plan *plan, const struct policy_set *rows, GError **error)
{
	guint count = policy_set_count(rows), from = 0;

	plan->present_count += count;
	while (from < count) {
		guint end = from + MIN(count - from, KEY_INDEX_GROUP);

		for (; from < end && is_next(plan, policy_set_row(rows, from)); from++)
			if (!take_row(plan, rows, policy_set_row(rows, from), plan->work->next,
				    error))
				return FALSE;
		if (from < end && !take_rows(plan, rows, from, end - from, error))
			return FALSE;
		from = end;
	}
	return TRUE;
}

static struct text touched_key(const struct plan *plan, const struct touched *touched)
{
	return policy_row_key(touched->wanted == KEY_INDEX_NONE
				      ? policy_set_row(plan->present, touched->kept)
				      : policy_set_row(plan->wanted, touched->wanted));
}

static int by_key(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct touched *one = a, *two = b;
	int order = text_compare(touched_key(data, one), touched_key(data, two));

	return order ? order : (one->kept > two->kept) - (one->kept < two->kept);
}

/* The stored rows that change up to a key; absent: all that are left. */
static guint add_touched(struct plan *plan, guint from, struct text up_to)
{
	const GArray *all = plan->work->touched;

	for (; from < all->len; from++) {
		const struct touched *touched = &g_array_index(all, struct touched, from);
		gboolean removed = touched->wanted == KEY_INDEX_NONE;

		if (up_to.at && text_compare(touched_key(plan, touched), up_to) > 0)
			break;
		plan_add_change(plan, removed ? CHANGE_REMOVE : CHANGE_UPDATE,
			policy_set_row(plan->present, touched->kept),
			removed ? NULL : policy_set_row(plan->wanted, touched->wanted));
	}
	return from;
}

void plan_finish(struct plan *plan)
{
	struct plan_work *work = plan->work;
	guint next = 0;

	g_clear_pointer(&work->index, key_index_free);
	g_array_sort_with_data(work->touched, by_key, plan);
	for (guint i = 0; i < policy_set_count(plan->wanted); i++) {
		const struct policy_row *after;

		if (work->marks[i] != MARK_ABSENT)
			continue;
		after = policy_set_row(plan->wanted, i);
		if (next < work->touched->len)
			next = add_touched(plan, next, policy_row_key(after));
		plan_add_change(plan, CHANGE_ADD, NULL, after);
	}
	add_touched(plan, next, TEXT_NONE);
}

gboolean plan_is_stored(const struct plan *plan, const struct policy_row *wanted)
{
	return plan->work->marks[wanted - policy_set_row(plan->wanted, 0)] >= MARK_TOUCHED;
}

void plan_make(struct plan *plan, const struct policy_set *present, const struct policy_set *wanted,
	enum prune prune, const char *origin)
{
	const struct plan_scope scope = {prune, origin, FALSE};

	plan_start(plan, wanted, &scope);
	/* It can only fail for more rows than fit into a set, and these are in one. */
	plan_present(plan, present, NULL);
	plan_finish(plan);
}

/* -- its checksum ------------------------------------------------------------------------- */

/* What has been gathered goes into the sum in pieces of this size: a call costs more than bytes. */
#define SUM_PIECE 32768

/* "LENGTH:bytes", "-" where there is nothing: no text can be taken for two others. */
static void sum_text(GString *piece, struct text text)
{
	char digits[24], *at = digits + sizeof(digits);
	gsize left = text.len;

	if (!text.at) {
		g_string_append_c(piece, '-');
		return;
	}
	*--at = ':';
	do {
		*--at = (char)('0' + left % 10);
	} while (left /= 10);
	g_string_append_len(piece, at, digits + sizeof(digits) - at);
	g_string_append_len(piece, text.at, (gssize)text.len);
}

static void sum_exception(GString *piece, const struct policy_exception *exception)
{
	struct policy policy = exception_policy(exception, TEXT_NONE);
	char until[24];

	g_snprintf(
		until, sizeof(until), "%d %" G_GINT64_FORMAT, exception->over, exception->until_us);
	sum_text(piece, text_of(until));
	sum_text(piece, policy.level == LEVEL_UNKNOWN ? policy.level_text
						      : text_of(level_name(policy.level)));
	sum_text(piece, policy.params);
	sum_text(piece, text_of(exception->note));
}

static void sum_row(GString *piece, const struct policy_set *set, const struct policy_row *row)
{
	const struct policy_extra *extra;
	struct policy policy;

	if (!row) {
		g_string_append_c(piece, '!');
		return;
	}
	policy = policy_set_policy(set, row);
	extra = extra_of(set, row);
	sum_text(piece, policy.key);
	sum_text(piece, policy.level == LEVEL_UNKNOWN ? policy.level_text
						      : text_of(level_name(policy.level)));
	sum_text(piece, policy.params);
	sum_text(piece, text_of(extra->note));
	sum_text(piece, text_of(extra->origin));
	sum_text(piece, text_of(extra->provider));
	if (extra->exception)
		sum_exception(piece, extra->exception);
}

static void sum_piece(GChecksum *sum, GString *piece)
{
	g_checksum_update(sum, (const guchar *)piece->str, (gssize)piece->len);
	g_string_truncate(piece, 0);
}

char *plan_checksum(const struct plan *plan)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autoptr(GString) piece = g_string_sized_new(SUM_PIECE);

	for (guint i = 0; i < plan->changes->len; i++) {
		const struct change *change = plan_change(plan, i);

		g_string_append_c(piece, "+~-"[change->kind]);
		sum_row(piece, plan->present, change->before);
		sum_row(piece, plan->wanted, change->after);
		if (piece->len >= SUM_PIECE)
			sum_piece(sum, piece);
	}
	sum_piece(sum, piece);
	return g_strdup(g_checksum_get_string(sum));
}

/* -- its guards --------------------------------------------------------------------------- */

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
