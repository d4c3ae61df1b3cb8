#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "certificates.h"
#include "core/postfix_version.h"
#include "core/protocols.h"

/* -- a server in memory --------------------------------------------------------------------- */

static struct made root, inter, ecdsa, rsa, expired, named_by_cn;
static client_settings_t client;
static struct tls *tls;
static char *seen_name; /* SNI, as the server saw it */

static int note_name(SSL *ssl, int *alert, void *data)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	(void)data;
	g_free(seen_name);
	seen_name = g_strdup(name);
	return SSL_TLSEXT_ERR_OK;
}

struct server {
	const char *ciphers;	 /* below TLS 1.3; NULL = all */
	int newest;		 /* TLS1_2_VERSION …; 0 = any */
	const struct made *only; /* NULL = both */
};

static void use(SSL_CTX *context, const struct made *leaf, const struct made *issuer)
{
	assert_int_equal(SSL_CTX_use_certificate(context, leaf->certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, leaf->key), 1);
	if (issuer)
		assert_int_equal(SSL_CTX_add1_chain_cert(context, issuer->certificate), 1);
}

static SSL *server_session(const struct server *server)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	SSL *ssl;

	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(context, server->newest);
	assert_true(
		SSL_CTX_set_cipher_list(context, server->ciphers ? server->ciphers : "ALL:!aNULL"));
	SSL_CTX_set_tlsext_servername_callback(context, note_name);
	if (!server->only || server->only == &ecdsa)
		use(context, &ecdsa, &inter);
	if (!server->only)
		use(context, &rsa, &inter);
	else if (server->only != &ecdsa)
		use(context, server->only, &inter);
	ssl = SSL_new(context);
	SSL_CTX_free(context);
	SSL_set_accept_state(ssl);
	return ssl;
}

/* What SSL_get_error() says of the client, SSL_ERROR_NONE after a handshake. */
static int shake(SSL *ssl, const struct server *server)
{
	SSL *other = server_session(server);
	BIO *one, *two;
	int client_error = SSL_ERROR_WANT_READ;

	g_clear_pointer(&seen_name, g_free);
	assert_true(BIO_new_bio_pair(&one, 0, &two, 0));
	SSL_set_bio(ssl, one, one);
	SSL_set_bio(other, two, two);
	for (int i = 0; i < 10 && client_error == SSL_ERROR_WANT_READ; i++) {
		int done;

		ERR_clear_error();
		done = SSL_do_handshake(ssl);
		client_error = SSL_get_error(ssl, done);
		if (client_error != SSL_ERROR_WANT_READ)
			break;
		SSL_do_handshake(other);
	}
	SSL_free(other);
	return client_error;
}

static int make_all(void **state)
{
	struct tls_settings settings = {.client = &client, .now = CERTIFICATES_NOW};
	g_autofree char *path = NULL;

	(void)state;
	root = made_by(&(struct recipe){.common = "Root", .ca = TRUE}, NULL);
	inter = made_by(&(struct recipe){.common = "Inter", .ca = TRUE}, &root);
	ecdsa = made_by(&(struct recipe){.common = "ecdsa", .names = "DNS:mta-sts.x.test"}, &inter);
	rsa = made_by(
		&(struct recipe){.common = "rsa", .names = "DNS:b.test", .rsa = 2048}, &inter);
	expired = made_by(&(struct recipe){.common = "old.test", .from = -9, .until = -1}, NULL);
	named_by_cn = made_by(&(struct recipe){.common = "cn.test"}, &inter);
	path = g_strdup_printf("%s/tlspol-session.%d", g_get_tmp_dir(), (int)getpid());
	made_write(path, (const struct made *[]){&root, NULL}, FALSE);
	client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
	g_free(client.ca_file);
	client.ca_file = g_steal_pointer(&path);
	tls = tls_new(&settings, NULL);
	assert_non_null(tls);
	return 0;
}

static int remove_all(void **state)
{
	(void)state;
	g_unlink(client.ca_file);
	tls_free(tls);
	client_settings_release(&client);
	made_free(&root);
	made_free(&inter);
	made_free(&ecdsa);
	made_free(&rsa);
	made_free(&expired);
	made_free(&named_by_cn);
	g_clear_pointer(&seen_name, g_free);
	return 0;
}

/* -- handshakes: facts 4.1, engine 2 --------------------------------------------------------- */

#define ALL	PROTOCOLS_ALL
#define ONE_TWO PROTOCOL_TLSV1_2
#define OLD	(PROTOCOL_TLSV1 | PROTOCOL_TLSV1_1)

static const struct {
	const char *what;
	unsigned protocols, security;
	enum level level;
	enum key_kind kind;
	char *exclude, *sni;
	struct server server;
	const char *protocol; /* NULL = the handshake fails, ... */
	const char *says;     /* ... for this; else the CN of the certificate; NULL = any */
} handshakes[] = {
	{"newest", ALL, 1, LEVEL_SECURE, KEY_KIND_ANY, NULL, NULL, {0}, "TLSv1.3", NULL},
	{"only 1.2", ONE_TWO, 1, LEVEL_SECURE, KEY_KIND_ANY, NULL, NULL, {0}, "TLSv1.2", NULL},
	{"1.3 asked of an older one", PROTOCOL_TLSV1_3, 1, LEVEL_SECURE, KEY_KIND_ANY, NULL, NULL,
		{.newest = TLS1_2_VERSION}, NULL, "no TLS version that is offered"},
	{"old at encrypt", ALL, 0, LEVEL_ENCRYPT, KEY_KIND_ANY, NULL, NULL,
		{.newest = TLS1_VERSION}, "TLSv1", NULL},
	{"old above encrypt", ALL, 1, LEVEL_SECURE, KEY_KIND_ANY, NULL, NULL,
		{.newest = TLS1_VERSION}, NULL, ""},
	{"SNI", ALL, 1, LEVEL_SECURE, KEY_KIND_ANY, NULL, (char *)"mx.test", {0}, "TLSv1.3", NULL},
	{"ECDSA in 1.3", ALL, 1, LEVEL_SECURE, KEY_KIND_ECDSA, NULL, NULL, {0}, "TLSv1.3", "ecdsa"},
	{"RSA in 1.3", ALL, 1, LEVEL_SECURE, KEY_KIND_RSA, NULL, NULL, {0}, "TLSv1.3", "rsa"},
	{"ECDSA in 1.2", ONE_TWO, 1, LEVEL_SECURE, KEY_KIND_ECDSA, NULL, NULL, {0}, "TLSv1.2",
		"ecdsa"},
	{"RSA in 1.2", ONE_TWO, 1, LEVEL_SECURE, KEY_KIND_RSA, NULL, NULL, {0}, "TLSv1.2", "rsa"},
	{"ECDSA in 1.1", OLD, 0, LEVEL_MAY, KEY_KIND_ECDSA, NULL, NULL, {0}, "TLSv1.1", "ecdsa"},
	{"RSA in 1.1", OLD, 0, LEVEL_MAY, KEY_KIND_RSA, NULL, NULL, {0}, "TLSv1.1", "rsa"},
	{"RSA of who has none", ALL, 1, LEVEL_SECURE, KEY_KIND_RSA, NULL, NULL, {.only = &ecdsa},
		NULL, "alert handshake failure"},
	{"excluded", ONE_TWO, 0, LEVEL_ENCRYPT, KEY_KIND_ANY, (char *)"kRSA:kDHE", NULL,
		{.ciphers = "AES128-SHA256"}, NULL, "alert handshake failure"},
	{"not excluded", ONE_TWO, 0, LEVEL_ENCRYPT, KEY_KIND_ANY, NULL, NULL,
		{.ciphers = "AES128-SHA256"}, "TLSv1.2", "rsa"},
	{"an expired certificate", ALL, 1, LEVEL_SECURE, KEY_KIND_ANY, NULL, NULL,
		{.only = &expired}, "TLSv1.3", "old.test"},
	{"anonymous at may", ONE_TWO, 0, LEVEL_MAY, KEY_KIND_ANY, NULL, NULL, {.ciphers = "aNULL"},
		"TLSv1.2", ""},
	{"anonymous above encrypt", ONE_TWO, 0, LEVEL_SECURE, KEY_KIND_ANY, NULL, NULL,
		{.ciphers = "aNULL"}, NULL, "alert handshake failure"},
};

static void expect_chain(struct tls_chain *chain, const char *subject, const char *what)
{
	struct certificate *certificate;

	/* Anonymous. */
	if (subject && !*subject) {
		assert_null(chain);
		return;
	}
	assert_non_null(chain);
	certificate = tls_certificate(tls, chain);
	if (subject && strcmp(certificate->subject, subject) != 0)
		fail_msg("%s: %s", what, certificate->subject);
	certificate_free(certificate);
	tls_chain_unref(chain);
}

static void shakes_hands(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(handshakes); i++) {
		const char *what = handshakes[i].what;
		struct demand demand = {.protocols = handshakes[i].protocols,
			.security_level = handshakes[i].security,
			.level = handshakes[i].level,
			.grade = "medium",
			.exclude = handshakes[i].exclude,
			.sni = handshakes[i].sni};
		g_autofree char *why = NULL;
		SSL *ssl = tls_smtp_session(tls, &demand, handshakes[i].kind, &why);
		struct session *session = g_new0(struct session, 1);
		int error;

		assert_non_null(ssl);
		session->references = 1;
		error = shake(ssl, &handshakes[i].server);
		if ((error == SSL_ERROR_NONE) != (handshakes[i].protocol != NULL))
			fail_msg("%s: %d %s", what, error,
				ERR_reason_error_string(ERR_peek_last_error()));
		if (error == SSL_ERROR_NONE) {
			tls_session_facts(ssl, session);
			assert_string_equal(session->protocol, handshakes[i].protocol);
			assert_non_null(session->cipher);
			expect_chain(tls_chain_collect(ssl), handshakes[i].says, what);
			assert_true(g_strcmp0(seen_name, handshakes[i].sni) == 0);
		} else {
			why = tls_error_words(ERR_peek_last_error(), error, EPIPE);
			if (!strstr(why, handshakes[i].says))
				fail_msg("%s: %s", what, why);
		}
		session_unref(session);
		SSL_free(ssl);
		ERR_clear_error();
	}
}

static void impossible(void **state)
{
	struct demand demand = {
		.security_level = 1, .level = LEVEL_SECURE, .grade = "medium", .protocols = 0};
	g_autofree char *no_protocol = NULL, *no_cipher = NULL;

	(void)state;
	assert_null(tls_smtp_session(tls, &demand, KEY_KIND_ANY, &no_protocol));
	assert_string_equal(no_protocol, "no TLS protocol is left");
	demand.protocols = ALL;
	demand.exclude = (char *)"HIGH:MEDIUM";
	assert_null(tls_smtp_session(tls, &demand, KEY_KIND_ANY, &no_cipher));
	assert_non_null(strstr(no_cipher, "does not take the cipher list"));
}

/* One after the other: more cipher lists than are kept. */
static void many_lists(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		g_autofree char *exclude = g_strdup_printf("NO%d", i % 50);
		struct demand demand = {.protocols = ALL,
			.level = LEVEL_MAY,
			.grade = "medium",
			.exclude = exclude};
		g_autofree char *why = NULL;
		SSL *ssl = tls_smtp_session(tls, &demand, KEY_KIND_ANY, &why);

		assert_non_null(ssl);
		SSL_free(ssl);
	}
}

static void one_chain(void **state)
{
	struct demand demand = {.protocols = ALL, .level = LEVEL_MAY, .grade = "medium"};
	struct tls_chain *chains[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		g_autofree char *why = NULL;
		SSL *ssl = tls_smtp_session(tls, &demand, KEY_KIND_ECDSA, &why);

		assert_int_equal(shake(ssl, &(struct server){0}), SSL_ERROR_NONE);
		chains[i] = tls_chain_collect(ssl);
		SSL_free(ssl);
	}
	assert_ptr_equal(chains[0], chains[1]);
	tls_chain_unref(chains[0]);
	tls_chain_unref(chains[1]);
}

/* -- HTTPS: RFC 8461 3.3 --------------------------------------------------------------------- */

static void https(void **state)
{
	static const struct {
		const char *host;
		struct server server;
		const char *why; /* NULL = accepted */
	} cases[] = {
		{"mta-sts.x.test", {.only = &ecdsa}, NULL},
		{"mta-sts.y.test", {.only = &ecdsa}, "hostname mismatch"},
		{"ecdsa", {.only = &ecdsa}, "hostname mismatch"},
		{"cn.test", {.only = &named_by_cn}, "hostname mismatch"},
		{"old.test", {.only = &expired}, "self-signed certificate"},
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		SSL *ssl = tls_https_session(tls, cases[i].host);
		int error = shake(ssl, &cases[i].server);
		g_autofree char *why = tls_verify_words(ssl);

		if ((error == SSL_ERROR_NONE) != (cases[i].why == NULL) ||
			g_strcmp0(why, cases[i].why) != 0)
			fail_msg("%s: %d %s", cases[i].host, error, why ? why : "accepted");
		assert_string_equal(seen_name, cases[i].host);
		SSL_free(ssl);
		ERR_clear_error();
	}
}

/* -- reasons: engine 1 ------------------------------------------------------------------------ */

static void reasons(void **state)
{
	static const struct {
		unsigned long openssl;
		int ssl, number;
		const char *words;
	} cases[] = {
		{0x0a000126, SSL_ERROR_SSL, EPIPE,
			"the server closed the connection during the handshake"},
		{0x0a00010b, SSL_ERROR_SSL, EINPROGRESS,
			"the server answered with something that is not TLS"},
		{0x0a00014d, SSL_ERROR_SSL, 0, "too weak at this level"},
		{0, SSL_ERROR_SYSCALL, ECONNRESET, "Connection reset by peer"},
		{0, SSL_ERROR_SYSCALL, 0, "the server closed the connection"},
		{0, SSL_ERROR_ZERO_RETURN, EAGAIN, "the server closed the connection"},
		{0x0a0000bf, SSL_ERROR_SSL, 0, "no TLS version is left"},
		{0x0affffff, SSL_ERROR_SSL, EPIPE, "TLS failed"},
		{0, 0, EPIPE, "TLS failed"},
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *words =
			tls_error_words(cases[i].openssl, cases[i].ssl, cases[i].number);

		if (!strstr(words, cases[i].words))
			fail_msg("%lx: %s", cases[i].openssl, words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shakes_hands),
		cmocka_unit_test(impossible),
		cmocka_unit_test(many_lists),
		cmocka_unit_test(one_chain),
		cmocka_unit_test(https),
		cmocka_unit_test(reasons),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_all, remove_all);
}
