/*
 * tls_verify: one verification of a chain by OpenSSL, set up as Postfix's handshake would have it.
 *
 * Private to net/tls.h. Names and TLSA records are added between init and conclude.
 */
#ifndef TLSPOL_NET_TLS_VERIFY_H
#define TLSPOL_NET_TLS_VERIFY_H

#include "net/tls_private.h"

struct x509_store_ctx_st; /* OpenSSL's X509_STORE_CTX */

/* Fields of TLSA records (RFC 7218); the last is one for private use. */
enum {
	USAGE_PKIX_TA = 0,
	USAGE_DANE_TA = 2,
	USAGE_DANE_EE = 3,
	SELECTOR_CERTIFICATE = 0,
	SELECTOR_KEY = 1,
	MATCHING_FULL = 0,
	MATCHING_FINGERPRINT = 255,
};

struct verification {
	struct tls *tls;
	struct stack_st_X509 *chain; /* as it was sent */
	/*
	 * Never connected: it carries names and TLSA records the way Postfix's do, so that OpenSSL
	 * takes the same decisions.
	 */
	struct ssl_st *ssl;
	struct x509_store_st *store;
	guint level;	/* OpenSSL's security level */
	gboolean dane;	/* goes by records of `ssl`, ... */
	guint usable;	/* ... of which so many were taken */
	guint names;	/* how many were taken */
	GArray *faults; /* of struct fault */
	struct x509_store_ctx_st *result;
};

void verification_init(struct verification *verification, struct tls *tls,
	const struct tls_chain *chain, struct x509_store_st *store, guint level);
void verification_release(struct verification *verification);

/* NULL-terminated, or NULL. */
void verification_add_names(struct verification *verification, const char *const *names);
/* Goes by TLSA records instead of `store` from now on. Without `ee_names` usage 3 needs no name. */
void verification_set_dane(struct verification *verification, gboolean ee_names);
void verification_add_record(struct verification *verification, guint8 usage, guint8 selector,
	guint8 matching, const void *data, gsize size);

/*
 * Verifies: trusted, named, matched, why, rests. The leaf of `words` is filled in. Where a name is
 * needed and none was taken nothing matches: OpenSSL would check none, Postfix fails such a
 * session.
 */
void verification_conclude(struct verification *verification, struct judge_words *words,
	gboolean needs_name, struct judgement *judgement);
/* After a match: the name in the certificate; the record or the fingerprint. Fresh strings. */
char *verification_peer_name(const struct verification *verification, const char *const *names);
char *verification_record_words(const struct verification *verification);

#endif
