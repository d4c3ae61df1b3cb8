/* help: the list of commands, or one command's page; the same as --help. */
#include "cli/help.h"
#include "cmd/app.h"
#include "cmd/commands.h"

static int run(gpointer shared, gpointer settings, char **operands, int count, GError **error)
{
	const struct app *app = shared;
	const struct command *command = NULL;

	(void)settings;
	if (count) {
		command = command_named(app->commands, operands[0], error);
		if (!command)
			return STATUS_USAGE;
	}
	app_show_help(app, command);
	return STATUS_OK;
}

static const struct operand operands[] = {
	{"COMMAND", .optional = TRUE, .completes = COMPLETES_COMMAND},
	{NULL},
};

const struct command cmd_help = {
	.name = "help",
	.group = "Other",
	.summary = "show how tlspol or one of its commands is used",
	.description = "The same as COMMAND --help. The manual pages say more: man tlspol-add.",
	.operands = operands,
	.groups = (const struct option_group *const[]){&app_group_global, NULL},
	.examples = (const struct example[]){{"tlspol help import", "how policies are imported"},
		{NULL}},
	.statuses = (const int[]){STATUS_OK, STATUS_USAGE, STATUS_IO, -1},
	.run = run,
};
