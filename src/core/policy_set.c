#include "core/policy_set.h"

#include "core/error.h"
#include "core/exception_until.h"
#include "core/key_sort.h"

/* Big enough that a million keys are a few hundred blocks, small enough for a set of one row. */
#define STRINGS_BLOCK 65536
#define EXTRAS_BLOCK  256
/* Rows after which the one who watches is told. */
#define WATCH_ROWS 4096

void policy_set_init(struct policy_set *set)
{
	set->rows = g_array_new(FALSE, FALSE, sizeof(struct policy_row));
	set->files = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(set->files, g_strdup(""));
	set->sorted = TRUE;
	set->buffers = g_ptr_array_new_with_free_func(g_free);
	set->strings = g_string_chunk_new(STRINGS_BLOCK);
	set->extras = g_ptr_array_new_with_free_func(g_free);
	set->extra_count = 0;
	set->watch = NULL;
	set->watch_data = NULL;
}

void policy_set_release(struct policy_set *set)
{
	g_clear_pointer(&set->rows, g_array_unref);
	g_clear_pointer(&set->files, g_ptr_array_unref);
	g_clear_pointer(&set->buffers, g_ptr_array_unref);
	g_clear_pointer(&set->strings, g_string_chunk_free);
	g_clear_pointer(&set->extras, g_ptr_array_unref);
}

void policy_set_clear(struct policy_set *set)
{
	policy_set_release(set);
	policy_set_init(set);
}

struct policy policy_set_policy(const struct policy_set *set, const struct policy_row *row)
{
	struct policy policy = {
		.key = policy_row_key(row),
		.level = row->level,
		.params = policy_row_params(row),
	};

	if (policy.level == LEVEL_UNKNOWN) {
		const struct policy_extra *extra = policy_set_extra(set, row);

		policy.level_text = text_of(extra && extra->level_text ? extra->level_text : "");
	}
	return policy;
}

void policy_set_adopt(struct policy_set *set, char *buffer)
{
	g_ptr_array_add(set->buffers, buffer);
}

struct text policy_set_keep(struct policy_set *set, struct text text)
{
	if (!text.at)
		return TEXT_NONE;
	return (struct text){
		g_string_chunk_insert_len(set->strings, text.at, (gssize)text.len), text.len};
}

static gboolean row_fits(const struct policy_set *set, const struct policy *policy, GError **error)
{
	if (policy->key.len > POLICY_KEY_MAX)
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%.40s…: a key of %zu bytes is too long, at most %d are possible",
			policy->key.at, policy->key.len, POLICY_KEY_MAX);
	else if (policy->params.len > POLICY_PARAMS_MAX)
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%.*s: attributes of %zu bytes are too long, at most %d are possible",
			TEXT_ARG(policy->key), policy->params.len, POLICY_PARAMS_MAX);
	else if (set->rows->len >= POLICY_ROWS_MAX)
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"more than %u policies are not possible", POLICY_ROWS_MAX);
	else
		return TRUE;
	return FALSE;
}

struct policy_row *policy_set_append(
	struct policy_set *set, const struct policy *policy, GError **error)
{
	guint count = set->rows->len;
	struct policy_row row = {
		.key = policy->key.at,
		.key_len = (guint16)policy->key.len,
		.params = policy->params.at,
		.params_len = (guint16)policy->params.len,
		.level = (guint8)policy->level,
	};
	struct policy_row *added;

	if (!row_fits(set, policy, error))
		return NULL;
	if (set->sorted && count > 0)
		set->sorted = text_compare(policy_row_key(policy_set_row(set, count - 1)),
				      policy->key) <= 0;
	g_array_append_val(set->rows, row);
	added = policy_set_row(set, count);
	if (count % WATCH_ROWS == 0 && set->watch)
		set->watch(set->watch_data, count);
	if (policy->level == LEVEL_UNKNOWN)
		policy_set_extra_for(set, added)->level_text =
			policy_set_keep(set, policy->level_text).at;
	return added;
}

static const struct policy_exception *copy_exception(
	struct policy_set *set, const struct policy_exception *from)
{
	struct policy_exception *copy = g_memdup2(from, sizeof(*from));

	policy_set_adopt(set, (char *)copy);
	copy->level_text = policy_set_keep(set, text_of(from->level_text)).at;
	copy->params = policy_set_keep(set, from->params);
	copy->note = policy_set_keep(set, text_of(from->note)).at;
	copy->until = NULL;
	if (copy->until_us) {
		g_autofree char *until = exception_until_format(copy->until_us);
		copy->until = policy_set_keep(set, text_of(until)).at;
	}
	return copy;
}

static void copy_extra(
	struct policy_set *set, const struct policy_extra *from, struct policy_extra *to)
{
	const char *const texts[] = {
		from->level_text, from->note, from->origin, from->provider, from->changed_by};
	const char **const copies[] = {
		&to->level_text, &to->note, &to->origin, &to->provider, &to->changed_by};

	G_STATIC_ASSERT(sizeof(*to) == sizeof(texts) + sizeof(to->exception));
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		*copies[i] = policy_set_keep(set, text_of(texts[i])).at;
	if (from->exception)
		to->exception = copy_exception(set, from->exception);
}

struct policy_row *policy_set_copy(struct policy_set *set, const struct policy_set *from,
	const struct policy_row *row, GError **error)
{
	const struct policy_extra *extra = policy_set_extra(from, row);
	struct policy policy = {
		.key = policy_set_keep(set, policy_row_key(row)),
		.level = row->level,
		.params = policy_set_keep(set, policy_row_params(row)),
	};
	struct policy_row *copy = policy_set_append(set, &policy, error);

	if (!copy)
		return NULL;
	copy->where = row->where;
	copy->flags = row->flags;
	if (extra)
		copy_extra(set, extra, policy_set_extra_for(set, copy));
	return copy;
}

void policy_set_rekey(struct policy_set *set, struct policy_row *row, struct text key)
{
	g_return_if_fail(key.len <= POLICY_KEY_MAX);
	row->key = key.at;
	row->key_len = (guint16)key.len;
	row->flags &= ~ROW_PLAIN;
	set->sorted = set->rows->len <= 1;
}

static struct policy_extra *extra_at(const struct policy_set *set, guint index)
{
	struct policy_extra *block = set->extras->pdata[index / EXTRAS_BLOCK];

	return &block[index % EXTRAS_BLOCK];
}

const struct policy_extra *policy_set_extra(
	const struct policy_set *set, const struct policy_row *row)
{
	return row->extra ? extra_at(set, row->extra - 1) : NULL;
}

struct policy_extra *policy_set_extra_for(struct policy_set *set, struct policy_row *row)
{
	if (!row->extra) {
		if (set->extra_count % EXTRAS_BLOCK == 0)
			g_ptr_array_add(set->extras, g_new0(struct policy_extra, EXTRAS_BLOCK));
		row->extra = ++set->extra_count & POLICY_ROWS_MAX;
	}
	return extra_at(set, row->extra - 1);
}

void policy_set_share_extra(struct policy_row *row, const struct policy_row *with)
{
	g_return_if_fail(!row->extra);
	row->extra = with->extra;
}

void policy_set_except(
	struct policy_set *set, struct policy_row *row, const struct policy_exception *exception)
{
	policy_set_extra_for(set, row)->exception = copy_exception(set, exception);
}

guint8 policy_set_add_file(struct policy_set *set, const char *name)
{
	/* Past 255 files rows keep their line; only the name in messages is the last one's. */
	if (set->files->len <= G_MAXUINT8)
		g_ptr_array_add(set->files, g_strdup(name));
	return (guint8)(set->files->len - 1);
}

guint policy_set_duplicates(
	const struct policy_set *set, policy_set_duplicate *found, gpointer data)
{
	guint count = 0;

	for (guint i = 1; i < set->rows->len; i++) {
		const struct policy_row *first = policy_set_row(set, i - 1);
		const struct policy_row *again = policy_set_row(set, i);

		policy_set_ask_ahead(set, i);
		if (!text_equal(policy_row_key(first), policy_row_key(again)))
			continue;
		count++;
		if (found)
			found(first, again, data);
	}
	return count;
}

struct policy_row *policy_set_find(const struct policy_set *set, struct text key)
{
	guint low = 0, high = set->rows->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (text_compare(policy_row_key(policy_set_row(set, middle)), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < set->rows->len && text_equal(policy_row_key(policy_set_row(set, low)), key))
		return policy_set_row(set, low);
	return NULL;
}

const struct policy_row *policy_set_twin(const struct policy_set *set, const struct policy_row *row)
{
	const struct policy_row *next = row + 1;

	if (next == policy_set_row(set, 0) + set->rows->len)
		return NULL;
	return text_equal(policy_row_key(next), policy_row_key(row)) ? next : NULL;
}

/* -- sorting ---------------------------------------------------------------------------------- */

/* Where each row of the sorted set is now. */
static guint32 *sorted_places(const struct policy_set *set)
{
	guint count = policy_set_count(set);
	g_autofree struct key_entry *entries = g_new(struct key_entry, count);
	guint32 *places = g_new(guint32, count);

	for (guint i = 0; i < count; i++)
		key_entry_init(&entries[i], policy_row_key(policy_set_row(set, i)), i);
	key_sort(entries, count);
	for (guint i = 0; i < count; i++)
		places[i] = entries[i].place;
	return places;
}

/*
 * Moves rows along the cycles of the permutation: no second array of rows. Places alone are few
 * enough for the cache, so that the next row is known before this one has come from memory.
 */
static void arrange_rows(struct policy_row *rows, guint32 *places, guint count)
{
	for (guint start = 0; start < count; start++) {
		struct policy_row first = rows[start];
		guint hole = start;

		while (places[hole] != start) {
			guint from = places[hole];

			rows[hole] = rows[from];
			places[hole] = hole;
			hole = from;
		}
		rows[hole] = first;
		places[hole] = hole;
	}
}

void policy_set_sort(struct policy_set *set)
{
	g_autofree guint32 *places = NULL;

	if (set->sorted)
		return;
	places = sorted_places(set);
	arrange_rows(policy_set_row(set, 0), places, policy_set_count(set));
	set->sorted = TRUE;
}
