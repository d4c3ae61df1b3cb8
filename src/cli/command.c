#include "cli/command.h"

#include "core/error.h"
#include "core/nearest.h"

const struct command *command_find(command_list commands, const char *name)
{
	for (; *commands; commands++) {
		const struct command *command = *commands;

		if (g_str_equal(command->name, name) || g_strcmp0(command->alias, name) == 0)
			return command;
	}
	return NULL;
}

static const char *nearest_command(command_list commands, const char *word)
{
	struct nearest nearest;

	nearest_init(&nearest, text_of(word));
	for (; *commands; commands++) {
		if ((*commands)->hidden)
			continue;
		nearest_offer(&nearest, (*commands)->name);
		if ((*commands)->alias)
			nearest_offer(&nearest, (*commands)->alias);
	}
	return nearest.best;
}

const struct command *command_named(command_list commands, const char *word, GError **error)
{
	const struct command *command = command_find(commands, word);
	const char *meant = command ? NULL : nearest_command(commands, word);

	if (command)
		return command;
	if (meant)
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
			"unknown command '%s', did you mean '%s'?", word, meant);
	else
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE, "unknown command '%s'", word);
	return NULL;
}

/* By name when `name` is given, else by letter. */
static const struct option *find_option(const struct command *command, const char *name,
	char letter, const struct option_group **in_group)
{
	for (const struct option_group *const *group = command->groups; group && *group; group++) {
		for (const struct option *o = (*group)->options; o->name; o++) {
			if (name ? !g_str_equal(o->name, name) : o->letter != letter)
				continue;
			if (in_group)
				*in_group = *group;
			return o;
		}
	}
	return NULL;
}

const struct option *command_option(
	const struct command *command, const char *name, const struct option_group **group)
{
	return find_option(command, name, 0, group);
}

const struct option *command_option_letter(
	const struct command *command, char letter, const struct option_group **group)
{
	return find_option(command, NULL, letter, group);
}
