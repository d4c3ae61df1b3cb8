/* The EFF's STARTTLS policy list: its RULES.md and schema say what is what. */
#include "files_test.h"

#define HEAD	"{\"timestamp\": 1, \"expires\": 1893456000, \"version\": \"0.1\", "
#define ALIASES "\"policy-aliases\": {}, "
/* 1893456000 = 2030-01-01T00:00:00Z */
#define EXPIRED                                                                                    \
	"f: this list has expired, 2030-01-01T00:00:00Z: mail servers may have other names by "    \
	"now; get a newer one, or take it all the same with --accept-expired\n"
#define DOTS(n)                                                                                    \
	"warning: f: names that begin with a dot (" n "): one label in front in this list, any "   \
	"number of them to Postfix\n"
#define ENFORCE(domain, mxs) "\"" domain "\": {\"mode\": \"enforce\", \"mxs\": [" mxs "]}"
#define LIST(policies)	     HEAD ALIASES "\"policies\": {" policies "}}"

static const struct files_case cases[] = {
	{"names", LIST(ENFORCE("a.example", "\"mx1.b.example\", \"mx2.b.example\"")),
		EXPIRED "a.example=secure|match=mx1.b.example:mx2.b.example servername=hostname\n"},
	{"names in capitals", LIST(ENFORCE("A.example", "\"MX.Example\"")),
		EXPIRED "A.example=secure|match=mx.example servername=hostname\n"},
	{"suffixes", LIST(ENFORCE("a.example", "\".b.example\", \".c.example\"")),
		EXPIRED DOTS("1 domain") "a.example=secure|match=.b.example:.c.example "
					 "servername=hostname\n"},
	{"testing is never enforced",
		LIST("\"a.example\": {\"mode\": \"testing\", \"mxs\": [\"mx.example\"]},"
		     "\"b.example\": {\"mxs\": [\"mx.example\"]}"),
		EXPIRED "warning: f: 2 domains are only tested (mode testing) and left out\n"},
	{"aliases",
		HEAD
		"\"policies\": {\"a.example\": {\"policy-alias\": \"x\", \"mode\": \"no\"},\n"
		"\"b.example\": {\"policy-alias\": \"y\"}},"
		"\"policy-aliases\": {\"x\": {\"mode\": \"enforce\", \"mxs\": "
		"[\"mx.example\"]}, \"y\": {\"mode\": \"testing\", \"mxs\": [\"mx.example\"]}}}",
		EXPIRED "warning: f: 1 domain is only tested (mode testing) and left out\n"
			"a.example=secure|match=mx.example servername=hostname\n"},
	{"an alias that is none", LIST("\n\"a.example\": {\"policy-alias\": \"x\"}"),
		EXPIRED "f:2: a.example: its \"policy-alias\" is none of the list's\n"},
	{"an alias of a wrong type", LIST("\n\"a.example\": {\"policy-alias\": 5}"),
		EXPIRED "f:2: a.example: its \"policy-alias\" is none of the list's\n"},
	{"a policy that is none", LIST("\n\"a.example\": \"enforce\""),
		EXPIRED "f:2: a.example: a policy is an object\n"},
	{"a mode that is none", LIST("\n\"a.example\": {\"mode\": \"report\", \"mxs\": []}"),
		EXPIRED "f:2: a.example: \"mode\" is to be testing or enforce\n"},
	{"no names", LIST("\n" ENFORCE("a.example", "")),
		EXPIRED "f:2: a.example: \"mxs\" is to be a list of host names\n"},
	{"names that are none",
		LIST("\n" ENFORCE("a.example", "\"mx.example:*\"") ",\n" ENFORCE("b.example",
			"\"\"") ",\n" ENFORCE("c.example", "7") ",\n" ENFORCE("d.example",
			"\"mx.example.\"") ",\n" ENFORCE("e.example",
			"\"..example.net\"") ",\n" ENFORCE("f.example", "\"localhost\"")),
		EXPIRED "f:2: a.example: \"mx.example:*\" in mxs is no host name\n"
			"f:3: b.example: \"\" in mxs is no host name\n"
			"f:4: c.example: \"\" in mxs is no host name\n"
			"f:5: d.example: \"mx.example.\" in mxs is no host name\n"
			"f:6: e.example: \"..example.net\" in mxs is no host name\n"
			"f:7: f.example: \"localhost\" in mxs is no host name\n"},
	{"one domain twice, folded",
		LIST(ENFORCE("a.example", "\"x.example\"") ",\n" ENFORCE(
			"A.EXAMPLE", "\"y.example\"")),
		EXPIRED "f:2: A.EXAMPLE is already in line 1, with another policy: remove one of "
			"them\na.example=secure|match=x.example servername=hostname\n"},
	{"expires with a zone",
		"{\"expires\": \"2030-01-01T01:00:00.213845+01:00\", \"version\": \"0.1\", " ALIASES
		"\"policies\": {}}",
		EXPIRED},
	{"expires is missing", "{\"version\": \"0.1\", " ALIASES "\"policies\": {}}",
		"f: \"expires\" is to be a moment, *\n"},
	{"expires is no moment",
		"{\"expires\": \"soon\", \"version\": \"0.1\", " ALIASES "\"policies\": {}}",
		"f: \"expires\" is to be a moment, *\n"},
	{"another version",
		"{\"expires\": 1893456000, \"version\": \"2\", " ALIASES "\"policies\": {}}",
		"f: \"version\" is to be \"0.1\": no other is known\n" EXPIRED},
	{"another file", "{\"policies\": {}}", "f: this is no STARTTLS policy list: *\n"},
	{"an array", "[]", "f: this is no STARTTLS policy list: *\n"},
	{"syntax", "{", "f:1:*: not valid JSON: *\n"},
	{"empty", "", "f:1: not valid JSON: *\n"},
};

static void test_cases(G_GNUC_UNUSED void **state)
{
	files_check_cases(cases, G_N_ELEMENTS(cases), POLICIES_EFF);
}

static void test_is_told_from_json(G_GNUC_UNUSED void **state)
{
	files_check_cases(cases, 1, POLICIES_AUTO);
}

/* What expires is a problem from that moment on. */
static void test_settling(G_GNUC_UNUSED void **state)
{
	static const struct {
		gint64 now;
		gboolean accept;
		guint left;
		gboolean warning;
	} table[] = {{99, FALSE, 1, FALSE}, {100, FALSE, 2, FALSE}, {100, TRUE, 2, TRUE},
		{99, TRUE, 1, FALSE}};

	for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GPtrArray) problems =
			g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
		const struct file_problem *first;

		file_problem_add(problems, FALSE, "f", 0, 0, "expired");
		file_problem_from(problems, 100);
		file_problem_add(problems, FALSE, "f", 1, 0, "another");
		file_problems_settle(problems, table[i].now, table[i].accept);
		assert_int_equal(problems->len, table[i].left);
		first = g_ptr_array_index(problems, 0);
		assert_int_equal(first->warning, table[i].warning);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_is_told_from_json),
		cmocka_unit_test(test_settling),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("eff_in", tests, NULL, NULL);
}
