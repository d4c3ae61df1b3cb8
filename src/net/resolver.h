/*
 * resolver: DNS with DNSSEC validation of our own (libunbound, thread mode), inside an event loop.
 *
 * Nobody's AD bit is believed. The queue in front of libunbound keeps few questions outstanding
 * (its pipe blocks the loop otherwise), and every question has a deadline of ours.
 */
#ifndef TLSPOL_NET_RESOLVER_H
#define TLSPOL_NET_RESOLVER_H

#include "core/observation.h"

struct event_base;

struct resolver_settings {
	/*
	 * NULL = the servers of /etc/resolv.conf; "ADDRESS[@PORT]" = a forwarder; "recursive" = the
	 * authoritative servers themselves.
	 */
	const char *resolver;
	const char *trust_anchor; /* file with DS or DNSKEY of the root; NULL = the system's */
	const char *root_hints;	  /* for "recursive"; NULL = the built-in list */
	guint outstanding;	  /* questions at a time; 0 = 128 */
};
struct resolver;
/*
 * UNAVAILABLE or CONFIG (with what to install: dns-root-data) when there is no trust anchor or no
 * resolv.conf. Blocks signals while libunbound makes its thread.
 */
struct resolver *resolver_new(
	struct event_base *base, const struct resolver_settings *settings, GError **error);
void resolver_free(struct resolver *resolver); /* no callback comes afterwards */

enum dns_type { DNS_A = 1, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28, DNS_TLSA = 52, DNS_CNAME = 5 };

struct dns_reply {
	struct dns_answer answer;
	const char *canonical; /* end of the CNAMEs; NULL = the name itself */
	guint count;	       /* at most DNS_RECORDS_MAX */
	const guint8 *const *rdata;
	const int *size;
};
#define DNS_RECORDS_MAX 1000

typedef void resolver_done(const struct dns_reply *reply, gpointer data);
struct dns_question;
/* `done` is called once, from the loop, never from within resolver_ask(). */
struct dns_question *resolver_ask(struct resolver *resolver, const char *name, enum dns_type type,
	guint timeout_ms, resolver_done *done, gpointer data);
void resolver_cancel(struct dns_question *question);

/* Rdata as text. FALSE when it is malformed. */
gboolean dns_mx_read(const guint8 *rdata, int size, guint *preference, char **host);
char *dns_address_read(enum dns_type type, const guint8 *rdata, int size);
/* TXT: the strings joined (RFC 8461 3.1). */
char *dns_txt_read(const guint8 *rdata, int size, gsize *len);

#endif
