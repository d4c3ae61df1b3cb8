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
 * and named in `problems` (fresh strings). A map has no clock: it says what is in force at
 * `now_us` (core/exception.h). FALSE with STATUS_IO.
 */
gboolean map_out(
	const struct policy_set *set, gint64 now_us, FILE *to, GPtrArray *problems, GError **error);

/*
 * The same for rows that come in portions and in any order, as from store_scan(): what is kept of
 * a row is its line.
 */
struct map_lines;
struct map_lines *map_lines_new(gint64 now_us);
void map_lines_free(struct map_lines *map);
typedef struct map_lines map_lines_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(map_lines_t, map_lines_free)
void map_lines_add(struct map_lines *map, const struct policy_set *rows);
gboolean map_lines_write(struct map_lines *map, FILE *to, GPtrArray *problems, GError **error);

/*
 * "policies:" and one line per row; rows with a note, origin, provider or exception in the long
 * form. Rows without extras come out in exactly the subset that the fast reader takes (facts:
 * bulk). Reading it back gives the same set, byte for byte.
 */
gboolean yaml_out(const struct policy_set *set, FILE *to, GError **error);

#endif
