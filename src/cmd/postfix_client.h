/*
 * postfix_client: what the main.cf of the installed Postfix says to its SMTP client about TLS.
 */
#ifndef TLSPOL_CMD_POSTFIX_CLIENT_H
#define TLSPOL_CMD_POSTFIX_CLIENT_H

#include "cmd/postfix.h"
#include "core/client_settings.h"

/*
 * Sets `settings` (not initialised before) for Postfix `version`, 0 = the installed one. For
 * another version only what main.cf changes is taken from here, the rest has that version's
 * defaults. UNAVAILABLE without a Postfix, CONFIG for a value it would not take itself; `settings`
 * has the version's defaults then.
 */
gboolean postfix_client_settings(const struct postfix *postfix, int version,
	struct client_settings *settings, GError **error);

#endif
