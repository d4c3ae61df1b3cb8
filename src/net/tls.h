/*
 * tls: OpenSSL for the live part: sessions set up as Postfix sets them up, the chain a server sent,
 * and what that chain is worth to a demand. facts 4.1 to 4.3.
 *
 * A handshake never fails because of a certificate: the chain is only collected, and judged
 * afterwards with OpenSSL's own verifiers, so that one session serves every row that would have
 * made the same one.
 */
#ifndef TLSPOL_NET_TLS_H
#define TLSPOL_NET_TLS_H

#include "core/observation.h"

struct ssl_st; /* OpenSSL's SSL */

struct tls_settings {
	const struct client_settings *client; /* CA file and path, digests, depth; must outlive */
	gint64 now; /* seconds since 1970: what dates are judged by; 0 = the clock */
};
struct tls;
/* Reads no CA yet: that happens when first needed, and once. */
struct tls *tls_new(const struct tls_settings *settings, GError **error);
void tls_free(struct tls *tls);
/* Loads the CAs now. DATA or NO_INPUT naming the file that is missing or holds no certificate. */
gboolean tls_load_anchors(struct tls *tls, GError **error);

/*
 * A client session for a demand: protocols, cipher list, security level, SNI, key kind. NULL with a
 * reason in *why (fresh) when OpenSSL takes no such session: it would fail for Postfix, too.
 */
struct ssl_st *tls_smtp_session(
	struct tls *tls, const struct demand *demand, enum key_kind kind, char **why);
/* For HTTPS: WebPKI chain and the DNS name are checked in the handshake, which fails without. */
struct ssl_st *tls_https_session(struct tls *tls, const char *host);

/*
 * What a finished handshake showed. NULL when the server sent no certificate. Chains of the same
 * certificates are one chain; what is remembered of one serves all hosts that show it.
 */
struct tls_chain *tls_chain_collect(struct ssl_st *ssl);
struct tls_chain *tls_chain_ref(struct tls_chain *chain);
void tls_chain_unref(struct tls_chain *chain);
/* From DER certificates, leaf first (tests, recorded chains). NULL when one cannot be decoded. */
struct tls_chain *tls_chain_from_der(const GBytes *const *certificates, guint count);
void tls_session_facts(struct ssl_st *ssl, struct session *session); /* protocol, cipher */

/* A fresh struct certificate; digests as main.cf's smtp_tls_fingerprint_digest. */
struct certificate *tls_certificate(const struct tls *tls, struct tls_chain *chain);

/*
 * Judges a chain by a demand. `tlsa` (struct tlsa *, or NULL) are the host's records: for level
 * DANE. Answers are remembered with the chain: the same question costs nothing.
 */
void tls_judge(struct tls *tls, struct tls_chain *chain, const struct demand *demand,
	const GPtrArray *tlsa, const char *tlsa_base, struct judgement *judgement);
/* By the system's CAs and main.cf's, any of `names` (ended by NULL). */
void tls_judge_webpki(struct tls *tls, struct tls_chain *chain, const char *const *names,
	struct judgement *judgement);

/* Marks full certificates and keys that cannot be decoded TLSA_UNUSABLE. */
void tls_tlsa_judge(struct tlsa *tlsa);

/*
 * The reason OpenSSL or errno gives for a failed connection; a fresh string, never NULL. Of what
 * bufferevent_get_openssl_error() pops, the last is the result of SSL_get_error() (`ssl_error`) and
 * the first, where there is another, `openssl_error`; errno counts only with SSL_ERROR_SYSCALL and
 * has to be read first thing in the callback.
 */
char *tls_error_words(unsigned long openssl_error, int ssl_error, int errno_then);
/* Why tls_https_session() did not accept the certificate; NULL when it did. A fresh string. */
char *tls_verify_words(struct ssl_st *ssl);

#endif
