/*
 * yaml_scalar: when a text may stand plain in YAML, and how to quote it when not.
 */
#ifndef TLSPOL_CORE_YAML_SCALAR_H
#define TLSPOL_CORE_YAML_SCALAR_H

#include "core/text.h"

/* Plain when every YAML 1.1 and 1.2 reader takes it for this very string, else double-quoted. */
void yaml_scalar_append(GString *to, struct text text);

#endif
