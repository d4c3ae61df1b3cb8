#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certificates.h"
#include "core/postfix_version.h"
#include "net/tls_tafile.h"

static client_settings_t client;

static struct tls *new_tls(const char *digest)
{
	struct tls_settings settings = {.client = &client, .now = CERTIFICATES_NOW};

	g_free(client.fingerprint_digest);
	client.fingerprint_digest = g_strdup(digest);
	return tls_new(&settings, NULL);
}

static struct certificate *facts_of(const struct made *made)
{
	struct tls *tls = new_tls("sha256");
	struct tls_chain *chain = made_chain((const struct made *[]){made, NULL});
	struct certificate *certificate = tls_certificate(tls, chain);

	tls_chain_unref(chain);
	tls_free(tls);
	return certificate;
}

/* A certificate with one name of these very bytes. */
static struct made with_name(const char *bytes, int size, int times)
{
	struct made made = made_by(&(struct recipe){0}, NULL);
	GENERAL_NAMES *names = GENERAL_NAMES_new();

	for (int i = 0; i < times; i++) {
		GENERAL_NAME *name = GENERAL_NAME_new();
		ASN1_IA5STRING *value = ASN1_IA5STRING_new();

		ASN1_STRING_set(value, bytes, size);
		GENERAL_NAME_set0_value(name, GEN_DNS, value);
		sk_GENERAL_NAME_push(names, name);
	}
	assert_int_equal(X509_add1_ext_i2d(made.certificate, NID_subject_alt_name, names, 0, 0), 1);
	GENERAL_NAMES_free(names);
	assert_true(X509_sign(made.certificate, made.key, EVP_sha256()) > 0);
	return made;
}

/* -- facts ---------------------------------------------------------------------------------- */

static void facts(void **state)
{
	static const struct {
		struct recipe recipe;
		const char *subject, *names, *kind;
		guint bits;
	} cases[] = {
		{{.common = "mx.example.com"}, "mx.example.com", "mx.example.com", "ECDSA", 256},
		{{.common = "x", .names = "DNS:a.test,DNS:*.b.test"}, "x", "a.test *.b.test",
			"ECDSA", 256},
		{{.names = "DNS:a.test,IP:192.0.2.1", .rsa = 2048}, "a.test", "a.test", "RSA",
			2048},
		{{.names = "IP:192.0.2.1", .rsa = 1024}, "without a name", "", "RSA", 1024},
		{{.common = "Zertifizierungsstelle für Ä"}, "Zertifizierungsstelle für Ä",
			"Zertifizierungsstelle für Ä", "ECDSA", 256},
		{{.common = "a\033[2Jb\nc"}, "a\\x1B[2Jb\\x0Ac", "a\\x1B[2Jb\\x0Ac", "ECDSA", 256},
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct made made = made_by(&cases[i].recipe, NULL);
		struct certificate *certificate = facts_of(&made);
		g_autofree char *names = g_strjoinv(" ", certificate->names);

		assert_string_equal(certificate->subject, cases[i].subject);
		assert_string_equal(names, cases[i].names);
		assert_string_equal(certificate->kind, cases[i].kind);
		assert_int_equal(certificate->bits, cases[i].bits);
		assert_int_equal(certificate->not_before, CERTIFICATES_NOW - 30 * (gint64)DAY);
		assert_int_equal(certificate->not_after, CERTIFICATES_NOW + 60 * (gint64)DAY);
		certificate_free(certificate);
		made_free(&made);
	}
}

static void issuers(void **state)
{
	struct made ca = made_by(&(struct recipe){.common = "The CA", .ca = TRUE}, NULL);
	struct made leaf = made_by(&(struct recipe){.common = "leaf"}, &ca);
	struct certificate *certificate = facts_of(&leaf);

	(void)state;
	assert_string_equal(certificate->issuer, "The CA");
	certificate_free(certificate);
	made_free(&leaf);
	made_free(&ca);
}

/* -- certificates of those who mean harm ----------------------------------------------------- */

static void hostile_names(void **state)
{
	g_autofree char *million = g_strnfill(1000000, 'a');
	const struct {
		const char *bytes;
		int size, times;
		guint count;
		const char *first; /* begins so */
	} cases[] = {
		{"good.test\0.evil.test", 20, 1, 1, "good.test\\x00.evil.test"},
		{"", 0, 1, 1, ""},
		{"\xff\xfe", 2, 1, 1, "\\xFF\\xFE"},
		{"\r\nSet: x", 8, 1, 1, "\\x0D\\x0ASet: x"},
		{million, 1000000, 1, 1, "aaaaaaaa"},
		{"a.test", 6, 50000, 100, "a.test"},
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct made made = with_name(cases[i].bytes, cases[i].size, cases[i].times);
		struct certificate *certificate = facts_of(&made);

		assert_int_equal(g_strv_length(certificate->names), cases[i].count);
		assert_true(strlen(certificate->names[0]) <= 255);
		assert_true(g_str_has_prefix(certificate->names[0], cases[i].first));
		certificate_free(certificate);
		made_free(&made);
	}
}

/* RFC 6125: a NUL does not end a name. */
static void nul_is_no_end(void **state)
{
	struct made made = with_name("good.test\0.evil.test", 20, 1);
	struct tls *tls = new_tls("sha256");
	struct tls_chain *chain = made_chain((const struct made *[]){&made, NULL});
	char *names[] = {(char *)"good.test", NULL};
	struct demand demand = {.level = LEVEL_SECURE, .names = names};
	struct judgement judgement;

	(void)state;
	tls_judge(tls, chain, &demand, NULL, NULL, &judgement);
	assert_false(judgement.named);
	judgement_release(&judgement);
	tls_chain_unref(chain);
	tls_free(tls);
	made_free(&made);
}

/* -- chains --------------------------------------------------------------------------------- */

static void garbage(void **state)
{
	struct made made = made_by(&(struct recipe){.common = "x"}, NULL);
	g_autoptr(GBytes) good = made_der(&made);
	gsize size;
	const guint8 *data = g_bytes_get_data(good, &size);
	g_autofree guint8 *longer = g_malloc0(size + 1);
	g_autoptr(GBytes) cut = g_bytes_new(data, size - 1);
	g_autoptr(GBytes) tail = NULL;
	g_autoptr(GBytes) empty = g_bytes_new(NULL, 0);
	struct tls_chain *chain;

	(void)state;
	memcpy(longer, data, size);
	tail = g_bytes_new(longer, size + 1);
	assert_null(tls_chain_from_der(NULL, 0));
	assert_null(tls_chain_from_der((const GBytes *[]){cut}, 1));
	assert_null(tls_chain_from_der((const GBytes *[]){tail}, 1));
	assert_null(tls_chain_from_der((const GBytes *[]){good, empty}, 2));
	chain = tls_chain_from_der((const GBytes *[]){good}, 1);
	assert_non_null(chain);
	tls_chain_unref(chain);
	made_free(&made);
}

/* More than stay parsed at a time; all can still be asked, and answer the same. */
static void many(void **state)
{
	enum { COUNT = 300 };
	static struct tls_chain *chains[COUNT];
	struct tls *tls = new_tls("sha256");
	struct made ca = made_by(&(struct recipe){.common = "ca", .ca = TRUE}, NULL);

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		g_autofree char *name = g_strdup_printf("mx%d", i);
		struct made leaf = made_by(&(struct recipe){.common = name}, &ca);

		chains[i] = made_chain((const struct made *[]){&leaf, &ca, NULL});
		assert_true(!i || chains[i] != chains[i - 1]);
		made_free(&leaf);
	}
	for (int i = 0; i < COUNT; i++) {
		g_autofree char *name = g_strdup_printf("mx%d", i);
		struct certificate *certificate = tls_certificate(tls, chains[i]);

		assert_string_equal(certificate->subject, name);
		certificate_free(certificate);
		tls_chain_unref(chains[i]);
	}
	made_free(&ca);
	tls_free(tls);
}

/* -- digests and paths ----------------------------------------------------------------------- */

static void digests(void **state)
{
	static const struct {
		const char *name;
		GChecksumType type;
	} cases[] = {{"md5", G_CHECKSUM_MD5}, {"sha1", G_CHECKSUM_SHA1},
		{"sha256", G_CHECKSUM_SHA256}, {"sha512", G_CHECKSUM_SHA512}};
	struct made made = made_by(&(struct recipe){.common = "x"}, NULL);
	g_autoptr(GBytes) der = made_der(&made);
	g_autoptr(GBytes) key = made_key_der(&made);

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct tls *tls = new_tls(cases[i].name);
		struct tls_chain *chain = made_chain((const struct made *[]){&made, NULL});
		struct certificate *certificate = tls_certificate(tls, chain);
		g_autofree char *want = g_compute_checksum_for_bytes(cases[i].type, der);
		g_autofree char *want_key = g_compute_checksum_for_bytes(cases[i].type, key);
		g_auto(GStrv) pairs = g_strsplit(certificate->certificate_digest, ":", -1);
		g_auto(GStrv) key_pairs = g_strsplit(certificate->key_digest, ":", -1);
		g_autofree char *got = g_strjoinv("", pairs);
		g_autofree char *got_key = g_strjoinv("", key_pairs);

		assert_int_equal(g_ascii_strcasecmp(got, want), 0);
		assert_int_equal(g_ascii_strcasecmp(got_key, want_key), 0);
		certificate_free(certificate);
		tls_chain_unref(chain);
		tls_free(tls);
	}
	made_free(&made);
}

/* As Postfix writes them, and as somebody may type them. */
static char *fingerprint(GBytes *bytes, GChecksumType type, gboolean colons)
{
	g_autofree char *hex = g_compute_checksum_for_bytes(type, bytes);
	GString *text;

	if (!colons)
		return g_steal_pointer(&hex);
	text = g_string_new(NULL);
	for (const char *p = hex; *p; p++) {
		g_string_append(text, p != hex && (p - hex) % 2 == 0 ? ":" : "");
		g_string_append_c(text, g_ascii_toupper(*p));
	}
	return g_string_free(text, FALSE);
}

/* facts 2.5, 10.6: certificate or key, one is enough; an expired certificate is no matter, ... */
static void fingerprints(void **state)
{
	struct made made =
		made_by(&(struct recipe){.common = "x", .from = -60, .until = -14}, NULL);
	struct made other = made_by(&(struct recipe){.common = "x"}, NULL);
	g_autoptr(GBytes) der = made_der(&made);
	g_autoptr(GBytes) key = made_key_der(&made);
	g_autoptr(GBytes) another = made_der(&other);
	g_autofree char *certificate = fingerprint(der, G_CHECKSUM_SHA256, TRUE);
	g_autofree char *of_key = fingerprint(key, G_CHECKSUM_SHA256, TRUE);
	g_autofree char *plain = fingerprint(key, G_CHECKSUM_SHA256, FALSE);
	g_autofree char *sha1 = fingerprint(der, G_CHECKSUM_SHA1, TRUE);
	g_autofree char *wrong = fingerprint(another, G_CHECKSUM_SHA256, TRUE);
	g_autofree char *longer = g_strconcat(certificate, ":00", NULL);
	const struct {
		char *pins[3];
		const char *by, *why;
	} cases[] = {
		{{certificate}, certificate, NULL},
		{{of_key}, of_key, NULL},
		{{plain}, of_key, NULL},
		{{(char *)"00:11", wrong, of_key}, of_key, NULL},
		{{wrong}, NULL, "none of the fingerprints matches what the server sent"},
		{{sha1}, NULL, "none of the fingerprints is one of sha256"},
		{{longer, (char *)"00:11"}, NULL, "none of the fingerprints is one of sha256"},
		{{NULL}, NULL, "none of the fingerprints is one of sha256"},
	};
	struct tls *tls = new_tls("sha256");
	struct tls_chain *chain = made_chain((const struct made *[]){&made, NULL});

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *pins[4] = {cases[i].pins[0], cases[i].pins[1], cases[i].pins[2], NULL};
		struct demand demand = {
			.level = LEVEL_FINGERPRINT, .security_level = 1, .pins = pins};
		struct judgement judgement;

		tls_judge(tls, chain, &demand, NULL, NULL, &judgement);
		if (judgement.matched != (cases[i].by != NULL) ||
			g_strcmp0(judgement.by, cases[i].by) != 0 ||
			(cases[i].why && !strstr(judgement.why, cases[i].why)))
			fail_msg("%s: %s", pins[0],
				judgement.matched ? judgement.by : judgement.why);
		assert_int_equal(judgement.rests_until, 0);
		judgement_release(&judgement);
	}
	tls_chain_unref(chain);
	tls_free(tls);
	made_free(&other);
	made_free(&made);
}

/* ... but a weak key is, as posttls-finger 3.7.11 has it, too. */
static void weak_keys(void **state)
{
	struct made made = made_by(&(struct recipe){.common = "x", .rsa = 768}, NULL);
	g_autoptr(GBytes) der = made_der(&made);
	g_autofree char *pin = fingerprint(der, G_CHECKSUM_SHA256, TRUE);
	char *pins[] = {pin, NULL};
	struct demand demand = {.level = LEVEL_FINGERPRINT, .security_level = 1, .pins = pins};
	struct tls *tls = new_tls("sha256");
	struct tls_chain *chain = made_chain((const struct made *[]){&made, NULL});
	struct judgement judgement;

	(void)state;
	tls_judge(tls, chain, &demand, NULL, NULL, &judgement);
	assert_string_equal(judgement.why, "the key of the certificate is too weak (768 bits)");
	judgement_release(&judgement);
	tls_chain_unref(chain);
	tls_free(tls);
	made_free(&made);
}

static void unknown_digest(void **state)
{
	struct tls_settings settings = {.client = &client};
	g_autoptr(GError) error = NULL;

	(void)state;
	g_free(client.fingerprint_digest);
	client.fingerprint_digest = g_strdup("sha-2");
	assert_null(tls_new(&settings, &error));
	assert_non_null(strstr(error->message, "smtp_tls_fingerprint_digest = sha-2"));
}

static void tafile_paths(void **state)
{
	g_autofree char *whole = tls_tafile_path(TEXT_LITERAL("/etc/x.pem"));
	g_autofree char *part = tls_tafile_path(TEXT_LITERAL("etc/x.pem"));

	(void)state;
	assert_string_equal(whole, "/etc/x.pem");
	assert_string_equal(part, "/var/spool/postfix/etc/x.pem");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts),
		cmocka_unit_test(issuers),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(nul_is_no_end),
		cmocka_unit_test(garbage),
		cmocka_unit_test(many),
		cmocka_unit_test(digests),
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(weak_keys),
		cmocka_unit_test(unknown_digest),
		cmocka_unit_test(tafile_paths),
	};
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	client_settings_release(&client);
	return failed;
}
