/*
 * explain_words: what a policy demands of a mail server, in words (facts 2.4, 2.5 and 4.1).
 */
#ifndef TLSPOL_CMD_EXPLAIN_WORDS_H
#define TLSPOL_CMD_EXPLAIN_WORDS_H

#include "core/policy.h"

/* What main.cf adds to a policy that leaves something open. */
struct explain_defaults {
	const char *verify_match, *secure_match; /* smtp_tls_verify_cert_match, …secure… */
	const char *servername;			 /* smtp_tls_servername; "" = no SNI */
	int postfix_version;
	guint width; /* of the text */
};

/* Level, names, server name, failure: a paragraph each, for mail to `nexthop`. */
void explain_policy(GString *to, const struct policy *policy, struct text nexthop,
	const struct explain_defaults *defaults);

#endif
