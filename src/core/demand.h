/*
 * demand: what Postfix would demand of one host for a row: the effective level and all that goes
 * into the handshake and the check behind it (facts 4.1 to 4.5).
 *
 * Pure. For DANE it goes by what DNS said of the host (struct observed_host in core/observation.h).
 * Where the facts are silent it follows Postfix's smtp_tls_policy.c and tls_client.c.
 */
#ifndef TLSPOL_CORE_DEMAND_H
#define TLSPOL_CORE_DEMAND_H

#include "core/client_settings.h"
#include "core/policy.h"

/* Where mail goes: a key without what a transport adds, split (core/key.h). */
struct nexthop {
	char *text;	/* as Postfix has it: "example.com", "[mx.example.com]:587" */
	char *domain;	/* without brackets and port: the next-hop domain of facts 2.4; the
			   address for literals */
	guint port;	/* 25 unless the key says otherwise */
	gboolean no_mx; /* brackets or an address: no MX lookup */
	gboolean is_address;
};
/*
 * From a key that key_parse() took. FALSE with DATA for what cannot be looked at by itself:
 * ".parent" (name a host below it), the path of a socket.
 */
gboolean nexthop_parse(struct text key, struct nexthop *nexthop, GError **error);
void nexthop_release(struct nexthop *nexthop);
typedef struct nexthop nexthop_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(nexthop_t, nexthop_release)

/* Why a host is passed by. */
enum demand_skip {
	SKIP_NOT,
	SKIP_REFUSED,	/* Postfix refuses the policy, or main.cf: no host is ever tried */
	SKIP_UNFIT,	/* this host is not what the policy wants: no TLSA records, no MX of the
			   pattern */
	SKIP_LOOKUP,	/* a DNS lookup that DANE needs failed: it may pass */
	SKIP_NO_ANSWER, /* we did not learn what DNS says */
};
enum demand_kind {
	DEMAND_SESSION, /* connect, and go by `level` */
	DEMAND_SKIP,	/* Postfix does not connect to this host: `why` */
};

struct demand {
	enum demand_kind kind;
	enum demand_skip skip;
	char *why; /* Postfix's own words where it has any: "non DNSSEC destination" */
	/*
	 * NONE, MAY, ENCRYPT, DANE (TLSA must match; what dane and dane-only come to), FINGERPRINT,
	 * VERIFY, SECURE. `asked` is the row's own.
	 */
	enum level level, asked;
	gboolean half_dane;   /* DANE with an insecure MX: logged only "Trusted" */
	gboolean unusable;    /* ENCRYPT, because OpenSSL takes none of the TLSA records: logged
				 "Untrusted" whatever the certificate */
	gboolean wrappermode; /* implicit TLS: smtp_tls_wrappermode, or port 465, which needs a
				 transport that sets it */
	char *degraded;	      /* why level is not `asked`, in words; NULL */
	/* Into the handshake. */
	unsigned protocols;	 /* offered, bits of enum protocol */
	unsigned security_level; /* OpenSSL's: 0 up to encrypt, 1 above */
	const char *grade;	 /* "medium" */
	char *exclude;		 /* the row's or main.cf's list; NULL = none. What a level excludes
				    by itself (eNULL, aNULL) is not in it */
	char *sni;		 /* NULL = none is sent */
	/* What the chain is judged by. */
	char **names; /* VERIFY, SECURE, DANE (usage 2): as OpenSSL compares them, "mx.example.com",
			 ".example.com"; NULL elsewhere */
	char **pins;  /* FINGERPRINT: upper-case hex pairs with colons; those that can match */
	char *tafile; /* VERIFY, SECURE: NULL = the CAs of main.cf; several joined by \n */
	char *fails;  /* the session cannot pass whatever the server does (no protocol left, no
			 usable pin …): why; NULL */
	gboolean never_starts; /* `fails` is about TLS itself, not about the certificate */
};
void demand_release(struct demand *demand);
/*
 * What the handshake depends on as a text, a fresh one: where it is the same one session serves
 * both. The address and the port are compared elsewhere.
 */
char *demand_handshake_key(const struct demand *demand);

struct observation;
struct observed_host;

/*
 * `policy` is what the table answers, or NULL: smtp_tls_security_level then. Sets `demand` for one
 * host. A policy that Postfix refuses (core/rules.h: an error) skips every host, as Postfix does.
 */
void demand_for_host(const struct policy *policy, const struct client_settings *settings,
	const struct observation *observation, const struct observed_host *host,
	struct demand *demand);
/*
 * Only what its chain would be judged by at level dane, whatever the row and main.cf say: for
 * advice.
 */
void demand_of_dane(const struct observation *observation, const struct observed_host *host,
	struct demand *demand);

#endif
