/*
 * level: Postfix's TLS security levels, postconf(5) smtp_tls_policy_maps.
 */
#ifndef TLSPOL_CORE_LEVEL_H
#define TLSPOL_CORE_LEVEL_H

#include "core/text.h"

/* In the order of the table's enum column. LEVEL_UNKNOWN is a stored word that is none of them. */
enum level {
	LEVEL_NONE,
	LEVEL_MAY,
	LEVEL_ENCRYPT,
	LEVEL_DANE,
	LEVEL_DANE_ONLY,
	LEVEL_FINGERPRINT,
	LEVEL_VERIFY,
	LEVEL_SECURE,
	LEVEL_UNKNOWN,
};
#define LEVEL_COUNT LEVEL_UNKNOWN

/* Case-insensitive, as Postfix reads it. LEVEL_UNKNOWN when the word is no level. */
enum level level_parse(struct text word);

/* Lower-case name; "" for LEVEL_UNKNOWN. */
const char *level_name(enum level level);

/* All names, NULL-terminated, in enum order: choices of options, completion. */
const char *const *level_names(void);

/*
 * Why mail is protected less at `after` than at `before`, in words, or NULL when it is not.
 * The order is partial: encrypt -> dane may send in the clear, dane -> encrypt gives up
 * authentication; both are "weaker". Static text.
 */
const char *level_weaker(enum level before, enum level after);

#endif
