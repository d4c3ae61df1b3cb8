/*
 * The order of questions: facts 1.2 (table of next-hops), 1.3 and 10.5 (which key answers which
 * next-hop), all seen on a real Postfix.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/error.h"
#include "core/lookup.h"

#define U_BUECHER                                                                                  \
	"b\xc3\xbc"                                                                                \
	"cher"

static char *joined(GPtrArray *strings)
{
	g_ptr_array_add(strings, NULL);
	return g_strjoinv(" ", (char **)strings->pdata);
}

static const struct {
	const char *nexthop, *asked; /* keys in order, separated by a blank */
} orders[] = {
	{"mail.example.com", "mail.example.com .example.com .com"},
	{"Mail.Example.COM", "mail.example.com .example.com .com"},
	{"localhost", "localhost"},
	{"k21", "k21"},
	{"[host.example]", "[host.example]"},
	{"[host.example]:587", "[host.example]:587"},
	{"host.example:587", "host.example:587"},
	{"host.example:", "host.example:"},
	{"[host.example]:", "[host.example]:"},
	{"[host.example]:smtp", "[host.example]:smtp"},
	{"192.0.2.1", "192.0.2.1"},
	{"[192.0.2.1]", "[192.0.2.1]"},
	{"[192.0.2.1]:25", "[192.0.2.1]:25"},
	{"192.0.2.1:25", "192.0.2.1:25"},
	{"[2001:db8::1]", "[2001:db8::1]"},
	{"[2001:db8:0:0::1]:587", "[2001:db8:0:0::1]:587"},
	{"[IPv6:2001:DB8::1]:25", "[ipv6:2001:db8::1]:25"},
	{"a_b.example", "a_b.example .example"},
	{"a.b.p1.d", "a.b.p1.d .b.p1.d .p1.d .d"},
	{U_BUECHER ".example", U_BUECHER ".example .example"},
	{"B\xc3\x9c"
	 "CHER.example",
		U_BUECHER ".example .example"},
	{"stra\xc3\x9f"
	 "e.test",
		"strasse.test .test"},
	{"xn--bcher-kva.example", "xn--bcher-kva.example .example"},
	{"name-.x", "name-.x"},
	{"1.f2.3.4", "1.f2.3.4 .f2.3.4 .3.4 .4"},
	{"x\u3002example.com", "x\u3002example.com .com"},
	{"\u2603.example.com", "\u2603.example.com .example.com .com"},
	{"xn--123456.example.com", "xn--123456.example.com .example.com .com"},
	{"0.0.0.0", "0.0.0.0"},
	{"/var/run/lmtp.sock", "/var/run/lmtp.sock"},
	{"b\xfc"
	 "cher.example",
		""},
};

static void test_order(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(orders); i++) {
		g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
		g_autofree char *asked = NULL;

		lookup_keys(text_of(orders[i].nexthop), keys);
		asked = joined(keys);
		assert_string_equal(asked, orders[i].asked);
	}
}

static const struct {
	const char *destination, *nexthops; /* NULL: refused */
} destinations[] = {
	{"example.com", "example.com"},
	{"  Example.COM\n", "example.com"},
	{"user@k23.example.com", "k23.example.com"},
	{"u@k23.example.com.", "k23.example.com"},
	{"\"a@b, c\"@Example.com", "example.com"},
	{"user@[IPv6:2001:db8::1]", "[ipv6:2001:db8::1]"},
	{"user@[192.0.2.1]", "[192.0.2.1]"},
	{"user@" U_BUECHER ".example", U_BUECHER ".example"},
	{"[a.example]:587", "[a.example]:587"},
	{"a.example, [b.example]:25", "a.example [b.example]:25"},
	{"k18a,k18b", "k18a k18b"},
	{"k18a\tK18B ,, k18c", "k18a k18b k18c"},
	{"/var/run/lmtp", "/var/run/lmtp"},
	{"host:", "host:"},
	/* what kills smtp(8), facts 1.4 */
	{"2001:db8::1", NULL},
	{"name.", NULL},
	{"[name.]", NULL},
	{".name", NULL},
	{"*.name", NULL},
	{"name-.x", NULL},
	{"a..b", NULL},
	{"[]", NULL},
	{"[name", NULL},
	{"[name]x", NULL},
	{"host:0", NULL},
	{"host:70000", NULL},
	{"host:25:x", NULL},
	/* nothing, or no mail domain */
	{"", NULL},
	{" , ", NULL},
	{"user@", NULL},
	{"user@a.example:25", NULL},
	{"user@192.0.2.8", NULL}, /* smtpd: 501 5.1.3 Bad recipient address syntax */
	{"user@[a.example]", NULL},
	{"user@/var/run/lmtp", NULL},
	{"user@a.example b.example", NULL},
	{"a.example, b..c", NULL},
	{"b\xfc"
	 "cher.example",
		NULL},
};

static void test_nexthops(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(destinations); i++) {
		g_autoptr(GPtrArray) nexthops = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GError) error = NULL;
		g_autofree char *got = NULL;
		gboolean done;

		print_message("# %s\n", destinations[i].destination);
		done = lookup_nexthops(text_of(destinations[i].destination), nexthops, &error);
		assert_int_equal(done, destinations[i].nexthops != NULL);
		if (!done) {
			assert_int_equal(error->code, STATUS_DATA);
			assert_true(g_utf8_validate(error->message, -1, NULL));
			continue;
		}
		got = joined(nexthops);
		assert_string_equal(got, destinations[i].nexthops);
	}
}

/* The keys as stored, folded: what postmap or tlspol make of them. */
static const struct {
	const char *stored, *nexthop;
	gboolean used;
} equivalences[] = {
	{"k1.d", "k1.d", TRUE},
	{".p1.d", "a.b.p1.d", TRUE},
	{".p1.d", "p1.d", FALSE},
	{"p1.d", "a.p1.d", FALSE},
	{"[k3.d]", "[k3.d]:25", FALSE},
	{"[k4.d]:25", "[k4.d]", FALSE},
	{"k5.d", "[k5.d]", FALSE},
	{"[k6.d]", "k6.d", FALSE},
	{"k7.d", "K7.D", TRUE},
	{"k9.d:25", "k9.d", FALSE},
	{"k10.d", "k10.d:25", FALSE},
	{"*.w1.d", "a.w1.d", FALSE},
	{".", "a.w1.d", FALSE},
	{"*", "a.w1.d", FALSE},
	{"@k11.d", "k11.d", FALSE},
	{"192.0.2.1", "[192.0.2.1]", FALSE},
	{"[192.0.2.1]:2525", "192.0.2.1:2525", FALSE},
	{"[2001:db8::1]", "[ipv6:2001:db8::1]", FALSE},
	{"[2001:db8::1]:2525", "[2001:DB8::1]:2525", TRUE},
	{"[2001:db8:0:0::1]:587", "[2001:db8::1]:587", FALSE},
	{".sub2.d", "sub2.d", FALSE},
	{"strasse.test",
		"stra\xc3\x9f"
		"e.test",
		TRUE},
	{"stra\xc3\x9f"
	 "e.test",
		"stra\xc3\x9f"
		"e.test",
		FALSE},
	{U_BUECHER ".example", "xn--bcher-kva.example", FALSE},
	{"xn--bcher-kva.example", U_BUECHER ".example", FALSE},
};

static const struct policy_row *answer(
	const struct policy_set *set, const char *nexthop, guint *key_index)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);

	lookup_keys(text_of(nexthop), keys);
	return lookup_answer(set, keys, 0, key_index);
}

static void add_row(struct policy_set *set, const char *key, gboolean inactive)
{
	struct policy policy = {.key = text_of(key), .level = LEVEL_SECURE};

	policy_set_append(set, &policy, NULL)->flags |= inactive ? ROW_INACTIVE : 0;
}

static void test_equivalences(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(equivalences); i++) {
		g_auto(policy_set_t) set;
		guint key_index;

		print_message("# %s %s\n", equivalences[i].stored, equivalences[i].nexthop);
		policy_set_init(&set);
		add_row(&set, equivalences[i].stored, FALSE);
		assert_int_equal(answer(&set, equivalences[i].nexthop, &key_index) != NULL,
			equivalences[i].used);
	}
}

static void test_first_hit_wins(void **state)
{
	g_auto(policy_set_t) set;
	guint key_index = 99;

	(void)state;
	policy_set_init(&set);
	assert_null(answer(&set, "a.b.example", &key_index));
	add_row(&set, "a.b.example", TRUE);
	add_row(&set, ".example", FALSE);
	add_row(&set, ".b.example", FALSE);
	policy_set_sort(&set);
	assert_true(text_is(policy_row_key(answer(&set, "a.b.example", &key_index)), ".b.example"));
	assert_int_equal(key_index, 1);
	assert_true(text_is(policy_row_key(answer(&set, "c.example", &key_index)), ".example"));
	assert_int_equal(key_index, 1);
	assert_true(text_is(policy_row_key(answer(&set, "b.example", &key_index)), ".example"));

	/* the same key once more, switched on */
	add_row(&set, "a.b.example", FALSE);
	policy_set_sort(&set);
	assert_int_equal(answer(&set, "a.b.example", &key_index)->flags, 0);
	assert_int_equal(key_index, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_nexthops),
		cmocka_unit_test(test_equivalences),
		cmocka_unit_test(test_first_hit_wins),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
