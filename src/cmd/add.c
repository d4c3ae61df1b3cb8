#include "cmd/edit.h"
#include "cmd/keys.h"
#include "net/idn.h"

struct add_settings {
	struct edit_extras extras;
	gboolean replace, force, both;
};

/* clang-format off */
static const struct option own_options[] = {
	{"note", 'n', OPTION_STRING, offsetof(struct add_settings, extras.note), "TEXT",
		"a note for people: why, since when, which ticket"},
	{"provider", 0, OPTION_STRING, offsetof(struct add_settings, extras.provider), "NAME",
		"the mail provider behind the destination"},
	{"origin", 0, OPTION_STRING, offsetof(struct add_settings, extras.origin), "LABEL",
		"the import that owns the row (import --prune removes by it)"},
	{"replace", 'r', OPTION_FLAG, offsetof(struct add_settings, replace), NULL,
		"change the policy where there is one already"},
	{"force", 'f', OPTION_FLAG, offsetof(struct add_settings, force), NULL,
		"store also what Postfix could not use"},
	{"both", 'b', OPTION_FLAG, offsetof(struct add_settings, both), NULL,
		"store an internationalised name as A-label and as U-label"},
	{0},
};
/* clang-format on */
static const struct option_group own_group = {NULL, BASE_COMMAND, own_options};
static const struct option_group *const groups[] = {
	&own_group, &app_group_rules, &app_group_db, &app_group_global, NULL};

/*
 * The keys to store: the one as typed, folded and IDNA-mapped, and its U-label with --both
 * (facts 1.3: Postfix asks for the U-label only when mail came in with SMTPUTF8).
 */
static GPtrArray *stored_keys(
	struct app *app, const struct add_settings *settings, const char *typed, GError **error)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) failed = NULL;
	char *key = idn_key(text_of(typed), error);

	if (!key)
		return NULL;
	g_ptr_array_add(keys, key);
	if (strcmp(key, typed) != 0)
		app_note(app, "%s is stored as %s, the form Postfix asks for", typed, key);
	if (settings->both) {
		char *unicode = idn_key_unicode(text_of(typed), &failed);

		if (failed) {
			g_propagate_error(error, g_steal_pointer(&failed));
			return NULL;
		}
		if (unicode)
			g_ptr_array_add(keys, unicode);
		else
			app_note(app, "--both: %s has no letter that needs a second row", typed);
	}
	return g_steal_pointer(&keys);
}

static gboolean refuse_existing(const struct policy_set *present, const struct policy_row *row,
	const char *key, gboolean same, GError **error)
{
	g_autofree char *shown = printable(text_of(key));
	g_autofree char *stored = edit_show(present, row);

	g_set_error(error, TLSPOL_ERROR, STATUS_NO,
		same ? "%s is stored already, just so: %s"
		     : "%s is stored already: %s; --replace or 'tlspol set' changes it",
		shown, stored);
	return FALSE;
}

/* One change per wanted row; a row that is there is an update with --replace, else refused. */
static gboolean make_plan(struct app *app, const struct add_settings *settings,
	const GPtrArray *typed, struct policy_set *present, const struct policy_set *wanted,
	struct plan *plan, GString *report, GError **error)
{
	if (!typed_keys_read(app, typed, present, error))
		return FALSE;
	plan->present = present;
	plan->wanted = wanted;
	for (guint i = 0; i < policy_set_count(wanted); i++) {
		const struct policy_row *after = policy_set_row(wanted, i);
		const struct policy_row *before = typed_key_row(typed->pdata[i], present);
		g_autofree char *key = printable(policy_row_key(after));
		g_autofree char *value = edit_show(wanted, after);

		if (!before) {
			plan_add_change(plan, CHANGE_ADD, NULL, after);
			g_string_append_printf(report, "added %s: %s\n", key, value);
			continue;
		}
		struct policy old = policy_set_policy(present, before);
		struct policy new = policy_set_policy(wanted, after);
		if (!settings->replace)
			return refuse_existing(
				present, before, key, policy_equal(&old, &new), error);

		g_autofree char *stored = edit_show(present, before);
		plan_add_change(plan, CHANGE_UPDATE, before, after);
		g_string_append_printf(report, "changed %s: %s -> %s\n", key, stored, value);
	}
	return TRUE;
}

static int run(gpointer shared, gpointer data, char **operands, int count, GError **error)
{
	struct app *app = shared;
	const struct add_settings *settings = data;
	struct rule_context context;
	struct policy policy = {0};
	g_autoptr(GString) report = g_string_new(NULL);
	g_auto(policy_set_t) present, wanted;
	g_auto(plan_t) plan;

	policy_set_init(&present);
	policy_set_init(&wanted);
	plan_init(&plan);

	g_autoptr(GPtrArray) keys = stored_keys(app, settings, operands[0], error);
	if (!keys || !edit_rules(app, &context, error))
		return STATUS_DATA;
	edit_words(&wanted, operands + 1, count - 1, context.postfix_version, &policy);
	for (guint i = 0; i < keys->len; i++) {
		policy.key = policy_set_keep(&wanted, text_of(keys->pdata[i]));
		if (!edit_judge(app, &context, &policy, TRUE, settings->force, error) ||
			!edit_append(&wanted, &policy, &settings->extras, error))
			return STATUS_DATA;
	}

	/* As typed too: another program may have stored that spelling. */
	char *words[] = {operands[0], keys->len > 1 ? keys->pdata[1] : NULL};
	g_autoptr(GPtrArray) typed = typed_keys(words, keys->len);
	if (!make_plan(app, settings, typed, &present, &wanted, &plan, report, error) ||
		!store_apply(app->store, &plan, error) || !edit_report(app, report, error))
		return STATUS_BUG;
	return STATUS_OK;
}

static const struct operand operands[] = {
	{"KEY", FALSE, FALSE, COMPLETES_NOTHING},
	{"LEVEL", FALSE, FALSE, COMPLETES_LEVEL},
	{"ATTR=VALUE", TRUE, TRUE, COMPLETES_ATTRIBUTE},
	{0},
};
static const struct example examples[] = {
	{"tlspol add github.com secure match=mx.google.com",
		"the certificate must be one for the name mx.google.com"},
	{"tlspol add '[relay.example.net]:587' fingerprint match=AB:CD:… --note 'ticket 4711'",
		"a relay with a certificate of its own"},
	{"tlspol add .example.com dane --replace", "all names below example.com"},
	{0},
};
static const int statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_DATA, STATUS_UNAVAILABLE,
	STATUS_TRY_AGAIN, STATUS_NO_PERMISSION, STATUS_CONFIG, -1};

const struct command cmd_add = {
	.name = "add",
	.group = "Policies",
	.summary = "store a policy for a destination",
	.description =
		"Stores how mail for KEY must be encrypted: a level and its attributes, in "
		"Postfix's\n"
		"own words. KEY is the next-hop as Postfix asks for it: a recipient domain, "
		".domain\n"
		"for all names below it, or a relay such as [mx.example.com]:587. It is folded to\n"
		"lower case, and an internationalised name becomes its A-label.\n"
		"\n"
		"A key that is stored already is refused (exit status 1), and so is a policy that\n"
		"Postfix could not use (65). Warnings are printed, and the policy is stored.\n",
	.operands = operands,
	.groups = groups,
	.examples = examples,
	.statuses = statuses,
	.settings_size = sizeof(struct add_settings),
	.run = run,
};
