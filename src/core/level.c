#include "core/level.h"

static const char *const names[LEVEL_COUNT + 1] = {
	[LEVEL_NONE] = "none",
	[LEVEL_MAY] = "may",
	[LEVEL_ENCRYPT] = "encrypt",
	[LEVEL_DANE] = "dane",
	[LEVEL_DANE_ONLY] = "dane-only",
	[LEVEL_FINGERPRINT] = "fingerprint",
	[LEVEL_VERIFY] = "verify",
	[LEVEL_SECURE] = "secure",
};

enum level level_parse(struct text word)
{
	/* Nearly all words are spelt like this, and there may be a million of them. */
	for (int level = 0; word.len && level < LEVEL_COUNT; level++)
		if (word.at[0] == names[level][0] && text_is(word, names[level]))
			return level;
	for (int level = 0; level < LEVEL_COUNT; level++)
		if (text_is_nocase(word, names[level]))
			return level;
	return LEVEL_UNKNOWN;
}

const char *level_name(enum level level)
{
	return level < LEVEL_COUNT ? names[level] : "";
}

const char *const *level_names(void)
{
	return names;
}

/*
 * What a level promises whatever the other side does (facts 4.1). dane promises nothing for
 * certain, but where TLSA records exist it authenticates; verify believes MX records.
 */
enum promise {
	PROMISE_TRIES = 1 << 0,	    /* uses TLS where it is offered */
	PROMISE_ENCRYPTS = 1 << 1,  /* never sends in the clear */
	PROMISE_DANE = 1 << 2,	    /* authenticates where TLSA records exist */
	PROMISE_CERTIFIED = 1 << 3, /* never sends to a server without a certificate that fits */
	PROMISE_NEXTHOP = 1 << 4,   /* … one for the destination, not for whatever MX names */
};

static const unsigned promises[LEVEL_COUNT] = {
	[LEVEL_NONE] = 0,
	[LEVEL_MAY] = PROMISE_TRIES,
	[LEVEL_ENCRYPT] = PROMISE_TRIES | PROMISE_ENCRYPTS,
	[LEVEL_DANE] = PROMISE_TRIES | PROMISE_DANE,
	[LEVEL_DANE_ONLY] = PROMISE_TRIES | PROMISE_ENCRYPTS | PROMISE_DANE | PROMISE_CERTIFIED |
			    PROMISE_NEXTHOP,
	[LEVEL_FINGERPRINT] = PROMISE_TRIES | PROMISE_ENCRYPTS | PROMISE_DANE | PROMISE_CERTIFIED |
			      PROMISE_NEXTHOP,
	[LEVEL_VERIFY] = PROMISE_TRIES | PROMISE_ENCRYPTS | PROMISE_DANE | PROMISE_CERTIFIED,
	[LEVEL_SECURE] = PROMISE_TRIES | PROMISE_ENCRYPTS | PROMISE_DANE | PROMISE_CERTIFIED |
			 PROMISE_NEXTHOP,
};

const char *level_weaker(enum level before, enum level after)
{
	unsigned lost;

	if (before >= LEVEL_COUNT || after >= LEVEL_COUNT)
		return NULL;
	lost = promises[before] & ~promises[after];
	if (lost & PROMISE_TRIES)
		return "mail is no longer encrypted at all";
	if (lost & PROMISE_ENCRYPTS)
		return "mail may be sent in the clear";
	if (lost & PROMISE_CERTIFIED)
		return "the server is no longer authenticated";
	if (lost & PROMISE_DANE)
		return "TLSA records are no longer looked at";
	if (lost & PROMISE_NEXTHOP)
		return "the server's name is taken from MX records, which nothing protects";
	return NULL;
}
