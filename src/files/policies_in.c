#include "files/policies_in.h"

#include "core/error.h"
#include "core/key.h"
#include "core/key_index.h"
#include "files/policies_readers.h"
#include "files/policy_fields.h"
#include "files/read_file.h"
#include "files/text_check.h"
#include "files/yaml_fast.h"

/* -- duplicates ------------------------------------------------------------------------------ */

struct folded_key {
	struct text key;
	guint row;
};

static int compare_folded(gconstpointer a, gconstpointer b)
{
	const struct folded_key *left = a, *right = b;
	int order = text_compare(left->key, right->key);

	return order ? order : (left->row > right->row) - (left->row < right->row);
}

static gboolean is_folded_ascii(struct text key)
{
	guchar seen = 0;
	gboolean upper = FALSE;

	for (gsize i = 0; i < key.len; i++) {
		seen |= (guchar)key.at[i];
		upper |= (guchar)(key.at[i] - 'A') < 26;
	}
	return seen < 0x80 && !upper;
}

struct rows {
	const struct policy_set *set;
	guint first;
};

static const struct policy_row *row_of(gconstpointer data, guint i)
{
	const struct rows *rows = data;

	return policy_set_row(rows->set, rows->first + i);
}

/*
 * A file that is in order proves it by itself; another one needs an index, but no sorting.
 * `folded`: all keys are known to be folded ASCII.
 */
static gboolean all_different(const struct policy_set *set, guint first, gboolean folded)
{
	struct rows rows = {set, first};
	gboolean ascending = TRUE;

	for (guint i = first; i < policy_set_count(set); i++) {
		struct text key = policy_row_key(policy_set_row(set, i));

		if (!folded && !is_folded_ascii(key))
			return FALSE;
		ascending = ascending &&
			    (i == first || text_compare(policy_row_key(policy_set_row(set, i - 1)),
						   key) < 0);
	}
	if (ascending)
		return TRUE;

	g_autoptr(key_index_t) index = key_index_new(row_of, &rows, policy_set_count(set) - first);
	return key_index_unique(index);
}

static GArray *index_by_folded_key(const struct policy_set *set, guint first, GStringChunk *folds)
{
	GArray *index = g_array_new(FALSE, FALSE, sizeof(struct folded_key));
	g_autoptr(GString) fold = g_string_new(NULL);

	for (guint i = first; i < policy_set_count(set); i++) {
		const struct policy_row *row = policy_set_row(set, i);
		struct folded_key entry = {policy_row_key(row), i};

		g_string_truncate(fold, 0);
		if (!(row->flags & ROW_VERBATIM) && !is_folded_ascii(entry.key) &&
			key_fold(fold, entry.key))
			entry.key = (struct text){
				g_string_chunk_insert_len(folds, fold->str, fold->len), fold->len};
		g_array_append_val(index, entry);
	}
	g_array_sort(index, compare_folded);
	return index;
}

static void report_duplicate(const struct policy_set *set, const struct policy_row *first,
	const struct policy_row *again, gboolean same_is_fine, GPtrArray *problems)
{
	struct policy a = policy_set_policy(set, first), b = policy_set_policy(set, again);
	gboolean same;

	b.key = a.key;
	same = policy_equal(&a, &b);
	file_problem_add(problems, same && same_is_fine, g_ptr_array_index(set->files, again->file),
		again->where, again->column, "%.*s is already in line %u%s",
		TEXT_ARG(policy_row_key(again)), first->where,
		same ? ", with the same policy" : ", with another policy: remove one of them");
	file_problem_duplicate(problems);
}

/* Takes out the rows that `doomed` marks, keeping the order of the others. */
static void remove_rows(struct policy_set *set, guint first, const gboolean *doomed)
{
	guint to = first;

	for (guint i = first; i < policy_set_count(set); i++) {
		if (!doomed[i - first])
			*policy_set_row(set, to++) = *policy_set_row(set, i);
	}
	g_array_set_size(set->rows, to);
}

/* Of two rows that YAML's "<<" lets stand side by side, the one that gives way; or NULL. */
static const struct folded_key *giving_way(const struct policy_set *set,
	const struct folded_key *first, const struct folded_key *again)
{
	if (policy_set_row(set, again->row)->flags & ROW_MERGED)
		return again;
	return policy_set_row(set, first->row)->flags & ROW_MERGED ? first : NULL;
}

/*
 * Reports keys that Postfix would take for the same, and leaves the first of each in the set.
 */
static void drop_duplicates(struct policy_set *set, guint first, gboolean folded,
	gboolean same_is_fine, GPtrArray *problems)
{
	g_autoptr(GArray) index = NULL;
	g_autoptr(GStringChunk) folds = NULL;
	g_autofree gboolean *doomed = NULL;
	guint found = 0, kept = 0;

	if (all_different(set, first, folded))
		return;
	folds = g_string_chunk_new(4096);
	index = index_by_folded_key(set, first, folds);
	doomed = g_new0(gboolean, index->len);
	for (guint i = 1; i < index->len; i++) {
		const struct folded_key *a = &g_array_index(index, struct folded_key, kept);
		const struct folded_key *b = &g_array_index(index, struct folded_key, i);
		const struct folded_key *way = giving_way(set, a, b);

		if (!text_equal(a->key, b->key)) {
			kept = i;
			continue;
		}
		if (!way)
			report_duplicate(set, policy_set_row(set, a->row),
				policy_set_row(set, b->row), same_is_fine, problems);
		if (way == a)
			kept = i;
		doomed[(way ? way : b)->row - first] = TRUE;
		found++;
	}
	if (found)
		remove_rows(set, first, doomed);
}

/* -- reading --------------------------------------------------------------------------------- */

void policies_read_memory(char *buffer, gsize len, const char *name, enum policies_format format,
	struct policy_set *set, GPtrArray *problems)
{
	static policies_reader *const readers[] = {
		[POLICIES_YAML] = yaml_in,
		[POLICIES_MAP] = map_in,
		[POLICIES_CSV] = csv_in,
		[POLICIES_JSON] = json_in,
		[POLICIES_EFF] = eff_in,
	};
	g_autoptr(GPtrArray) found =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	struct text text = {buffer, len};
	guint first = policy_set_count(set);
	gboolean fast, readable;
	guint8 file;

	policy_set_adopt(set, buffer);
	file = policy_set_add_file(set, name);
	if (format == POLICIES_AUTO)
		format = policies_format_guess(name, text);
	fast = format == POLICIES_YAML && yaml_fast(buffer, len, file, set);
	readable = fast || (format == POLICIES_MAP ? text_check_binary(text, name, found)
						   : text_check_encoding(&text, name, found));
	if (readable && !fast)
		readers[format]((char *)text.at, text.len, file, set, found);
	if (readable) {
		drop_duplicates(set, first, fast, format == POLICIES_MAP, found);
		for (guint i = first; i < policy_set_count(set); i++)
			policy_set_row(set, i)->flags &= ~ROW_MERGED;
	}
	file_problems_sort(found);
	g_ptr_array_extend_and_steal(problems, g_steal_pointer(&found));
}

gboolean policies_read(const char *path, enum policies_format format, struct policy_set *set,
	GPtrArray *problems, GError **error)
{
	char *buffer;
	gsize len;

	if (!read_file(path, &buffer, &len, error))
		return FALSE;
	policies_read_memory(buffer, len, read_file_name(path), format, set, problems);
	return TRUE;
}
