/* Map source as postmap reads it; where postmap is installed it reads the same files. */
#include "files_test.h"

#include <glib/gstdio.h>

#include "core/key.h"
#include "leave_out.h"

/* Each problem here is a line on postmap's stderr, each row an entry of its map. */
static const struct files_case cases[] = {
	{"empty", "", ""},
	{"comments only", "# c\n\n  # c\n", ""},
	{"one", "a.example may\n", "a.example=may|~\n"},
	{"tabs and blanks", "a.example\t \tsecure  match=b\t\n", "a.example=secure|match=b\n"},
	{"no newline at the end", "a may", "a=may|~\n"},
	{"CRLF", "a may\r\n\r\nb none\r\n", "a=may|~\nb=none|~\n"},
	{"continuation", "a secure\n  match=b\n", "a=secure|match=b\n"},
	{"continuation keeps its blanks", "a secure match=b\n\tciphers=high\n",
		"a=secure|match=b\tciphers=high\n"},
	{"continuation begins the value", "a\n secure match=b\n", "a=secure|match=b\n"},
	{"comments between continuations", "a secure\n# c\n\n   # d\n match=b\nc may\n",
		"a=secure|match=b\nc=may|~\n"},
	{"a blank line of blanks", "a secure\n   \n match=b\n", "a=secure|match=b\n"},
	{"first line indented", " a may\nb none\n",
		"f:1: a line must not begin with a blank*\nb=none|~\n"},
	{"indented after a comment", "# c\n\ta may\n b none\nc none\n",
		"f:2: a line must not begin with a blank*\nc=none|~\n"},
	{"trailing comment is no comment", "a encrypt # yes\n", "a=encrypt|# yes\n"},
	{"missing value", "a\nb may\n", "f:1: a: expected KEY POLICY, *\nb=may|~\n"},
	{"missing value, blanks", "a   \nb may\n", "f:1: a: expected KEY POLICY, *\nb=may|~\n"},
	{"alias file", "a: may\nb may\n",
		"warning: f:1: the key ends in a colon*\na:=may|~\nb=may|~\n"},
	{"brackets", "[mx.a]:587 encrypt\n", "[mx.a]:587=encrypt|~\n"},
	{"quoted key", "\"a b\" may\n", "\"a b\"=may|~\n"},
	{"quote inside", "a\"b c\"d may\n", "a\"b c\"d=may|~\n"},
	{"backslash", "a\\ b may\n", "a\\ b=may|~\n"},
	{"unbalanced", "\"a may\nb none\n", "f:1: unbalanced '\"'*\nb=none|~\n"},
	{"escaped quote", "a\\\"b may\n", "a\\\"b=may|~\n"},
	{"the same twice", "a may\nA may\n",
		"warning: f:2:1: A is already in line 1, with the same policy\na=may|~\n"},
	{"different policies", "a may\nb none\na secure match=x\n",
		"f:3:1: a is already in line 1, with another policy: remove one of them\n"
		"a=may|~\nb=none|~\n"},
	{"three of a key", "a may\na may\na none\n",
		"warning: f:2:1: a is already in line 1*\nf:3:1: a is already in line "
		"1*\na=may|~\n"},
	{"folding, not lower case", "straße.example may\nstrasse.example none\n",
		"f:2:1: strasse.example is already in line 1*\nstraße.example=may|~\n"},
	{"not UTF-8", "a may\nb\xFC may\nc may\n", "f:2: not UTF-8*\na=may|~\nc=may|~\n"},
	{"not UTF-8 in a comment", "# \xFC\na may\n", "a=may|~\n"},
	{"vertical tab and form feed are blanks", "a\vmay\f\nb may\n", "a=may|~\nb=may|~\n"},
	{"unknown level", "a hungry x=y\n", "a=?hungry|x=y\n"},
	{"commas", "a secure,match=b\n", "a=secure|match=b\n"},
	{"braces", "a secure { policy_string = x y }\n", "a=secure|{ policy_string = x y }\n"},
};

static void test_cases(void **state)
{
	(void)state;
	files_check_cases(cases, G_N_ELEMENTS(cases), POLICIES_MAP);
}

/* What postmap would take, but nobody means. */
static void test_refused(void **state)
{
	static const char nul[] = "a may\nb m\0ay\n";
	static const char bom[] = "\xEF\xBB\xBF"
				  "a may\nb may\n";
	static const char utf16[] = "\xFF\xFE"
				    "a\0 \0m\0";

	(void)state;
	files_failures = 0;
	files_check_bytes("NUL", nul, sizeof nul - 1, POLICIES_MAP, "f:2:4: a NUL byte*\n");
	files_check_bytes("BOM", bom, sizeof bom - 1, POLICIES_MAP,
		"f:1: the file begins with a byte order mark*\na=may|~\nb=may|~\n");
	files_check_bytes("UTF-16", utf16, sizeof utf16 - 1, POLICIES_MAP, "f: this is UTF-16*\n");
	assert_int_equal(files_failures, 0);
}

static char *postmap_path;

static guint count_lines(const char *text)
{
	guint lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static char *run_postmap(const char *option, const char *map, char **err)
{
	const char *argv[] = {postmap_path, option ? option : map, option ? map : NULL, NULL};
	char *out = NULL;
	g_autoptr(GError) error = NULL;

	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, err, NULL,
		    &error))
		fail_msg("%s", error->message);
	return out;
}

static int compare_lines(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "KEY<TAB>VALUE" lines as our rows would be printed, sorted. */
static char *normalized(char *lines)
{
	g_auto(GStrv) split = g_strsplit(lines, "\n", -1);
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
	GString *all = g_string_new(NULL);

	for (guint i = 0; split[i]; i++) {
		char *tab = strchr(split[i], '\t');
		struct policy policy;

		if (!tab || !policy_split(text_of(tab + 1), &policy))
			continue;
		g_ptr_array_add(
			rows, g_strdup_printf("%.*s %.*s %.*s\n", (int)(tab - split[i]), split[i],
				      TEXT_ARG(policy.level_text), TEXT_ARG(policy.params)));
	}
	g_ptr_array_sort(rows, compare_lines);
	for (guint i = 0; i < rows->len; i++)
		g_string_append(all, g_ptr_array_index(rows, i));
	return g_string_free(all, FALSE);
}

/* The rows we read, in the form postmap -s prints, keys folded. */
static char *our_entries(const char *path, guint *problem_count)
{
	g_auto(policy_set_t) set;
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	GString *lines = g_string_new(NULL);

	policy_set_init(&set);
	assert_true(policies_read(path, POLICIES_MAP, &set, problems, NULL));
	for (guint i = 0; i < policy_set_count(&set); i++) {
		struct policy policy = policy_set_policy(&set, policy_set_row(&set, i));

		key_fold(lines, policy.key);
		g_string_append_c(lines, '\t');
		policy_append_value(lines, &policy);
		g_string_append_c(lines, '\n');
	}
	*problem_count = problems->len;
	return g_string_free(lines, FALSE);
}

static void compare_with_postmap(const char *directory, const char *name, const char *content)
{
	g_autofree char *path = g_build_filename(directory, "map", NULL);
	g_autofree char *database = g_strconcat(path, ".db", NULL);
	g_autofree char *map = g_strconcat("hash:", path, NULL);
	g_autofree char *warnings = NULL, *more = NULL;
	guint problems;

	g_unlink(database);
	assert_true(g_file_set_contents(path, content, -1, NULL));
	g_free(run_postmap(NULL, map, &warnings));
	g_autofree char *dump = run_postmap("-s", map, &more);
	g_autofree char *ours = our_entries(path, &problems);
	g_autofree char *want = normalized(dump), *got = normalized(ours);

	if (strcmp(got, want) != 0 || problems != count_lines(warnings))
		fail_msg("%s: %u problems\n%s--- postmap\n%s%s", name, problems, got, want,
			warnings);
	g_unlink(database);
	g_unlink(path);
}

static void test_postmap(void **state)
{
	static const char *const pieces[] = {"a", "B", "ü", "\xFC", " ", "\n", "\n ", "#", "\"",
		"\\", ":", "may", "\nc may", "\r\n", "\v", "=", "{"};
	g_autofree char *directory = g_dir_make_tmp("tlspol-map.XXXXXX", NULL);
	GRand *rand = g_rand_new_with_seed(6);

	(void)state;
	postmap_path = g_find_program_in_path("postmap");
	if (!postmap_path)
		postmap_path = g_find_program_in_path("/usr/sbin/postmap");
	if (!postmap_path)
		leave_out("there is no postmap");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		compare_with_postmap(directory, cases[i].name, cases[i].content);
	for (guint i = 0; i < 30; i++) {
		g_autoptr(GString) text = g_string_new(NULL);

		for (guint n = g_rand_int_range(rand, 1, 40); n > 0; n--)
			g_string_append(
				text, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
		compare_with_postmap(directory, text->str, text->str);
	}
	g_rand_free(rand);
	g_rmdir(directory);
	g_free(postmap_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_postmap),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
