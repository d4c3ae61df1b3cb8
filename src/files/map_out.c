#include <errno.h>

#include "core/error.h"
#include "core/exception.h"
#include "core/key.h"
#include "core/sorted_lines.h"
#include "files/logical_lines.h"
#include "files/policies_out.h"
#include "files/text_check.h"

/* lmdb's limit for a key; postmap dies of a longer one, and with it the whole map. */
#define LMDB_KEY_MAX 511

/* Why a map cannot say this, or NULL. Static text. */
static const char *key_trouble(struct text key)
{
	gsize split;

	if (!key.len)
		return "an empty key";
	if (key.len > LMDB_KEY_MAX)
		return "a key of more than 511 bytes is too long for lmdb maps";
	if (!g_utf8_validate_len(key.at, key.len, NULL))
		return "the key is not UTF-8 text";
	if (key.at[0] == '#')
		return "to a map it is a comment";
	if (text_starts(key, UTF8_BOM))
		return "the key begins with a byte order mark";
	for (gsize i = 0; i < key.len; i++) {
		if (is_postfix_blank(key.at[i]))
			return "a key with a blank in it";
	}
	/* What stands behind the key must still stand behind it after quotes and backslashes. */
	if (!postfix_key_len(key, &split) || key.at[key.len - 1] == '\\')
		return "postmap reads quotes and backslashes in a key as its own";
	return NULL;
}

static const char *value_trouble(const struct policy *policy, struct text value)
{
	if (policy->level == LEVEL_UNKNOWN)
		return "its level is none of Postfix's";
	if (memchr(value.at, '\0', value.len))
		return "there is a NUL in its attributes";
	if (memchr(value.at, '\n', value.len))
		return "there is a line end in its attributes";
	if (!g_utf8_validate_len(value.at, value.len, NULL))
		return "its attributes are not UTF-8 text";
	return NULL;
}

/* Bytes that the questions above may be about; nearly all rows have none of them. */
static const guint8 odd_in_keys[256] = {
	[0 ... ' '] = 1, ['"'] = 1, ['A' ... 'Z'] = 1, ['\\'] = 1, [0x7f ... 0xff] = 1};
static const guint8 odd_in_values[256] = {[0 ... 0x1f] = 1, [0x7f ... 0xff] = 1};

static gboolean has_odd(const guint8 *odd, struct text text)
{
	guint8 found = 0;

	for (gsize i = 0; i < text.len; i++)
		found |= odd[(guchar)text.at[i]];
	return found != 0;
}

static gboolean is_plain_key(struct text key)
{
	return key.len && key.len <= LMDB_KEY_MAX && key.at[0] != '#' && !has_odd(odd_in_keys, key);
}

static gboolean is_plain_value(const struct policy *policy)
{
	return policy->level != LEVEL_UNKNOWN && !has_odd(odd_in_values, policy->params);
}

enum line_tag {
	LINE_AS_IT_IS,
	LINE_UNFOLDED, /* postmap folds its key, which may then be another row's */
	LINE_TROUBLE,  /* KEY: why it is not in the map */
};

struct map_lines {
	struct sorted_lines lines;
	gint64 now_us;
};

struct map_lines *map_lines_new(gint64 now_us)
{
	struct map_lines *map = g_new0(struct map_lines, 1);

	sorted_lines_init(&map->lines);
	map->now_us = now_us;
	return map;
}

void map_lines_free(struct map_lines *map)
{
	sorted_lines_release(&map->lines);
	g_free(map);
}

static enum line_tag tag_of(const struct policy *policy, struct text value, const char **trouble)
{
	g_autoptr(GString) fold = NULL;
	gboolean plain_key = is_plain_key(policy->key);

	*trouble = plain_key ? NULL : key_trouble(policy->key);
	if (!*trouble && !is_plain_value(policy))
		*trouble = value_trouble(policy, value);
	if (*trouble)
		return LINE_TROUBLE;
	if (plain_key)
		return LINE_AS_IT_IS;
	fold = g_string_new(NULL);
	return key_fold(fold, policy->key) &&
			       !text_equal(policy->key, (struct text){fold->str, fold->len})
		       ? LINE_UNFOLDED
		       : LINE_AS_IT_IS;
}

static void add_row(struct map_lines *map, const struct policy *policy)
{
	GString *line = sorted_lines_start(&map->lines);
	gsize start = line->len, value_at = start + policy->key.len + 1;
	const char *trouble;
	enum line_tag tag;

	g_string_append_len(line, policy->key.at, (gssize)policy->key.len);
	g_string_append_c(line, '\t');
	policy_append_value(line, policy);
	/* Of params only separators went; of what is left Postfix takes VT and FF for blanks, too.
	 */
	while (line->len > value_at && is_postfix_blank(line->str[line->len - 1]))
		g_string_truncate(line, line->len - 1);
	tag = tag_of(policy, text_skip((struct text){line->str, line->len}, value_at), &trouble);
	if (tag == LINE_TROUBLE) {
		g_string_truncate(line, start + policy->key.len);
		g_string_append_printf(line, ": not in the map: %s", trouble);
	} else {
		g_string_append_c(line, '\n');
	}
	sorted_lines_add(&map->lines, policy->key.len, (guint8)tag);
}

void map_lines_add(struct map_lines *map, const struct policy_set *rows)
{
	struct policy policy;

	for (guint i = 0; i < policy_set_count(rows); i++) {
		if (row_policy_now(rows, policy_set_row(rows, i), map->now_us, &policy))
			add_row(map, &policy);
	}
}

/*
 * postmap folds keys: one that is not folded gives way to the row that has the folded key, and
 * to an earlier one that folds to the same. `folded` holds what such keys became.
 */
static const char *fold_trouble(
	const struct sorted_lines *lines, struct text key, GHashTable *folded)
{
	g_autoptr(GString) fold = g_string_new(NULL);

	if (!key_fold(fold, key))
		return NULL;
	if (sorted_lines_have(lines, (struct text){fold->str, fold->len}))
		return "to Postfix it is the same as another row's key, which is folded";
	if (!g_hash_table_add(folded, g_strdup(fold->str)))
		return "to Postfix it is the same as another row's key";
	return NULL;
}

gboolean map_lines_write(struct map_lines *map, FILE *to, GPtrArray *problems, GError **error)
{
	g_autoptr(GHashTable) folded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct text last = TEXT_NONE;

	sorted_lines_sort(&map->lines);
	errno = 0;
	for (guint i = 0; i < sorted_lines_count(&map->lines); i++) {
		struct sorted_line line = sorted_lines_get(&map->lines, i);
		const char *trouble = NULL;

		if (line.tag == LINE_TROUBLE) {
			g_ptr_array_add(problems, text_dup(line.text));
			continue;
		}
		if (line.tag == LINE_UNFOLDED)
			trouble = fold_trouble(&map->lines, line.key, folded);
		if (!trouble && last.at && text_equal(last, line.key))
			trouble = "its key is stored already, and postmap takes the first row";
		if (trouble) {
			g_ptr_array_add(problems, g_strdup_printf("%.*s: not in the map: %s",
							  TEXT_ARG(line.key), trouble));
			continue;
		}
		last = line.key;
		fwrite_unlocked(line.text.at, 1, line.text.len, to);
	}
	if (!ferror(to))
		return TRUE;
	/* The last write that was tried is the last call that failed. */
	g_set_error(error, TLSPOL_ERROR, STATUS_IO, "cannot write the map: %s",
		g_strerror(errno ? errno : EIO));
	return FALSE;
}

gboolean map_out(
	const struct policy_set *set, gint64 now_us, FILE *to, GPtrArray *problems, GError **error)
{
	g_autoptr(map_lines_t) map = map_lines_new(now_us);

	map_lines_add(map, set);
	return map_lines_write(map, to, problems, error);
}
