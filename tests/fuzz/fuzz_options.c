/*
 * Command lines, one word a line. The first word is the command; one that is none stands for one
 * of them by its first byte. Nothing is run.
 */
#include "fuzz.h"

#include "cli/options.h"
#include "cmd/app.h"
#include "cmd/commands.h"

static void parse(const struct command *command, int argc, char **argv)
{
	g_autofree gpointer settings = g_malloc0(MAX(command->settings_size, 1));
	g_auto(GStrv) operands = NULL;
	g_autoptr(GError) error = NULL;
	struct app app = {FALSE};
	int count = 0;
	gboolean done;

	done = options_parse(command, argc, argv, &app, settings, &operands, &count, &error);
	g_assert_true(done == (error == NULL));
	if (done) {
		g_assert_cmpint(count, <=, argc - 1);
		options_check_operands(command, operands, count, NULL);
	} else {
		g_assert_cmpint(error->code, ==, STATUS_USAGE);
		g_assert_null(strchr(error->message, '\n'));
	}
	options_release(command, BASE_COMMAND, settings);
	options_release(command, BASE_SHARED, &app);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_auto(GStrv) words = g_strsplit(text, "\n", 64);
	const struct command *command;
	int argc = g_strv_length(words);
	guint count = 0;

	if (!argc)
		return 0;
	command = command_find(commands, words[0]);
	while (commands[count])
		count++;
	if (!command && data[0] % (count + 1) < count)
		command = commands[data[0] % (count + 1)];
	parse(command ? command : &cmd_program, argc, words);
	return 0;
}
