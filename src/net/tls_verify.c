#include "net/tls_verify.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/printable.h"

/* A chain of a hundred expired CAs need not be told to its end. */
#define FAULTS_MAX     16
#define NAME_SHOWN_MAX 255

/* As tls_dane_digest_init(): what tls_dane_digests does not list is off; first is best. */
static void set_digests(SSL_CTX *context, const char *list)
{
	g_auto(GStrv) words = g_strsplit_set(list ? list : "", " ,\t\n", -1);
	guint8 rank = (guint8)MIN(g_strv_length(words), 200);

	SSL_CTX_dane_mtype_set(context, NULL, 1, 0);
	SSL_CTX_dane_mtype_set(context, NULL, 2, 0);
	for (char **word = words; *word; word++) {
		char *code = strchr(*word, '=');
		guint64 type = code ? g_ascii_strtoull(code + 1, NULL, 10)
			       : !g_ascii_strcasecmp(*word, "sha256") ? 1
			       : !g_ascii_strcasecmp(*word, "sha512") ? 2
								      : 0;

		if (code)
			*code = '\0';
		if (type > 0 && type < 255 && **word)
			SSL_CTX_dane_mtype_set(
				context, EVP_get_digestbyname(*word), (guint8)type, rank--);
	}
}

static SSL_CTX *judge_context(struct tls *tls)
{
	if (!tls->judge) {
		tls->judge = SSL_CTX_new(TLS_client_method());
		SSL_CTX_set_verify_depth(tls->judge, (int)tls->client->verify_depth + 1);
		SSL_CTX_dane_enable(tls->judge);
		set_digests(tls->judge, tls->client->dane_digests);
		/* Not for records of the DNS: fingerprints are records of this type for Postfix. */
		SSL_CTX_dane_mtype_set(tls->judge, tls->fingerprint, MATCHING_FINGERPRINT, 1);
	}
	return tls->judge;
}

static void fault_clear(gpointer data)
{
	X509_free(((struct fault *)data)->certificate);
}

void verification_init(struct verification *verification, struct tls *tls,
	const struct tls_chain *chain, X509_STORE *store, guint level)
{
	memset(verification, 0, sizeof *verification);
	ERR_clear_error();
	verification->tls = tls;
	verification->chain = tls_chain_stack(chain);
	verification->ssl = SSL_new(judge_context(tls));
	verification->store = store;
	verification->level = level;
	verification->faults = g_array_new(FALSE, FALSE, sizeof(struct fault));
	g_array_set_clear_func(verification->faults, fault_clear);
}

void verification_release(struct verification *verification)
{
	X509_STORE_CTX_free(verification->result);
	g_array_unref(verification->faults);
	sk_X509_pop_free(verification->chain, X509_free);
	SSL_free(verification->ssl);
	ERR_clear_error();
}

static X509 *leaf_of(const struct verification *verification)
{
	return sk_X509_value(verification->chain, 0);
}

/* RFC 6125, no part-label wildcards; a name that OpenSSL does not take is left out. */
void verification_add_names(struct verification *verification, const char *const *names)
{
	SSL_set_hostflags(verification->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	for (guint i = 0; names && names[i]; i++)
		verification->names += SSL_add1_host(verification->ssl, names[i]) == 1;
}

void verification_set_dane(struct verification *verification, gboolean ee_names)
{
	verification->dane = SSL_dane_enable(verification->ssl, NULL) > 0;
	if (!ee_names)
		SSL_dane_set_flags(verification->ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
}

void verification_add_record(struct verification *verification, guint8 usage, guint8 selector,
	guint8 matching, const void *data, gsize size)
{
	verification->usable +=
		SSL_dane_tlsa_add(verification->ssl, usage, selector, matching, data, size) > 0;
}

/* Goes on after every fault, so that all are seen. */
static int note_fault(int good, X509_STORE_CTX *result)
{
	struct verification *verification = X509_STORE_CTX_get_app_data(result);
	struct fault fault = {X509_STORE_CTX_get_error(result),
		X509_STORE_CTX_get_error_depth(result), X509_STORE_CTX_get_current_cert(result)};

	if (!good && verification->faults->len < FAULTS_MAX) {
		if (fault.certificate)
			X509_up_ref(fault.certificate);
		g_array_append_val(verification->faults, fault);
	}
	return 1;
}

/* As ssl_verify_cert_chain() sets it up in a handshake. TRUE: accepted. */
static gboolean verify(struct verification *verification)
{
	X509_STORE_CTX *result = verification->result = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	gboolean good;

	good = X509_STORE_CTX_init(
		result, verification->store, leaf_of(verification), verification->chain);
	param = X509_STORE_CTX_get0_param(result);
	X509_VERIFY_PARAM_set_auth_level(param, (int)verification->level);
	if (verification->dane)
		X509_STORE_CTX_set0_dane(result, SSL_get0_dane(verification->ssl));
	X509_STORE_CTX_set_default(result, "ssl_server");
	X509_VERIFY_PARAM_set1(param, SSL_get0_param(verification->ssl));
	if (verification->tls->now)
		X509_VERIFY_PARAM_set_time(param, (time_t)verification->tls->now);
	X509_STORE_CTX_set_app_data(result, verification);
	X509_STORE_CTX_set_verify_cb(result, note_fault);
	return good && X509_verify_cert(result) > 0 && !verification->faults->len &&
	       X509_STORE_CTX_get_error(result) == X509_V_OK;
}

/* -- what it comes to ----------------------------------------------------------------------- */

/* FALSE: a key or certificate of the leaf itself was asked for, which makes its dates no matter. */
static gboolean goes_by_dates(const struct verification *verification)
{
	guint8 usage = USAGE_PKIX_TA;

	if (verification->dane)
		SSL_get0_dane_tlsa(verification->ssl, &usage, NULL, NULL, NULL, NULL);
	return usage != USAGE_DANE_EE;
}

static void set_rests(const struct verification *verification, struct judgement *judgement)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(verification->result);

	for (int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *certificate = sk_X509_value(chain, i);
		gint64 end = tls_not_after(certificate);

		if (judgement->rests_on && end >= judgement->rests_until)
			continue;
		g_free(judgement->rests_on);
		judgement->rests_on = tls_subject_words(certificate);
		judgement->rests_until = end;
	}
}

/* An address has no name to tell. */
char *verification_peer_name(const struct verification *verification, const char *const *names)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(verification->result);
	const char *name = X509_VERIFY_PARAM_get0_peername(param);

	if (!name)
		name = names && names[0] ? names[0] : "";
	return printable_short(text_of(name), NAME_SHOWN_MAX);
}

char *verification_record_words(const struct verification *verification)
{
	struct tlsa tlsa = {0};
	const unsigned char *data;

	if (SSL_get0_dane_tlsa(verification->ssl, &tlsa.usage, &tlsa.selector, &tlsa.matching,
		    &data, &tlsa.size) < 0)
		return NULL;
	tlsa.data = (guint8 *)data;
	if (tlsa.matching == MATCHING_FINGERPRINT)
		return tls_colons(tlsa.data, tlsa.size);
	return tlsa_format(&tlsa, TRUE);
}

static void tell_faults(const struct verification *verification, struct judgement *judgement)
{
	judgement->trusted = TRUE;
	judgement->named = TRUE;
	for (guint i = 0; i < verification->faults->len; i++) {
		const struct fault *fault = &g_array_index(verification->faults, struct fault, i);

		if (tls_fault_is_name(fault->error))
			judgement->named = FALSE;
		else
			judgement->trusted = FALSE;
	}
}

void verification_conclude(struct verification *verification, struct judge_words *words,
	gboolean needs_name, struct judgement *judgement)
{
	gboolean nameless = needs_name && !verification->names;

	words->leaf = leaf_of(verification);
	words->depth = verification->tls->client->verify_depth;
	judgement->matched = verify(verification) && !nameless;
	tell_faults(verification, judgement);
	if (nameless)
		judgement->named = FALSE;
	if (judgement->matched && goes_by_dates(verification))
		set_rests(verification, judgement);
	if (!judgement->matched)
		judgement->why = nameless && judgement->trusted
					 ? g_strdup("no name is asked for that could be compared")
					 : tls_judge_why(words, verification->faults);
}
