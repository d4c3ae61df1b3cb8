#include "cmd/postfix_client.h"

#include "core/postfix_version.h"

static gboolean take(
	struct client_settings *read, const char *const *names, char **values, GError **error)
{
	for (guint i = 0; names[i]; i++) {
		if (!client_settings_set(read, names[i], values[i], error)) {
			g_prefix_error(error, "main.cf: ");
			return FALSE;
		}
	}
	read->from_postfix = TRUE;
	return TRUE;
}

gboolean postfix_client_settings(const struct postfix *postfix, int version,
	struct client_settings *settings, GError **error)
{
	const char *const *names = client_settings_names();
	g_autofree char *here = postfix_setting(postfix, "mail_version", error);
	g_auto(GStrv) values = here ? postfix_settings(postfix, names, error) : NULL;
	g_auto(client_settings_t) read;
	int installed = POSTFIX_NEWEST;
	gboolean good;

	good = values && postfix_version_parse(here, &installed, error);
	client_settings_init(&read, installed);
	good = good && take(&read, names, values, error);
	if (good)
		client_settings_for_version(settings, &read, version ? version : installed);
	else
		client_settings_init(settings, version ? version : installed);
	return good;
}
