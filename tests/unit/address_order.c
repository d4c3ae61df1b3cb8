/*
 * Which addresses Postfix tries, in which order: postconf(5) smtp_mx_address_limit,
 * smtp_address_preference, smtp_balance_inet_protocols. A case is a destination, "10 46 20 666"
 * being a host of preference 10 with an IPv4 and an IPv6 address and one of preference 20 with
 * three IPv6 addresses; what is wanted is the same with "-" for each address that is not tried.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/address_order.h"
#include "core/postfix_version.h"

static struct observation *observation_of(const char *hosts)
{
	static const struct nexthop nexthop = {.text = (char *)"x", .domain = (char *)"x"};
	struct observation *observation = observation_new(&nexthop);
	g_auto(GStrv) words = g_strsplit(hosts, " ", -1);

	for (guint i = 0; words[i]; i += 2) {
		g_autofree char *name = g_strdup_printf("h%u", i);
		struct observed_host *host = observation_add_host(
			observation, name, (guint)g_ascii_strtoull(words[i], NULL, 10));

		for (guint k = 0; words[i + 1][k]; k++) {
			gboolean ipv6 = words[i + 1][k] == '6';
			g_autofree char *text =
				g_strdup_printf(ipv6 ? "2001:db8::%u" : "192.0.2.%u", k);

			observed_host_add_address(host, text)->ipv6 = ipv6;
		}
	}
	return observation;
}

static char *tried(const struct observation *observation)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < observation->hosts->len; i++) {
		const struct observed_host *host = observation->hosts->pdata[i];

		g_string_append_printf(text, "%s%u ", i ? " " : "", host->preference);
		for (guint k = 0; k < host->addresses->len; k++) {
			const struct observed_address *address = host->addresses->pdata[k];

			g_string_append_c(text, address->over_limit ? '-'
						: address->ipv6	    ? '6'
								    : '4');
		}
	}
	return g_string_free(text, FALSE);
}

/* Whatever stands first: an IPv4 address may be tried where the IPv6 ones before it are not. */
static gboolean counts_agree(const struct observation *observation)
{
	g_autofree char *text = tried(observation);
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (guint i = 0; i < observation->hosts->len; i++) {
		guint count = 0;

		for (const char *at = words[2 * i + 1]; *at; at++)
			count += *at != '-';
		if (count != addresses_within_limit(observation->hosts->pdata[i]))
			return FALSE;
	}
	return TRUE;
}

static void test_order(void **state)
{
	static const struct {
		const char *hosts, *preference, *limit, *balance, *want;
	} cases[] = {
		{"10 4", "any", "5", "yes", "10 4"},
		/* by preference, whatever the order of the answer */
		{"20 4 10 6", "any", "5", "yes", "10 6 20 4"},
		{"10 4646", "ipv4", "5", "yes", "10 4466"},
		{"10 4646", "ipv6", "5", "yes", "10 6644"},
		/* one family: the limit alone */
		{"10 44444444", "any", "5", "yes", "10 44444---"},
		{"10 444 20 444", "any", "5", "yes", "10 444 20 44-"},
		{"10 444 20 444", "any", "0", "yes", "10 444 20 444"},
		{"10 444 20 444", "any", "1", "yes", "10 4-- 20 ---"},
		/* both have more than half of the limit: half each, one more of the first */
		{"10 44446666", "ipv6", "5", "yes", "10 666-44--"},
		{"10 44446666", "ipv4", "5", "yes", "10 444-66--"},
		{"10 44446666", "ipv4", "4", "yes", "10 44--66--"},
		/* one has less: it is kept whole */
		{"10 466666666", "ipv6", "5", "yes", "10 6666----4"},
		{"10 446666666", "ipv6", "5", "yes", "10 666----44"},
		{"10 444444446", "ipv4", "5", "yes", "10 4444----6"},
		{"10 666666 20 4", "ipv6", "5", "yes", "10 6666-- 20 4"},
		{"10 466666666", "ipv6", "5", "no", "10 66666----"},
		{"10 6666 20 46", "ipv6", "5", "yes", "10 6666 20 -4"},
		/* all fit */
		{"10 4466", "ipv4", "5", "yes", "10 4466"},
		/* hosts of one preference: all addresses of the preferred family first */
		{"10 46 10 46 10 46", "ipv4", "3", "no", "10 4- 10 4- 10 4-"},
		{"10 46 10 46 10 46", "ipv6", "4", "no", "10 64 10 6- 10 6-"},
		/* hosts of different preference: not */
		{"10 46 20 46 30 46", "ipv4", "3", "no", "10 46 20 4- 30 --"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(observation_t) observation = observation_of(cases[i].hosts);
		g_auto(client_settings_t) client;
		g_autofree char *got = NULL;

		client_settings_init(&client, POSTFIX_VERSION(3, 7, 11));
		client_settings_set(&client, "smtp_address_preference", cases[i].preference, NULL);
		client_settings_set(&client, "smtp_mx_address_limit", cases[i].limit, NULL);
		client_settings_set(&client, "smtp_balance_inet_protocols", cases[i].balance, NULL);
		hosts_order(observation);
		addresses_order(observation, &client);
		got = tried(observation);
		if (strcmp(got, cases[i].want) != 0)
			print_message("# %s %s %s %s\n", cases[i].hosts, cases[i].preference,
				cases[i].limit, cases[i].balance);
		assert_string_equal(got, cases[i].want);
		assert_true(counts_agree(observation));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(test_order)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("address_order", tests, NULL, NULL);
}
