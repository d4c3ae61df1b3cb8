#include "core/rule_list.h"

/* The dots that IDNA2003 takes for a full stop: at the start of a name they mean ".name" too. */
static const char *const wide_dots[] = {"\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"};

static gboolean is_ipv4(struct text t)
{
	guint parts = 0, number = 0, digits = 0;

	for (gsize i = 0; i <= t.len; i++) {
		if (i < t.len && g_ascii_isdigit(t.at[i]) && digits < 3) {
			number = number * 10 + (t.at[i] - '0');
			digits++;
		} else if ((i == t.len || t.at[i] == '.') && digits && number < 256) {
			parts++;
			number = digits = 0;
		} else {
			return FALSE;
		}
	}
	return parts == 4;
}

static guint count(struct text t, char c)
{
	guint n = 0;

	for (gsize i = 0; i < t.len; i++)
		n += t.at[i] == c;
	return n;
}

static gboolean only_hex(struct text t, char besides)
{
	for (gsize i = 0; i < t.len; i++)
		if (!g_ascii_isxdigit(t.at[i]) && t.at[i] != besides)
			return FALSE;
	return t.len > 0;
}

/* A whole value that is something else than a list of names. TRUE when it was reported. */
static gboolean check_not_names(struct rule_check *check, struct text value)
{
	if (value.len < 3 || !only_hex(value, ':'))
		return FALSE;
	if ((count(value, ':') >= 15 && value.len == count(value, ':') * 3 + 2) ||
		(value.len >= 32 && !count(value, ':'))) {
		finding(check, RULE_MATCH_FINGERPRINT,
			"match=%.*s is a fingerprint, but level %s compares names, which never "
			"match: use level fingerprint",
			TOKEN(value), level_name(check->policy->level));
		return TRUE;
	}
	if (count(value, ':') >= 2) {
		finding(check, RULE_MATCH_ADDRESS,
			"match=%.*s looks like an IPv6 address, which match cannot express: the "
			"colons separate names, so it never matches; name what the certificate "
			"names",
			TOKEN(value));
		return TRUE;
	}
	return FALSE;
}

/* Why no certificate name is ever equal to this one. */
static const char *never(struct text name)
{
	if (name.at[0] == '[')
		return "take the brackets off";
	if (name.at[0] == '"' || name.at[0] == '\'')
		return "take the quotes off";
	if (name.at[0] == '{')
		return "braces go round the whole attribute, { match = NAME }";
	if (name.at[name.len - 1] == '.')
		return "take the dot at its end off";
	if (memchr(name.at, '=', name.len))
		return "write match=NAME";
	if (memchr(name.at, '@', name.len))
		return "certificates of servers name hosts";
	if (memchr(name.at, ' ', name.len))
		return "blanks are part of the name";
	return "it is no host name";
}

static void check_never(struct rule_check *check, struct text element, struct text name)
{
	const char *why;

	if (hostname_valid(name, TRUE))
		return;
	if (memchr(element.at, '|', element.len)) {
		finding(check, RULE_MATCH_SEPARATOR,
			"\"%.*s\" in match is one name that never matches: at level %s names are "
			"separated by \":\", not by \"|\"",
			TOKEN(element), level_name(check->policy->level));
	} else if (memchr(element.at, ';', element.len)) {
		finding(check, RULE_MATCH_SEPARATOR,
			"\"%.*s\" in match is one name that never matches: a semicolon separates "
			"nothing, names are separated by \":\"",
			TOKEN(element));
	} else if (name.len > 2 && name.at[0] == '*' && name.at[1] == '.') {
		finding(check, RULE_MATCH_WILDCARD,
			"\"%.*s\" in match is no wildcard, it matches only a certificate that has "
			"exactly this name: write \"%.*s\" for all names below",
			TOKEN(element), TOKEN(text_skip(name, 1)));
	} else {
		why = never(name);
		finding(check, RULE_MATCH_NEVER,
			"\"%.*s\" in match never matches a certificate: %s", TOKEN(element), why);
	}
}

/* The part behind a leading dot, which stands for all names below it. */
static struct text below(struct text element, gboolean *subdomains)
{
	*subdomains = element.at[0] == '.';
	if (*subdomains)
		return text_skip(element, 1);
	if ((guchar)element.at[0] < 0x80)
		return element;
	for (guint i = 0; i < G_N_ELEMENTS(wide_dots); i++) {
		if (element.len > 3 && memcmp(element.at, wide_dots[i], 3) == 0) {
			*subdomains = TRUE;
			return text_skip(element, 3);
		}
	}
	return element;
}

static void check_name(struct rule_check *check, struct text element)
{
	gboolean subdomains;
	struct text name;

	check->names++;
	if (text_is_nocase(element, "hostname")) {
		check->hostname = TRUE;
		return;
	}
	if (text_is_nocase(element, "dot-nexthop")) {
		check->dot_nexthop = TRUE;
		return;
	}
	check->other_name = TRUE;
	if (text_is_nocase(element, "nexthop"))
		return;
	name = below(element, &subdomains);
	if (!name.len) {
		check->names--;
		finding(check, RULE_MATCH_DOT, "\".\" in match is skipped: write .DOMAIN");
		return;
	}
	if (!subdomains && is_ipv4(name)) {
		check->addresses++;
		finding(check, RULE_MATCH_ADDRESS,
			"%.*s in match must be in the certificate as an IP address, whatever names "
			"are beside it: name what the certificate names",
			TOKEN(name));
		return;
	}
	if (subdomains && !memchr(name.at, '.', name.len) && hostname_valid(name, TRUE))
		finding(check, RULE_MATCH_WIDE,
			"\"%.*s\" in match is satisfied by any certificate for any name in the "
			"top-level domain %.*s",
			TOKEN(element), TOKEN(name));
	check_never(check, element, name);
}

void check_match(struct rule_check *check, const struct attribute *attribute)
{
	struct text rest = attribute->value, element;

	if (check->policy->level == LEVEL_FINGERPRINT) {
		check_fingerprints(check, attribute);
		return;
	}
	if (check_not_names(check, rest)) {
		check->names++;
		check->other_name = TRUE;
		return;
	}
	while (list_next(&rest, LIST_NAMES, &element))
		check_name(check, element);
}

void check_names_left(struct rule_check *check)
{
	enum level level = check->policy->level;
	gboolean matches = check->seen[ATTRIBUTE_MATCH] > 0;

	if ((level != LEVEL_VERIFY && level != LEVEL_SECURE) || check->match_refused)
		return;
	if (matches && !check->names) {
		finding(check, RULE_MATCH_NONE,
			"match leaves no name to look for in the certificate, so verification "
			"always fails: name the names the certificate has");
		return;
	}
	if ((level == LEVEL_VERIFY && !matches) || check->hostname) {
		if (!key_has_mx(check->policy->key))
			return;
		finding(check, level == LEVEL_VERIFY ? RULE_VERIFY_TRUSTS_MX : RULE_MATCH_TRUSTS_MX,
			"%s lets the certificate name whatever host the MX records name, and "
			"nothing protects those: name the provider's servers with match=, or use "
			"level secure with match=nexthop:dot-nexthop",
			matches ? "\"hostname\" in match" : "level verify without match");
	} else if (!matches && !key_has_mx(check->policy->key)) {
		struct key key;

		key_parse(check->policy->key, &key);
		if (key.form >= KEY_ADDRESS && key.form <= KEY_LITERAL_PORT)
			finding(check, RULE_ADDRESS_NEEDS_MATCH,
				"without match= the certificate must contain the address %.*s, "
				"which few do: name what the certificate names",
				TOKEN(key.host));
	}
	if (check->dot_nexthop && !check->hostname && !check->other_name)
		finding(check, RULE_MATCH_DOT_NEXTHOP,
			"\"dot-nexthop\" alone does not match a certificate for the next-hop "
			"domain itself: write match=nexthop:dot-nexthop");
}
