/*
 * Chains as a server may send them: each certificate is two bytes of length and DER. The facts are
 * told, and each level judges.
 */
#include "fuzz.h"

#include "core/postfix_version.h"
#include "net/tls.h"

static GPtrArray *split(const uint8_t *data, size_t size)
{
	GPtrArray *der = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	while (size >= 2) {
		size_t length = MIN((size_t)(data[0] << 8 | data[1]), size - 2);

		g_ptr_array_add(der, g_bytes_new(data + 2, length));
		data += 2 + length;
		size -= 2 + length;
	}
	return der;
}

static void check_text(const char *text)
{
	if (!text)
		return;
	g_assert_true(g_utf8_validate(text, -1, NULL));
	g_assert_cmpuint(strlen(text), <=, 4096);
	for (; *text; text++)
		g_assert_true((guchar)*text >= ' ' && *text != 0x7f);
}

static void check_facts(const struct tls *tls, struct tls_chain *chain)
{
	struct certificate *certificate = tls_certificate(tls, chain);

	check_text(certificate->subject);
	check_text(certificate->issuer);
	for (char **name = certificate->names; *name; name++)
		check_text(*name);
	certificate_free(certificate);
}

static void check_judgement(struct judgement *judgement)
{
	g_assert_true(judgement->done);
	g_assert_true(judgement->matched == (judgement->why == NULL));
	check_text(judgement->by);
	check_text(judgement->why);
	check_text(judgement->rests_on);
	judgement_release(judgement);
}

/* The certificate itself, as a record that has to be read before it is believed. */
static GPtrArray *records(GBytes *der)
{
	GPtrArray *tlsa = tlsa_array_new();

	for (guint8 usage = 2; usage <= 3; usage++) {
		struct tlsa *record = g_new0(struct tlsa, 1);
		g_autoptr(GByteArray) rdata = g_byte_array_new();

		g_byte_array_append(rdata, (guint8[]){usage, 0, 0}, 3);
		g_byte_array_append(
			rdata, g_bytes_get_data(der, NULL), (guint)g_bytes_get_size(der));
		tlsa_parse(rdata->data, rdata->len, record);
		tls_tlsa_judge(record);
		g_ptr_array_add(tlsa, record);
	}
	return tlsa;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct client_settings client;
	static struct tls *tls;
	char *names[] = {
		(char *)"mx.example.com", (char *)".example.com", (char *)"192.0.2.1", NULL};
	char *pins[] = {(char *)"AB:CD", NULL};
	struct demand demand = {.security_level = 1, .names = names, .pins = pins};
	g_autoptr(GPtrArray) der = split(data, size);
	struct tls_chain *chain = tls_chain_from_der((const GBytes *const *)der->pdata, der->len);
	struct judgement judgement;

	if (!chain)
		return 0;
	if (!tls) {
		client_settings_init(&client, POSTFIX_NEWEST);
		tls = tls_new(&(struct tls_settings){.client = &client, .now = 1800000000}, NULL);
	}
	check_facts(tls, chain);
	for (demand.level = LEVEL_DANE; demand.level <= LEVEL_SECURE; demand.level++) {
		g_autoptr(GPtrArray) tlsa = records(g_ptr_array_index(der, der->len - 1));

		tls_judge(tls, chain, &demand, tlsa, names[0], &judgement);
		check_judgement(&judgement);
	}
	tls_chain_unref(chain);
	return 0;
}
