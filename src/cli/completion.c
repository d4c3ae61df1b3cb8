#include "cli/completion.h"

#include "core/policy.h"

const char *const completion_shells[] = {"bash", "zsh", "fish", NULL};

void completion_script(
	const struct command *program, command_list commands, guint shell, GString *to)
{
	static void (*const writers[])(const struct command *program, command_list commands,
		GString *to) = {completion_bash, completion_zsh, completion_fish};

	writers[shell](program, commands, to);
}

static char *command_words(command_list commands)
{
	GString *words = g_string_new(NULL);

	for (; *commands; commands++) {
		if (!(*commands)->hidden)
			g_string_append_printf(
				words, "%s%s", words->len ? " " : "", (*commands)->name);
	}
	return g_string_free(words, FALSE);
}

static char *attribute_words(void)
{
	GString *words = g_string_new(NULL);

	for (int id = 0; id < ATTRIBUTE_COUNT; id++)
		g_string_append_printf(
			words, "%s%s=", id ? " " : "", attribute_name((enum attribute_id)id));
	return g_string_free(words, FALSE);
}

char *completion_words(enum completes completes, const char *const *choices, command_list commands)
{
	if (choices)
		return g_strjoinv(" ", (char **)choices);
	switch (completes) {
	case COMPLETES_LEVEL:
		return g_strjoinv(" ", (char **)level_names());
	case COMPLETES_ATTRIBUTE:
		return attribute_words();
	case COMPLETES_COMMAND:
		return command_words(commands);
	case COMPLETES_SHELL:
		return g_strjoinv(" ", (char **)completion_shells);
	default:
		return NULL;
	}
}

char *completion_pattern(const struct command *command, const char *separator)
{
	return g_strjoin(command->alias ? separator : NULL, command->name, command->alias, NULL);
}

void completion_quote(GString *to, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'') {
			g_string_append(to, "'\\''");
			continue;
		}
		if (strchr(special, *text))
			g_string_append_c(to, '\\');
		g_string_append_c(to, *text);
	}
}
