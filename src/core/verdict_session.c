#include "core/verdict_parts.h"

#include "core/postfix_version.h"

#define NAME_MISMATCH_TRUSTED POSTFIX_VERSION(3, 10, 4)

/* -- replies ---------------------------------------------------------------------------------- */

/* The class of an enhanced status code ("5.7.0") in front of a reply's text; 0 = none. */
static int enhanced_class(const char *said)
{
	const char *at = said;

	while (g_ascii_isdigit(*at))
		at++;
	while (*at == ' ' || *at == '-')
		at++;
	if (!strchr("245", *at) || !*at || at[1] != '.' || !g_ascii_isdigit(at[2]))
		return 0;
	return *at - '0';
}

/* smtp_chat_resp() and vsmtp_fill_dsn(): a refusal that is not for now bounces at once. */
static gboolean temporary(const struct session *session)
{
	int class = session->said ? enhanced_class(session->said) : 0;

	return (class ? class : session->reply / 100) == 4;
}

/* -- time ------------------------------------------------------------------------------------- */

/* How long Postfix waits at a step, in seconds; 0 = as long as the system does. */
static guint postfix_patience(const struct client_settings *client, enum probe_stage stage)
{
	switch (stage) {
	case PROBE_CONNECT:
		return client->connect_timeout;
	case PROBE_STARTTLS:
	case PROBE_HANDSHAKE:
		return client->starttls_timeout;
	default:
		return client->helo_timeout;
	}
}

/* Our patience ended before Postfix's would have. */
static gboolean gave_up_early(const struct verdict_case *one, const struct session *session)
{
	guint patience = postfix_patience(one->client, session->stage);

	return session->fault == PROBE_TIMEOUT && (!patience || one->settings->timeout < patience);
}

/* -- words ------------------------------------------------------------------------------------ */

static const char *or_nothing(const char *text, const char *nothing)
{
	return text && *text ? text : nothing;
}

static char *refusal_words(const struct session *session)
{
	const char *said = or_nothing(session->said, "nothing");

	if (session->stage == PROBE_STARTTLS)
		return g_strdup_printf("it refuses to start TLS: \"%s\"", said);
	return g_strdup_printf("it refuses to talk to us: \"%s\"", said);
}

static char *fault_words(const struct verdict_case *one, const struct session *session)
{
	const char *when = probe_stage_words(session->stage);

	switch (session->fault) {
	case PROBE_REFUSED:
		return g_strdup("the connection is refused");
	case PROBE_UNREACHABLE:
		return g_strdup_printf(
			"it cannot be reached: %s", or_nothing(session->why, "no connection"));
	case PROBE_TIMEOUT:
		return g_strdup_printf("no answer in %u s %s", one->settings->timeout, when);
	case PROBE_CLOSED:
		return g_strdup_printf("the connection is lost %s", when);
	case PROBE_SAID_NO:
		return refusal_words(session);
	case PROBE_NOT_SMTP:
		return g_strdup_printf("what answers does not speak SMTP %s: \"%s\"", when,
			or_nothing(session->said, ""));
	case PROBE_TOO_LONG:
		return g_strdup_printf("its answer has no end %s", when);
	case PROBE_TLS:
		return g_strdup_printf("the TLS handshake fails: %s",
			or_nothing(session->why, "no reason is known"));
	case PROBE_NO_STARTTLS:
		if (session->reply)
			return g_strdup_printf(
				"it refuses EHLO (\"%s\"), and HELO knows no STARTTLS",
				or_nothing(session->said, ""));
		return g_strdup(or_nothing(session->why, "it does not offer STARTTLS"));
	case PROBE_FINE:
		break;
	}
	return g_strdup("nothing is known of it");
}

/* -- in the clear ----------------------------------------------------------------------------- */

/* `why` is taken over; NULL: nobody asked for TLS. */
static void in_the_clear(const struct verdict_case *one, struct host_verdict *to, char *why)
{
	gboolean wanted = !why || to->host->demand.level == LEVEL_NONE;

	verdict_say(one, to, OUTCOME_PLAINTEXT, wanted ? CAUSE_NONE : CAUSE_SERVER,
		wanted ? g_strdup("mail goes out in the clear, as level none says")
		       : g_strdup_printf("mail goes out in the clear: %s", why));
	g_free(why);
}

/* Level may, and TLS does not come about: the next attempt that is late enough does without. */
static void later_in_the_clear(const struct verdict_case *one, struct host_verdict *to, char *why)
{
	to->delayed = TRUE;
	verdict_say(one, to, OUTCOME_PLAINTEXT, CAUSE_SERVER,
		g_strdup_printf("mail is deferred at first, and goes out in the clear when it is "
				"%u s old: %s",
			one->client->minimal_backoff_time, why));
	g_free(why);
}

/* -- the certificate -------------------------------------------------------------------------- */

static const char *unverified_word(
	const struct verdict_case *one, const struct judgement *judgement)
{
	gboolean name_only = judgement->trusted && !judgement->named;

	return name_only && one->client->postfix_version >= NAME_MISMATCH_TRUSTED ? "Trusted"
										  : "Untrusted";
}

/* At may and encrypt, where it is only a word in the log. */
static const char *unasked_word(const struct verdict_case *one, const struct host_verdict *host,
	const struct certificate *certificate)
{
	const struct observed_address *address = host->address;
	gboolean anchors =
		*one->client->ca_file || *one->client->ca_path || one->client->append_default_ca;

	if (!certificate)
		return "Anonymous";
	if (host->host->demand.unusable || !address)
		return "Untrusted";
	return anchors && address->webpki.trusted ? "Trusted" : "Untrusted";
}

/* FALSE when the session ends here, because the certificate is not what the level wants. */
static gboolean certificate_passes(const struct verdict_case *one, struct host_verdict *to,
	const struct judgement *judgement, const struct certificate *certificate)
{
	const struct demand *demand = &to->host->demand;
	const char *why = judgement->done ? judgement->why : NULL;

	if (demand->level <= LEVEL_ENCRYPT) {
		to->trust = g_strdup(unasked_word(one, to, certificate));
		return TRUE;
	}
	if (demand->fails)
		why = demand->fails;
	else if (judgement->done && judgement->matched) {
		to->trust = g_strdup(demand->half_dane ? "Trusted" : "Verified");
		return TRUE;
	}
	to->trust = g_strdup(unverified_word(one, judgement));
	verdict_say(one, to, OUTCOME_DEFER, CAUSE_POLICY,
		g_strdup_printf("server certificate not verified at level %s: %s",
			level_name(demand->asked),
			why	      ? why
			: certificate ? "it could not be judged"
				      : "there is none"));
	return FALSE;
}

/* -- all of a session ------------------------------------------------------------------------- */

/* What stands before the name, the TLSA record or the fingerprint that matched. */
static const char *matched_words(enum level level)
{
	switch (level) {
	case LEVEL_DANE:
	case LEVEL_DANE_ONLY:
		return " by TLSA record ";
	case LEVEL_FINGERPRINT:
		return " by fingerprint ";
	default:
		return " for the name ";
	}
}

static void deliver(const struct verdict_case *one, struct host_verdict *to,
	const struct session *session, const struct judgement *judgement)
{
	const struct demand *demand = &to->host->demand;

	if (demand->level > LEVEL_ENCRYPT)
		verdict_say(one, to, OUTCOME_DELIVER, CAUSE_NONE,
			g_strdup_printf("%s, certificate verified%s%s", session->protocol,
				judgement->by ? matched_words(demand->level) : "",
				judgement->by ? judgement->by : ""));
	else
		verdict_say(one, to, OUTCOME_DELIVER, CAUSE_NONE,
			g_strdup_printf("%s, encrypted without a look at the certificate",
				session->protocol));
}

/* No TLS, though the server could be talked to. */
static void without_tls(
	const struct verdict_case *one, struct host_verdict *to, const struct session *session)
{
	gboolean required = to->host->demand.level > LEVEL_MAY;
	g_autofree char *why = fault_words(one, session);

	if (!required)
		in_the_clear(one, to, g_steal_pointer(&why));
	else if (session->fault == PROBE_NO_STARTTLS)
		verdict_say(one, to, OUTCOME_DEFER, CAUSE_POLICY,
			g_strdup_printf("TLS is required at level %s, but %s: ask its operator",
				level_name(to->host->demand.level), why));
	else
		verdict_say(one, to, temporary(session) ? OUTCOME_DEFER : OUTCOME_BOUNCE,
			CAUSE_SERVER,
			g_strdup_printf("TLS is required at level %s, but %s",
				level_name(to->host->demand.level), why));
}

/* The session broke off: what Postfix makes of it. */
static void broken(
	const struct verdict_case *one, struct host_verdict *to, const struct session *session)
{
	const struct demand *demand = &to->host->demand;
	gboolean after_starttls = session->stage == PROBE_HANDSHAKE || session->protocol;
	enum outcome outcome = OUTCOME_DEFER;
	char *why = fault_words(one, session);

	if (gave_up_early(one, session)) {
		verdict_say(one, to, OUTCOME_UNKNOWN, CAUSE_TIME, why);
		return;
	}
	if (after_starttls && session->fault != PROBE_SAID_NO && demand->level == LEVEL_MAY) {
		later_in_the_clear(one, to, why);
		return;
	}
	if (session->fault == PROBE_SAID_NO && !temporary(session) &&
		!(session->stage == PROBE_GREETING && session->reply / 100 == 5 &&
			one->client->skip_5xx_greeting))
		outcome = OUTCOME_BOUNCE;
	verdict_say(
		one, to, outcome, session->fault == PROBE_TLS ? CAUSE_POLICY : CAUSE_SERVER, why);
}

/* EHLO was refused, but HELO will do: without STARTTLS, or under TLS without anything. */
static gboolean helo_will_do(const struct session *session)
{
	gboolean ehlo = session->stage == PROBE_EHLO || session->stage == PROBE_EHLO_AGAIN;

	return ehlo && session->protocol && session->fault == PROBE_SAID_NO &&
	       session->reply != 421;
}

/* The policy itself keeps TLS from starting. */
static void never_starts(const struct verdict_case *one, struct host_verdict *to)
{
	const struct demand *demand = &to->host->demand;

	if (demand->level == LEVEL_MAY)
		later_in_the_clear(one, to, g_strdup(demand->fails));
	else
		verdict_say(one, to, OUTCOME_DEFER, CAUSE_POLICY, g_strdup(demand->fails));
}

void verdict_of_session(const struct verdict_case *one, struct host_verdict *to,
	const struct session *session, const struct judgement *judgement,
	const struct certificate *certificate)
{
	const struct demand *demand = &to->host->demand;
	gboolean offered = session->protocol || session->stage >= PROBE_HANDSHAKE;

	if (session->stage == PROBE_STARTTLS && session->fault == PROBE_SAID_NO)
		without_tls(one, to, session);
	else if (session->fault == PROBE_NO_STARTTLS)
		without_tls(one, to, session);
	else if (demand->level == LEVEL_NONE && session->fault == PROBE_FINE)
		in_the_clear(one, to, NULL);
	else if (offered && demand->never_starts)
		never_starts(one, to);
	else if (session->protocol && !certificate_passes(one, to, judgement, certificate))
		return;
	else if (session->fault == PROBE_FINE || helo_will_do(session))
		deliver(one, to, session, judgement);
	else
		broken(one, to, session);
}
