#include "cmd/explain_words.h"

#include "cmd/paragraph.h"
#include "core/key.h"

/* Facts 4.1 and 4.3. */
static const struct {
	const char *demands, *failure;
} levels[LEVEL_COUNT] = {
	[LEVEL_NONE] = {"TLS is never used: mail goes out in the clear", NULL},
	[LEVEL_MAY] = {"TLS when the server offers it, with any certificate",
		"a server without STARTTLS, or one that refuses it, gets the mail in the clear at "
		"once; when the handshake fails, mail waits and goes in the clear on a later "
		"attempt (after minimal_backoff_time, 300 s)"},
	[LEVEL_ENCRYPT] = {"TLS always, with any certificate",
		"mail waits in the queue while the server does not offer STARTTLS or the handshake "
		"fails"},
	[LEVEL_DANE] =
		{"a certificate that matches the server's TLSA records, where DNSSEC secures them; "
		 "without secure TLSA records the same as may, with only unusable ones the same as "
		 "encrypt",
			"mail waits in the queue while TLSA records exist that do not match or "
			"cannot be looked up"},
	[LEVEL_DANE_ONLY] = {"a certificate that matches the server's TLSA records, secured by "
			     "DNSSEC",
		"mail waits in the queue while there are no secure, usable TLSA records or none "
		"matches"},
	[LEVEL_FINGERPRINT] = {"a certificate or public key with one of these digests; names, "
			       "issuer and expiry are not looked at",
		"mail waits in the queue while the server does not offer STARTTLS or no digest "
		"matches"},
	[LEVEL_VERIFY] = {"a certificate that a trusted CA signed, in date, for one of the names",
		"mail waits in the queue while no server of the destination shows such a "
		"certificate"},
	[LEVEL_SECURE] = {"a certificate that a trusted CA signed, in date, for one of the names",
		"mail waits in the queue while no server of the destination shows such a "
		"certificate"},
};

/* -- names ---------------------------------------------------------------------------------- */

static gboolean is_bracketed(struct text nexthop)
{
	return nexthop.len > 0 && *nexthop.at == '[';
}

/* The words of match= and of smtp_tls_*_cert_match, resolved for this next-hop. */
static char *name_in_words(struct text name, struct text nexthop, struct text host)
{
	if (text_is_nocase(name, "nexthop"))
		return g_strdup_printf("%.*s (nexthop)", TEXT_ARG(host));
	if (text_is_nocase(name, "dot-nexthop"))
		return g_strdup_printf("any name that ends in .%.*s (dot-nexthop)", TEXT_ARG(host));
	if (text_is_nocase(name, "hostname"))
		return is_bracketed(nexthop)
			       ? g_strdup_printf("%.*s (hostname)", TEXT_ARG(host))
			       : g_strdup("the name of the MX host, as DNS gives it (hostname)");
	if (name.len > 1 && *name.at == '.')
		return g_strdup_printf("any name that ends in %.*s, but not %.*s itself",
			TEXT_ARG(name), TEXT_ARG(text_skip(name, 1)));
	return text_dup(name);
}

static void add_names(GString *to, const char *names, struct text nexthop, struct text host)
{
	g_auto(GStrv) list = g_strsplit_set(names, ":, \t", -1);

	for (guint i = 0; list[i]; i++) {
		g_autofree char *words = NULL;

		if (!*list[i])
			continue;
		words = name_in_words(text_of(list[i]), nexthop, host);
		g_string_append_printf(to, "%s%s", to->len ? "; " : "", words);
	}
}

/* All values of one attribute, joined as Postfix joins them; "" when it is not there. */
static GString *attribute_values(
	const struct policy *policy, enum attribute_id id, char separator, int postfix_version)
{
	GString *values = g_string_new(NULL);
	struct attribute_cursor cursor;
	struct attribute attribute;

	attributes_start(&cursor, policy->params, postfix_version);
	while (attributes_next(&cursor, &attribute)) {
		if (attribute.id != id)
			continue;
		if (values->len)
			g_string_append_c(values, separator);
		g_string_append_len(values, attribute.value.at, (gssize)attribute.value.len);
	}
	return values;
}

static void explain_names(GString *to, const struct policy *policy, struct text nexthop,
	struct text host, const struct explain_defaults *defaults)
{
	gboolean verify = policy->level == LEVEL_VERIFY;
	g_autoptr(GString) match =
		attribute_values(policy, ATTRIBUTE_MATCH, ':', defaults->postfix_version);
	g_autoptr(GString) tafile =
		attribute_values(policy, ATTRIBUTE_TAFILE, ' ', defaults->postfix_version);
	g_autoptr(GString) names = g_string_new(NULL);

	if (match->len) {
		add_names(names, match->str, nexthop, host);
	} else {
		add_names(names, verify ? defaults->verify_match : defaults->secure_match, nexthop,
			host);
		g_string_append_printf(names, "; from smtp_tls_%s_cert_match of main.cf",
			verify ? "verify" : "secure");
	}
	paragraph(to, defaults->width, "names", names->str);
	if (!tafile->len)
		return;
	g_string_prepend(tafile, "only the certificates in ");
	paragraph(to, defaults->width, "trusted", tafile->str);
}

static void explain_digests(
	GString *to, const struct policy *policy, const struct explain_defaults *defaults)
{
	g_autoptr(GString) match =
		attribute_values(policy, ATTRIBUTE_MATCH, '|', defaults->postfix_version);
	struct text rest = {match->str, match->len}, element;
	const char *label = "digests";

	while (list_next(&rest, LIST_FINGERPRINTS, &element)) {
		g_autofree char *digest = text_dup(element);

		paragraph(to, defaults->width, label, digest);
		label = "";
	}
	if (!*label)
		return;
	paragraph(to, defaults->width, label,
		"those of smtp_tls_fingerprint_cert_match in main.cf, up to Postfix 3.8");
}

/* -- SNI ------------------------------------------------------------------------------------ */

static void explain_servername(GString *to, const struct policy *policy, struct text host,
	const struct explain_defaults *defaults)
{
	gboolean dane = policy->level == LEVEL_DANE || policy->level == LEVEL_DANE_ONLY;
	g_autoptr(GString) name =
		attribute_values(policy, ATTRIBUTE_SERVERNAME, ' ', defaults->postfix_version);
	g_autoptr(GString) text = g_string_new(NULL);

	if (!name->len)
		g_string_assign(name, defaults->servername);
	/* These two words are read in lower case only. */
	if (strcmp(name->str, "hostname") == 0)
		g_string_assign(text, "the name of the MX host is sent (SNI)");
	else if (strcmp(name->str, "nexthop") == 0)
		g_string_printf(text, "%.*s is sent (SNI)", TEXT_ARG(host));
	else if (name->len)
		g_string_printf(text, "%s is sent (SNI)", name->str);
	else if (!dane)
		g_string_assign(text,
			"none is sent (SNI): a server with several certificates shows its default "
			"one");
	if (dane)
		g_string_prepend(text,
			text->len ? "the name with the TLSA records is sent (SNI); without any, "
				  : "the name with the TLSA records is sent (SNI)");
	paragraph(to, defaults->width, "server name", text->str);
}

void explain_policy(GString *to, const struct policy *policy, struct text nexthop,
	const struct explain_defaults *defaults)
{
	struct key key;
	struct text host;
	g_autofree char *demands = NULL;

	if (policy->level == LEVEL_UNKNOWN) {
		paragraph(to, defaults->width, "level",
			"not understood by Postfix: mail waits in the queue");
		return;
	}
	key_parse(nexthop, &key);
	host = key.host.at ? key.host : nexthop;
	demands =
		g_strdup_printf("%s: %s", level_name(policy->level), levels[policy->level].demands);
	paragraph(to, defaults->width, "level", demands);
	if (policy->level == LEVEL_NONE)
		return;
	if (policy->level == LEVEL_VERIFY || policy->level == LEVEL_SECURE)
		explain_names(to, policy, nexthop, host, defaults);
	if (policy->level == LEVEL_FINGERPRINT)
		explain_digests(to, policy, defaults);
	explain_servername(to, policy, host, defaults);
	paragraph(to, defaults->width, "on failure", levels[policy->level].failure);
}
