/*
 * yaml_fast: the policies file in the form that `export yaml` writes, read line by line without
 * libyaml (facts: bulk, "The fast reader"). Private to files/.
 *
 * What it takes, all of it or nothing:
 *   1. the first line is "policies:", and at least one more follows, each ended by LF;
 *   2. each of these is two blanks, KEY, ": ", VALUE;
 *   3. KEY is 1 to 255 of a-z 0-9 . _ - : [ ] in double quotes, or plain: a-z 0-9 . first, then
 *      also _ and -;
 *   4. VALUE is one of Postfix's levels in lower case, followed by printable ASCII: no ": ", no
 *      " #", no two blanks side by side, no blank or colon at its end;
 *   5. key and attributes fit into a row.
 * Nothing in such a line means anything to YAML beyond what it says: it can neither continue the
 * line before it nor be continued. tests/fuzz/fuzz_yaml_fast.c compares the two readers.
 */
#ifndef TLSPOL_FILES_YAML_FAST_H
#define TLSPOL_FILES_YAML_FAST_H

#include "core/policy_set.h"

/* FALSE: nothing was appended, it is for libyaml to read the file and to say what is wrong. */
gboolean yaml_fast(const char *buffer, gsize len, guint8 file, struct policy_set *set);

#endif
