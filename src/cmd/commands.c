#include "cmd/commands.h"

#include "cmd/app.h"

#define COMMAND_ADDRESS(name) &cmd_##name,
const struct command *const commands[] = {COMMAND_LIST(COMMAND_ADDRESS) NULL};

static const struct option program_options[] = {
	{"version", 'V', OPTION_FLAG, offsetof(struct program, version), NULL, "show the version"},
	{NULL},
};
static const struct option_group program_group = {NULL, BASE_COMMAND, program_options};

static const struct operand operands[] = {
	{"COMMAND", .completes = COMPLETES_COMMAND},
	{"ARGUMENT", .optional = TRUE, .many = TRUE},
	{NULL},
};

const struct command cmd_program = {
	.name = "tlspol",
	.summary = "TLS policies for Postfix, kept in MariaDB",
	.description =
		"The connection comes from MariaDB's own option files (~/.my.cnf,\n"
		"/etc/mysql), groups [client], [client-mariadb] and [tlspol], everything else\n"
		"from /etc/tlspol/tlspol.yaml; see tlspol.conf(5).\n"
		"\n"
		"The exit status is 0 when all is well, 1 when the answer is no, 2 when\n"
		"something could not be decided, 64 or more for errors; see tlspol(1).\n"
		"\n"
		"'tlspol help COMMAND' and 'man tlspol-COMMAND' explain one command.",
	.operands = operands,
	.groups = (const struct option_group *const[]){&program_group, &app_group_global,
		&app_group_db, NULL},
	.settings_size = sizeof(struct program),
	.program = TRUE,
};
