/* version: which tlspol this is, and with --verbose what it was built with. */
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
		fputs("built with\n " TLSPOL_LIBRARIES, stdout);
	return STATUS_OK;
}

const struct command cmd_version = {
	.name = "version",
	.group = "Other",
	.summary = "show which tlspol this is",
	.description = "With --verbose also the libraries it was built with.",
	.groups = (const struct option_group *const[]){&app_group_global, NULL},
	.examples =
		(const struct example[]){
			{"tlspol version --verbose", "everything a bug report needs"}, {NULL}},
	.statuses = (const int[]){STATUS_OK, STATUS_USAGE, STATUS_IO, -1},
	.run = run,
};
