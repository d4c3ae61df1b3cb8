/*
 * completion: shell completion scripts, from the tables.
 *
 * Static words (commands, options, choices, levels, attributes) are in the script; only keys are
 * asked for when TAB is pressed, from `tlspol __complete key PREFIX`.
 */
#ifndef TLSPOL_CLI_COMPLETION_H
#define TLSPOL_CLI_COMPLETION_H

#include "cli/command.h"

extern const char *const completion_shells[]; /* "bash", "zsh", "fish", NULL */

/* The whole script for completion_shells[shell]. */
void completion_script(
	const struct command *program, command_list commands, guint shell, GString *to);

/* -- what the three writers share ---------------------------------------------------------- */

/*
 * Words a value or an operand can be, with blanks between; NULL when they are files, keys or
 * free text. `commands` is for COMPLETES_COMMAND. A fresh string.
 */
char *completion_words(enum completes completes, const char *const *choices, command_list commands);
/* "remove|rm": a command and its alias as a pattern. A fresh string. */
char *completion_pattern(const struct command *command, const char *separator);
/* Text between single quotes of a shell; `special` characters get a backslash. */
void completion_quote(GString *to, const char *text, const char *special);

void completion_bash(const struct command *program, command_list commands, GString *to);
void completion_zsh(const struct command *program, command_list commands, GString *to);
void completion_fish(const struct command *program, command_list commands, GString *to);

#endif
