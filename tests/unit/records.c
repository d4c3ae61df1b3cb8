/*
 * Rows as table, JSON, YAML, CSV and TSV. What is expected comes from RFC 8259, RFC 4180, YAML
 * 1.2 and the escapes of LOAD DATA; the readers of other languages are asked in tests/cli/output.t.
 */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/error.h"
#include "output/records.h"

struct row {
	const char *domain, *params; /* params NULL = NULL */
	gint64 line;
	const char *const *hosts;
};

static void get_domain(gconstpointer data, gpointer unused, struct value *value)
{
	const struct row *row = data;

	(void)unused;
	*value = (struct value){VALUE_TEXT, .text = text_of(row->domain)};
}

static void get_params(gconstpointer data, gpointer unused, struct value *value)
{
	const struct row *row = data;

	(void)unused;
	if (row->params)
		*value = (struct value){VALUE_TEXT, .text = text_of(row->params)};
}

static void get_line(gconstpointer data, gpointer unused, struct value *value)
{
	const struct row *row = data;

	(void)unused;
	*value = (struct value){VALUE_NUMBER, .number = row->line};
}

static void get_hosts(gconstpointer data, gpointer unused, struct value *value)
{
	const struct row *row = data;

	(void)unused;
	*value = (struct value){VALUE_LIST, .list = row->hosts};
}

static void get_active(gconstpointer data, gpointer unused, struct value *value)
{
	(void)data;
	(void)unused;
	*value = (struct value){VALUE_BOOL, .number = 1};
}

static const struct column all[] = {
	{"domain", "Domain", get_domain},
	{"params", "Parameters", get_params},
	{"line", "Line", get_line, COLUMN_RIGHT},
	{"active", "Active", get_active},
	{"hosts", "Hosts", get_hosts, COLUMN_HIDE_EMPTY},
	{NULL},
};
static const char *const two_hosts[] = {"a, b", "c:", NULL};
static const char *const no_hosts[] = {NULL};
static const struct row rows[] = {
	{"example.com", NULL, 1, two_hosts},
	{".example.net", "", -7, no_hosts},
	{"q\"uo\\te", "match=a:b c,d\ttab\nline", 22, no_hosts},
	{"b\xc3\xbc"
	 "cher",
		"\xe2\x82\xac", 3, NULL},
};

static char *print_as(enum record_format format, gboolean single, const struct column *columns,
	guint first, guint count)
{
	struct record_style style = {.format = format, .empty = "nothing here"};
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	struct records *records = single ? records_open_single(&style, columns, NULL, to)
					 : records_open(&style, columns, NULL, to);

	for (guint i = 0; i < count; i++)
		records_row(records, &rows[first + i]);
	assert_true(records_close(records, NULL));
	fclose(to);
	return text;
}

static void check(enum record_format format, guint first, guint count, const char *want)
{
	char *got = print_as(format, FALSE, all, first, count);

	assert_string_equal(got, want);
	free(got);
}

static void json(void **state)
{
	(void)state;
	check(RECORD_JSON, 0, 0, "[]\n");
	check(RECORD_JSON, 0, 2,
		"[\n"
		"{\"domain\": \"example.com\", \"params\": null, \"line\": 1, \"active\": true, "
		"\"hosts\": [\"a, b\", \"c:\"]},\n"
		"{\"domain\": \".example.net\", \"params\": \"\", \"line\": -7, \"active\": true, "
		"\"hosts\": []}\n"
		"]\n");
	check(RECORD_JSON, 2, 1,
		"[\n"
		"{\"domain\": \"q\\\"uo\\\\te\", \"params\": \"match=a:b c,d\\ttab\\nline\", "
		"\"line\": 22, \"active\": true, \"hosts\": []}\n"
		"]\n");
}

static void yaml(void **state)
{
	(void)state;
	check(RECORD_YAML, 0, 0, "[]\n");
	check(RECORD_YAML, 1, 1,
		"- domain: .example.net\n"
		"  params: \"\"\n"
		"  line: -7\n"
		"  active: true\n"
		"  hosts: []\n");
}

/* RFC 4180 2.5 to 2.7; NULL is an empty field, the empty string a quoted one. */
static void csv(void **state)
{
	(void)state;
	check(RECORD_CSV, 0, 0, "domain,params,line,active,hosts\n");
	check(RECORD_CSV, 0, 3,
		"domain,params,line,active,hosts\n"
		"example.com,,1,yes,\"a, b;c:\"\n"
		".example.net,\"\",-7,yes,\"\"\n"
		"\"q\"\"uo\\te\",\"match=a:b c,d\ttab\nline\",22,yes,\"\"\n");
}

static void tsv(void **state)
{
	(void)state;
	check(RECORD_TSV, 0, 3,
		"domain\tparams\tline\tactive\thosts\n"
		"example.com\t\\N\t1\tyes\ta, b;c:\n"
		".example.net\t\t-7\tyes\t\n"
		"q\"uo\\\\te\tmatch=a:b c,d\\ttab\\nline\t22\tyes\t\n");
}

static void table(void **state)
{
	char *got = print_as(RECORD_TABLE, FALSE, all, 1, 3);

	(void)state;
	/* Two columns of the terminal for the umlaut's two bytes would shift the next column. */
	assert_string_equal(got,
		"Domain        Parameters                    Line  Active\n"
		".example.net                                  -7  yes\n"
		"q\"uo\\te       match=a:b c,d\\x09tab\\x0Aline    22  yes\n"
		"b\xc3\xbc"
		"cher        \xe2\x82\xac                                3  yes\n");
	free(got);
	got = print_as(RECORD_TABLE, FALSE, all, 0, 1);
	assert_string_equal(got, "Domain       Parameters  Line  Active  Hosts\n"
				 "example.com                 1  yes     a, b, c:\n");
	free(got);
	got = print_as(RECORD_TABLE, FALSE, all, 0, 0);
	assert_string_equal(got, "nothing here\n");
	free(got);
}

static void single(void **state)
{
	char *got = print_as(RECORD_TABLE, TRUE, all, 0, 2);

	(void)state;
	assert_string_equal(got, "Domain      example.com\n"
				 "Parameters  -\n"
				 "Line        1\n"
				 "Active      yes\n"
				 "Hosts       a, b\n"
				 "            c:\n"
				 "\n"
				 "Domain      .example.net\n"
				 "Parameters  \n"
				 "Line        -7\n"
				 "Active      yes\n");
	free(got);
	got = print_as(RECORD_JSON, TRUE, all, 1, 1);
	assert_non_null(strstr(got, "[\n{\"domain\": \".example.net\""));
	free(got);
}

/* A line of 50 columns: only the column that may be cut is, and no line is longer. */
static void narrow_terminal(void **state)
{
	static const struct column columns[] = {
		{"domain", "Domain", get_domain},
		{"params", "Parameters", get_params, COLUMN_TRUNCATE},
		{NULL},
	};
	static const struct row wide = {"a-rather-long-name.example.com",
		"match=one.example.com:two.example.com:three.example.com"};
	struct record_style style = {.format = RECORD_TABLE, .width = 50};
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	struct records *records = records_open(&style, columns, NULL, to);
	g_auto(GStrv) lines = NULL;

	(void)state;
	records_row(records, &wide);
	assert_true(records_close(records, NULL));
	fclose(to);
	lines = g_strsplit(text, "\n", -1);
	assert_true(g_str_has_prefix(lines[1], "a-rather-long-name.example.com  match="));
	for (guint i = 0; lines[i]; i++)
		assert_true(g_utf8_strlen(lines[i], -1) <= 50);
	free(text);
}

static void harmless(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"", ""},
		{"plain text", "plain text"},
		{"tab\there", "tab\\x09here"},
		{"\033[31mred\033[0m", "\\x1B[31mred\\x1B[0m"},
		{"del\x7f", "del\\x7F"},
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"latin1 \xe9", "latin1 \\xE9"},
		{"cut \xe2\x82", "cut \\xE2\\x82"},
		/* C1 control (CSI) and right-to-left override, in UTF-8 */
		{"\xc2\x9b"
		 "31m",
			"\\xC2\\x9B31m"},
		{"a\xe2\x80\xae"
		 "b",
			"a\\xE2\\x80\\xAE"
			"b"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = printable(text_of(cases[i].text));

		assert_string_equal(got, cases[i].want);
	}
}

/* Records inside of records: one, none and two of them. */
static const gconstpointer none[] = {NULL};
static const gconstpointer one[] = {&rows[0], NULL};
static const gconstpointer two[] = {&rows[0], &rows[1], NULL};
static const struct column inner[] = {
	{"domain", "Domain", get_domain},
	{"hosts", "Hosts", get_hosts},
	{NULL},
};

static void get_one(gconstpointer data, gpointer unused, struct value *value)
{
	(void)unused;
	*value = (struct value){
		VALUE_RECORD, .rows = data == &rows[1] ? none : one, .columns = inner};
}

static void get_two(gconstpointer data, gpointer unused, struct value *value)
{
	(void)unused;
	*value = (struct value){
		VALUE_RECORDS, .rows = data == &rows[1] ? none : two, .columns = inner};
}

static const struct column outer[] = {
	{"line", "Line", get_line},
	{"one", "One", get_one},
	{"two", "Two", get_two},
	{NULL},
};

static void nested(void **state)
{
	static const struct {
		enum record_format format;
		const char *want;
	} cases[] = {
		{RECORD_JSON,
			"[\n{\"line\": 1, \"one\": {\"domain\": \"example.com\", \"hosts\": [\"a, "
			"b\", \"c:\"]}, "
			"\"two\": [{\"domain\": \"example.com\", \"hosts\": [\"a, b\", \"c:\"]}, "
			"{\"domain\": \".example.net\", \"hosts\": []}]},\n"
			"{\"line\": -7, \"one\": null, \"two\": []}\n]\n"},
		{RECORD_YAML, "- line: 1\n"
			      "  one:\n"
			      "    domain: example.com\n"
			      "    hosts:\n"
			      "      - a, b\n"
			      "      - \"c:\"\n"
			      "  two:\n"
			      "    - domain: example.com\n"
			      "      hosts:\n"
			      "        - a, b\n"
			      "        - \"c:\"\n"
			      "    - domain: .example.net\n"
			      "      hosts: []\n"
			      "- line: -7\n"
			      "  one: null\n"
			      "  two: []\n"},
		{RECORD_CSV,
			"line,one,two\n"
			"1,\"{\"\"domain\"\": \"\"example.com\"\", \"\"hosts\"\": [\"\"a, b\"\", "
			"\"\"c:\"\"]}\","
			"\"[{\"\"domain\"\": \"\"example.com\"\", \"\"hosts\"\": [\"\"a, b\"\", "
			"\"\"c:\"\"]}, {\"\"domain\"\": \"\".example.net\"\", "
			"\"\"hosts\"\": []}]\"\n"
			"-7,,[]\n"},
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got = print_as(cases[i].format, FALSE, outer, 0, 2);

		assert_string_equal(got, cases[i].want);
		free(got);
	}
}

/* Made in any order, printed in another: the same bytes. */
static void rendered(void **state)
{
	static const enum record_format formats[] = {
		RECORD_JSON, RECORD_YAML, RECORD_CSV, RECORD_TSV};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
		struct record_style style = {.format = formats[i]};
		char *want = print_as(formats[i], FALSE, all, 0, 3), *got = NULL;
		gsize len, lens[3];
		FILE *to = open_memstream(&got, &len);
		struct records *records = records_open(&style, all, NULL, to);
		char *texts[3];

		for (guint j = 3; j-- > 0;)
			texts[j] = records_render(records, &rows[j], &lens[j]);
		for (guint j = 0; j < 3; j++) {
			records_put(records, texts[j], lens[j]);
			g_free(texts[j]);
		}
		assert_true(records_close(records, NULL));
		fclose(to);
		assert_string_equal(got, want);
		free(got);
		free(want);
	}
}

static void full_disk(void **state)
{
	struct record_style style = {.format = RECORD_JSON};
	g_autoptr(GError) error = NULL;
	FILE *to = fopen("/dev/full", "w");
	struct records *records = records_open(&style, all, NULL, to);

	(void)state;
	records_row(records, &rows[0]);
	assert_false(records_close(records, &error));
	assert_int_equal(error->code, STATUS_IO);
	assert_non_null(strstr(error->message, g_strerror(ENOSPC)));
	fclose(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json),
		cmocka_unit_test(yaml),
		cmocka_unit_test(csv),
		cmocka_unit_test(tsv),
		cmocka_unit_test(table),
		cmocka_unit_test(single),
		cmocka_unit_test(narrow_terminal),
		cmocka_unit_test(harmless),
		cmocka_unit_test(nested),
		cmocka_unit_test(rendered),
		cmocka_unit_test(full_disk),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
