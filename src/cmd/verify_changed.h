/*
 * verify_changed: what is other than in an earlier run: outcome, level in force, findings, hosts,
 * certificates. Reasons are not compared: their words count days, and quote what servers said.
 */
#ifndef TLSPOL_CMD_VERIFY_CHANGED_H
#define TLSPOL_CMD_VERIFY_CHANGED_H

#include "cmd/verify.h"

struct verify_changed;
/* Reads what `tlspol verify --format json` printed then; failures are those of verdicts_read(). */
struct verify_changed *verify_changed_read(const char *path, GError **error);
void verify_changed_free(struct verify_changed *changed);

/* What is new about it, in words; empty when all is as it was. Ended by NULL; g_strfreev(). */
char **verify_changed_words(struct verify_changed *changed, const struct verify_result *result);

/* Destinations of the earlier run that verify_changed_words() was never asked for. */
guint verify_changed_gone(const struct verify_changed *changed);

#endif
