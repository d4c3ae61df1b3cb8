/*
 * policies_readers: one reader per format of policy files. Private to files/.
 *
 * The text has been checked (text_check.h) and belongs to `set` already, so that rows may point
 * into it; it may be changed. `file` is its number in the set, for rows and for messages.
 */
#ifndef TLSPOL_FILES_POLICIES_READERS_H
#define TLSPOL_FILES_POLICIES_READERS_H

#include "core/policy_set.h"

typedef void policies_reader(
	char *text, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems);
policies_reader yaml_in, map_in, csv_in, json_in, eff_in;

#endif
