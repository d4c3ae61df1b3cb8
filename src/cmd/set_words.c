/* set: the policy that its words make of the stored one. */
#include "cmd/set.h"

static gboolean is_attribute(const char *word)
{
	return strchr(word, '=') || *word == '{';
}

gboolean set_in_parts(char **words, int count)
{
	return !count || is_attribute(words[0]);
}

static gboolean same_name(struct text a, struct text b)
{
	return a.at && b.at && a.len == b.len && g_ascii_strncasecmp(a.at, b.at, a.len) == 0;
}

static gboolean has(struct text params, struct text name, int version)
{
	struct attribute_cursor cursor;
	struct attribute attribute;

	attributes_start(&cursor, params, version);
	while (attributes_next(&cursor, &attribute))
		if (same_name(attribute.name, name))
			return TRUE;
	return FALSE;
}

static void append_token(GString *to, const struct attribute *attribute)
{
	if (to->len)
		g_string_append_c(to, ' ');
	g_string_append_len(to, attribute->token.at, attribute->token.len);
}

/* All attributes of `from` with this name: match= may be given more than once. */
static void append_named(GString *to, struct text from, struct text name, int version)
{
	struct attribute_cursor cursor;
	struct attribute attribute;

	attributes_start(&cursor, from, version);
	while (attributes_next(&cursor, &attribute))
		if (same_name(attribute.name, name))
			append_token(to, &attribute);
}

/* Completion offers names as they are given a value: "ciphers=". */
static struct text unset_name(const GPtrArray *unset, guint i)
{
	struct text name = text_of(unset->pdata[i]);

	if (name.len && name.at[name.len - 1] == '=')
		name.len--;
	return name;
}

static gboolean is_unset(const GPtrArray *unset, struct text name)
{
	for (guint i = 0; unset && i < unset->len; i++)
		if (same_name(unset_name(unset, i), name))
			return TRUE;
	return FALSE;
}

/*
 * The stored attributes with `given` in place of those of the same name, and without `unset`;
 * new ones come last.
 */
static void merge(
	GString *to, struct text stored, struct text given, const GPtrArray *unset, int version)
{
	struct attribute_cursor cursor;
	struct attribute attribute;

	attributes_start(&cursor, stored, version);
	while (attributes_next(&cursor, &attribute)) {
		if (is_unset(unset, attribute.name))
			continue;
		if (!has(given, attribute.name, version))
			append_token(to, &attribute);
		else if (!has((struct text){to->str, to->len}, attribute.name, version))
			append_named(to, given, attribute.name, version);
	}
	attributes_start(&cursor, given, version);
	while (attributes_next(&cursor, &attribute))
		if (attribute.id == ATTRIBUTE_MALFORMED)
			append_token(to, &attribute);
		else if (!has((struct text){to->str, to->len}, attribute.name, version))
			append_named(to, given, attribute.name, version);
}

static gboolean understood(const struct policy *policy, int version)
{
	struct attribute_cursor cursor;
	struct attribute attribute;

	if (policy->level == LEVEL_UNKNOWN)
		return FALSE;
	attributes_start(&cursor, policy->params, version);
	while (attributes_next(&cursor, &attribute))
		if (attribute.id == ATTRIBUTE_MALFORMED)
			return FALSE;
	return TRUE;
}

static gboolean check_unset(const struct policy *stored, const GPtrArray *unset, const char *key,
	int version, GError **error)
{
	for (guint i = 0; unset && i < unset->len; i++) {
		struct text unwanted = unset_name(unset, i);

		if (has(stored->params, unwanted, version))
			continue;
		g_autofree char *name = printable(unwanted);
		g_set_error(error, TLSPOL_ERROR, STATUS_NO, "%s has no attribute '%s' to unset",
			key, name);
		return FALSE;
	}
	return TRUE;
}

gboolean set_wanted_policy(struct policy_set *wanted, const struct policy *stored, char **words,
	int count, const GPtrArray *unset, int version, const char *key, struct policy *policy,
	GError **error)
{
	gboolean whole = !set_in_parts(words, count);
	struct policy given = {0};

	if (whole && unset) {
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
			"--unset changes the stored policy, '%s' replaces it: give one of them",
			words[0]);
		return FALSE;
	}
	*policy = *stored;
	if (whole) {
		edit_words(wanted, words, count, version, policy);
		return TRUE;
	}
	if (!count && !unset)
		return TRUE;
	if (!understood(stored, version)) {
		g_autoptr(GString) value = g_string_new(NULL);

		policy_append_value(value, stored);
		g_autofree char *shown = printable((struct text){value->str, value->len});
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%s is stored as '%s', which cannot be changed in parts: replace it with "
			"'tlspol set KEY LEVEL [ATTR=VALUE…]'",
			key, shown);
		return FALSE;
	}
	if (!check_unset(stored, unset, key, version, error))
		return FALSE;

	/* A level in front, so that the words are read as a policy; the stored one stays. */
	g_autoptr(GPtrArray) line = g_ptr_array_new();
	g_ptr_array_add(line, (gpointer)level_name(stored->level));
	for (int i = 0; i < count; i++)
		g_ptr_array_add(line, words[i]);
	edit_words(wanted, (char **)line->pdata, line->len, version, &given);

	g_autoptr(GString) merged = g_string_new(NULL);
	merge(merged, stored->params, given.params, unset, version);
	policy->params = merged->len
				 ? policy_set_keep(wanted, (struct text){merged->str, merged->len})
				 : TEXT_NONE;
	return TRUE;
}
