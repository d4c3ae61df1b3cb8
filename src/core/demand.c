#include "core/demand_parts.h"

#include "core/key.h"
#include "core/protocols.h"
#include "core/rules.h"

void demand_release(struct demand *demand)
{
	g_free(demand->why);
	g_free(demand->degraded);
	g_free(demand->exclude);
	g_free(demand->sni);
	g_strfreev(demand->names);
	g_strfreev(demand->pins);
	g_free(demand->tafile);
	g_free(demand->fails);
	*demand = (struct demand){0};
}

/* -- handshakes ------------------------------------------------------------------------------- */

/* What Postfix excludes by itself differs at these; no STARTTLS at all at none. */
static char cipher_class(enum level level)
{
	switch (level) {
	case LEVEL_NONE:
		return 'n';
	case LEVEL_MAY:
		return 'm';
	case LEVEL_ENCRYPT:
		return 'e';
	default:
		return 'a';
	}
}

char *demand_handshake_key(const struct demand *demand)
{
	if (demand->level == LEVEL_NONE)
		return g_strdup("none");
	return g_strdup_printf("%c%c %x %u %s %s %s", cipher_class(demand->level),
		demand->wrappermode ? 'w' : 's', demand->protocols, demand->security_level,
		demand->grade, demand->sni ? demand->sni : "-",
		demand->exclude ? demand->exclude : "");
}

/* -- small questions -------------------------------------------------------------------------- */

gboolean demand_next_value(
	struct attribute_cursor *cursor, enum attribute_id id, struct text *value)
{
	struct attribute attribute;

	while (attributes_next(cursor, &attribute)) {
		if (attribute.id == id) {
			*value = attribute.value;
			return TRUE;
		}
	}
	return FALSE;
}

struct text demand_value(const struct demand_case *one, enum attribute_id id)
{
	struct attribute_cursor cursor;
	struct text value = TEXT_NONE;

	attributes_start(&cursor, one->policy->params, one->settings->postfix_version);
	while (demand_next_value(&cursor, id, &value))
		;
	return value;
}

const char *demand_hostname(const struct demand_case *one)
{
	const struct observed_host *host = one->host;

	return one->settings->cname_overrides_servername && host->canonical ? host->canonical
									    : host->name;
}

void demand_skip(struct demand_case *one, enum demand_skip skip, char *why)
{
	if (one->demand->kind == DEMAND_SKIP) {
		g_free(why);
		return;
	}
	one->demand->kind = DEMAND_SKIP;
	one->demand->skip = skip;
	one->demand->why = why;
}

/* -- mistakes in the row ---------------------------------------------------------------------- */

/* Facts 3 B: what Postfix takes at the lookup, and fails with only in the session. */
static const struct {
	const char *id;
	enum { SHOWS_AT_START = 1, SHOWS_BEHIND, SHOWS_ITSELF } when;
} later_rules[] = {
	{"protocols-invalid", SHOWS_AT_START},
	{"protocols-version", SHOWS_AT_START},
	{"protocols-none-left", SHOWS_AT_START},
	{"ciphers-grade", SHOWS_AT_START},
	{"ciphers-none-left", SHOWS_AT_START},
	{"exclude-modifier", SHOWS_AT_START},
	{"match-none", SHOWS_BEHIND},
	{"fingerprint-length", SHOWS_BEHIND},
	{"fingerprint-colons", SHOWS_BEHIND},
	/* A handshake, or each host's name: no reason to say it in advance. */
	{"protocols-old", SHOWS_ITSELF},
	{"mx-pattern-never", SHOWS_ITSELF},
};

static void fails_at_start(struct demand_case *one, char *why)
{
	if (one->demand->never_starts) {
		g_free(why);
		return;
	}
	g_free(one->demand->fails);
	one->demand->fails = why;
	one->demand->never_starts = TRUE;
}

static void take_error(struct demand_case *one, const struct finding *finding)
{
	for (guint i = 0; i < G_N_ELEMENTS(later_rules); i++) {
		if (strcmp(finding->rule->id, later_rules[i].id) != 0)
			continue;
		if (later_rules[i].when == SHOWS_AT_START)
			fails_at_start(one, g_strdup(finding->text));
		else if (later_rules[i].when == SHOWS_BEHIND && !one->demand->fails)
			one->demand->fails = g_strdup(finding->text);
		return;
	}
	demand_skip(one, SKIP_REFUSED,
		g_strdup_printf("client TLS configuration problem: %s", finding->text));
}

static void check_row(struct demand_case *one)
{
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	struct rule_context context;

	rule_context_init(&context, one->settings->postfix_version);
	context.fingerprint_digest_len = client_digest_length(one->settings);
	context.fingerprint_fallback = *one->settings->fingerprint_cert_match != '\0';
	rules_check_value(&context, one->policy, findings);
	for (guint i = 0; i < findings->len; i++) {
		const struct finding *finding = g_ptr_array_index(findings, i);

		if (finding->severity == SEVERITY_ERROR)
			take_error(one, finding);
	}
}

/* -- into the handshake ----------------------------------------------------------------------- */

static gboolean mandatory(const struct demand_case *one)
{
	return one->demand->level > LEVEL_MAY;
}

static void set_protocols(struct demand_case *one)
{
	const struct client_settings *settings = one->settings;
	struct text list = demand_value(one, ATTRIBUTE_PROTOCOLS);
	const char *global = mandatory(one) ? settings->mandatory_protocols : settings->protocols;
	struct protocols protocols;

	protocols_parse(list.at ? list : text_of(global), &protocols);
	one->demand->protocols = protocols_offered(protocols.allowed);
	one->demand->security_level =
		one->demand->level > LEVEL_ENCRYPT ? SECURITY_LEVEL_MATCHING : 0;
	if (protocols.bad.at || !one->demand->protocols)
		fails_at_start(one,
			g_strdup_printf("smtp_tls_%sprotocols = %s in main.cf leaves no protocol, "
					"so TLS never starts",
				mandatory(one) ? "mandatory_" : "", global));
}

static const char *grade_of(struct text word)
{
	static const char *const grades[] = {"medium", "high", "low", "export", "null"};

	for (guint i = 0; i < G_N_ELEMENTS(grades); i++)
		if (text_is_nocase(word, grades[i]))
			return grades[i];
	return NULL;
}

static void set_ciphers(struct demand_case *one)
{
	const struct client_settings *settings = one->settings;
	struct text grade = demand_value(one, ATTRIBUTE_CIPHERS);
	struct text exclude = demand_value(one, ATTRIBUTE_EXCLUDE);
	const char *global = mandatory(one) ? settings->mandatory_ciphers : settings->ciphers;

	one->demand->grade = grade_of(grade.at ? grade : text_of(global));
	if (!one->demand->grade) {
		one->demand->grade = "medium";
		fails_at_start(one,
			g_strdup_printf("smtp_tls_%sciphers = %s in main.cf is no cipher grade, so "
					"TLS never starts",
				mandatory(one) ? "mandatory_" : "", global));
	}
	if (exclude.at)
		one->demand->exclude = text_dup(exclude);
	else
		one->demand->exclude = g_strjoin(" ", settings->exclude_ciphers,
			mandatory(one) ? settings->mandatory_exclude_ciphers : "", NULL);
	g_strstrip(one->demand->exclude);
	if (!*one->demand->exclude)
		g_clear_pointer(&one->demand->exclude, g_free);
}

/* At DANE it is the TLSA base domain, which is set by now. */
static void set_sni(struct demand_case *one)
{
	struct text word = demand_value(one, ATTRIBUTE_SERVERNAME);

	if (one->demand->sni)
		return;
	if (!word.at) {
		word = text_of(one->settings->servername);
		if (word.len && !hostname_valid(word, FALSE)) {
			demand_skip(one, SKIP_REFUSED,
				g_strdup_printf("client TLS configuration problem: "
						"smtp_tls_servername = %s in main.cf is no host "
						"name",
					one->settings->servername));
			return;
		}
	}
	/* Lower case only: elsewhere it is a name like any other (facts 2.2). */
	if (text_is(word, "hostname"))
		one->demand->sni = g_strdup(demand_hostname(one));
	else if (text_is(word, "nexthop"))
		one->demand->sni = g_strdup(one->observation->nexthop.domain);
	else if (word.len)
		one->demand->sni = text_dup(word);
}

/* -- what the chain is judged by -------------------------------------------------------------- */

static void set_tafile(struct demand_case *one)
{
	struct text rest = text_of(one->settings->trust_anchor_file), value;
	GString *files = g_string_new(NULL);
	struct attribute_cursor cursor;

	attributes_start(&cursor, one->policy->params, one->settings->postfix_version);
	while (demand_next_value(&cursor, ATTRIBUTE_TAFILE, &value))
		g_string_append_printf(files, "%s%.*s", files->len ? "\n" : "", TEXT_ARG(value));
	if (!files->len)
		while (list_next(&rest, LIST_MAIN_CF, &value))
			g_string_append_printf(
				files, "%s%.*s", files->len ? "\n" : "", TEXT_ARG(value));
	one->demand->tafile = g_string_free(files, files->len == 0);
}

static void set_matching(struct demand_case *one)
{
	switch (one->demand->level) {
	case LEVEL_FINGERPRINT:
		demand_set_pins(one);
		break;
	case LEVEL_VERIFY:
	case LEVEL_SECURE:
		demand_set_names(one);
		set_tafile(one);
		break;
	default:
		break;
	}
	/* Facts 4.5: below that only a word in the log changes. */
	if (mandatory(one) && one->demand->level != LEVEL_ENCRYPT && !one->demand->fails &&
		one->settings->postfix_version >= attribute_since(ATTRIBUTE_POLICY_FAILURE)) {
		struct text failure = demand_value(one, ATTRIBUTE_POLICY_FAILURE);

		if (failure.at)
			one->demand->fails = g_strdup_printf(
				"external policy failure (%.*s)", TEXT_ARG(failure));
	}
}

/* -- hosts that are passed by ----------------------------------------------------------------- */

/* Facts 4.5: MX hosts outside the patterns of a row made from MTA-STS. */
static void check_patterns(struct demand_case *one)
{
	const char *host = demand_hostname(one);
	struct attribute_cursor cursor;
	gboolean any = FALSE;
	struct text value;

	if (!one->settings->enforce_sts_mx_patterns ||
		!text_is_nocase(demand_value(one, ATTRIBUTE_POLICY_TYPE), "sts"))
		return;
	attributes_start(&cursor, one->policy->params, one->settings->postfix_version);
	while (demand_next_value(&cursor, ATTRIBUTE_MX_HOST_PATTERN, &value)) {
		g_autofree char *pattern = text_dup(value);

		if (sts_mx_matches(pattern, host))
			return;
		any = TRUE;
	}
	if (any)
		demand_skip(one, SKIP_UNFIT,
			g_strdup_printf("MX name '%s' does not match STS MX pattern", host));
}

static void check_wrappermode(struct demand_case *one)
{
	one->demand->wrappermode =
		one->settings->wrappermode || one->observation->nexthop.port == 465;
	if (one->demand->wrappermode && one->demand->level < LEVEL_ENCRYPT)
		demand_skip(one, SKIP_REFUSED,
			g_strdup_printf("implicit TLS (smtp_tls_wrappermode) requires level "
					"encrypt or stronger, and here it is %s",
				level_name(one->demand->level)));
}

void demand_for_host(const struct policy *policy, const struct client_settings *settings,
	const struct observation *observation, const struct observed_host *host,
	struct demand *demand)
{
	struct policy global = {.level = client_default_level(settings)};
	struct demand_case one = {policy ? policy : &global, settings, observation, host, demand};

	*demand = (struct demand){.level = one.policy->level, .asked = one.policy->level};
	demand->grade = "medium";
	check_row(&one);
	if (demand->kind == DEMAND_SKIP)
		return;
	if (demand->asked == LEVEL_DANE || demand->asked == LEVEL_DANE_ONLY)
		demand_resolve_dane(&one);
	if (demand->kind == DEMAND_SKIP)
		return;
	check_wrappermode(&one);
	if (demand->level == LEVEL_NONE)
		return;
	check_patterns(&one);
	set_protocols(&one);
	set_ciphers(&one);
	set_sni(&one);
	set_matching(&one);
}
