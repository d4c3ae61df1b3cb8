/*
 * export: its options, and the format that needs a file of its own.
 */
#ifndef TLSPOL_CMD_EXPORT_H
#define TLSPOL_CMD_EXPORT_H

#include "cmd/app.h"

struct export_settings {
	char *postmap, *as_of, *reader, *hosts;
};

/* `export mysql`: a .cf for the table; an exit status. */
int export_mysql(struct app *app, const struct export_settings *export, GError **error);

#endif
