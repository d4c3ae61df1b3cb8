/*
 * set: what `tlspol set` is told, and its parts: the words of a policy (set_words.c), temporary
 * exceptions (set_exception.c).
 */
#ifndef TLSPOL_CMD_SET_H
#define TLSPOL_CMD_SET_H

#include "cmd/edit.h"

struct set_settings {
	struct edit_extras extras;
	GPtrArray *unset;
	gboolean force;
	char *until;
	gboolean end_exception;
};

/* Whether the words begin with an attribute, and so change the stored policy in parts. */
gboolean set_in_parts(char **words, int count);

/*
 * The new policy from the words behind KEY: a whole one after LEVEL, else the stored one with
 * changes. `key` is for messages.
 */
gboolean set_wanted_policy(struct policy_set *wanted, const struct policy *stored, char **words,
	int count, const GPtrArray *unset, int version, const char *key, struct policy *policy,
	GError **error);

/* --until: lays an exception over the row of the key, or makes a row that is one. */
gboolean set_exception(struct app *app, const struct set_settings *settings, char **operands,
	int count, GError **error);
/* --end-exception: takes it away again. */
gboolean set_end_exception(struct app *app, char *key, GError **error);

#endif
