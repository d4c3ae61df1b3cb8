/*
 * The policies file, tlspol-policies(5), as a text: short lines where they say everything, and
 * those in the subset that a fast reader can take (facts: bulk).
 */
#include <errno.h>

#include "core/error.h"
#include "core/exception.h"
#include "core/yaml_scalar.h"
#include "files/policies_out.h"

/* libyaml reads a key of up to 1024 characters on one line; longer ones need "? KEY". */
#define SIMPLE_KEY_MAX 1000

/* The fast reader's plain keys; anything else is quoted, even where YAML would not need it. */
static gboolean is_plain_key(struct text key)
{
	for (gsize i = 0; i < key.len; i++) {
		char c = key.at[i];

		if (!g_ascii_islower(c) && !g_ascii_isdigit(c) && c != '.' &&
			(i == 0 || (c != '-' && c != '_')))
			return FALSE;
	}
	return yaml_scalar_is_plain(key);
}

/* "  KEY:", without what follows. */
static void append_key(GString *to, struct text key)
{
	gsize start = to->len;

	g_string_append(to, "  ");
	if (is_plain_key(key))
		g_string_append_len(to, key.at, key.len);
	else
		yaml_scalar_append_quoted(to, key);
	if (to->len - start > SIMPLE_KEY_MAX) {
		g_string_insert(to, start, "  ?");
		g_string_erase(to, start + 3, 1);
		g_string_append(to, "\n  ");
	}
	g_string_append_c(to, ':');
}

static void append_field(GString *to, const char *name, struct text value)
{
	if (!value.at)
		return;
	g_string_append_printf(to, "    %s: ", name);
	yaml_scalar_append(to, value);
	g_string_append_c(to, '\n');
}

/* Would the words "LEVEL PARAMS" give back just these params? */
static gboolean fits_words(struct text params)
{
	static const char separators[] = " ,\t\r\n";

	return !params.len || (!strchr(separators, params.at[0]) &&
				      !strchr(separators, params.at[params.len - 1]));
}

/* Reading a key folds it and makes A-labels: would that change this one, as some old row's? */
static gboolean key_changes(struct text key)
{
	for (gsize i = 0; i < key.len; i++)
		if ((guchar)key.at[i] >= 0x80 || g_ascii_isupper(key.at[i]))
			return TRUE;
	return FALSE;
}

static struct text level_text(const struct policy *policy)
{
	return policy->level == LEVEL_UNKNOWN ? policy->level_text
					      : text_of(level_name(policy->level));
}

static void append_exception(GString *to, const struct policy_exception *exception)
{
	if (exception->over) {
		struct policy policy = exception_policy(exception, TEXT_NONE);

		append_field(to, "exception_policy", level_text(&policy));
		append_field(to, "exception_params", policy.params.len ? policy.params : TEXT_NONE);
	}
	append_field(to, "exception_until", text_of(exception->until));
	append_field(to, "exception_note", text_of(exception->note));
}

static void append_long_row(GString *to, const struct policy *policy,
	const struct policy_extra *extra, const struct policy_exception *exception,
	gboolean inactive)
{
	struct text level = level_text(policy);
	gboolean only_provider = !level.len && extra && extra->provider;

	append_key(to, policy->key);
	g_string_append_c(to, '\n');
	append_field(to, "policy", only_provider ? TEXT_NONE : level);
	append_field(to, "params", policy->params.len ? policy->params : TEXT_NONE);
	if (extra) {
		append_field(to, "note", text_of(extra->note));
		append_field(to, "origin", text_of(extra->origin));
		append_field(to, "provider", text_of(extra->provider));
	}
	if (exception)
		append_exception(to, exception);
	if (inactive)
		g_string_append(to, "    active: no\n");
	if (key_changes(policy->key))
		g_string_append(to, "    verbatim: yes\n");
}

static void append_short_row(GString *to, const struct policy *policy)
{
	g_autoptr(GString) value = g_string_new(NULL);

	policy_append_value(value, policy);
	append_key(to, policy->key);
	g_string_append_c(to, ' ');
	yaml_scalar_append(to, (struct text){value->str, value->len});
	g_string_append_c(to, '\n');
}

static gboolean is_utf8(struct text text)
{
	/* NUL bytes are no matter: they can be written as an escape. */
	for (const char *end; !g_utf8_validate_len(text.at, text.len, &end);) {
		if (*end != '\0')
			return FALSE;
		text = text_skip(text, end - text.at + 1);
	}
	return TRUE;
}

static gboolean can_be_written(const struct policy *policy, const struct policy_extra *extra,
	const struct policy_exception *exception, GError **error)
{
	struct text texts[] = {policy->key, policy->params, policy->level_text,
		text_of(extra ? extra->note : NULL), text_of(extra ? extra->origin : NULL),
		text_of(extra ? extra->provider : NULL), exception ? exception->params : TEXT_NONE,
		text_of(exception ? exception->level_text : NULL),
		text_of(exception ? exception->note : NULL)};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (texts[i].at && !is_utf8(texts[i])) {
			g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
				"row %.*s has bytes that are not UTF-8, which YAML cannot carry",
				TEXT_ARG(policy->key));
			return FALSE;
		}
	}
	return TRUE;
}

gboolean yaml_out(const struct policy_set *set, FILE *to, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	errno = 0;
	fputs(policy_set_count(set) ? "policies:\n" : "policies: {}\n", to);
	for (guint i = 0; i < policy_set_count(set); i++) {
		const struct policy_row *row = policy_set_row(set, i);
		const struct policy_extra *extra = policy_set_extra(set, row);
		struct policy policy = policy_set_policy(set, row);
		gboolean inactive = (row->flags & ROW_INACTIVE) != 0;
		const struct policy_exception *exception = row_exception(set, row);
		gboolean noted =
			exception || (extra && (extra->note || extra->origin || extra->provider));

		if (!can_be_written(&policy, extra, exception, error))
			return FALSE;
		g_string_truncate(text, 0);
		if (inactive || noted || policy.level == LEVEL_UNKNOWN ||
			!fits_words(policy.params) || key_changes(policy.key))
			append_long_row(text, &policy, extra, exception, inactive);
		else
			append_short_row(text, &policy);
		fwrite(text->str, 1, text->len, to);
	}
	if (!ferror(to))
		return TRUE;
	/* The last write that was tried is the last call that failed. */
	g_set_error(error, TLSPOL_ERROR, STATUS_IO, "cannot write YAML: %s",
		g_strerror(errno ? errno : EIO));
	return FALSE;
}
