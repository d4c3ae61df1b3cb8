/*
 * usage: smtp_sink ADDRESS PORT PEM MILLISECONDS
 * An SMTP server with STARTTLS on one address, or on all (0.0.0.0), in one process. It is as far
 * away as MILLISECONDS of round trip: so long before each of its flights, and once more before the
 * greeting for the connection itself. Says "ready" when it listens.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct event_base *base;
static SSL_CTX *context;
static int round_trip; /* ms */

enum then { THEN_READ, THEN_TLS, THEN_CLOSE };

struct client {
	struct bufferevent *stream;
	struct event *timer; /* a flight of ours is on its way */
	struct event *hello; /* waits for the ClientHello */
	const char *flight;  /* NULL: the ServerHello */
	enum then then;
	int encrypted;
};

static void on_read(struct bufferevent *stream, void *data);
static void on_event(struct bufferevent *stream, short what, void *data);

static void client_free(struct client *client)
{
	if (client->stream)
		bufferevent_free(client->stream);
	if (client->hello)
		event_free(client->hello);
	event_free(client->timer);
	free(client);
}

static void fly(struct client *client, const char *flight, enum then then, int trips)
{
	struct timeval wait = {round_trip * trips / 1000, round_trip * trips % 1000 * 1000};

	client->flight = flight;
	client->then = then;
	if (round_trip)
		event_add(client->timer, &wait);
	else
		event_active(client->timer, EV_TIMEOUT, 0);
}

static void use_stream(struct client *client, struct bufferevent *stream)
{
	client->stream = stream;
	bufferevent_setcb(stream, on_read, NULL, on_event, client);
	bufferevent_enable(stream, EV_READ | EV_WRITE);
}

/* The ClientHello is there, and stays for OpenSSL. */
static void on_hello(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	fly(data, NULL, THEN_READ, 1);
}

static void start_tls(struct client *client)
{
	evutil_socket_t fd = event_get_fd(client->hello);

	use_stream(client, bufferevent_openssl_socket_new(base, fd, SSL_new(context),
				   BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE));
	client->encrypted = 1;
}

/* The answer to STARTTLS is out: the socket is OpenSSL's from now on. */
static void await_hello(struct client *client)
{
	evutil_socket_t fd = bufferevent_getfd(client->stream);

	bufferevent_setfd(client->stream, -1);
	bufferevent_free(client->stream);
	client->stream = NULL;
	client->hello = event_new(base, fd, EV_READ, on_hello, client);
	event_add(client->hello, NULL);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct client *client = data;

	(void)fd;
	(void)what;
	if (!client->flight) {
		start_tls(client);
		return;
	}
	if (client->then == THEN_TLS) {
		/* By hand: it has to be out before the stream goes. */
		if (send(bufferevent_getfd(client->stream), client->flight, strlen(client->flight),
			    MSG_NOSIGNAL) < 0)
			client_free(client);
		else
			await_hello(client);
		return;
	}
	bufferevent_write(client->stream, client->flight, strlen(client->flight));
	on_read(client->stream, client);
}

static void on_read(struct bufferevent *stream, void *data)
{
	struct client *client = data;
	char *line;

	if (event_pending(client->timer, EV_TIMEOUT, NULL))
		return;
	line = evbuffer_readln(bufferevent_get_input(stream), NULL, EVBUFFER_EOL_CRLF);
	if (!line)
		return;
	if (strncasecmp(line, "EHLO", 4) == 0)
		fly(client,
			client->encrypted ? "250-sink\r\n250 8BITMIME\r\n"
					  : "250-sink\r\n250-STARTTLS\r\n250 8BITMIME\r\n",
			THEN_READ, 1);
	else if (strcasecmp(line, "STARTTLS") == 0)
		fly(client, "220 2.0.0 Ready to start TLS\r\n", THEN_TLS, 1);
	else if (strcasecmp(line, "QUIT") == 0)
		fly(client, "221 2.0.0 Bye\r\n", THEN_CLOSE, 1);
	else
		fly(client, "250 2.0.0 Ok\r\n", THEN_READ, 1);
	free(line);
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
	(void)stream;
	if (!(what & BEV_EVENT_CONNECTED))
		client_free(data);
}

static void on_client(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
	int size, void *data)
{
	struct client *client = calloc(1, sizeof(*client));
	int on = 1;

	(void)listener;
	(void)from;
	(void)size;
	(void)data;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	client->timer = evtimer_new(base, on_timer, client);
	use_stream(client, bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE));
	fly(client, "220 sink ESMTP\r\n", THEN_READ, 2);
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	struct evconnlistener *listener;

	if (argc != 5) {
		fputs("usage: smtp_sink ADDRESS PORT PEM MILLISECONDS\n", stderr);
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	round_trip = atoi(argv[4]);
	inet_pton(AF_INET, argv[1], &at.sin_addr);
	at.sin_port = htons((unsigned short)atoi(argv[2]));
	context = SSL_CTX_new(TLS_server_method());
	if (SSL_CTX_use_certificate_chain_file(context, argv[3]) != 1 ||
		SSL_CTX_use_PrivateKey_file(context, argv[3], SSL_FILETYPE_PEM) != 1) {
		fprintf(stderr, "smtp_sink: %s: no key and certificate\n", argv[3]);
		return 1;
	}
	base = event_base_new();
	listener = evconnlistener_new_bind(base, on_client, NULL,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 4096, (struct sockaddr *)&at,
		sizeof(at));
	if (!listener) {
		perror("smtp_sink");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	return event_base_dispatch(base) < 0;
}
