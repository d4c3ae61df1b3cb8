/*
 * keys: keys as people type them, and the stored rows they mean.
 *
 * "GitHub.com" means the row github.com, "bücher.example" the row xn--bcher-kva.example; but a
 * row that somebody else stored as "GitHub.com" must be found (and removed) by that spelling too.
 */
#ifndef TLSPOL_CMD_KEYS_H
#define TLSPOL_CMD_KEYS_H

#include "cmd/app.h"

struct typed_key {
	const char *typed; /* borrowed from the command line */
	char *stored;	   /* folded, IDNA; a copy of `typed` when it can be no name at all */
};

/* An array of struct typed_key *, one for each word. */
GPtrArray *typed_keys(char **words, int count);

/*
 * The rows of these keys and no others, sorted: one question to the table; with --from all rows
 * of the file.
 */
gboolean typed_keys_read(
	struct app *app, const GPtrArray *keys, struct policy_set *set, GError **error);

/* The row as typed, else the row as it would be stored, else NULL. `set` is sorted. */
const struct policy_row *typed_key_row(const struct typed_key *key, const struct policy_set *set);

/*
 * Appends "no policy for KEY" to `to`, and which other spellings of the same host are stored
 * (Postfix takes [host], host and host:25 for three keys). Asks the table once more.
 */
gboolean typed_key_missing(struct app *app, const struct typed_key *key,
	const struct policy_set *set, GString *to, GError **error);

#endif
