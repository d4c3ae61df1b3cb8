/*
 * tlsa: one TLSA record (RFC 6698, RFC 7671) and what Postfix makes of it (facts 4.3).
 */
#ifndef TLSPOL_CORE_TLSA_H
#define TLSPOL_CORE_TLSA_H

#include <glib.h>

enum tlsa_use {
	TLSA_USABLE,
	/*
	 * Usages 0, 1 and above 3, private matching type 255, rdata that breaks off: Postfix drops
	 * it before OpenSSL sees it. Only such records: dane -> encrypt, dane-only -> the host is
	 * skipped.
	 */
	TLSA_UNSUPPORTED,
	/*
	 * Usage 2 or 3, but OpenSSL refuses it: a digest of the wrong length, an unknown selector
	 * or matching type, a full certificate or key that cannot be decoded. Only such: dane ->
	 * encrypt, dane-only connects and then defers, "Server certificate not verified".
	 */
	TLSA_UNUSABLE,
};

#define TLSA_DATA_MAX 65535

struct tlsa {
	guint8 usage, selector, matching;
	enum tlsa_use use;
	guint8 *data; /* owned */
	gsize size;
};

/*
 * Reads the rdata of one record. Never fails: what is no TLSA record is UNSUPPORTED with no data.
 * Full certificates and keys (matching type 0) come out USABLE here; whether they can be decoded
 * only net/tls.h can say (tls_tlsa_judge()).
 */
void tlsa_parse(const guint8 *rdata, gsize size, struct tlsa *tlsa);
void tlsa_release(struct tlsa *tlsa);

/*
 * Digest agility (RFC 7671 section 9) as Postfix has it: of the usable records of one usage and
 * selector only those of matching type 0 and of the strongest digest count. `digests` is
 * tls_dane_digests ("sha512 sha256"), strongest first; a digest that is not listed is unusable.
 * `records` holds struct tlsa *; kept[i] gets whether record i counts.
 */
void tlsa_strongest(const GPtrArray *records, const char *digests, gboolean *kept);

/* "3 1 1 0123…cdef"; long data is cut in the middle when `brief`. A fresh string. */
char *tlsa_format(const struct tlsa *tlsa, gboolean brief);

/* A fresh GPtrArray that owns struct tlsa *. */
GPtrArray *tlsa_array_new(void);

#endif
