/*
 * lookup: the keys Postfix asks a policy table for, in order (facts section 1.2).
 */
#ifndef TLSPOL_CORE_LOOKUP_H
#define TLSPOL_CORE_LOOKUP_H

#include "core/policy_set.h"

/*
 * Splits a destination into next-hops: "user@domain" gives its domain (domain literals included,
 * a trailing dot removed), a list "a.example, [b.example]:25" gives each element (Postfix 3.5+).
 * Fresh strings, folded. FALSE with STATUS_DATA when nothing in it could be a next-hop.
 */
gboolean lookup_nexthops(struct text destination, GPtrArray *nexthops, GError **error);

/* Appends the keys (fresh strings, folded) Postfix asks for one next-hop, in order. */
void lookup_keys(struct text nexthop, GPtrArray *keys);

/*
 * The row of a sorted set that answers for a next-hop, or NULL. *key_index is which of
 * lookup_keys() hit. Rows that are switched off, or over (core/exception.h), do not answer; the
 * answer of the others is row_policy_now().
 */
const struct policy_row *lookup_answer(
	const struct policy_set *set, const GPtrArray *keys, gint64 now_us, guint *key_index);

#endif
