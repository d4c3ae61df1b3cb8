#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/protocols.h"

/*
 * What a TLS 1.0 to 1.3 server was reached with (facts 10.2, Postfix 3.7.11), as the range
 * offered at security level 0 and 1. "" = no protocols available, NULL = invalid list.
 */
static const struct {
	const char *list, *level0, *level1;
} cases[] = {
	{"", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{":", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{"TLSv1.2", "TLSv1.2", "TLSv1.2"},
	{"tlsV1.3", "TLSv1.3", "TLSv1.3"},
	{"TLSv1", "TLSv1", ""},
	{"TLSv1.1", "TLSv1.1", ""},
	{"SSLv3", "", ""},
	{"SSLv2", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{"SSLv2:TLSv1.2", "TLSv1.2", "TLSv1.2"},
	{"!SSLv2:!SSLv3", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{"TLSv1.2:TLSv1.3", "TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{"TLSv1.2:!TLSv1.3", "TLSv1.2", "TLSv1.2"},
	{"!TLSv1:!TLSv1.1", "TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{"!TLSv1.2:!TLSv1.3", "TLSv1, TLSv1.1", ""},
	{"!TLSv1.3", "TLSv1, TLSv1.1, TLSv1.2", "TLSv1.2"},
	/* Holes: the lowest range is what is left. */
	{"!TLSv1.1", "TLSv1", "TLSv1.2, TLSv1.3"},
	{"!TLSv1.2", "TLSv1, TLSv1.1", "TLSv1.3"},
	{"TLSv1:TLSv1.3", "TLSv1", "TLSv1.3"},
	{"TLSv1.1:TLSv1.3", "TLSv1.1", "TLSv1.3"},
	{">=TLSv1.2", "TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{"<=TLSv1.2", "TLSv1, TLSv1.1, TLSv1.2", "TLSv1.2"},
	{">=TLSv1.2:<=TLSv1.2", "TLSv1.2", "TLSv1.2"},
	{">=TLSv1.3:<=TLSv1.2", "", ""},
	{">=TLSv1.3:>=TLSv1", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{">=0303", "TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{">=0x0303", "TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{">=303", "TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{">=None", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{">=", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{">=SSLv3", "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{":TLSv1.2:", "TLSv1.2", "TLSv1.2"},
	{"!ssLv2:!TLSv1.3", "TLSv1, TLSv1.1, TLSv1.2", "TLSv1.2"},
	{"TLSv1.2 , TLSv1.3", "TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.3"},
	{">=SSLv2", NULL, NULL},
	{">TLSv1.2", NULL, NULL},
	{">=TLSv1.4", NULL, NULL},
	{">=1.2", NULL, NULL},
	{">=0x", NULL, NULL},
	{"=TLSv1.2", NULL, NULL},
	{"TLSv1_2", NULL, NULL},
	{"TLS1.2", NULL, NULL},
	{"TLSv1.2;TLSv1.3", NULL, NULL},
	{"TLSv1.2|TLSv1.3", NULL, NULL},
	{"TLSv12", NULL, NULL},
	{"all", NULL, NULL},
	{"!", NULL, NULL},
	{"!>=TLSv1.2", NULL, NULL},
	{">=FFFFFFFF", NULL, NULL},
};

static void ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct protocols protocols;

		protocols_parse(text_of(cases[i].list), &protocols);
		if ((protocols.bad.at != NULL) != (cases[i].level0 == NULL))
			fail_msg("\"%s\": %.*s", cases[i].list, TEXT_ARG(protocols.bad));
		if (!cases[i].level0)
			continue;
		g_autofree char *level0 = protocols_format(protocols_offered(protocols.allowed, 0));
		g_autofree char *level1 = protocols_format(protocols_offered(protocols.allowed, 1));

		if (strcmp(level0, cases[i].level0) || strcmp(level1, cases[i].level1))
			fail_msg("\"%s\": %s / %s", cases[i].list, level0, level1);
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
