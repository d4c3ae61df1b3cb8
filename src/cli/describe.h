/*
 * describe: the tables in words that programs read: the tests of man pages, other tools.
 */
#ifndef TLSPOL_CLI_DESCRIBE_H
#define TLSPOL_CLI_DESCRIBE_H

#include "cli/command.h"

/* A JSON string, or null. */
void describe_string(const char *text, GString *to);

/*
 * One command as a JSON object: name, alias, group, summary, description, hidden, operands, groups
 * of options, examples, statuses.
 */
void describe_json(const struct command *command, GString *to);

/* The lines below .Sh SYNOPSIS of tlspol-CMD.1. */
void describe_mdoc(const struct command *command, GString *to);

#endif
