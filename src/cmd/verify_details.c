/* verify: one destination host by host, in words. */
#include "cmd/paragraph.h"
#include "cmd/verify_report.h"

/* A certificate of a provider may have a hundred names. */
#define NAMES_SHOWN 6

static void say(GString *to, const struct verify_details_style *style, const char *label,
	const char *format, ...) G_GNUC_PRINTF(4, 5);
static void say(GString *to, const struct verify_details_style *style, const char *label,
	const char *format, ...)
{
	g_autofree char *text = NULL, *harmless = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	harmless = printable(text_of(text));
	paragraph(to, style->width, label, harmless);
}

char *verify_policy_words(const struct verify_result *result)
{
	const struct policy *policy = &result->policy;
	enum level effective = result->verdict.effective;
	g_autofree char *stored = policy->level == LEVEL_UNKNOWN
					  ? text_dup(policy->level_text)
					  : g_strdup(level_name(policy->level));

	if (effective == LEVEL_UNKNOWN || effective == policy->level ||
		(effective == LEVEL_DANE && policy->level == LEVEL_DANE_ONLY))
		return g_steal_pointer(&stored);
	return g_strdup_printf("%s -> %s", stored, level_name(effective));
}

/* -- the destination ------------------------------------------------------------------------- */

static void say_policy(
	GString *to, const struct verify_result *result, const struct verify_details_style *style)
{
	struct text key = verify_target_key(result->target);
	g_autoptr(GString) text = g_string_new(NULL);

	policy_append_value(text, &result->policy);
	if (!key.at)
		g_string_append(text, ", of main.cf: no row answers");
	else if (result->target->destination &&
		 !text_equal(key, verify_target_name(result->target)))
		g_string_append_printf(text, ", of the row %.*s", TEXT_ARG(key));
	say(to, style, "policy", "%s", text->str);
}

static void say_mx(
	GString *to, const struct observation *seen, const struct verify_details_style *style)
{
	static const char *const words[] = {
		[MX_RECORDS] = "found by MX records",
		[MX_IMPLICIT] = "no MX records: the domain's own address",
		[MX_NULL] = "a null MX: the domain takes no mail",
	};

	if (seen->mx_kind > MX_NULL)
		return;
	say(to, style, "hosts", "%s, %s", words[seen->mx_kind],
		seen->mx_answer.secure ? "authenticated by DNSSEC" : "not protected by DNSSEC");
}

static void say_sts(
	GString *to, const struct sts_observation *sts, const struct verify_details_style *style)
{
	g_autofree char *mx = NULL;

	switch (sts->state) {
	case STS_NOT_ASKED:
	case STS_ABSENT:
		break;
	case STS_BROKEN:
		say(to, style, "MTA-STS", "broken: %s", sts->why);
		break;
	case STS_UNKNOWN:
		say(to, style, "MTA-STS", "not known: %s", sts->why);
		break;
	case STS_FOUND:
		mx = sts->policy->mx ? g_strjoinv(", ", sts->policy->mx) : g_strdup("");
		say(to, style, "MTA-STS", "mode %s%s%s", sts_mode_name(sts->policy->mode),
			*mx ? ", for " : "", mx);
		break;
	}
}

static void say_notes(GString *to, const GPtrArray *notes, const struct verify_details_style *style)
{
	for (guint i = 0; i < notes->len; i++) {
		const struct note *note = g_ptr_array_index(notes, i);

		say(to, style, note->finding ? "finding" : "note", "%s [%s]", note->text,
			note_name(note->id));
	}
}

/* -- a host ---------------------------------------------------------------------------------- */

static void say_certificate(GString *to, const char *label, const struct certificate *certificate,
	const struct verify_details_style *style)
{
	g_autofree char *end = verdict_end_words(certificate->not_after, style->now);
	g_autoptr(GString) names = g_string_new(NULL);
	guint count = certificate->names ? g_strv_length(certificate->names) : 0;

	for (guint i = 0; i < MIN(count, NAMES_SHOWN); i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", certificate->names[i]);
	if (count > NAMES_SHOWN)
		g_string_append_printf(names, " and %u more", count - NAMES_SHOWN);
	say(to, style, label, "certificate for %s, issued by %s, %s %u, until %s",
		count ? names->str : certificate->subject, certificate->issuer, certificate->kind,
		certificate->bits, end);
}

static void say_kinds(GString *to, const struct observed_address *address,
	const struct verify_details_style *style)
{
	static const char *const names[] = {[KEY_KIND_ECDSA] = "  ECDSA", [KEY_KIND_RSA] = "  RSA"};

	for (enum key_kind kind = KEY_KIND_ECDSA; kind < KEY_KINDS; kind++) {
		if (address->kinds[kind].certificate)
			say_certificate(to, names[kind], address->kinds[kind].certificate, style);
		if (address->kinds[kind].judgement.why)
			say(to, style, "", "%s", address->kinds[kind].judgement.why);
	}
}

static void say_tlsa(
	GString *to, const struct observed_host *host, const struct verify_details_style *style)
{
	const char *label = "  TLSA";

	for (guint i = 0; host->tlsa && i < host->tlsa->len; i++) {
		g_autofree char *text = tlsa_format(g_ptr_array_index(host->tlsa, i), TRUE);

		say(to, style, label, "%s%s", text,
			host->tlsa_answer.secure ? "" : " (not secured by DNSSEC)");
		label = "";
	}
}

static void say_session(
	GString *to, const struct host_verdict *host, const struct verify_details_style *style)
{
	const struct observed_address *address = host->address;
	const struct session *session = address->session;

	if (session && session->protocol)
		say(to, style, "  TLS", "%s, %s%s%s", host->trust ? host->trust : "not judged",
			session->protocol, session->cipher ? " with " : "",
			session->cipher ? session->cipher : "");
	if (address->certificate)
		say_certificate(to, "  shows", address->certificate, style);
	say_kinds(to, address, style);
}

/* Escapes of the terminal, as `tlspol list` colours its tables. */
static const char *colour_of(enum outcome outcome)
{
	static const char *const colours[] = {
		[OUTCOME_DELIVER] = "\033[32m",
		[OUTCOME_PLAINTEXT] = "\033[33m",
		[OUTCOME_DEFER] = "\033[31m",
		[OUTCOME_BOUNCE] = "\033[31m",
		[OUTCOME_UNKNOWN] = "\033[35m",
	};

	return colours[outcome];
}

static void append_heading(GString *to, const char *name, enum outcome outcome,
	const struct verify_details_style *style)
{
	g_autofree char *harmless = printable(text_of(name));

	g_string_append_printf(to, "%s: %s%s%s\n", harmless,
		style->colour ? colour_of(outcome) : "", outcome_name(outcome),
		style->colour ? "\033[0m" : "");
}

/* Behind "mx.example.com[192.0.2.1]: ", which stands in the heading. */
static const char *reason_of(const struct host_verdict *host, const char *name)
{
	gsize len = strlen(name);

	return g_str_has_prefix(host->reason, name) && g_str_has_prefix(host->reason + len, ": ")
		       ? host->reason + len + 2
		       : host->reason;
}

static void append_host(GString *to, const struct observation *seen,
	const struct host_verdict *host, gboolean with_tlsa,
	const struct verify_details_style *style)
{
	g_autofree char *plain = verdict_who(seen, host->host, host->address);
	g_autofree char *name = seen->mx_kind == MX_RECORDS
					? g_strdup_printf("%u %s", host->host->preference, plain)
					: g_strdup(plain);

	g_string_append_c(to, '\n');
	append_heading(to, name, host->outcome, style);
	if (host->reason)
		say(to, style, "  reason", "%s%s", reason_of(host, plain),
			host->tried ? "" : " (Postfix does not come to it)");
	if (host->address)
		say_session(to, host, style);
	if (with_tlsa)
		say_tlsa(to, host->host, style);
}

char *verify_details(const struct verify_result *result, const struct verify_details_style *style)
{
	const struct verdict *verdict = &result->verdict;
	g_autofree char *name = text_dup(verify_target_name(result->target));
	GString *to = g_string_new(NULL);

	append_heading(to, name, verdict->outcome, style);
	say_policy(to, result, style);
	if (verdict->reason)
		say(to, style, "why", "%s", verdict->reason);
	if (verdict->rests_until) {
		g_autofree char *end = verdict_end_words(verdict->rests_until, style->now);

		say(to, style, "good until", "%s", end);
	}
	for (guint i = 0; result->changes && result->changes[i]; i++)
		say(to, style, i ? "" : "changed", "%s", result->changes[i]);
	if (result->observation) {
		say_mx(to, result->observation, style);
		say_sts(to, &result->observation->sts, style);
	}
	say_notes(to, verdict->notes, style);
	for (guint i = 0; i < verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(verdict->hosts, i);
		const struct host_verdict *next = i + 1 < verdict->hosts->len
							  ? g_ptr_array_index(verdict->hosts, i + 1)
							  : NULL;

		/* Its records are told once, behind the last of its addresses. */
		append_host(
			to, result->observation, host, !next || next->host != host->host, style);
	}
	return g_string_free(to, FALSE);
}
