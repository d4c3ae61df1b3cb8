#include "net/tls_private.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/printable.h"

/* A server may put a megabyte into one name, or fifty thousand names into a certificate. */
#define WORDS_MAX 200
#define NAMES_MAX 100

static char *asn1_words(const ASN1_STRING *value)
{
	struct text text = {
		(const char *)ASN1_STRING_get0_data(value), (gsize)ASN1_STRING_length(value)};

	return printable_short(text, WORDS_MAX);
}

/* The next field of that kind behind *at, which is -1 at first; NULL = no more. */
static char *next_field(const X509_NAME *name, int nid, int *at)
{
	const ASN1_STRING *value;
	unsigned char *utf8;
	char *words;
	int size;

	*at = X509_NAME_get_index_by_NID((X509_NAME *)name, nid, *at);
	if (*at < 0)
		return NULL;
	value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, *at));
	size = value ? ASN1_STRING_to_UTF8(&utf8, value) : -1;
	ERR_clear_error();
	if (size < 0)
		return g_strdup("");
	words = printable_short((struct text){(char *)utf8, (gsize)size}, WORDS_MAX);
	OPENSSL_free(utf8);
	return words;
}

static char *name_words(const X509_NAME *name)
{
	static const int fields[] = {
		NID_commonName, NID_organizationName, NID_organizationalUnitName};

	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		int at = -1;
		g_autofree char *words = next_field(name, fields[i], &at);

		if (words && *words)
			return g_steal_pointer(&words);
	}
	return NULL;
}

char *tls_subject_words(const X509 *certificate)
{
	char *words = name_words(X509_get_subject_name(certificate));

	if (!words) {
		g_auto(GStrv) names = tls_names(certificate, 1);

		words = g_strdup(names[0] ? names[0] : "without a name");
	}
	return words;
}

char *tls_issuer_words(const X509 *certificate)
{
	char *words = name_words(X509_get_issuer_name(certificate));

	return words ? words : g_strdup("without a name");
}

/* OpenSSL compares all of them where there is no DNS name. */
static void add_common_names(GPtrArray *names, const X509_NAME *subject, guint max)
{
	int at = -1;
	char *words;

	while (names->len < max && (words = next_field(subject, NID_commonName, &at)))
		g_ptr_array_add(names, words);
}

char **tls_names(const X509 *certificate, guint max)
{
	GENERAL_NAMES *general = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	GPtrArray *names = g_ptr_array_new();

	for (int i = 0; i < sk_GENERAL_NAME_num(general) && names->len < max; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(general, i);
		const ASN1_STRING *value = name->d.dNSName;

		if (name->type == GEN_DNS)
			g_ptr_array_add(names, asn1_words(value));
	}
	GENERAL_NAMES_free(general);
	ERR_clear_error();
	if (!names->len)
		add_common_names(names, X509_get_subject_name(certificate), max);
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

/* -- dates ---------------------------------------------------------------------------------- */

/* Seconds since 1970; 0 for what is no time. */
static gint64 seconds(const ASN1_TIME *time)
{
	struct tm tm;
	g_autoptr(GDateTime) date = NULL;
	gint64 result = 0;

	if (time && ASN1_TIME_to_tm(time, &tm))
		date = g_date_time_new_utc(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
			tm.tm_min, tm.tm_sec);
	if (date)
		result = g_date_time_to_unix(date);
	ERR_clear_error();
	return result;
}

gint64 tls_not_before(const X509 *certificate)
{
	return seconds(X509_get0_notBefore(certificate));
}

gint64 tls_not_after(const X509 *certificate)
{
	return seconds(X509_get0_notAfter(certificate));
}

char *tls_day(gint64 when)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(when);

	return date ? g_date_time_format(date, "%Y-%m-%d") : g_strdup("an unknown day");
}

/* -- digests -------------------------------------------------------------------------------- */

char *tls_colons(const guint8 *digest, gsize size)
{
	GString *text = g_string_sized_new(3 * size);

	for (gsize i = 0; i < size; i++)
		g_string_append_printf(text, "%s%02X", i ? ":" : "", digest[i]);
	return g_string_free(text, FALSE);
}

static char *certificate_digest(const X509 *certificate, const EVP_MD *digest)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	X509_digest(certificate, digest, bytes, &size);
	return tls_colons(bytes, size);
}

/* Of the whole SubjectPublicKeyInfo, as Postfix and TLSA selector 1 have it. */
static char *key_digest(const X509 *certificate, const EVP_MD *digest)
{
	unsigned char bytes[EVP_MAX_MD_SIZE], *der = NULL;
	unsigned size = 0;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);

	if (length > 0)
		EVP_Digest(der, (size_t)length, bytes, &size, digest, NULL);
	OPENSSL_free(der);
	ERR_clear_error();
	return tls_colons(bytes, size);
}

/* -- all of it ------------------------------------------------------------------------------ */

static const struct {
	int type;
	const char *name;
} key_kinds[] = {
	{EVP_PKEY_RSA, "RSA"},
	{EVP_PKEY_RSA_PSS, "RSA-PSS"},
	{EVP_PKEY_EC, "ECDSA"},
	{EVP_PKEY_ED25519, "Ed25519"},
	{EVP_PKEY_ED448, "Ed448"},
	{EVP_PKEY_DSA, "DSA"},
};

static void set_key(struct certificate *facts, const X509 *certificate)
{
	const EVP_PKEY *key = X509_get0_pubkey(certificate);
	int type = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;

	facts->kind = "unknown";
	for (gsize i = 0; i < G_N_ELEMENTS(key_kinds); i++)
		if (key_kinds[i].type == type)
			facts->kind = key_kinds[i].name;
	facts->bits = key ? (guint)MAX(EVP_PKEY_get_bits(key), 0) : 0;
	ERR_clear_error();
}

struct certificate *tls_certificate(const struct tls *tls, struct tls_chain *chain)
{
	X509 *leaf = tls_chain_certificate(chain, 0);
	struct certificate *facts;

	if (!leaf)
		return NULL;
	facts = g_new0(struct certificate, 1);
	facts->subject = tls_subject_words(leaf);
	facts->issuer = tls_issuer_words(leaf);
	facts->names = tls_names(leaf, NAMES_MAX);
	set_key(facts, leaf);
	facts->not_before = tls_not_before(leaf);
	facts->not_after = tls_not_after(leaf);
	facts->certificate_digest = certificate_digest(leaf, tls->fingerprint);
	facts->key_digest = key_digest(leaf, tls->fingerprint);
	X509_free(leaf);
	return facts;
}
