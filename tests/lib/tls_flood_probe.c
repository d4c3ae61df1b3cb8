/*
 * tls_flood_probe: tries what a server can do to a client behind the handshake, for
 * tests/net/probe.t.
 *
 * tls_flood_probe PORT PEM keyupdates|tickets|reply
 *   a server on 127.0.0.1 that answers each client's second EHLO with TLS 1.3 records that carry no
 *   data, or with a reply that has no last line, until the client is gone. Says "ready".
 */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int send_keyupdate(SSL *ssl)
{
	return SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(ssl) == 1;
}

static int send_ticket(SSL *ssl)
{
	return SSL_new_session_ticket(ssl) == 1 && SSL_do_handshake(ssl) == 1;
}

static int send_line(SSL *ssl)
{
	return SSL_write(ssl, "250-x\r\n", 7) > 0;
}

static int say(int fd, const char *line)
{
	char command[1000];

	return write(fd, line, strlen(line)) > 0 && read(fd, command, sizeof(command)) > 0;
}

static void serve(SSL_CTX *context, int fd, int (*flood)(SSL *ssl))
{
	SSL *ssl = SSL_new(context);

	if (say(fd, "220 flood\r\n") && say(fd, "250-flood\r\n250 STARTTLS\r\n") &&
		write(fd, "220 go\r\n", 8) == 8) {
		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1)
			while (flood(ssl))
				;
	}
	SSL_free(ssl);
	close(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (argc != 4)
		return 64;
	signal(SIGPIPE, SIG_IGN);
	SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
	at.sin_port = htons((unsigned short)atoi(argv[1]));
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (SSL_CTX_use_certificate_chain_file(context, argv[2]) != 1 ||
		SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1 ||
		bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 10) != 0)
		return 1;
	puts("ready");
	fflush(stdout);
	for (;;)
		serve(context, accept(fd, NULL, NULL),
			argv[3][0] == 'k'   ? send_keyupdate
			: argv[3][0] == 't' ? send_ticket
					    : send_line);
}
