/*
 * help: --help of the program and of each command, from the tables.
 *
 * Text for people: folded at `width` columns, headings bold with `colour`.
 */
#ifndef TLSPOL_CLI_HELP_H
#define TLSPOL_CLI_HELP_H

#include "cli/command.h"

void help_command(const struct command *command, GString *to, guint width, gboolean colour);
/*
 * The commands by group, the options of `program`, its description at the end.
 */
void help_program(const struct command *program, command_list commands, GString *to, guint width,
	gboolean colour);

#endif
