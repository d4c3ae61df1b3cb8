/*
 * certificates: certificates made while a test runs, so that dates, names, keys and chains are what
 * a case says. Dates are days from CERTIFICATES_NOW, by which everything is judged.
 */
#ifndef TLSPOL_TESTS_CERTIFICATES_H
#define TLSPOL_TESTS_CERTIFICATES_H

#include <glib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "net/tls.h"

#define CERTIFICATES_NOW 1800000000 /* 2027-01-15 08:00 UTC */
#define DAY		 (24 * 60 * 60)

struct made {
	X509 *certificate;
	EVP_PKEY *key;
};

struct recipe {
	const char *common; /* CN; NULL = an empty subject */
	const char *names;  /* subjectAltName as in openssl.cnf: "DNS:a,IP:192.0.2.1"; NULL */
	int from, until;    /* days; both 0 = -30 to 60 */
	gboolean ca;
	int rsa;	     /* bits; 0 = an elliptic curve */
	const char *purpose; /* extendedKeyUsage; NULL */
};

static inline void made_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	g_assert_nonnull(extension);
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
}

/* Signed by `issuer`, or by itself. */
static inline struct made made_by(const struct recipe *recipe, const struct made *issuer)
{
	static long serial;
	struct made made = {
		X509_new(), recipe->rsa ? EVP_RSA_gen((unsigned)recipe->rsa) : EVP_EC_gen("P-256")};
	X509 *certificate = made.certificate;
	gboolean dated = recipe->from || recipe->until;
	time_t now = CERTIFICATES_NOW;

	g_assert_nonnull(made.key);
	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
	X509_time_adj_ex(X509_getm_notBefore(certificate), dated ? recipe->from : -30, 0, &now);
	X509_time_adj_ex(X509_getm_notAfter(certificate), dated ? recipe->until : 60, 0, &now);
	X509_set_pubkey(certificate, made.key);
	if (recipe->common)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
			(const unsigned char *)recipe->common, -1, -1, 0);
	X509_set_issuer_name(
		certificate, X509_get_subject_name(issuer ? issuer->certificate : certificate));
	made_extension(certificate, NID_basic_constraints,
		recipe->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (recipe->names)
		made_extension(certificate, NID_subject_alt_name, recipe->names);
	if (recipe->purpose)
		made_extension(certificate, NID_ext_key_usage, recipe->purpose);
	g_assert_cmpint(
		X509_sign(certificate, issuer ? issuer->key : made.key, EVP_sha256()), >, 0);
	return made;
}

static inline void made_free(struct made *made)
{
	X509_free(made->certificate);
	EVP_PKEY_free(made->key);
}

static inline GBytes *made_der(const struct made *made)
{
	unsigned char *der = NULL;
	int size = i2d_X509(made->certificate, &der);
	GBytes *bytes = g_bytes_new(der, (gsize)size);

	OPENSSL_free(der);
	return bytes;
}

static inline GBytes *made_key_der(const struct made *made)
{
	unsigned char *der = NULL;
	int size = i2d_PUBKEY(made->key, &der);
	GBytes *bytes = g_bytes_new(der, (gsize)size);

	OPENSSL_free(der);
	return bytes;
}

/* The certificates, or the public keys, as a PEM file. `made` ends with NULL. */
static inline void made_write(const char *path, const struct made *const *made, gboolean keys)
{
	BIO *bio = BIO_new_file(path, "w");

	g_assert_nonnull(bio);
	for (; *made; made++) {
		if (keys)
			PEM_write_bio_PUBKEY(bio, (*made)->key);
		else
			PEM_write_bio_X509(bio, (*made)->certificate);
	}
	BIO_free(bio);
}

/* As a server would send them, leaf first. `made` ends with NULL. */
static inline struct tls_chain *made_chain(const struct made *const *made)
{
	g_autoptr(GPtrArray) der = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	for (; *made; made++)
		g_ptr_array_add(der, made_der(*made));
	return tls_chain_from_der((const GBytes *const *)der->pdata, der->len);
}

#endif
