/* The policies file: what it may say, and what is said about a file that says something else. */
#include "files_test.h"

#define HEAD "policies:\n"

/* Rows as "KEY=LEVEL|PARAMS" (params ~ for NULL), one a line, and what else they have. */
static const struct files_case good[] = {
	{"plain words", HEAD "  github.com: secure match=mx.google.com\n",
		"github.com=secure|match=mx.google.com\n"},
	{"level alone", HEAD "  torproject.org: dane-only\n", "torproject.org=dane-only|~\n"},
	{"quoted key", HEAD "  \"[relay.example.net]:587\": encrypt\n",
		"[relay.example.net]:587=encrypt|~\n"},
	{"case of a level", HEAD "  a.example: SECURE\n", "a.example=secure|~\n"},
	{"unknown level stays", HEAD "  a.example: hungry x=y\n", "a.example=?hungry|x=y\n"},
	{"comma separates", HEAD "  a.example: secure,match=b.example\n",
		"a.example=secure|match=b.example\n"},
	{"folded scalar", HEAD "  a.example: >\n    secure\n    match=b.example\n",
		"a.example=secure|match=b.example\n"},
	{"provider", HEAD "  mgb.ch: {provider: microsoft}\n", "mgb.ch=?|~ provider=microsoft\n"},
	{"fingerprints join with |",
		HEAD "  a.example:\n    policy: fingerprint\n    match: [\"AB:CD\", \"12:34\"]\n"
		     "    note: \"partner, ticket 4711\"\n",
		"a.example=fingerprint|match=AB:CD|12:34 note=partner, ticket 4711\n"},
	{"names join with :",
		HEAD "  a.example: {policy: secure, match: [b.example, .c.example]}\n",
		"a.example=secure|match=b.example:.c.example\n"},
	{"order as written",
		HEAD "  a.example: {protocols: [\"!SSLv3\", TLSv1.2], policy: encrypt, "
		     "ciphers: high, connection_reuse: yes}\n",
		"a.example=encrypt|protocols=!SSLv3:TLSv1.2 ciphers=high connection_reuse=yes\n"},
	{"repeated attributes",
		HEAD "  a.example:\n    policy: secure\n    tafile: [/a.pem, /b.pem]\n"
		     "    policy_type: sts\n    policy_string: [\"version: STSv1\", x]\n",
		"a.example=secure|tafile=/a.pem tafile=/b.pem policy_type=sts "
		"{ policy_string = version: STSv1 } policy_string=x\n"},
	{"params and attributes", HEAD "  a: {policy: secure, params: match=b, servername: c}\n",
		"a=secure|match=b servername=c\n"},
	{"empty value", HEAD "  a: {policy: may, protocols: \"\"}\n", "a=may|protocols=\n"},
	{"null params", HEAD "  a: {policy: may, params: ~}\n", "a=may|~\n"},
	{"inactive", HEAD "  a: {policy: may, active: false}\n", "a=may|~ inactive\n"},
	{"level is policy", HEAD "  a: {level: may}\n", "a=may|~\n"},
	{"list form",
		HEAD "- {domain: a, policy: secure, params: match=b}\n- domain: c\n"
		     "  policy: none\n",
		"a=secure|match=b\nc=none|~\n"},
	{"as tlspol list prints it",
		"- id: 7\n  domain: a\n  policy: may\n  params: null\n  note: null\n"
		"  active: true\n  changed_by: me\n",
		"a=may|~\n"},
	{"list at the top", "- {domain: a, policy: may, origin: o}\n", "a=may|~ origin=o\n"},
	{"anchor and alias", "_g: &g secure match=.google.com\n" HEAD "  a: *g\n  b: *g\n",
		"a=secure|match=.google.com\nb=secure|match=.google.com\n"},
	{"alias of a mapping", HEAD "  a: &x {policy: secure, match: m}\n  b: *x\n",
		"a=secure|match=m\nb=secure|match=m\n"},
	{"merge",
		"x-d: &d {policy: secure, match: m, note: n}\n" HEAD
		"  a: {<<: *d, match: own}\n  b: {match: own, <<: *d}\n",
		"a=secure|match=own note=n\nb=secure|match=own note=n\n"},
	{"merge of a list",
		"_a: &a {policy: may}\n_b: &b {policy: none, note: n}\n" HEAD
		"  k: {<<: [*a, *b]}\n",
		"k=may|~ note=n\n"},
	{"policies from elsewhere", "_p: &p {a: may, b: none}\n" HEAD "  <<: *p\n  b: encrypt\n",
		"a=may|~\nb=encrypt|~\n"},
	{"document marks", "%YAML 1.1\n---\n" HEAD "  a: may\n...\n", "a=may|~\n"},
	{"CRLF", "policies:\r\n  a: may\r\n  b: secure match=c\r\n", "a=may|~\nb=secure|match=c\n"},
	{"BOM", "\xEF\xBB\xBFpolicies:\n  a: may\n", "a=may|~\n"},
	{"no newline at the end", HEAD "  a: may", "a=may|~\n"},
	{"comments", "# c\n" HEAD "  # c\n  a: may # c\n", "a=may|~\n"},
	{"key verbatim", HEAD "  EXAMPLE.com: may\n  bücher.example: may\n",
		"EXAMPLE.com=may|~\nbücher.example=may|~\n"},
	{"escapes", HEAD "  \"a\\x2eb\": \"may\\tciphers=high\"\n", "a.b=may|ciphers=high\n"},
	{"explicitly none", "policies: {}\n", ""},
	{"!!str", HEAD "  !!str a: !!str may\n", "a=may|~\n"},
	{"SQL is data", HEAD "  \"'; DROP TABLE x; --\": may\n", "'; DROP TABLE x; --=may|~\n"},
};

/* All problems, in order; the rows that had none are there. */
static const struct files_case bad[] = {
	{"empty", "", "f: there are no policies in it\n"},
	{"comment only", "# nothing\n", "f: there are no policies in it\n"},
	{"null", HEAD, "f:1:10: there are no policies in it\n"},
	{"no policies key", "_x: 1\n", "f: there are no policies in it: *\n"},
	{"scalar", "hello\n", "f:1:1: a policy file begins with \"policies:\"\n"},
	{"unknown top", "polices:\n  a: may\n", "f:1:1: \"polices\" is not known here*\n"},
	{"twice policies", HEAD "  a: may\npolicies:\n  b: may\n",
		"f:3:1: policies is already in line 1\na=may|~\n"},
	{"list for a policy", HEAD "  a: [may]\n  b: may\n",
		"f:2:6: a: a policy is a text or a mapping, not a list\nb=may|~\n"},
	{"no policy", HEAD "  a:\n  b: may\n", "f:2:3: no policy for a: *\nb=may|~\n"},
	{"unknown field", HEAD "  a: {policy: may, matchh: x}\n  b: {polcy: may}\n  c: may\n",
		"f:2:20: unknown field \"matchh\": did you mean match?\n"
		"f:3:7: unknown field \"polcy\"*\nc=may|~\n"},
	{"duplicate keys", HEAD "  a: may\n  b: may\n  a: none\n",
		"f:4:3: a is already in line 2, with another policy: remove one of them\n"
		"a=may|~\nb=may|~\n"},
	{"the same twice", HEAD "  a: may\n  A: may\n",
		"f:3:3: A is already in line 2, with the same policy\na=may|~\n"},
	{"duplicate fields", HEAD "  a:\n    policy: may\n    note: x\n    policy: none\n",
		"f:5:5: policy is already in line 3\n"},
	{"level and policy", HEAD "  a: {policy: may, level: none}\n",
		"f:2:20: policy is already in line 2\n"},
	{"list for one value", HEAD "  a: {policy: may, ciphers: [high]}\n",
		"f:2:29: ciphers takes one value, not a list\n"},
	{"mapping for one value", HEAD "  a: {policy: {x: y}}\n",
		"f:2:15: policy: one value is expected here\n"},
	{"empty list", HEAD "  a: {policy: secure, match: []}\n",
		"f:2:30: match: the list is empty\n"},
	{"no value", HEAD "  a: {policy: secure, match: }\n",
		"f:2:*: match has no value: write \"\" for an empty one\n"},
	{"blank in a value", HEAD "  a: {policy: secure, match: b c}\n",
		"f:2:30: match: \"b c\" has a blank or comma in it: write a list, [a, b]\n"},
	{"active", HEAD "  a: {policy: may, active: perhaps}\n",
		"f:2:20: active is yes or no, not \"perhaps\"\n"},
	{"domain in a mapping", HEAD "  a: {policy: may, domain: a}\n",
		"f:2:3: a: the field domain repeats the key: remove it\n"},
	{"no domain", HEAD "- {policy: may}\n", "f:2:3: a policy without a domain*\n"},
	{"list of scalars", HEAD "- a\n- {domain: b, policy: may}\n",
		"f:2:3: a list of policies is made of mappings*\nb=may|~\n"},
	{"key is a list", HEAD "  ? [mx]\n  : may\n  b: may\n",
		"f:2:5: a key is one word: quote it*\nb=may|~\n"},
	{"unquoted bracket", HEAD "  [mx.example]:587: may\n",
		"f:2:3: a key is one word: quote it, *587\"\nf:2:15: not valid YAML*\n"},
	{"tag", HEAD "  a: !!binary bWF5\n",
		"f:2:6: the tag <tag:yaml.org,2002:binary> is not understood*\na=?bWF5|~\n"},
	{"unknown alias", HEAD "  a: *x\n", "f:2:6: there is no anchor &x before this alias\n"},
	{"endless alias", HEAD "  a: &x {policy: *x}\n",
		"f:2:18: the alias *x stands inside what it stands for\n"},
	{"endless merge", HEAD "  a: &x {<<: *x}\n", "f:2:14: the alias *x stands inside*\n"},
	{"two documents", HEAD "  a: may\n---\npolicies: {}\n",
		"f:3: a second document begins here: a file holds one\na=may|~\n"},
	{"syntax", HEAD "  a: may\n  b: \"x\n",
		"f:4:1: not valid YAML: while scanning a quoted "
		"scalar, found unexpected end of stream\n"
		"a=may|~\n"},
	{"tab", HEAD "\ta: may\n", "f:2:1: not valid YAML: a tab cannot indent, use blanks\n"},
	{"control character", HEAD "  a: may\x01\n",
		"f:2:9: not valid YAML: control characters are not allowed\n"},
	{"Latin-1", HEAD "  a: may\n  b\xFC: may\n", "f:3:4: the byte 0xFC is not UTF-8*\n"},
	{"merge of a word", HEAD "  a: {<<: x, policy: may}\n",
		"f:2:11: << takes a mapping, or a list of mappings\n"},
	{"NUL in a note", HEAD "  a: {policy: may, note: \"x\\0y\"}\n",
		"f:2:3: a NUL in note of a\n"},
	{"a message is one line", HEAD "  \"a\\nb\": [x]\n",
		"f:2:11: a\\x0Ab: a policy is a text or a mapping, not a list\n"},
	{"many at once", HEAD "  a: [x]\n  b: {z: 1}\n  c: {policy: may, note: [n]}\n  d: may\n",
		"f:2:6: *\nf:3:7: *\nf:4:26: *\nd=may|~\n"},
};

static void test_good(void **state)
{
	(void)state;
	files_check_cases(good, G_N_ELEMENTS(good), POLICIES_YAML);
}

static void test_bad(void **state)
{
	(void)state;
	files_check_cases(bad, G_N_ELEMENTS(bad), POLICIES_YAML);
}

/* Bytes that C strings cannot hold, and files made to hurt. */
static void test_hostile(void **state)
{
	static const char nul[] = HEAD "  a: m\0y\n";
	static const char utf16[] = "p\0o\0l\0i\0";
	static const char utf16_bom[] = "\xFF\xFEp\0";
	static const char binary[] = "\x7F"
				     "ELF\2\1\1\0\0\0\0\xFF";
	g_autoptr(GString) text = g_string_new(NULL);

	(void)state;
	files_failures = 0;
	files_check_bytes("NUL", nul, sizeof nul - 1, POLICIES_YAML, "f:2:7: a NUL byte*\n");
	files_check_bytes("UTF-16", utf16, sizeof utf16 - 1, POLICIES_YAML, "f: this is UTF-16*\n");
	files_check_bytes("UTF-16 with a mark", utf16_bom, sizeof utf16_bom - 1, POLICIES_YAML,
		"f: this is UTF-16*\n");
	files_check_bytes("binary", binary, sizeof binary - 1, POLICIES_YAML,
		"f: this is binary data, not text\n");

	g_string_assign(text, "policies: ");
	for (int i = 0; i < 10000; i++)
		g_string_append_c(text, '[');
	files_check_bytes("10 000 lists", text->str, text->len, POLICIES_YAML,
		"f:1:*\nf:1:*: nested deeper than 64 levels*\n");
	g_string_assign(text, "policies: ");
	for (int i = 0; i < 10000; i++)
		g_string_append(text, "{a: ");
	files_check_bytes("10 000 mappings", text->str, text->len, POLICIES_YAML,
		"f:1:*\nf:1:*: nested deeper than 64 levels*\n");
	g_string_assign(text, "policies:\n");
	for (int i = 0; i < 10000; i++)
		g_string_append_printf(text, "%*sa:\n", i + 1, "");
	files_check_bytes("10 000 blocks", text->str, text->len, POLICIES_YAML,
		"f:3:3: unknown field*\nf:65:65: nested deeper than 64 levels*\n");
	g_string_assign(text, "_0: &a0 {policy: may}\n");
	for (int i = 1; i < 60; i++)
		g_string_append_printf(text, "_%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
	g_string_append(text, "policies:\n  a: *a59\n");
	files_check_bytes("laughs", text->str, text->len, POLICIES_YAML,
		"f:*: aliases of aliases grow beyond all measure*\n");
	assert_int_equal(files_failures, 0);
}

/* 1000 problems are listed, the others counted. */
static void test_many(void **state)
{
	g_auto(policy_set_t) set;
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	g_autoptr(GString) text = g_string_new(HEAD);
	struct file_problem *last;

	(void)state;
	policy_set_init(&set);
	for (int i = 0; i < 1500; i++)
		g_string_append_printf(text, "  k%d: [x]\n", i);
	policies_read_memory(
		g_strndup(text->str, text->len), text->len, "f", POLICIES_YAML, &set, problems);
	assert_int_equal(problems->len, 1001);
	last = g_ptr_array_index(problems, 1000);
	assert_string_equal(last->text, "… and 500 more");
	assert_false(last->warning);
}

/* An alias in each of many rows is no bomb. */
static void test_many_aliases(void **state)
{
	g_auto(policy_set_t) set;
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	g_autoptr(GString) text = g_string_new("_d: &d {policy: secure, match: m, note: n}\n" HEAD);

	(void)state;
	policy_set_init(&set);
	for (int i = 0; i < 50000; i++)
		g_string_append_printf(text, "  k%d: *d\n", i);
	policies_read_memory(
		g_strndup(text->str, text->len), text->len, "f", POLICIES_YAML, &set, problems);
	assert_int_equal(problems->len, 0);
	assert_int_equal(policy_set_count(&set), 50000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_aliases),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
