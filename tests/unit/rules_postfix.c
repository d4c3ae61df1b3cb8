#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/postfix_version.h"
#include "core/rules.h"
#include "net/tls_facts.h"

/*
 * What Postfix 3.7.11 and 3.11.6 did with these values (facts 10.1 to 10.3): ERR where smtp(8)
 * refused the policy, or failed before it looked at the certificate; OK where it used it, also
 * where the certificate did not have the name. Digests and files stand for those of the
 * experiment.
 */
enum { OK, ERR };

#define MD5		    "0123456789abcdef0123456789abcdef"
#define OCTETS		    "0a:1b:2c:3d"
#define OCTETS_UPPER	    "0A:1B:2C:3D"
#define FOUR(x)		    x ":" x ":" x ":" x
#define SHA256		    MD5 MD5
#define SHA256_UPPER	    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
#define MD5_COLONS	    FOUR(OCTETS)
#define SHA1_COLONS	    MD5_COLONS ":" OCTETS
#define SHA256_COLONS	    MD5_COLONS ":" MD5_COLONS
#define SHA256_COLONS_UPPER FOUR(OCTETS_UPPER) ":" FOUR(OCTETS_UPPER)
#define SHA512_COLONS	    SHA256_COLONS ":" SHA256_COLONS
#define ZEROES		    "0000000000000000000000000000000000000000000000000000000000000000"

static const struct {
	const char *value;
	int v3_7, v3_11;
} cases[] = {
	/* clang-format off */
	{"none", OK, OK},
	{"may", OK, OK},
	{"encrypt", OK, OK},
	{"dane", OK, OK},
	{"dane-only", OK, OK},
	{"fingerprint", ERR, ERR},
	{"verify", OK, OK},
	{"secure", OK, OK},
	{"half-dane", ERR, ERR},
	{"MAY", OK, OK},
	{"Encrypt", OK, OK},
	{"DANE", OK, OK},
	{"Dane-Only", OK, OK},
	{"SECURE", OK, OK},
	{"dane_only", ERR, ERR},
	{"daneonly", ERR, ERR},
	{"must", ERR, ERR},
	{"MUST", ERR, ERR},
	{"tls", ERR, ERR},
	{"ssl", ERR, ERR},
	{"yes", ERR, ERR},
	{"no", ERR, ERR},
	{"bogus", ERR, ERR},
	{"encrypt;", ERR, ERR},
	{"encrypt:", ERR, ERR},
	{"encrypt=", ERR, ERR},
	{"{encrypt}", ERR, ERR},
	{"\"encrypt\"", ERR, ERR},
	{"'encrypt'", ERR, ERR},
	{"encrypt#x", ERR, ERR},
	{"#encrypt", ERR, ERR},
	{"", ERR, ERR},
	{"   ", ERR, ERR},
	{",,,", ERR, ERR},
	{" encrypt", OK, OK},
	{"encrypt ", OK, OK},
	{"\tencrypt\n", OK, OK},
	{"encrypt,", OK, OK},
	{"secure MATCH=sink.oracle.test", OK, OK},
	{"secure Match=sink.oracle.test", OK, OK},
	{"secure cipher=high", ERR, ERR},
	{"secure protocol=TLSv1.2", ERR, ERR},
	{"secure exclude_ciphers=aNULL", ERR, ERR},
	{"secure mach=a", ERR, ERR},
	{"secure CIPHERS=HIGH", OK, OK},
	{"secure Protocols=tlsv1.2", OK, OK},
	{"secure match", ERR, ERR},
	{"secure match=", ERR, ERR},
	{"secure =sink", ERR, ERR},
	{"secure match==sink.oracle.test", OK, OK},
	{"secure match =sink.oracle.test", ERR, ERR},
	{"secure match= sink.oracle.test", ERR, ERR},
	{"secure match = sink.oracle.test", ERR, ERR},
	{"secure match:sink.oracle.test", ERR, ERR},
	{"secure {match=sink.oracle.test}", ERR, OK},
	{"secure { match = sink.oracle.test }", ERR, OK},
	{"secure match={sink.oracle.test}", OK, OK},
	{"secure match=\"sink.oracle.test\"", OK, OK},
	{"secure #match=x", ERR, ERR},
	{"secure # a comment", ERR, ERR},
	{"secure ; match=x", ERR, ERR},
	{"secure match=sink.oracle.test;ciphers=high", OK, OK},
	{"secure match=sink.oracle.test,ciphers=high", OK, OK},
	{"secure match=sink.oracle.test ,, ciphers=high", OK, OK},
	{"secure match=sink.oracle.test\tciphers=high", OK, OK},
	{"secure match=sink.oracle.test\nciphers=high", OK, OK},
	{"secure match=sink.oracle.test\rciphers=high", OK, OK},
	{"secure match=sink.oracle.test\013ciphers=high", OK, OK},
	{"secure match=sink.oracle.test junk", ERR, ERR},
	{"secure connection_reuse=YES", OK, OK},
	{"secure connection_reuse=No", OK, OK},
	{"secure connection_reuse=true", ERR, ERR},
	{"secure connection_reuse=1", ERR, ERR},
	{"secure connection_reuse=", ERR, ERR},
	{"secure connection_reuse=no connection_reuse=no", OK, OK},
	{"secure ciphers=", ERR, ERR},
	{"secure protocols=", OK, OK},
	{"secure exclude=", OK, OK},
	{"secure servername=", ERR, ERR},
	{"secure tafile=", ERR, ERR},
	{"secure ciphers=high ciphers=high match=sink.oracle.test", ERR, ERR},
	{"secure protocols=TLSv1.2 protocols=TLSv1.2 match=sink.oracle.test", ERR, ERR},
	{"secure exclude=aNULL exclude=aNULL match=sink.oracle.test", ERR, ERR},
	{"secure servername=a.b servername=a.b match=sink.oracle.test", ERR, ERR},
	{"secure tafile=/ta/ca.pem tafile=/ta/ca.pem match=sink.oracle.test", OK, OK},
	{"secure match=sink.oracle.test match=sink.oracle.test match=sink.oracle.test", OK, OK},
	{"secure protocols= protocols=TLSv1.2 match=sink.oracle.test", ERR, ERR},
	{"secure exclude= exclude=aNULL match=sink.oracle.test", ERR, ERR},
	{"encrypt ciphers=export", OK, OK},
	{"encrypt ciphers=low", OK, OK},
	{"encrypt ciphers=medium", OK, OK},
	{"encrypt ciphers=high", OK, OK},
	{"encrypt ciphers=null", ERR, ERR},
	{"encrypt ciphers=HIGH", OK, OK},
	{"encrypt ciphers=strong", ERR, ERR},
	{"encrypt ciphers=ultra", ERR, ERR},
	{"encrypt ciphers=high:medium", ERR, ERR},
	{"encrypt ciphers=DEFAULT", ERR, ERR},
	{"encrypt ciphers=HIGH:!aNULL", ERR, ERR},
	{"encrypt exclude=aNULL", OK, OK},
	{"encrypt exclude=aNULL:MD5", OK, OK},
	{"encrypt exclude=MD5 ,RC4", ERR, ERR},
	{"encrypt exclude=kRSA:3DES", OK, OK},
	{"encrypt exclude=NOSUCHCIPHER", OK, OK},
	{"encrypt exclude=ALL", ERR, ERR},
	{"encrypt exclude=ALL:TLSv1.3", ERR, ERR},
	{"encrypt exclude=+HIGH", ERR, ERR},
	{"encrypt exclude=!HIGH", ERR, ERR},
	{"encrypt exclude=-HIGH", ERR, ERR},
	{"encrypt exclude=@STRENGTH", ERR, ERR},
	{"encrypt exclude=AES256-SHA:", OK, OK},
	{"encrypt exclude=TLS_AES_256_GCM_SHA384", OK, OK},
	{"encrypt protocols=TLSv1.2", OK, OK},
	{"encrypt protocols=TLSv1.3", OK, OK},
	{"encrypt protocols=TLSv1", OK, OK},
	{"encrypt protocols=TLSv1.1", OK, OK},
	{"encrypt protocols=SSLv3", ERR, ERR},
	{"encrypt protocols=SSLv2", OK, OK},
	{"encrypt protocols=!SSLv2:!SSLv3", OK, OK},
	{"encrypt protocols=!SSLv2", OK, OK},
	{"encrypt protocols=TLSv1.2:TLSv1.3", OK, OK},
	{"encrypt protocols=TLSv1.2;TLSv1.3", ERR, ERR},
	{"encrypt protocols=TLSv1.2|TLSv1.3", ERR, ERR},
	{"encrypt protocols=TLSv1.2/TLSv1.3", ERR, ERR},
	{"encrypt protocols=TLSv1.2:!TLSv1.3", OK, OK},
	{"encrypt protocols=!TLSv1:!TLSv1.1", OK, OK},
	{"encrypt protocols=!TLSv1.2:!TLSv1.3", OK, OK},
	{"encrypt protocols=!TLSv1.3", OK, OK},
	{"encrypt protocols=>=TLSv1.2", OK, OK},
	{"encrypt protocols=>=TLSv1.3", OK, OK},
	{"encrypt protocols=>= TLSv1.2", ERR, ERR},
	{"encrypt protocols=<=TLSv1.2", OK, OK},
	{"encrypt protocols=>=TLSv1.2:<=TLSv1.2", OK, OK},
	{"encrypt protocols=>TLSv1.2", ERR, ERR},
	{"encrypt protocols=>=TLSv1.4", ERR, ERR},
	{"encrypt protocols=>=1.2", ERR, ERR},
	{"encrypt protocols=>=0303", OK, OK},
	{"encrypt protocols=>=0x0303", OK, OK},
	{"encrypt protocols=>=303", OK, OK},
	{"encrypt protocols==TLSv1.2", ERR, ERR},
	{"encrypt protocols=TLSv1_2", ERR, ERR},
	{"encrypt protocols=TLS1.2", ERR, ERR},
	{"encrypt protocols=tlsv1.2", OK, OK},
	{"encrypt protocols=tlsV1.3", OK, OK},
	{"encrypt protocols=tls 1.2", ERR, ERR},
	{"encrypt protocols=all", ERR, ERR},
	{"encrypt protocols=TLSv12", ERR, ERR},
	{"encrypt protocols=:", OK, OK},
	{"encrypt protocols=!", ERR, ERR},
	{"encrypt protocols=>=", OK, OK},
	{"encrypt protocols=:TLSv1.2:", OK, OK},
	{"encrypt protocols=!ssLv2:!TLSv1.3", OK, OK},
	{"encrypt protocols=>=TLSv1.3:<=TLSv1.2", ERR, ERR},
	{"encrypt servername=hostname", OK, OK},
	{"encrypt servername=nexthop", OK, OK},
	{"encrypt servername=HOSTNAME", OK, OK},
	{"encrypt servername=sink.oracle.test", OK, OK},
	{"encrypt servername=sink.oracle.test.", ERR, ERR},
	{"encrypt servername=.oracle.test", ERR, ERR},
	{"encrypt servername=*.oracle.test", ERR, ERR},
	{"encrypt servername=192.0.2.1", ERR, ERR},
	{"encrypt servername=[192.0.2.1]", ERR, ERR},
	{"encrypt servername=a_b.test", OK, OK},
	{"encrypt servername=-a.test", ERR, ERR},
	{"encrypt servername=a..b", ERR, ERR},
	{"encrypt "
	 "servername=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.test", ERR, ERR},
	{"encrypt servername=localhost", OK, OK},
	{"encrypt servername=b\303\274cher.test", ERR, ERR},
	{"encrypt servername=1234", ERR, ERR},
	{"encrypt servername=2001:db8::1", ERR, ERR},
	{"secure match=nexthop", OK, OK},
	{"verify match=nexthop", OK, OK},
	{"secure match=dot-nexthop", OK, OK},
	{"secure match=hostname", OK, OK},
	{"verify match=hostname", OK, OK},
	{"secure match=nexthop:dot-nexthop", OK, OK},
	{"secure match=nexthop,dot-nexthop", ERR, ERR},
	{"secure match=nexthop|hostname", OK, OK},
	{"secure match=NEXTHOP", OK, OK},
	{"secure match=Hostname", OK, OK},
	{"secure match=sink.oracle.test", OK, OK},
	{"secure match=SINK.ORACLE.TEST", OK, OK},
	{"secure match=.oracle.test", OK, OK},
	{"secure match=oracle.test", OK, OK},
	{"secure match=*.oracle.test", OK, OK},
	{"secure match=foo:.oracle.test", OK, OK},
	{"secure match=foo:bar", OK, OK},
	{"secure match=foo,.oracle.test", ERR, ERR},
	{"secure match=foo|.oracle.test", OK, OK},
	{"secure match=.:sink.oracle.test", OK, OK},
	{"secure match=.", ERR, ERR},
	{"secure match=sink.oracle.test:", OK, OK},
	{"secure match=:sink.oracle.test", OK, OK},
	{"secure match=..oracle.test", OK, OK},
	{"secure match=192.0.2.1", OK, OK},
	{"secure match=[192.0.2.1]", OK, OK},
	{"secure match=.test", OK, OK},
	{"secure match=*", OK, OK},
	{"secure match=.ORACLE.test", OK, OK},
	{"secure match=/CN=sink/", OK, OK},
	{"secure match=b\303\274cher.test", OK, OK},
	{"secure match=sink.oracle.test.", OK, OK},
	{"secure match=mx.sub.oracle.test", OK, OK},
	{"secure match=.example.com", OK, OK},
	{"secure match=hostname:nexthop:dot-nexthop", OK, OK},
	{"fingerprint match=" SHA256_COLONS, OK, OK},
	{"fingerprint match=" SHA256_COLONS_UPPER, OK, OK},
	{"fingerprint match=" SHA256, OK, OK},
	{"fingerprint match=" SHA256_UPPER, OK, OK},
	{"fingerprint match=" SHA256_COLONS, OK, OK},
	{"fingerprint match=" SHA256, OK, OK},
	{"fingerprint match=" SHA1_COLONS, ERR, ERR},
	{"fingerprint match=" MD5_COLONS, ERR, ERR},
	{"fingerprint match=" SHA512_COLONS, ERR, ERR},
	{"fingerprint match=" ZEROES, OK, OK},
	{"fingerprint match=" ZEROES "|" SHA256, OK, OK},
	{"fingerprint match=" SHA256_COLONS "|" ZEROES, OK, OK},
	{"fingerprint match=" ZEROES ":" SHA256, ERR, ERR},
	{"fingerprint match=" ZEROES " match=" SHA256, OK, OK},
	{"fingerprint match=sha256:" SHA256, ERR, ERR},
	{"fingerprint match=sha256=" SHA256, ERR, ERR},
	{"fingerprint match=SHA256:" SHA256_COLONS, ERR, ERR},
	{"fingerprint match=zz", ERR, ERR},
	{"fingerprint match=3A:3", ERR, ERR},
	{"fingerprint match=3A3", ERR, ERR},
	{"fingerprint match=3A", ERR, ERR},
	{"fingerprint match=3A:", ERR, ERR},
	{"fingerprint match=3A::3B", ERR, ERR},
	{"fingerprint match=:3A", ERR, ERR},
	{"fingerprint match=3A-3B", ERR, ERR},
	{"fingerprint match=3A 3B", ERR, ERR},
	{"fingerprint match=" SHA256 "|", OK, OK},
	{"fingerprint match=|", ERR, ERR},
	{"fingerprint match=hostname", ERR, ERR},
	{"fingerprint match=nexthop", ERR, ERR},
	{"fingerprint match=" ZEROES ZEROES, ERR, ERR},
	{"fingerprint match=" ZEROES ZEROES "00", ERR, ERR},
	{"fingerprint match=" SHA256 "|zz", OK, OK},
	{"fingerprint match=3A3Bzz", ERR, ERR},
	{"fingerprint ciphers=high", ERR, ERR},
	{"secure match=sink.oracle.test tafile=/nonexistent", ERR, ERR},
	{"secure match=sink.oracle.test tafile=/etc/shadow", ERR, ERR},
	{"secure match=sink.oracle.test tafile=/dev/null", ERR, ERR},
	{"secure match=sink.oracle.test tafile=/ta/ca.pem", OK, OK},
	{"secure match=sink.oracle.test tafile=/ta/self.pem", OK, OK},
	{"secure match=sink.oracle.test tafile=/ta/srv.key", ERR, ERR},
	{"secure match=sink.oracle.test tafile=work/ca.pem", ERR, ERR},
	{"secure match=sink.oracle.test tafile=/ta", ERR, ERR},
	{"secure match=sink.oracle.test tafile=/etc/passwd", ERR, ERR},
	{"secure match=sink.oracle.test tafile=/ta/srv.pem", OK, OK},
	{"secure match=sink.oracle.test tafile=/ta/self.pem tafile=/ta/ca.pem", OK, OK},
	{"secure match=sink.oracle.test servername=hostname", OK, OK},
	{"secure match=sink.oracle.test servername=hostname policy_type=sts", ERR, OK},
	{"may none", ERR, ERR},
	{"none may", OK, OK},
	{"none ciphers=high match=x", OK, OK},
	{"encrypt match=sink.oracle.test", ERR, ERR},
	{"secure match=sink.oracle.test \377\376", ERR, ERR},
	{"secure match=sink.oracle.test\377", ERR, ERR},
	{"encrypt ciphers=high protocols=>=TLSv1.2 exclude=aNULL:RC4 servername=hostname "
	 "connection_reuse=no", OK, OK},
	{"secure {match=sink.oracle.test} {ciphers=high}", ERR, OK},
	{"secure { match = sink.oracle.test : foo }", ERR, OK},
	{"secure { protocols = TLSv1.2 , TLSv1.3 } match=sink.oracle.test", ERR, OK},
	{"secure { exclude = aNULL, MD5 } match=sink.oracle.test", ERR, OK},
	{"secure { match = sink.oracle.test", ERR, ERR},
	{"secure { match = sink.oracle.test } }", ERR, ERR},
	{"secure { match = sink.oracle.test }x", ERR, ERR},
	{"secure { } match=sink.oracle.test", ERR, ERR},
	{"secure {{match=sink.oracle.test}}", ERR, ERR},
	{"{secure} match=sink.oracle.test", ERR, ERR},
	{"secure match=a} match=sink.oracle.test", OK, OK},
	{"secure match=a{b match=sink.oracle.test", OK, OK},
	{"may enable_rpk=yes", ERR, OK},
	{"may enable_rpk=YES", ERR, OK},
	{"may enable_rpk=maybe", ERR, ERR},
	{"may enable_rpk=no enable_rpk=yes", ERR, OK},
	{"secure enable_rpk=yes", ERR, OK},
	{"dane enable_rpk=yes", ERR, OK},
	{"none enable_rpk=yes", OK, OK},
	{"secure policy_type=sts match=sink.oracle.test policy_domain=oracle.test { "
	 "policy_string = version: STSv1 } {policy_string=mode: enforce} "
	 "mx_host_pattern=*.oracle.test policy_ttl=86400", ERR, OK},
	{"secure policy_type=sts match=sink.oracle.test", ERR, OK},
	{"secure policy_type=STS match=foo mx_host_pattern=*.ORACLE.test", ERR, OK},
	{"secure policy_type=no-policy-found", ERR, OK},
	{"may policy_type=no-policy-found policy_domain=x.test", ERR, OK},
	{"secure policy_type=tlsa", ERR, ERR},
	{"secure policy_type=", ERR, ERR},
	{"secure policy_type=sts policy_type=sts", ERR, ERR},
	{"secure policy_domain=x.test", ERR, ERR},
	{"secure policy_ttl=5", ERR, ERR},
	{"secure {policy_string=a}", ERR, ERR},
	{"secure mx_host_pattern=a.test", ERR, ERR},
	{"secure policy_failure=sts-policy-invalid", ERR, ERR},
	{"secure policy_type=sts policy_failure=sts-webpki-invalid", ERR, OK},
	{"secure policy_type=sts policy_failure=bogus", ERR, ERR},
	{"may policy_type=sts policy_failure=sts-webpki-invalid", ERR, OK},
	{"secure policy_type=sts policy_ttl=-5", ERR, ERR},
	{"secure policy_type=sts policy_ttl=5d", ERR, ERR},
	{"secure policy_type=sts policy_ttl=99999999999999", ERR, ERR},
	{"secure policy_type=sts policy_ttl=", ERR, ERR},
	{"secure policy_type=sts policy_domain=a..b", ERR, ERR},
	{"secure policy_type=sts policy_domain=*.x.test", ERR, ERR},
	{"secure policy_type=sts policy_string=", ERR, OK},
	{"secure POLICY_TYPE=sts Policy_Domain=x.test", ERR, OK},
	{"fingerprint match=" SHA256_COLONS " enable_rpk=yes", ERR, OK},
	{"dane-only policy_type=sts", ERR, OK},
	/* clang-format on */
};

static enum tafile_state tafile(struct text path, gpointer data)
{
	static const struct {
		const char *path;
		enum tafile_state state;
	} files[] = {
		{"/nonexistent", TAFILE_MISSING},
		{"/etc/shadow", TAFILE_UNREADABLE},
		{"/dev/null", TAFILE_NO_PEM},
		{"/etc/passwd", TAFILE_NO_PEM},
		{"/ta", TAFILE_NO_PEM},
		{"/ta/srv.key", TAFILE_UNREADABLE},
		{"work/ca.pem", TAFILE_MISSING},
	};

	(void)data;
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		if (text_is(path, files[i].path))
			return files[i].state;
	return TAFILE_USABLE;
}

static int judge(int version, const char *value)
{
	struct rule_context context;
	struct policy policy = {.key = TEXT_LITERAL("[h.oracle.test]")};
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);

	rule_context_init(&context, version);
	context.no_cipher_left = tls_no_cipher_left;
	context.tafile = tafile;
	context.dnssec_known = context.dnssec = TRUE;
	policy_split(text_of(value), &policy);
	return rules_check(&context, &policy, findings) == SEVERITY_ERROR ? ERR : OK;
}

static int judge_all(int version, gboolean new)
{
	int wrong = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		int want = new ? cases[i].v3_11 : cases[i].v3_7;

		if (judge(version, cases[i].value) != want) {
			print_error("%s: Postfix %s\n", cases[i].value,
				want == ERR ? "refuses it" : "uses it");
			wrong++;
		}
	}
	return wrong;
}

static void like_3_7(void **state)
{
	(void)state;
	assert_int_equal(judge_all(POSTFIX_VERSION(3, 7, 11), FALSE), 0);
}

static void like_3_11(void **state)
{
	(void)state;
	assert_int_equal(judge_all(POSTFIX_VERSION(3, 11, 6), TRUE), 0);
}

/* Facts 10.1: n = none, m = may and so on; a letter stands for a level that refuses it. */
static const struct {
	const char *attribute;
	const char *refused_3_7, *refused_3_11;
} matrix[] = {
	{"match=sink.oracle.test", "MEDOF", "MEDOF"},
	{"match=" SHA256, "MEDO", "MEDO"},
	{"ciphers=high", "F", "F"},
	{"protocols=TLSv1.2", "F", "F"},
	{"exclude=aNULL", "F", "F"},
	{"servername=hostname", "F", "F"},
	{"tafile=/ta/ca.pem", "MEDOF", "MEDOF"},
	{"connection_reuse=no", "F", "F"},
	{"connection_reuse=yes", "F", "F"},
	{"enable_rpk=yes", "MEDOFVS", "F"},
	{"policy_type=sts", "MEDOFVS", "F"},
};

static void level_by_attribute(void **state)
{
	static const char letters[] = "NMEDOFVS";

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(matrix); i++)
		for (int level = 0; level < LEVEL_COUNT; level++) {
			g_autofree char *value =
				g_strdup_printf("%s %s", level_name(level), matrix[i].attribute);
			int old = strchr(matrix[i].refused_3_7, letters[level]) ? ERR : OK;
			int new = strchr(matrix[i].refused_3_11, letters[level]) ? ERR : OK;

			if (judge(POSTFIX_VERSION(3, 7, 11), value) != old ||
				judge(POSTFIX_VERSION(3, 11, 6), value) != new)
				fail_msg("%s", value);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(like_3_7),
		cmocka_unit_test(like_3_11),
		cmocka_unit_test(level_by_attribute),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
