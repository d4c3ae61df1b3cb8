#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "core/sts.h"

#define D10 "0123456789"

/* RFC 8461 3.1, by its grammar. `id` NULL: refused. */
static const struct {
	const char *record, *id;
} records[] = {
	{"v=STSv1; id=20160831085700Z;", "20160831085700Z"}, /* the example */
	{"v=STSv1;id=1", "1"},
	{"v=STSv1; id=a", "a"},
	{"v=STSv1 \t;\t id=a \t;\t ", "a"},
	{"v=STSv1; x=y; id=a", "a"},
	{"v=STSv1; id=a; x=y; 0.z-_=!~:<>/", "a"},
	{"v=STSv1; id=" D10 D10 D10 "12", D10 D10 D10 "12"},
	{"v=STSv1; id=a; id=b", "a"}, /* the first counts */
	{"v=STSv1; id=a; id=b-c", "a"},
	{"v=STSv1; a" D10 D10 D10 "1=x; id=a", "a"},
	{"", NULL},
	{" ", NULL},
	{"v=STSv1", NULL},
	{"v=STSv1;", NULL},
	{"v=STSv1; ", NULL},
	{"v=STSv1; x=y", NULL},
	{"v=STSv1; id=", NULL},
	{"v=STSv1; id", NULL},
	{"v=STSv1; =a", NULL},
	{"v=STSv1 id=a", NULL},
	{"v=STSv1; id=a b", NULL},
	{"v=STSv1; id=a ", NULL}, /* a blank only before a semicolon */
	{"v=STSv1; id=a;;", NULL},
	{"v=STSv1;; id=a", NULL},
	{"v=STSv1; id=a-b", NULL},
	{"v=STSv1; id=a_b", NULL},
	{"v=STSv1; id=a-b; id=c", NULL}, /* the first counts, and it is none */
	{"v=STSv1; id=###", NULL},
	{"v=STSv1; id=" D10 D10 D10 "123", NULL},
	{"v=STSv1; id=a; x=", NULL},
	{"v=STSv1; id=a; x=y=z", NULL},
	{"v=STSv1; id=a; -x=y", NULL},
	{"v=STSv1; id=a; a" D10 D10 D10 "12=x", NULL},
	{"v=STSv1; id=a; x=caf\xc3\xa9", NULL},
	{"v=STSv1; id=a; x=\x7f", NULL},
	{"v=STSv1; id =a", NULL},
	{"v=STSv1; id= a", NULL},
	{"v=STSv1; ID=a", NULL},
	{"V=STSv1; id=a", NULL},
	{"v=stsv1; id=a", NULL},
	{"v=STSv10; id=a", NULL},
	{"v=STSv2; id=a", NULL},
	{" v=STSv1; id=a", NULL},
	{"id=a; v=STSv1", NULL},
	{"v=STSv1; id=a\n", NULL},
};

/* A message that is there exactly when something was refused. */
static void check_error(const GError *error, gboolean refused, const char *what)
{
	if (refused != (error != NULL))
		fail_msg("%s: %s", what, error ? error->message : "taken");
	if (!error)
		return;
	assert_int_equal(error->code, STATUS_DATA);
	assert_true(g_utf8_validate(error->message, -1, NULL));
	assert_null(strchr(error->message, '\n'));
}

static void record_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(records); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *id = NULL;
		gsize len = strlen(records[i].record);
		g_autofree char *exact = g_memdup2(records[i].record, MAX(len, 1));
		gboolean taken = sts_record_parse((struct text){exact, len}, &id, &error);

		check_error(error, !records[i].id, records[i].record);
		assert_int_equal(taken, records[i].id != NULL);
		if (taken)
			assert_string_equal(id, records[i].id);
		else
			assert_null(id);
	}
}

/* RFC 8461 3.1, last paragraph. */
static const struct {
	const char *records[4];
	const char *id; /* NULL: no policy */
	gboolean found, refused;
} sets[] = {
	{{NULL}, NULL, FALSE, FALSE},
	{{""}, NULL, FALSE, FALSE},
	{{"v=STSv1; id=1"}, "1", TRUE, FALSE},
	{{"v=spf1 -all", "v=STSv1; id=1", "v=STSv1"}, "1", TRUE, FALSE},
	{{"v=STSv1 ; id=1"}, NULL, FALSE, FALSE}, /* does not begin with "v=STSv1;" */
	{{" v=STSv1; id=1"}, NULL, FALSE, FALSE},
	{{"v=STSv10; id=1"}, NULL, FALSE, FALSE},
	{{"id=1; v=STSv1;"}, NULL, FALSE, FALSE},
	{{"v=STSv1; id=1", "v=STSv1; id=2"}, NULL, TRUE, TRUE},
	{{"v=STSv1; id=1", "v=STSv1; id=1"}, NULL, TRUE, TRUE},
	{{"v=STSv1; id=1", "v=STSv1;"}, NULL, TRUE, TRUE}, /* broken ones count, too */
	{{"v=STSv1;"}, NULL, TRUE, TRUE},
};

static void several_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *id = NULL;
		struct text given[4];
		guint count = 0;
		gboolean found = 2;

		while (count < 4 && sets[i].records[count]) {
			given[count] = text_of(sets[i].records[count]);
			count++;
		}
		assert_int_equal(
			sts_records_choose(given, count, &found, &id, &error), !sets[i].refused);
		check_error(error, sets[i].refused, sets[i].records[0]);
		assert_int_equal(found, sets[i].found);
		assert_string_equal(id ? id : "(none)", sets[i].id ? sets[i].id : "(none)");
	}
}

#define V	"version: STSv1\n"
#define MODE	"mode: enforce\n"
#define MX	"mx: mx.example.com\n"
#define AGE	"max_age: 86400\n"
#define LABEL63 "a" D10 D10 D10 D10 D10 D10 "12"

/* RFC 8461 3.2, by its grammar. `seen`: mode, max_age and patterns; NULL: refused, because of. */
static const struct {
	struct text body;
	const char *seen, *because;
} policies[] = {
#define T(s) TEXT_LITERAL(s)
	/* The example of the RFC. */
	{T("version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\n"
	   "mx: backupmx.example.com\nmax_age: 604800\n"),
		"enforce 604800 mail.example.com *.example.net backupmx.example.com"},
	{T(V MODE MX AGE), "enforce 86400 mx.example.com"},
	{T("version: STSv1\r\nmode: testing\r\nmx: a.b\r\nmax_age: 1\r\n"), "testing 1 a.b"},
	{T("version: STSv1\r\nmode: testing\nmx: a.b\r\nmax_age: 1\n"), "testing 1 a.b"},
	{T(V MODE MX "max_age: 86400"), "enforce 86400 mx.example.com"}, /* no end of line */
	{T(AGE MX MODE V), "enforce 86400 mx.example.com"},		 /* any order */
	{T("version:STSv1\nmode:\t enforce \t\nmx:   *.example.com \nmax_age:0 \n"),
		"enforce 0 *.example.com"},
	{T(V "mode: none\n" AGE), "none 86400"},
	{T(V "mode: none\n" MX AGE), "none 86400 mx.example.com"},
	{T(V MODE MX "max_age: 31557600\n"), "enforce 31557600 mx.example.com"},
	{T(V MODE MX "max_age: 0031557600\n"), "enforce 31557600 mx.example.com"},
	{T(V MODE MX "max_age: 0\n"), "enforce 0 mx.example.com"},
	{T(V MODE "mx: MX.Example.COM\n" AGE), "enforce 86400 mx.example.com"},
	{T(V MODE "mx: mx1\n" AGE), "enforce 86400 mx1"},
	{T(V MODE "mx: 1a.2.3b\n" AGE), "enforce 86400 1a.2.3b"},
	{T(V MODE "mx: xn--mxa.example\n" AGE), "enforce 86400 xn--mxa.example"},
	{T(V MODE "mx: " LABEL63 ".a\n" AGE), "enforce 86400 " LABEL63 ".a"},
	{T(V MODE MX MX AGE), "enforce 86400 mx.example.com mx.example.com"},
	/* Fields that are not known, and those that are there twice. */
	{T(V MODE MX AGE "x-report: safe\n"), "enforce 86400 mx.example.com"},
	{T(V MODE MX AGE "note: caf\xc3\xa9 au  lait: x=y\n"), "enforce 86400 mx.example.com"},
	{T("0.a-_: !\n" V MODE MX AGE), "enforce 86400 mx.example.com"},
	{T(V MODE MX AGE "a" D10 D10 D10 "1: x\n"), "enforce 86400 mx.example.com"},
	{T(V MODE "mode: none\n" MX AGE "max_age: 1\n" V), "enforce 86400 mx.example.com"},
	{T(V MODE "mode: bogus\n" MX AGE "max_age: x\nversion: 2\n"),
		"enforce 86400 mx.example.com"},
	{T(V "mode: bogus\n" MODE MX AGE), NULL, "line 2: mode"},
	/* What is missing. */
	{T(""), NULL, "no version"},
	{T(MODE MX AGE), NULL, "no version"},
	{T(V MX AGE), NULL, "no mode"},
	{T(V MODE MX), NULL, "no max_age"},
	{T(V MODE AGE), NULL, "no mx"},
	{T(V "mode: testing\n" AGE), NULL, "no mx"},
	{T(V MODE "nmx: mx.example.com\n" AGE), NULL, "no mx"},
	{T("Version: STSv1\n" MODE MX AGE), NULL, "no version"},
	{T(V "MODE: enforce\n" MX AGE), NULL, "no mode"},
	/* Values. */
	{T("version: STSv2\n" MODE MX AGE), NULL, "line 1: version"},
	{T("version: STSv10\n" MODE MX AGE), NULL, "line 1: version"},
	{T("version: stsv1\n" MODE MX AGE), NULL, "line 1: version"},
	{T(V "mode: Enforce\n" MX AGE), NULL, "line 2: mode"},
	{T(V "mode: enforced\n" MX AGE), NULL, "line 2: mode"},
	{T(V "mode: enforce none\n" MX AGE), NULL, "line 2: mode"},
	{T(V MODE MX "max_age: 31557601\n"), NULL, "line 4: max_age"},
	{T(V MODE MX "max_age: 00000000001\n"), NULL, "line 4: max_age"},
	{T(V MODE MX "max_age: 99999999999999999999999999\n"), NULL, "line 4: max_age"},
	{T(V MODE MX "max_age: -1\n"), NULL, "line 4: max_age"},
	{T(V MODE MX "max_age: +1\n"), NULL, "line 4: max_age"},
	{T(V MODE MX "max_age: 1d\n"), NULL, "line 4: max_age"},
	{T(V MODE MX "max_age: 1.5\n"), NULL, "line 4: max_age"},
	{T(V MODE "mx: *\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: *.\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: *.*.example\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: **.example\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: a*.example\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: a.*.example\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: .example.com\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: mx.example.com.\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: a..b\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: -a.b\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: a-.b\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: a_b.c\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: a.b, c.d\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: a.b c.d\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: 192.0.2.1\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: [192.0.2.1]\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: m\xc3\xbcll.example\n" AGE), NULL, "line 3: mx"},
	{T(V MODE "mx: a" LABEL63 ".b\n" AGE), NULL, "line 3: mx"},
	{T(V MODE MX "mx: a_b\n" AGE), NULL, "line 4: mx"}, /* one bad pattern is enough */
	/* Lines. */
	{T("\n" V MODE MX AGE), NULL, "line 1 "},
	{T(V "\n" MODE MX AGE), NULL, "line 2 "},
	{T(V MODE MX AGE "\n"), NULL, "line 5 "},
	{T(V MODE MX AGE " "), NULL, "line 5 "},
	{T(" " V MODE MX AGE), NULL, "line 1 "},
	{T("\xef\xbb\xbf" V MODE MX AGE), NULL, "line 1 "},
	{T(V "mode none\n" MX AGE), NULL, "line 2 "},
	{T(V "mode : none\n" MX AGE), NULL, "line 2 "},
	{T(V MODE MX AGE "comment:\n"), NULL, "line 5 "},
	{T(V MODE MX AGE "comment: \n"), NULL, "line 5 "},
	{T(V MODE MX AGE "-a: b\n"), NULL, "line 5 "},
	{T(V MODE MX AGE "_a: b\n"), NULL, "line 5 "},
	{T(V MODE MX AGE "a b: c\n"), NULL, "line 5 "},
	{T(V MODE MX AGE "a" D10 D10 D10 "12: x\n"), NULL, "line 5 "},
	{T(V MODE MX AGE "a: b\tc\n"), NULL, "line 5 "},
	{T(V MODE MX AGE "a: b\rc\n"), NULL, "line 5 "},
	{T(V MODE MX AGE "a: b\r\r\n"), NULL, "line 5 "},
	{T(V MODE MX AGE "a: b\r"), NULL, "line 5 "},
	{T(V MODE MX AGE "a: b\0c\n"), NULL, "line 5 "},
	{T(V MODE MX AGE "a: b\x7f\n"), NULL, "line 5 "},
	{T(V MODE MX AGE "a: b\xff\n"), NULL, "line 5 "},
	{T("version: STSv1\rmode: none\rmax_age: 1\r"), NULL, "line 1 "},
	{T("<html><body>Not found</body></html>"), NULL, "line 1 "},
#undef T
};

static char *policy_words(const struct sts_policy *policy)
{
	g_autofree char *patterns = g_strjoinv(" ", policy->mx);

	return g_strdup_printf("%s %u%s%s", sts_mode_name(policy->mode), policy->max_age,
		*patterns ? " " : "", patterns);
}

static void policy_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
		g_autoptr(GError) error = NULL;
		struct text body = policies[i].body;
		g_autofree char *exact = g_memdup2(body.at, MAX(body.len, 1));
		struct sts_policy *policy =
			sts_policy_parse((struct text){exact, body.len}, &error);
		g_autofree char *seen = policy ? policy_words(policy) : NULL;

		check_error(error, !policies[i].seen, body.at);
		if (policies[i].seen)
			assert_string_equal(seen, policies[i].seen);
		else if (!strstr(error->message, policies[i].because))
			fail_msg("%s: %s", body.at, error->message);
		sts_policy_free(policy);
	}
}

/* Section 3.3 suggests 64 KB; how many mx lines there may be, the RFC leaves open. */
static void policy_bounds(void **state)
{
	static const struct {
		gsize size; /* of the whole policy; 0: as it comes */
		guint mx;
		gboolean taken;
	} bounds[] = {
		{65536, 1, TRUE},
		{65537, 1, FALSE},
		{0, 200, TRUE},
		{0, 201, FALSE},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bounds); i++) {
		g_autoptr(GString) body = g_string_new(V MODE AGE);
		g_autoptr(GError) error = NULL;
		struct sts_policy *policy;

		for (guint n = 0; n < bounds[i].mx; n++)
			g_string_append(body, MX);
		if (bounds[i].size)
			g_string_append(body, "x: ");
		while (body->len < bounds[i].size)
			g_string_append_c(body, 'y');
		policy = sts_policy_parse((struct text){body->str, body->len}, &error);
		check_error(error, !bounds[i].taken, "bound");
		if (policy)
			assert_int_equal(g_strv_length(policy->mx), bounds[i].mx);
		sts_policy_free(policy);
	}
}

/* RFC 8461 3.2: text/plain; parameters as RFC 9110 8.3.1 has them. */
static const struct {
	const char *type;
	gboolean fine;
} types[] = {
	{"text/plain", TRUE},
	{"Text/Plain", TRUE},
	{"text/plain;charset=UTF-8", TRUE},
	{"text/plain; charset=us-ascii", TRUE},
	{"text/plain ; charset=utf-8", TRUE},
	{"text/plain ", TRUE},
	{"text/plain;", TRUE},
	{NULL, FALSE},
	{"", FALSE},
	{"text", FALSE},
	{"text/", FALSE},
	{"text/plai", FALSE},
	{"text/plainx", FALSE},
	{"text/plain-x", FALSE},
	{"text/plain, text/html", FALSE},
	{"text/plain text/html", FALSE},
	{" text/plain", FALSE},
	{"text/html", FALSE},
	{"text/html; x=text/plain", FALSE},
	{"application/octet-stream", FALSE},
	{"application/json+text/plain", FALSE},
};

static void content_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (sts_content_type_fine(types[i].type) != types[i].fine)
			fail_msg("%s", types[i].type);
}

/* RFC 8461 4.1: exactly one label for the asterisk, which is the whole of the first. */
static const struct {
	const char *pattern, *host;
	gboolean match;
} matches[] = {
	{"mx.example.com", "mx.example.com", TRUE},
	{"mx.example.com", "MX.Example.Com", TRUE},
	{"MX.example.com", "mx.example.com", TRUE},
	{"mx.example.com", "mx.example.com.", TRUE},
	{"*.example.com", "mx.example.com", TRUE},
	{"*.EXAMPLE.com", "mx.example.com.", TRUE},
	{"*.com", "example.com", TRUE},
	{"lalala", "lalala", TRUE},
	{"mx.example.com", "mx2.example.com", FALSE},
	{"mx.example.com", "a.mx.example.com", FALSE},
	{"mx.example.com", "mx.example.co", FALSE},
	{"*.example.com", "example.com", FALSE},
	{"*.example.com", "a.b.example.com", FALSE},
	{"*.example.com", ".example.com", FALSE},
	{"*.example.com", "mxexample.com", FALSE},
	{"*.example.com", "mx.example.net", FALSE},
	{"*.*.com", "x.example.com", FALSE},
	{"abc.*.com", "abc.def.com", FALSE},
	{".example.com", "mx.example.com", FALSE},
	{"*", "mx", FALSE},
	{"*.", "mx.", FALSE},
	{"", "", FALSE},
	{"", "mx", FALSE},
};

static void mx_matching(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(matches); i++)
		if (sts_mx_matches(matches[i].pattern, matches[i].host) != matches[i].match)
			fail_msg("%s %s", matches[i].pattern, matches[i].host);
}

static void allowed(void **state)
{
	g_autoptr(GError) error = NULL;
	struct sts_policy *policy =
		sts_policy_parse(text_of(V MODE "mx: a.example\nmx: *.b.example\n" AGE), &error);

	(void)state;
	assert_true(sts_allows(policy, "A.example"));
	assert_true(sts_allows(policy, "x.b.example"));
	assert_false(sts_allows(policy, "b.example"));
	assert_false(sts_allows(policy, "c.example"));
	sts_policy_free(policy);
	policy = sts_policy_parse(text_of(V "mode: none\n" AGE), &error);
	assert_false(sts_allows(policy, "a.example"));
	sts_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_grammar),
		cmocka_unit_test(several_records),
		cmocka_unit_test(policy_grammar),
		cmocka_unit_test(policy_bounds),
		cmocka_unit_test(content_types),
		cmocka_unit_test(mx_matching),
		cmocka_unit_test(allowed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
