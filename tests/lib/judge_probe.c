/*
 * judge_probe: judges a chain from a PEM file, as net/tls.h does with one from a server.
 *
 * judge_probe CHAIN.pem [SETTING=VALUE...]
 *   level=secure        verify, secure, dane-only, dane, fingerprint; webpki
 *   name= pin= tlsa=    may be repeated; tlsa="3 1 1 HEX"
 *   base= tafile=       the TLSA base domain; a tafile, several by commas
 *   ca_file= ca_path= depth= digest= dane_digests=    as in main.cf
 *   security=1          OpenSSL's level
 *   now=SECONDS         since 1970
 * Prints the facts of the first certificate and the judgement, one field a line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/postfix_version.h"
#include "net/tls.h"
#include "net/tls_tafile.h"

static struct {
	GPtrArray *names, *pins, *tlsa;
	struct client_settings client;
	struct tls_settings settings;
	struct demand demand;
	const char *base;
	gboolean webpki;
} asked;

static GBytes *from_hex(const char *text)
{
	GByteArray *bytes = g_byte_array_new();

	for (; g_ascii_isxdigit(text[0]) && g_ascii_isxdigit(text[1]); text += 2) {
		guint8 byte = (guint8)(g_ascii_xdigit_value(text[0]) << 4 |
				       g_ascii_xdigit_value(text[1]));

		g_byte_array_append(bytes, &byte, 1);
	}
	return g_byte_array_free_to_bytes(bytes);
}

static void add_tlsa(const char *text)
{
	unsigned usage, selector, matching;
	char *hex = g_malloc(strlen(text) + 1);
	struct tlsa *tlsa = g_new0(struct tlsa, 1);
	g_autoptr(GByteArray) rdata = g_byte_array_new();
	g_autoptr(GBytes) data = NULL;

	*hex = '\0';
	if (sscanf(text, "%u %u %u %s", &usage, &selector, &matching, hex) < 3)
		usage = selector = matching = 255;
	data = from_hex(hex);
	g_byte_array_append(
		rdata, (guint8[]){(guint8)usage, (guint8)selector, (guint8)matching}, 3);
	g_byte_array_append(rdata, g_bytes_get_data(data, NULL), (guint)g_bytes_get_size(data));
	tlsa_parse(rdata->data, rdata->len, tlsa);
	tls_tlsa_judge(tlsa);
	g_ptr_array_add(asked.tlsa, tlsa);
	g_free(hex);
}

static void set_level(const char *value)
{
	asked.webpki = strcmp(value, "webpki") == 0;
	if (!asked.webpki)
		asked.demand.level = level_parse(text_of(value));
}

static void set(const char *word)
{
	const char *value = strchr(word, '=');
	g_autofree char *key = g_strndup(word, value ? (gsize)(value - word) : 0);

	value = value ? value + 1 : "";
	if (strcmp(key, "level") == 0)
		set_level(value);
	else if (strcmp(key, "name") == 0)
		g_ptr_array_add(asked.names, g_strdup(value));
	else if (strcmp(key, "pin") == 0)
		g_ptr_array_add(asked.pins, g_strdup(value));
	else if (strcmp(key, "tlsa") == 0)
		add_tlsa(value);
	else if (strcmp(key, "base") == 0)
		asked.base = value;
	else if (strcmp(key, "tafile") == 0)
		asked.demand.tafile = g_strdelimit(g_strdup(value), ",", '\n');
	else if (strcmp(key, "ca_file") == 0)
		client_settings_set(&asked.client, "smtp_tls_CAfile", value, NULL);
	else if (strcmp(key, "ca_path") == 0)
		client_settings_set(&asked.client, "smtp_tls_CApath", value, NULL);
	else if (strcmp(key, "security") == 0)
		asked.demand.security_level = (guint)atoi(value);
	else if (strcmp(key, "now") == 0)
		asked.settings.now = g_ascii_strtoll(value, NULL, 10);
	else if (strcmp(key, "depth") == 0)
		asked.client.verify_depth = (guint)atoi(value);
	else if (strcmp(key, "digest") == 0)
		client_settings_set(&asked.client, "smtp_tls_fingerprint_digest", value, NULL);
	else if (strcmp(key, "dane_digests") == 0)
		client_settings_set(&asked.client, "tls_dane_digests", value, NULL);
	else
		fprintf(stderr, "judge_probe: no setting %s\n", word);
}

static char **finish(GPtrArray *texts)
{
	g_ptr_array_add(texts, NULL);
	return (char **)g_ptr_array_free(texts, FALSE);
}

static struct tls_chain *read_chain(const char *path)
{
	g_autoptr(GPtrArray) blocks = tls_tafile_anchors_new();
	g_autoptr(GPtrArray) der = g_ptr_array_new();

	tls_tafile_read(path, blocks);
	for (guint i = 0; i < blocks->len; i++) {
		const struct tafile_anchor *block = g_ptr_array_index(blocks, i);

		if (!block->is_key)
			g_ptr_array_add(der, block->der);
	}
	return tls_chain_from_der((const GBytes *const *)der->pdata, der->len);
}

static void print_certificate(const struct certificate *certificate)
{
	g_autofree char *names = g_strjoinv(" ", certificate->names);

	printf("subject: %s\nissuer: %s\nnames: %s\nkey: %s %u\nnot_before: %" G_GINT64_FORMAT
	       "\nnot_after: %" G_GINT64_FORMAT "\ncertificate_digest: %s\nkey_digest: %s\n",
		certificate->subject, certificate->issuer, names, certificate->kind,
		certificate->bits, certificate->not_before, certificate->not_after,
		certificate->certificate_digest, certificate->key_digest);
}

static void print_judgement(const struct judgement *judgement)
{
	printf("done: %d\ntrusted: %d\nnamed: %d\nmatched: %d\n", judgement->done,
		judgement->trusted, judgement->named, judgement->matched);
	if (judgement->by)
		printf("by: %s\n", judgement->by);
	if (judgement->why)
		printf("why: %s\n", judgement->why);
	if (judgement->rests_on)
		printf("rests: %" G_GINT64_FORMAT " %s\n", judgement->rests_until,
			judgement->rests_on);
}

static void judge(struct tls *tls, struct tls_chain *chain)
{
	struct certificate *certificate = tls_certificate(tls, chain);
	struct judgement judgement;

	print_certificate(certificate);
	if (asked.webpki)
		tls_judge_webpki(tls, chain, (const char *const *)asked.demand.names, &judgement);
	else
		tls_judge(tls, chain, &asked.demand, asked.tlsa, asked.base, &judgement);
	print_judgement(&judgement);
	judgement_release(&judgement);
	certificate_free(certificate);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct tls *tls;
	struct tls_chain *chain;

	if (argc < 2)
		return 64;
	asked.names = g_ptr_array_new();
	asked.pins = g_ptr_array_new();
	asked.tlsa = tlsa_array_new();
	client_settings_init(&asked.client, POSTFIX_VERSION(3, 7, 11));
	asked.settings.client = &asked.client;
	asked.demand.level = LEVEL_SECURE;
	asked.demand.security_level = 1;
	for (int i = 2; i < argc; i++)
		set(argv[i]);
	asked.demand.names = finish(asked.names);
	asked.demand.pins = finish(asked.pins);

	tls = tls_new(&asked.settings, &error);
	chain = tls ? read_chain(argv[1]) : NULL;
	if (chain)
		judge(tls, chain);
	else
		printf("error: %s\n", error ? error->message : "no chain");

	tls_chain_unref(chain);
	tls_free(tls);
	g_ptr_array_unref(asked.tlsa);
	demand_release(&asked.demand);
	client_settings_release(&asked.client);
	return chain ? 0 : 1;
}
