/*
 * verdict: what Postfix would do with mail for a destination today (facts 4.4), and what a
 * postmaster should know besides. Pure.
 *
 * Addresses of hosts of one preference are tried in a random order, so an outcome may be another
 * one at the next attempt: it is the worst that can come, where mail leaves at all; a host that
 * defers only sends Postfix on to the next. smtp_mx_address_limit counts what Postfix comes to,
 * hosts that the policy passes by included; smtp_mx_session_limit counts sessions in which mail
 * was offered, and is never reached here. Where the facts are silent it follows Postfix's
 * smtp_connect.c and smtp_proto.c.
 */
#ifndef TLSPOL_CORE_VERDICT_H
#define TLSPOL_CORE_VERDICT_H

#include "core/observation.h"

enum outcome {
	OUTCOME_DELIVER,   /* encrypted, and as the row demands */
	OUTCOME_PLAINTEXT, /* it goes out in the clear */
	OUTCOME_DEFER,
	OUTCOME_BOUNCE, /* null MX, no such domain: no policy can help */
	OUTCOME_UNKNOWN,
};
const char *outcome_name(enum outcome outcome); /* "deliver" … */

/* Whose fault it is that mail is not delivered as the row says. */
enum cause {
	CAUSE_NONE,
	CAUSE_POLICY, /* the row and the server do not fit: it stays so until one of them changes */
	CAUSE_SERVER, /* refused, closed, 4xx, no SMTP: it may pass */
	CAUSE_DNS,
	CAUSE_TIME, /* our time was up */
};
const char *cause_name(enum cause cause);

/* What one address would bring. */
struct host_verdict {
	const struct observed_host *host;
	const struct observed_address *address; /* NULL: it was skipped, or has none */
	enum outcome outcome;
	enum cause cause;
	char *reason; /* in words, names host and what is wrong; also for deliver ("matched mx…") */
	gboolean tried;	  /* FALSE: Postfix comes to it only when earlier ones fail, or never */
	gboolean delayed; /* PLAINTEXT of mail that was deferred once: level may, no handshake */
	char *trust; /* Postfix's log word: "Verified", "Trusted", "Untrusted"; NULL = no TLS */
};

/* clang-format off */
/* id, enum, default weight in `verify` (finding = changes the exit status), one line for the manual */
#define NOTE_LIST(X)                                                                              \
	X(EXPIRES,        "expires",         TRUE,  "a certificate that the verdict rests on ends soon") \
	X(SOME_HOSTS,     "some-hosts",      TRUE,  "only some of the hosts pass")                \
	X(KEYS_DIFFER,    "keys-differ",     TRUE,  "the RSA and the ECDSA certificate fare differently") \
	X(DELAYED,        "delayed",         TRUE,  "the first attempt is deferred, a later one goes out in the clear") \
	X(INJECTION,      "injection",       TRUE,  "there is plaintext behind the reply to STARTTLS") \
	X(FACES_DANE,     "shadows-dane",    FALSE, "the row overrides DANE that would authenticate this destination") \
	X(FACES_STS,      "shadows-sts",     FALSE, "the row overrides an MTA-STS policy in mode enforce") \
	X(STS_MISMATCH,   "sts-mismatch",    FALSE, "the MX hosts are not those of the MTA-STS policy") \
	X(STS_BROKEN,     "sts-broken",      FALSE, "an MTA-STS record without a usable policy")  \
	X(STRONGER,       "stronger",        FALSE, "a stronger level would work")                \
	X(DEGRADED,       "degraded",        FALSE, "the level in force is not the one of the row") \
	X(PROVIDER,       "provider",        TRUE,  "the MX hosts belong to another provider than the row was made for") \
	X(PIN_ALONE,      "pin-alone",       FALSE, "only one pin matches and there is none for the next key") \
	X(NO_CA,          "no-ca",           FALSE, "main.cf names no CA file: verify and secure never match") \
	X(UNTRUSTED_MX,   "untrusted-mx",    FALSE, "the check rests on an MX record that DNSSEC does not protect")
/* clang-format on */
enum note_id {
#define NOTE_ENUM(id, name, finding, words) NOTE_##id,
	NOTE_LIST(NOTE_ENUM)
#undef NOTE_ENUM
		NOTE_COUNT
};
struct note {
	enum note_id id;
	gboolean finding;
	char *text;
};
const char *note_name(enum note_id id);

struct verdict {
	enum outcome outcome;
	enum cause cause;
	gboolean delayed; /* PLAINTEXT only after a first deferral (level may, handshake fails) */
	enum level effective; /* of the host that decides; LEVEL_UNKNOWN = none does */
	char *reason;	      /* one line: the deciding host's, or the worst of all */
	GPtrArray *hosts;     /* owns struct host_verdict *, in the order Postfix tries them */
	GPtrArray *notes;     /* owns struct note *, findings first */
	gint64 rests_until;   /* first end of a certificate that it rests on; 0 = none */
};
void verdict_release(struct verdict *verdict);
typedef struct verdict verdict_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(verdict_t, verdict_release)

struct verdict_settings {
	const struct client_settings *client;
	gint64 now;    /* seconds since 1970, UTC */
	gint64 ahead;  /* seconds: certificates that end within are a finding */
	guint timeout; /* seconds we wait at each step; where Postfix waits longer, a timeout is
			  unknown */
};

/*
 * "2026-12-24, in 31 days": the day, in UTC, and how far away that is, in hours within two days. A
 * fresh string.
 */
char *verdict_end_words(gint64 end, gint64 now);

/*
 * "mx.example.com[192.0.2.1]", with the port unless it is 25: what reasons begin with. `address`
 * may be NULL. A fresh string.
 */
char *verdict_who(const struct observation *observation, const struct observed_host *host,
	const struct observed_address *address);

/* `observation` has its demands, sessions and judgements; it must outlive the verdict. */
void verdict_judge(const struct policy *policy, const struct observation *observation,
	const struct verdict_settings *settings, struct verdict *verdict);

#endif
