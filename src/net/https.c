#include "net/https.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <string.h>

#include "core/printable.h"
#include "net/tls.h"

#define HEADERS_MAX 16384
/* What a reply may have besides headers and body: chunk sizes, interim replies. */
#define OVERHEAD_MAX 16384
#define TYPE_MAX     200 /* bytes of a Content-Type that are of interest */
#define TOO_LONG     "the answer is too long"
#define CUT_SHORT    "the server closed the connection before all was there"
/* ERR_get_error()'s "unexpected eof while reading" */
#define ERROR_EOF 0x0a000126ul

struct https_fetch {
	struct event_base *base;
	struct tls *tls;
	char **addresses;
	char *host, *path;
	guint port;
	gsize body_max;
	https_done *done;
	gpointer data;

	gint64 deadline; /* monotonic, microseconds */
	guint at;	 /* the address that is tried */
	struct evhttp_connection *connection;
	gsize received; /* bytes inside TLS, of this attempt */
	/*
	 * evhttp restarts its timeouts with every byte, and waits for ever behind "100 Continue":
	 * a timer of ours ends each attempt.
	 */
	struct event *timer;
	/* evhttp calls back from within its own functions: what comes next is done from the loop.
	 */
	struct event *next;
	gboolean ended; /* this attempt: nothing more is taken from it */

	int status;
	char *content_type;
	GString *body;
	char *why; /* of the attempt that came furthest */
	gboolean why_connected, certificate_refused;
};

static gint64 left_us(const struct https_fetch *fetch)
{
	return MAX(fetch->deadline - g_get_monotonic_time(), 0);
}

/* -- how an attempt ends ------------------------------------------------------------------------
 */

static void end_attempt(struct https_fetch *fetch)
{
	fetch->ended = TRUE;
	event_active(fetch->next, EV_TIMEOUT, 0);
}

/* `why` is taken over. A server that talked says more than one that did not. */
static void fail_attempt(struct https_fetch *fetch, gboolean connected, char *why)
{
	gboolean several = fetch->addresses[0] && fetch->addresses[1];

	if (fetch->ended) {
		g_free(why);
		return;
	}
	if (!fetch->why || connected >= fetch->why_connected) {
		g_free(fetch->why);
		fetch->why = several ? g_strdup_printf("%s: %s", fetch->addresses[fetch->at], why)
				     : g_strdup(why);
		fetch->why_connected = connected;
		fetch->certificate_refused = FALSE;
	}
	g_free(why);
	fetch->status = 0;
	end_attempt(fetch);
}

/* The certificate, or what OpenSSL says of the connection; errno as it was when it ended. */
static void fail_by_tls(struct https_fetch *fetch, int error)
{
	struct bufferevent *stream = evhttp_connection_get_bufferevent(fetch->connection);
	struct ssl_st *ssl = bufferevent_openssl_get_ssl(stream);
	g_autofree char *refused = tls_verify_words(ssl);
	unsigned long popped, code = 0, first = 0;

	if (refused) {
		fail_attempt(
			fetch, TRUE, g_strdup_printf("the certificate is refused: %s", refused));
		fetch->certificate_refused = TRUE;
		return;
	}
	while ((popped = bufferevent_get_openssl_error(stream)) != 0) {
		first = code;
		code = popped;
	}
	fail_attempt(fetch, TRUE,
		code && first != ERROR_EOF ? tls_error_words(first, (int)code, error)
					   : g_strdup(CUT_SHORT));
}

static void on_error(enum evhttp_request_error error, void *data)
{
	int error_then = errno;
	struct https_fetch *fetch = data;

	if (fetch->ended)
		return;
	switch (error) {
	case EVREQ_HTTP_DATA_TOO_LONG:
		fail_attempt(fetch, TRUE, g_strdup(TOO_LONG ", or its chunks are broken"));
		break;
	case EVREQ_HTTP_INVALID_HEADER:
		fail_attempt(fetch, TRUE,
			g_strdup("the answer is no HTTP, or its headers are too long"));
		break;
	case EVREQ_HTTP_TIMEOUT:
		fail_attempt(fetch, TRUE, g_strdup("no answer in time"));
		break;
	default:
		fail_by_tls(fetch, error_then);
		break;
	}
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	fail_attempt(
		data, ((struct https_fetch *)data)->received > 0, g_strdup("no answer in time"));
}

/* Chunk sizes and blank lines without end pass all of evhttp's limits. */
static void on_bytes(struct evbuffer *input, const struct evbuffer_cb_info *info, void *data)
{
	struct https_fetch *fetch = data;

	(void)input;
	fetch->received += info->n_added;
	if (fetch->received > fetch->body_max + HEADERS_MAX + OVERHEAD_MAX)
		fail_attempt(fetch, TRUE, g_strdup(TOO_LONG));
}

/* -- the answer ---------------------------------------------------------------------------------
 */

static int on_headers(struct evhttp_request *request, void *data)
{
	struct https_fetch *fetch = data;
	struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	const char *type = evhttp_find_header(headers, "Content-Type");
	const char *encoding = evhttp_find_header(headers, "Transfer-Encoding");

	if (fetch->ended)
		return -1;
	fetch->status = evhttp_request_get_response_code(request);
	g_free(fetch->content_type);
	fetch->content_type = type ? printable_short(text_of(type), TYPE_MAX) : NULL;
	if (fetch->status != HTTP_OK) {
		end_attempt(fetch);
		return -1;
	}
	/* evhttp takes a body whose end is the end of the connection for empty, unless "close" is
	 * all that Connection says. */
	if (!evhttp_find_header(headers, "Content-Length") &&
		!(encoding && g_ascii_strcasecmp(encoding, "chunked") == 0))
		while (evhttp_remove_header(headers, "Connection") == 0)
			;
	return 0;
}

static void on_answer(struct evhttp_request *request, void *data)
{
	struct https_fetch *fetch = data;
	struct evbuffer *body;
	gsize size;

	if (fetch->ended)
		return;
	if (!request || !fetch->status) {
		fail_attempt(fetch, FALSE, g_strdup("cannot connect"));
		return;
	}
	body = evhttp_request_get_input_buffer(request);
	size = evbuffer_get_length(body);
	g_string_truncate(fetch->body, 0);
	if (size)
		g_string_append_len(fetch->body,
			(const char *)evbuffer_pullup(body, (ev_ssize_t)size), (gssize)size);
	end_attempt(fetch);
}

/* -- the request --------------------------------------------------------------------------------
 */

static gboolean is_literal(const char *address)
{
	struct in6_addr any;

	return inet_pton(AF_INET, address, &any) == 1 || inet_pton(AF_INET6, address, &any) == 1;
}

static void leave(struct https_fetch *fetch)
{
	struct bufferevent *stream;

	if (!fetch->connection)
		return;
	stream = evhttp_connection_get_bufferevent(fetch->connection);
	evbuffer_remove_cb(bufferevent_get_input(stream), on_bytes, fetch);
	evhttp_connection_free(g_steal_pointer(&fetch->connection));
}

static void set_timer(struct https_fetch *fetch)
{
	gboolean last = !fetch->addresses[fetch->at + 1];
	gint64 wait = last ? left_us(fetch) : left_us(fetch) / 2;
	struct timeval time = {wait / G_USEC_PER_SEC, wait % G_USEC_PER_SEC};

	evtimer_add(fetch->timer, &time);
}

static void send_request(struct https_fetch *fetch)
{
	struct evhttp_request *request = evhttp_request_new(on_answer, fetch);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	g_autofree char *with_port = g_strdup_printf("%s:%u", fetch->host, fetch->port);

	evhttp_request_set_header_cb(request, on_headers);
	evhttp_request_set_error_cb(request, on_error);
	evhttp_add_header(headers, "Host", fetch->port == 443 ? fetch->host : with_port);
	evhttp_add_header(headers, "Connection", "close");
	evhttp_add_header(headers, "Accept", "text/plain");
	evhttp_add_header(headers, "User-Agent", "tlspol/" TLSPOL_VERSION);
	if (evhttp_make_request(fetch->connection, request, EVHTTP_REQ_GET, fetch->path) != 0)
		fail_attempt(fetch, FALSE, g_strdup("cannot connect"));
}

static void attempt(struct https_fetch *fetch)
{
	const char *address = fetch->addresses[fetch->at];
	struct bufferevent *stream;
	struct ssl_st *ssl;

	fetch->ended = FALSE;
	fetch->status = 0;
	fetch->received = 0;
	/* evhttp would look a name up itself, and all would wait for it. */
	if (!is_literal(address)) {
		fail_attempt(fetch, FALSE, g_strdup("this is no address"));
		return;
	}
	ssl = tls_https_session(fetch->tls, fetch->host);
	if (!ssl) {
		fail_attempt(fetch, FALSE, g_strdup("OpenSSL makes no session"));
		return;
	}
	stream = bufferevent_openssl_socket_new(
		fetch->base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	fetch->connection = evhttp_connection_base_bufferevent_new(
		fetch->base, NULL, stream, address, (unsigned short)fetch->port);
	evhttp_connection_set_max_headers_size(fetch->connection, HEADERS_MAX);
	evhttp_connection_set_max_body_size(fetch->connection, (ev_ssize_t)fetch->body_max);
	evbuffer_add_cb(bufferevent_get_input(stream), on_bytes, fetch);
	set_timer(fetch);
	send_request(fetch);
}

static void fetch_free(struct https_fetch *fetch)
{
	leave(fetch);
	event_free(fetch->timer);
	event_free(fetch->next);
	g_strfreev(fetch->addresses);
	g_free(fetch->host);
	g_free(fetch->path);
	g_free(fetch->content_type);
	g_string_free(fetch->body, TRUE);
	g_free(fetch->why);
	g_free(fetch);
}

static void finish(struct https_fetch *fetch)
{
	const char *why = fetch->why		? fetch->why
			  : fetch->addresses[0] ? "no answer in time"
						: "there is no address";
	gboolean fine = fetch->status == HTTP_OK;
	struct https_reply reply = {
		.status = fetch->status,
		.content_type = fetch->status ? fetch->content_type : NULL,
		.body = fine ? fetch->body->str : NULL,
		.size = fine ? fetch->body->len : 0,
		.why = fetch->status ? NULL : why,
		.certificate_refused = !fetch->status && fetch->certificate_refused,
	};

	leave(fetch);
	fetch->done(&reply, fetch->data);
	fetch_free(fetch);
}

/* An attempt has ended, or none has begun yet. */
static void on_next(evutil_socket_t fd, short what, void *data)
{
	struct https_fetch *fetch = data;
	gboolean begun = fetch->ended;

	(void)fd;
	(void)what;
	leave(fetch);
	evtimer_del(fetch->timer);
	if (begun && !fetch->status)
		fetch->at++;
	if (fetch->status || !fetch->addresses[fetch->at] || !left_us(fetch))
		finish(fetch);
	else
		attempt(fetch);
}

struct https_fetch *https_get(struct event_base *base, struct tls *tls,
	const struct https_request *request, https_done *done, gpointer data)
{
	struct https_fetch *fetch = g_new0(struct https_fetch, 1);

	fetch->base = base;
	fetch->tls = tls;
	fetch->addresses = g_strdupv((char **)request->addresses);
	fetch->host = g_strdup(request->host);
	fetch->path = g_strdup(request->path);
	fetch->port = request->port;
	fetch->body_max = request->body_max;
	fetch->done = done;
	fetch->data = data;
	fetch->deadline = g_get_monotonic_time() + (gint64)request->total_ms * 1000;
	fetch->body = g_string_new(NULL);
	fetch->timer = evtimer_new(base, on_timer, fetch);
	fetch->next = event_new(base, -1, 0, on_next, fetch);
	event_active(fetch->next, EV_TIMEOUT, 0);
	return fetch;
}

void https_cancel(struct https_fetch *fetch)
{
	if (fetch)
		fetch_free(fetch);
}
