#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib/gstdio.h>

#include "certificates.h"
#include "core/postfix_version.h"

/* -- the certificates ----------------------------------------------------------------------- */

#define SINK "DNS:*.oracle.test,DNS:oracle.test,DNS:*.example.com,DNS:example.com"

/* An issuer stands above what it signs. */
static const struct {
	const char *name, *issuer;
	struct recipe recipe;
} made_list[] = {
	{"root", NULL, {.common = "Test Root", .from = -900, .until = 900, .ca = TRUE}},
	{"other", NULL, {.common = "Other Root", .from = -900, .until = 900, .ca = TRUE}},
	{"inter", "root", {.common = "Inter", .from = -300, .until = 300, .ca = TRUE}},
	{"deeper", "inter", {.common = "Deeper", .from = -300, .until = 30, .ca = TRUE}},
	{"old", "root", {.common = "Old Inter", .from = -300, .until = -1, .ca = TRUE}},
	{"leaf", "inter", {.common = "sink", .names = SINK}},
	{"deep", "deeper", {.names = "DNS:example.com"}},
	{"under-old", "old", {.names = "DNS:example.com"}},
	{"mx1", "inter", {.common = "x", .names = "DNS:mx1.example.net"}},
	{"cn", "inter", {.common = "mx.example.org"}},
	{"cn-and-name", "inter", {.common = "mx.example.org", .names = "DNS:other.example"}},
	{"cn-and-mail", "inter", {.common = "mx.example.org", .names = "email:a@example.org"}},
	{"partial", "inter", {.names = "DNS:f*.example.com"}},
	{"address", "inter",
		{.common = "x", .names = "DNS:mx.ip.test,IP:192.0.2.1,IP:2001:db8::1"}},
	{"expired", "inter", {.names = "DNS:example.com", .from = -60, .until = -14}},
	{"future", "inter", {.names = "DNS:example.com", .from = 2, .until = 60}},
	{"client", "inter", {.names = "DNS:example.com", .purpose = "clientAuth"}},
	{"server", "inter", {.names = "DNS:example.com", .purpose = "serverAuth"}},
	{"weak", "inter", {.names = "DNS:example.com", .rsa = 768}},
	{"rsa1024", "inter", {.names = "DNS:example.com", .rsa = 1024}},
	{"under-leaf", "leaf", {.names = "DNS:example.com"}},
	{"self", NULL, {.common = "self", .names = "DNS:*.oracle.test"}},
	{"self-expired", NULL,
		{.common = "self", .names = "DNS:*.oracle.test", .from = -60, .until = -14}},
};
static struct made made[G_N_ELEMENTS(made_list)];
static char *directory;

static const struct made *find(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(made_list); i++)
		if (strcmp(made_list[i].name, name) == 0)
			return &made[i];
	g_error("no certificate %s", name);
}

/* "DIRECTORY/root.pem", "DIRECTORY/root.key" (its public key) */
static char *path_of(const char *name)
{
	return g_strdup_printf("%s/%s%s", directory, name, strchr(name, '.') ? "" : ".pem");
}

static int make_all(void **state)
{
	g_autofree char *list = NULL, *others = NULL;

	(void)state;
	directory = g_dir_make_tmp("tlspol-judge.XXXXXX", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(made_list); i++) {
		const char *issuer = made_list[i].issuer;
		const struct made *one[] = {&made[i], NULL};
		g_autofree char *pem = path_of(made_list[i].name);
		g_autofree char *key = g_strdup_printf("%s/%s.key", directory, made_list[i].name);

		made[i] = made_by(&made_list[i].recipe, issuer ? find(issuer) : NULL);
		made_write(pem, one, FALSE);
		made_write(key, one, TRUE);
	}
	list = path_of("both.pem");
	made_write(list, (const struct made *[]){find("other"), find("root"), NULL}, FALSE);
	others = path_of("crl.pem");
	g_assert_true(g_file_set_contents(
		others, "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", -1, NULL));
	return 0;
}

static int remove_all(void **state)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(made); i++)
		made_free(&made[i]);
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);

		g_unlink(path);
	}
	g_rmdir(directory);
	g_free(directory);
	return 0;
}

/* "leaf inter" */
static struct tls_chain *chain_of(const char *names)
{
	g_auto(GStrv) words = g_strsplit(names, " ", -1);
	const struct made *parts[8] = {NULL};

	for (guint i = 0; words[i]; i++)
		parts[i] = find(words[i]);
	return made_chain(parts);
}

/* -- one question --------------------------------------------------------------------------- */

struct question {
	const char *chain;
	enum level level;
	const char *names;  /* by blanks; NULL = none at all */
	const char *ca;	    /* NULL = main.cf has none */
	const char *tafile; /* by blanks */
	const char *tlsa;   /* "3 1 1 leaf, 2 0 1 root" */
	int security;	    /* + 1; 0 = as the level has it: 1 */
	int depth;	    /* + 1; 0 = 9 */
};

static GBytes *digest_of(GBytes *bytes, GChecksumType type)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(type);
	guint8 digest[64];
	gsize size = sizeof digest;

	g_checksum_update(checksum, g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes));
	g_checksum_get_digest(checksum, digest, &size);
	return g_bytes_new(digest, size);
}

/* A record for a certificate: "3 1 1 leaf"; "short" behind it: without its last byte. */
static struct tlsa *record_of(const char *text)
{
	g_auto(GStrv) words = g_strsplit(g_strchug((char *)text), " ", -1);
	guint8 head[] = {(guint8)atoi(words[0]), (guint8)atoi(words[1]), (guint8)atoi(words[2])};
	const struct made *who = find(words[3]);
	g_autoptr(GBytes) data = head[1] == 1 ? made_key_der(who) : made_der(who);
	g_autoptr(GByteArray) rdata = g_byte_array_new();
	struct tlsa *tlsa = g_new0(struct tlsa, 1);

	if (head[2]) {
		g_autoptr(GBytes) whole = g_steal_pointer(&data);

		data = digest_of(whole, head[2] == 2 ? G_CHECKSUM_SHA512 : G_CHECKSUM_SHA256);
	}
	g_byte_array_append(rdata, head, sizeof head);
	g_byte_array_append(rdata, g_bytes_get_data(data, NULL),
		(guint)g_bytes_get_size(data) - (words[4] ? 1 : 0));
	tlsa_parse(rdata->data, rdata->len, tlsa);
	tls_tlsa_judge(tlsa);
	return tlsa;
}

static GPtrArray *records_of(const char *text)
{
	g_auto(GStrv) records = g_strsplit(text ? text : "", ",", -1);
	GPtrArray *tlsa = tlsa_array_new();

	for (char **record = records; *record; record++)
		g_ptr_array_add(tlsa, record_of(*record));
	return tlsa;
}

static char *paths_of(const char *names)
{
	g_auto(GStrv) words = g_strsplit(names, " ", -1);

	for (char **word = words; *word; word++) {
		char *path = path_of(*word);

		g_free(*word);
		*word = path;
	}
	return g_strjoinv("\n", words);
}

static char **words_of(const char *text)
{
	return text ? g_strsplit(text, " ", -1) : NULL;
}

static struct tls *new_tls(struct client_settings *client, const char *ca)
{
	struct tls_settings settings = {.client = client, .now = CERTIFICATES_NOW};

	g_free(client->ca_file);
	client->ca_file = ca ? path_of(ca) : NULL;
	return tls_new(&settings, NULL);
}

/* Asked twice: what is remembered is what was found. */
static void judge_twice(struct tls *tls, const char *names, const struct demand *demand,
	const GPtrArray *tlsa, struct judgement *judgement)
{
	struct tls_chain *chain = chain_of(names);
	struct judgement again;

	assert_non_null(chain);
	tls_judge(tls, chain, demand, tlsa, NULL, judgement);
	tls_judge(tls, chain, demand, tlsa, NULL, &again);
	assert_int_equal(g_strcmp0(judgement->why, again.why), 0);
	assert_int_equal(g_strcmp0(judgement->by, again.by), 0);
	assert_int_equal(judgement->matched, again.matched);
	assert_int_equal(judgement->rests_until, again.rests_until);
	judgement_release(&again);
	tls_chain_unref(chain);
}

static void ask_tls(struct tls *tls, const struct question *question, struct judgement *judgement)
{
	g_autoptr(GPtrArray) tlsa = records_of(question->tlsa);
	struct demand demand = {.level = question->level ? question->level : LEVEL_SECURE,
		.security_level = question->security ? (guint)question->security - 1 : 1,
		.names = words_of(question->names),
		.tafile = question->tafile ? paths_of(question->tafile) : NULL};

	judge_twice(tls, question->chain, &demand, tlsa, judgement);
	assert_true(judgement->done);
	assert_int_equal(judgement->matched, judgement->why == NULL);
	assert_int_equal(judgement->matched, judgement->by != NULL);
	demand_release(&demand);
}

static void ask(const struct question *question, struct judgement *judgement)
{
	g_auto(client_settings_t) client;
	struct tls *tls;

	client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
	if (question->depth)
		client.verify_depth = (guint)question->depth - 1;
	tls = new_tls(&client, question->ca);
	ask_tls(tls, question, judgement);
	tls_free(tls);
}

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

/* `says` is part of what matched, or of why not. */
static void expect(const struct question *question, gboolean matched, const char *says)
{
	struct judgement judgement;

	ask(question, &judgement);
	if (judgement.matched != matched ||
		(says && !strstr(matched ? judgement.by : judgement.why, says)))
		fail_msg("%s names %s ca %s tafile %s tlsa %s: by %s, why %s", question->chain,
			or_none(question->names), or_none(question->ca), or_none(question->tafile),
			or_none(question->tlsa), or_none(judgement.by), or_none(judgement.why));
	judgement_release(&judgement);
}

/* -- names: facts 2.4, 10.2, 10.6 ------------------------------------------------------------ */

static void names(void **state)
{
	static const struct {
		const char *chain, *names;
		gboolean matched;
		const char *says;
	} cases[] = {
		{"leaf inter", "example.com", TRUE, "example.com"},
		{"leaf inter", "EXAMPLE.com", TRUE, "example.com"},
		{"leaf inter", "x.example.com", TRUE, "*.example.com"},
		{"leaf inter", "a.b.oracle.test", FALSE,
			"for *.oracle.test, oracle.test, *.example.com and 1 more, not for "
			"a.b.oracle.test"},
		{"leaf inter", ".example.com", TRUE, "*.example.com"},
		{"leaf inter", ".com", TRUE, "example.com"},
		{"leaf inter", "*.oracle.test", TRUE, "*.oracle.test"},
		{"leaf inter", "a.test b.test", FALSE, "not for a.test or b.test"},
		{"leaf inter", "a.test oracle.test", TRUE, "oracle.test"},
		{"leaf inter", "example.com.", FALSE, NULL},
		{"leaf inter", "*", FALSE, NULL},
		{"leaf inter", "..example.com", FALSE, NULL},
		{"leaf inter", "[192.0.2.1]", FALSE, NULL},
		{"leaf inter", "192.0.2.1", FALSE, NULL},
		{"leaf inter", NULL, FALSE, "no name is asked for"},
		{"mx1 inter", "*.example.net", FALSE, "for mx1.example.net, not for *.example.net"},
		{"mx1 inter", ".example.net", TRUE, "mx1.example.net"},
		{"mx1 inter", "example.net .example.net", TRUE, "mx1.example.net"},
		{"mx1 inter", "example.net", FALSE, NULL},
		{"mx1 inter", ".mx1.example.net", FALSE, NULL},
		{"cn inter", "mx.example.org", TRUE, "mx.example.org"},
		{"cn-and-mail inter", "mx.example.org", TRUE, "mx.example.org"},
		{"cn-and-name inter", "mx.example.org", FALSE, "for other.example, not for"},
		{"partial inter", "foo.example.com", FALSE, NULL},
		{"address inter", "192.0.2.1", TRUE, "192.0.2.1"},
		{"address inter", "2001:db8::1", TRUE, "2001:db8::1"},
		{"address inter", "192.0.2.2", FALSE, "not for the address 192.0.2.2"},
		{"address inter", "mx.ip.test 192.0.2.2", FALSE, "not for the address 192.0.2.2"},
		/* secure to [192.0.2.1]: an address counts besides the names, not instead. */
		{"address inter", "192.0.2.1 .192.0.2.1", FALSE, NULL},
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct question question = {
			cases[i].chain, LEVEL_SECURE, cases[i].names, .ca = "root"};

		expect(&question, cases[i].matched, cases[i].says);
		question.level = LEVEL_VERIFY;
		expect(&question, cases[i].matched, cases[i].says);
	}
}

/* -- chains: facts 4.2, 10.6, engine 2 ------------------------------------------------------- */

static void chains(void **state)
{
	/* Dates: CERTIFICATES_NOW is 2027-01-15. */
	static const struct {
		struct question question;
		gboolean matched;
		const char *says;
	} cases[] = {
		{{"leaf inter root", .ca = "root"}, TRUE, NULL},
		{{"leaf other inter", .ca = "root"}, TRUE, NULL},
		{{"leaf inter", .ca = "both.pem"}, TRUE, NULL},
		/* OpenSSL's trust ends at a root unless partial chains are allowed. */
		{{"leaf", .ca = "inter"}, FALSE, "\"Test Root\", was not sent"},
		{{"leaf", .ca = "root"}, FALSE,
			"the issuer of the certificate, \"Inter\", was not sent"},
		{{"leaf inter", .ca = "other"}, FALSE, "/other.pem"},
		{{"leaf inter root", .ca = "other"}, FALSE, "the chain ends at \"Test Root\""},
		{{"leaf inter"}, FALSE, "main.cf names no CAs"},
		{{"leaf inter", .ca = "no-such-file"}, FALSE, "no-such-file.pem: No such file"},
		{{"expired inter", .ca = "root"}, FALSE, "the certificate ended on 2027-01-01"},
		{{"future inter", .ca = "root"}, FALSE, "is not valid before 2027-01-17"},
		{{"under-old old", .ca = "root"}, FALSE, "\"Old Inter\" ended on 2027-01-14"},
		{{"client inter", .ca = "root"}, FALSE, "not made for servers"},
		{{"server inter", .ca = "root"}, TRUE, NULL},
		{{"weak inter", .ca = "root"}, FALSE, "too weak (768 bits)"},
		{{"weak inter", .ca = "root", .security = 0 + 1}, TRUE, NULL},
		{{"rsa1024 inter", .ca = "root"}, TRUE, NULL},
		{{"rsa1024 inter", .ca = "root", .security = 2 + 1}, FALSE, "too weak (1024 bits)"},
		{{"under-leaf leaf inter", .ca = "root"}, FALSE, "no certificate of a CA"},
		/* Postfix gives OpenSSL one more than the parameter says. */
		{{"deep deeper inter", .ca = "root", .depth = 1 + 1}, TRUE, NULL},
		{{"deep deeper inter", .ca = "root", .depth = 0 + 1}, FALSE,
			"smtp_tls_scert_verifydepth = 0"},
		{{"self", .names = "a.oracle.test", .ca = "root"}, FALSE, "self-signed"},
		{{"self", .names = "a.oracle.test", .ca = "self"}, TRUE, NULL},
		{{"self-expired", .names = "a.oracle.test", .ca = "self-expired"}, FALSE,
			"ended on"},
		{{"expired inter", .names = "b.test", .ca = "other"}, FALSE, "not for b.test; "},
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct question question = cases[i].question;

		if (!question.names)
			question.names = "example.com";
		expect(&question, cases[i].matched, cases[i].says);
	}
}

/* -- tafile: facts 2.6, 10.6 ----------------------------------------------------------------- */

static void tafiles(void **state)
{
	static const struct {
		const char *chain, *tafile, *ca;
		gboolean matched;
		const char *says;
	} cases[] = {
		{"leaf inter", "root", NULL, TRUE, "*.oracle.test"},
		{"leaf", "inter", NULL, TRUE, "*.oracle.test"},
		{"leaf inter", "inter", NULL, TRUE, NULL},
		{"leaf inter", "leaf", NULL, TRUE, NULL},
		{"leaf", "root inter", NULL, TRUE, NULL},
		{"leaf", "root", NULL, FALSE, NULL},
		{"leaf inter", "both.pem", NULL, TRUE, NULL},
		{"leaf inter", "root.key", NULL, TRUE, NULL},
		{"leaf", "inter.key", NULL, TRUE, NULL},
		{"leaf", "leaf.key", NULL, TRUE, NULL},
		{"leaf inter", "other", NULL, FALSE, "the certificates of "},
		/* The CAs of main.cf do not count then. */
		{"leaf inter", "other", "root", FALSE, "/other.pem"},
		{"leaf inter", "crl.pem", "root", TRUE, NULL},
		{"leaf inter", "crl.pem", NULL, FALSE, "main.cf names no CAs"},
		{"leaf inter", "no-such-file", "root", FALSE, "no-such-file.pem cannot be used"},
		{"leaf inter", "root no-such-file", "root", FALSE, "cannot be used as tafile"},
		{"self-expired", "self-expired", NULL, TRUE, "*.oracle.test"},
		{"self-expired", "self-expired.key", NULL, TRUE, NULL},
		{"mx1 inter", "mx1", NULL, FALSE, "for mx1.example.net, not for a.oracle.test"},
		{"mx1 inter", "root", NULL, FALSE, "for mx1.example.net, not for a.oracle.test"},
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct question question = {cases[i].chain, .names = "a.oracle.test",
			.tafile = cases[i].tafile, .ca = cases[i].ca};

		expect(&question, cases[i].matched, cases[i].says);
	}
	expect(&(struct question){"expired inter", .names = "example.com", .tafile = "root"}, FALSE,
		"ended on 2027-01-01");
}

/* -- DANE: facts 4.3, 10.4, 10.6 ------------------------------------------------------------- */

static void dane(void **state)
{
	/* "other" is a record that matches nothing. The name asked for is a.oracle.test. */
	static const struct {
		const char *chain, *tlsa;
		gboolean matched;
		const char *says;
	} cases[] = {
		{"leaf", "3 1 1 leaf", TRUE, "3 1 1 "},
		{"leaf", "3 1 1 other", FALSE, "none of the TLSA records matches"},
		{"leaf", "3 0 1 leaf", TRUE, "3 0 1 "},
		{"leaf", "3 1 2 leaf", TRUE, "3 1 2 "},
		{"leaf", "3 0 2 leaf", TRUE, "3 0 2 "},
		{"leaf", "3 1 0 leaf", TRUE, "3 1 0 "},
		{"leaf", "3 0 0 leaf", TRUE, "3 0 0 "},
		{"mx1 inter", "2 0 1 inter", FALSE, "for mx1.example.net, not for a.oracle.test"},
		{"leaf inter", "2 0 1 inter", TRUE, "2 0 1 "},
		{"leaf inter", "2 1 1 inter", TRUE, "2 1 1 "},
		{"leaf inter", "2 1 1 root", FALSE, NULL},
		{"leaf inter root", "2 1 1 root", TRUE, "2 1 1 "},
		{"leaf inter", "2 0 1 leaf", FALSE, NULL},
		{"leaf", "0 0 1 root", FALSE, "none of the TLSA records can be used"},
		{"leaf", "1 1 1 leaf", FALSE, "none of the TLSA records can be used"},
		{"leaf", NULL, FALSE, "none of the TLSA records can be used"},
		{"leaf", "1 1 1 other,3 1 1 leaf", TRUE, "3 1 1 "},
		{"leaf", "1 1 1 leaf,3 1 1 other", FALSE, "matches"},
		{"leaf", "3 1 1 leaf short", FALSE, "can be used"},
		{"leaf", "3 1 1 leaf short,3 1 1 leaf", TRUE, NULL},
		{"leaf", "3 1 3 leaf", FALSE, "can be used"},
		{"leaf", "3 2 1 leaf", FALSE, "can be used"},
		{"leaf", "4 1 1 leaf", FALSE, "can be used"},
		{"leaf", "3 1 255 leaf", FALSE, "can be used"},
		{"leaf", "3 1 1 leaf,3 1 2 other", FALSE, NULL},
		{"leaf", "3 1 1 other,3 1 2 leaf", TRUE, "3 1 2 "},
		{"leaf", "3 1 1 leaf,3 0 2 other", TRUE, "3 1 1 "},
		{"leaf", "3 1 1 other,3 1 1 leaf", TRUE, NULL},
		{"leaf", "3 1 1 other,3 0 1 leaf", TRUE, NULL},
		{"leaf inter", "3 1 1 other,2 1 1 inter", TRUE, "2 1 1 "},
		{"leaf", "3 1 0 leaf short", FALSE, "can be used"},
		{"leaf", "3 0 0 leaf short", FALSE, "can be used"},
		{"leaf", "2 0 0 inter", TRUE, "2 0 0 "},
		{"leaf", "2 1 0 inter", TRUE, "2 1 0 "},
		{"expired", "3 1 1 expired", TRUE, NULL},
		{"expired inter", "2 1 1 inter", FALSE, "ended on 2027-01-01"},
		{"self-expired", "3 1 1 self-expired", TRUE, NULL},
		{"self-expired", "2 0 1 self-expired", FALSE, "none of the TLSA records matches"},
		{"mx1", "3 1 1 mx1", TRUE, NULL},
		/* OpenSSL looks at the leaf's key before any record. */
		{"weak", "3 1 1 weak", FALSE, "too weak (768 bits)"},
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct question question = {cases[i].chain, LEVEL_DANE, .names = "a.oracle.test",
			.tlsa = cases[i].tlsa};

		expect(&question, cases[i].matched, cases[i].says);
		question.level = LEVEL_DANE_ONLY;
		expect(&question, cases[i].matched, cases[i].says);
	}
}

/* -- what a match rests on ------------------------------------------------------------------- */

static void rests(void **state)
{
	static const struct {
		struct question question;
		int days; /* 0 = on nothing */
		const char *on;
	} cases[] = {
		{{"leaf inter", .ca = "root"}, 60, "sink"},
		{{"deep deeper inter", .ca = "root"}, 30, "Deeper"},
		{{"deep deeper inter", .tafile = "inter"}, 30, "Deeper"},
		{{"leaf inter", .tafile = "leaf"}, 0, NULL},
		{{"leaf inter", LEVEL_DANE, .tlsa = "3 1 1 leaf"}, 0, NULL},
		{{"deep deeper", LEVEL_DANE, .tlsa = "2 1 1 deeper"}, 30, "Deeper"},
		{{"deep deeper", LEVEL_DANE, .tlsa = "2 1 0 deeper"}, 30, "Deeper"},
		{{"deep", LEVEL_DANE, .tlsa = "2 1 0 deeper"}, 60, "example.com"},
		{{"expired inter", .ca = "root"}, 0, NULL},
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct question question = cases[i].question;
		struct judgement judgement;

		question.names = "example.com";
		ask(&question, &judgement);
		assert_int_equal(judgement.rests_until,
			cases[i].days ? CERTIFICATES_NOW + (gint64)cases[i].days * DAY : 0);
		if (cases[i].on)
			assert_string_equal(judgement.rests_on, cases[i].on);
		else
			assert_null(judgement.rests_on);
		judgement_release(&judgement);
	}
}

/* -- what a chain remembers ------------------------------------------------------------------ */

/* Each asks for one thing else than the one before; the answers alternate. */
static void remembers(void **state)
{
	static const struct question questions[] = {
		{"leaf inter", .names = "example.com", .tafile = "root"},
		{"leaf inter", .names = "example.net", .tafile = "root"},
		{"leaf inter", .names = "oracle.test", .tafile = "root"},
		{"leaf inter", .names = "oracle.test", .tafile = "other"},
		{"leaf inter", LEVEL_DANE, .names = "oracle.test", .tlsa = "3 1 1 leaf"},
		{"leaf inter", LEVEL_DANE, .names = "oracle.test", .tlsa = "3 1 1 other"},
		{"leaf inter", LEVEL_DANE, .names = "oracle.test", .tlsa = "2 1 1 inter"},
		{"leaf inter", LEVEL_DANE, .names = "oracle.net", .tlsa = "2 1 1 inter"},
	};
	struct tls_chain *held = chain_of("leaf inter");
	g_auto(client_settings_t) client;
	struct tls *tls;

	(void)state;
	client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
	tls = new_tls(&client, NULL);
	for (gsize i = 0; i < 2 * G_N_ELEMENTS(questions); i++) {
		struct judgement judgement;

		ask_tls(tls, &questions[i % G_N_ELEMENTS(questions)], &judgement);
		assert_int_equal(judgement.matched, i % 2 == 0);
		judgement_release(&judgement);
	}
	tls_free(tls);
	tls_chain_unref(held);
}

/* -- by the system's CAs and main.cf's ------------------------------------------------------- */

static void webpki(void **state)
{
	static const struct {
		const char *ca, *chain;
		gboolean matched;
		const char *says;
	} cases[] = {
		{"root", "leaf inter", TRUE, "*.example.com"},
		{"root", "mx1 inter", FALSE,
			"for mx1.example.net, not for a.test or x.example.com"},
		{NULL, "leaf inter", FALSE, "is not among the CAs of the system"},
	};
	static const char *const names[] = {"a.test", "x.example.com", NULL};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(client_settings_t) client;
		struct tls_chain *chain = chain_of(cases[i].chain);
		struct judgement judgement;
		struct tls *tls;

		client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
		tls = new_tls(&client, cases[i].ca);
		tls_judge_webpki(tls, chain, names, &judgement);
		assert_true(judgement.done);
		assert_int_equal(judgement.matched, cases[i].matched);
		assert_non_null(
			strstr(judgement.matched ? judgement.by : judgement.why, cases[i].says));
		judgement_release(&judgement);
		tls_chain_unref(chain);
		tls_free(tls);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(chains),
		cmocka_unit_test(tafiles),
		cmocka_unit_test(dane),
		cmocka_unit_test(rests),
		cmocka_unit_test(remembers),
		cmocka_unit_test(webpki),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_all, remove_all);
}
