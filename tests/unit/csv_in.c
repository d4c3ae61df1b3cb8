/* CSV (RFC 4180) and TSV with a heading. */
#include "files_test.h"

static const struct files_case cases[] = {
	{"three columns", "domain,policy,params\na,secure,match=b\nc,may,\n",
		"a=secure|match=b\nc=may|~\n"},
	{"any order", "params,note,policy,domain\nmatch=b,n,secure,a\n",
		"a=secure|match=b note=n\n"},
	{"empty is not NULL when quoted", "domain,policy,params\na,may,\"\"\nb,may,\n",
		"a=may|\nb=may|~\n"},
	{"quotes", "domain,policy,note\n\"a\",may,\"x, \"\"y\"\"\nz\"\nb,may,\n",
		"a=may|~ note=x, \"y\"\nz\nb=may|~\n"},
	{"CRLF", "domain,policy\r\na,may\r\n\"b\",\"none\"\r\n", "a=may|~\nb=none|~\n"},
	{"BOM",
		"\xEF\xBB\xBF"
		"domain,policy\na,may\n",
		"a=may|~\n"},
	{"no newline at the end", "domain,policy\na,may", "a=may|~\n"},
	{"blank lines", "domain,policy\n\na,may\n\n", "a=may|~\n"},
	{"quoted heading", "\"domain\",\"policy\"\na,may\n", "a=may|~\n"},
	{"all columns",
		"domain,policy,params,note,origin,provider,active,changed_by,id\n"
		"a,may,,n,o,p,false,me,7\nb,may,,,,,true,,8\n",
		"a=may|~ note=n origin=o provider=p inactive\nb=may|~\n"},
	{"TSV", "domain\tpolicy\tparams\na\tsecure\tmatch=b\nc\tmay\t\\N\nd\tmay\t\n",
		"a=secure|match=b\nc=may|~\nd=may|~\n"},
	{"TSV escapes", "domain\tpolicy\tnote\na\tmay\tx\\ty\\\\\\nz\nb\tmay\t\"q\"\n",
		"a=may|~ note=x\ty\\\nz\nb=may|~ note=\"q\"\n"},
	{"heading only", "domain,policy\n", ""},
	{"SQL is data", "domain,policy\n'; DROP TABLE x,may\n", "'; DROP TABLE x=may|~\n"},

	{"empty", "", "f: there are no policies in it\n"},
	{"blank", "\n \n", "f: there are no policies in it\n"},
	{"unknown column", "domain,policy,colour\na,may,red\n",
		"f:1: unknown column \"colour\"*\n"},
	{"no heading", "a,may\n",
		"f:1: unknown column \"a\"*\nf:1: unknown column \"may\"*\n"
		"f:1: the first line is to name the columns*\n"},
	{"twice a column", "domain,domain\na,b\n", "f:1: the column domain is there twice\n"},
	{"too few, too many", "domain,policy\na\nb,may\nc,may,x\n",
		"f:2: 1 fields, but the heading names 2 columns\n"
		"f:4: 3 fields, but the heading names 2 columns\nb=may|~\n"},
	{"quote stays open", "domain,policy\na,may\nb,\"may\nc,none\n",
		"f:3: the closing quote is missing\na=may|~\n"},
	{"text behind a quote", "domain,policy\n\"a\"b,may\nc,may\n",
		"f:2: text behind the closing quote of a field\nc=may|~\n"},
	{"no policy", "domain,policy\na,\nb,may\n", "f:2:1: no policy for a: *\nb=may|~\n"},
	{"no domain", "domain,policy\n,may\n", "f:2:1: a policy without a domain*\n"},
	{"lines counted through quotes", "domain,policy,note\na,may,\"x\ny\"\nb\n",
		"f:4: 1 fields, *\na=may|~ note=x\ny\n"},
	{"duplicates", "domain,policy\na,may\nA,may\n",
		"f:3:1: A is already in line 2, with the same policy\na=may|~\n"},
	{"active", "domain,policy,active\na,may,perhaps\n",
		"f:2: active and verbatim are yes or no\n"},
	{"Latin-1", "domain,policy\nb\xFC,may\n", "f:2:2: the byte 0xFC is not UTF-8*\n"},
};

static void test_cases(void **state)
{
	(void)state;
	files_check_cases(cases, G_N_ELEMENTS(cases), POLICIES_CSV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
