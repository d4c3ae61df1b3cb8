/*
 * Talks to the SMTP server at each port of 127.0.0.1 that is named, as core/smtp_dialog does, up to
 * the reply to STARTTLS, and says in the words of tests/lib/smtp_dialogues.py what came of it.
 *
 * usage: dialog_probe PORT…
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/smtp_dialog.h"

static int connected(const char *port)
{
	struct timeval patience = {3, 0};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		perror("connect");
	return fd;
}

static enum smtp_step converse(struct smtp_dialog *dialog, int fd)
{
	char bytes[4096];
	enum smtp_step step = SMTP_MORE;

	while (step == SMTP_MORE || step == SMTP_SEND) {
		ssize_t got = recv(fd, bytes, sizeof(bytes), 0);

		if (got <= 0)
			return smtp_dialog_closed(dialog, got ? PROBE_TIMEOUT : PROBE_CLOSED);
		for (gsize at = 0, used; at < (gsize)got && step != SMTP_START_TLS; at += used) {
			step = smtp_dialog_feed(dialog, bytes + at, (gsize)got - at, &used);
			if (dialog->send && send(fd, dialog->send, strlen(dialog->send), 0) < 0)
				perror("send");
		}
	}
	return step;
}

static const char *words(const struct smtp_dialog *dialog, enum smtp_step step)
{
	if (step == SMTP_START_TLS)
		return "agreed";
	if (dialog->fault == PROBE_NO_STARTTLS)
		return "not-offered";
	if (dialog->fault == PROBE_SAID_NO)
		return dialog->stage == PROBE_STARTTLS ? "refused-tls" : "refused";
	return dialog->stage == PROBE_GREETING ? "no-greeting" : "lost";
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct smtp_dialog dialog;
		int fd = connected(argv[i]);

		smtp_dialog_init(&dialog, "probe.test", TRUE, FALSE);
		printf("%s %s\n", argv[i], words(&dialog, converse(&dialog, fd)));
		smtp_dialog_release(&dialog);
		close(fd);
	}
	return 0;
}
