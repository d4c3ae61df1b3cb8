#include "net/tls_ciphers.h"

#include <openssl/ssl.h>

#include "core/policy.h"
#include "core/protocols.h"

/* postconf -d tls_high_cipherlist and so on; low and export of 3.4 to 3.7. */
static const struct {
	const char *grade, *list;
} cipher_lists[] = {
	{"high", "aNULL:-aNULL:HIGH:@STRENGTH"},
	{"medium", "aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH"},
	{"low", "aNULL:-aNULL:HIGH:MEDIUM:LOW:+RC4:@STRENGTH"},
	{"export", "aNULL:-aNULL:HIGH:MEDIUM:LOW:EXPORT:+RC4:@STRENGTH"},
	{"null", "eNULL:!aNULL"},
};

static const struct {
	unsigned protocol;
	uint64_t off;
} versions[] = {
	{PROTOCOL_TLSV1, SSL_OP_NO_TLSv1},
	{PROTOCOL_TLSV1_1, SSL_OP_NO_TLSv1_1},
	{PROTOCOL_TLSV1_2, SSL_OP_NO_TLSv1_2},
	{PROTOCOL_TLSV1_3, SSL_OP_NO_TLSv1_3},
};

/* As tls_set_ciphers() and set_cipher_grade() put it together. */
char *tls_cipher_list(const char *grade, struct text exclude, enum level level)
{
	GString *list = g_string_new(NULL);
	struct text rest = exclude, element;

	for (gsize i = 0; i < G_N_ELEMENTS(cipher_lists); i++)
		if (strcmp(grade, cipher_lists[i].grade) == 0)
			g_string_append(list, cipher_lists[i].list);
	while (list_next(&rest, LIST_WORDS, &element)) {
		g_string_append(list, ":!");
		g_string_append_len(list, element.at, element.len);
	}
	if (level == LEVEL_ENCRYPT)
		g_string_append(list, ":!eNULL");
	else if (level > LEVEL_ENCRYPT)
		g_string_append(list, ":!aNULL");
	return g_string_free(list, FALSE);
}

void tls_set_protocols(SSL *ssl, unsigned protocols)
{
	SSL_set_min_proto_version(ssl, 0);
	SSL_set_max_proto_version(ssl, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(versions); i++)
		if (!(protocols & versions[i].protocol))
			SSL_set_options(ssl, versions[i].off);
}
