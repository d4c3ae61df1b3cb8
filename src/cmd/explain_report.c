/* explain: the report, in words or as records. */
#include <stdio.h>
#include <string.h>

#include "cmd/explain.h"
#include "cmd/exception_words.h"
#include "cmd/explain_words.h"
#include "cmd/paragraph.h"
#include "net/idn.h"

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
	const struct policy *policy = &asked->policy;

	if (!asked->row)
		put(value, TEXT_NONE);
	else
		put(value, policy->level == LEVEL_UNKNOWN ? policy->level_text
							  : text_of(level_name(policy->level)));
}

static void get_params(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	const struct asked *asked = row;

	put(value, asked->row ? asked->policy.params : TEXT_NONE);
}

/* When the answer ends: it is an exception. */
static void get_until(gconstpointer row, G_GNUC_UNUSED gpointer data, struct value *value)
{
	const struct asked *asked = row;
	const struct policy_exception *exception =
		asked->row ? live_exception(asked->set, asked->row, asked->now_us) : NULL;

	put(value, text_of(exception ? exception->until : NULL));
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

/* clang-format off */
#define EXPLAIN_COLUMNS                                \
	{"nexthop", "Next-hop", get_nexthop},          \
	{"key", "Key", get_key},                       \
	{"asked", "Asked", get_asked, COLUMN_RIGHT},   \
	{"found", "Found", get_found},                 \
	{"policy", "Policy", get_policy},              \
	{"params", "Parameters", get_params}
/* clang-format on */
static const struct column explain_columns[] = {
	EXPLAIN_COLUMNS,
	{"exception_until", "Exception until", get_until},
	{NULL},
};
static const struct column postmap_columns[] = {
	EXPLAIN_COLUMNS,
	{"postmap", "postmap -q", get_postmap},
	{"differs", "Differs", get_differs},
	{"exception_until", "Exception until", get_until},
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
			policy_append_value(to, &asked->policy);
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
	const char *label = "findings";

	rules_check_row(&about->context, &about->set, hop->answer, app_now(about->app), findings);
	for (guint i = 0; i < findings->len; i++) {
		const struct finding *finding = g_ptr_array_index(findings, i);
		g_autofree char *text = g_strdup_printf("%s: %s [%s]",
			severity_name(finding->severity), finding->text, finding->rule->id);

		paragraph(to, width, label, text);
		label = "";
	}
}

/* The answer is there for a while: until when, why, and what comes then. */
static void write_exception(
	GString *to, const struct explanation *about, const struct hop *hop, guint width)
{
	gint64 now_us = app_now(about->app);
	const struct policy_exception *exception = live_exception(&about->set, hop->answer, now_us);
	struct policy under = policy_set_policy(&about->set, hop->answer);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *full = exception_full(&about->set, hop->answer, now_us);

	if (!exception)
		return;
	g_string_append_printf(text, "%s; then ", full);
	if (exception->over)
		policy_append_value(text, &under);
	else
		g_string_append(text, "there is no such row any more");
	paragraph(to, width, "exception", text->str);
}

/* Nothing in the table: main.cf decides. */
static void write_no_row(GString *to, const struct words *words, struct text nexthop)
{
	const char *level = words->settings ? words->settings[MAIN_LEVEL] : NULL;
	struct policy policy = {.key = nexthop, .level = LEVEL_NONE};
	g_autofree char *text = NULL;

	if (!level) {
		paragraph(to, words->defaults.width, "no row",
			"smtp_tls_security_level of Postfix's main.cf applies");
		return;
	}
	text = *level ? g_strdup_printf("smtp_tls_security_level = %s of main.cf applies", level)
		      : g_strdup("smtp_tls_security_level of main.cf applies, which is empty");
	paragraph(to, words->defaults.width, "no row", text);
	if (*level) {
		policy.level = level_parse(text_of(level));
		policy.level_text = text_of(level);
	}
	explain_policy(to, &policy, nexthop, &words->defaults);
}

static gboolean hop_differs(const struct hop *hop)
{
	for (guint i = 0; i < hop->asked->len; i++) {
		if (((const struct asked *)g_ptr_array_index(hop->asked, i))->differs)
			return TRUE;
	}
	return FALSE;
}

static void write_hop(GString *to, const struct explanation *about, const struct words *words,
	const struct hop *hop)
{
	g_string_append_printf(to, "next-hop %s: Postfix asks for\n", hop->name);
	write_keys(to, hop);
	if (about->maps && !hop_differs(hop))
		paragraph(to, words->defaults.width, "postmap", "says the same");
	if (hop->answer) {
		write_exception(to, about, hop, words->defaults.width);
		explain_policy(to, &hop->policy, text_of(hop->name), &words->defaults);
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

/* Two spellings of a name are two keys (facts 1.3): which one is asked for depends on the mail. */
static void note_unicode(const struct explanation *about)
{
	for (guint i = 0; i < about->hops->len; i++) {
		const struct hop *hop = g_ptr_array_index(about->hops, i);
		g_autofree char *ascii = idn_key(text_of(hop->name), NULL);

		if (ascii && strcmp(ascii, hop->name) != 0)
			app_note(about->app,
				"Postfix asks for %s only where mail comes with SMTPUTF8, and then "
				"for no "
				"other form; mail to %s is another key",
				hop->name, ascii);
	}
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
	note_unicode(about);
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

gboolean explain_report(const struct explanation *about, GError **error)
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
