#include "cli/command.h"

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

const char *command_did_you_mean(command_list commands, const char *word)
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
