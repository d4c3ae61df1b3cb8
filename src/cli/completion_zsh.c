/* zsh: one _arguments call for each command. */
#include "cli/completion.h"

static const char head[] =
	"#compdef tlspol\n"
	"# zsh completion for tlspol, written by `tlspol completion zsh`: do not edit\n"
	"\n"
	"_tlspol_keys() {\n"
	"\tlocal -a keys\n"
	"\tkeys=(${(f)\"$(_call_program keys tlspol __complete key -- ${(q)PREFIX} "
	"2>/dev/null)\"})\n"
	"\tcompadd -a keys\n"
	"}\n";

static const char tail[] =
	"\tesac\n"
	"}\n"
	"\n"
	"if [[ $funcstack[1] == _tlspol ]]; then _tlspol \"$@\"; else compdef _tlspol tlspol; fi\n";

/* The part of a specification behind the message: what is completed there. */
static void put_action(
	GString *to, enum completes completes, const char *const *choices, command_list commands)
{
	g_autofree char *words = completion_words(completes, choices, commands);

	if (completes == COMPLETES_ATTRIBUTE)
		g_string_append(to, "_tlspol_attributes");
	else if (completes == COMPLETES_COMMAND)
		g_string_append(to, "_tlspol_commands");
	else if (words)
		g_string_append_printf(to, "(%s)", words);
	else if (completes == COMPLETES_KEY)
		g_string_append(to, "_tlspol_keys");
	else if (completes == COMPLETES_FILE)
		g_string_append(to, "_files");
	else if (completes == COMPLETES_DIRECTORY)
		g_string_append(to, "_files -/");
	else
		g_string_append_c(to, ' ');
}

/* '(-n --note)'{-n,--note=}'[a note]:TEXT: ' */
static void put_option(GString *to, const struct option *option, command_list commands)
{
	gboolean many = option->kind == OPTION_STRINGS;
	const char *value = option->kind == OPTION_FLAG	      ? ""
			    : option->kind == OPTION_OPTIONAL ? "=-"
							      : "=";

	g_string_append(to, " \\\n\t\t\t");
	if (option->letter && many)
		g_string_append_printf(
			to, "'*'{-%c,--%s%s}'[", option->letter, option->name, value);
	else if (option->letter)
		g_string_append_printf(to, "'(-%c --%s)'{-%c,--%s%s}'[", option->letter,
			option->name, option->letter, option->name, value);
	else
		g_string_append_printf(to, "'%s--%s%s[", many ? "*" : "", option->name, value);
	completion_quote(to, option->help, "[]\\");
	g_string_append_c(to, ']');
	if (option->metavar) {
		g_string_append(to, option->kind == OPTION_OPTIONAL ? "::" : ":");
		completion_quote(to, option->metavar, ":");
		g_string_append_c(to, ':');
		put_action(to, option->completes, option->choices, commands);
	}
	g_string_append_c(to, '\'');
}

static void put_operands(GString *to, const struct command *command, command_list commands)
{
	int position = 1;

	for (const struct operand *o = command->operands; o && o->metavar; o++, position++) {
		g_string_append(to, " \\\n\t\t\t'");
		if (o->many)
			g_string_append_c(to, '*');
		else
			g_string_append_printf(to, "%d", position);
		g_string_append(to, o->optional && !o->many ? "::" : ":");
		completion_quote(to, o->metavar, ":");
		g_string_append_c(to, ':');
		put_action(to, o->completes, o->choices, commands);
		g_string_append_c(to, '\'');
	}
}

static void put_options(GString *to, const struct command *command, command_list commands)
{
	for (const struct option_group *const *group = command->groups; group && *group; group++) {
		for (const struct option *o = (*group)->options; o->name; o++) {
			if (o->help)
				put_option(to, o, commands);
		}
	}
}

static void put_word_functions(GString *to, command_list commands)
{
	g_autofree char *attributes = completion_words(COMPLETES_ATTRIBUTE, NULL, commands);

	g_string_append_printf(
		to, "_tlspol_attributes() {\n\tcompadd -S '' -- %s\n}\n", attributes);
	g_string_append(to, "_tlspol_commands() {\n\tlocal -a commands=(");
	for (command_list command = commands; *command; command++) {
		if ((*command)->hidden)
			continue;
		g_string_append_printf(to, "\n\t\t'%s:", (*command)->name);
		completion_quote(to, (*command)->summary, ":\\");
		g_string_append_c(to, '\'');
	}
	g_string_append(to, ")\n\t_describe -t commands command commands\n}\n");
}

void completion_zsh(const struct command *program, command_list commands, GString *to)
{
	g_string_append(to, head);
	put_word_functions(to, commands);
	g_string_append(to, "_tlspol() {\n"
			    "\tlocal curcontext=$curcontext state line\n"
			    "\tlocal -A opt_args\n"
			    "\t_arguments -C");
	put_options(to, program, commands);
	g_string_append(to, " \\\n\t\t\t'1:COMMAND:_tlspol_commands' '*:: :->command'\n"
			    "\t[[ $state == command ]] || return\n"
			    "\tcurcontext=${curcontext%:*:*}:tlspol-$words[1]:\n"
			    "\tcase $words[1] in\n");
	for (command_list command = commands; *command; command++) {
		g_autofree char *pattern = completion_pattern(*command, "|");

		if ((*command)->hidden)
			continue;
		g_string_append_printf(to, "\t%s)\n\t\t_arguments", pattern);
		put_options(to, *command, commands);
		put_operands(to, *command, commands);
		g_string_append(to, " ;;\n");
	}
	g_string_append(to, tail);
}
