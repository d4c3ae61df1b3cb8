#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/postfix_version.h"
#include "core/rules.h"
#include "net/tls_facts.h"

#define FPR256 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FPR160 "0123456789abcdef0123456789abcdef01234567"

static struct rule_context context;

static int setup(void **state)
{
	(void)state;
	rule_context_init(&context, POSTFIX_VERSION(3, 11, 6));
	return 0;
}

static GPtrArray *judge(const char *key, const char *value)
{
	GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	struct policy policy = {.key = text_of(key)};

	policy_split(text_of(value), &policy);
	rules_check(&context, &policy, findings);
	return findings;
}

/* "error match-none, warning match-dot": what was found, in order. */
static char *summary(const GPtrArray *findings)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < findings->len; i++) {
		const struct finding *f = g_ptr_array_index(findings, i);

		g_string_append_printf(
			text, "%s%s %s", i ? ", " : "", severity_name(f->severity), f->rule->id);
	}
	return g_string_free(text, FALSE);
}

static void expect(const char *key, const char *value, const char *want)
{
	g_autoptr(GPtrArray) findings = judge(key, value);
	g_autofree char *got = summary(findings);

	if (strcmp(got, want) != 0)
		fail_msg("%s %s:\n got  %s\n want %s", key, value, got, want);
}

/*
 * Facts 2 to 4 and 10: whether Postfix refuses a value is the other test's matter; here it is
 * which rule speaks, and of what works but not as it reads.
 */
static const struct {
	const char *value, *want;
} findings_cases[] = {
	{"secure match=mx.google.com", ""},
	{"secure", ""},
	{"dane-only", ""},
	{"none", ""},
	{"none junk", "warning level-ignores"},
	{"must", "error level-unknown"},
	{"secure match=a.b # partner, ticket 7", "error attribute-comment"},
	{"secure #match=a.b", "error attribute-comment"},
	{"secure match=a.b,c.d", "error attribute-list"},
	{"encrypt protocols=!SSLv2, !SSLv3", "error attribute-list"},
	{"secure match = a.b", "error attribute-malformed"},
	{"secure match=a.b,c.d,e.f ciphers=high", "error attribute-list"},
	{"secure # match=a.b junk=x", "error attribute-comment"},
	{"secure match:a.b", "error attribute-malformed"},
	{"may none", "error attribute-malformed"},
	{"secure { match = a.b", "error attribute-braces"},
	{"secure mach=a.b", "error attribute-unknown"},
	{"may match=a.b", "error attribute-level"},
	{"encrypt tafile=/x", "error attribute-level"},
	{"secure match=", "error attribute-empty"},
	{"secure ciphers=high ciphers=high", "error attribute-repeated"},
	{"may connection_reuse=no connection_reuse=yes", "warning attribute-overridden"},
	{"may connection_reuse=maybe", "error attribute-value"},
	{"secure match=a.b;ciphers=high", "warning attribute-joined, warning match-separator"},
	{"secure match=a.b;c.d", "warning match-separator"},
	{"secure match=a.b|c.d", "warning match-separator"},
	{"secure match=*.a.b", "warning match-wildcard"},
	{"secure match=*", "warning match-never"},
	{"secure match=a.b.", "warning match-never"},
	{"secure match=..a.b", "warning match-never"},
	{"secure match=[192.0.2.1]", "warning match-never"},
	{"secure match=\"a.b\"", "warning match-never"},
	{"secure match={a.b}", "warning match-never"},
	{"secure match==a.b", "warning match-never"},
	{"secure match=192.0.2.1:a.b", "warning match-address"},
	{"secure match=2001:db8::1", "warning match-address"},
	{"secure match=" FPR256, "warning match-fingerprint"},
	{"secure match=.com", "warning match-wide"},
	{"secure match=.", "error match-none, warning match-dot"},
	{"secure match=:", "error match-none"},
	{"secure match=.:a.b", "warning match-dot"},
	{"secure match=dot-nexthop", "warning match-dot-nexthop"},
	{"secure match=dot-nexthop:a.b", ""},
	{"secure match=nexthop:dot-nexthop:hostname", "warning match-trusts-mx"},
	{"secure match=Hostname", "warning match-trusts-mx"},
	{"verify", "warning verify-trusts-mx"},
	{"verify match=hostname", "warning verify-trusts-mx"},
	{"verify match=a.b", ""},
	{"secure match=b\303\274cher.test", ""},
	{"secure match=a_b.test", ""},
	{"fingerprint", "error fingerprint-none"},
	{"fingerprint match=zz", "error fingerprint-none, warning fingerprint-malformed"},
	{"fingerprint match=" FPR256 "|zz", "warning fingerprint-malformed"},
	{"fingerprint match=" FPR256 ":" FPR256,
		"error fingerprint-length, warning fingerprint-length"},
	{"fingerprint match=" FPR160, "error fingerprint-length, warning fingerprint-length"},
	{"fingerprint match=" FPR160 "|" FPR256, "warning fingerprint-length"},
	{"fingerprint match=" FPR256 "|a", "error fingerprint-crash"},
	{"encrypt servername=a..b", "error servername-invalid"},
	{"encrypt servername=HostName", "warning servername-case"},
	{"dane-only servername=hostname", "notice attribute-no-effect"},
	{"secure enable_rpk=yes", "notice attribute-no-effect"},
	{"encrypt ciphers=strong", "error ciphers-grade"},
	{"encrypt ciphers=export", "notice ciphers-weak"},
	{"may ciphers=null", "warning ciphers-weak"},
	{"encrypt ciphers=null", "error ciphers-none-left, warning ciphers-weak"},
	{"may ciphers=null protocols=TLSv1.2", "error ciphers-none-left, warning ciphers-weak"},
	{"encrypt exclude=ALL", "error ciphers-none-left"},
	{"encrypt exclude=!aNULL", "error exclude-modifier"},
	{"encrypt exclude=TLS_AES_256_GCM_SHA384", "warning exclude-no-effect"},
	{"encrypt exclude=MD5;RC4", "warning exclude-no-effect"},
	{"encrypt protocols=TLSv1_2", "error protocols-invalid"},
	{"encrypt protocols=TLSv1.2|TLSv1.3", "error protocols-invalid"},
	{"encrypt protocols=SSLv3", "error protocols-none-left"},
	{"encrypt protocols=SSLv2", "warning protocols-no-effect"},
	{"encrypt protocols=>=0305", "warning protocols-no-effect"},
	{"encrypt protocols=!TLSv1.1", "warning protocols-hole, warning protocols-old"},
	{"secure protocols=!TLSv1.1", "error protocols-old, warning protocols-hole"},
	{"dane protocols=TLSv1", "warning protocols-old"},
	{"dane-only protocols=TLSv1", "error protocols-old"},
	{"secure policy_ttl=5", "error policy-type-missing"},
	{"secure policy_type=tlsa", "error attribute-value"},
	{"secure policy_type=sts policy_failure=sts-webpki-invalid", "warning policy-failure"},
	{"secure policy_type=sts mx_host_pattern=.a.b",
		"error mx-pattern-never, warning mx-pattern-never"},
	{"secure policy_type=sts mx_host_pattern=.a.b mx_host_pattern=*.a.b",
		"warning mx-pattern-never"},
	{"may match=x\n", "error attribute-level"},
	{"secure match=a.b\nciphers=high", "warning value-lines"},
	{"secure match=\xff", "error value-utf8"},
	{"", "error value-empty"},
};

static void what_is_found(void **state)
{
	(void)state;
	context.no_cipher_left = tls_no_cipher_left;
	for (size_t i = 0; i < G_N_ELEMENTS(findings_cases); i++)
		expect("example.org", findings_cases[i].value, findings_cases[i].want);
}

/* Facts 2.2, 2.3, 2.5, 4.5 and 9. "" = fine. */
static const struct {
	int version;
	const char *value, *want;
} version_cases[] = {
	{30400, "may servername=hostname", ""},
	{30413, "may connection_reuse=no", "error attribute-version"},
	{30414, "may connection_reuse=no", ""},
	{30503, "may connection_reuse=no", "error attribute-version"},
	{30504, "may connection_reuse=no", ""},
	{30899, "may enable_rpk=no", "error attribute-version"},
	{30900, "may enable_rpk=no", ""},
	{30999, "secure policy_type=sts", "error attribute-version"},
	{30999, "secure mx_host_pattern=a.b mx_host_pattern=c.d", "error attribute-version"},
	{31000, "secure policy_type=sts", ""},
	{30900, "secure {match=a.b}", "error attribute-braces"},
	{30900, "secure { match = a.b }", "error attribute-braces"},
	{31000, "secure {match=a.b}", ""},
	{30599, "may protocols=>=TLSv1.2", "error protocols-version"},
	{30600, "may protocols=>=TLSv1.2", ""},
	{30700, "may ciphers=low", "warning ciphers-weak"},
	{30800, "may ciphers=low", "notice ciphers-weak"},
	{30599, "fingerprint match=" FPR256, "error fingerprint-colons, error fingerprint-length"},
	{30600, "fingerprint match=" FPR256, ""},
	{31004, "secure policy_type=sts mx_host_pattern=", "warning mx-pattern-never"},
	{31005, "secure policy_type=sts mx_host_pattern=",
		"error mx-pattern-never, warning mx-pattern-never"},
};

static void versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(version_cases); i++) {
		context.postfix_version = version_cases[i].version;
		expect("example.org", version_cases[i].value, version_cases[i].want);
	}
}

/* Keys without MX lookup: hostname is the key itself there; addresses are compared as such. */
static const struct {
	const char *key, *value, *want;
} key_cases[] = {
	{"[mx.example.org]", "verify", ""},
	{"[mx.example.org]:587", "secure match=hostname", ""},
	{"example.org:587", "verify", "warning verify-trusts-mx"},
	{".example.org", "verify", "warning verify-trusts-mx"},
	{"[192.0.2.1]", "secure", "warning address-needs-match"},
	{"192.0.2.1:25", "secure", "warning address-needs-match"},
	{"[ipv6:2001:db8::1]", "secure", "warning address-needs-match"},
	{"[192.0.2.1]", "secure match=a.b", ""},
	{"/var/run/lmtp", "dane", "error dane-socket"},
	{"*.example.org", "may", "error key-wildcard"},
	{".", "may", "error key-wildcard"},
	{"user@example.org", "may", "error key-address-sign"},
	{"example.org.", "may", "error key-trailing-dot"},
	{"[h.example.org]:0", "may", "error key-bad-port"},
	{"2001:db8::1", "may", "error key-bare-ipv6"},
	{"[h.example.org", "may", "error key-bad-brackets"},
	{"Example.org", "may", "error key-not-folded"},
	{"a..b", "may", "error key-bad-name"},
	{"", "may", "error key-empty"},
	{"a.example, b.example", "may", "error key-list"},
	{"*", "must", "error key-wildcard, error level-unknown"},
	{"b\303\274cher.example", "may", "notice key-u-label"},
};

static void keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(key_cases); i++)
		expect(key_cases[i].key, key_cases[i].value, key_cases[i].want);
	context.from_table = TRUE;
	expect("Example.org", "may", "warning key-not-folded");
}

static void main_cf(void **state)
{
	(void)state;
	context.fingerprint_fallback = TRUE;
	expect("example.org", "fingerprint", "");
	expect("example.org", "fingerprint match=zz",
		"error fingerprint-none, warning fingerprint-malformed");
	context.postfix_version = POSTFIX_VERSION(3, 8, 8);
	expect("example.org", "fingerprint match=zz",
		"warning fingerprint-malformed, warning fingerprint-fallback");
	context.fingerprint_digest_len = 20;
	expect("example.org", "fingerprint match=" FPR160, "");
	context.fingerprint_digest_len = 0;
	expect("example.org", "fingerprint match=" FPR160 "|" FPR256, "");
	expect("example.org", "fingerprint match=abcd",
		"error fingerprint-length, warning fingerprint-length");
	context.dnssec_known = TRUE;
	expect("example.org", "dane", "warning dane-without-dnssec");
	expect("example.org", "dane-only", "warning dane-without-dnssec");
	context.dnssec = TRUE;
	expect("example.org", "dane-only", "");
}

static enum tafile_state file_state;

static enum tafile_state tafile(struct text path, gpointer data)
{
	(void)data;
	return text_is(path, "/good") ? TAFILE_USABLE : file_state;
}

static void tafiles(void **state)
{
	static const struct {
		enum tafile_state state;
		const char *want;
	} states[] = {
		{TAFILE_MISSING, "error tafile-missing"},
		{TAFILE_UNREADABLE, "error tafile-unreadable"},
		{TAFILE_NO_PEM, "error tafile-content"},
		{TAFILE_BROKEN, "error tafile-content"},
		{TAFILE_NO_CERTIFICATE, "warning tafile-content"},
		{TAFILE_USABLE, "notice tafile-chroot"},
		{TAFILE_UNKNOWN, ""},
	};

	(void)state;
	expect("example.org", "secure tafile=/x", "");
	context.tafile = tafile;
	for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
		file_state = states[i].state;
		expect("example.org", "secure tafile=/x", states[i].want);
	}
	file_state = TAFILE_BROKEN;
	expect("example.org", "secure tafile=/x tafile=/good",
		"warning tafile-content, notice tafile-chroot");
	file_state = TAFILE_USABLE;
	expect("example.org", "secure tafile=relative", "");
}

static void stored_rows(void **state)
{
	struct policy policy = {.key = TEXT_LITERAL("example.org"),
		.level = LEVEL_SECURE,
		.params = TEXT_LITERAL("")};
	g_autoptr(GPtrArray) none = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);

	(void)state;
	assert_int_equal(rules_check(&context, &policy, none), -1);
	context.from_table = TRUE;
	assert_int_equal(rules_check(&context, &policy, found), SEVERITY_WARNING);
	expect("example.org", "secure match=a.b", "");
	context.params_max = 9;
	expect("example.org", "secure match=a.b", "warning params-cut");
	context.params_max = 8;
	expect("example.org", "secure match=a.b", "error params-too-long");
	/* Characters, not bytes. */
	context.params_max = 10;
	expect("example.org", "secure match=\303\274.b", "");
	policy.params = TEXT_LITERAL("match=a.b\0junk");
	context.params_max = 0;
	g_ptr_array_set_size(found, 0);
	rules_check(&context, &policy, found);
	g_autofree char *got = summary(found);

	assert_string_equal(got, "warning value-nul");
	policy.key = TEXT_LITERAL("a\0b");
	g_ptr_array_set_size(found, 0);
	assert_int_equal(rules_check(&context, &policy, found), SEVERITY_ERROR);
	assert_non_null(strstr(((struct finding *)found->pdata[0])->text, "NUL byte in the key"));
}

/* Without OpenSSL at hand only the plain cases are seen. */
static void without_openssl(void **state)
{
	(void)state;
	expect("example.org", "encrypt exclude=HIGH", "");
	expect("example.org", "encrypt exclude=aNULL:ALL", "error ciphers-none-left");
	expect("example.org", "encrypt ciphers=null",
		"error ciphers-none-left, warning ciphers-weak");
}

static const struct {
	const char *value, *part;
} text_cases[] = {
	{"secur", "did you mean \"secure\"?"},
	{"MUST", "did you mean \"verify\"?"},
	{"\"encrypt\"", "did you mean \"encrypt\"?"},
	{"encrypt;", "did you mean \"encrypt\"?"},
	{"dane_only", "did you mean \"dane-only\"?"},
	{"secure exclude_ciphers=MD5", "did you mean \"exclude\"?"},
	{"secure match=*.mail.example.org", "write \".mail.example.org\""},
	{"encrypt protocols=TLSv1_2", "did you mean \"TLSv1.2\"?"},
	{"encrypt protocols=TLSv1.0", "did you mean \"TLSv1\"?"},
	{"encrypt ciphers=HIHG", "did you mean \"high\"?"},
	{"encrypt protocols=!TLSv1.1", "only TLSv1 is offered"},
	{"secure match=a.b,c.d", "write \":\" between the elements"},
	{"fingerprint match=" FPR256 ",zz", "write \"|\" between the elements"},
	{"secure match=a\vb", "a\\x0bb"},
	{"fingerprint match=" FPR160, "like sha1, but Postfix compares sha256"},
};

static void texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(text_cases); i++) {
		g_autoptr(GPtrArray) findings = judge("example.org", text_cases[i].value);
		gboolean said = FALSE;

		for (guint j = 0; j < findings->len; j++) {
			const struct finding *f = g_ptr_array_index(findings, j);

			assert_true(g_utf8_validate(f->text, -1, NULL));
			assert_null(strchr(f->text, '\n'));
			said = said || strstr(f->text, text_cases[i].part);
		}
		if (!said)
			fail_msg("%s: nothing says %s", text_cases[i].value, text_cases[i].part);
	}
}

/* Ids are in people's scripts: kebab-case, each one once, each with a line for the manual. */
static void the_list(void **state)
{
	(void)state;
	for (const struct rule *rule = rules_all(); rule->id; rule++) {
		assert_true(strspn(rule->id, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
			    strlen(rule->id));
		for (const struct rule *other = rules_all(); other < rule; other++)
			assert_string_not_equal(other->id, rule->id);
		assert_true(strlen(rule->summary) >= 18 && !g_str_has_suffix(rule->summary, "."));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_found, setup),
		cmocka_unit_test_setup(versions, setup),
		cmocka_unit_test_setup(keys, setup),
		cmocka_unit_test_setup(main_cf, setup),
		cmocka_unit_test_setup(tafiles, setup),
		cmocka_unit_test_setup(stored_rows, setup),
		cmocka_unit_test_setup(without_openssl, setup),
		cmocka_unit_test_setup(texts, setup),
		cmocka_unit_test(the_list),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
