/*
 * error: what the numbers of MariaDB's errors mean for the one who typed the command.
 *
 * One table (error.c) of number, exit status, what happened, what to do. Pure: no connection,
 * no <mysql.h>; the numbers are the server's and the client library's and never change.
 */
#ifndef TLSPOL_STORE_ERROR_H
#define TLSPOL_STORE_ERROR_H

#include <glib.h>

enum store_error_traits {
	ERROR_RETRY =
		1 << 0, /* the server undid the transaction: the whole of it may be tried again */
	ERROR_LOST = 1 << 1, /* the connection is gone; an answer may be, too */
	ERROR_ROW = 1 << 2,  /* one row is to blame: name its key */
};

struct store_error {
	guint number;
	int status; /* enum status */
	unsigned traits;
	const char *what;   /* what happened; NULL = the server's text says it */
	const char *advice; /* what to do; NULL = nothing sensible */
};

/*
 * The entry of a number; `text` is the server's message and `connected` whether the login was
 * over, because 2026 is a bad certificate before and a lost connection after. Never NULL:
 * numbers that are not in the table get STATUS_IO.
 */
const struct store_error *store_error_find(guint number, const char *text, gboolean connected);

/* "TARGET: what: server's text (error NUMBER); advice", on one line. */
void store_error_set(GError **error, const struct store_error *entry, guint number,
	const char *target, const char *text);

#endif
