#include "core/error.h"
#include "core/key.h"
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
	if (key.len >= 3 && memcmp(key.at, UTF8_BOM, 3) == 0)
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

/*
 * postmap folds keys: one that is not folded gives way to the row that has the folded key, and
 * to an earlier one that folds to the same. `folded` holds what such keys became.
 */
static const char *fold_trouble(const struct policy_set *set, struct text key, GHashTable *folded)
{
	g_autoptr(GString) fold = g_string_new(NULL);
	const struct policy_row *other;

	if (!key_fold(fold, key) || text_equal(key, (struct text){fold->str, fold->len}))
		return NULL;
	other = policy_set_find(set, (struct text){fold->str, fold->len});
	if (other && !(other->flags & ROW_INACTIVE))
		return "to Postfix it is the same as another row's key, which is folded";
	if (!g_hash_table_add(folded, g_strdup(fold->str)))
		return "to Postfix it is the same as another row's key";
	return NULL;
}

gboolean map_out(const struct policy_set *set, FILE *to, GPtrArray *problems, GError **error)
{
	g_autoptr(GString) value = g_string_new(NULL);
	g_autoptr(GHashTable) folded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct text last = TEXT_NONE;

	for (guint i = 0; i < policy_set_count(set); i++) {
		const struct policy_row *row = policy_set_row(set, i);
		struct policy policy = policy_set_policy(set, row);
		const char *trouble;
		struct text text;

		if (row->flags & ROW_INACTIVE)
			continue;
		g_string_truncate(value, 0);
		policy_append_value(value, &policy);
		text = postfix_trimmed((struct text){value->str, value->len});
		trouble = key_trouble(policy.key);
		if (!trouble)
			trouble = value_trouble(&policy, text);
		if (!trouble)
			trouble = fold_trouble(set, policy.key, folded);
		if (!trouble && last.at && text_equal(last, policy.key))
			trouble = "its key is stored already, and postmap takes the first row";
		if (trouble) {
			g_ptr_array_add(problems, g_strdup_printf("%.*s: not in the map: %s",
							  TEXT_ARG(policy.key), trouble));
			continue;
		}
		last = policy.key;
		fwrite(policy.key.at, 1, policy.key.len, to);
		putc('\t', to);
		fwrite(text.at, 1, text.len, to);
		putc('\n', to);
	}
	if (!ferror(to))
		return TRUE;
	g_set_error_literal(error, TLSPOL_ERROR, STATUS_IO, "writing the map failed");
	return FALSE;
}
