#include "core/rule_list.h"

#include "core/postfix_version.h"

#define FINGERPRINT_MAX 192 /* 3 * EVP_MAX_MD_SIZE */
#define OPENSSL_DANE	POSTFIX_VERSION(3, 6, 0)
#define NO_FALLBACK	POSTFIX_VERSION(3, 9, 0)

/*
 * hex_decode_opt(): pairs of hex digits, a colon allowed between two pairs. The number of bytes,
 * 0 when it is malformed.
 */
static guint decode(struct text t)
{
	guint bytes = 0;

	if (t.len > FINGERPRINT_MAX)
		return 0;
	while (t.len) {
		if (t.len < 2 || !g_ascii_isxdigit(t.at[0]) || !g_ascii_isxdigit(t.at[1]))
			return 0;
		bytes++;
		t = text_skip(t, t.len > 4 && t.at[2] == ':' ? 3 : 2);
	}
	return bytes;
}

/* Known digests by their length in bytes. */
static const char *digest_of(guint bytes)
{
	switch (bytes) {
	case 16:
		return "md5";
	case 20:
		return "sha1";
	case 28:
		return "sha224";
	case 32:
		return "sha256";
	case 48:
		return "sha384";
	case 64:
		return "sha512";
	}
	return NULL;
}

static void check_malformed(struct rule_check *check, struct text element)
{
	const char *hint = "write hex digits, with or without a colon between each two";

	check->bad_fingerprints++;
	/* Facts: vstring_alloc(0) panics, smtp(8) dies, and its transport is throttled. */
	if (element.len == 1 && check->context->postfix_version >= OPENSSL_DANE) {
		finding(check, RULE_FINGERPRINT_CRASH,
			"the fingerprint \"%.*s\" has only one character: Postfix's smtp process "
			"panics on it, which stops other mail too",
			TOKEN(element));
		return;
	}
	if (element.len > 7 && (g_ascii_strncasecmp(element.at, "sha256:", 7) == 0 ||
				       g_ascii_strncasecmp(element.at, "sha256=", 7) == 0))
		hint = "leave the digest's name out, it is smtp_tls_fingerprint_digest for all";
	else if (text_is_nocase(element, "nexthop") || text_is_nocase(element, "hostname") ||
		 text_is_nocase(element, "dot-nexthop") || memchr(element.at, '.', element.len))
		hint = "level fingerprint compares no names, use level secure for that";
	else if (element.at[element.len - 1] == ':' || element.at[0] == ':')
		hint = "colons stand only between digits, and fingerprints are separated by \"|\"";
	finding(check, RULE_FINGERPRINT_MALFORMED, "the fingerprint \"%.*s\" is malformed: %s",
		TOKEN(element), hint);
}

/* FALSE when no digest in use can have this length. */
static gboolean check_length(struct rule_check *check, struct text element, guint bytes)
{
	guint wanted = check->context->fingerprint_digest_len;
	const char *digest = digest_of(bytes);

	if (wanted ? bytes == wanted : digest != NULL)
		return TRUE;
	/* Whether it matters shows when the others have been seen; see below. */
	check->wrong_lengths++;
	if (!digest)
		finding_as(check, RULE_FINGERPRINT_LENGTH, SEVERITY_WARNING,
			"the fingerprint \"%.*s\" has %u bytes, which no digest has: it never "
			"matches",
			TOKEN(element), bytes);
	else
		finding_as(check, RULE_FINGERPRINT_LENGTH, SEVERITY_WARNING,
			"the fingerprint \"%.*s\" has %u bytes like %s, but Postfix compares %s "
			"digests (smtp_tls_fingerprint_digest): it never matches",
			TOKEN(element), bytes, digest,
			digest_of(wanted) ? digest_of(wanted) : "other");
	return FALSE;
}

void check_fingerprints(struct rule_check *check, const struct attribute *attribute)
{
	struct text rest = attribute->value, element;

	while (list_next(&rest, LIST_FINGERPRINTS, &element)) {
		guint bytes = decode(element);

		if (!bytes) {
			check_malformed(check, element);
		} else if (check_length(check, element, bytes)) {
			/* Older ones compare text with the digest as they print it. */
			if (check->context->postfix_version < OPENSSL_DANE &&
				element.len != bytes * 3 - 1) {
				check->wrong_lengths++;
				finding(check, RULE_FINGERPRINT_COLONS,
					"the fingerprint \"%.*s\" never matches before Postfix "
					"3.6: write a colon between each two digits",
					TOKEN(element));
			} else {
				check->good_fingerprints++;
			}
		}
	}
}

void check_fingerprints_left(struct rule_check *check)
{
	gboolean matches = check->seen[ATTRIBUTE_MATCH] > 0;

	if (check->policy->level != LEVEL_FINGERPRINT || check->good_fingerprints ||
		check->match_refused)
		return;
	if (check->wrong_lengths) {
		finding(check, RULE_FINGERPRINT_LENGTH,
			"no fingerprint has the length of the digest Postfix compares, so the "
			"server is never accepted: take the fingerprint anew");
		return;
	}
	if (check->context->fingerprint_fallback &&
		(!matches || check->context->postfix_version < NO_FALLBACK)) {
		if (matches)
			finding(check, RULE_FINGERPRINT_FALLBACK,
				"no fingerprint in match is usable: Postfix before 3.9 silently "
				"takes smtp_tls_fingerprint_cert_match of main.cf in their place");
		return;
	}
	finding(check, RULE_FINGERPRINT_NONE,
		"level fingerprint has no %s, so mail is deferred: write match= and the "
		"fingerprint of the server's certificate or key",
		matches ? "usable fingerprint" : "fingerprint");
}
