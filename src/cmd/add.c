#include "cmd/edit.h"
#include "cmd/keys.h"
#include "core/exception.h"
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

/* One run of add: one wanted row, or two with --both. */
struct add {
	struct app *app;
	const struct add_settings *settings;
	const char *typed;
	GPtrArray *keys; /* to store, in the order of the wanted rows */
	struct policy_set present, wanted;
	struct plan plan;
	GString *report;
};

static void add_init(struct add *add, struct app *app, const struct add_settings *settings)
{
	*add = (struct add){
		.app = app,
		.settings = settings,
		.keys = g_ptr_array_new_with_free_func(g_free),
		.report = g_string_new(NULL),
	};
	policy_set_init(&add->present);
	policy_set_init(&add->wanted);
	plan_init(&add->plan);
	add->plan.present = &add->present;
	add->plan.wanted = &add->wanted;
}

static void add_release(struct add *add)
{
	plan_release(&add->plan);
	policy_set_release(&add->present);
	policy_set_release(&add->wanted);
	g_ptr_array_unref(add->keys);
	g_string_free(add->report, TRUE);
}
typedef struct add add_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(add_t, add_release)

/*
 * The keys to store: the one as typed, folded and IDNA-mapped, and its U-label with --both
 * (facts 1.3: Postfix asks for the U-label only when mail came in with SMTPUTF8).
 */
static gboolean take_keys(struct add *add, const char *typed, GError **error)
{
	char *key = idn_key(text_of(typed), error), *unicode;
	GError *failed = NULL;

	if (!key)
		return FALSE;
	add->typed = typed;
	g_ptr_array_add(add->keys, key);
	if (strcmp(key, typed) != 0)
		app_note(add->app, "%s is stored as %s, the form Postfix asks for", typed, key);
	if (!add->settings->both)
		return TRUE;
	unicode = idn_key_unicode(text_of(typed), &failed);
	if (unicode)
		g_ptr_array_add(add->keys, unicode);
	else if (!failed)
		app_note(add->app, "--both: %s has no letter that needs a second row", typed);
	if (failed)
		g_propagate_error(error, failed);
	return !failed;
}

/* The policy from the words, judged, once for each key. */
static gboolean take_policy(struct add *add, char **words, int count, GError **error)
{
	struct rule_context context;
	struct policy policy = {0};

	if (!edit_rules(add->app, &context, error))
		return FALSE;
	edit_words(&add->wanted, words, count, context.postfix_version, &policy);
	for (guint i = 0; i < add->keys->len; i++) {
		policy.key = policy_set_keep(&add->wanted, text_of(add->keys->pdata[i]));
		/* The U-label is the A-label's twin: what is to be said is said once. */
		if (i == 0 &&
			!edit_judge(add->app, &context, &policy, TRUE, add->settings->force, error))
			return FALSE;
		if (!edit_append(&add->wanted, &policy, &add->settings->extras, error))
			return FALSE;
	}
	return TRUE;
}

/*
 * The row that is in the way of a key: it, or where the collation ignores case, the spelling in
 * capitals that was typed and that somebody else has stored.
 */
static const struct policy_row *existing_row(
	const struct add *add, struct text key, const struct store_column *column)
{
	const struct policy_row *row = policy_set_find(&add->present, key);

	if (!row && column->collation && strstr(column->collation, "_ci") &&
		text_is_nocase(key, add->typed))
		row = policy_set_find(&add->present, text_of(add->typed));
	return row;
}

/* A row that is there is changed with --replace, else it is the answer. */
static gboolean replace_row(struct add *add, const struct policy_row *before,
	const struct policy_row *after, GError **error)
{
	struct policy old = policy_set_policy(&add->present, before);
	struct policy new = policy_set_policy(&add->wanted, after);
	gboolean same =
		policy_equal(&old, &new) && !edit_is_only_exception(&add->present, before) &&
		edit_extras_same(&add->settings->extras, policy_set_extra(&add->present, before));
	g_autofree char *key = printable(old.key);
	g_autofree char *stored = edit_show(&add->present, before);
	g_autofree char *value = edit_show(&add->wanted, after);

	if (!add->settings->replace) {
		g_set_error(error, TLSPOL_ERROR, STATUS_NO,
			same ? "%s is stored already, just so: %s"
			     : "%s is stored already: %s; --replace or 'tlspol set' changes it",
			key, stored);
		return FALSE;
	}
	if (same) {
		g_string_append_printf(add->report, "unchanged %s: %s\n", key, stored);
		return TRUE;
	}
	plan_add_change(&add->plan, CHANGE_UPDATE, before, after);
	edit_note_exception(add->app, &add->present, before);
	g_string_append_printf(add->report, "changed %s: %s -> %s%s\n", key, stored, value,
		before->flags & ROW_INACTIVE ? " (inactive)" : "");
	return TRUE;
}

/* A key that is not stored, or was for a while that is over. */
static void add_row(struct add *add, const struct policy_row *over, struct policy_row *after)
{
	const struct policy_exception none = {0};
	g_autofree char *key = printable(policy_row_key(after));
	g_autofree char *value = NULL;

	if (over)
		policy_set_except(&add->wanted, after, &none);
	value = edit_show(&add->wanted, after);
	plan_add_change(&add->plan, over ? CHANGE_UPDATE : CHANGE_ADD, over, after);
	g_string_append_printf(add->report, "added %s: %s\n", key, value);
}

static gboolean make_plan(struct add *add, GError **error)
{
	const struct store_table *table = store_describe(add->app->store, error);

	for (guint i = 0; table && i < policy_set_count(&add->wanted); i++) {
		struct policy_row *after = policy_set_row(&add->wanted, i);
		const struct policy_row *before =
			existing_row(add, policy_row_key(after), &table->column[STORE_DOMAIN]);

		if (!before || row_over(&add->present, before, app_now(add->app)))
			add_row(add, before, after);
		else if (!replace_row(add, before, after, error))
			return FALSE;
	}
	return table != NULL;
}

static int run(gpointer shared, gpointer settings, char **operands, int count, GError **error)
{
	g_auto(add_t) add;

	add_init(&add, shared, settings);
	if (!take_keys(&add, operands[0], error) ||
		!take_policy(&add, operands + 1, count - 1, error))
		return STATUS_DATA;

	char *words[] = {operands[0], add.keys->len > 1 ? add.keys->pdata[1] : NULL};
	g_autoptr(GPtrArray) keys = typed_keys(words, add.keys->len);
	if (!typed_keys_read(add.app, keys, &add.present, error) || !make_plan(&add, error))
		return STATUS_NO;
	if (add.plan.changes->len && !store_apply(add.app->store, &add.plan, error))
		return STATUS_TRY_AGAIN;
	if (!add.plan.changes->len)
		return edit_say(add.app, add.report, error) ? STATUS_OK : STATUS_IO;
	return edit_report(add.app, add.report, error) ? STATUS_OK : STATUS_IO;
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
		"Stores how mail for KEY must be encrypted: a level and its attributes, in\n"
		"Postfix's own words. KEY is the next-hop as Postfix asks for it: a recipient\n"
		"domain, .domain for all names below it, or a relay such as\n"
		"[mx.example.com]:587. It is folded to lower case, and an internationalised\n"
		"name becomes its A-label.\n"
		"\n"
		"A key that is stored already is refused (exit status 1), and so is a policy\n"
		"that Postfix could not use (65). Warnings are printed, and the policy is\n"
		"stored.\n",
	.operands = operands,
	.groups = groups,
	.examples = examples,
	.statuses = statuses,
	.settings_size = sizeof(struct add_settings),
	.run = run,
};
