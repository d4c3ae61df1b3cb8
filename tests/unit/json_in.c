/* JSON as `tlspol list --format json` prints it, and as a mapping. */
#include "files_test.h"

static const struct files_case cases[] = {
	{"array",
		"[{\"domain\":\"a\",\"policy\":\"secure\",\"params\":\"match=b\"},\n"
		" {\"domain\":\"c\",\"policy\":\"may\",\"params\":null}]\n",
		"a=secure|match=b\nc=may|~\n"},
	{"all of our own fields",
		"[{\"id\":7,\"domain\":\"a\",\"policy\":\"may\",\"params\":null,\"note\":\"n\","
		"\"origin\":\"o\",\"provider\":\"p\",\"active\":false,\"changed_by\":\"me\"}]",
		"a=may|~ note=n origin=o provider=p inactive\n"},
	{"mapping", "{\"policies\": {\"a\": \"secure match=b\", \"c\": {\"policy\": \"may\"}}}",
		"a=secure|match=b\nc=may|~\n"},
	{"array below policies", "{\"policies\": [{\"domain\":\"a\",\"policy\":\"may\"}]}",
		"a=may|~\n"},
	{"provider alone", "{\"policies\": {\"a\": {\"provider\": \"microsoft\"}}}",
		"a=?|~ provider=microsoft\n"},
	{"empty params are not NULL", "[{\"domain\":\"a\",\"policy\":\"may\",\"params\":\"\"}]",
		"a=may|\n"},
	{"escapes",
		"[{\"domain\":\"b\\u00fccher\",\"policy\":\"may\",\"note\":\"\\ud83d\\udc34\\n\"}]",
		"bücher=may|~ note=\xF0\x9F\x90\xB4\n\n"},
	{"none", "[]", ""},
	{"BOM, CRLF", "\xEF\xBB\xBF[\r\n]\r\n", ""},

	{"empty", "", "f: there are no policies in it\n"},
	{"blank", " \n", "f: there are no policies in it\n"},
	{"no policies", "{}", "f: there are no policies in it\n"},
	{"syntax", "[\n{\"domain\": }]", "f:2:*: not valid JSON: unexpected token near '}'\n"},
	{"scalar", "3", "f:1:*: not valid JSON: *\n"},
	{"twice a key", "{\"policies\": {\"a\": \"may\",\n\"a\": \"may\"}}",
		"f:2:*: not valid JSON: duplicate object key*\n"},
	{"duplicate rows",
		"[{\"domain\":\"a\",\"policy\":\"may\"},\n{\"domain\":\"A\",\"policy\":\"none\"}]",
		"f:2: A is already in line 1, with another policy: remove one of them\na=may|~\n"},
	{"unknown field",
		"[{\"domain\":\"a\",\"policy\":\"may\"},\n{\"domain\":\"b\",\"polcy\":\"may\"}]",
		"f:2: b: unknown field \"polcy\"\na=may|~\n"},
	{"lines of keys, not of values",
		"[{\"note\":\"b\",\"domain\":\"a\",\"policy\":\"b\"},\n{\"domain\" : \"b\"}]",
		"f:2: no policy for b: *\na=?b|~ note=b\n"},
	{"an escaped key has no line", "[\n{\"domain\":\"\\u0061\"}]", "f: no policy for a: *\n"},
	{"unknown name", "{\"policies\":[],\n\"polices\":[]}",
		"f:2: \"polices\" is not known here*\n"},
	{"wrong types", "[{\"domain\":\"a\",\"policy\":3},{\"domain\":5,\"policy\":\"may\"},7]",
		"f: element 2 of the list: domain is to be a string\n"
		"f: element 3 of the list: no object*\nf:1: a: policy is to be a string\n"},
	{"wrong type in a mapping", "{\"policies\":{\"a\":[]}}",
		"f:1: a: a policy is a string or an object\n"},
	{"active", "[{\"domain\":\"a\",\"policy\":\"may\",\"active\":\"no\"}]",
		"f:1: a: active is to be true or false\n"},
	{"no policy", "[{\"domain\":\"a\"}]", "f:1: no policy for a: *\n"},
	{"no domain", "[{\"policy\":\"may\"}]", "f: element 1 of the list: there is no domain*\n"},
	{"NUL", "[{\"domain\":\"a\",\"policy\":\"may\",\"note\":\"\\u0000\"}]",
		"f:1: a NUL in note of a\n"},
};

static void test_cases(void **state)
{
	(void)state;
	files_check_cases(cases, G_N_ELEMENTS(cases), POLICIES_JSON);
}

static void test_deep(void **state)
{
	g_autofree char *deep = g_strnfill(10000, '[');

	(void)state;
	files_failures = 0;
	files_check_bytes(
		"10 000 levels", deep, 10000, POLICIES_JSON, "f:1:*: not valid JSON: *\n");
	assert_int_equal(files_failures, 0);
}

/* 100 000 rows, each looked up in the text: quadratic work would take minutes. */
static void test_many(void **state)
{
	g_auto(policy_set_t) set;
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	GString *text = g_string_new("[");

	(void)state;
	policy_set_init(&set);
	for (int i = 0; i < 100000; i++)
		g_string_append_printf(text,
			"%s\n{\"domain\":\"%sk%d\",\"policy\":\"may\",\"note\":\"k%d\"}",
			i ? "," : "", i % 2 ? "\\u006b" : "", i, i);
	g_string_append(text, "]");
	policies_read_memory(text->str, text->len, "f", POLICIES_JSON, &set, problems);
	g_string_free(text, FALSE);
	assert_int_equal(problems->len, 0);
	assert_int_equal(policy_set_count(&set), 100000);
	assert_int_equal(policy_set_row(&set, 100)->where, 102);
}

/* The format of a file that does not say it by its name. */
static void test_guess(void **state)
{
	static const struct {
		const char *content, *want;
	} guesses[] = {
		{"policies:\n  a: may\n", "a=may|~\n"},
		{"# c\n---\npolicies:\n  a: may\n", "a=may|~\n"},
		{"- {domain: a, policy: may}\n", "a=may|~\n"},
		{"_default: &d may\npolicies:\n  a: *d\n", "a=may|~\n"},
		{"[\n {\"domain\":\"a\",\"policy\":\"may\"}]", "a=may|~\n"},
		{"{\"policies\":{\"a\":\"may\"}}", "a=may|~\n"},
		{"[]", ""},
		{"{\n \"policies\": {}}", ""},
		{"{a} may\n", "{a}=may|~\n"},
		{"{{ x }} may\n", "{{=?x|}} may\n"},
		{"domain,policy\na,may\n", "a=may|~\n"},
		{"policy\tdomain\nmay\ta\n", "a=may|~\n"},
		{"a may\n", "a=may|~\n"},
		{"# policies:\n\n[mx.a]:587 may\n", "[mx.a]:587=may|~\n"},
		{"[mx.a] may\n", "[mx.a]=may|~\n"},
		{"x-files.example may\n", "x-files.example=may|~\n"},
		{"_dmarc.example may\n", "_dmarc.example=may|~\n"},
		{"domain may\n", "domain=may|~\n"},
		{"domain\tmay\n", "f:1: unknown column \"may\"*\n"},
		{"domain.example\tmay\n", "domain.example=may|~\n"},
		{"", ""},
	};

	(void)state;
	files_failures = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(guesses); i++)
		files_check_bytes(guesses[i].content, guesses[i].content,
			strlen(guesses[i].content), POLICIES_AUTO, guesses[i].want);
	assert_int_equal(files_failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_guess),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
