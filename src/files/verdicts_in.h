/*
 * verdicts_in: what an earlier run of `tlspol verify --format json` said, as far as it is compared.
 */
#ifndef TLSPOL_FILES_VERDICTS_IN_H
#define TLSPOL_FILES_VERDICTS_IN_H

#include <glib.h>

/* Texts are owned; "" where the file has null. Lists are sorted, ended by NULL. */
struct earlier_verdict {
	char *destination, *domain, *policy, *params;
	char *outcome, *cause, *effective;
	char **notes; /* their ids */
	char **hosts; /* their names, each once */
	/* "mx.example.com[192.0.2.1]" -> digest of its certificate; both texts are owned. */
	GHashTable *certificates;
};
void earlier_verdict_free(struct earlier_verdict *verdict);

/*
 * All of the file; a fresh array that owns struct earlier_verdict *. NO_INPUT, IO, and DATA when it
 * is not what verify prints.
 */
GPtrArray *verdicts_read(const char *path, GError **error);

#endif
