/* Locale, signals, dispatch; a GError becomes one line on stderr and the exit status. */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/options.h"
#include "cmd/app.h"
#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "files/atomic_file.h"

static void on_signal(int number)
{
	const char *words;
	struct iovec line[3] = {{(char *)"tlspol: ", 8}, {NULL, 0}, {(char *)"\n", 1}};

	(void)number;
	if (!interrupt_ends(&words))
		return;
	atomic_file_abort_all();
	line[1] = (struct iovec){(char *)words, strlen(words)};
	if (writev(STDERR_FILENO, line, 3) < 0)
		_exit(STATUS_INTERRUPTED);
	_exit(STATUS_INTERRUPTED);
}

/* No SA_RESTART: a prompt that waits for a password has to notice. */
static void install_signals(void)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
	/* These make write(2) fail, which is told with the name of the file. */
	static const int failing[] = {SIGPIPE, SIGXFSZ};
	struct sigaction action = {.sa_handler = on_signal}, before;

	for (guint i = 0; i < G_N_ELEMENTS(ending); i++) {
		/* nohup(1), and a shell's & for SIGINT: whoever started us wants it ignored. */
		if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(ending[i], &action, NULL);
	}
	action.sa_handler = SIG_IGN;
	for (guint i = 0; i < G_N_ELEMENTS(failing); i++)
		sigaction(failing[i], &action, NULL);
}

/*
 * A standard stream that the caller closed would be the next file or socket that is opened, and
 * get what is printed. It is opened the wrong way round instead: using it is an error as before.
 */
static void hold_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return;
	}
}

static int run_command(
	struct app *app, const struct command *command, int argc, char **argv, GError **error)
{
	g_autofree gpointer settings = g_malloc0(MAX(command->settings_size, 1));
	g_auto(GStrv) operands = NULL;
	g_autoptr(GError) wrong = NULL;
	int count, status = STATUS_USAGE;

	app->command = command;
	options_parse(command, argc, argv, app, settings, &operands, &count, &wrong);
	if (app->help) {
		app_show_help(app, command);
		status = STATUS_OK;
	} else if (wrong) {
		g_propagate_error(error, g_steal_pointer(&wrong));
	} else if (options_check_operands(command, operands, count, error) &&
		   (!app->config_path || app_config(app, error))) {
		/* A file that was named is read, also by a command that could do without. */
		status = command->run(app, settings, operands, count, error);
	}
	options_release(command, BASE_COMMAND, settings);
	options_release(command, BASE_SHARED, app);
	return status;
}

/* The options before the command, then the command. */
static int dispatch(struct app *app, int argc, char **argv, GError **error)
{
	struct program program = {FALSE};
	const struct command *command;
	g_auto(GStrv) operands = NULL;
	g_autoptr(GError) wrong = NULL;
	int count;

	options_parse(&cmd_program, argc, argv, app, &program, &operands, &count, &wrong);
	if (wrong && !app->help) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return STATUS_USAGE;
	}
	if (program.version)
		return run_command(app, &cmd_version, 1, argv, error);
	if (!count && app->help)
		app_show_help(app, NULL);
	else if (!count)
		fputs("usage: tlspol COMMAND [ARGUMENT…]\n"
		      "'tlspol help' lists the commands, 'tlspol help COMMAND' explains one\n",
			stderr);
	if (!count)
		return app->help ? STATUS_OK : STATUS_USAGE;
	command = command_named(app->commands, operands[0], error);
	return command ? run_command(app, command, count, operands, error) : STATUS_USAGE;
}

/* What was printed may still be in the buffer: a full disk shows here. */
static void flush_output(GError **error)
{
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout))
		g_set_error(error, TLSPOL_ERROR, STATUS_IO, "cannot write to standard output: %s",
			errno ? g_strerror(errno) : "it does not take what is written");
}

/* "tlspol list | head -1": whoever reads the output has seen enough, there is nothing to say. */
static gboolean reader_is_gone(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

static void report(const struct app *app, const GError *error)
{
	gboolean coloured = app_colour(app, stderr);
	g_autofree char *message = printable(text_of(error->message));

	if (status_of_error(error) == STATUS_IO && reader_is_gone())
		return;
	fprintf(stderr, "%stlspol:%s %s\n", coloured ? "\033[31m" : "", coloured ? "\033[0m" : "",
		message);
	if (status_of_error(error) == STATUS_USAGE)
		fprintf(stderr, "try 'tlspol%s%s --help'\n", app->command ? " " : "",
			app->command ? app->command->name : "");
}

/*
 * What is read and printed is UTF-8, whatever the locale. In another one libsmartcols would count
 * its bytes, and not come to an end where it has to make a column of such a text narrower.
 */
static void set_locale(void)
{
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

int main(int argc, char **argv)
{
	struct app app = {.commands = commands, .program = &cmd_program};
	g_autoptr(GError) error = NULL;
	int status;

	hold_standard_streams();
	set_locale();
	install_signals();
	status = dispatch(&app, argc, argv, &error);
	if (!error)
		flush_output(&error);
	if (error) {
		report(&app, error);
		status = status_of_error(error);
	}
	app_release(&app);
	return status;
}
