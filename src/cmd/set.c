#include "cmd/set.h"

#include "cmd/exception_words.h"
#include "cmd/keys.h"
#include "cmd/plan_report.h"

/* clang-format off */
static const struct option own_options[] = {
	{"unset", 0, OPTION_STRINGS, offsetof(struct set_settings, unset), "ATTR",
		"drop an attribute", NULL, COMPLETES_ATTRIBUTE},
	{"note", 'n', OPTION_STRING, offsetof(struct set_settings, extras.note), "TEXT",
		"replace the note; '' removes it"},
	{"provider", 0, OPTION_STRING, offsetof(struct set_settings, extras.provider), "NAME",
		"replace the provider; '' removes it"},
	{"origin", 0, OPTION_STRING, offsetof(struct set_settings, extras.origin), "LABEL",
		"replace the origin; '' removes it"},
	{"until", 0, OPTION_STRING, offsetof(struct set_settings, until), "WHEN",
		"make it a temporary exception that ends by itself; --note says why"},
	{"end-exception", 0, OPTION_FLAG, offsetof(struct set_settings, end_exception), NULL,
		"end the exception now"},
	{"force", 'f', OPTION_FLAG, offsetof(struct set_settings, force), NULL,
		"store also what Postfix could not use"},
	{0},
};
/* clang-format on */
static const struct option_group own_group = {NULL, BASE_COMMAND, own_options};
static const struct option_group *const groups[] = {
	&own_group, &app_group_rules, &app_group_db, &app_group_global, NULL};

/* The stored row, or NO naming other spellings of the key and `add`. */
static const struct policy_row *find_row(
	struct app *app, char **word, struct policy_set *present, GError **error)
{
	g_autoptr(GPtrArray) keys = typed_keys(word, 1);
	g_autoptr(GString) missing = g_string_new(NULL);
	const struct policy_row *row;

	if (!typed_keys_read(app, keys, present, error))
		return NULL;
	row = typed_key_row(keys->pdata[0], present);
	if (!row && typed_key_missing(app, keys->pdata[0], present, missing, error))
		g_set_error(error, TLSPOL_ERROR, STATUS_NO, "%s; 'tlspol add' stores a new one",
			missing->str);
	return row;
}

static gboolean apply(struct app *app, const struct policy_set *present,
	const struct policy_row *before, const struct policy_set *wanted,
	const struct policy_row *after, const char *key, GError **error)
{
	g_autoptr(GString) report = g_string_new(NULL);
	g_autofree char *words = NULL;
	const char *weaker;
	g_auto(plan_t) plan;

	plan_init(&plan);
	plan.present = present;
	plan.wanted = wanted;
	plan_add_change(&plan, CHANGE_UPDATE, before, after);
	if (!store_apply(app->store, &plan, error))
		return FALSE;
	weaker = change_weaker(&plan, plan_change(&plan, 0));
	if (weaker)
		app_note(app, "%s: mail is protected less than before: %s", key, weaker);
	edit_note_exception(app, present, before);
	words = plan_change_words(&plan, plan_change(&plan, 0));
	g_string_append_printf(report, "changed %s: %s\n", key, words);
	return edit_report(app, report, error);
}

/* Attributes cannot be changed where there is only an exception and no policy under it. */
static gboolean has_policy(struct app *app, const struct policy_set *set,
	const struct policy_row *row, const char *key, GError **error)
{
	const struct policy_exception *exception = row_exception(set, row);
	g_autofree char *brief = exception_brief(set, row, app_now(app));

	if (!exception || exception->over)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_NO,
		"%s has no policy under its exception (%s): give a whole one with a LEVEL, or "
		"change the exception with --until",
		key, brief);
	return FALSE;
}

static gboolean set_policy(struct app *app, const struct set_settings *settings, char **operands,
	int count, GError **error)
{
	struct rule_context context;
	struct policy stored, policy;
	const struct policy_row *before;
	struct policy_row *after;
	gboolean words = count > 1 || settings->unset, same;
	g_auto(policy_set_t) present, wanted;

	policy_set_init(&present);
	policy_set_init(&wanted);
	before = find_row(app, operands, &present, error);
	if (!before || !edit_rules(app, &context, error))
		return FALSE;
	stored = policy_set_policy(&present, before);
	g_autofree char *key = printable(stored.key);
	if (words && set_in_parts(operands + 1, count - 1) &&
		!has_policy(app, &present, before, key, error))
		return FALSE;
	if (!set_wanted_policy(&wanted, &stored, operands + 1, count - 1, settings->unset,
		    context.postfix_version, key, &policy, error))
		return FALSE;
	same = policy_equal(&stored, &policy);
	if (same && edit_extras_same(&settings->extras, policy_set_extra(&present, before)) &&
		!(words && edit_is_only_exception(&present, before))) {
		g_autoptr(GString) report = g_string_new(NULL);
		g_autofree char *shown = edit_show(&present, before);

		g_string_append_printf(report, "unchanged %s: %s\n", key, shown);
		return edit_say(app, report, error);
	}
	/* A note may be written beside a policy that the rules do not like. */
	if (!same && !edit_judge(app, &context, &policy, FALSE, settings->force, error))
		return FALSE;
	after = edit_append(&wanted, &policy, &settings->extras, error);
	if (!after)
		return FALSE;
	/* Without words for it the policy stays what it is: an exception, too. */
	if (!words && edit_is_only_exception(&present, before))
		policy_set_except(&wanted, after, row_exception(&present, before));
	return apply(app, &present, before, &wanted, after, key, error);
}

static gboolean check_words(const struct set_settings *settings, int count, GError **error)
{
	const struct edit_extras *extras = &settings->extras;
	const char *wrong = NULL;

	if (settings->end_exception && (count > 1 || settings->until || settings->unset ||
					       extras->note || extras->provider || extras->origin))
		wrong = "--end-exception goes with a KEY and nothing else";
	else if (settings->until && (extras->provider || extras->origin))
		wrong = "an exception has no provider and no origin: --provider and --origin do "
			"not go with --until";
	else if (count == 1 && !settings->end_exception && !settings->until && !settings->unset &&
		 !extras->note && !extras->provider && !extras->origin)
		wrong = "nothing to change: give a LEVEL, ATTR=VALUE, --unset or --note";
	if (wrong)
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE, wrong);
	return wrong == NULL;
}

static int run(gpointer shared, gpointer data, char **operands, int count, GError **error)
{
	const struct set_settings *settings = data;
	gboolean done;

	if (!check_words(settings, count, error))
		return STATUS_USAGE;
	if (settings->end_exception)
		done = set_end_exception(shared, operands[0], error);
	else if (settings->until)
		done = set_exception(shared, settings, operands, count, error);
	else
		done = set_policy(shared, settings, operands, count, error);
	return done ? STATUS_OK : STATUS_BUG;
}

static const struct operand operands[] = {
	{"KEY", FALSE, FALSE, COMPLETES_KEY},
	{"LEVEL", TRUE, FALSE, COMPLETES_LEVEL},
	{"ATTR=VALUE", TRUE, TRUE, COMPLETES_ATTRIBUTE},
	{0},
};
static const struct example examples[] = {
	{"tlspol set github.com secure match=.google.com", "replace the whole policy"},
	{"tlspol set github.com servername=hostname", "change one attribute, keep the others"},
	{"tlspol set github.com --unset servername --note 'no SNI needed'", "drop it again"},
	{"tlspol set github.com may --until 3d --note 'their certificate ran out'",
		"a temporary exception: the stored policy is in force again after three days"},
	{"tlspol set github.com --end-exception", "or earlier"},
	{0},
};
static const int statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_DATA, STATUS_UNAVAILABLE,
	STATUS_TRY_AGAIN, STATUS_NO_PERMISSION, STATUS_CONFIG, -1};

const struct command cmd_set = {
	.name = "set",
	.group = "Policies",
	.summary = "change the policy of a destination",
	.description =
		"Changes the policy stored for KEY and prints the old and the new one. With a\n"
		"LEVEL the whole policy is replaced: attributes that are not given are\n"
		"dropped. Without one the given attributes replace those of the same name,\n"
		"and all else stays.\n"
		"\n"
		"A key that is not stored is exit status 1, a policy that Postfix could not\n"
		"use 65. When nothing would change, nothing is written.\n"
		"\n"
		"With --until the policy is an exception: it lies over the stored one, or\n"
		"stands alone for a key that is not stored, and ends by itself. WHEN is a\n"
		"time (2026-12-01, \"2026-12-01 08:00\", local time; ISO 8601), a span (3d, \"2\n"
		"weeks\") or a word (tomorrow). Without --until the policy under a live\n"
		"exception is changed.\n",
	.operands = operands,
	.groups = groups,
	.examples = examples,
	.statuses = statuses,
	.settings_size = sizeof(struct set_settings),
	.run = run,
};
