/*
 * network: what the program may ask of the network.
 *
 * The event loop and the resolver behind it are libraries that take 0.9 ms to load, which a command
 * that only reads the table should not pay. So the live part of net/ is a module (tlspol-net.so);
 * this table is all that it shows. cmd/network.c loads it.
 */
#ifndef TLSPOL_NET_NETWORK_H
#define TLSPOL_NET_NETWORK_H

#include "net/survey.h"

/* What doctor learns of a resolver. The texts are the caller's to free. */
struct resolver_report {
	struct dns_answer root_key; /* the root's DNSKEY set: FOUND and secure when all is well */
	struct dns_answer probe;    /* the address of the name that was given, or NOT_ASKED */
	char *servers;		    /* "127.0.0.1 (/etc/resolv.conf)" */
	guint milliseconds;	    /* until the root's keys were validated */
	/*
	 * What Postfix goes by: whether the servers of resolv.conf set the AD bit on what is
	 * signed. UNKNOWN when others were named, or none of them answers.
	 */
	enum { RESOLVER_AD_UNKNOWN, RESOLVER_AD_MISSING, RESOLVER_AD_SET } ad;
};

struct network {
	const char *version; /* TLSPOL_VERSION of the module: has to be the program's */
	struct survey *(*survey_new)(const struct survey_settings *settings, GError **error);
	enum survey_end (*survey_run)(
		struct survey *survey, survey_next *next, survey_seen *seen, gpointer data);
	const struct survey_counts *(*survey_counts)(const struct survey *survey);
	void (*survey_free)(struct survey *survey);
	/*
	 * `probe` is a name that has to fail validation (bogus), or NULL. Takes 10 s at most.
	 * Errors are those of resolver_new(); servers that do not answer are in the report.
	 */
	gboolean (*resolver_test)(const struct survey_settings *settings, const char *probe,
		struct resolver_report *report, GError **error);
};

/* The symbol the module exports. */
#define NETWORK_SYMBOL "tlspol_network"
extern const struct network tlspol_network;

#endif
