#include "net/resolver_context.h"

#include <string.h>
#include <unbound.h>

#include "core/error.h"
#include "net/open_files.h"

#define RESOLV_CONF   "/etc/resolv.conf"
#define GLIBC_SERVERS 3 /* resolv.conf(5): MAXNS */
#define OPEN_FILES    4096
#define OUTGOING_MAX  512

typedef struct ub_ctx ub_ctx_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ub_ctx_t, ub_ctx_delete)

static gboolean fits(int code, const char *what, GError **error)
{
	if (code == 0)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_OS, "libunbound does not take %s: %s", what,
		ub_strerror(code));
	return FALSE;
}

/* -- the trust anchor -------------------------------------------------------------------------- */

/* One record of the root: libunbound takes a file without any, and then nothing is validated. */
static gboolean is_anchor(const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);

	if (g_strcmp0(words[0], ".") != 0)
		return FALSE;
	for (guint i = 1; words[i]; i++) {
		if (strcmp(words[i], "DS") == 0 || strcmp(words[i], "DNSKEY") == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean check_anchor(const char *path, GError **error)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	g_autoptr(GError) wrong = NULL;

	if (!g_file_get_contents(path, &text, NULL, &wrong)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_INPUT,
			"cannot read the trust anchor for DNSSEC: %s", wrong->message);
		return FALSE;
	}
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		if (is_anchor(lines[i]))
			return TRUE;
	}
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
		"%s holds no trust anchor: a line like \". IN DS 20326 8 2 E06D…\" or \". IN "
		"DNSKEY "
		"257 3 8 AwEA…\" is needed",
		path);
	return FALSE;
}

static gboolean add_anchor(struct ub_ctx *ctx, const char *path, GError **error)
{
	/* Each distribution has its own place. */
	static const char *const system[] = {
		"/usr/share/dns/root.key",   /* dns-root-data of Debian and Ubuntu */
		"/var/lib/unbound/root.key", /* kept by unbound-anchor(8) */
		"/etc/trusted-key.key",	     /* Arch; where ldns looks */
	};

	for (guint i = 0; !path && i < G_N_ELEMENTS(system); i++) {
		if (g_file_test(system[i], G_FILE_TEST_EXISTS))
			path = system[i];
	}
	if (!path) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"there is no trust anchor for DNSSEC (%s): install the package "
			"dns-root-data, or name a file with --trust-anchor",
			system[0]);
		return FALSE;
	}
	return check_anchor(path, error) && fits(ub_ctx_add_ta_file(ctx, path), path, error);
}

/* -- whom to ask ------------------------------------------------------------------------------- */

/* resolv.conf(5) as glibc reads it: the first three, the own machine without any. */
static gboolean use_resolv_conf(struct ub_ctx *ctx, char **servers, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(GString) list = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;
	guint count = 0;

	g_file_get_contents(RESOLV_CONF, &text, NULL, NULL);
	lines = g_strsplit(text ? text : "", "\n", -1);
	for (guint i = 0; lines[i] && count < GLIBC_SERVERS; i++) {
		g_auto(GStrv) words = g_strsplit_set(lines[i], " \t", -1);
		guint at = 1;

		if (g_strcmp0(words[0], "nameserver") != 0)
			continue;
		while (words[at] && !*words[at])
			at++;
		if (!words[at] || ub_ctx_set_fwd(ctx, words[at]) != 0)
			continue;
		g_string_append_printf(list, "%s%s", count++ ? ", " : "", words[at]);
	}
	if (!count && !fits(ub_ctx_set_fwd(ctx, "127.0.0.1"), "127.0.0.1", error))
		return FALSE;
	*servers = g_strdup_printf(
		count ? "%s (" RESOLV_CONF ")" : "127.0.0.1%s (" RESOLV_CONF " names no server)",
		list->str);
	return TRUE;
}

static gboolean use_forwarder(
	struct ub_ctx *ctx, const char *address, char **servers, GError **error)
{
	const char *at = strchr(address, '@');
	g_autofree char *host = at ? g_strndup(address, (gsize)(at - address)) : g_strdup(address);

	if (!g_hostname_is_ip_address(host) ||
		(at && !g_ascii_string_to_unsigned(at + 1, 10, 1, 65535, NULL, NULL))) {
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
			"resolver %s is no address: 192.0.2.1, 2001:db8::1@5353 (with a port) or "
			"recursive is possible",
			address);
		return FALSE;
	}
	*servers = g_strdup(address);
	return fits(ub_ctx_set_fwd(ctx, address), address, error);
}

static gboolean use_servers(struct ub_ctx *ctx, const struct resolver_settings *settings,
	char **servers, GError **error)
{
	g_autofree char *hints = NULL;
	g_autoptr(GError) wrong = NULL;

	if (!settings->resolver)
		return use_resolv_conf(ctx, servers, error);
	if (strcmp(settings->resolver, "recursive") != 0)
		return use_forwarder(ctx, settings->resolver, servers, error);
	*servers = g_strdup("the authoritative servers themselves");
	if (!settings->root_hints)
		return TRUE;
	/* libunbound goes on with its own list when it cannot read the file, and chokes on others.
	 */
	if (!g_file_get_contents(settings->root_hints, &hints, NULL, &wrong)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_INPUT, "cannot read root hints: %s",
			wrong->message);
		return FALSE;
	}
	if (!g_regex_match_simple("^\\S+\\s.*\\b(A|AAAA)\\s", hints, G_REGEX_MULTILINE, 0)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%s holds no root hints: lines like \"a.root-servers.net. 3600000 A "
			"198.41.0.4\" are needed",
			settings->root_hints);
		return FALSE;
	}
	return fits(ub_ctx_set_option(ctx, "root-hints:", settings->root_hints),
		settings->root_hints, error);
}

/* -- options ----------------------------------------------------------------------------------- */

/* How many questions may have a socket: the library's 16 make 77 answers a second of 100 ms. */
static guint outgoing_range(void)
{
	return CLAMP(open_files_raise(OPEN_FILES) / 2, 16, OUTGOING_MAX);
}

/* Pairs, ended by NULL. */
static gboolean set_pairs(struct ub_ctx *ctx, const char *const *pairs, GError **error)
{
	for (; *pairs; pairs += 2) {
		if (!fits(ub_ctx_set_option(ctx, pairs[0], pairs[1]), pairs[0], error))
			return FALSE;
	}
	return TRUE;
}

static gboolean set_options(
	struct ub_ctx *ctx, const struct resolver_settings *settings, GError **error)
{
	gboolean recursive = g_strcmp0(settings->resolver, "recursive") == 0;
	/* Names of strangers must not lead to a server of this machine, unless it is asked for. */
	gboolean public = recursive && !settings->root_hints;
	g_autofree char *outgoing = g_strdup_printf("%u", outgoing_range());
	const char *const common[] = {"outgoing-range:", outgoing,
		"do-not-query-localhost:", public ? "yes" : "no", "rrset-cache-size:", "4m",
		"msg-cache-size:", "4m", NULL};
	/*
	 * Servers that never answer are given up after 100 s by default (facts/lab.md 3), here
	 * after 2 to 4 s. A forwarder takes a second to answer when it has to look far itself, and
	 * what comes too late is lost, even called bogus: so its tries are long but few (one is
	 * too few: the first answer to a bogus name is SERVFAIL, the data comes when asked again).
	 * The authoritative servers are only a round trip away (0.5 s is still good).
	 */
	static const char *const forwarding[] = {
		"infra-cache-min-rtt:", "600", "outbound-msg-retry:", "2", NULL};
	static const char *const recursing[] = {"infra-cache-max-rtt:", "1500", NULL};

	return set_pairs(ctx, common, error) &&
	       set_pairs(ctx, recursive ? recursing : forwarding, error) &&
	       fits(ub_ctx_async(ctx, TRUE), "threads", error);
}

/* Names it would answer by itself, though a site may have them. Makes all settings final. */
static gboolean remove_built_in(struct ub_ctx *ctx, GError **error)
{
	static const char *const zones[] = {"test.", "invalid.", "onion.", "home.arpa."};

	for (guint i = 0; i < G_N_ELEMENTS(zones); i++) {
		if (!fits(ub_ctx_zone_remove(ctx, zones[i]), "its settings", error))
			return FALSE;
	}
	return TRUE;
}

struct ub_ctx *resolver_context_new(
	const struct resolver_settings *settings, char **servers, GError **error)
{
	g_autoptr(ub_ctx_t) ctx = ub_ctx_create();

	*servers = NULL;
	if (!ctx) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_OS,
			"libunbound does not start: is there enough memory and are there free "
			"files?");
		return NULL;
	}
	/* It would print to stderr. */
	ub_ctx_debugout(ctx, NULL);
	if (set_options(ctx, settings, error) && add_anchor(ctx, settings->trust_anchor, error) &&
		use_servers(ctx, settings, servers, error) && remove_built_in(ctx, error))
		return g_steal_pointer(&ctx);
	g_clear_pointer(servers, g_free);
	return NULL;
}
