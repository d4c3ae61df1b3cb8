#include "core/verdict_parts.h"

#define HOUR 3600

static const struct {
	const char *name;
	gboolean finding;
} notes[NOTE_COUNT] = {
#define NOTE_ROW(id, name, finding, words) [NOTE_##id] = {name, finding},
	NOTE_LIST(NOTE_ROW)
#undef NOTE_ROW
};

const char *note_name(enum note_id id)
{
	return notes[id].name;
}

void verdict_note(const struct verdict_case *one, enum note_id id, char *text)
{
	struct note *note = g_new(struct note, 1);

	*note = (struct note){id, notes[id].finding, text};
	g_ptr_array_add(one->verdict->notes, note);
}

/* -- certificates ----------------------------------------------------------------------------- */

/* One end of a certificate, and whose it is. */
struct end {
	gint64 at;
	const struct judgement *judgement;
	const struct host_verdict *host;
};

static void take_end(
	struct end *end, const struct host_verdict *host, const struct judgement *judgement)
{
	gint64 at = judgement->matched ? judgement->rests_until : 0;

	if (at && (!end->at || at < end->at))
		*end = (struct end){at, judgement, host};
}

char *verdict_end_words(gint64 end, gint64 now)
{
	g_autoptr(GDateTime) moment = g_date_time_new_from_unix_utc(end);
	/* A certificate may say anything. */
	g_autofree char *day =
		moment ? g_date_time_format(moment, "%Y-%m-%d") : g_strdup("an unknown day");
	gint64 hours = (end - now) / HOUR;

	if (end < now)
		return g_strdup_printf("%s, which is over", day);
	if (hours == 0)
		return g_strdup_printf("%s, within the hour", day);
	if (hours < 48)
		return g_strdup_printf(
			"%s, in %" G_GINT64_FORMAT " hour%s", day, hours, hours == 1 ? "" : "s");
	return g_strdup_printf("%s, in %" G_GINT64_FORMAT " days", day, hours / 24);
}

/* The first certificate to end, of all that let mail through where Postfix may come to. */
static void add_expiry(const struct verdict_case *one)
{
	struct end end = {0};
	g_autofree char *who = NULL, *when = NULL;

	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);

		if (!host->address || host->outcome != OUTCOME_DELIVER)
			continue;
		take_end(&end, host, &host->address->judgement);
		for (guint k = KEY_KIND_ANY + 1; k < KEY_KINDS; k++)
			take_end(&end, host, &host->address->kinds[k].judgement);
	}
	one->verdict->rests_until = end.at;
	if (!end.at || end.at - one->settings->now > one->settings->ahead)
		return;
	who = verdict_who(one->observation, end.host->host, end.host->address);
	when = verdict_end_words(end.at, one->settings->now);
	verdict_note(one, NOTE_EXPIRES,
		g_strdup_printf("%s: the certificate %s ends on %s, and level %s rests on it: it "
				"has to be renewed by then",
			who, end.judgement->rests_on ? end.judgement->rests_on : "that it shows",
			when, level_name(end.host->host->demand.asked)));
}

/* The words for one kind of key, and what a session with it comes to. */
static enum outcome outcome_of_kind(const struct verdict_case *one, const struct host_verdict *host,
	enum key_kind kind, char **reason)
{
	struct host_verdict of_kind = {.host = host->host, .address = host->address};

	verdict_of_session(one, &of_kind, host->address->kinds[kind].session,
		&host->address->kinds[kind].judgement, host->address->kinds[kind].certificate);
	g_free(of_kind.trust);
	*reason = of_kind.reason;
	return of_kind.outcome;
}

/* Only where the server has both: without one of the two there is nothing to compare. */
static void add_keys(const struct verdict_case *one)
{
	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);
		g_autofree char *ecdsa = NULL, *rsa = NULL;
		enum outcome of_ecdsa, of_rsa;

		if (!host->address || !host->address->kinds[KEY_KIND_ECDSA].certificate ||
			!host->address->kinds[KEY_KIND_RSA].certificate)
			continue;
		of_ecdsa = outcome_of_kind(one, host, KEY_KIND_ECDSA, &ecdsa);
		of_rsa = outcome_of_kind(one, host, KEY_KIND_RSA, &rsa);
		if (of_ecdsa == of_rsa)
			continue;
		verdict_note(one, NOTE_KEYS_DIFFER,
			g_strdup_printf("%s with its %s certificate, %s with the other: %s",
				outcome_name(of_ecdsa), "ECDSA", outcome_name(of_rsa),
				of_ecdsa == OUTCOME_DELIVER ? rsa : ecdsa));
	}
}

static void add_pin_alone(const struct verdict_case *one)
{
	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);
		const struct demand *demand = &host->host->demand;

		if (host->outcome != OUTCOME_DELIVER || demand->level != LEVEL_FINGERPRINT ||
			!demand->pins || g_strv_length(demand->pins) != 1)
			continue;
		verdict_note(one, NOTE_PIN_ALONE,
			g_strdup("there is a fingerprint for the key in use and none for the next "
				 "one: mail is deferred from the day on that the server changes "
				 "it"));
		return;
	}
}

/* -- hosts ------------------------------------------------------------------------------------ */

/* An address that we have no way to, of a host that can be reached by another. */
static gboolean no_way_from_here(const struct verdict_case *one, const struct host_verdict *host)
{
	const struct session *session = host->address ? host->address->session : NULL;

	if (!session || session->fault != PROBE_UNREACHABLE)
		return FALSE;
	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *other = g_ptr_array_index(one->verdict->hosts, i);

		if (other->host == host->host && other->outcome == OUTCOME_DELIVER)
			return TRUE;
	}
	return FALSE;
}

static void add_some_hosts(const struct verdict_case *one)
{
	const struct host_verdict *worst = NULL;
	guint all = 0, pass = 0;

	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);

		if ((host->address && host->address->over_limit) || no_way_from_here(one, host))
			continue;
		all++;
		if (host->outcome == OUTCOME_DELIVER)
			pass++;
		else if (!worst || host->outcome == OUTCOME_PLAINTEXT)
			worst = host;
	}
	if (pass && worst)
		verdict_note(one, NOTE_SOME_HOSTS,
			g_strdup_printf("only %u of %u pass, not %s", pass, all, worst->reason));
}

/* Thrown away by Postfix; but who put it there? */
static void add_injection(const struct verdict_case *one)
{
	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);
		g_autofree char *who = NULL;

		if (!host->address || !host->address->session || !host->address->session->injected)
			continue;
		who = verdict_who(one->observation, host->host, host->address);
		verdict_note(one, NOTE_INJECTION,
			g_strdup_printf(
				"%s: plaintext came behind its reply to STARTTLS, from it or "
				"from somebody on the way; Postfix throws it away and goes "
				"on: ask its operator",
				who));
		return;
	}
}

static void add_degraded(const struct verdict_case *one)
{
	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);

		if (!host->host->demand.degraded)
			continue;
		verdict_note(one, NOTE_DEGRADED,
			g_strdup_printf("level %s is in force, not %s: %s",
				level_name(host->host->demand.level),
				level_name(host->host->demand.asked), host->host->demand.degraded));
		return;
	}
}

static void add_delayed(const struct verdict_case *one)
{
	if (one->verdict->delayed)
		verdict_note(one, NOTE_DELAYED,
			g_strdup_printf("the first attempt is deferred, one after %u s goes out in "
					"the clear: level none would not wait, level encrypt would "
					"not give in",
				one->client->minimal_backoff_time));
}

/* -- what main.cf and DNS have to do with it -------------------------------------------------- */

static gboolean by_ca(const struct host_verdict *host)
{
	enum level level = host->host->demand.level;

	return host->address && (level == LEVEL_VERIFY || level == LEVEL_SECURE) &&
	       host->address->judgement.done;
}

static void add_no_ca(const struct verdict_case *one)
{
	gboolean needed = FALSE;

	if (*one->client->ca_file || *one->client->ca_path || one->client->append_default_ca)
		return;
	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);

		if (!by_ca(host))
			continue;
		if (host->host->demand.tafile || host->address->judgement.trusted)
			return;
		needed = TRUE;
	}
	if (needed)
		verdict_note(one, NOTE_NO_CA,
			g_strdup("main.cf has neither smtp_tls_CAfile nor smtp_tls_CApath: without "
				 "CAs no certificate passes verify and secure"));
}

/* Does the row, or main.cf for it, let the certificate name whatever host the MX records name? */
static gboolean trusts_hostname(const struct verdict_case *one, enum level level)
{
	const char *global = level == LEVEL_VERIFY ? one->client->verify_cert_match
						   : one->client->secure_cert_match;
	struct text rest = text_of(global), element;
	struct attribute_cursor cursor;
	struct attribute attribute;
	gboolean given = FALSE;

	attributes_start(&cursor, one->policy ? one->policy->params : TEXT_NONE,
		one->client->postfix_version);
	while (attributes_next(&cursor, &attribute)) {
		if (attribute.id != ATTRIBUTE_MATCH)
			continue;
		given = TRUE;
		rest = attribute.value;
		while (list_next(&rest, LIST_NAMES, &element))
			if (text_is_nocase(element, "hostname"))
				return TRUE;
	}
	while (!given && list_next(&rest, LIST_MAIN_CF LIST_NAMES, &element))
		if (text_is_nocase(element, "hostname"))
			return TRUE;
	return FALSE;
}

static void add_untrusted_mx(const struct verdict_case *one)
{
	const struct observation *observation = one->observation;

	if (observation->mx_kind != MX_RECORDS || observation->mx_answer.secure)
		return;
	for (guint i = 0; i < one->verdict->hosts->len; i++) {
		const struct host_verdict *host = g_ptr_array_index(one->verdict->hosts, i);
		const struct demand *demand = &host->host->demand;

		if (host->outcome != OUTCOME_DELIVER ||
			!(demand->half_dane ||
				(by_ca(host) && trusts_hostname(one, demand->level))))
			continue;
		verdict_note(one, NOTE_UNTRUSTED_MX,
			g_strdup_printf("%s passes, but only DNS says that it is the MX of %s, and "
					"DNSSEC does not protect that: %s",
				host->host->name, observation->nexthop.domain,
				demand->half_dane ? "DANE is worth no more than that record"
						  : "name the provider's hosts with match="));
		return;
	}
}

/* -- all -------------------------------------------------------------------------------------- */

/* Findings first, otherwise as they were added: insertion sort, there are few. */
static void sort_notes(GPtrArray *list)
{
	for (guint i = 1; i < list->len; i++) {
		struct note *moving = g_ptr_array_index(list, i);
		guint j = i;

		for (; j > 0 && moving->finding; j--) {
			struct note *before = g_ptr_array_index(list, j - 1);

			if (before->finding)
				break;
			g_ptr_array_index(list, j) = before;
		}
		g_ptr_array_index(list, j) = moving;
	}
}

void verdict_add_notes(const struct verdict_case *one)
{
	add_expiry(one);
	add_some_hosts(one);
	add_keys(one);
	add_delayed(one);
	add_injection(one);
	add_degraded(one);
	add_pin_alone(one);
	add_no_ca(one);
	add_untrusted_mx(one);
	verdict_add_advice(one);
	sort_notes(one->verdict->notes);
}
