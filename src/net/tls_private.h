/*
 * tls_private: what the parts of net/tls.h share. No other file includes it.
 *
 * tls_session.c makes contexts and sessions, tls_chain.c keeps chains, tls_certificate.c tells what
 * is in a certificate, tls_anchors.c loads CAs, tls_judge.c verifies, tls_judge_words.c says why
 * not.
 */
#ifndef TLSPOL_NET_TLS_PRIVATE_H
#define TLSPOL_NET_TLS_PRIVATE_H

#include "net/tls.h"

/* OpenSSL's SSL_CTX, X509, X509_STORE, EVP_MD, STACK_OF(X509). */
struct ssl_ctx_st;
struct x509_st;
struct x509_store_st;
struct evp_md_st;
struct stack_st_X509;

struct tls {
	const struct client_settings *client;
	gint64 now;
	guint serial; /* of this struct in the process: remembered answers are of one */
	const struct evp_md_st *fingerprint;
	GHashTable *smtp;	  /* cipher list -> SSL_CTX */
	struct ssl_ctx_st *https; /* made when first needed, as all below */
	struct ssl_ctx_st *judge; /* of the unconnected sessions that carry TLSA records */
	struct x509_store_st *anchors, *webpki, *empty;
	char *anchors_problem; /* why there are none */
	GHashTable *tafiles;   /* path -> array of struct tafile_anchor; NULL = unusable */
};

/* -- tls_chain.c --------------------------------------------------------------------------------
 */

struct tls_chain {
	gint references;
	guint count; /* at least 1 */
	struct kept **certificates;
	GHashTable *answers; /* question -> struct judgement; NULL = none yet */
};

/* Parsed; X509_free() it. NULL when it cannot be parsed. */
struct x509_st *tls_chain_certificate(const struct tls_chain *chain, guint i);
/* All of them; OSSL_STACK_OF_X509_free() it. */
struct stack_st_X509 *tls_chain_stack(const struct tls_chain *chain);

/* -- tls_certificate.c --------------------------------------------------------------------------
 */

/* Texts of servers come out printable and short (core/printable.h). Fresh strings, never NULL. */

/* The CN, else the O, else the first DNS name. */
char *tls_subject_words(const struct x509_st *certificate);
char *tls_issuer_words(const struct x509_st *certificate);
/* DNS names, or the CN without any; at most `max`. A fresh vector. */
char **tls_names(const struct x509_st *certificate, guint max);
gint64 tls_not_before(const struct x509_st *certificate),
	tls_not_after(const struct x509_st *certificate);
/* "2026-11-01" */
char *tls_day(gint64 when);
/* "AB:CD:…" */
char *tls_colons(const guint8 *digest, gsize size);

/* -- tls_anchors.c ------------------------------------------------------------------------------
 */

/* Loaded when first asked for. Never NULL: without any CA it is empty. */
struct x509_store_st *tls_anchors(struct tls *tls);
struct x509_store_st *tls_webpki_anchors(struct tls *tls);
struct x509_store_st *tls_no_anchors(struct tls *tls);
/* "the CAs of /etc/ssl/ca.pem", "the CAs of /a.pem and /etc/ssl/certs"; a fresh string. */
char *tls_anchors_words(const struct tls *tls);
/* Why there are none, once tls_anchors() was called; NULL when there are some. */
const char *tls_anchors_problem(const struct tls *tls);
/* What can be read of a tafile, once. NULL when Postfix refuses it. */
const GPtrArray *tls_tafile_anchors(struct tls *tls, struct text path);
void tls_anchors_release(struct tls *tls);

/* -- tls_judge_words.c --------------------------------------------------------------------------
 */

/* One thing OpenSSL found wrong: X509_V_ERR_… of a certificate at a depth, which is referenced. */
struct fault {
	int error, depth;
	struct x509_st *certificate; /* NULL where OpenSSL names none */
};

/* What reasons are told with. */
struct judge_words {
	const struct x509_st *leaf;
	const char *anchors;	   /* "the CAs of /etc/ssl/ca.pem" */
	const char *no_anchors;	   /* why there are none, instead of what is not among them; NULL */
	const char *const *wanted; /* names, ended by NULL; NULL = none */
	guint depth;		   /* smtp_tls_scert_verifydepth */
};
/* Is it about names only? Then the chain is trusted. */
gboolean tls_fault_is_name(int error);
/* Why a chain is not accepted, in words; `faults` has struct fault and at least one. */
char *tls_judge_why(const struct judge_words *words, const GArray *faults);

#endif
