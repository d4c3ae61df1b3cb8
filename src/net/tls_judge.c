#include "net/tls_private.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "core/policy.h"
#include "net/tls_tafile.h"
#include "net/tls_verify.h"

/* What one chain remembers; as many rows as that may ask different things of one host. */
#define ANSWERS_MAX 1000

/* -- each level ----------------------------------------------------------------------------- */

static void judge_store(struct tls *tls, const struct tls_chain *chain, X509_STORE *store,
	guint level, struct judge_words *words, struct judgement *judgement)
{
	struct verification verification;

	verification_init(&verification, tls, chain, store, level);
	verification_add_names(&verification, words->wanted);
	verification_conclude(&verification, words, TRUE, judgement);
	if (judgement->matched)
		judgement->by = verification_peer_name(&verification, words->wanted);
	verification_release(&verification);
}

static void judge_cas(struct tls *tls, const struct tls_chain *chain, const struct demand *demand,
	struct judgement *judgement)
{
	X509_STORE *store = tls_anchors(tls);
	g_autofree char *anchors = tls_anchors_words(tls);
	struct judge_words words = {.anchors = anchors,
		.no_anchors = tls_anchors_problem(tls),
		.wanted = (const char *const *)demand->names};

	judge_store(tls, chain, store, demand->security_level, &words, judgement);
}

/*
 * Postfix makes two TLSA records of each anchor: 2 for what it may have signed, 3 since OpenSSL's
 * DANE-TA never is the leaf itself. Names count for both.
 */
static void judge_tafile(struct tls *tls, const struct tls_chain *chain,
	const struct demand *demand, const GPtrArray *records, struct judgement *judgement)
{
	struct verification verification;
	g_autofree char *files = g_strdelimit(g_strdup(demand->tafile), "\n", ' ');
	g_autofree char *anchors = g_strconcat("the certificates of ", files, NULL);
	struct judge_words words = {
		.anchors = anchors, .wanted = (const char *const *)demand->names};

	verification_init(&verification, tls, chain, tls_no_anchors(tls), demand->security_level);
	verification_set_dane(&verification, TRUE);
	verification_add_names(&verification, words.wanted);
	for (guint i = 0; i < records->len; i++) {
		const struct tafile_anchor *anchor = g_ptr_array_index(records, i);
		gsize size;
		const void *der = g_bytes_get_data(anchor->der, &size);

		verification_add_record(&verification, USAGE_DANE_TA, (guint8)anchor->is_key,
			MATCHING_FULL, der, size);
		verification_add_record(&verification, USAGE_DANE_EE, (guint8)anchor->is_key,
			MATCHING_FULL, der, size);
	}
	if (!verification.usable) {
		judgement->why = g_strdup_printf("%s holds nothing that can be used", files);
	} else {
		verification_conclude(&verification, &words, TRUE, judgement);
		if (judgement->matched)
			judgement->by = verification_peer_name(&verification, words.wanted);
	}
	verification_release(&verification);
}

static void judge_names(struct tls *tls, const struct tls_chain *chain, const struct demand *demand,
	struct judgement *judgement)
{
	g_autoptr(GPtrArray) records = g_ptr_array_new();
	struct text files = text_of(demand->tafile), file;

	while (list_next(&files, "\n", &file)) {
		const GPtrArray *anchors = tls_tafile_anchors(tls, file);

		if (!anchors) {
			judgement->why =
				g_strdup_printf("%.*s cannot be used as tafile", TEXT_ARG(file));
			return;
		}
		for (guint i = 0; i < anchors->len; i++)
			g_ptr_array_add(records, g_ptr_array_index(anchors, i));
	}
	/* A file with other PEM blocks only leaves Postfix with the CAs. */
	if (records->len)
		judge_tafile(tls, chain, demand, records, judgement);
	else
		judge_cas(tls, chain, demand, judgement);
}

static void judge_dane(struct tls *tls, const struct tls_chain *chain, const struct demand *demand,
	const GPtrArray *tlsa, const char *base, struct judgement *judgement)
{
	struct verification verification;
	const char *const bases[] = {base, NULL};
	struct judge_words words = {
		.anchors = "the TLSA records", .wanted = (const char *const *)demand->names};

	verification_init(&verification, tls, chain, tls_no_anchors(tls), demand->security_level);
	/* RFC 7672 3.1.1 */
	verification_set_dane(&verification, FALSE);
	verification_add_names(&verification, bases);
	verification_add_names(&verification, words.wanted);
	for (guint i = 0; tlsa && i < tlsa->len; i++) {
		const struct tlsa *record = g_ptr_array_index(tlsa, i);

		if (record->use == TLSA_USABLE)
			verification_add_record(&verification, record->usage, record->selector,
				record->matching, record->data, record->size);
	}
	/* OpenSSL would go by CAs then. */
	if (!verification.usable) {
		judgement->why = g_strdup("none of the TLSA records can be used");
	} else {
		verification_conclude(&verification, &words, FALSE, judgement);
		if (judgement->matched)
			judgement->by = verification_record_words(&verification);
	}
	verification_release(&verification);
}

/* "AB:CD" or "abcd"; core/demand.h brings only hexadecimal digits. */
static void add_pin(struct verification *verification, const char *pin)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	while (g_ascii_isxdigit(pin[0]) && g_ascii_isxdigit(pin[1])) {
		guint8 byte =
			(guint8)(g_ascii_xdigit_value(pin[0]) << 4 | g_ascii_xdigit_value(pin[1]));

		g_byte_array_append(bytes, &byte, 1);
		pin += 2;
		pin += *pin == ':';
	}
	if (*pin)
		return;
	verification_add_record(verification, USAGE_DANE_EE, SELECTOR_CERTIFICATE,
		MATCHING_FINGERPRINT, bytes->data, bytes->len);
	verification_add_record(verification, USAGE_DANE_EE, SELECTOR_KEY, MATCHING_FINGERPRINT,
		bytes->data, bytes->len);
}

/* TLSA records with a digest of their own, as Postfix has it: a key that is too weak fails. */
static void judge_pins(struct tls *tls, const struct tls_chain *chain, const struct demand *demand,
	struct judgement *judgement)
{
	struct verification verification;
	struct judge_words words = {.anchors = "the fingerprints"};

	verification_init(&verification, tls, chain, tls_no_anchors(tls), demand->security_level);
	verification_set_dane(&verification, FALSE);
	for (char **pin = demand->pins; pin && *pin; pin++)
		add_pin(&verification, *pin);
	if (!verification.usable) {
		judgement->why = g_strdup_printf("none of the fingerprints is one of %s "
						 "(smtp_tls_fingerprint_digest)",
			tls->client->fingerprint_digest);
	} else {
		verification_conclude(&verification, &words, FALSE, judgement);
		if (judgement->matched)
			judgement->by = verification_record_words(&verification);
	}
	verification_release(&verification);
}

/* -- what is remembered --------------------------------------------------------------------- */

static void ask_bytes(GChecksum *question, const void *bytes, gsize size)
{
	g_checksum_update(question, (const guchar *)&size, sizeof size);
	g_checksum_update(question, bytes, (gssize)size);
}

static void ask_text(GChecksum *question, const char *text)
{
	ask_bytes(question, text ? text : "", text ? strlen(text) : 0);
}

static void ask_texts(GChecksum *question, const char *const *texts)
{
	guint count = texts ? g_strv_length((char **)texts) : 0;

	ask_bytes(question, &count, sizeof count);
	for (guint i = 0; i < count; i++)
		ask_text(question, texts[i]);
}

/* Everything an answer depends on but the chain, as a short text. */
static char *ask(
	const struct tls *tls, const struct demand *demand, const GPtrArray *tlsa, const char *base)
{
	g_autoptr(GChecksum) question = g_checksum_new(G_CHECKSUM_SHA256);
	guint numbers[] = {tls->serial, demand->level, demand->security_level};

	ask_bytes(question, numbers, sizeof numbers);
	ask_texts(question, (const char *const *)demand->names);
	ask_texts(question, (const char *const *)demand->pins);
	ask_text(question, demand->tafile);
	ask_text(question, base);
	for (guint i = 0; tlsa && i < tlsa->len; i++) {
		const struct tlsa *record = g_ptr_array_index(tlsa, i);
		guint8 kind[] = {
			record->usage, record->selector, record->matching, (guint8)record->use};

		ask_bytes(question, kind, sizeof kind);
		ask_bytes(question, record->data, record->size);
	}
	return g_strdup(g_checksum_get_string(question));
}

static void answer_free(struct judgement *answer)
{
	judgement_release(answer);
	g_free(answer);
}

static void copy_judgement(const struct judgement *from, struct judgement *to)
{
	*to = *from;
	to->by = g_strdup(from->by);
	to->why = g_strdup(from->why);
	to->rests_on = g_strdup(from->rests_on);
}

static const struct judgement *recall(const struct tls_chain *chain, const char *question)
{
	return chain->answers ? g_hash_table_lookup(chain->answers, question) : NULL;
}

/* Takes `question` over. */
static void remember(struct tls_chain *chain, char *question, const struct judgement *judgement)
{
	struct judgement *answer = g_new(struct judgement, 1);

	copy_judgement(judgement, answer);
	if (!chain->answers)
		chain->answers = g_hash_table_new_full(
			g_str_hash, g_str_equal, g_free, (GDestroyNotify)answer_free);
	if (g_hash_table_size(chain->answers) >= ANSWERS_MAX)
		g_hash_table_remove_all(chain->answers);
	g_hash_table_insert(chain->answers, question, answer);
}

void tls_judge(struct tls *tls, struct tls_chain *chain, const struct demand *demand,
	const GPtrArray *tlsa, const char *tlsa_base, struct judgement *judgement)
{
	gboolean dane = demand->level == LEVEL_DANE || demand->level == LEVEL_DANE_ONLY;
	const struct judgement *known;
	g_autofree char *question = NULL;

	memset(judgement, 0, sizeof *judgement);
	if (!chain || demand->level < LEVEL_DANE || demand->level > LEVEL_SECURE)
		return;
	question = ask(tls, demand, dane ? tlsa : NULL, dane ? tlsa_base : NULL);
	known = recall(chain, question);
	if (known) {
		copy_judgement(known, judgement);
		return;
	}
	judgement->done = TRUE;
	if (dane)
		judge_dane(tls, chain, demand, tlsa, tlsa_base, judgement);
	else if (demand->level == LEVEL_FINGERPRINT)
		judge_pins(tls, chain, demand, judgement);
	else
		judge_names(tls, chain, demand, judgement);
	remember(chain, g_steal_pointer(&question), judgement);
}

void tls_judge_webpki(struct tls *tls, struct tls_chain *chain, const char *const *names,
	struct judgement *judgement)
{
	struct judge_words words = {.anchors = "the CAs of the system", .wanted = names};
	/* The level that Postfix would use, so that the answer is that of a secure row. */
	struct demand demand = {
		.level = LEVEL_UNKNOWN, .security_level = 1, .names = (char **)names};
	const struct judgement *known;
	g_autofree char *question = NULL;

	memset(judgement, 0, sizeof *judgement);
	if (!chain)
		return;
	question = ask(tls, &demand, NULL, NULL);
	known = recall(chain, question);
	if (known) {
		copy_judgement(known, judgement);
		return;
	}
	judgement->done = TRUE;
	judge_store(tls, chain, tls_webpki_anchors(tls), demand.security_level, &words, judgement);
	remember(chain, g_steal_pointer(&question), judgement);
}

void tls_tlsa_judge(struct tlsa *tlsa)
{
	const unsigned char *p = tlsa->data;
	gboolean good = FALSE;

	if (tlsa->use != TLSA_USABLE || tlsa->matching != MATCHING_FULL)
		return;
	if (tlsa->size && tlsa->selector == SELECTOR_KEY) {
		EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)tlsa->size);

		good = key != NULL;
		EVP_PKEY_free(key);
	} else if (tlsa->size) {
		X509 *certificate = d2i_X509(NULL, &p, (long)tlsa->size);

		good = certificate && X509_get0_pubkey(certificate);
		X509_free(certificate);
	}
	ERR_clear_error();
	if (!good || p != tlsa->data + tlsa->size)
		tlsa->use = TLSA_UNUSABLE;
}
