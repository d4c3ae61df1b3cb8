#include "core/rule_list.h"

/* What Postfix does instead of asking for such a key (facts 1.1 to 1.4). */
static const struct {
	enum rule_id rule;
	const char *why;
} faults[] = {
	[KEY_EMPTY] = {RULE_KEY_EMPTY, "is empty: Postfix never asks for it"},
	[KEY_TOO_LONG] = {RULE_KEY_TOO_LONG, "is longer than 255 bytes: no next-hop is"},
	[KEY_WILDCARD] = {RULE_KEY_WILDCARD,
		"is no wildcard, Postfix never asks for it: .example.com covers the names below "
		"example.com, and a default for all is smtp_tls_security_level in main.cf"},
	[KEY_ADDRESS_SIGN] = {RULE_KEY_ADDRESS_SIGN,
		"holds an @, but Postfix asks for next-hops, never for addresses"},
	[KEY_TRAILING_DOT] = {RULE_KEY_TRAILING_DOT,
		"ends in a dot, which Postfix takes off before it asks"},
	[KEY_BAD_PORT] = {RULE_KEY_BAD_PORT,
		"has a port that is neither 1 to 65535 nor a service Postfix knows"},
	[KEY_NOT_FOLDED] = {RULE_KEY_NOT_FOLDED,
		"is not case-folded, but Postfix asks for folded keys only"},
	[KEY_BARE_IPV6] = {RULE_KEY_BARE_IPV6, "is an IPv6 address without brackets"},
	[KEY_BAD_BRACKETS] = {RULE_KEY_BAD_BRACKETS,
		"has unbalanced brackets, or something behind them that is no :port"},
	[KEY_BAD_NAME] = {RULE_KEY_BAD_NAME, "is no host name, so no next-hop is spelt like it"},
	[KEY_NOT_UTF8] = {RULE_KEY_NOT_UTF8, "is not UTF-8: Postfix takes such a key as not found"},
	[KEY_LIST] = {RULE_KEY_LIST,
		"is a list, but Postfix asks for each next-hop of a list by itself: store one "
		"policy for each"},
};

static gboolean is_ascii(struct text text)
{
	for (gsize i = 0; i < text.len; i++)
		if ((guchar)text.at[i] >= 0x80)
			return FALSE;
	return TRUE;
}

void check_key(struct rule_check *check, struct text text)
{
	struct key key;

	key_parse(text, &key);
	if (key.fault == KEY_FINE) {
		if (key.u_label)
			finding(check, RULE_KEY_U_LABEL,
				"key \"%.*s\" is asked for only by mail that uses SMTPUTF8: store "
				"the xn-- form as well",
				TOKEN(text));
		return;
	}

	if (text.len && memchr(text.at, '\0', text.len)) {
		finding(check, RULE_KEY_BAD_NAME,
			"there is a NUL byte in the key, behind \"%.*s\": no next-hop has one",
			TOKEN(text));
		return;
	}

	g_autofree char *meant = key_meant(&key);
	enum severity severity = SEVERITY_ERROR;
	const char *but = "";

	/* Many tables compare without regard to case: then such a row is found after all. */
	if (key.fault == KEY_NOT_FOLDED && check->context->from_table && is_ascii(text)) {
		severity = SEVERITY_WARNING;
		but = " (found only where the column's collation ignores case)";
	}
	finding_as(check, faults[key.fault].rule, severity, "key \"%.*s\" %s%s%s%s%s", TOKEN(text),
		faults[key.fault].why, but, meant ? ": did you mean \"" : "", meant ? meant : "",
		meant ? "\"?" : "");
}

gboolean key_has_mx(struct text text)
{
	struct key key;

	key_parse(text, &key);
	return key.form == KEY_DOMAIN || key.form == KEY_PARENT || key.form == KEY_DOMAIN_PORT ||
	       key.form == KEY_INVALID;
}
