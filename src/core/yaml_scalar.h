/*
 * yaml_scalar: when a text may stand plain in YAML, and how to quote it when not.
 */
#ifndef TLSPOL_CORE_YAML_SCALAR_H
#define TLSPOL_CORE_YAML_SCALAR_H

#include "core/text.h"

/*
 * TRUE when every YAML 1.1 and 1.2 reader takes the plain text for this very string in block
 * style: no word or number of a type, no indicator, one line of printable ASCII.
 */
gboolean yaml_scalar_is_plain(struct text text);

/* In double quotes. Bytes that are not UTF-8 become U+FFFD: YAML cannot carry them. */
void yaml_scalar_append_quoted(GString *to, struct text text);

/* Plain where it may be, else double-quoted. */
void yaml_scalar_append(GString *to, struct text text);

#endif
