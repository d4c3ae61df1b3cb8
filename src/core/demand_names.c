#include "core/demand_parts.h"

#include "core/postfix_version.h"

#define FINGERPRINT_MAX 192 /* 3 * EVP_MAX_MD_SIZE */
#define OPENSSL_DANE	POSTFIX_VERSION(3, 6, 0)
#define NO_FALLBACK	POSTFIX_VERSION(3, 9, 0)

static char **finish(GPtrArray *list)
{
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(list, FALSE);
}

/* -- names ------------------------------------------------------------------------------------ */

/* The part behind a leading dot; IDNA2003's other full stops count as one, too. */
static struct text below(struct text name, gboolean *subdomains)
{
	static const char *const dots[] = {".", "\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1"};

	for (guint i = 0; i < G_N_ELEMENTS(dots); i++) {
		if (text_starts(name, dots[i])) {
			*subdomains = TRUE;
			return text_skip(name, strlen(dots[i]));
		}
	}
	*subdomains = FALSE;
	return name;
}

static void add_name(GPtrArray *names, struct text name, gboolean subdomains)
{
	g_autofree char *plain = text_dup(name);
	g_autofree char *ascii = g_str_is_ascii(plain) ? NULL : g_hostname_to_ascii(plain);

	if (name.len)
		g_ptr_array_add(
			names, g_strconcat(subdomains ? "." : "", ascii ? ascii : plain, NULL));
}

static void add_element(const struct demand_case *one, GPtrArray *names, struct text element)
{
	struct text domain = text_of(one->observation->nexthop.domain);
	gboolean subdomains;

	if (text_is_nocase(element, "nexthop")) {
		add_name(names, domain, FALSE);
	} else if (text_is_nocase(element, "dot-nexthop")) {
		add_name(names, domain, TRUE);
	} else if (text_is_nocase(element, "hostname")) {
		add_name(names, text_of(demand_hostname(one)), FALSE);
	} else {
		element = below(element, &subdomains);
		add_name(names, element, subdomains);
	}
}

/* Postfix 3.10.5: a row made from MTA-STS names MX patterns, and then the host itself counts. */
static gboolean patterns_replace_names(const struct demand_case *one)
{
	return one->settings->enforce_sts_mx_patterns &&
	       text_is_nocase(demand_value(one, ATTRIBUTE_POLICY_TYPE), "sts") &&
	       demand_value(one, ATTRIBUTE_MX_HOST_PATTERN).at;
}

/* FALSE when the row names none. */
static gboolean add_own_names(const struct demand_case *one, GPtrArray *names)
{
	struct attribute_cursor cursor;
	struct text value, element;
	gboolean given = FALSE;

	if (patterns_replace_names(one)) {
		add_element(one, names, TEXT_LITERAL("hostname"));
		return TRUE;
	}
	attributes_start(&cursor, one->policy->params, one->settings->postfix_version);
	while (demand_next_value(&cursor, ATTRIBUTE_MATCH, &value)) {
		given = TRUE;
		while (list_next(&value, LIST_NAMES, &element))
			add_element(one, names, element);
	}
	return given;
}

void demand_set_names(struct demand_case *one)
{
	const struct client_settings *settings = one->settings;
	struct text rest =
		text_of(one->demand->level == LEVEL_VERIFY ? settings->verify_cert_match
							   : settings->secure_cert_match);
	GPtrArray *names = g_ptr_array_new();
	struct text element;

	if (!add_own_names(one, names))
		while (list_next(&rest, LIST_MAIN_CF LIST_NAMES, &element))
			add_element(one, names, element);
	if (!names->len && !one->demand->fails)
		one->demand->fails = g_strdup("no name is left to look for in the certificate");
	one->demand->names = finish(names);
}

/* -- fingerprints ----------------------------------------------------------------------------- */

/*
 * hex_decode_opt() and hex_encode: "ab:CD" and "abcd" become "AB:CD". NULL when malformed. Before
 * 3.6 texts were compared, so that one without colons never matched.
 */
static char *normalised(struct text pin, int version, guint *bytes)
{
	GString *text = g_string_new(NULL);
	gboolean good = pin.len > 1 && pin.len <= FINGERPRINT_MAX;
	gboolean colons = pin.len > 2 && pin.at[2] == ':';

	*bytes = 0;
	while (good && pin.len) {
		good = pin.len > 1 && g_ascii_isxdigit(pin.at[0]) && g_ascii_isxdigit(pin.at[1]);
		if (!good)
			break;
		g_string_append_printf(text, "%s%c%c", text->len ? ":" : "",
			g_ascii_toupper(pin.at[0]), g_ascii_toupper(pin.at[1]));
		++*bytes;
		pin = text_skip(pin, pin.len > 4 && pin.at[2] == ':' ? 3 : 2);
	}
	if (!good)
		return g_string_free(text, TRUE);
	if (!colons && version < OPENSSL_DANE)
		*bytes = 0;
	return g_string_free(text, FALSE);
}

/* Adds what can match; *well_formed counts what Postfix takes at all. */
static void add_pins(const struct demand_case *one, GPtrArray *pins, struct text list,
	const char *separators, guint *well_formed)
{
	guint length = client_digest_length(one->settings), bytes;
	struct text element;

	while (list_next(&list, separators, &element)) {
		g_autofree char *pin = normalised(element, one->settings->postfix_version, &bytes);

		if (!pin)
			continue;
		++*well_formed;
		if (bytes && (!length || bytes == length))
			g_ptr_array_add(pins, g_steal_pointer(&pin));
	}
}

void demand_set_pins(struct demand_case *one)
{
	const struct client_settings *settings = one->settings;
	GPtrArray *pins = g_ptr_array_new();
	struct attribute_cursor cursor;
	gboolean given = FALSE;
	guint well_formed = 0;
	struct text value;

	attributes_start(&cursor, one->policy->params, settings->postfix_version);
	while (demand_next_value(&cursor, ATTRIBUTE_MATCH, &value)) {
		given = TRUE;
		add_pins(one, pins, value, LIST_FINGERPRINTS, &well_formed);
	}
	if (!well_formed && (!given || settings->postfix_version < NO_FALLBACK))
		add_pins(one, pins, text_of(settings->fingerprint_cert_match), LIST_MAIN_CF,
			&well_formed);
	if (!well_formed)
		demand_skip(one, SKIP_REFUSED,
			g_strdup("client TLS configuration problem: level fingerprint has no "
				 "fingerprint to match"));
	else if (!pins->len && !one->demand->fails)
		one->demand->fails = g_strdup(
			"no fingerprint has the length of the digest that Postfix compares");
	one->demand->pins = finish(pins);
}
