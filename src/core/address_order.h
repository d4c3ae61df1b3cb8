/*
 * address_order: in which order Postfix tries the addresses of a destination, and which of them it
 * never comes to.
 */
#ifndef TLSPOL_CORE_ADDRESS_ORDER_H
#define TLSPOL_CORE_ADDRESS_ORDER_H

#include "core/observation.h"

/* Hosts by preference, then by name: Postfix shuffles those of the same preference. */
void hosts_order(struct observation *observation);

/*
 * Addresses by smtp_address_preference ("any" is a random order, of which this is one: IPv6 first),
 * over_limit for those behind smtp_mx_address_limit. With smtp_balance_inet_protocols neither
 * family crowds out the other: where both have more than half of the limit each gets half, else the
 * smaller one is kept whole. `hosts` have to be in order.
 */
void addresses_order(struct observation *observation, const struct client_settings *client);

/* How many of its addresses are not over_limit. */
guint addresses_within_limit(const struct observed_host *host);

#endif
