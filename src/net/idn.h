/*
 * idn: names from the outside world become the keys that are stored (IDNA 2008, libidn2).
 *
 * Unicode stops here: the core sees folded text only.
 */
#ifndef TLSPOL_NET_IDN_H
#define TLSPOL_NET_IDN_H

#include "core/text.h"

/*
 * The key to store for a key as typed: case-folded; a U-label in the host part becomes its
 * A-label, brackets, leading dot and port kept. ASCII keys are only folded, even when they are
 * no host names (core/rules judges them). DATA when it is not UTF-8 or no valid IDNA 2008 name;
 * the message names the label and libidn2's reason. A fresh string.
 */
char *idn_key(struct text key, GError **error);

/*
 * The folded U-label form of the same key (Postfix asks for that one under SMTPUTF8), or NULL
 * without error when the key has only ASCII labels.
 */
char *idn_key_unicode(struct text key, GError **error);

#endif
