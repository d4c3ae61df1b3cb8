#include "core/verdict_parts.h"

#define NAMES_SHOWN 5

static enum level asked_level(const struct verdict_case *one)
{
	return one->policy ? one->policy->level : client_default_level(one->client);
}

static gboolean asks_for_dane(const struct verdict_case *one)
{
	enum level level = asked_level(one);

	return level == LEVEL_DANE || level == LEVEL_DANE_ONLY;
}

/* "a, b, c and 4 more" */
static void append_name(GString *list, const char *name, guint *count)
{
	if ((*count)++ < NAMES_SHOWN)
		g_string_append_printf(list, "%s%s", list->len ? ", " : "", name);
}

static void append_rest(GString *list, guint count)
{
	if (count > NAMES_SHOWN)
		g_string_append_printf(list, " and %u more", count - NAMES_SHOWN);
}

/* Is `host` the name, or below it? A leading dot is the row's. */
static gboolean below(const char *host, struct text name)
{
	gsize len = strlen(host);

	while (name.len && (*name.at == '.' || *name.at == '*'))
		name = text_skip(name, 1);
	if (!name.len || len < name.len ||
		g_ascii_strncasecmp(host + len - name.len, name.at, name.len) != 0)
		return FALSE;
	return len == name.len || host[len - name.len - 1] == '.';
}

/* -- what would match ------------------------------------------------------------------------- */

typedef const struct judgement *judgement_of(const struct observed_address *address);

static const struct judgement *dane_of(const struct observed_address *address)
{
	return &address->dane;
}

static const struct judgement *webpki_of(const struct observed_address *address)
{
	return &address->webpki;
}

/* All addresses that showed a certificate pass, and there is one at least. */
static gboolean all_match(const struct verdict_case *one, judgement_of *of)
{
	gboolean any = FALSE;

	for (guint i = 0; i < one->observation->hosts->len; i++) {
		const struct observed_host *host = g_ptr_array_index(one->observation->hosts, i);

		for (guint k = 0; k < host->addresses->len; k++) {
			const struct observed_address *address =
				g_ptr_array_index(host->addresses, k);

			if (!address->certificate)
				continue;
			if (!of(address)->done || !of(address)->matched)
				return FALSE;
			any = TRUE;
		}
	}
	return any;
}

/*
 * What match= would have to name for one address: what the certificate does, but the host itself
 * for a wildcard, which would let all others in.
 */
static const char *name_to_match(const struct verdict_case *one, const struct observed_host *host,
	const struct judgement *webpki)
{
	if (!webpki->by || !g_str_has_prefix(webpki->by, "*."))
		return webpki->by;
	return below(host->name, text_of(webpki->by)) ? host->name
						      : one->observation->nexthop.domain;
}

/* "a:b", the names that the certificates matched by, each once; for match=. */
static char *matched_names(const struct verdict_case *one)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < one->observation->hosts->len; i++) {
		const struct observed_host *host = g_ptr_array_index(one->observation->hosts, i);

		for (guint k = 0; k < host->addresses->len; k++) {
			const struct observed_address *address =
				g_ptr_array_index(host->addresses, k);
			const char *name = name_to_match(one, host, &address->webpki);

			if (address->certificate && name &&
				!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
				g_ptr_array_add(names, (gpointer)name);
		}
	}
	g_ptr_array_add(names, NULL);
	return g_strjoinv(":", (char **)names->pdata);
}

static void add_stronger(const struct verdict_case *one, gboolean dane)
{
	enum level effective = one->verdict->effective;
	g_autofree char *names = NULL;

	if (effective == LEVEL_UNKNOWN || effective > LEVEL_ENCRYPT ||
		one->verdict->outcome == OUTCOME_BOUNCE)
		return;
	if (dane) {
		verdict_note(one, NOTE_STRONGER,
			g_strdup("level dane-only would pass: all hosts have TLSA records that "
				 "match"));
		return;
	}
	if (!all_match(one, webpki_of))
		return;
	names = matched_names(one);
	verdict_note(one, NOTE_STRONGER,
		g_strdup_printf("level secure would pass with match=%s: the CAs of this machine "
				"vouch for these names",
			*names ? names : "nexthop"));
}

/* -- what the row overrides ------------------------------------------------------------------- */

static void add_shadowed_dane(const struct verdict_case *one, gboolean dane)
{
	if (dane && one->policy && !asks_for_dane(one))
		verdict_note(one, NOTE_FACES_DANE,
			g_strdup_printf(
				"TLSA records of all hosts match, and level %s does not look "
				"at them: level dane-only would follow every change of key",
				level_name(one->policy->level)));
}

/* A row that was made from MTA-STS says so from 3.10 on. */
static gboolean made_from_sts(const struct verdict_case *one)
{
	struct attribute_cursor cursor;
	struct attribute attribute;

	attributes_start(&cursor, one->policy->params, one->client->postfix_version);
	while (attributes_next(&cursor, &attribute))
		if (attribute.id == ATTRIBUTE_POLICY_TYPE && text_is_nocase(attribute.value, "sts"))
			return TRUE;
	return FALSE;
}

/* DANE goes before MTA-STS (RFC 8461 2): there a row shadows nothing. */
static void add_shadowed_sts(const struct verdict_case *one)
{
	const struct sts_observation *sts = &one->observation->sts;
	enum level effective = one->verdict->effective;

	if (sts->state != STS_FOUND || sts->policy->mode != STS_ENFORCE || !one->policy ||
		effective == LEVEL_DANE || asked_level(one) == LEVEL_DANE_ONLY ||
		made_from_sts(one))
		return;
	verdict_note(one, NOTE_FACES_STS,
		g_strdup_printf("%s has an MTA-STS policy in mode enforce, and the row of level %s "
				"goes before it%s",
			one->observation->nexthop.domain, level_name(one->policy->level),
			effective < LEVEL_DANE ? ", though it demands less"
					       : ": it has to follow when that changes"));
}

/* -- MTA-STS itself --------------------------------------------------------------------------- */

static void add_sts_mismatch(const struct verdict_case *one)
{
	const struct sts_observation *sts = &one->observation->sts;
	g_autoptr(GString) list = g_string_new(NULL);
	guint count = 0;

	if (sts->state != STS_FOUND || sts->policy->mode == STS_NONE ||
		one->observation->mx_kind != MX_RECORDS)
		return;
	for (guint i = 0; i < one->observation->hosts->len; i++) {
		const struct observed_host *host = g_ptr_array_index(one->observation->hosts, i);

		if (!sts_allows(sts->policy, host->name))
			append_name(list, host->name, &count);
	}
	append_rest(list, count);
	if (count)
		verdict_note(one, NOTE_STS_MISMATCH,
			g_strdup_printf(
				"not among the MX patterns of the MTA-STS policy (mode %s): "
				"%s",
				sts_mode_name(sts->policy->mode), list->str));
}

static void add_sts_broken(const struct verdict_case *one)
{
	const struct sts_observation *sts = &one->observation->sts;

	if (sts->state == STS_BROKEN)
		verdict_note(one, NOTE_STS_BROKEN,
			g_strdup_printf(
				"there is an MTA-STS record, and no policy that can be used: "
				"%s",
				sts->why ? sts->why : "no reason is known"));
}

/* -- another provider ------------------------------------------------------------------------- */

/* The name is some provider's: neither a word nor a name of the destination itself. */
static gboolean foreign(const struct verdict_case *one, struct text name)
{
	g_autofree char *plain = text_dup(name);
	const char *bare = plain + (*plain == '.');

	return strchr(bare, '.') && !text_is_nocase(name, "nexthop") &&
	       !text_is_nocase(name, "dot-nexthop") && !text_is_nocase(name, "hostname") &&
	       !below(bare, text_of(one->observation->nexthop.domain)) &&
	       !below(one->observation->nexthop.domain, text_of(bare));
}

static gboolean any_host_below(const struct verdict_case *one, struct text name)
{
	for (guint i = 0; i < one->observation->hosts->len; i++) {
		const struct observed_host *host = g_ptr_array_index(one->observation->hosts, i);

		if (below(host->name, name))
			return TRUE;
	}
	return FALSE;
}

/* The names of other domains that the row trusts; FALSE when an MX host is below one of them. */
static gboolean foreign_names(const struct verdict_case *one, GString *list)
{
	struct attribute_cursor cursor;
	struct attribute attribute;
	struct text element;
	guint count = 0;

	attributes_start(&cursor, one->policy->params, one->client->postfix_version);
	while (attributes_next(&cursor, &attribute)) {
		while (attribute.id == ATTRIBUTE_MATCH &&
			list_next(&attribute.value, LIST_NAMES, &element)) {
			g_autofree char *name = text_dup(element);

			if (any_host_below(one, element))
				return FALSE;
			if (foreign(one, element))
				append_name(list, name, &count);
		}
	}
	append_rest(list, count);
	return count > 0;
}

static void add_provider(const struct verdict_case *one)
{
	enum level level = one->policy ? one->policy->level : LEVEL_NONE;
	g_autoptr(GString) list = g_string_new(NULL);
	g_autoptr(GString) now = g_string_new(NULL);
	guint count = 0;

	if ((level != LEVEL_VERIFY && level != LEVEL_SECURE) ||
		one->observation->mx_kind != MX_RECORDS ||
		one->verdict->outcome == OUTCOME_DELIVER || !foreign_names(one, list))
		return;
	for (guint i = 0; i < one->observation->hosts->len; i++) {
		const struct observed_host *host = g_ptr_array_index(one->observation->hosts, i);
		const char *provider = host_provider(host->name);

		if (!strstr(now->str, provider))
			append_name(now, provider, &count);
	}
	append_rest(now, count);
	if (now->len)
		verdict_note(one, NOTE_PROVIDER,
			g_strdup_printf("the row names %s, the MX hosts are now under %s: the "
					"provider seems to have changed",
				list->str, now->str));
}

void verdict_add_advice(const struct verdict_case *one)
{
	gboolean dane = client_does_dane(one->client) && all_match(one, dane_of);

	add_provider(one);
	add_shadowed_dane(one, dane);
	add_shadowed_sts(one);
	add_sts_mismatch(one);
	add_sts_broken(one);
	add_stronger(one, dane && !asks_for_dane(one));
}
