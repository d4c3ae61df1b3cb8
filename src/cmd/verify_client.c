/* verify: what Postfix would go by: main.cf where there is one, and what the options say. */
#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "cmd/postfix_client.h"
#include "cmd/verify.h"
#include "core/nearest.h"

/* Without a Postfix here: one that is set up for what the policies may ask. */
static gboolean assume_postfix(struct client_settings *client, GError **error)
{
	static const char *const assumed[][2] = {
		{"smtp_tls_security_level", "may"},
		{"smtp_dns_support_level", "dnssec"},
		{"tls_append_default_CA", "yes"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(assumed); i++) {
		if (!client_settings_set(client, assumed[i][0], assumed[i][1], error))
			return FALSE;
	}
	return TRUE;
}

/* What is said on the command line is to be corrected there, not in main.cf. */
static gboolean set_option(struct client_settings *client, const char *option,
	const char *parameter, const char *value, GError **error)
{
	if (!value || client_settings_set(client, parameter, value, NULL))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_USAGE, "%s: Postfix takes no %s = %s", option,
		parameter, value);
	return FALSE;
}

static gboolean set_main_cf(struct client_settings *client, const char *word, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(word, "=", 2);
	const char *name, *near;

	if (!parts[0] || !parts[1]) {
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE, "--main-cf: '%s' is not NAME=VALUE",
			word);
		return FALSE;
	}
	name = g_strstrip(parts[0]);
	if (g_strv_contains(client_settings_names(), name))
		return set_option(client, "--main-cf", name, g_strstrip(parts[1]), error);
	near = nearest_word(text_of(name), client_settings_names());
	g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
		"--main-cf: nothing here depends on '%s'%s%s%s", name,
		near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
	return FALSE;
}

/* The CAs that are named replace all that main.cf names, and have to be there. */
static gboolean set_cas(
	struct client_settings *client, const struct verify_settings *settings, GError **error)
{
	const char *const paths[] = {settings->ca_file, settings->ca_path};

	for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
		if (!paths[i] || g_access(paths[i], R_OK) == 0)
			continue;
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_INPUT, "%s: %s", paths[i],
			g_strerror(errno));
		return FALSE;
	}
	if (!settings->ca_file && !settings->ca_path)
		return TRUE;
	return client_settings_set(client, "smtp_tls_CAfile",
		       settings->ca_file ? settings->ca_file : "", error) &&
	       client_settings_set(client, "smtp_tls_CApath",
		       settings->ca_path ? settings->ca_path : "", error) &&
	       client_settings_set(client, "tls_append_default_CA", "no", error);
}

gboolean verify_client_find(struct app *app, const struct verify_settings *settings,
	struct client_settings *client, GError **error)
{
	struct rule_context context;
	g_auto(postfix_t) postfix = {NULL};

	if (!app_rules(app, &context, error))
		return FALSE;
	postfix_init(&postfix, app_config(app, NULL));
	if (postfix_installed(&postfix, NULL)) {
		if (!postfix_client_settings(&postfix, context.postfix_version, client, error))
			return FALSE;
	} else {
		client_settings_init(client, context.postfix_version);
		if (!assume_postfix(client, error))
			return FALSE;
		app_note(app, "no Postfix here: judged as one would with smtp_tls_security_level = "
			      "may, smtp_dns_support_level = dnssec and the CAs of this system");
	}
	for (guint i = 0; settings->main_cf && i < settings->main_cf->len; i++) {
		if (!set_main_cf(client, g_ptr_array_index(settings->main_cf, i), error))
			return FALSE;
	}
	return set_cas(client, settings, error) &&
	       set_option(client, "--level-default", "smtp_tls_security_level",
		       settings->level_default, error) &&
	       set_option(client, "--fingerprint-digest", "smtp_tls_fingerprint_digest",
		       settings->fingerprint_digest, error);
}
