#include "net/tls_private.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#define REASONS_MAX 3
#define LISTED_MAX  3
#define COUNTED_MAX 1000

/* -- what a template may name --------------------------------------------------------------- */

typedef char *piece(const struct judge_words *words, const struct fault *fault);

static char *piece_certificate(const struct judge_words *words, const struct fault *fault)
{
	g_autofree char *subject = NULL;

	(void)words;
	if (!fault->depth || !fault->certificate)
		return g_strdup("the certificate");
	subject = tls_subject_words(fault->certificate);
	return g_strdup_printf("the CA certificate \"%s\"", subject);
}

static char *piece_subject(const struct judge_words *words, const struct fault *fault)
{
	(void)words;
	return fault->certificate ? tls_subject_words(fault->certificate)
				  : g_strdup("an unknown CA");
}

static char *piece_issuer(const struct judge_words *words, const struct fault *fault)
{
	(void)words;
	return fault->certificate ? tls_issuer_words(fault->certificate)
				  : g_strdup("an unknown CA");
}

static char *piece_until(const struct judge_words *words, const struct fault *fault)
{
	(void)words;
	return tls_day(fault->certificate ? tls_not_after(fault->certificate) : 0);
}

static char *piece_from(const struct judge_words *words, const struct fault *fault)
{
	(void)words;
	return tls_day(fault->certificate ? tls_not_before(fault->certificate) : 0);
}

static char *piece_bits(const struct judge_words *words, const struct fault *fault)
{
	const EVP_PKEY *key = fault->certificate ? X509_get0_pubkey(fault->certificate) : NULL;

	(void)words;
	return g_strdup_printf("%d", key ? EVP_PKEY_get_bits(key) : 0);
}

static char *piece_anchors(const struct judge_words *words, const struct fault *fault)
{
	(void)fault;
	return g_strdup(words->anchors);
}

static char *piece_depth(const struct judge_words *words, const struct fault *fault)
{
	(void)fault;
	return g_strdup_printf("%u", words->depth);
}

/* "a, b, c and 97 more" */
static char *listed(const char *const *names, const char *last)
{
	guint count = g_strv_length((char **)names), shown = MIN(count, LISTED_MAX);
	GString *list = g_string_new(NULL);

	for (guint i = 0; i < shown; i++)
		g_string_append_printf(list, "%s%s",
			!i		 ? ""
			: i + 1 == count ? last
					 : ", ",
			names[i]);
	if (count > shown)
		g_string_append_printf(list, " and %u more", count - shown);
	return g_string_free(list, FALSE);
}

static char *piece_names(const struct judge_words *words, const struct fault *fault)
{
	g_auto(GStrv) names = tls_names(words->leaf, COUNTED_MAX);

	(void)fault;
	return names[0] ? listed((const char *const *)names, " and ") : g_strdup("no host at all");
}

static char *piece_wanted(const struct judge_words *words, const struct fault *fault)
{
	(void)fault;
	return words->wanted && words->wanted[0] ? listed(words->wanted, " or ")
						 : g_strdup("a name that can be compared");
}

static char *piece_address(const struct judge_words *words, const struct fault *fault)
{
	const char *const *wanted = words->wanted;

	(void)fault;
	while (wanted && *wanted && !g_hostname_is_ip_address(*wanted))
		wanted++;
	return g_strdup(wanted && *wanted ? *wanted : "that is asked for");
}

static const struct {
	const char *name;
	piece *make;
} pieces[] = {
	{"certificate", piece_certificate},
	{"subject", piece_subject},
	{"issuer", piece_issuer},
	{"until", piece_until},
	{"from", piece_from},
	{"bits", piece_bits},
	{"anchors", piece_anchors},
	{"depth", piece_depth},
	{"names", piece_names},
	{"wanted", piece_wanted},
	{"address", piece_address},
};

/* -- the templates -------------------------------------------------------------------------- */

#define NO_ISSUER                                                                                  \
	"the issuer of {certificate}, \"{issuer}\", was not sent and is not among {anchors}"
#define WRONG_NAME    "the certificate is for {names}, not for {wanted}"
#define BAD_DATE      "{certificate} has a date that is none"
#define NOT_ANCHORED  "the chain ends at \"{subject}\", which is not among {anchors}"
#define BAD_SIGNATURE "{certificate} is not signed by \"{issuer}\""

/* NULL: comes along with another one, which says more. */
static const struct {
	int error;
	const char *template;
} templates[] = {
	{X509_V_ERR_CERT_HAS_EXPIRED, "{certificate} ended on {until}"},
	{X509_V_ERR_CERT_NOT_YET_VALID, "{certificate} is not valid before {from}"},
	{X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, BAD_DATE},
	{X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, BAD_DATE},
	{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
		"the certificate is self-signed and not among {anchors}"},
	{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, NOT_ANCHORED},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, NO_ISSUER},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, NO_ISSUER},
	{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, NULL},
	{X509_V_ERR_CERT_UNTRUSTED, NULL},
	{X509_V_ERR_CERT_CHAIN_TOO_LONG,
		"the chain is longer than smtp_tls_scert_verifydepth = {depth} allows"},
	{X509_V_ERR_CERT_SIGNATURE_FAILURE, BAD_SIGNATURE},
	{X509_V_ERR_INVALID_CA, "{certificate} is no certificate of a CA"},
	{X509_V_ERR_INVALID_PURPOSE, "{certificate} is not made for servers"},
	{X509_V_ERR_PATH_LENGTH_EXCEEDED, "{certificate} stands above more CAs than it allows"},
	{X509_V_ERR_HOSTNAME_MISMATCH, WRONG_NAME},
	{X509_V_ERR_IP_ADDRESS_MISMATCH, "the certificate is not for the address {address}"},
	{X509_V_ERR_DANE_NO_MATCH, "none of {anchors} matches what the server sent"},
	{X509_V_ERR_EE_KEY_TOO_SMALL, "the key of the certificate is too weak ({bits} bits)"},
	{X509_V_ERR_CA_KEY_TOO_SMALL, "the key of {certificate} is too weak ({bits} bits)"},
	{X509_V_ERR_CA_MD_TOO_WEAK, "{certificate} is signed with a digest that is too weak"},
};

gboolean tls_fault_is_name(int error)
{
	return error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

/* FALSE: not in the table. */
static gboolean template_of(int error, const char **template)
{
	for (gsize i = 0; i < G_N_ELEMENTS(templates); i++)
		if (templates[i].error == error) {
			*template = templates[i].template;
			return TRUE;
		}
	return FALSE;
}

static char *fill(const char *template, const struct judge_words *words, const struct fault *fault)
{
	GString *text = g_string_new(NULL);

	while (*template) {
		gsize plain = strcspn(template, "{");

		g_string_append_len(text, template, (gssize)plain);
		template += plain;
		for (gsize i = 0; *template && i < G_N_ELEMENTS(pieces); i++) {
			gsize len = strlen(pieces[i].name);
			g_autofree char *made = NULL;

			if (strncmp(template + 1, pieces[i].name, len) != 0 ||
				template[1 + len] != '}')
				continue;
			made = pieces[i].make(words, fault);
			g_string_append(text, made);
			template += len + 2;
			break;
		}
	}
	return g_string_free(text, FALSE);
}

static char *fault_words(const struct judge_words *words, const struct fault *fault)
{
	g_autofree char *certificate = NULL;
	const char *template;

	if (template_of(fault->error, &template)) {
		if (template && words->no_anchors && strstr(template, "{anchors}"))
			return g_strdup(words->no_anchors);
		return template ? fill(template, words, fault) : NULL;
	}
	certificate = piece_certificate(words, fault);
	return g_strdup_printf("%s: %s", certificate, X509_verify_cert_error_string(fault->error));
}

static gboolean has(const GPtrArray *reasons, const char *reason)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)reasons, reason, g_str_equal, NULL);
}

/* What chains lead to is told once: who found no record, or gave up, finds no issuer either. */
static gboolean is_final(int error)
{
	return error == X509_V_ERR_CERT_CHAIN_TOO_LONG || error == X509_V_ERR_DANE_NO_MATCH;
}

static gboolean is_about_anchors(int error)
{
	const char *template;

	return template_of(error, &template) && template && strstr(template, "{anchors}");
}

char *tls_judge_why(const struct judge_words *words, const GArray *faults)
{
	g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);
	gboolean final = FALSE;

	for (guint i = 0; i < faults->len && reasons->len < REASONS_MAX; i++) {
		const struct fault *fault = &g_array_index(faults, struct fault, i);
		g_autofree char *reason = NULL;

		if (final && is_about_anchors(fault->error))
			continue;
		final = final || is_final(fault->error);
		reason = fault_words(words, fault);
		if (reason && !has(reasons, reason))
			g_ptr_array_add(reasons, g_steal_pointer(&reason));
	}
	if (!reasons->len)
		return g_strdup_printf("the certificate does not lead to %s", words->anchors);
	g_ptr_array_add(reasons, NULL);
	return g_strjoinv("; ", (char **)reasons->pdata);
}
