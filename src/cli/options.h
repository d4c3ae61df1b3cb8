/*
 * options: words on the command line become settings, by the command's tables (GOption inside).
 */
#ifndef TLSPOL_CLI_OPTIONS_H
#define TLSPOL_CLI_OPTIONS_H

#include "cli/command.h"

/*
 * Parses argv (argv[0] is the command's name) into `settings` and `shared`. Options and operands
 * may be mixed; "--" ends the options. *operands gets what is left (a NULL-terminated array of
 * borrowed strings, g_free the array). USAGE with "did you mean" for unknown options, wrong
 * values, missing or surplus operands.
 */
gboolean options_parse(const struct command *command, int argc, char **argv, gpointer shared,
	gpointer settings, char ***operands, int *count, GError **error);

/* Sets the presets of one group; options_parse() does it for all groups of a command. */
void options_preset(const struct option_group *group, gpointer settings);
/* Frees what the parser allocated in a settings struct. */
void options_release(const struct command *command, enum option_base base, gpointer settings);

#endif
