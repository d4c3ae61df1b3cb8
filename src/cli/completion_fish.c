/* fish: one `complete` line for each option and operand. */
#include "cli/completion.h"

static const char functions[] =
	"# The command and its operands that stand before the cursor, without options and values\n"
	"function __tlspol_words\n"
	"    set -l words (commandline -opc)\n"
	"    set -e words[1]\n"
	"    set -l takes (__tlspol_takes '')\n"
	"    set -l found\n"
	"    set -l skip 0\n"
	"    for word in $words\n"
	"        if test $skip = 1\n"
	"            set skip 0\n"
	"        else if string match -q -- '-*' $word\n"
	"            contains -- $word $takes; and set skip 1\n"
	"        else\n"
	"            set -a found $word\n"
	"            test (count $found) = 1; and set takes (__tlspol_takes $word)\n"
	"        end\n"
	"    end\n"
	"    set -q found[1]; and printf '%s\\n' $found\n"
	"end\n"
	"# __tlspol_in COMMAND...: one of these is being typed\n"
	"function __tlspol_in\n"
	"    set -l words (__tlspol_words)\n"
	"    contains -- \"$words[1]\" $argv\n"
	"end\n"
	"# __tlspol_at N[+] COMMAND...: the operand at the cursor is number N (or later) of one of "
	"these\n"
	"function __tlspol_at\n"
	"    set -l words (__tlspol_words)\n"
	"    contains -- \"$words[1]\" $argv[2..]; or return 1\n"
	"    set -l at (count $words)\n"
	"    if string match -q '*+' $argv[1]\n"
	"        test $at -ge (string trim -rc + $argv[1])\n"
	"    else\n"
	"        test $at -eq $argv[1]\n"
	"    end\n"
	"end\n"
	"function __tlspol_keys\n"
	"    tlspol __complete key -- (commandline -ct) 2>/dev/null\n"
	"end\n"
	"\n"
	"complete -c tlspol -f\n";

/* "-x -a 'table json'", "-r -F"; free text for nothing else. */
static void put_value(GString *to, const char *exclusive, enum completes completes,
	const char *const *choices, command_list commands)
{
	g_autofree char *words = completion_words(completes, choices, commands);

	if (words)
		g_string_append_printf(to, " %s -a '%s'", exclusive, words);
	else if (completes == COMPLETES_FILE)
		g_string_append_printf(to, " %s -F", *exclusive ? "-r" : "");
	else if (completes == COMPLETES_DIRECTORY)
		g_string_append_printf(to, " %s -a '(__fish_complete_directories)'", exclusive);
	else if (completes == COMPLETES_KEY)
		g_string_append_printf(to, " %s -a '(__tlspol_keys)'", exclusive);
	else
		g_string_append_printf(to, " %s", exclusive);
}

static void put_option(
	GString *to, const struct option *option, const char *names, command_list commands)
{
	g_string_append_printf(to, "complete -c tlspol -n '__tlspol_in %s'", names);
	if (option->letter)
		g_string_append_printf(to, " -s %c", option->letter);
	g_string_append_printf(to, " -l %s", option->name);
	if (option->kind != OPTION_FLAG)
		put_value(to, option->kind == OPTION_OPTIONAL ? "" : "-x", option->completes,
			option->choices, commands);
	g_string_append(to, " -d '");
	completion_quote(to, option->help, "\\");
	g_string_append(to, "'\n");
}

static void put_command(
	GString *to, const struct command *command, const char *names, command_list commands)
{
	int position = command->program ? 0 : 1;

	for (const struct option_group *const *group = command->groups; group && *group; group++) {
		for (const struct option *o = (*group)->options; o->name; o++) {
			if (o->help)
				put_option(to, o, names, commands);
		}
	}
	if (command->program)
		return;
	for (const struct operand *o = command->operands; o && o->metavar; o++, position++) {
		if (o->completes == COMPLETES_NOTHING && !o->choices)
			continue;
		g_string_append_printf(to, "complete -c tlspol -n '__tlspol_at %d%s %s'", position,
			o->many ? "+" : "", names);
		put_value(to, "", o->completes, o->choices, commands);
		g_string_append_c(to, '\n');
	}
}

/* Options whose value is the next word, so that it is not taken for an operand. */
static void put_takes(GString *to, const struct command *command, const char *names)
{
	g_string_append_printf(to, "        case %s\n            printf '%%s\\n'", names);
	for (const struct option_group *const *group = command->groups; group && *group; group++) {
		for (const struct option *o = (*group)->options; o->name; o++) {
			if (o->kind == OPTION_FLAG || o->kind == OPTION_OPTIONAL)
				continue;
			g_string_append_printf(to, " --%s", o->name);
			if (o->letter)
				g_string_append_printf(to, " -%c", o->letter);
		}
	}
	g_string_append_c(to, '\n');
}

void completion_fish(const struct command *program, command_list commands, GString *to)
{
	g_string_append(to, "# fish completion for tlspol, written by `tlspol completion fish`: "
			    "do not edit\n\n"
			    "function __tlspol_takes\n    switch \"$argv[1]\"\n");
	put_takes(to, program, "''");
	for (command_list command = commands; *command; command++) {
		g_autofree char *names = completion_pattern(*command, " ");

		if (!(*command)->hidden)
			put_takes(to, *command, names);
	}
	g_string_append(to, "    end\nend\n");
	g_string_append(to, functions);
	put_command(to, program, "\"\"", commands);
	for (command_list command = commands; *command; command++) {
		g_autofree char *names = completion_pattern(*command, " ");

		if ((*command)->hidden)
			continue;
		g_string_append_printf(to, "complete -c tlspol -n '__tlspol_at 0 \"\"' -a %s -d '",
			(*command)->name);
		completion_quote(to, (*command)->summary, "\\");
		g_string_append(to, "'\n");
		put_command(to, *command, names, commands);
	}
}
