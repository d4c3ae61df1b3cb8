/*
 * The resolver's own part, with a name server that only refuses, or says nothing: one question for
 * equal ones, deadlines, cancelling, names. What libunbound makes of real zones: tests/net.
 */
#include <arpa/inet.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "net/resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PATIENCE 5000

struct world {
	struct event_base *base;
	struct event *readable;
	struct resolver *resolver;
	int fd;
	gboolean silent;
	guint asked[DNS_TLSA + 1]; /* packets for names that begin with q, by type */
	char *anchor;
	/* What came back. */
	guint answers;
	struct dns_answer last;
	struct dns_question *other; /* to be cancelled from a callback */
	const char *next;	    /* to be asked from a callback */
};

/* REFUSED, to everything. */
static void serve(evutil_socket_t fd, short what, gpointer data)
{
	struct world *world = data;
	guint8 packet[512];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t len = recvfrom(fd, packet, sizeof(packet), 0, (struct sockaddr *)&from, &size);

	(void)what;
	if (len > 16 && packet[13] == 'q') {
		gsize type = 12 + strlen((const char *)packet + 12) + 2;

		assert_in_range(packet[type], 0, DNS_TLSA);
		world->asked[packet[type]]++;
	}
	if (world->silent || len < 12)
		return;
	packet[2] |= 0x80;
	packet[3] = 5;
	sendto(fd, packet, (size_t)len, 0, (struct sockaddr *)&from, size);
}

static void begin(struct world *world, guint outstanding)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(at);
	g_autofree char *address = NULL;
	g_autoptr(GError) error = NULL;
	struct resolver_settings settings = {.outstanding = outstanding};
	int anchor;

	memset(world, 0, sizeof(*world));
	anchor = g_file_open_tmp("anchor.XXXXXX", &world->anchor, NULL);
	assert_true(anchor >= 0);
	close(anchor);
	assert_true(g_file_set_contents(world->anchor,
		"; a comment\n\n. 9 IN DS 20326 8 2 "
		"E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n",
		-1, NULL));
	world->base = event_base_new();
	world->fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(world->fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(getsockname(world->fd, (struct sockaddr *)&at, &size), 0);
	world->readable = event_new(world->base, world->fd, EV_READ | EV_PERSIST, serve, world);
	event_add(world->readable, NULL);
	address = g_strdup_printf("127.0.0.1@%d", ntohs(at.sin_port));
	settings.resolver = address;
	settings.trust_anchor = world->anchor;
	world->resolver = resolver_new(world->base, &settings, &error);
	assert_null(error);
	assert_string_equal(resolver_servers(world->resolver), address);
}

static void end(struct world *world)
{
	resolver_free(world->resolver);
	event_free(world->readable);
	event_base_free(world->base);
	close(world->fd);
	unlink(world->anchor);
	g_free(world->anchor);
	g_free(world->last.why);
}

static void on_answer(const struct dns_reply *reply, gpointer data)
{
	struct world *world = data;

	world->answers++;
	g_free(world->last.why);
	world->last = reply->answer;
	world->last.why = g_strdup(reply->answer.why);
	assert_int_equal(reply->count, 0);
	resolver_cancel(g_steal_pointer(&world->other));
	if (world->next)
		resolver_ask(world->resolver, g_steal_pointer(&world->next), DNS_MX, PATIENCE,
			on_answer, world);
}

static struct dns_question *ask(struct world *world, const char *name, enum dns_type type)
{
	return resolver_ask(world->resolver, name, type, PATIENCE, on_answer, world);
}

/* Until there are so many answers, at most so long; then a little more, for those too many. */
static void run(struct world *world, guint answers)
{
	gint64 until = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;
	const struct timeval little = {0, 50000};

	while (world->answers < answers && g_get_monotonic_time() < until) {
		event_base_loopexit(world->base, &little);
		event_base_dispatch(world->base);
	}
	event_base_loopexit(world->base, &little);
	event_base_dispatch(world->base);
	assert_int_equal(world->answers, answers);
}

static void test_equal_questions(void **state)
{
	static const char *const names[] = {"q.example", "Q.Example", "q.example."};
	struct world world;
	guint alone, expected;

	(void)state;
	begin(&world, 0);
	ask(&world, "q1.example", DNS_A);
	run(&world, 1);
	alone = world.asked[DNS_A];
	assert_true(alone > 0);
	for (guint i = 0; i < 30; i++)
		ask(&world, names[i % 3], DNS_MX);
	expected = world.answers + 30;
	assert_int_equal(world.answers, 1); /* never from within resolver_ask() */
	run(&world, expected);
	assert_int_equal(world.asked[DNS_MX], alone);
	assert_int_equal(world.last.state, DNS_FAILED);
	assert_false(world.last.secure);
	assert_non_null(world.last.why);
	end(&world);
}

static void test_names(void **state)
{
	static const char *const bad[] = {"", "..", ".x", "a..b", "a b.example", "ä.example",
		"a\\032b.example", "[192.0.2.1]", "2001:db8::1", "a.example..", "*.example",
		"a\nb.example",
		"0123456789012345678901234567890123456789012345678901234567890123.example"};
	struct world world;
	g_autofree char *longest = g_strnfill(254, 'a');

	(void)state;
	begin(&world, 0);
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		ask(&world, bad[i], DNS_A);
		assert_int_equal(world.answers, i);
		run(&world, i + 1);
		assert_int_equal(world.last.state, DNS_FAILED);
		assert_string_equal(
			world.last.why, "this is no name that the DNS can be asked for");
	}
	for (guint i = 63; i < 254; i += 64)
		longest[i] = '.';
	ask(&world, longest, DNS_A); /* 254 */
	run(&world, G_N_ELEMENTS(bad) + 1);
	assert_string_equal(world.last.why, "this is no name that the DNS can be asked for");
	ask(&world, longest + 1, DNS_A); /* 253: the DNS's limit */
	run(&world, G_N_ELEMENTS(bad) + 2);
	assert_string_not_equal(world.last.why, "this is no name that the DNS can be asked for");
	end(&world);
}

static void test_deadlines(void **state)
{
	struct world world;
	gint64 start = g_get_monotonic_time(), took;

	(void)state;
	begin(&world, 2);
	world.silent = TRUE;
	/* Two at a time: the clock of the others has not begun while they wait. */
	for (guint i = 0; i < 6; i++) {
		g_autofree char *name = g_strdup_printf("q%u.example", i);

		resolver_ask(world.resolver, name, DNS_A, 300, on_answer, &world);
	}
	run(&world, 6);
	took = (g_get_monotonic_time() - start) / 1000;
	assert_in_range(took, 900, 2000);
	assert_int_equal(world.last.state, DNS_TIMEOUT);
	assert_null(world.last.why);
	/* An equal question has its own patience, and keeps the lookup alive. */
	start = g_get_monotonic_time();
	resolver_ask(world.resolver, "q.example", DNS_MX, 200, on_answer, &world);
	resolver_ask(world.resolver, "q.example", DNS_MX, 400, on_answer, &world);
	run(&world, 8);
	took = (g_get_monotonic_time() - start) / 1000;
	assert_in_range(took, 400, 1000);
	end(&world);
}

static void test_cancel(void **state)
{
	struct world world;
	struct dns_question *question;

	(void)state;
	begin(&world, 0);
	/* One of two equal ones; then the only one, sent and refused. */
	question = ask(&world, "q.example", DNS_A);
	ask(&world, "q.example", DNS_A);
	resolver_cancel(question);
	run(&world, 1);
	resolver_cancel(ask(&world, "q2.example", DNS_A));
	resolver_cancel(ask(&world, "a..b", DNS_A));
	resolver_cancel(NULL);
	run(&world, 1);
	/* From a callback: an equal one behind it, and one of another name. */
	ask(&world, "q3.example", DNS_A);
	world.other = ask(&world, "q3.example", DNS_A);
	run(&world, 2);
	assert_null(world.other);
	ask(&world, "q4.example", DNS_A);
	world.other =
		resolver_ask(world.resolver, "q5.example", DNS_MX, PATIENCE, on_answer, &world);
	world.silent = FALSE;
	run(&world, 3);
	/* Asking from a callback, also what is just being answered. */
	world.next = "q6.example";
	ask(&world, "q6.example", DNS_MX);
	run(&world, 5);
	end(&world);
}

static void test_end_under_way(void **state)
{
	struct world world;

	(void)state;
	begin(&world, 4);
	world.silent = TRUE;
	for (guint i = 0; i < 20; i++) {
		g_autofree char *name = g_strdup_printf("q%u.example", i / 2);

		ask(&world, name, DNS_A);
	}
	ask(&world, "a..b", DNS_A);
	event_base_loop(world.base, EVLOOP_NONBLOCK);
	assert_true(world.answers <= 1);
	end(&world);
	begin(&world, 0);
	end(&world); /* never asked anything */
}

static void test_settings(void **state)
{
	static const struct {
		const char *resolver, *anchor, *hints;
		int status;
		const char *message;
	} cases[] = {
		{"localhost", NULL, NULL, STATUS_USAGE, "localhost is no address"},
		{"", NULL, NULL, STATUS_USAGE, "is no address"},
		{"127.0.0.1@", NULL, NULL, STATUS_USAGE, "is no address"},
		{"127.0.0.1@0", NULL, NULL, STATUS_USAGE, "is no address"},
		{"127.0.0.1@65536", NULL, NULL, STATUS_USAGE, "is no address"},
		{"127.0.0.1:53", NULL, NULL, STATUS_USAGE, "is no address"},
		{NULL, "/nonexistent/anchor", NULL, STATUS_NO_INPUT, "/nonexistent/anchor"},
		{NULL, "/dev/null", NULL, STATUS_DATA, "/dev/null holds no trust anchor"},
		{"recursive", NULL, "/nonexistent/hints", STATUS_NO_INPUT, "/nonexistent/hints"},
		{"127.0.0.1", NULL, NULL, 0, NULL},
		{"::1@5353", NULL, NULL, 0, NULL},
		{"recursive", NULL, NULL, 0, NULL},
	};
	struct event_base *base = event_base_new();
	struct world world;

	(void)state;
	begin(&world, 0);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct resolver_settings settings = {.resolver = cases[i].resolver,
			.trust_anchor = cases[i].anchor ? cases[i].anchor : world.anchor,
			.root_hints = cases[i].hints};
		g_autoptr(GError) error = NULL;
		struct resolver *resolver = resolver_new(base, &settings, &error);

		assert_true((resolver != NULL) == (cases[i].status == 0));
		if (cases[i].status) {
			assert_int_equal(error->code, cases[i].status);
			assert_non_null(strstr(error->message, cases[i].message));
		}
		resolver_free(resolver);
	}
	end(&world);
	event_base_free(base);
}

/* -- rdata ------------------------------------------------------------------------------------- */

static void test_mx(void **state)
{
	static const struct {
		const char *rdata;
		int size;
		const char *text; /* NULL: malformed */
	} cases[] = {
		{"\0\012\002mx\007example", 13, NULL}, /* no end */
		{"\0\012\002mx\007example\0", 14, "10 mx.example"},
		{"\xff\xff\1A\0", 5, "65535 A"},
		{"\0\0\0", 3, "0 ."},
		{"\0\0", 2, NULL},
		{"", 0, NULL},
		{"\0\1\2mx\0x", 7, NULL},   /* more behind the end */
		{"\0\1\100aaa\0", 7, NULL}, /* a label of 64 */
		{"\0\1\300\014", 4, NULL},  /* compressed */
		{"\0\1\5a.b\\c\3\0 \x7f\2\xc3\xa4\0", 16,
			"1 a\\.b\\\\c.\\000\\032\\127.\\195\\164"},
		{"\0\1\3a;\"\0", 7, "1 a;\""},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint preference = 0;
		g_autofree char *host = NULL, *text = NULL;
		/* Exactly as long, so that the sanitizers see a step beyond. */
		g_autofree guint8 *rdata = g_memdup2(cases[i].rdata, (gsize)cases[i].size);

		assert_true(dns_mx_read(rdata, cases[i].size, &preference, &host) ==
			    (cases[i].text != NULL));
		text = g_strdup_printf("%u %s", preference, host);
		if (cases[i].text)
			assert_string_equal(text, cases[i].text);
	}
}

static void test_addresses(void **state)
{
	static const guint8 bytes[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
	g_autofree char *four = dns_address_read(DNS_A, bytes, 4);
	g_autofree char *six = dns_address_read(DNS_AAAA, bytes, 16);

	(void)state;
	assert_string_equal(four, "32.1.13.184");
	assert_string_equal(six, "2001:db8::1");
	assert_null(dns_address_read(DNS_A, bytes, 16));
	assert_null(dns_address_read(DNS_AAAA, bytes, 4));
	assert_null(dns_address_read(DNS_A, bytes, 0));
}

static void test_txt(void **state)
{
	static const struct {
		const char *rdata;
		int size;
		const char *text;
		gsize len;
	} cases[] = {
		{"\7v=STSv1\6; id=1", 15, "v=STSv1; id=1", 13},
		{"\0", 1, "", 0},
		{"\0\0\1a\0", 5, "a", 1},
		{"\3a\0b", 4, "a\0b", 3},
		{"\2a", 2, NULL, 0},
		{"\1a\1", 3, NULL, 0},
		{"", 0, NULL, 0},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree guint8 *rdata = g_memdup2(cases[i].rdata, (gsize)cases[i].size);
		gsize len = 99;
		g_autofree char *text = dns_txt_read(rdata, cases[i].size, &len);

		assert_true((text != NULL) == (cases[i].text != NULL));
		if (!text)
			continue;
		assert_int_equal(len, cases[i].len);
		assert_memory_equal(text, cases[i].text, len + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_questions),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_end_under_way),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_mx),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_txt),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
