#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/protocols.h"

/*
 * What is offered, by the version Postfix 3.7.11 reached a TLS 1.0 to 1.3 server with (facts
 * 10.2 and the same experiment). "" = no protocols available, NULL = invalid list.
 */
static const struct {
	const char *list, *offered;
} cases[] = {
	{"", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"},
	{":", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"},
	{"TLSv1.2", "TLSv1.2"},
	{"tlsV1.3", "TLSv1.3"},
	{"TLSv1", "TLSv1"},
	{"TLSv1.1", "TLSv1.1"},
	{"SSLv3", ""},
	{"SSLv2", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"},
	{"SSLv2:TLSv1.2", "TLSv1.2"},
	{"!SSLv2:!SSLv3", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"},
	{"TLSv1.2:TLSv1.3", "TLSv1.2, TLSv1.3"},
	{"TLSv1.2:!TLSv1.3", "TLSv1.2"},
	{"!TLSv1:!TLSv1.1", "TLSv1.2, TLSv1.3"},
	{"!TLSv1.2:!TLSv1.3", "TLSv1, TLSv1.1"},
	{"!TLSv1.3", "TLSv1, TLSv1.1, TLSv1.2"},
	/* Holes: the lowest range is what is left. */
	{"!TLSv1.1", "TLSv1"},
	{"!TLSv1.2", "TLSv1, TLSv1.1"},
	{"TLSv1:TLSv1.3", "TLSv1"},
	{"TLSv1.1:TLSv1.3", "TLSv1.1"},
	{">=TLSv1.2", "TLSv1.2, TLSv1.3"},
	{"<=TLSv1.2", "TLSv1, TLSv1.1, TLSv1.2"},
	{">=TLSv1.2:<=TLSv1.2", "TLSv1.2"},
	{">=TLSv1.3:<=TLSv1.2", ""},
	{">=TLSv1.3:>=TLSv1", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"},
	{">=0303", "TLSv1.2, TLSv1.3"},
	{">=0x0303", "TLSv1.2, TLSv1.3"},
	{">=303", "TLSv1.2, TLSv1.3"},
	{">=None", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"},
	{">=", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"},
	{">=SSLv3", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"},
	{":TLSv1.2:", "TLSv1.2"},
	{"!ssLv2:!TLSv1.3", "TLSv1, TLSv1.1, TLSv1.2"},
	{"TLSv1.2 , TLSv1.3", "TLSv1.2, TLSv1.3"},
	{">=SSLv2", NULL},
	{">TLSv1.2", NULL},
	{">=TLSv1.4", NULL},
	{">=1.2", NULL},
	{">=0x", NULL},
	{">=+303", "TLSv1.2, TLSv1.3"},
	{"<=SSLv3", ""},
	{"<=0305", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"},
	{">=0305:TLSv1", "TLSv1"},
	{"=TLSv1.2", NULL},
	{"TLSv1_2", NULL},
	{"TLS1.2", NULL},
	{"TLSv1.2;TLSv1.3", NULL},
	{"TLSv1.2|TLSv1.3", NULL},
	{"TLSv12", NULL},
	{"all", NULL},
	{"!", NULL},
	{"!>=TLSv1.2", NULL},
	{">=FFFFFFFF", NULL},
};

static void ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct protocols protocols;

		protocols_parse(text_of(cases[i].list), &protocols);
		if ((protocols.bad.at != NULL) != (cases[i].offered == NULL))
			fail_msg("\"%s\": %.*s", cases[i].list, TEXT_ARG(protocols.bad));
		if (!cases[i].offered)
			continue;
		g_autofree char *offered = protocols_format(protocols_offered(protocols.allowed));

		if (strcmp(offered, cases[i].offered))
			fail_msg("\"%s\": %s", cases[i].list, offered);
	}
}

static void bounds(void **state)
{
	struct protocols protocols;

	(void)state;
	protocols_parse(text_of("TLSv1.2:<=TLSv1.3"), &protocols);
	assert_true(text_is(protocols.bound, "<=TLSv1.3"));
	protocols_parse(text_of("TLSv1.2"), &protocols);
	assert_null(protocols.bound.at);
	protocols_parse(text_of("TLSv1.2:>=0305"), &protocols);
	assert_null(protocols.bad.at);
	assert_true(text_is(protocols.unknown, ">=0305"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
