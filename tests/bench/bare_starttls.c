/*
 * usage: bare_starttls CA PORT COUNT WIDTH
 * What a check must cost at least: COUNT connections to 127.10.0.1, 127.10.0.2 …, WIDTH at a time,
 * that read the greeting, say EHLO and STARTTLS, shake hands and verify the chain, and hang up. No
 * DNS, no judgement, no QUIT. Prints seconds and CPU seconds, tab-separated.
 */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static struct event_base *base;
static SSL_CTX *context;
static int port, count, begun, running, failed;

struct check {
	struct bufferevent *stream;
	int replies, encrypted;
};

static void begin(void);

static void end(struct check *check, int fine)
{
	bufferevent_free(check->stream);
	free(check);
	failed += !fine;
	running--;
	begin();
	if (!running)
		event_base_loopbreak(base);
}

static void on_event(struct bufferevent *stream, short what, void *data);

static void on_read(struct bufferevent *stream, void *data)
{
	struct check *check = data;
	struct evbuffer *input = bufferevent_get_input(stream);
	evutil_socket_t fd = bufferevent_getfd(stream);
	char *line;
	int last = 0;

	while ((line = evbuffer_readln(input, NULL, EVBUFFER_EOL_CRLF))) {
		last = strlen(line) > 3 && line[3] == ' ';
		free(line);
	}
	if (!last)
		return;
	if (check->replies++ < 2) {
		const char *say = check->replies == 1 ? "EHLO bare\r\n" : "STARTTLS\r\n";

		bufferevent_write(stream, say, strlen(say));
		return;
	}
	bufferevent_setfd(stream, -1);
	bufferevent_free(stream);
	check->encrypted = 1;
	check->stream = bufferevent_openssl_socket_new(
		base, fd, SSL_new(context), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(check->stream, NULL, NULL, on_event, check);
	bufferevent_enable(check->stream, EV_READ | EV_WRITE);
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
	struct check *check = data;

	(void)stream;
	if (!(what & BEV_EVENT_CONNECTED) || check->encrypted)
		end(check, !!(what & BEV_EVENT_CONNECTED));
}

static void begin(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
	struct check *check;
	int fd, on = 1;

	if (begun == count)
		return;
	to.sin_addr.s_addr = htonl(0x7f0a0000u + (unsigned)(begun % 60000) + 1);
	begun++;
	running++;
	check = calloc(1, sizeof(*check));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	check->stream = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(check->stream, on_read, NULL, on_event, check);
	bufferevent_enable(check->stream, EV_READ | EV_WRITE);
	bufferevent_socket_connect(check->stream, (struct sockaddr *)&to, sizeof(to));
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double start = seconds(CLOCK_MONOTONIC), cpu;
	int width;

	if (argc != 5) {
		fputs("usage: bare_starttls CA PORT COUNT WIDTH\n", stderr);
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	port = atoi(argv[2]);
	count = atoi(argv[3]);
	base = event_base_new();
	context = SSL_CTX_new(TLS_client_method());
	if (SSL_CTX_load_verify_file(context, argv[1]) != 1) {
		fprintf(stderr, "bare_starttls: %s: no CA\n", argv[1]);
		return 1;
	}
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	for (width = atoi(argv[4]); width > 0; width--)
		begin();
	event_base_dispatch(base);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	printf("%.3f\t%.3f\n", seconds(CLOCK_MONOTONIC) - start, cpu);
	return failed > 0;
}
