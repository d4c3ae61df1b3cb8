#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib/gstdio.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/protocols.h"
#include "net/tls_facts.h"
#include "net/tls_tafile.h"

/* -- ciphers -------------------------------------------------------------------------------- */

#define PROTOCOL_TLSV1_2 (PROTOCOL_TLSV1_2)

/* What Postfix 3.7.11 with OpenSSL 3.0 did: TRUE = "error setting cipher grade", "no ciphers". */
static const struct {
	const char *grade, *exclude;
	enum level level;
	unsigned protocols;
	gboolean none;
} cipher_cases[] = {
	{"medium", "aNULL", LEVEL_ENCRYPT, PROTOCOLS_ALL, FALSE},
	{"medium", "aNULL:MD5", LEVEL_ENCRYPT, PROTOCOLS_ALL, FALSE},
	{"medium", "kRSA:3DES", LEVEL_ENCRYPT, PROTOCOLS_ALL, FALSE},
	{"medium", "NOSUCHCIPHER", LEVEL_ENCRYPT, PROTOCOLS_ALL, FALSE},
	{"medium", "ALL", LEVEL_ENCRYPT, PROTOCOLS_ALL, TRUE},
	{"medium", "ALL:TLSv1.3", LEVEL_ENCRYPT, PROTOCOLS_ALL, TRUE},
	{"medium", "all", LEVEL_ENCRYPT, PROTOCOLS_ALL, FALSE},
	{"medium", "HIGH", LEVEL_ENCRYPT, PROTOCOLS_ALL, TRUE},
	{"medium", "HIGH:MEDIUM", LEVEL_MAY, PROTOCOLS_ALL, TRUE},
	{"low", "HIGH:MEDIUM", LEVEL_ENCRYPT, PROTOCOLS_ALL, TRUE},
	{"medium", "DEFAULT", LEVEL_ENCRYPT, PROTOCOLS_ALL, FALSE},
	{"medium", "kEECDH:kEDH:kRSA", LEVEL_ENCRYPT, PROTOCOLS_ALL, FALSE},
	{"medium", "kEECDH:kEDH:kRSA", LEVEL_ENCRYPT, PROTOCOL_TLSV1_2, TRUE},
	{"medium", "SHA1", LEVEL_ENCRYPT, PROTOCOL_TLSV1_1, TRUE},
	{"medium", "TLSv1.2", LEVEL_SECURE, PROTOCOL_TLSV1_2, FALSE},
	{"medium", "aNULL, MD5", LEVEL_ENCRYPT, PROTOCOLS_ALL, FALSE},
	{"medium", "/", LEVEL_ENCRYPT, PROTOCOLS_ALL, TRUE},
	{"medium", "a/b", LEVEL_ENCRYPT, PROTOCOLS_ALL, FALSE},
	{"medium", "_", LEVEL_ENCRYPT, PROTOCOLS_ALL, TRUE},
	{"medium", "AES;", LEVEL_ENCRYPT, PROTOCOLS_ALL, FALSE},
	{"medium", "HIGH|MEDIUM", LEVEL_ENCRYPT, PROTOCOLS_ALL, TRUE},
	{"null", NULL, LEVEL_ENCRYPT, PROTOCOLS_ALL, TRUE},
	{"null", NULL, LEVEL_MAY, PROTOCOLS_ALL, FALSE},
	{"null", NULL, LEVEL_SECURE, PROTOCOLS_ALL, FALSE},
	{"null", NULL, LEVEL_SECURE, PROTOCOL_TLSV1_2, TRUE},
};

static void ciphers(void **state)
{
	(void)state;
	/* Twice: the second answer comes from memory. */
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(cipher_cases); i++) {
		size_t j = i % G_N_ELEMENTS(cipher_cases);
		struct cipher_choice choice = {cipher_cases[j].grade,
			text_of(cipher_cases[j].exclude), cipher_cases[j].level,
			cipher_cases[j].protocols};

		if (tls_no_cipher_left(&choice, NULL) != cipher_cases[j].none)
			fail_msg("ciphers=%s exclude=%s at %s", cipher_cases[j].grade,
				cipher_cases[j].exclude, level_name(cipher_cases[j].level));
	}
}

/* -- trust anchor files --------------------------------------------------------------------- */

#define CERT_BODY                                                                                  \
	"MIIBgjCCASmgAwIBAgIULTvzrKlZSe+QJi8xuvFTBhNpMk4wCgYIKoZIzj0EAwIw\n"                       \
	"FjEUMBIGA1UEAwwLYW5jaG9yLnRlc3QwIBcNMjYxMTIzMDgwOTU5WhgPMjEyNjEw\n"                       \
	"MzAwODA5NTlaMBYxFDASBgNVBAMMC2FuY2hvci50ZXN0MFkwEwYHKoZIzj0CAQYI\n"                       \
	"KoZIzj0DAQcDQgAEz8/gOllpj8ZJftwOClb+9x1KVMNiFguj1b1I1/PvOoUurcaT\n"                       \
	"n/rmnrR8rrXfFK0GEbC886Out2Npe8aOU51ebaNTMFEwHQYDVR0OBBYEFPd0v0p8\n"                       \
	"sdVn/uuQaFg+WUQdjulnMB8GA1UdIwQYMBaAFPd0v0p8sdVn/uuQaFg+WUQdjuln\n"                       \
	"MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgI/M1F0Iyfd+xxJnZ\n"                       \
	"gsYfGy05hkz0JeiSUaOcZFgdpWICIGVvBbaHtsECzM33r7gyM7Oe3eoKBpjmr5Ll\n"                       \
	"gu+w97G7\n"
#define KEY_BODY                                                                                   \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEz8/gOllpj8ZJftwOClb+9x1KVMNi\n"                       \
	"Fguj1b1I1/PvOoUurcaTn/rmnrR8rrXfFK0GEbC886Out2Npe8aOU51ebQ==\n"
#define BLOCK(name, body) "-----BEGIN " name "-----\n" body "-----END " name "-----\n"

/* What Postfix 3.7.11 made of such files. */
static const struct {
	const char *name, *content;
	mode_t mode;
	enum tafile_state state;
} files[] = {
	{"cert.pem", "a comment\n" BLOCK("CERTIFICATE", CERT_BODY), 0644, TAFILE_USABLE},
	{"old.pem", BLOCK("X509 CERTIFICATE", CERT_BODY), 0644, TAFILE_USABLE},
	{"pub.pem", BLOCK("PUBLIC KEY", KEY_BODY), 0644, TAFILE_USABLE},
	{"both.pem", BLOCK("X509 CRL", CERT_BODY) BLOCK("CERTIFICATE", CERT_BODY), 0644,
		TAFILE_USABLE},
	{"trusted.pem", BLOCK("TRUSTED CERTIFICATE", CERT_BODY), 0644, TAFILE_NO_CERTIFICATE},
	{"key.pem", BLOCK("PRIVATE KEY", KEY_BODY), 0644, TAFILE_NO_CERTIFICATE},
	{"der.pem", BLOCK("CERTIFICATE", "AAAA\n"), 0644, TAFILE_BROKEN},
	{"cut.pem", "-----BEGIN CERTIFICATE-----\n" CERT_BODY, 0644, TAFILE_NO_PEM},
	{"tail.pem", BLOCK("CERTIFICATE", CERT_BODY) "-----BEGIN CERTIFICATE-----\nAAAA\n", 0644,
		TAFILE_NO_PEM},
	{"empty.pem", "", 0644, TAFILE_NO_PEM},
	{"text.pem", "root:x:0:0\n", 0644, TAFILE_NO_PEM},
	{"secret.pem", BLOCK("CERTIFICATE", CERT_BODY), 0600, TAFILE_UNREADABLE},
};

static gboolean postfix_is_somebody_else(void)
{
	const struct passwd *user = getpwnam("postfix");

	return user && user->pw_uid != geteuid();
}

static void expect_file(const char *path, enum tafile_state want)
{
	enum tafile_state got = tls_tafile_state(text_of(path), NULL);

	if (want == TAFILE_UNREADABLE && !postfix_is_somebody_else())
		return;
	if (got != want)
		fail_msg("%s: %d, want %d", path, got, want);
}

static void write_file(const char *path, const char *content, mode_t mode)
{
	assert_true(g_file_set_contents(path, content, -1, NULL));
	assert_int_equal(g_chmod(path, mode), 0);
}

static void trust_anchors(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("tlspol-facts.XXXXXX", NULL);
	g_autofree char *closed = g_build_filename(dir, "closed", NULL);
	g_autofree char *inside = g_build_filename(closed, "cert.pem", NULL);
	g_autofree char *link = g_build_filename(dir, "link.pem", NULL);
	g_autofree char *pipe = g_build_filename(dir, "pipe.pem", NULL);
	g_autofree char *gone = g_build_filename(dir, "gone.pem", NULL);

	(void)state;
	assert_non_null(dir);
	assert_int_equal(g_chmod(dir, 0755), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_build_filename(dir, files[i].name, NULL);

		write_file(path, files[i].content, files[i].mode);
		expect_file(path, files[i].state);
		g_unlink(path);
	}
	assert_int_equal(g_mkdir(closed, 0700), 0);
	write_file(inside, BLOCK("CERTIFICATE", CERT_BODY), 0644);
	assert_int_equal(symlink("closed/cert.pem", link), 0);
	expect_file(inside, TAFILE_UNREADABLE);
	expect_file(link, TAFILE_UNREADABLE);
	expect_file(gone, TAFILE_MISSING);
	expect_file(dir, TAFILE_NO_PEM);
	expect_file("/dev/null", TAFILE_NO_PEM);
	expect_file("/dev/null/x", TAFILE_MISSING);
	assert_int_equal(mkfifo(pipe, 0644), 0);
	expect_file(pipe, TAFILE_UNKNOWN);
	/* Nobody writes into it: reading would take for ever. */
	assert_int_equal(tls_tafile_read(pipe, NULL), TAFILE_UNKNOWN);
	expect_file("no-such-file-below-the-queue-directory", TAFILE_MISSING);
	g_unlink(pipe);
	g_unlink(link);
	g_unlink(inside);
	g_rmdir(closed);
	g_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ciphers),
		cmocka_unit_test(trust_anchors),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
