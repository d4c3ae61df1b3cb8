#include <stdio.h>
#include <string.h>

#include "cmd/app.h"
#include "cmd/commands.h"
#include "cmd/explain_words.h"
#include "cmd/postfix.h"
#include "core/key.h"
#include "core/lookup.h"

struct explain {
	char *postmap;
};

static const struct option explain_options[] = {
	{"postmap", 0, OPTION_OPTIONAL, offsetof(struct explain, postmap), "TYPE:FILE",
		"also ask the real postmap -q, in this map or in those of smtp_tls_policy_maps"},
	{NULL},
};

/* -- what is explained ---------------------------------------------------------------------- */

/* One key that Postfix asks for, and who said what. */
struct asked {
	const char *nexthop, *key;
	guint number;		      /* from 1; 0 = not asked, because an earlier key answered */
	const struct policy_row *row; /* the answer of the table or file */
	const struct policy_set *set;
	char *postfix; /* what postmap said; NULL = nothing found */
	char *trouble; /* why postmap could not say */
	gboolean differs;
};

static void asked_free(struct asked *asked)
{
	g_free(asked->postfix);
	g_free(asked->trouble);
	g_free(asked);
}

/* One next-hop: the keys in order, and the row that decides. */
struct hop {
	const char *name;
	GPtrArray *keys;  /* of char * */
	GPtrArray *asked; /* of struct asked * */
	const struct policy_row *answer;
};

static void hop_free(struct hop *hop)
{
	g_ptr_array_unref(hop->keys);
	g_ptr_array_unref(hop->asked);
	g_free(hop);
}

struct explanation {
	struct app *app;
	const struct config *config;
	struct postfix postfix;
	gboolean postfix_here;
	struct rule_context context;
	struct policy_set set;
	GPtrArray *nexthops; /* of char * */
	GPtrArray *hops;     /* of struct hop * */
	char **maps;	     /* --postmap: to ask; NULL = not wanted */
	gboolean address;    /* user@domain: transport settings may send it elsewhere */
};

static void explanation_release(struct explanation *about)
{
	postfix_release(&about->postfix);
	policy_set_release(&about->set);
	g_clear_pointer(&about->nexthops, g_ptr_array_unref);
	g_clear_pointer(&about->hops, g_ptr_array_unref);
	g_strfreev(about->maps);
}

/* -- the table's side ----------------------------------------------------------------------- */

/*
 * A collation that ignores case makes a row "GitHub.com" answer for github.com, and so does
 * postmap, which folds what it builds: such rows are found under their folded key.
 */
static void fold_keys(struct policy_set *set)
{
	for (guint i = 0; i < policy_set_count(set); i++) {
		struct policy_row *row = policy_set_row(set, i);
		g_autoptr(GString) folded = g_string_new(NULL);

		if (key_fold(folded, policy_row_key(row)) &&
			!text_equal(policy_row_key(row), (struct text){folded->str, folded->len}))
			policy_set_rekey(set, row,
				policy_set_keep(set, (struct text){folded->str, folded->len}));
	}
}

static gboolean read_table(struct explanation *about, GError **error)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new();
	const struct store_table *table;
	const char *collation;

	if (!app_store(about->app, error) || !(table = store_describe(about->app->store, error)))
		return FALSE;
	about->context.from_table = TRUE;
	about->context.params_max = table->column[STORE_PARAMS].max;
	collation = table->column[STORE_DOMAIN].collation;
	if (collation && strstr(collation, "_ci")) {
		if (!store_read(about->app->store, &about->set, error))
			return FALSE;
		fold_keys(&about->set);
		return TRUE;
	}
	for (guint i = 0; i < about->hops->len; i++) {
		const struct hop *hop = g_ptr_array_index(about->hops, i);

		for (guint j = 0; j < hop->keys->len; j++)
			g_ptr_array_add(keys, g_ptr_array_index(hop->keys, j));
	}
	return store_find(about->app->store, keys, &about->set, error);
}

static gboolean read_policies(struct explanation *about, GError **error)
{
	if (about->app->from ? !app_policies(about->app, &about->set, error)
			     : !read_table(about, error))
		return FALSE;
	policy_set_sort(&about->set);
	return TRUE;
}

static void answer_hop(struct explanation *about, struct hop *hop)
{
	guint hit = 0;

	hop->answer = lookup_answer(&about->set, hop->keys, &hit);
	for (guint i = 0; i < hop->keys->len; i++) {
		struct asked *asked = g_new0(struct asked, 1);

		asked->nexthop = hop->name;
		asked->key = g_ptr_array_index(hop->keys, i);
		asked->set = &about->set;
		asked->number = hop->answer && i > hit ? 0 : i + 1;
		asked->row = hop->answer && i == hit ? hop->answer : NULL;
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
	struct policy ours, theirs = {.key = text_of(asked->key)};

	if (!asked->row || !asked->postfix)
		return !asked->row && !asked->postfix;
	ours = policy_set_policy(asked->set, asked->row);
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

/* -- records -------------------------------------------------------------------------------- */

static void put(struct value *value, struct text text)
{
	value->kind = text.at ? VALUE_TEXT : VALUE_NULL;
	value->text = text;
}

static void get_nexthop(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, text_of(((const struct asked *)row)->nexthop));
}

static void get_key(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, text_of(((const struct asked *)row)->key));
}

static void get_asked(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	value->kind = VALUE_NUMBER;
	value->number = ((const struct asked *)row)->number;
}

static void get_found(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	value->kind = VALUE_BOOL;
	value->number = ((const struct asked *)row)->row != NULL;
}

static void get_policy(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	const struct asked *asked = row;
	struct policy policy;

	put(value, TEXT_NONE);
	if (!asked->row)
		return;
	policy = policy_set_policy(asked->set, asked->row);
	put(value, policy.level == LEVEL_UNKNOWN ? policy.level_text
						 : text_of(level_name(policy.level)));
}

static void get_params(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	const struct asked *asked = row;

	put(value, asked->row ? policy_row_params(asked->row) : TEXT_NONE);
}

static void get_postmap(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	put(value, text_of(((const struct asked *)row)->postfix));
}

static void get_differs(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	value->kind = VALUE_BOOL;
	value->number = ((const struct asked *)row)->differs;
}

#define EXPLAIN_COLUMNS                                                                            \
	{"nexthop", "Next-hop", get_nexthop}, {"key", "Key", get_key},                             \
		{"asked", "Asked", get_asked, COLUMN_RIGHT}, {"found", "Found", get_found},        \
		{"policy", "Policy", get_policy},                                                  \
	{                                                                                          \
		"params", "Parameters", get_params                                                 \
	}
static const struct column explain_columns[] = {EXPLAIN_COLUMNS, {NULL}};
static const struct column postmap_columns[] = {
	EXPLAIN_COLUMNS,
	{"postmap", "postmap -q", get_postmap},
	{"differs", "Differs", get_differs},
	{NULL},
};

/* Only the keys that Postfix really asks for: after the first answer it stops. */
static gboolean write_records(
	const struct explanation *about, const struct record_style *style, FILE *to, GError **error)
{
	struct records *records =
		records_open(style, about->maps ? postmap_columns : explain_columns, NULL, to);

	for (guint i = 0; i < about->hops->len; i++) {
		const struct hop *hop = g_ptr_array_index(about->hops, i);

		for (guint j = 0; j < hop->asked->len; j++) {
			const struct asked *asked = g_ptr_array_index(hop->asked, j);

			if (asked->number)
				records_row(records, asked);
		}
	}
	return records_close(records, error);
}

/* -- in words ------------------------------------------------------------------------------- */

struct words {
	struct explain_defaults defaults;
	char **settings; /* of main.cf, in the order of main_cf_names; NULL without Postfix */
};

static const char *const main_cf_names[] = {"smtp_tls_security_level", "smtp_tls_verify_cert_match",
	"smtp_tls_secure_cert_match", "smtp_tls_servername", "transport_maps", "relayhost",
	"sender_dependent_relayhost_maps", "sender_dependent_default_transport_maps",
	"smtp_fallback_relay", NULL};
enum { MAIN_LEVEL, MAIN_VERIFY, MAIN_SECURE, MAIN_SERVERNAME, MAIN_ROUTING };

static void words_init(struct words *words, const struct explanation *about)
{
	words->settings =
		about->postfix_here ? postfix_settings(&about->postfix, main_cf_names, NULL) : NULL;
	words->defaults = (struct explain_defaults){
		.verify_match = words->settings ? words->settings[MAIN_VERIFY] : "hostname",
		.secure_match =
			words->settings ? words->settings[MAIN_SECURE] : "nexthop, dot-nexthop",
		.servername = words->settings ? words->settings[MAIN_SERVERNAME] : "",
		.postfix_version = about->context.postfix_version,
		.width = app_text_width(),
	};
}

static void write_keys(GString *to, const struct hop *hop)
{
	gsize widest = 0;

	for (guint i = 0; i < hop->keys->len; i++)
		widest = MAX(widest, (gsize)g_utf8_strlen(g_ptr_array_index(hop->keys, i), -1));
	for (guint i = 0; i < hop->asked->len; i++) {
		const struct asked *asked = g_ptr_array_index(hop->asked, i);
		gsize pad = widest - (gsize)g_utf8_strlen(asked->key, -1);

		if (asked->number)
			g_string_append_printf(to, "%3u. ", asked->number);
		else
			g_string_append(to, "     ");
		g_string_append_printf(to, "%s%*s  ", asked->key, (int)pad, "");
		if (asked->row) {
			struct policy policy = policy_set_policy(asked->set, asked->row);

			policy_append_value(to, &policy);
			g_string_append(to, "  <- this row answers");
		} else {
			g_string_append(to, asked->number ? "no row" : "not asked for any more");
		}
		g_string_append_c(to, '\n');
		if (asked->differs && asked->trouble)
			g_string_append_printf(to, "     postmap: %s\n", asked->trouble);
		else if (asked->differs)
			g_string_append_printf(to, "     postmap differs: %s\n",
				asked->postfix ? asked->postfix : "not found");
	}
	g_string_append_c(to, '\n');
}

static void write_findings(
	GString *to, const struct explanation *about, const struct hop *hop, guint width)
{
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	struct policy policy = policy_set_policy(&about->set, hop->answer);
	const char *label = "findings";

	rules_check(&about->context, &policy, findings);
	for (guint i = 0; i < findings->len; i++) {
		const struct finding *finding = g_ptr_array_index(findings, i);
		g_autofree char *text = g_strdup_printf("%s: %s [%s]",
			severity_name(finding->severity), finding->text, finding->rule->id);

		explain_line(to, width, label, text);
		label = "";
	}
}

/* Nothing in the table: main.cf decides. */
static void write_no_row(GString *to, const struct words *words, struct text nexthop)
{
	const char *level = words->settings ? words->settings[MAIN_LEVEL] : NULL;
	struct policy policy = {.key = nexthop, .level = LEVEL_NONE};
	g_autofree char *text = NULL;

	if (!level) {
		explain_line(to, words->defaults.width, "no row",
			"smtp_tls_security_level of Postfix's main.cf applies");
		return;
	}
	text = *level ? g_strdup_printf("smtp_tls_security_level = %s of main.cf applies", level)
		      : g_strdup("smtp_tls_security_level of main.cf applies, which is empty");
	explain_line(to, words->defaults.width, "no row", text);
	if (*level) {
		policy.level = level_parse(text_of(level));
		policy.level_text = text_of(level);
	}
	explain_policy(to, &policy, nexthop, &words->defaults);
}

static void write_hop(GString *to, const struct explanation *about, const struct words *words,
	const struct hop *hop)
{
	g_string_append_printf(to, "next-hop %s: Postfix asks for\n", hop->name);
	write_keys(to, hop);
	if (hop->answer) {
		struct policy policy = policy_set_policy(&about->set, hop->answer);

		explain_policy(to, &policy, text_of(hop->name), &words->defaults);
		write_findings(to, about, hop, words->defaults.width);
	} else {
		write_no_row(to, words, text_of(hop->name));
	}
}

/* Settings that give a recipient's mail another next-hop than its domain. */
static void note_routing(const struct explanation *about, const struct words *words)
{
	g_autoptr(GString) set = g_string_new(NULL);

	if (!about->address || !words->settings)
		return;
	for (guint i = MAIN_ROUTING; main_cf_names[i]; i++) {
		if (*words->settings[i])
			g_string_append_printf(set, "%s%s", set->len ? ", " : "", main_cf_names[i]);
	}
	if (set->len)
		app_note(about->app,
			"main.cf here has %s: Postfix may send this mail to another next-hop; "
			"explain that next-hop to see its policy",
			set->str);
}

static gboolean write_words(const struct explanation *about, FILE *to, GError **error)
{
	struct words words;
	g_autoptr(GString) text = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;

	words_init(&words, about);
	for (guint i = 0; i < about->hops->len; i++) {
		if (i > 0)
			g_string_append_c(text, '\n');
		write_hop(text, about, &words, g_ptr_array_index(about->hops, i));
	}
	note_routing(about, &words);
	g_strfreev(words.settings);
	lines = g_strsplit(g_strchomp(text->str), "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		g_autofree char *harmless = printable(text_of(lines[i]));

		fprintf(to, "%s\n", harmless);
	}
	if (!ferror(to))
		return TRUE;
	g_set_error_literal(error, TLSPOL_ERROR, STATUS_IO, "cannot write the explanation");
	return FALSE;
}

/* -- the command ---------------------------------------------------------------------------- */

static gboolean write_all(const struct explanation *about, GError **error)
{
	struct app_output output;
	struct record_style style;
	gboolean good;

	if (!app_output_open(about->app, &output, error))
		return FALSE;
	app_record_style(about->app, output.stream, &style);
	good = style.format == RECORD_TABLE ? write_words(about, output.stream, error)
					    : write_records(about, &style, output.stream, error);
	if (good)
		return app_output_close(&output, error);
	app_output_abort(&output);
	return FALSE;
}

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
		good = write_all(&about, error);
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
	STATUS_NO_INPUT, STATUS_UNAVAILABLE, STATUS_IO, STATUS_NO_PERMISSION, STATUS_CONFIG, -1};

const struct command cmd_explain = {
	.name = "explain",
	.group = "Policies",
	.summary = "what Postfix will do for a destination, and which row says so",
	.description = "DESTINATION is a mail address, a domain, or a next-hop as relayhost and\n"
		       "transport_maps have it ([host], [host]:port). Shows the keys that Postfix "
		       "asks for,\n"
		       "in order, the row that answers, what its level demands of the server, "
		       "which names\n"
		       "in the certificate will do, and what happens when it fails.\n"
		       "\n"
		       "With --postmap the real postmap is asked for each key and compared with "
		       "the table.\n"
		       "The exit status is 0 when a row answers (and postmap agrees), 1 when not.",
	.operands = explain_operands,
	.groups = explain_groups,
	.examples = explain_examples,
	.statuses = explain_statuses,
	.settings_size = sizeof(struct explain),
	.run = run,
};
