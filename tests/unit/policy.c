#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/policy.h"
#include "core/postfix_version.h"

#define V37  POSTFIX_VERSION(3, 7, 11)
#define V311 POSTFIX_VERSION(3, 11, 6)

/*
 * Tokens as Postfix names them in its own warnings (facts 10.2, 10.3): "[token]" where it is
 * malformed, "name=value" otherwise.
 */
static const struct {
	const char *params;
	const char *old; /* 3.7 */
	const char *new; /* 3.11; NULL = the same */
} token_cases[] = {
	{"match=a", "match=a", NULL},
	{"MATCH=a Ciphers=high", "match=a ciphers=high", NULL},
	{" ,\t\r\nmatch=a ,, ciphers=high,\n", "match=a ciphers=high", NULL},
	{"match=a;ciphers=high", "match=a;ciphers=high", NULL},
	{"match=a\vciphers=high", "match=a\vciphers=high", NULL},
	{"match==a", "match==a", NULL},
	{"match", "[match]", NULL},
	{"match=", "match=", NULL},
	{"=sink", "[=sink]", NULL},
	{"match =x", "[match] [=x]", NULL},
	{"match = x", "[match] [=] [x]", NULL},
	{"# a comment", "[#] [a] [comment]", NULL},
	{"#match=x", "#match=x", NULL},
	{"match=\vx\f", "match=x", NULL},
	{"{match=x}", "{match=x}", "match=x"},
	{"{ match = x }", "[{] [match] [=] [x] [}]", "match=x"},
	{"{ match = x : foo }", "[{] [match] [=] [x] [:] [foo] [}]", "match=x : foo"},
	{"{ exclude = aNULL, MD5 } match=x", "[{] [exclude] [=] [aNULL] [MD5] [}] match=x",
		"exclude=aNULL, MD5 match=x"},
	{"{ match = x", "[{] [match] [=] [x]", "[{ match = x]"},
	{"{ match = x } }", "[{] [match] [=] [x] [}] [}]", "match=x [}]"},
	{"{ match = x }x", "[{] [match] [=] [x] [}x]", "[{ match = x }x]"},
	{"{ } match=x", "[{] [}] match=x", "[{ }] match=x"},
	{"{{match=x}}", "{{match=x}}", "{match=x}"},
	{"match={x}", "match={x}", NULL},
	{"match=a} match=b", "match=a} match=b", NULL},
	{"match=a{b match=c", "match=a{b match=c", "match=a{b match=c"},
	{"", "", NULL},
	{" , ", "", NULL},
};

static void append(GString *to, const struct attribute *a)
{
	if (to->len)
		g_string_append_c(to, ' ');
	if (a->id == ATTRIBUTE_MALFORMED) {
		g_string_append_printf(to, "[%.*s]", TEXT_ARG(a->token));
		return;
	}
	g_autofree char *name = g_ascii_strdown(a->name.at, a->name.len);

	g_string_append_printf(to, "%s=%.*s", name, TEXT_ARG(a->value));
}

static char *walk(struct text params, int version)
{
	GString *got = g_string_new(NULL);
	struct attribute_cursor cursor;
	struct attribute attribute;

	attributes_start(&cursor, params, version);
	while (attributes_next(&cursor, &attribute))
		append(got, &attribute);
	return g_string_free(got, FALSE);
}

static void tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(token_cases); i++) {
		g_autofree char *old = walk(text_of(token_cases[i].params), V37);
		g_autofree char *new = walk(text_of(token_cases[i].params), V311);

		assert_string_equal(old, token_cases[i].old);
		assert_string_equal(
			new, token_cases[i].new ? token_cases[i].new : token_cases[i].old);
	}
	g_autofree char *none = walk(TEXT_NONE, V311);
	g_autofree char *nul = walk(TEXT_LITERAL("match=a\0ciphers=high"), V311);

	assert_string_equal(none, "");
	assert_string_equal(nul, "match=a");
}

/* "match=a{b match=c" is one token from 3.10 on: the walk above cannot tell, so count. */
static void open_brace_swallows(void **state)
{
	struct attribute_cursor cursor;
	struct attribute attribute;

	(void)state;
	attributes_start(&cursor, text_of("match=a{b match=c"), V311);
	assert_true(attributes_next(&cursor, &attribute));
	assert_true(text_is(attribute.value, "a{b match=c"));
	assert_false(attributes_next(&cursor, &attribute));
}

static const struct {
	const char *params;
	enum attribute_fault fault;
} fault_cases[] = {
	{"match=a", FAULT_NONE},
	{"match", FAULT_NO_EQUALS},
	{"=a", FAULT_NO_NAME},
	{"{ }", FAULT_NO_NAME},
	{"{ match }", FAULT_NO_EQUALS},
	{"{ match = a", FAULT_BRACE_OPEN},
	{"{ match = a }b", FAULT_BRACE_TRAIL},
	{"}", FAULT_NO_EQUALS},
};

static void faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(fault_cases); i++) {
		struct attribute_cursor cursor;
		struct attribute attribute;

		attributes_start(&cursor, text_of(fault_cases[i].params), V311);
		assert_true(attributes_next(&cursor, &attribute));
		assert_int_equal(attribute.fault, fault_cases[i].fault);
		assert_int_equal(
			attribute.id == ATTRIBUTE_MALFORMED, fault_cases[i].fault != FAULT_NONE);
	}
}

static void lists(void **state)
{
	struct text rest = text_of("::a:b,c::d|e:"), element;

	(void)state;
	assert_true(list_next(&rest, LIST_NAMES, &element) && text_is(element, "a"));
	assert_true(list_next(&rest, LIST_NAMES, &element) && text_is(element, "b,c"));
	assert_true(list_next(&rest, LIST_FINGERPRINTS, &element) && text_is(element, "::d"));
	assert_true(list_next(&rest, LIST_NAMES, &element) && text_is(element, "|e"));
	assert_false(list_next(&rest, LIST_NAMES, &element));
	rest = TEXT_NONE;
	assert_false(list_next(&rest, LIST_WORDS, &element));
}

/* Facts 9; attributes older than 3.4 count as 3.4, the oldest we know. */
static void versions(void **state)
{
	(void)state;
	assert_int_equal(attribute_since(ATTRIBUTE_MATCH), 30400);
	assert_int_equal(attribute_since(ATTRIBUTE_SERVERNAME), 30400);
	assert_int_equal(attribute_since(ATTRIBUTE_ENABLE_RPK), 30900);
	assert_int_equal(attribute_since(ATTRIBUTE_POLICY_TTL), 31000);
	assert_string_equal(attribute_name(ATTRIBUTE_MX_HOST_PATTERN), "mx_host_pattern");
}

static const struct {
	const char *said, *meant;
} meant_cases[] = {
	{"cipher", "ciphers"},
	{"protocol", "protocols"},
	{"exclude_ciphers", "exclude"},
	{"mach", "match"},
	{"Macth", "match"},
	{"sni", "servername"},
	{"server_name", "servername"},
	{"cafile", "tafile"},
	{"tls_connection_reuse", "connection_reuse"},
	{"zzzz", NULL},
	{"{match", "match"},
};

static void did_you_mean(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(meant_cases); i++) {
		const char *meant = attribute_did_you_mean(text_of(meant_cases[i].said));

		if (g_strcmp0(meant, meant_cases[i].meant) != 0)
			fail_msg("%s: %s", meant_cases[i].said, meant);
	}
}

static const struct {
	const char *value, *level_text, *params; /* params NULL = absent */
	enum level level;
} split_cases[] = {
	{"secure match=a:b", "secure", "match=a:b", LEVEL_SECURE},
	{"secure,match=a", "secure", "match=a", LEVEL_SECURE},
	{" \tMAY\n", "MAY", NULL, LEVEL_MAY},
	{"encrypt,", "encrypt", NULL, LEVEL_ENCRYPT},
	{"verify , match=a , ", "verify", "match=a", LEVEL_VERIFY},
	{"must", "must", NULL, LEVEL_UNKNOWN},
	{"encrypt;x y", "encrypt;x", "y", LEVEL_UNKNOWN},
};

static void splits(void **state)
{
	struct policy policy;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(split_cases); i++) {
		assert_true(policy_split(text_of(split_cases[i].value), &policy));
		assert_int_equal(policy.level, split_cases[i].level);
		assert_true(text_is(policy.level_text, split_cases[i].level_text));
		assert_true(text_equal(policy.params, text_of(split_cases[i].params)));
	}
	assert_false(policy_split(text_of(""), &policy));
	assert_false(policy_split(text_of(" ,, "), &policy));
	assert_true(policy_split(TEXT_LITERAL("encrypt\0match=a"), &policy));
	assert_int_equal(policy.level, LEVEL_ENCRYPT);
}

static const struct {
	const char *params, *canonical;
} canonical_cases[] = {
	{"match=a:b", "match=a:b"},
	{"MATCH=A.b,Ciphers=HIGH", "match=A.b ciphers=HIGH"},
	{"  match=a \n", "match=a"},
	{"{ match = a }", "match=a"},
	{"{policy_string=mode: enforce}", "{ policy_string = mode: enforce }"},
	{"{ policy_string = a{b }", "{ policy_string = a{b }"},
	{"match={x}", "match={x}"},
	{"junk =x match=a", "junk =x match=a"},
	{"", ""},
	{" , ", ""},
};

static void canonical(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(canonical_cases); i++) {
		g_autoptr(GString) once = g_string_new(NULL);
		g_autoptr(GString) twice = g_string_new(NULL);

		policy_canonical_params(once, text_of(canonical_cases[i].params), V311);
		assert_string_equal(once->str, canonical_cases[i].canonical);
		policy_canonical_params(twice, text_of(once->str), V311);
		assert_string_equal(twice->str, once->str);
	}
	g_autoptr(GString) none = g_string_new(NULL);

	policy_canonical_params(none, TEXT_NONE, V37);
	assert_int_equal(none->len, 0);
}

static struct policy policy_of(const char *value)
{
	struct policy policy = {.key = TEXT_LITERAL("example.org")};

	assert_true(policy_split(text_of(value), &policy));
	return policy;
}

static void values(void **state)
{
	static const char *const cases[][2] = {
		{"SECURE  MATCH=a", "secure MATCH=a"},
		{"may ", "may"},
		{"must,match=a", "must match=a"},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct policy policy = policy_of(cases[i][0]);
		g_autoptr(GString) value = g_string_new(NULL);

		policy_append_value(value, &policy);
		assert_string_equal(value->str, cases[i][1]);
	}
	struct policy empty = {.level = LEVEL_DANE, .params = TEXT_LITERAL("")};
	g_autoptr(GString) value = g_string_new(NULL);

	policy_append_value(value, &empty);
	assert_string_equal(value->str, "dane");
}

static const struct {
	const char *a, *b;
	gboolean equal;
} equal_cases[] = {
	{"secure match=a", "SECURE,Match=a", TRUE},
	{"secure match=a", "secure match=A", FALSE},
	{"secure match=a", "secure { match = a }", TRUE},
	{"secure match=a", "verify match=a", FALSE},
	{"secure match=a ciphers=high", "secure ciphers=high match=a", FALSE},
	{"may", "may , ", TRUE},
	{"must", "must", TRUE},
	{"must", "should", FALSE},
};

static void equality(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(equal_cases); i++) {
		struct policy a = policy_of(equal_cases[i].a), b = policy_of(equal_cases[i].b);

		assert_int_equal(policy_equal(&a, &b), equal_cases[i].equal);
	}
	struct policy null = {.key = TEXT_LITERAL("k"), .level = LEVEL_MAY, .params = TEXT_NONE};
	struct policy empty = null, other = null;

	empty.params = TEXT_LITERAL("");
	other.key = TEXT_LITERAL("l");
	assert_true(policy_equal(&null, &empty));
	assert_false(policy_equal(&null, &other));
}

/* Facts 4.1, 2.4: hostname believes MX records; a lower floor or grade lets more through. */
static const struct {
	const char *before, *after;
	gboolean weaker;
} weaker_cases[] = {
	{"secure match=a", "secure match=b", FALSE},
	{"secure match=a", "secure match=a:hostname", TRUE},
	{"secure match=hostname", "secure match=hostname:a", FALSE},
	{"secure", "verify", TRUE},
	{"secure", "verify match=nexthop", FALSE},
	{"secure", "verify match=Hostname", TRUE},
	{"verify match=nexthop", "verify", TRUE},
	{"verify", "verify match=nexthop", FALSE},
	{"verify", "secure", FALSE},
	{"dane-only", "secure match=hostname", TRUE},
	{"dane-only", "secure", FALSE},
	{"encrypt", "secure match=hostname", FALSE},
	{"dane", "verify", FALSE},
	{"encrypt protocols=>=TLSv1.2", "encrypt", TRUE},
	{"encrypt", "encrypt protocols=>=TLSv1.2", FALSE},
	{"encrypt protocols=TLSv1.3", "encrypt protocols=TLSv1.2", TRUE},
	{"encrypt protocols=TLSv1.2:TLSv1.3", "encrypt protocols=!TLSv1:!TLSv1.1", FALSE},
	{"encrypt ciphers=high", "encrypt", TRUE},
	{"encrypt ciphers=high", "encrypt ciphers=HIGH", FALSE},
	{"encrypt", "encrypt ciphers=null", TRUE},
	{"encrypt", "may", TRUE},
	{"may", "none", TRUE},
	{"none", "may ciphers=null", FALSE},
};

static void weakens(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(weaker_cases); i++) {
		struct policy before = policy_of(weaker_cases[i].before);
		struct policy after = policy_of(weaker_cases[i].after);

		if ((policy_weaker(&before, &after) != NULL) != weaker_cases[i].weaker)
			fail_msg("%s -> %s", weaker_cases[i].before, weaker_cases[i].after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens),
		cmocka_unit_test(open_brace_swallows),
		cmocka_unit_test(faults),
		cmocka_unit_test(lists),
		cmocka_unit_test(versions),
		cmocka_unit_test(did_you_mean),
		cmocka_unit_test(splits),
		cmocka_unit_test(canonical),
		cmocka_unit_test(values),
		cmocka_unit_test(equality),
		cmocka_unit_test(weakens),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
