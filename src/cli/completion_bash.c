/* bash: a table of options and operands, and one function that reads the line by it. */
#include "cli/completion.h"

/* Needs nothing of the bash-completion package. */
static const char head[] =
	"# bash completion for tlspol, written by `tlspol completion bash`: do not edit\n"
	"\n"
	"# What a word can be behind ':': file, directory, key, none (free text) or word|word.\n"
	"# The last operand repeats when a + follows.\n"
	"_tlspol_table() {\n"
	"\tcase $1 in\n";

static const char tail[] =
	"\t*) options='' operands='' ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"# _tlspol_takes OPTION: sets kind to what its value can be, fails for a flag\n"
	"_tlspol_takes() {\n"
	"\tlocal entry\n"
	"\tfor entry in $options; do\n"
	"\t\t[[ $entry == \"$1:\"* ]] && kind=${entry#*:} && return 0\n"
	"\tdone\n"
	"\treturn 1\n"
	"}\n"
	"\n"
	"# _tlspol_reply KIND WORD PROGRAM\n"
	"_tlspol_reply() {\n"
	"\tcase $1 in\n"
	"\tnone) COMPREPLY=() ;;\n"
	"\tfile) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$2\") "
	";;\n"
	"\tdirectory) compopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$2\") ;;\n"
	"\tkey) mapfile -t COMPREPLY < <(\"$3\" __complete key -- \"$2\" 2>/dev/null) ;;\n"
	"\t*) mapfile -t COMPREPLY < <(compgen -W \"${1//|/ }\" -- \"$2\") ;;\n"
	"\tesac\n"
	"\t[[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null\n"
	"}\n"
	"\n"
	"# _tlspol_operand POSITION: sets kind\n"
	"_tlspol_operand() {\n"
	"\tlocal -a kinds\n"
	"\tread -ra kinds <<<\"$operands\"\n"
	"\tlocal last=$((${#kinds[@]} - 1)) at=$1\n"
	"\tkind=none\n"
	"\t((last >= 0)) || return\n"
	"\t[[ $at -le $last || ${kinds[last]} != *+ ]] || at=$last\n"
	"\t((at > last)) || kind=${kinds[at]%+}\n"
	"}\n"
	"\n"
	"_tlspol() {\n"
	"\tlocal line=${COMP_LINE:0:COMP_POINT} options operands kind='' value='' command='' word "
	"i\n"
	"\tlocal position=0\n"
	"\tlocal -a words\n"
	"\t# The line itself, because COMP_WORDS is cut at = and :\n"
	"\tread -ra words <<<\"$line\"\n"
	"\t[[ $line != *[[:space:]] ]] || words+=('')\n"
	"\tlocal cur=${words[-1]}\n"
	"\t_tlspol_table ''\n"
	"\tfor ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
	"\t\tword=${words[i]}\n"
	"\t\tif [[ -n $value ]]; then value=''\n"
	"\t\telif [[ $word == -* ]]; then ! _tlspol_takes \"$word\" || value=$kind\n"
	"\t\telif [[ -z $command ]]; then command=$word; _tlspol_table \"$command\"\n"
	"\t\telse ((position += 1)); fi\n"
	"\tdone\n"
	"\tif [[ -n $value ]]; then _tlspol_reply \"$value\" \"$cur\" \"$1\"\n"
	"\telif [[ $cur == --*=* ]] && _tlspol_takes \"${cur%%=*}\"; then\n"
	"\t\t_tlspol_reply \"$kind\" \"${cur#*=}\" \"$1\"\n"
	"\t\tCOMPREPLY=(\"${COMPREPLY[@]/#/${cur%%=*}=}\")\n"
	"\telif [[ $cur == -* ]]; then\n"
	"\t\twords=()\n"
	"\t\tfor word in $options; do words+=(\"${word%%:*}\"); done\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"${words[*]}\" -- \"$cur\")\n"
	"\telse\n"
	"\t\t_tlspol_operand \"$position\"\n"
	"\t\t_tlspol_reply \"$kind\" \"$cur\" \"$1\"\n"
	"\tfi\n"
	"\t# bash replaces only what is behind the last = or :\n"
	"\tlocal kept=${cur%\"${cur##*[=:]}\"}\n"
	"\t[[ -z $kept ]] || COMPREPLY=(\"${COMPREPLY[@]#\"$kept\"}\")\n"
	"}\n"
	"complete -F _tlspol tlspol\n";

/* "file", "table|json", "none" */
static void put_kind(
	GString *to, enum completes completes, const char *const *choices, command_list commands)
{
	g_autofree char *words = completion_words(completes, choices, commands);

	if (words)
		g_string_append(to, g_strdelimit(words, " ", '|'));
	else
		g_string_append(to, completes == COMPLETES_FILE	       ? "file"
				    : completes == COMPLETES_DIRECTORY ? "directory"
				    : completes == COMPLETES_KEY       ? "key"
								       : "none");
}

static void put_option(GString *to, const struct option *option, command_list commands)
{
	const char *separator = g_str_has_suffix(to->str, "'") ? "" : " ";

	if (option->kind == OPTION_OPTIONAL) {
		g_string_append_printf(to, "%s--%s", separator, option->name);
		for (guint i = 0; option->choices && option->choices[i]; i++)
			g_string_append_printf(to, " --%s=%s", option->name, option->choices[i]);
		return;
	}
	g_string_append_printf(to, "%s--%s", separator, option->name);
	if (option->kind == OPTION_FLAG)
		return;
	g_string_append_c(to, ':');
	put_kind(to, option->completes, option->choices, commands);
	if (option->letter) {
		g_string_append_printf(to, " -%c:", option->letter);
		put_kind(to, option->completes, option->choices, commands);
	}
}

static void put_row(
	GString *to, const struct command *command, const char *pattern, command_list commands)
{
	g_string_append_printf(to, "\t%s)\n\t\toptions='", pattern);
	for (const struct option_group *const *group = command->groups; group && *group; group++) {
		for (const struct option *o = (*group)->options; o->name; o++) {
			if (o->help)
				put_option(to, o, commands);
		}
	}
	g_string_append(to, "'\n\t\toperands='");
	for (const struct operand *o = command->operands; o && o->metavar; o++) {
		g_string_append(to, o == command->operands ? "" : " ");
		put_kind(to, o->completes, o->choices, commands);
		g_string_append(to, o->many ? "+" : "");
	}
	g_string_append(to, "' ;;\n");
}

void completion_bash(const struct command *program, command_list commands, GString *to)
{
	g_string_append(to, head);
	put_row(to, program, "''", commands);
	for (command_list command = commands; *command; command++) {
		g_autofree char *pattern = completion_pattern(*command, " | ");

		if (!(*command)->hidden)
			put_row(to, *command, pattern, commands);
	}
	g_string_append(to, tail);
}
