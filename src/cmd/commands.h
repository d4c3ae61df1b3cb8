/*
 * commands: the one list of commands. Each is a `const struct command cmd_NAME` in its own file.
 */
#ifndef TLSPOL_CMD_COMMANDS_H
#define TLSPOL_CMD_COMMANDS_H

#include "cli/command.h"

/* clang-format off */
/* In the order of `tlspol help`; the groups are the commands' own. */
#define COMMAND_LIST(X) \
	X(add)          \
	X(set)          \
	X(remove)       \
	X(list)         \
	X(show)         \
	X(explain)      \
	X(check)        \
	X(verify)       \
	X(import)       \
	X(export)       \
	X(history)      \
	X(diff)         \
	X(revert)       \
	X(init)         \
	X(doctor)       \
	X(help)         \
	X(version)      \
	X(completion)   \
	X(describe)     \
	X(complete)
/* clang-format on */

#define COMMAND_EXTERN(name) extern const struct command cmd_##name;
COMMAND_LIST(COMMAND_EXTERN)
#undef COMMAND_EXTERN

/* Ended by NULL. */
extern const struct command *const commands[];

/* tlspol itself: the options before the command. */
struct program {
	gboolean version;
};
extern const struct command cmd_program;

#endif
