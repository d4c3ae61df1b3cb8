/*
 * rules: what is wrong with a policy, as Postfix would see it, without asking a network.
 *
 * Every rule has an id (stable, in `check` output and tlspol-policies(5)), a severity and a
 * one-line summary. Severities (spec, "Policies"):
 *   error    Postfix would defer mail or ignore the policy, also when that shows only at the
 *            handshake (protocols, ciphers, exclude, fingerprints of an unusable length);
 *   warning  it works, but not as it reads;
 *   notice   worth knowing.
 * Facts: postfix-client-tls sections 1 to 4 and 10.
 *
 * Pure: what needs a library or the file system is asked through `struct rule_context`.
 */
#ifndef TLSPOL_CORE_RULES_H
#define TLSPOL_CORE_RULES_H

#include "core/key.h"
#include "core/policy_set.h"

enum severity { SEVERITY_NOTICE, SEVERITY_WARNING, SEVERITY_ERROR };
const char *severity_name(enum severity severity);

/* The list itself is RULE_LIST in the private header core/rule_list.h. */
struct rule {
	const char *id; /* "match-wildcard" */
	enum severity severity;
	const char *summary; /* one line for the manual */
};
/* All rules, ended by a row with id NULL. */
const struct rule *rules_all(void);

struct finding {
	const struct rule *rule;
	enum severity severity; /* usually rule->severity */
	char *text;		/* names the thing, what is wrong, what to do; owned */
};
void finding_free(struct finding *finding);

/* What a tafile is, as far as this machine can tell. */
enum tafile_state {
	TAFILE_USABLE,
	TAFILE_MISSING,
	TAFILE_UNREADABLE,     /* for user postfix */
	TAFILE_NO_PEM,	       /* a directory, no PEM in it, or PEM that breaks off */
	TAFILE_BROKEN,	       /* PEM, but no certificate or key in it can be decoded */
	TAFILE_NO_CERTIFICATE, /* only other PEM blocks: Postfix goes by smtp_tls_CAfile then */
	TAFILE_UNKNOWN,	       /* cannot be judged here */
};

/* What decides which ciphers a connection offers (facts 2.2, 3). */
struct cipher_choice {
	const char *grade;   /* "medium" when the row names none */
	struct text exclude; /* list, may be absent */
	enum level level;    /* what Postfix excludes by itself depends on it */
	unsigned protocols;  /* bits of enum protocol that are offered */
};

struct rule_context {
	int postfix_version;
	/*
	 * Bytes of the digest that smtp_tls_fingerprint_digest names (sha256: 32); 0 = not known,
	 * then only lengths that fit no digest (16, 20, 28, 32, 48, 64) are errors.
	 */
	guint fingerprint_digest_len;
	gboolean fingerprint_fallback; /* main.cf smtp_tls_fingerprint_cert_match is set */
	gboolean dnssec_known, dnssec; /* smtp_dns_support_level = dnssec */
	gsize params_max;	       /* characters the params column holds; 0 = no limit */
	gboolean from_table; /* '' instead of NULL params, unfolded keys: rules of stored rows */
	/*
	 * TRUE when OpenSSL would refuse the list or offer no cipher at all. NULL: only what can be
	 * said without OpenSSL (exclude=ALL, ciphers=null) is said.
	 */
	gboolean (*no_cipher_left)(const struct cipher_choice *choice, gpointer data);
	/* NULL: tafile is not looked at. */
	enum tafile_state (*tafile)(struct text path, gpointer data);
	gpointer data;
};

/* Defaults: the version given, sha256, nothing else known. */
void rule_context_init(struct rule_context *context, int postfix_version);

/*
 * Appends findings for a policy's level and attributes, or for its key, too; worst first.
 * Nothing is allocated when nothing is found. `findings` holds struct finding *, made with
 * finding_free as its free function. Returns the worst severity found, or -1.
 */
int rules_check_value(
	const struct rule_context *context, const struct policy *policy, GPtrArray *findings);
int rules_check(
	const struct rule_context *context, const struct policy *policy, GPtrArray *findings);
/* The same for all that a row has at a moment: its own policy, a live exception, an ended one. */
int rules_check_row(const struct rule_context *context, const struct policy_set *set,
	const struct policy_row *row, gint64 now_us, GPtrArray *findings);

/*
 * The same for row after row of one set, which stays as it is meanwhile: a value that nothing was
 * found for at one host name is not looked at again at another. Real files have few different ones.
 */
#define RULE_MEMO_SLOTS 512
struct rule_memo {
	/* private */
	const struct rule_context *context;
	const struct policy_set *set;
	gint64 now_us;
	struct rule_memo_slot {
		struct text params;
		guint8 level;
		gboolean fine;
	} slots[RULE_MEMO_SLOTS];
};
void rule_memo_init(struct rule_memo *memo, const struct rule_context *context,
	const struct policy_set *set, gint64 now_us);
int rule_memo_check(struct rule_memo *memo, const struct policy_row *row, GPtrArray *findings);

#endif
