/* completion: the script that makes a shell complete tlspol's words. */
#include "cli/completion.h"
#include "cmd/app.h"
#include "cmd/commands.h"

static int run(gpointer shared, gpointer settings, char **operands, int count, GError **error)
{
	const struct app *app = shared;
	g_autoptr(GString) script = g_string_new(NULL);
	g_autofree char *all = NULL;

	(void)settings;
	(void)count;
	for (guint i = 0; completion_shells[i]; i++) {
		if (g_str_equal(operands[0], completion_shells[i])) {
			completion_script(&cmd_program, app->commands, i, script);
			fputs(script->str, stdout);
			return STATUS_OK;
		}
	}
	all = g_strjoinv(", ", (char **)completion_shells);
	g_set_error(error, TLSPOL_ERROR, STATUS_USAGE, "'%s' is none of the shells: %s",
		operands[0], all);
	return STATUS_USAGE;
}

static const struct operand operands[] = {
	{"SHELL", .completes = COMPLETES_SHELL},
	{NULL},
};

const struct command cmd_completion = {
	.name = "completion",
	.group = "Other",
	.summary = "print a completion script for bash, zsh or fish",
	.description = "Packages install these scripts already; this is for a shell that does not\n"
		       "have them. Completion of keys asks the table, with a second at most to\n"
		       "connect.",
	.operands = operands,
	.groups = (const struct option_group *const[]){&app_group_global, NULL},
	.examples = (const struct example[]){{"tlspol completion bash "
					      ">~/.local/share/bash-completion/completions/tlspol",
						     "for bash with the package bash-completion"},
		{"tlspol completion zsh >~/.zfunc/_tlspol", "for zsh, with ~/.zfunc in fpath"},
		{"tlspol completion fish >~/.config/fish/completions/tlspol.fish", "for fish"},
		{NULL}},
	.statuses = (const int[]){STATUS_OK, STATUS_USAGE, STATUS_IO, -1},
	.run = run,
};
