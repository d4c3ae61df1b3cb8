/*
 * options: words on the command line become settings, by the command's tables.
 *
 * Not GOption's: it takes --flag=value for --flag, and the word behind an option whose value is
 * optional for its value.
 *
 * --name=value, --name value, -n value, -nvalue; several letters in one word (-qv); options and
 * operands mixed; "--" ends the options. An option whose value is optional takes it only behind
 * "=". Values are bytes: nothing is converted from the locale's charset.
 */
#ifndef TLSPOL_CLI_OPTIONS_H
#define TLSPOL_CLI_OPTIONS_H

#include "cli/command.h"

/*
 * Parses argv (argv[0] is the command's name) into `settings` and `shared`, both zeroed before.
 * *operands gets what is left (g_strfreev), *count how many; set on every way out.
 *
 * USAGE with "did you mean" for unknown options, and for values that are none of the choices or no
 * number. The first error is the one reported, but all words are read: a --help behind a mistake is
 * seen.
 */
gboolean options_parse(const struct command *command, int argc, char **argv, gpointer shared,
	gpointer settings, char ***operands, int *count, GError **error);

/* USAGE naming the operand that is missing or too many. */
gboolean options_check_operands(
	const struct command *command, char **operands, int count, GError **error);

/*
 * Sets the presets of one group; options_parse() does it for all groups of a command. A preset
 * of 0 writes nothing, so that a second parse into the same struct keeps what the first found.
 */
void options_preset(const struct option_group *group, gpointer settings);
/* Frees what the parser allocated in a settings struct, and sets it to NULL. */
void options_release(const struct command *command, enum option_base base, gpointer settings);

#endif
