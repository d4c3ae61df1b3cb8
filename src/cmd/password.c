#include "cmd/password.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/interrupt.h"
#include "core/error.h"

/* MariaDB itself takes no longer ones from a terminal. */
#define PASSWORD_MAX 1024

/* Reads a line; FALSE with errno set. */
static gboolean read_line(int fd, char *line, gsize size)
{
	gsize len = 0;

	errno = 0;
	while (len < size - 1) {
		ssize_t got = read(fd, line + len, 1);

		if (got < 0)
			return FALSE;
		if (got == 0 || line[len] == '\n')
			break;
		len++;
	}
	if (len > 0 && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	return TRUE;
}

char *password_from_file(const char *path, GError **error)
{
	gboolean standard = g_str_equal(path, "-");
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char line[PASSWORD_MAX];
	gboolean fine = fd >= 0 && read_line(fd, line, sizeof(line));
	int saved = errno;
	char *password = NULL;

	if (fd >= 0 && !standard)
		close(fd);
	if (!fine)
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_INPUT, "password file %s: %s", path,
			g_strerror(saved));
	else if (!*line)
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"password file %s: its first line is empty", path);
	else if (strlen(line) == sizeof(line) - 1)
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"password file %s: its first line is longer than a password can be", path);
	else
		password = g_strdup(line);
	explicit_bzero(line, sizeof(line));
	return password;
}

/*
 * Waits for the answer with the signals let through that end the program, which are blocked
 * otherwise: one that came between the prompt and read(2) would be waited for behind it.
 */
static gboolean wait_for_answer(int fd, const sigset_t *mask)
{
	struct pollfd answer = {.fd = fd, .events = POLLIN};

	return ppoll(&answer, 1, NULL, mask) == 1;
}

char *password_ask(const char *prompt, GError **error)
{
	struct termios before, silent;
	sigset_t ending, mask;
	char line[PASSWORD_MAX];
	gboolean fine;
	char *password;
	int saved, fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &before) != 0) {
		if (fd >= 0)
			close(fd);
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_INPUT,
			"no terminal to ask for the password: use --password-file");
		return NULL;
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	silent.c_lflag |= ECHONL;
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, &mask);
	interrupt_catch(TRUE);
	tcsetattr(fd, TCSAFLUSH, &silent);
	fine = write(fd, prompt, strlen(prompt)) >= 0 && wait_for_answer(fd, &mask) &&
	       read_line(fd, line, sizeof(line));
	saved = errno;
	/* The line that the answer did not end. */
	if (!fine && write(fd, "\n", 1) < 0)
		saved = errno;
	tcsetattr(fd, TCSAFLUSH, &before);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	interrupt_catch(FALSE);
	close(fd);
	if (!fine && interrupted())
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_INTERRUPTED,
			"interrupted: no password was given");
	else if (!fine)
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_INPUT, "no password was given: %s",
			g_strerror(saved));
	password = fine ? g_strdup(line) : NULL;
	explicit_bzero(line, sizeof(line));
	return password;
}
