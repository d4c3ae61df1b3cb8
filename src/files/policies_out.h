/*
 * policies_out: writes a sorted policy set as Postfix map source or as YAML.
 *
 * JSON and CSV of the same rows are output/records.h's. Deterministic: the same set gives the
 * same bytes. Inactive rows are never written to a map.
 */
#ifndef TLSPOL_FILES_POLICIES_OUT_H
#define TLSPOL_FILES_POLICIES_OUT_H

#include <stdio.h>

#include "core/policy_set.h"

/*
 * key<TAB>level attributes. Rows that a map cannot carry so that `postmap -q` gives back what
 * the table says (a key with a blank, a newline or NUL in params, an unknown level) are left out
 * and named in `problems` (fresh strings). FALSE with STATUS_IO.
 */
gboolean map_out(const struct policy_set *set, FILE *to, GPtrArray *problems, GError **error);

/*
 * "policies:" and one line per row; rows with a note, origin or provider in the long form.
 * Rows without extras come out in exactly the subset that the fast reader takes (facts: bulk).
 * Reading it back gives the same set, byte for byte.
 */
gboolean yaml_out(const struct policy_set *set, FILE *to, GError **error);

#endif
