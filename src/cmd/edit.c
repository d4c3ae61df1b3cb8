#include "cmd/edit.h"

#include "cmd/exception_words.h"
#include "cmd/moment.h"

gboolean edit_rules(struct app *app, struct rule_context *context, GError **error)
{
	struct store *store = app_store(app, error);
	const struct store_table *table;

	if (!store)
		return FALSE;
	table = store_describe(store, error);
	if (!table || !app_rules(app, context, error))
		return FALSE;
	context->params_max = table->column[STORE_PARAMS].max;
	return TRUE;
}

void edit_words(
	struct policy_set *set, char **words, int count, int postfix_version, struct policy *policy)
{
	g_autoptr(GString) line = g_string_new(NULL);
	g_autoptr(GString) params = g_string_new(NULL);
	struct text kept;

	for (int i = 0; i < count; i++)
		g_string_append_printf(line, "%s%s", i ? " " : "", words[i]);
	kept = policy_set_keep(set, (struct text){line->str, line->len});

	struct text key = policy->key;
	if (!policy_split(kept, policy)) {
		policy->level = LEVEL_UNKNOWN;
		policy->level_text = kept;
	}
	policy->key = key;
	policy_canonical_params(params, policy->params, postfix_version);
	policy->params = params->len ? policy_set_keep(set, (struct text){params->str, params->len})
				     : TEXT_NONE;
}

struct policy_row *edit_append(struct policy_set *set, const struct policy *policy,
	const struct edit_extras *extras, GError **error)
{
	struct policy_row *row = policy_set_append(set, policy, error);

	if (!row || !(extras->note || extras->origin || extras->provider))
		return row;

	struct policy_extra *extra = policy_set_extra_for(set, row);
	if (extras->note)
		extra->note = policy_set_keep(set, text_of(extras->note)).at;
	if (extras->origin)
		extra->origin = policy_set_keep(set, text_of(extras->origin)).at;
	if (extras->provider)
		extra->provider = policy_set_keep(set, text_of(extras->provider)).at;
	return row;
}

static gboolean same_text(const char *given, const char *stored)
{
	return !given || strcmp(given, stored ? stored : "") == 0;
}

gboolean edit_extras_same(const struct edit_extras *given, const struct policy_extra *stored)
{
	static const struct policy_extra none;

	if (!stored)
		stored = &none;
	return same_text(given->note, stored->note) && same_text(given->origin, stored->origin) &&
	       same_text(given->provider, stored->provider);
}

gboolean edit_judge(struct app *app, const struct rule_context *context,
	const struct policy *policy, gboolean key_too, gboolean force, GError **error)
{
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	g_autofree char *key = printable(policy->key);
	gboolean too_long = FALSE;
	guint errors = 0;

	if (key_too)
		rules_check(context, policy, findings);
	else
		rules_check_value(context, policy, findings);
	for (guint i = 0; i < findings->len; i++) {
		const struct finding *finding = findings->pdata[i];
		g_autofree char *text = printable(text_of(finding->text));

		errors += finding->severity == SEVERITY_ERROR;
		too_long |= g_str_equal(finding->rule->id, "params-too-long");
		if (app->quiet && finding->severity == SEVERITY_NOTICE)
			continue;
		fprintf(stderr, "%s: %s: %s [%s]\n", severity_name(finding->severity), key, text,
			finding->rule->id);
	}
	if (!errors || force)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
		too_long ? "%s: not stored, the table cannot hold it ('tlspol init --upgrade' "
			   "makes room)"
			 : "%s: not stored, Postfix could not use it (--force stores it all the "
			   "same)",
		key);
	return FALSE;
}

char *edit_show(const struct policy_set *set, const struct policy_row *row)
{
	const struct policy_extra *extra = policy_set_extra(set, row);
	struct policy policy = policy_set_policy(set, row);
	g_autofree char *exception = exception_until_words(set, row);
	g_autoptr(GString) text = g_string_new(NULL);

	policy_append_value(text, &policy);
	if (extra && extra->note)
		g_string_append_printf(text, " (note: %s)", extra->note);
	if (extra && extra->origin)
		g_string_append_printf(text, " (origin: %s)", extra->origin);
	if (extra && extra->provider)
		g_string_append_printf(text, " (provider: %s)", extra->provider);
	if (row->flags & ROW_INACTIVE)
		g_string_append(text, " (inactive)");
	if (exception)
		g_string_append_printf(text, " (exception: %s)", exception);
	return printable((struct text){text->str, text->len});
}

gboolean edit_is_only_exception(const struct policy_set *set, const struct policy_row *row)
{
	const struct policy_exception *exception = row_exception(set, row);

	return exception && !exception->over;
}

void edit_note_exception(
	struct app *app, const struct policy_set *set, const struct policy_row *row)
{
	const struct policy_exception *exception = live_exception(set, row, app_now(app));
	g_autofree char *key = printable(policy_row_key(row));
	g_autofree char *until = NULL;

	if (!exception)
		return;
	until = moment_local(exception->until_us, FALSE);
	app_note(app,
		"%s: an exception is in force until %s; the policy under it was changed, "
		"--end-exception ends it now",
		key, until);
}

gboolean edit_say(struct app *app, const GString *lines, GError **error)
{
	struct app_output output;

	if (app->quiet || !lines->len)
		return TRUE;
	if (!app_output_open(app, &output, error))
		return FALSE;
	fwrite(lines->str, 1, lines->len, output.stream);
	return app_output_close(&output, error);
}

gboolean edit_report(struct app *app, const GString *lines, GError **error)
{
	if (edit_say(app, lines, error))
		return TRUE;
	g_prefix_error(error, "the table was changed, but: ");
	return FALSE;
}
