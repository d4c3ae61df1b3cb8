#include "core/lookup.h"

#include "core/error.h"
#include "core/exception.h"
#include "core/key.h"

static gboolean is_separator(char c)
{
	return c == ',' || g_ascii_isspace(c);
}

static struct text trim(struct text t)
{
	while (t.len > 0 && is_separator(t.at[0]))
		t = text_skip(t, 1);
	while (t.len > 0 && is_separator(t.at[t.len - 1]))
		t.len--;
	return t;
}

/* Parents are keys only; a recipient's domain has no port and no brackets but for an address. */
static gboolean is_destination(const struct key *key, gboolean recipient)
{
	if (recipient)
		return key->form == KEY_DOMAIN || key->form == KEY_LITERAL;
	return key->form != KEY_INVALID && key->form != KEY_PARENT;
}

/* Appends the folded next-hop; `recipient`: it came from user@domain. */
static gboolean add_nexthop(
	struct text text, gboolean recipient, GPtrArray *nexthops, GError **error)
{
	g_autoptr(GString) folded = g_string_new(NULL);
	struct key key;

	if (!key_fold(folded, text)) {
		g_autofree char *shown = g_utf8_make_valid(text.at, (gssize)text.len);

		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%s: not UTF-8, so Postfix finds no policy for it", shown);
		return FALSE;
	}
	key_parse((struct text){folded->str, folded->len}, &key);
	if (!is_destination(&key, recipient)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"\"%.*s\" is no %s: Postfix could not deliver there; give %s",
			TEXT_ARG(text), recipient ? "mail domain" : "next-hop",
			recipient ? "user@domain or user@[address]"
				  : "a domain, host:port, [host] or [host]:port");
		return FALSE;
	}
	g_ptr_array_add(nexthops, g_string_free(g_steal_pointer(&folded), FALSE));
	return TRUE;
}

gboolean lookup_nexthops(struct text destination, GPtrArray *nexthops, GError **error)
{
	struct text rest = trim(destination);
	const char *at = rest.len ? memrchr(rest.at, '@', rest.len) : NULL;

	if (rest.len == 0) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"an empty destination: give a domain, a next-hop or user@domain");
		return FALSE;
	}
	/* A local part may have commas and more @ in quotes: only what follows the last one counts.
	 */
	if (at) {
		rest = text_skip(rest, (gsize)(at + 1 - rest.at));
		if (rest.len > 1 && rest.at[rest.len - 1] == '.')
			rest.len--;
		return add_nexthop(rest, TRUE, nexthops, error);
	}
	while (rest.len > 0) {
		struct text element = rest;

		for (element.len = 0; element.len < rest.len; element.len++)
			if (is_separator(rest.at[element.len]))
				break;
		if (!add_nexthop(element, FALSE, nexthops, error))
			return FALSE;
		rest = trim(text_skip(rest, element.len));
	}
	return TRUE;
}

void lookup_keys(struct text nexthop, GPtrArray *keys)
{
	g_autoptr(GString) folded = g_string_new(NULL);

	if (!key_fold(folded, nexthop))
		return;
	g_ptr_array_add(keys, g_strdup(folded->str));
	if (!hostname_valid(nexthop, TRUE))
		return;
	for (const char *dot = strchr(folded->str, '.'); dot; dot = strchr(dot + 1, '.'))
		g_ptr_array_add(keys, g_strdup(dot));
}

/* Adopted tables may have a key twice, once switched off. */
static const struct policy_row *active_row(
	const struct policy_set *set, struct text key, gint64 now_us)
{
	const struct policy_row *row = policy_set_find(set, key);
	const struct policy_row *end;
	struct policy policy;

	if (!row)
		return NULL;
	end = policy_set_row(set, policy_set_count(set));
	for (; row < end && text_equal(policy_row_key(row), key); row++)
		if (row_policy_now(set, row, now_us, &policy))
			return row;
	return NULL;
}

const struct policy_row *lookup_answer(
	const struct policy_set *set, const GPtrArray *keys, gint64 now_us, guint *key_index)
{
	for (guint i = 0; i < keys->len; i++) {
		const struct policy_row *row = active_row(set, text_of(keys->pdata[i]), now_us);

		if (row) {
			*key_index = i;
			return row;
		}
	}
	return NULL;
}
