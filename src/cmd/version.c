/* version: which tlspol this is, and with --verbose what it was built with. */
#include <glib.h>

#include "cmd/app.h"
#include "cmd/commands.h"

static int run(gpointer shared, gpointer settings, char **operands, int count, GError **error)
{
	const struct app *app = shared;

	(void)settings;
	(void)operands;
	(void)count;
	(void)error;
	printf("tlspol %s\n", TLSPOL_VERSION);
	if (app->verbose)
		printf("GLib %u.%u.%u\n", glib_major_version, glib_minor_version,
			glib_micro_version);
	return STATUS_OK;
}

const struct command cmd_version = {
	.name = "version",
	.group = "Other",
	.summary = "show which tlspol this is",
	.description = "With --verbose also the versions of the libraries it uses.",
	.groups = (const struct option_group *const[]){&app_group_global, NULL},
	.examples =
		(const struct example[]){
			{"tlspol version --verbose", "everything a bug report needs"}, {NULL}},
	.statuses = (const int[]){STATUS_OK, STATUS_USAGE, STATUS_IO, -1},
	.run = run,
};
