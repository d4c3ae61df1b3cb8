#include "net/tls_private.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/error.h"
#include "net/tls_ciphers.h"

/* More lists than that are made anew in turn: each row may have its own exclude=. */
#define CONTEXTS_MAX 16

/* postconf -d tls_eecdh_auto_curves; OpenSSL leaves the finite fields out of a list of our own. */
#define GROUPS "X25519:X448:P-256:P-521:P-384:ffdhe2048:ffdhe3072"

/*
 * Which certificate a server with two of them shows: signature algorithms decide from TLS 1.2 on,
 * the ciphers below.
 */
static const struct {
	const char *signatures, *ciphers;
} kinds[KEY_KINDS] = {
	[KEY_KIND_ECDSA] = {"ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA224:ECDSA+SHA1",
		":!aRSA"},
	[KEY_KIND_RSA] = {"RSA-PSS+SHA256:RSA+SHA256:RSA-PSS+SHA384:RSA+SHA384:RSA-PSS+SHA512:"
			  "RSA+SHA512:RSA+SHA224:RSA+SHA1",
		":!aECDSA"},
};

/* In place of verifying: certificates are judged later, and cost the handshake nothing. */
static int accept_any(X509_STORE_CTX *store, void *data)
{
	(void)store;
	(void)data;
	return 1;
}

/*
 * OpenSSL would go on inside of SSL_read() as long as a server sends records that carry no data,
 * key updates for example, and the event loop with all other sessions would stand still.
 */
static void return_after_each_record(SSL_CTX *context)
{
	SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
}

/* As tls_client_init() of Postfix. NULL when OpenSSL refuses the list. */
static SSL_CTX *new_smtp_context(const char *ciphers)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context)
		return NULL;
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_options(context, SSL_OP_ALL);
	SSL_CTX_set1_groups_list(context, GROUPS);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	return_after_each_record(context);
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_cert_verify_callback(context, accept_any, NULL);
	if (!SSL_CTX_set_cipher_list(context, ciphers))
		g_clear_pointer(&context, SSL_CTX_free);
	return context;
}

static SSL_CTX *smtp_context(struct tls *tls, const char *ciphers)
{
	SSL_CTX *context = g_hash_table_lookup(tls->smtp, ciphers);

	if (context)
		return context;
	context = new_smtp_context(ciphers);
	if (!context)
		return NULL;
	/* Sessions under way have a reference to theirs. */
	if (g_hash_table_size(tls->smtp) >= CONTEXTS_MAX)
		g_hash_table_remove_all(tls->smtp);
	g_hash_table_insert(tls->smtp, g_strdup(ciphers), context);
	return context;
}

/* OpenSSL's last words, and no others left behind. */
static char *openssl_words(void)
{
	unsigned long error = ERR_peek_last_error();
	char *words = tls_error_words(error, error ? SSL_ERROR_SSL : 0, 0);

	ERR_clear_error();
	return words;
}

static SSL *fail(SSL *ssl, char **why, const char *what)
{
	g_autofree char *words = openssl_words();

	SSL_free(ssl);
	*why = g_strdup_printf("%s: %s", what, words);
	return NULL;
}

SSL *tls_smtp_session(struct tls *tls, const struct demand *demand, enum key_kind kind, char **why)
{
	g_autofree char *list =
		tls_cipher_list(demand->grade, text_of(demand->exclude), demand->level);
	g_autofree char *ciphers = g_strconcat(list, kinds[kind].ciphers, NULL);
	SSL_CTX *context;
	SSL *ssl;

	*why = NULL;
	if (!demand->protocols) {
		*why = g_strdup("no TLS protocol is left");
		return NULL;
	}
	ERR_clear_error();
	context = smtp_context(tls, ciphers);
	if (!context)
		return fail(NULL, why, "OpenSSL does not take the cipher list");
	ssl = SSL_new(context);
	if (!ssl)
		return fail(NULL, why, "OpenSSL makes no session");
	SSL_set_connect_state(ssl);
	tls_set_protocols(ssl, demand->protocols);
	SSL_set_security_level(ssl, (int)demand->security_level);
	if (demand->sni && !SSL_set_tlsext_host_name(ssl, demand->sni))
		return fail(ssl, why, "OpenSSL does not take the name for SNI");
	if (kinds[kind].signatures && !SSL_set1_sigalgs_list(ssl, kinds[kind].signatures))
		return fail(ssl, why, "OpenSSL does not take the signature algorithms");
	return ssl;
}

/* -- HTTPS ---------------------------------------------------------------------------------- */

static SSL_CTX *https_context(struct tls *tls)
{
	SSL_CTX *context = tls->https;

	if (context)
		return context;
	context = SSL_CTX_new(TLS_client_method());
	if (!context)
		return NULL;
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	return_after_each_record(context);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set1_cert_store(context, tls_webpki_anchors(tls));
	if (tls->now)
		X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), (time_t)tls->now);
	return tls->https = context;
}

SSL *tls_https_session(struct tls *tls, const char *host)
{
	SSL_CTX *context = https_context(tls);
	SSL *ssl = context ? SSL_new(context) : NULL;

	if (!ssl)
		return NULL;
	SSL_set_connect_state(ssl);
	/* RFC 8461 3.3: a DNS-ID, so no common name. */
	SSL_set_hostflags(
		ssl, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host))
		return ssl;
	ERR_clear_error();
	SSL_free(ssl);
	return NULL;
}

/* -- what came of it ------------------------------------------------------------------------ */

void tls_session_facts(SSL *ssl, struct session *session)
{
	const char *cipher = SSL_get_cipher_name(ssl);

	g_free(session->protocol);
	g_free(session->cipher);
	session->protocol = g_strdup(SSL_get_version(ssl));
	session->cipher = g_strdup(cipher ? cipher : "");
}

/* Where OpenSSL's own words say little to somebody who has to find out why. */
static const struct {
	int reason;
	const char *words;
} reasons[] = {
	{SSL_R_UNEXPECTED_EOF_WHILE_READING,
		"the server closed the connection during the handshake"},
	{SSL_R_WRONG_VERSION_NUMBER, "the server answered with something that is not TLS"},
	{SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "the server has no cipher or certificate for what is "
					      "offered (alert handshake failure)"},
	{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
		"the server has no TLS version that is offered (alert protocol version)"},
	{SSL_R_UNSUPPORTED_PROTOCOL, "the server has only a TLS version that is not offered"},
	{SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED,
		"the server signs with an algorithm that is too weak at this level, as all of TLS "
		"1.0 "
		"and 1.1 does"},
	{SSL_R_NO_CIPHERS_AVAILABLE, "no cipher is left to offer"},
	{SSL_R_NO_PROTOCOLS_AVAILABLE, "no TLS version is left to offer"},
	{SSL_R_DH_KEY_TOO_SMALL, "the server's Diffie-Hellman key is too small"},
	{SSL_R_TLSV1_UNRECOGNIZED_NAME, "the server does not know the name in SNI"},
	{SSL_R_CERTIFICATE_VERIFY_FAILED, "the certificate is not accepted"},
	{SSL_R_EXCESSIVE_MESSAGE_SIZE, "the server's certificates are too long"},
};

char *tls_error_words(unsigned long openssl_error, int ssl_error, int errno_then)
{
	const char *reason = NULL;

	if (openssl_error && ERR_GET_LIB(openssl_error) == ERR_LIB_SSL)
		for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++)
			if (ERR_GET_REASON(openssl_error) == reasons[i].reason)
				return g_strdup(reasons[i].words);
	/* errno is another call's unless OpenSSL says that a system call failed. */
	if (ssl_error == SSL_ERROR_SYSCALL && errno_then)
		return g_strdup(g_strerror(errno_then));
	if (openssl_error)
		reason = ERR_reason_error_string(openssl_error);
	if (reason)
		return g_strdup(reason);
	if (ssl_error == SSL_ERROR_SYSCALL || ssl_error == SSL_ERROR_ZERO_RETURN)
		return g_strdup("the server closed the connection");
	return g_strdup_printf("TLS failed (%lx)", openssl_error);
}

char *tls_verify_words(SSL *ssl)
{
	long result = SSL_get_verify_result(ssl);

	return result == X509_V_OK ? NULL : g_strdup(X509_verify_cert_error_string(result));
}

/* -- all of it ------------------------------------------------------------------------------ */

struct tls *tls_new(const struct tls_settings *settings, GError **error)
{
	static guint serial;
	const char *digest = settings->client->fingerprint_digest;
	const EVP_MD *fingerprint = digest ? EVP_get_digestbyname(digest) : NULL;
	struct tls *tls;

	if (!fingerprint) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"smtp_tls_fingerprint_digest = %s: OpenSSL has no such digest, and Postfix "
			"would not use TLS at all",
			digest ? digest : "");
		return NULL;
	}
	tls = g_new0(struct tls, 1);
	tls->client = settings->client;
	tls->now = settings->now;
	tls->serial = ++serial;
	tls->fingerprint = fingerprint;
	tls->smtp = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)SSL_CTX_free);
	return tls;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	g_hash_table_destroy(tls->smtp);
	SSL_CTX_free(tls->https);
	SSL_CTX_free(tls->judge);
	tls_anchors_release(tls);
	g_free(tls);
}
