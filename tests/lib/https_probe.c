/*
 * Fetches what the lines of standard input say, all at once: "NAME HOST PORT PATH ADDRESS…". One
 * line comes for each answer, when it comes: "NAME: STATUS (CONTENT-TYPE) SIZE DIGEST", the digest
 * being that of the body, or "NAME: 0 why" or "NAME: 0 certificate why".
 *
 * usage: https_probe CA-FILE TOTAL-MS BODY-MAX [cancel]
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/client_settings.h"
#include "net/https.h"
#include "net/tls.h"

struct wanted {
	char *name;
	guint *left;
	struct https_fetch *fetch;
};

static void on_reply(const struct https_reply *reply, gpointer data)
{
	struct wanted *wanted = data;
	g_autofree char *digest = g_compute_checksum_for_string(
		G_CHECKSUM_SHA256, reply->body ? reply->body : "", (gssize)reply->size);

	if (reply->status)
		printf("%s: %d (%s) %zu %.16s\n", wanted->name, reply->status,
			reply->content_type ? reply->content_type : "", reply->size, digest);
	else
		printf("%s: 0 %s%s\n", wanted->name,
			reply->certificate_refused ? "certificate " : "", reply->why);
	fflush(stdout);
	wanted->fetch = NULL;
	--*wanted->left;
}

static void start(struct event_base *base, struct tls *tls, char **argv, const char *line,
	struct wanted *wanted)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	struct https_request request = {
		.host = words[1],
		.port = (guint)strtoul(words[2], NULL, 10),
		.path = words[3],
		.addresses = (const char *const *)words + 4,
		.total_ms = (guint)strtoul(argv[2], NULL, 10),
		.body_max = strtoul(argv[3], NULL, 10),
	};

	wanted->name = g_strdup(words[0]);
	wanted->fetch = https_get(base, tls, &request, on_reply, wanted);
}

/* A turn of the loop now and then, to see whether it is ever kept busy for long. */
static void on_tick(evutil_socket_t fd, short what, void *data)
{
	static gint64 last;
	gint64 now = g_get_monotonic_time();
	gint64 *longest = data;

	(void)fd;
	(void)what;
	if (last)
		*longest = MAX(*longest, now - last);
	last = now;
}

static void run(struct event_base *base, const guint *left, gboolean cancel, struct wanted *all,
	guint count)
{
	struct rusage usage;
	gint64 start_time = g_get_monotonic_time(), longest = 0;
	struct event *tick = event_new(base, -1, EV_PERSIST, on_tick, &longest);
	struct timeval often = {0, 10000};

	evtimer_add(tick, &often);
	while (*left && !(cancel && g_get_monotonic_time() - start_time > 300000))
		event_base_loop(base, EVLOOP_ONCE);
	for (guint i = 0; i < count; i++)
		https_cancel(all[i].fetch);
	getrusage(RUSAGE_SELF, &usage);
	printf("# %d left, %d ms, longest turn %d ms, %d ms of CPU, %ld KB\n", (int)*left,
		(int)((g_get_monotonic_time() - start_time) / 1000), (int)(longest / 1000),
		(int)(usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000 +
			usage.ru_stime.tv_sec * 1000 + usage.ru_stime.tv_usec / 1000),
		usage.ru_maxrss);
	event_free(tick);
}

int main(int argc, char **argv)
{
	struct client_settings client;
	struct tls_settings settings = {.client = &client};
	struct event_base *base = event_base_new();
	struct wanted all[100] = {{0}};
	guint count = 0, left;
	struct tls *tls;
	char line[1024];

	if (argc < 4)
		return 64;
	signal(SIGPIPE, SIG_IGN); /* as main.c has it */
	client_settings_init(&client, 30700);
	client_settings_set(&client, "smtp_tls_CAfile", argv[1], NULL);
	tls = tls_new(&settings, NULL);
	while (count < G_N_ELEMENTS(all) && fgets(line, sizeof(line), stdin)) {
		g_strchomp(line);
		all[count].left = &left;
		start(base, tls, argv, line, &all[count++]);
	}
	left = count;
	run(base, &left, argc > 4, all, count);
	for (guint i = 0; i < count; i++)
		g_free(all[i].name);
	/* What was cancelled is freed by the next turn. */
	event_base_loop(base, EVLOOP_NONBLOCK);
	tls_free(tls);
	event_base_free(base);
	client_settings_release(&client);
	return 0;
}
