/*
 * idn: names from the outside world become the keys that are stored (IDNA 2008, libidn2).
 *
 * Unicode stops here: the core sees folded text only.
 *
 * Which key belongs to a U-label (facts 1.3): Postfix never converts. For mail addressed with the
 * A-label it asks for the A-label, for mail addressed with the U-label (SMTPUTF8) it asks for the
 * U-label after full case folding. Folding is not what IDNA 2008 does to a name: sharp s and the
 * final sigma are letters of their own there. So straße.example is xn--strae-oqa.example in the
 * DNS, and that is its key; the folded form, strasse.example, is the name of another domain.
 */
#ifndef TLSPOL_NET_IDN_H
#define TLSPOL_NET_IDN_H

#include "core/text.h"

/*
 * The key to store for a key as typed: case-folded; every U-label becomes its A-label (capitals
 * as small letters, NFC, then the rules RFC 5891 has for registration, so that a symbol, a wrong
 * joiner or a hyphen at an end is refused); brackets, dots and port are kept, and ASCII is only
 * folded even when it is no host name (core/rules judges it). Paths of sockets are only folded.
 *
 * An ASCII label "xn--…" has to be punycode; what it stands for is not judged, since Postfix
 * asks for it whatever it is and such domains exist. DATA when a label is no valid IDNA 2008
 * name or the text is not UTF-8; the message names the label and libidn2's reason. A fresh string.
 */
char *idn_key(struct text key, GError **error);

/*
 * The folded U-label form of the same key, typed as U-labels or A-labels (Postfix asks for that
 * one under SMTPUTF8), or NULL without error when no label is an IDN. A fresh string.
 *
 * DATA also when the folded form is plain ASCII (strasse.example above): a row for it would be
 * a policy for another domain, so it has to be asked for by its own name.
 */
char *idn_key_unicode(struct text key, GError **error);

#endif
