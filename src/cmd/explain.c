#include <string.h>

#include "cmd/answers.h"
#include "cmd/commands.h"
#include "cmd/explain.h"
#include "core/exception.h"
#include "core/lookup.h"

struct explain {
	char *postmap;
};

static const struct option explain_options[] = {
	{"postmap", 0, OPTION_OPTIONAL, offsetof(struct explain, postmap), "TYPE:FILE",
		"also ask the real postmap -q, in this map or in those of smtp_tls_policy_maps"},
	{NULL},
};

static void asked_free(struct asked *asked)
{
	g_free(asked->postfix);
	g_free(asked->trouble);
	g_free(asked);
}

static void hop_free(struct hop *hop)
{
	g_ptr_array_unref(hop->keys);
	g_ptr_array_unref(hop->asked);
	g_free(hop);
}

static void explanation_release(struct explanation *about)
{
	postfix_release(&about->postfix);
	policy_set_release(&about->set);
	g_clear_pointer(&about->nexthops, g_ptr_array_unref);
	g_clear_pointer(&about->hops, g_ptr_array_unref);
	g_strfreev(about->maps);
}

/* -- the table's side ----------------------------------------------------------------------- */

static gboolean read_policies(struct explanation *about, GError **error)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new();
	const struct store_table *table;

	for (guint i = 0; i < about->hops->len; i++) {
		const struct hop *hop = g_ptr_array_index(about->hops, i);

		for (guint j = 0; j < hop->keys->len; j++)
			g_ptr_array_add(keys, g_ptr_array_index(hop->keys, j));
	}
	if (!answers_read(about->app, keys, &about->set, error))
		return FALSE;
	if (about->app->from)
		return TRUE;
	if (!(table = store_describe(about->app->store, error)))
		return FALSE;
	about->context.from_table = TRUE;
	about->context.params_max = table->column[STORE_PARAMS].max;
	return TRUE;
}

static void answer_hop(struct explanation *about, struct hop *hop)
{
	guint hit = 0;

	hop->answer = lookup_answer(&about->set, hop->keys, app_now(about->app), &hit);
	if (hop->answer)
		row_policy_now(&about->set, hop->answer, app_now(about->app), &hop->policy);
	for (guint i = 0; i < hop->keys->len; i++) {
		struct asked *asked = g_new0(struct asked, 1);

		asked->nexthop = hop->name;
		asked->key = g_ptr_array_index(hop->keys, i);
		asked->set = &about->set;
		asked->number = hop->answer && i > hit ? 0 : i + 1;
		asked->row = hop->answer && i == hit ? hop->answer : NULL;
		asked->policy = hop->policy;
		asked->now_us = app_now(about->app);
		g_ptr_array_add(hop->asked, asked);
	}
}

static gboolean find_hops(struct explanation *about, const char *destination, GError **error)
{
	about->nexthops = g_ptr_array_new_with_free_func(g_free);
	about->hops = g_ptr_array_new_with_free_func((GDestroyNotify)hop_free);
	about->address = strchr(destination, '@') != NULL;
	if (!lookup_nexthops(text_of(destination), about->nexthops, error))
		return FALSE;
	for (guint i = 0; i < about->nexthops->len; i++) {
		struct hop *hop = g_new0(struct hop, 1);

		hop->name = g_ptr_array_index(about->nexthops, i);
		hop->keys = g_ptr_array_new_with_free_func(g_free);
		hop->asked = g_ptr_array_new_with_free_func((GDestroyNotify)asked_free);
		lookup_keys(text_of(hop->name), hop->keys);
		g_ptr_array_add(about->hops, hop);
	}
	return TRUE;
}

/* -- Postfix's side ------------------------------------------------------------------------- */

static gboolean find_maps(struct explanation *about, const char *wanted, GError **error)
{
	g_autofree char *setting = NULL;

	if (!postfix_installed(&about->postfix, error))
		return FALSE;
	if (!*wanted &&
		!(setting = postfix_setting(&about->postfix, "smtp_tls_policy_maps", error)))
		return FALSE;
	about->maps = postfix_split_maps(*wanted ? wanted : setting);
	if (about->maps[0])
		return TRUE;
	g_set_error_literal(error, TLSPOL_ERROR, STATUS_CONFIG,
		"smtp_tls_policy_maps is empty: Postfix asks no map; name one with "
		"--postmap=TYPE:FILE");
	return FALSE;
}

/* Does Postfix's answer say what the row says? Nothing found agrees with no row. */
static gboolean agrees(const struct asked *asked)
{
	struct policy ours = asked->policy, theirs = {.key = text_of(asked->key)};

	if (!asked->row || !asked->postfix)
		return !asked->row && !asked->postfix;
	ours.key = theirs.key;
	return policy_split(text_of(asked->postfix), &theirs) && policy_equal(&ours, &theirs);
}

/* The first map that has the key answers, as Postfix has it. */
static void ask_postfix(const struct explanation *about, struct asked *asked)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; about->maps[i] && !asked->postfix; i++) {
		if (!postfix_lookup(&about->postfix, about->maps[i], asked->key, &asked->postfix,
			    NULL, &error)) {
			asked->trouble = g_strdup(error->message);
			break;
		}
	}
	asked->differs = asked->trouble || !agrees(asked);
}

/* TRUE when Postfix does what the table says, or was not asked. */
static gboolean compare(struct explanation *about)
{
	gboolean same = TRUE;

	for (guint i = 0; about->maps && i < about->hops->len; i++) {
		const struct hop *hop = g_ptr_array_index(about->hops, i);

		for (guint j = 0; j < hop->asked->len; j++) {
			struct asked *asked = g_ptr_array_index(hop->asked, j);

			if (!asked->number)
				continue;
			ask_postfix(about, asked);
			same = same && !asked->differs;
		}
	}
	return same;
}

/* -- the command ---------------------------------------------------------------------------- */

static gboolean find_out(struct explanation *about, const struct explain *explain,
	const char *destination, GError **error)
{
	if (!(about->config = app_config(about->app, error)))
		return FALSE;
	postfix_init(&about->postfix, about->config);
	about->postfix_here = postfix_installed(&about->postfix, NULL);
	if (explain->postmap && !find_maps(about, explain->postmap, error))
		return FALSE;
	if (!app_rules(about->app, &about->context, error) ||
		!find_hops(about, destination, error) || !read_policies(about, error))
		return FALSE;
	for (guint i = 0; i < about->hops->len; i++)
		answer_hop(about, g_ptr_array_index(about->hops, i));
	return TRUE;
}

static int run(gpointer shared, gpointer settings, char **operands, G_GNUC_UNUSED int count,
	GError **error)
{
	struct explanation about = {.app = shared};
	gboolean same = TRUE, answered = FALSE, good;

	policy_set_init(&about.set);
	good = find_out(&about, settings, operands[0], error);
	if (good) {
		same = compare(&about);
		good = explain_report(&about, error);
		for (guint i = 0; i < about.hops->len; i++)
			answered |=
				((struct hop *)g_ptr_array_index(about.hops, i))->answer != NULL;
	}
	explanation_release(&about);
	if (!good)
		return STATUS_BUG;
	return same && answered ? STATUS_OK : STATUS_NO;
}

static const struct option_group explain_group = {NULL, BASE_COMMAND, explain_options};
static const struct option_group *const explain_groups[] = {&explain_group, &app_group_rules,
	&app_group_from, &app_group_format, &app_group_db, &app_group_global, NULL};
static const struct operand explain_operands[] = {
	{"DESTINATION", FALSE, FALSE, COMPLETES_KEY},
	{NULL},
};
static const struct example explain_examples[] = {
	{"tlspol explain user@mail.example.com", "which row answers, and what it demands"},
	{"tlspol explain '[relay.example.net]:587'", "a next-hop of relayhost or transport_maps"},
	{"tlspol explain example.com --postmap", "does Postfix here see the same?"},
	{NULL},
};
static const int explain_statuses[] = {STATUS_OK, STATUS_NO, STATUS_USAGE, STATUS_DATA,
	STATUS_NO_INPUT, STATUS_UNAVAILABLE, STATUS_CANNOT_CREATE, STATUS_IO, STATUS_NO_PERMISSION,
	STATUS_CONFIG, -1};

const struct command cmd_explain = {
	.name = "explain",
	.group = "Policies",
	.summary = "what Postfix will do for a destination, and which row says so",
	.description =
		"DESTINATION is a mail address, a domain, or a next-hop as relayhost and\n"
		"transport_maps have it ([host], [host]:port). Shows the keys that Postfix\n"
		"asks for, in order, the row that answers, what its level demands of the\n"
		"server, which names in the certificate will do, and what happens when it\n"
		"fails.\n"
		"\n"
		"With --postmap the real postmap is asked for each key and compared with the\n"
		"table. The exit status is 0 when a row answers (and postmap agrees), 1 when\n"
		"not.",
	.operands = explain_operands,
	.groups = explain_groups,
	.examples = explain_examples,
	.statuses = explain_statuses,
	.settings_size = sizeof(struct explain),
	.run = run,
};
