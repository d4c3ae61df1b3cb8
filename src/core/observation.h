/*
 * observation: everything a look at one destination told: DNS, sessions, certificates, MTA-STS.
 *
 * Plain data. net/ fills it, core/demand.h and core/verdict.h read it, tests write it by hand.
 * All strings are owned, all texts of servers are printable and short.
 */
#ifndef TLSPOL_CORE_OBSERVATION_H
#define TLSPOL_CORE_OBSERVATION_H

#include "core/demand.h"
#include "core/sts.h"
#include "core/tlsa.h"

enum dns_state {
	DNS_NOT_ASKED,
	DNS_FOUND,
	DNS_NO_DATA, /* the name is there, not with this type */
	DNS_NO_NAME, /* NXDOMAIN */
	DNS_FAILED,  /* SERVFAIL, REFUSED, no server answered */
	DNS_BOGUS,   /* DNSSEC validation failed; for Postfix the same as FAILED */
	DNS_TIMEOUT, /* our own patience ended; nothing is known */
};

struct dns_answer {
	enum dns_state state;
	gboolean secure; /* validated, also a validated absence (Postfix: AD) */
	char *why;	 /* of BOGUS, FAILED: the validator's words; else NULL */
};

/* How far a session came; PROBE_QUIT = all the way. */
enum probe_stage {
	PROBE_CONNECT,
	PROBE_GREETING,
	PROBE_EHLO,
	PROBE_STARTTLS,
	PROBE_HANDSHAKE,
	PROBE_EHLO_AGAIN,
	PROBE_QUIT,
};
enum probe_fault {
	PROBE_FINE,
	PROBE_REFUSED,	   /* connect: ECONNREFUSED */
	PROBE_UNREACHABLE, /* connect: any other error */
	PROBE_TIMEOUT,
	PROBE_CLOSED,	/* the peer ended the connection */
	PROBE_SAID_NO,	/* a reply with another code than the one that goes on: `reply`, `said` */
	PROBE_NOT_SMTP, /* not a reply at all */
	PROBE_TOO_LONG, /* a line or a reply without end */
	PROBE_TLS,	/* the handshake failed: `why` is OpenSSL's reason */
	PROBE_NO_STARTTLS, /* not among the EHLO keywords; EHLO was refused (`reply` is set);
			      Postfix would not say EHLO to such a greeting (`why`) */
};
const char *probe_stage_words(enum probe_stage stage); /* "while reading the greeting" … */

struct tls_chain; /* net/tls.h: the certificates as they were sent */

/* What one connection showed. Shared by all rows that ask for the same; see session_ref(). */
struct session {
	gint references;
	enum probe_stage stage;
	enum probe_fault fault;
	int reply;	/* SMTP code of SAID_NO; 0 = none */
	char *said;	/* its first line, printable, at most 200 bytes; NULL */
	char *why;	/* errno's or OpenSSL's words; NULL */
	char *protocol; /* "TLSv1.3", NULL = no TLS */
	char *cipher;	/* "TLS_AES_256_GCM_SHA384" */
	struct tls_chain *chain;
	gboolean injected; /* plaintext behind the reply to STARTTLS: Postfix throws it away and
			      goes on, and so do we (CVE-2011-0411 the other way) */
	void (*chain_free)(struct tls_chain *chain); /* set with the chain: tls_chain_unref() */
};
struct session *session_new(void); /* one reference, all fine, nothing known */
struct session *session_ref(struct session *session);
void session_unref(struct session *session);

/* About the server's certificate, whatever a policy wants of it. */
struct certificate {
	char *subject;	  /* CN, or the first name */
	char *issuer;	  /* CN or O */
	char **names;	  /* DNS names of subjectAltName, or the CN without any; printable */
	const char *kind; /* "RSA", "ECDSA", "Ed25519", … static */
	guint bits;
	gint64 not_before, not_after;	       /* seconds since 1970, UTC */
	char *certificate_digest, *key_digest; /* in smtp_tls_fingerprint_digest: "AB:CD:…" */
};
void certificate_free(struct certificate *certificate);

/* Whether a chain is what a demand wants (facts 4.2, 4.3). */
struct judgement {
	gboolean done;	    /* FALSE: there was no chain to judge, or nothing was demanded of it */
	gboolean trusted;   /* chain to an anchor of the demand, dates, purpose (verify, secure,
			       DANE-TA) */
	gboolean named;	    /* a name of the demand is in the certificate, or none is needed */
	gboolean matched;   /* all that the level wants: Postfix's "Verified" */
	char *by;	    /* what matched: the name, "3 1 1 ab…", the fingerprint; NULL */
	char *why;	    /* why not, in words; NULL when matched */
	gint64 rests_until; /* first end of a certificate that the match depends on; 0 = none does
			     */
	char *rests_on;	    /* its subject */
};
void judgement_release(struct judgement *judgement);

enum key_kind { KEY_KIND_ANY, KEY_KIND_ECDSA, KEY_KIND_RSA, KEY_KINDS };

/* One address of a host, and what a session with it showed. */
struct observed_address {
	char *text; /* "192.0.2.1", "2001:db8::1" */
	gboolean ipv6;
	gboolean
		over_limit; /* behind smtp_mx_address_limit: Postfix would not try it; not probed */
	struct session *session; /* NULL: not probed */
	struct certificate *certificate;
	struct judgement judgement; /* of what the row demands */
	/* For the notes; not done where there was no chain or nothing to judge by. */
	struct judgement webpki; /* chain to the CAs, name = MX host or next-hop */
	struct judgement dane; /* usable TLSA records of this host, where DNS is secure all along */
	/* With --both-keys: the same with only this kind of key offered; [KEY_KIND_ANY] is unused.
	 */
	struct {
		struct session *session;
		struct certificate *certificate;
		struct judgement judgement;
	} kinds[KEY_KINDS];
};

/* One MX host, or the next-hop itself. */
struct observed_host {
	char *name; /* as the MX record has it, without the final dot; an address for literals */
	guint preference;
	struct dns_answer addresses_answer; /* A and AAAA together: secure only when both are */
	char *canonical;       /* the end of its CNAMEs, validated or not; NULL = no CNAME */
	gboolean alias_secure; /* it is a CNAME in a secure zone, though its target may not be */
	GPtrArray *addresses;  /* owns struct observed_address *, in the order Postfix tries them */
	struct dns_answer tlsa_answer; /* at tlsa_base */
	char *tlsa_base; /* where the records were found, or last looked for; NULL = not asked */
	GPtrArray *tlsa; /* owns struct tlsa *; NULL = none */
	struct demand demand;
};

enum mx_kind {
	MX_RECORDS,  /* MX records */
	MX_IMPLICIT, /* none: the domain's own address (RFC 5321 5.1) */
	MX_NULL,     /* "MX 0 .": takes no mail (RFC 7505) */
	MX_UNUSED,   /* [host], an address: no MX lookup */
	MX_UNKNOWN,  /* the lookup failed, or the domain does not exist: see mx_answer */
};

struct observation {
	struct nexthop nexthop;
	enum mx_kind mx_kind;
	struct dns_answer mx_answer; /* NOT_ASKED for MX_UNUSED */
	/*
	 * The end of the CNAMEs of the MX question, NULL = no CNAME. Postfix takes it, too, as a
	 * name for DANE-TA (facts 4.3).
	 */
	char *mx_canonical;
	GPtrArray *hosts;     /* owns struct observed_host *, by preference, then name */
	guint hosts_left_out; /* MX records beyond what is kept (OBSERVED_HOSTS_MAX) */
	struct sts_observation sts;
	gboolean interrupted; /* the deadline or a signal came before all was seen */
};
#define OBSERVED_HOSTS_MAX 100

struct observation *observation_new(const struct nexthop *nexthop);
void observation_free(struct observation *observation);
typedef struct observation observation_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(observation_t, observation_free)

/* Fresh, empty parts, added to their owner. */
struct observed_host *observation_add_host(
	struct observation *observation, const char *name, guint preference);
struct observed_address *observed_host_add_address(struct observed_host *host, const char *text);

/* The last two labels of a host's name, a part of it: what a reader takes for its provider. */
const char *host_provider(const char *name);

#endif
