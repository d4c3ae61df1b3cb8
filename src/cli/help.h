/*
 * help: --help of the program and of each command, from the tables.
 */
#ifndef TLSPOL_CLI_HELP_H
#define TLSPOL_CLI_HELP_H

#include "cli/command.h"

/* "tlspol add KEY LEVEL [ATTR=VALUE…] [--note TEXT] …" without markup, wrapped at `width`. */
void help_usage(const struct command *command, GString *to, guint width);
void help_command(const struct command *command, GString *to, guint width, gboolean colour);
/* The list of commands by group, where settings come from, exit statuses in short. */
void help_program(command_list commands, GString *to, guint width, gboolean colour);

#endif
