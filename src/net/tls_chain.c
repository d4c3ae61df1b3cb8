#include "net/tls_private.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

/* How many certificates stay parsed: parsing one costs OpenSSL as much as a signature. */
#define PARSED_MAX 256

/* OpenSSL takes 100 KB of certificates; whoever sends more than that many small ones is cut. */
#define CHAIN_MAX 100

/*
 * One certificate, shared by all chains that have it: few CAs stand behind thousands of hosts, and
 * many hosts of a provider show one certificate.
 */
struct kept {
	gint references;
	GBytes *der;
	X509 *parsed; /* NULL = not now */
	GList place;  /* in `recent`, while parsed */
};

/* Both hold no references: what is released leaves them. */
static GHashTable *certificates; /* GBytes -> struct kept */
static GHashTable *chains;	 /* set of struct tls_chain */
static GQueue recent = G_QUEUE_INIT;

static void kept_unparse(struct kept *kept)
{
	if (!kept->parsed)
		return;
	g_queue_unlink(&recent, &kept->place);
	g_clear_pointer(&kept->parsed, X509_free);
}

/* Takes `parsed` over; the one that was needed longest ago makes room. */
static void kept_set_parsed(struct kept *kept, X509 *parsed)
{
	kept->parsed = parsed;
	kept->place.data = kept;
	g_queue_push_tail_link(&recent, &kept->place);
	if (recent.length > PARSED_MAX)
		kept_unparse(recent.head->data);
}

/* Takes `der` and `parsed` over. `parsed` may be NULL. */
static struct kept *kept_get(GBytes *der, X509 *parsed)
{
	struct kept *kept;

	if (!certificates)
		certificates = g_hash_table_new(g_bytes_hash, g_bytes_equal);
	kept = g_hash_table_lookup(certificates, der);
	if (kept) {
		g_bytes_unref(der);
	} else {
		kept = g_new0(struct kept, 1);
		kept->der = der;
		g_hash_table_insert(certificates, der, kept);
	}
	kept->references++;
	if (parsed && !kept->parsed)
		kept_set_parsed(kept, parsed);
	else
		X509_free(parsed);
	return kept;
}

static void kept_unref(struct kept *kept)
{
	if (--kept->references)
		return;
	g_hash_table_remove(certificates, kept->der);
	if (!g_hash_table_size(certificates))
		g_clear_pointer(&certificates, g_hash_table_destroy);
	kept_unparse(kept);
	g_bytes_unref(kept->der);
	g_free(kept);
}

static X509 *kept_parse(struct kept *kept)
{
	if (!kept->parsed) {
		gsize size;
		const unsigned char *p = g_bytes_get_data(kept->der, &size);
		X509 *parsed = d2i_X509(NULL, &p, (long)size);

		ERR_clear_error();
		if (!parsed)
			return NULL;
		kept_set_parsed(kept, parsed);
	}
	X509_up_ref(kept->parsed);
	return kept->parsed;
}

/* -- chains --------------------------------------------------------------------------------- */

static guint chain_hash(gconstpointer data)
{
	const struct tls_chain *chain = data;
	guint hash = chain->count;

	for (guint i = 0; i < chain->count; i++)
		hash = hash * 31 + g_direct_hash(chain->certificates[i]);
	return hash;
}

static gboolean chain_equal(gconstpointer a, gconstpointer b)
{
	const struct tls_chain *one = a, *other = b;

	return one->count == other->count && memcmp(one->certificates, other->certificates,
						     one->count * sizeof *one->certificates) == 0;
}

static void chain_free(struct tls_chain *chain)
{
	for (guint i = 0; i < chain->count; i++)
		kept_unref(chain->certificates[i]);
	g_clear_pointer(&chain->answers, g_hash_table_destroy);
	g_free(chain->certificates);
	g_free(chain);
}

/* The chain of these: a new one, or the one there is. Takes the array's contents over. */
static struct tls_chain *chain_get(GPtrArray *kept)
{
	struct tls_chain *chain = g_new0(struct tls_chain, 1), *known;

	chain->references = 1;
	chain->count = kept->len;
	chain->certificates = g_memdup2(kept->pdata, kept->len * sizeof *kept->pdata);
	if (!chains)
		chains = g_hash_table_new(chain_hash, chain_equal);
	known = g_hash_table_lookup(chains, chain);
	if (known) {
		chain_free(chain);
		return tls_chain_ref(known);
	}
	g_hash_table_add(chains, chain);
	return chain;
}

struct tls_chain *tls_chain_ref(struct tls_chain *chain)
{
	chain->references++;
	return chain;
}

void tls_chain_unref(struct tls_chain *chain)
{
	if (!chain || --chain->references)
		return;
	g_hash_table_remove(chains, chain);
	if (!g_hash_table_size(chains))
		g_clear_pointer(&chains, g_hash_table_destroy);
	chain_free(chain);
}

struct tls_chain *tls_chain_collect(SSL *ssl)
{
	STACK_OF(X509) *stack = SSL_get_peer_cert_chain(ssl);
	int count = stack ? MIN(sk_X509_num(stack), CHAIN_MAX) : 0;
	g_autoptr(GPtrArray) kept = g_ptr_array_new();

	for (int i = 0; i < count; i++) {
		X509 *parsed = sk_X509_value(stack, i);
		unsigned char *der = NULL;
		int size = i2d_X509(parsed, &der);

		if (size <= 0)
			break;
		X509_up_ref(parsed);
		g_ptr_array_add(kept, kept_get(g_bytes_new(der, (gsize)size), parsed));
		OPENSSL_free(der);
	}
	ERR_clear_error();
	return kept->len ? chain_get(kept) : NULL;
}

struct tls_chain *tls_chain_from_der(const GBytes *const *der, guint count)
{
	g_autoptr(GPtrArray) kept = g_ptr_array_new();
	gboolean all = count > 0;

	for (guint i = 0; all && i < MIN(count, CHAIN_MAX); i++) {
		gsize size;
		const unsigned char *data = g_bytes_get_data((GBytes *)der[i], &size);
		const unsigned char *p = data;
		X509 *parsed = size ? d2i_X509(NULL, &p, (long)size) : NULL;

		all = parsed && p == data + size;
		if (all)
			g_ptr_array_add(kept, kept_get(g_bytes_ref((GBytes *)der[i]), parsed));
		else
			X509_free(parsed);
	}
	ERR_clear_error();
	if (all)
		return chain_get(kept);
	for (guint i = 0; i < kept->len; i++)
		kept_unref(g_ptr_array_index(kept, i));
	return NULL;
}

X509 *tls_chain_certificate(const struct tls_chain *chain, guint i)
{
	return kept_parse(chain->certificates[i]);
}

STACK_OF(X509) * tls_chain_stack(const struct tls_chain *chain)
{
	STACK_OF(X509) *stack = sk_X509_new_null();

	for (guint i = 0; i < chain->count; i++) {
		X509 *parsed = kept_parse(chain->certificates[i]);

		if (parsed && !sk_X509_push(stack, parsed))
			X509_free(parsed);
	}
	return stack;
}
