/*
 * completion: shell completion scripts and descriptions of all commands, from the tables.
 */
#ifndef TLSPOL_CLI_COMPLETION_H
#define TLSPOL_CLI_COMPLETION_H

#include "cli/command.h"

extern const char *const completion_shells[]; /* "bash", "zsh", "fish", NULL */

/* The whole script for one of completion_shells; static words are in it, keys are asked. */
void completion_script(command_list commands, const char *shell, GString *to);

/*
 * For `tlspol __describe --as=json|mdoc [CMD]`: JSON of all tables (tests, other tools), or the
 * SYNOPSIS block of tlspol-CMD.1.
 */
void describe_json(command_list commands, GString *to);
void describe_mdoc(const struct command *command, GString *to);

#endif
