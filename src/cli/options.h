/*
 * options: words on the command line become settings, by the command's tables.
 *
 * --name=value, --name value, -n value, -nvalue; several letters in one word (-qv); options and
 * operands mixed; "--" ends the options. An option whose value is optional takes it only behind
 * "=". Values are bytes: nothing is converted from the locale's charset.
 *
 * No library's parser, because each of them serves badly here (tried: GLib 2.74, popt 1.19, glibc
 * 2.36). GOption takes --plan=no for --plan, does not know -nvalue, and, as popt does, swallows the
 * word behind an option whose value is optional: "import --prune policies.yaml" is an import of no
 * file. getopt_long() takes any abbreviation, --pl for --plan, which breaks scripts on the day a
 * command gets another option.
 */
#ifndef TLSPOL_CLI_OPTIONS_H
#define TLSPOL_CLI_OPTIONS_H

#include "cli/command.h"

/*
 * Parses argv (argv[0] is the command's name) into `settings` and `shared`, both zeroed before.
 * *operands gets what is left (g_strfreev), *count how many; set on every way out. Presets are
 * written first, those of 0 are not: a second parse into the same struct keeps what the first
 * found.
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

/* Frees what the parser allocated in a settings struct, and sets it to NULL. */
void options_release(const struct command *command, enum option_base base, gpointer settings);

#endif
