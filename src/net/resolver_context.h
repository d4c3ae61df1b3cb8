/*
 * resolver_context: libunbound set up by struct resolver_settings.
 */
#ifndef TLSPOL_NET_RESOLVER_CONTEXT_H
#define TLSPOL_NET_RESOLVER_CONTEXT_H

#include "net/resolver.h"

struct ub_ctx;

/*
 * A context in thread mode that takes no more settings, or NULL; errors of resolver_new().
 * `servers` gets a fresh string, who is asked in words.
 */
struct ub_ctx *resolver_context_new(
	const struct resolver_settings *settings, char **servers, GError **error);

#endif
