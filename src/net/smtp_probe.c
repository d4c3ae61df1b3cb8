#include "net/smtp_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "core/smtp_dialog.h"
#include "net/tls.h"

/* How long a server may take over its answer to QUIT: nothing depends on it. */
#define LEAVE_MS 1000
/* Between two attempts to get a socket while there are too many. */
#define RETRY_MS 50
/* SSL_get_error()'s SSL_ERROR_SYSCALL, and ERR_get_error()'s "unexpected eof while reading". */
#define ERROR_SYSCALL 5
#define ERROR_EOF     0x0a000126ul

enum phase {
	PHASE_HOPELESS, /* there is no connection to be had */
	PHASE_CONNECT,
	PHASE_HANDSHAKE,
	PHASE_TALK,
	PHASE_LEAVE, /* the session was handed over; QUIT is on its way */
};

struct smtp_probe {
	struct event_base *base;
	struct tls *tls;
	struct probe_request request;
	probe_done *done;
	probe_gone *gone;
	gpointer data;
	enum phase phase;
	gint64 started, phase_started; /* monotonic, microseconds */
	struct bufferevent *stream;    /* owns the socket; NULL until there is one */
	gboolean encrypted;	       /* the stream is the one with TLS */
	/* libevent's own timeouts begin anew with every byte: one timer, set for each step. */
	struct event *timer;
	struct smtp_dialog dialog;
	struct session *session;
};

static void probe_free(struct smtp_probe *probe)
{
	if (probe->stream)
		bufferevent_free(probe->stream);
	event_free(probe->timer);
	smtp_dialog_release(&probe->dialog);
	session_unref(probe->session);
	g_free(probe);
}

static void leave(struct smtp_probe *probe)
{
	probe_gone *gone = probe->gone;
	gpointer data = probe->data;

	probe_free(probe);
	gone(data);
}

static void hand_over(struct smtp_probe *probe)
{
	probe->done(probe->session, probe->data);
}

static void finish(struct smtp_probe *probe)
{
	hand_over(probe);
	leave(probe);
}

/* A step may take so long, and no step longer than is left of all. */
static void set_timer(struct smtp_probe *probe, gint64 ms)
{
	gint64 passed = (g_get_monotonic_time() - probe->started) / 1000;
	gint64 left = CLAMP((gint64)probe->request.total_ms - passed, 0, ms);

	struct timeval wait = {left / 1000, left % 1000 * 1000};

	evtimer_add(probe->timer, &wait);
}

static void enter(struct smtp_probe *probe, enum phase phase)
{
	probe->phase = phase;
	probe->phase_started = g_get_monotonic_time();
	set_timer(probe, phase == PHASE_LEAVE ? MIN(LEAVE_MS, probe->request.step_ms)
					      : probe->request.step_ms);
}

/* -- how it ends --------------------------------------------------------------------------------
 */

static void take_dialog(struct smtp_probe *probe)
{
	struct session *session = probe->session;
	struct smtp_dialog *dialog = &probe->dialog;

	session->stage = dialog->stage;
	session->fault = dialog->fault;
	session->reply = dialog->reply;
	session->said = g_steal_pointer(&dialog->said);
	if (!session->why)
		session->why = g_strdup(dialog->why);
}

/*
 * The connection is of no use any more. `why` (taken over) is kept where it says more than the
 * fault.
 */
static void lose(struct smtp_probe *probe, enum probe_fault fault, char *why)
{
	probe->session->why = why;
	if (probe->phase == PHASE_TALK) {
		smtp_dialog_closed(&probe->dialog, fault);
		take_dialog(probe);
	} else {
		probe->session->stage =
			probe->phase == PHASE_CONNECT ? PROBE_CONNECT : PROBE_HANDSHAKE;
		probe->session->fault = fault;
	}
	finish(probe);
}

static void lost_plain(struct smtp_probe *probe, short what, int error)
{
	if (what & BEV_EVENT_EOF || !error)
		lose(probe, PROBE_CLOSED, NULL);
	else if (probe->phase != PHASE_CONNECT)
		lose(probe, PROBE_CLOSED, g_strdup(g_strerror(error)));
	else if (error == ECONNREFUSED)
		lose(probe, PROBE_REFUSED, g_strdup(g_strerror(error)));
	else
		lose(probe, PROBE_UNREACHABLE, g_strdup(g_strerror(error)));
}

/*
 * libevent keeps SSL_get_error()'s code below OpenSSL's own errors and gives the newest first; of
 * those the oldest is the cause. errno means something only when the code says so.
 */
static void lost_tls(struct smtp_probe *probe, short what, int error)
{
	unsigned long next, code = 0, first = 0;
	gboolean closed;

	while ((next = bufferevent_get_openssl_error(probe->stream)) != 0) {
		first = code;
		code = next;
	}
	if (code != ERROR_SYSCALL)
		error = 0;
	closed = what & BEV_EVENT_EOF || first == ERROR_EOF || (code == ERROR_SYSCALL && !first);
	lose(probe, closed ? PROBE_CLOSED : PROBE_TLS,
		what & BEV_EVENT_EOF ? NULL : tls_error_words(first, (int)code, error));
}

/* -- the conversation ---------------------------------------------------------------------------
 */

static void on_read(struct bufferevent *stream, void *data);
static void on_event(struct bufferevent *stream, short what, void *data);

static void use_stream(struct smtp_probe *probe, struct bufferevent *stream)
{
	probe->stream = stream;
	bufferevent_setcb(stream, on_read, NULL, on_event, probe);
	bufferevent_enable(stream, EV_READ | EV_WRITE);
}

/* The same socket goes on with TLS. */
static void shake_hands(struct smtp_probe *probe)
{
	evutil_socket_t fd = bufferevent_getfd(probe->stream);
	char *why = NULL;
	struct ssl_st *ssl =
		tls_smtp_session(probe->tls, probe->request.demand, probe->request.kind, &why);

	enter(probe, PHASE_HANDSHAKE);
	if (!ssl) {
		lose(probe, PROBE_TLS, why);
		return;
	}
	/* The plain stream leaves at once, and leaves the socket. */
	bufferevent_setfd(probe->stream, -1);
	bufferevent_free(probe->stream);
	probe->encrypted = TRUE;
	use_stream(probe, bufferevent_openssl_socket_new(probe->base, fd, ssl,
				  BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
}

static void say(struct smtp_probe *probe, const char *line)
{
	bufferevent_write(probe->stream, line, strlen(line));
}

/* QUIT is the last that is said: what the session showed is known, whatever the answer. */
static gboolean leave_politely(struct smtp_probe *probe)
{
	say(probe, probe->dialog.send);
	take_dialog(probe);
	enter(probe, PHASE_LEAVE);
	hand_over(probe);
	return FALSE;
}

/* FALSE: there is nothing more to read now; the probe may be gone. */
static gboolean do_step(struct smtp_probe *probe, enum smtp_step step)
{
	switch (step) {
	case SMTP_MORE:
		break;
	case SMTP_SEND:
		if (probe->dialog.stage == PROBE_QUIT)
			return leave_politely(probe);
		say(probe, probe->dialog.send);
		set_timer(probe, probe->request.step_ms);
		break;
	case SMTP_START_TLS:
		shake_hands(probe);
		return FALSE;
	case SMTP_FAILED:
		if (probe->dialog.send)
			return leave_politely(probe);
		take_dialog(probe);
		finish(probe);
		return FALSE;
	case SMTP_DONE:
		break;
	}
	return TRUE;
}

static void on_read(struct bufferevent *stream, void *data)
{
	struct smtp_probe *probe = data;
	struct evbuffer *input = bufferevent_get_input(stream);
	gsize size, used;

	if (probe->phase == PHASE_LEAVE) {
		leave(probe);
		return;
	}
	/* All is taken out at once: what stays would be a reason to be called for ever. */
	while ((size = evbuffer_get_contiguous_space(input)) > 0) {
		enum smtp_step step = smtp_dialog_feed(
			&probe->dialog, (const char *)evbuffer_pullup(input, size), size, &used);

		evbuffer_drain(input, used);
		if (step == SMTP_START_TLS && evbuffer_get_length(input) > 0) {
			probe->session->injected = TRUE;
			evbuffer_drain(input, evbuffer_get_length(input));
		}
		if (!do_step(probe, step))
			return;
	}
}

static void shaken(struct smtp_probe *probe)
{
	struct ssl_st *ssl = bufferevent_openssl_get_ssl(probe->stream);

	tls_session_facts(ssl, probe->session);
	probe->session->chain = tls_chain_collect(ssl);
	probe->session->chain_free = tls_chain_unref;
	enter(probe, PHASE_TALK);
	do_step(probe, smtp_dialog_encrypted(&probe->dialog));
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
	int error = errno;
	struct smtp_probe *probe = data;

	(void)stream;
	if (probe->phase == PHASE_LEAVE)
		leave(probe);
	else if (!(what & BEV_EVENT_CONNECTED) && probe->encrypted)
		lost_tls(probe, what, error);
	else if (!(what & BEV_EVENT_CONNECTED))
		lost_plain(probe, what, error);
	else if (probe->encrypted)
		shaken(probe);
	else if (probe->request.demand->wrappermode)
		shake_hands(probe);
	else
		enter(probe, PHASE_TALK);
}

/* -- the connection -----------------------------------------------------------------------------
 */

static gboolean socket_address(const char *text, guint port, struct sockaddr_storage *storage)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)storage;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)storage;

	memset(storage, 0, sizeof(*storage));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return TRUE;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		return FALSE;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return TRUE;
}

/* We have too many sockets, which is nothing against the server. */
static gboolean own_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* 0, or errno. libevent's own sockets would be inherited, and wait for an ACK of small writes. */
static int open_stream(struct smtp_probe *probe, const struct sockaddr_storage *to)
{
	socklen_t size =
		to->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int error, on = 1;
	evutil_socket_t fd =
		socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		return errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	use_stream(probe, bufferevent_socket_new(probe->base, fd, BEV_OPT_CLOSE_ON_FREE));
	errno = 0;
	if (bufferevent_socket_connect(probe->stream, (const struct sockaddr *)to, (int)size) == 0)
		return 0;
	error = errno ? errno : EIO;
	bufferevent_free(g_steal_pointer(&probe->stream));
	return error;
}

static void try_connect(struct smtp_probe *probe)
{
	struct session *session = probe->session;
	gint64 waited = (g_get_monotonic_time() - probe->phase_started) / 1000;
	struct sockaddr_storage to;
	int error = socket_address(probe->request.address, probe->request.port, &to)
			    ? open_stream(probe, &to)
			    : EAFNOSUPPORT;

	if (!error) {
		set_timer(probe, probe->request.step_ms);
	} else if (own_shortage(error) && waited < probe->request.step_ms) {
		set_timer(probe, RETRY_MS);
	} else {
		session->stage = PROBE_CONNECT;
		session->fault = own_shortage(error) ? PROBE_TIMEOUT : PROBE_UNREACHABLE;
		session->why = g_strdup(g_strerror(error));
		/* Told from the loop, never from within smtp_probe_start(). */
		probe->phase = PHASE_HOPELESS;
		set_timer(probe, 0);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct smtp_probe *probe = data;

	(void)fd;
	(void)what;
	if (probe->phase == PHASE_LEAVE)
		leave(probe);
	else if (probe->phase == PHASE_HOPELESS)
		finish(probe);
	else if (probe->phase == PHASE_CONNECT && !probe->stream)
		try_connect(probe);
	else
		lose(probe, PROBE_TIMEOUT, NULL);
}

struct smtp_probe *smtp_probe_start(struct event_base *base, struct tls *tls,
	const struct probe_request *request, probe_done *done, probe_gone *gone, gpointer data)
{
	struct smtp_probe *probe = g_new0(struct smtp_probe, 1);

	probe->base = base;
	probe->phase = PHASE_CONNECT;
	probe->tls = tls;
	probe->request = *request;
	probe->done = done;
	probe->gone = gone;
	probe->data = data;
	probe->started = probe->phase_started = g_get_monotonic_time();
	probe->timer = evtimer_new(base, on_timer, probe);
	probe->session = session_new();
	smtp_dialog_init(&probe->dialog, request->helo, request->demand->level != LEVEL_NONE,
		request->demand->wrappermode);
	try_connect(probe);
	return probe;
}

void smtp_probe_cancel(struct smtp_probe *probe)
{
	probe_free(probe);
}
