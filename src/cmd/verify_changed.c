#include "cmd/verify_changed.h"

#include "files/verdicts_in.h"

struct verify_changed {
	GPtrArray *verdicts;
	GHashTable *left; /* key() -> struct earlier_verdict *, not asked for yet */
};

/* A destination is looked at once for each row: names have no blanks. */
static char *key(struct text destination, struct text domain)
{
	return g_strdup_printf("%.*s %.*s", TEXT_ARG(destination), TEXT_ARG(domain));
}

struct verify_changed *verify_changed_read(const char *path, GError **error)
{
	GPtrArray *verdicts = verdicts_read(path, error);
	struct verify_changed *changed;

	if (!verdicts)
		return NULL;
	changed = g_new0(struct verify_changed, 1);
	changed->verdicts = verdicts;
	changed->left = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < verdicts->len; i++) {
		struct earlier_verdict *verdict = g_ptr_array_index(verdicts, i);

		g_hash_table_insert(changed->left,
			key(text_of(verdict->destination), text_of(verdict->domain)), verdict);
	}
	return changed;
}

void verify_changed_free(struct verify_changed *changed)
{
	if (!changed)
		return;
	g_hash_table_unref(changed->left);
	g_ptr_array_unref(changed->verdicts);
	g_free(changed);
}

guint verify_changed_gone(const struct verify_changed *changed)
{
	return g_hash_table_size(changed->left);
}

/* -- one against the other ------------------------------------------------------------------- */

static void say(GPtrArray *words, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say(GPtrArray *words, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(words, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

static void compare_policy(
	GPtrArray *words, const struct earlier_verdict *then, const struct verify_result *now)
{
	struct policy before = {
		.level_text = text_of(then->policy),
		.params = *then->params ? text_of(then->params) : TEXT_NONE,
	};
	struct policy after = now->policy;
	g_autoptr(GString) was = g_string_new(NULL);

	if (!now->target->row)
		return;
	before.level = level_parse(before.level_text);
	before.key = after.key;
	if (policy_equal(&before, &after))
		return;
	policy_append_value(was, &before);
	say(words, "the policy was %s", was->str);
}

static void compare_outcome(
	GPtrArray *words, const struct earlier_verdict *then, const struct verdict *now)
{
	const char *effective = now->effective == LEVEL_UNKNOWN ? "" : level_name(now->effective);

	if (strcmp(then->outcome, outcome_name(now->outcome)) != 0)
		say(words, "was %s", then->outcome);
	else if (strcmp(then->cause, cause_name(now->cause)) != 0)
		say(words, "the cause was %s", *then->cause ? then->cause : "none");
	/* Where nothing could be reached there is no level to compare. */
	if (*effective && *then->effective && strcmp(then->effective, effective) != 0)
		say(words, "the level in force was %s", then->effective);
}

static gboolean has_note(const GPtrArray *notes, const char *id)
{
	for (guint i = 0; i < notes->len; i++) {
		const struct note *note = g_ptr_array_index(notes, i);

		if (strcmp(note_name(note->id), id) == 0)
			return TRUE;
	}
	return FALSE;
}

static void compare_notes(
	GPtrArray *words, const struct earlier_verdict *then, const GPtrArray *now)
{
	for (guint i = 0; i < now->len; i++) {
		const struct note *note = g_ptr_array_index(now, i);
		const char *id = note_name(note->id);

		/* A note of one kind may be there for several hosts. */
		if (i > 0 && ((const struct note *)g_ptr_array_index(now, i - 1))->id == note->id)
			continue;
		if (!g_strv_contains((const char *const *)then->notes, id))
			say(words, "new: %s", note->text);
	}
	for (guint i = 0; then->notes[i]; i++) {
		if (!has_note(now, then->notes[i]))
			say(words, "no longer: %s", then->notes[i]);
	}
}

static gboolean has_host(const GPtrArray *hosts, const char *name)
{
	for (guint i = 0; i < hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(hosts, i);

		if (g_ascii_strcasecmp(host->host->name, name) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Servers may write a name as they like. */
static gboolean had_host(const struct earlier_verdict *then, const char *name)
{
	for (char **host = then->hosts; *host; host++) {
		if (g_ascii_strcasecmp(*host, name) == 0)
			return TRUE;
	}
	return FALSE;
}

static void compare_hosts(
	GPtrArray *words, const struct earlier_verdict *then, const GPtrArray *now)
{
	const char *last = "";

	for (guint i = 0; i < now->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(now, i);

		if (strcmp(last, host->host->name) != 0 && !had_host(then, host->host->name))
			say(words, "new host %s", host->host->name);
		last = host->host->name;
	}
	for (guint i = 0; then->hosts[i]; i++) {
		if (!has_host(now, then->hosts[i]))
			say(words, "no longer host %s", then->hosts[i]);
	}
}

static void compare_certificates(
	GPtrArray *words, const struct earlier_verdict *then, const GPtrArray *now)
{
	for (guint i = 0; i < now->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(now, i);
		const struct certificate *certificate =
			host->address ? host->address->certificate : NULL;
		g_autofree char *name = verify_host_name(host);
		const char *digest = g_hash_table_lookup(then->certificates, name);

		if (digest && certificate && certificate->certificate_digest &&
			strcmp(digest, certificate->certificate_digest) != 0)
			say(words, "new certificate of %s", name);
	}
}

char **verify_changed_words(struct verify_changed *changed, const struct verify_result *result)
{
	GPtrArray *words = g_ptr_array_new();
	g_autofree char *wanted =
		key(verify_target_name(result->target), verify_target_key(result->target));
	const struct earlier_verdict *then = g_hash_table_lookup(changed->left, wanted);

	if (!then) {
		say(words, "not in the earlier run");
	} else {
		compare_policy(words, then, result);
		compare_outcome(words, then, &result->verdict);
		compare_notes(words, then, result->verdict.notes);
		/* Without an answer of DNS or a session there is nothing to compare. */
		if (result->observation && result->verdict.hosts->len && then->hosts[0])
			compare_hosts(words, then, result->verdict.hosts);
		compare_certificates(words, then, result->verdict.hosts);
		g_hash_table_remove(changed->left, wanted);
	}
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}
