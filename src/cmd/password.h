/*
 * password: where a database password may come from: a file or the terminal, never argv.
 */
#ifndef TLSPOL_CMD_PASSWORD_H
#define TLSPOL_CMD_PASSWORD_H

#include <glib.h>

/*
 * The first line of a file, without its line end; "-" is standard input. NO_INPUT when it cannot be
 * read, DATA when it is empty. A fresh string.
 */
char *password_from_file(const char *path, GError **error);

/*
 * Asks on the terminal, without echo. NO_INPUT when there is no terminal, INTERRUPTED on
 * Ctrl-C; the terminal is as it was on every way out. A fresh string.
 */
char *password_ask(const char *prompt, GError **error);

#endif
