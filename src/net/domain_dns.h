/*
 * domain_dns: what DNS tells about one destination: MX, addresses, TLSA, in the order Postfix asks
 * and with the DNSSEC state of each answer (facts 4.3).
 */
#ifndef TLSPOL_NET_DOMAIN_DNS_H
#define TLSPOL_NET_DOMAIN_DNS_H

#include "net/survey.h"

struct domain_dns;
typedef void domain_dns_done(gpointer data);
/*
 * Fills in mx_*, hosts with their addresses in the order Postfix tries them, and TLSA. TLSA is
 * asked for where DNS is secure all along, and with `wants_tlsa` (the row, or the default level,
 * is dane or dane-only) also where the MX answer is not. `done` comes once, not from within.
 */
struct domain_dns *domain_dns_start(struct survey *survey, struct observation *observation,
	gboolean wants_tlsa, domain_dns_done *done, gpointer data);
/* No callback comes. What was not answered is a DNS_TIMEOUT in the observation. */
void domain_dns_stop(struct domain_dns *dns);

#endif
