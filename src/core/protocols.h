/*
 * protocols: which TLS versions a protocols= value leaves the SMTP client (facts 2.3, 4.1).
 */
#ifndef TLSPOL_CORE_PROTOCOLS_H
#define TLSPOL_CORE_PROTOCOLS_H

#include "core/text.h"

enum protocol {
	PROTOCOL_TLSV1 = 1 << 0,
	PROTOCOL_TLSV1_1 = 1 << 1,
	PROTOCOL_TLSV1_2 = 1 << 2,
	PROTOCOL_TLSV1_3 = 1 << 3,
};
#define PROTOCOLS_ALL 0xfu

struct protocols {
	unsigned allowed;    /* bits of enum protocol: what the list asks for */
	struct text bad;     /* first element no Postfix reads; absent = none */
	struct text bound;   /* first ">=VER" or "<=VER" (Postfix 3.6+); absent = none */
	struct text unknown; /* first bound with a number OpenSSL does not know, and ignores */
};

/*
 * Reads a list as tls_proto_mask_lims() does: several includes exclude the rest, the last bound
 * of a kind wins, SSLv2 masks nothing, and there is no SSLv3 in today's OpenSSL.
 */
void protocols_parse(struct text list, struct protocols *protocols);

/*
 * What OpenSSL offers of `allowed`: a client cannot leave a version out in the middle, so only
 * the lowest range without a hole remains. 0 = the handshake fails. Above encrypt Postfix runs
 * OpenSSL at security level 1, where a handshake of TLS 1.0 or 1.1 fails for its signatures.
 */
unsigned protocols_offered(unsigned allowed);
#define PROTOCOLS_MODERN (PROTOCOL_TLSV1_2 | PROTOCOL_TLSV1_3)

/* "TLSv1.2, TLSv1.3"; a fresh string. */
char *protocols_format(unsigned protocols);

#endif
