#include "net/tls_tafile.h"

#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define QUEUE_DIRECTORY "/var/spool/postfix"

enum block { BLOCK_CERTIFICATE, BLOCK_KEY, BLOCK_OTHER };

static enum block block_named(const char *name)
{
	if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0)
		return BLOCK_CERTIFICATE;
	return strcmp(name, PEM_STRING_PUBLIC) == 0 ? BLOCK_KEY : BLOCK_OTHER;
}

static gboolean decodes(enum block block, const unsigned char *data, long len)
{
	gboolean good;

	if (block == BLOCK_CERTIFICATE) {
		X509 *cert = d2i_X509(NULL, &data, len);

		good = cert && X509_get0_pubkey(cert);
		X509_free(cert);
	} else {
		EVP_PKEY *key = d2i_PUBKEY(NULL, &data, len);

		good = key != NULL;
		EVP_PKEY_free(key);
	}
	/* What is at the end of the file is told from the errors of reading it. */
	ERR_clear_error();
	return good;
}

static struct tafile_anchor *anchor_new(enum block block, const unsigned char *data, long len)
{
	struct tafile_anchor *anchor = g_new(struct tafile_anchor, 1);

	anchor->is_key = block == BLOCK_KEY;
	anchor->der = g_bytes_new(data, (gsize)len);
	return anchor;
}

static void anchor_free(struct tafile_anchor *anchor)
{
	g_bytes_unref(anchor->der);
	g_free(anchor);
}

GPtrArray *tls_tafile_anchors_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)anchor_free);
}

/* As tls_dane_load_trustfile() reads it: the first thing that is no PEM spoils the whole file. */
static enum tafile_state read_blocks(BIO *bio, GPtrArray *anchors)
{
	char *name, *header;
	unsigned char *data;
	long len;
	guint blocks = 0, found = 0, usable = 0;
	unsigned long why;

	ERR_clear_error();
	while (PEM_read_bio(bio, &name, &header, &data, &len)) {
		enum block block = block_named(name);

		blocks++;
		if (block != BLOCK_OTHER) {
			found++;
			usable += decodes(block, data, len);
			if (anchors)
				g_ptr_array_add(anchors, anchor_new(block, data, len));
		}
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(data);
	}
	why = ERR_peek_last_error();
	ERR_clear_error();
	if (!blocks || ERR_GET_REASON(why) != PEM_R_NO_START_LINE)
		return TAFILE_NO_PEM;
	if (usable)
		return TAFILE_USABLE;
	return found ? TAFILE_BROKEN : TAFILE_NO_CERTIFICATE;
}

enum tafile_state tls_tafile_read(const char *path, GPtrArray *anchors)
{
	enum tafile_state state = TAFILE_UNKNOWN;
	struct stat st;
	BIO *bio;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) || S_ISCHR(st.st_mode) ? TAFILE_NO_PEM : TAFILE_UNKNOWN;
	bio = BIO_new_file(path, "r");
	if (bio)
		state = read_blocks(bio, anchors);
	BIO_free(bio);
	ERR_clear_error();
	return state;
}

char *tls_tafile_path(struct text path)
{
	return g_strdup_printf(
		"%s%.*s", path.len && path.at[0] == '/' ? "" : QUEUE_DIRECTORY "/", TEXT_ARG(path));
}
