#include "store/login.h"

#include "core/error.h"
#include "store/option_files.h"

#include <string.h>

#define DEFAULT_TIMEOUT 10

enum kind { TEXT, NUMBER, SWITCH, IGNORED };

/* While reading: -1 = nobody said anything. */
struct draft {
	struct login *login;
	int ssl, verify, compress;
	gboolean ssl_asked; /* by [tlspol] or the command line */
};

struct known {
	const char *name;
	enum kind kind;
	gsize offset; /* into struct login, or for a SWITCH into struct draft */
};

#define AT(field)  offsetof(struct login, field)
#define TRI(field) offsetof(struct draft, field)
static const struct known known_options[] = {
	{"host", TEXT, AT(host)},
	{"socket", TEXT, AT(socket)},
	{"user", TEXT, AT(user)},
	{"password", TEXT, AT(password)},
	{"database", TEXT, AT(database)},
	{"protocol", TEXT, AT(protocol)},
	{"port", NUMBER, AT(port)},
	{"connect-timeout", NUMBER, AT(connect_timeout)},
	{"ssl", SWITCH, TRI(ssl)},
	{"ssl-verify-server-cert", SWITCH, TRI(verify)},
	{"ssl-ca", TEXT, AT(ssl_ca)},
	{"ssl-capath", TEXT, AT(ssl_capath)},
	{"ssl-cert", TEXT, AT(ssl_cert)},
	{"ssl-key", TEXT, AT(ssl_key)},
	{"ssl-cipher", TEXT, AT(ssl_cipher)},
	{"ssl-crl", TEXT, AT(ssl_crl)},
	{"ssl-crlpath", TEXT, AT(ssl_crlpath)},
	{"tls-version", TEXT, AT(tls_version)},
	{"compress", SWITCH, TRI(compress)},
	{"plugin-dir", TEXT, AT(plugin_dir)},
	{"default-auth", TEXT, AT(default_auth)},
	{"bind-address", TEXT, AT(bind_address)},
	/* The connection is always utf8mb4. */
	{"default-character-set", IGNORED, 0},
	{"character-sets-dir", IGNORED, 0},
	{"init-command", IGNORED, 0},
	{"local-infile", IGNORED, 0},
	{"max-allowed-packet", IGNORED, 0},
	{"net-buffer-length", IGNORED, 0},
	{"print-defaults", IGNORED, 0},
};

static const struct known *known_find(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(known_options); i++)
		if (strcmp(known_options[i].name, name) == 0)
			return &known_options[i];
	return NULL;
}

/* Takes "skip-", "disable-", "enable-" off a switch; *on is what it then means. */
static const struct known *known_switch(const char *name, gboolean *on)
{
	static const struct {
		const char *prefix;
		gboolean on;
	} prefixes[] = {{"skip-", FALSE}, {"disable-", FALSE}, {"enable-", TRUE}};

	for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		if (!g_str_has_prefix(name, prefixes[i].prefix))
			continue;
		const struct known *known = known_find(name + strlen(prefixes[i].prefix));
		*on = prefixes[i].on;
		return known && known->kind == SWITCH ? known : NULL;
	}
	return NULL;
}

static gboolean parse_switch(const char *value, int *on)
{
	static const char *const words[] = {"0", "off", "false", "1", "on", "true"};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (g_ascii_strcasecmp(value, words[i]) == 0) {
			*on = i >= G_N_ELEMENTS(words) / 2;
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean set_value(
	struct draft *draft, const struct known *known, const char *value, gboolean on)
{
	char *at = (char *)draft->login + known->offset;
	guint64 number;

	switch (known->kind) {
	case TEXT:
		g_free(*(char **)at);
		*(char **)at = g_strdup(value && *value ? value : NULL);
		/* Any other TLS setting asks for TLS, too. */
		if (g_str_has_prefix(known->name, "ssl-"))
			draft->ssl = TRUE;
		return TRUE;
	case NUMBER:
		if (!value || !g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT, &number, NULL))
			return FALSE;
		*(guint *)at = (guint)number;
		return TRUE;
	case SWITCH:
		at = (char *)draft + known->offset;
		*(int *)at = on;
		return !value || parse_switch(value, (int *)at);
	case IGNORED:
		return TRUE;
	}
	return FALSE;
}

static gboolean set_line(struct draft *draft, const struct option_line *line, GError **error)
{
	const char *name = line->name;
	gboolean on = TRUE, loose = g_str_has_prefix(name, "loose-");
	const struct known *known;

	if (loose)
		name += strlen("loose-");
	known = known_find(name);
	if (!known)
		known = known_switch(name, &on);
	if (!known) {
		/* Other programs read the shared groups; [tlspol] is ours alone. */
		if (!line->own || loose)
			return TRUE;
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG, "%s: '%s' is no connection setting",
			line->where, line->name);
		return FALSE;
	}
	if (!set_value(draft, known, line->value, on)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"%s: '%s' cannot have the value '%s'", line->where, known->name,
			line->value ? line->value : "");
		return FALSE;
	}
	if (line->own && known->kind != IGNORED && g_str_has_prefix(known->name, "ssl"))
		draft->ssl_asked = TRUE;
	return TRUE;
}

static gboolean read_files(
	struct draft *draft, const struct store_settings *settings, GError **error)
{
	const struct option_files files = {
		.defaults_file = settings->defaults_file,
		.defaults_extra_file = settings->defaults_extra_file,
		.group_suffix = settings->defaults_group_suffix,
		.no_defaults = settings->no_defaults,
		.home = settings->home,
		.mariadb_home = settings->mariadb_home,
	};
	g_autoptr(GPtrArray) lines =
		g_ptr_array_new_with_free_func((GDestroyNotify)option_line_free);

	if (!option_files_read(&files, lines, error))
		return FALSE;
	for (guint i = 0; i < lines->len; i++)
		if (!set_line(draft, lines->pdata[i], error))
			return FALSE;
	return TRUE;
}

/* What the command line says, over what the files said. */
static void set_settings(struct draft *draft, const struct store_settings *settings)
{
	const struct {
		const char *name, *value;
	} texts[] = {
		{"host", settings->host},
		{"socket", settings->socket},
		{"user", settings->user},
		{"database", settings->database},
		{"protocol", settings->protocol},
		{"ssl-ca", settings->ssl_ca},
		{"ssl-capath", settings->ssl_capath},
		{"ssl-cert", settings->ssl_cert},
		{"ssl-key", settings->ssl_key},
		{"ssl-cipher", settings->ssl_cipher},
	};
	struct login *login = draft->login;

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (!texts[i].value)
			continue;
		set_value(draft, known_find(texts[i].name), texts[i].value, TRUE);
		if (g_str_has_prefix(texts[i].name, "ssl-"))
			draft->ssl_asked = TRUE;
	}
	/* An empty password given here is a password: it hides the files' one. */
	if (settings->password)
		set_value(draft, known_find("password"), settings->password, TRUE);
	if (settings->port)
		login->port = settings->port;
	if (settings->connect_timeout)
		login->connect_timeout = settings->connect_timeout;
	if (settings->ssl)
		draft->ssl = draft->ssl_asked = TRUE;
	if (settings->skip_ssl)
		draft->ssl = FALSE;
	if (settings->skip_ssl_verify)
		draft->verify = FALSE;
}

static gboolean decide_way(
	struct login *login, const struct store_settings *settings, GError **error)
{
	gboolean local = !login->host || strcmp(login->host, "localhost") == 0;

	if (!login->protocol) {
		if (settings->socket && !settings->host)
			login->via_socket = TRUE;
		else
			login->via_socket = local && !(settings->port && !settings->socket);
	} else if (g_ascii_strcasecmp(login->protocol, "socket") == 0) {
		login->via_socket = TRUE;
	} else if (g_ascii_strcasecmp(login->protocol, "tcp") != 0) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"the protocol '%s' is not known: tcp or socket", login->protocol);
		return FALSE;
	}
	return TRUE;
}

gboolean login_read(const struct store_settings *settings, struct login *login, GError **error)
{
	struct draft draft = {.login = login, .ssl = -1, .verify = -1, .compress = -1};

	*login = (struct login){.connect_timeout = DEFAULT_TIMEOUT};
	if (!read_files(&draft, settings, error))
		return FALSE;
	set_settings(&draft, settings);
	if (!decide_way(login, settings, error))
		return FALSE;
	login->compress = draft.compress == TRUE;
	login->tls = draft.ssl == TRUE && (!login->via_socket || draft.ssl_asked);
	login->verify = login->tls && draft.verify != FALSE &&
			(draft.verify == TRUE ||
				(!login->via_socket && (login->ssl_ca || login->ssl_capath)));
	return TRUE;
}

void login_release(struct login *login)
{
	for (guint i = 0; i < G_N_ELEMENTS(known_options); i++) {
		if (known_options[i].kind != TEXT)
			continue;
		char **text = (char **)((char *)login + known_options[i].offset);
		if (*text)
			explicit_bzero(*text, strlen(*text));
		g_clear_pointer(text, g_free);
	}
}

char *login_target(const struct login *login)
{
	g_autoptr(GString) target = g_string_new(NULL);

	if (login->via_socket) {
		if (!login->socket)
			return g_strdup("the local socket");
		g_string_printf(target, "socket %s", login->socket);
	} else {
		const char *host = login->host ? login->host : "localhost";
		gboolean literal = strchr(host, ':') != NULL;

		g_string_printf(target, "%s%s%s:%u", literal ? "[" : "", host, literal ? "]" : "",
			login->port ? login->port : 3306);
	}
	if (login->user)
		g_string_append_printf(target, " as user %s", login->user);
	return g_strdup(target->str);
}
