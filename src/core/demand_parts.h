/*
 * demand_parts: what the files of core/demand.h share. Private to them.
 */
#ifndef TLSPOL_CORE_DEMAND_PARTS_H
#define TLSPOL_CORE_DEMAND_PARTS_H

#include "core/observation.h"

/* OpenSSL's security level where a certificate has to match (facts 4.1). */
#define SECURITY_LEVEL_MATCHING 1

/* One host being looked at. */
struct demand_case {
	const struct policy
		*policy; /* never NULL: the global level is a policy without attributes */
	const struct client_settings *settings;
	const struct observation *observation;
	const struct observed_host *host;
	struct demand *demand;
};

/* The next value of an attribute, in the order of the row. `cursor` as attributes_start() left it.
 */
gboolean demand_next_value(
	struct attribute_cursor *cursor, enum attribute_id id, struct text *value);
/* The last value of an attribute; absent when the row does not have it. */
struct text demand_value(const struct demand_case *one, enum attribute_id id);
/* The name Postfix knows the host by: what "hostname" stands for. */
const char *demand_hostname(const struct demand_case *one);
/* The host is passed by. `why` is taken over. */
void demand_skip(struct demand_case *one, enum demand_skip skip, char *why);

/* demand_dane.c: facts 4.3. Sets the level, names and SNI, or skips the host. */
void demand_resolve_dane(struct demand_case *one);
/* demand_names.c: facts 2.4 and 2.5. */
void demand_set_names(struct demand_case *one);
void demand_set_pins(struct demand_case *one);

#endif
