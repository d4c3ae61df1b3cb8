/*
 * resolver: DNS with DNSSEC validation of our own (libunbound, thread mode), inside an event loop.
 *
 * Nobody's AD bit is believed. The queue in front of libunbound keeps few questions outstanding
 * (its pipe blocks the loop otherwise), every question has a deadline of ours, and the same
 * question is asked once as long as it is under way.
 */
#ifndef TLSPOL_NET_RESOLVER_H
#define TLSPOL_NET_RESOLVER_H

#include "core/observation.h"

struct event_base;

struct resolver_settings {
	/*
	 * NULL = the servers of /etc/resolv.conf, as glibc reads it; "ADDRESS[@PORT]" = a
	 * forwarder; "recursive" = the authoritative servers themselves.
	 */
	const char *resolver;
	const char *trust_anchor; /* file with DS or DNSKEY of the root; NULL = the system's */
	const char *root_hints;	  /* for "recursive"; NULL = the built-in list */
	guint outstanding;	  /* questions at a time; 0 = 128 */
};
struct resolver;
/*
 * CONFIG when the system has no trust anchor (what to install: dns-root-data), NO_INPUT and DATA
 * for files that were named, USAGE for a resolver that is no address, OS when libunbound does not
 * start. Nothing is sent yet. The soft limit of open files is raised for the whole process: each
 * question takes one. `base` has to outlive the resolver.
 */
struct resolver *resolver_new(
	struct event_base *base, const struct resolver_settings *settings, GError **error);
/* No callback comes afterwards. Not from within a callback of this resolver. */
void resolver_free(struct resolver *resolver);
/* Who is asked, in words: "127.0.0.1 (/etc/resolv.conf)". */
const char *resolver_servers(const struct resolver *resolver);

/* clang-format off */
enum dns_type {
	DNS_A = 1, DNS_CNAME = 5, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28, DNS_DNSKEY = 48,
	DNS_TLSA = 52,
};
/* clang-format on */

/* Lives as long as the call of `done`. */
struct dns_reply {
	struct dns_answer answer;
	const char *canonical; /* end of the CNAMEs, no final dot; NULL = the name itself */
	guint count;	       /* at most DNS_RECORDS_MAX; not 0 when FOUND, 0 else */
	const guint8 *const *rdata;
	const int *size;
};
#define DNS_RECORDS_MAX 1000

typedef void resolver_done(const struct dns_reply *reply, gpointer data);
struct dns_question;
/*
 * `done` is called once, from the loop, never from within resolver_ask(). The handle ends with
 * that call. From within `done` more may be asked and others be cancelled.
 *
 * `name` is ASCII (A-labels), a final dot makes no difference; a name that no host can have (odd
 * bytes, labels over 63) is FAILED and not sent. `timeout_ms` begins when the question is sent,
 * so a long queue makes no timeouts. Servers that do not answer are FAILED after 2 to 4 s each:
 * with less patience they are TIMEOUT.
 */
struct dns_question *resolver_ask(struct resolver *resolver, const char *name, enum dns_type type,
	guint timeout_ms, resolver_done *done, gpointer data);
void resolver_cancel(struct dns_question *question); /* no callback comes; NULL is fine */

/*
 * Rdata as text; FALSE or NULL when it is malformed. Names come without the final dot, the root as
 * ".", and bytes that no host name has as in master files (RFC 1035 5.1: \. \\ \032), so they are
 * printable whatever the server sent.
 */
gboolean dns_mx_read(const guint8 *rdata, int size, guint *preference, char **host);
char *dns_address_read(enum dns_type type, const guint8 *rdata, int size);
/* TXT: the strings joined (RFC 8461 3.1); may hold any byte, a NUL is behind it. */
char *dns_txt_read(const guint8 *rdata, int size, gsize *len);

#endif
