/*
 * key: the left-hand side of a policy: a next-hop exactly as Postfix will ask for it.
 *
 * Facts section 1: the key is the verbatim next-hop, Unicode case-folded, nothing else. No
 * equivalences are invented: "[h]", "[h]:25", "h" and "h:25" are four keys.
 */
#ifndef TLSPOL_CORE_KEY_H
#define TLSPOL_CORE_KEY_H

#include "core/text.h"

enum key_form {
	KEY_INVALID,	    /* Postfix never asks for it */
	KEY_DOMAIN,	    /* example.com: recipient domain, MX lookup */
	KEY_PARENT,	    /* .example.com: any name below, not example.com itself */
	KEY_DOMAIN_PORT,    /* example.com:587 */
	KEY_BRACKETED,	    /* [mx.example.com] */
	KEY_BRACKETED_PORT, /* [mx.example.com]:587 */
	KEY_ADDRESS,	    /* 192.0.2.1 */
	KEY_ADDRESS_PORT,   /* 192.0.2.1:25 */
	KEY_LITERAL,	    /* [192.0.2.1], [2001:db8::1], [ipv6:2001:db8::1] */
	KEY_LITERAL_PORT,   /* [192.0.2.1]:25 */
	KEY_PATH,	    /* LMTP unix socket pathname: /var/run/lmtp, private/lmtp */
};

/* Why Postfix never asks for a text. Each fault has one rule in rules.h. */
enum key_fault {
	KEY_FINE,
	KEY_EMPTY,
	KEY_TOO_LONG,	  /* more than 255 bytes */
	KEY_WILDCARD,	  /* *, *.dom, . */
	KEY_ADDRESS_SIGN, /* @dom, user@dom */
	KEY_TRAILING_DOT,
	KEY_BAD_PORT,	/* 0, above 65535, unknown service */
	KEY_NOT_FOLDED, /* capitals, ß: Postfix asks for the folded form */
	KEY_BARE_IPV6,	/* needs [ ] */
	KEY_BAD_BRACKETS,
	KEY_BAD_NAME, /* not a host name: label lengths, hyphens, a blank inside, a regexp … */
	KEY_NOT_UTF8,
	KEY_LIST, /* a.example, b.example: each element is its own lookup */
};

struct key {
	enum key_form form;
	enum key_fault fault;
	struct text text; /* all of it */
	struct text host; /* without brackets, port, leading dot; the address for literals */
	struct text port; /* absent when there is none; may be empty ("host:") */
	gboolean u_label; /* has non-ASCII letters: asked for only under SMTPUTF8 */
};

/*
 * A short ASCII host name just as Postfix asks for it, no A-label in it, or a dot and one: what
 * most keys are. Told in one pass; some that are as good are not plain.
 */
gboolean key_is_plain(struct text text);

/*
 * Reads `text`, without allocating where it is ASCII. form is KEY_INVALID exactly when fault is
 * not KEY_FINE. A key that is wrong in itself and not folded has the first fault.
 */
void key_parse(struct text text, struct key *key);

/*
 * The form that was probably meant ("*.dom" -> ".dom"), a fresh string, or NULL: for a lone "*"
 * there is none, Postfix has no key that catches all.
 */
char *key_meant(const struct key *key);

/*
 * Postfix's valid_hostname(): the gate for parent lookups (facts 1.2). With allow_utf8 it is
 * valid_utf8_hostname(), which judges the A-label form; GLib's IDNA stands in for ICU's, so rules
 * for right-to-left labels and joiners are not looked at.
 */
gboolean hostname_valid(struct text name, gboolean allow_utf8);

/*
 * Full Unicode case folding as Postfix's map layer does it (facts 1.3), appended to `to`.
 * FALSE, nothing appended, when the text is not UTF-8.
 */
gboolean key_fold(GString *to, struct text text);

/* Would folding leave it as it is? Allocates nothing where it is ASCII. */
gboolean key_is_folded(struct text text);

#endif
