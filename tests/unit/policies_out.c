/* Policies as YAML and as map source: byte by byte, and read back. */
#include "files_test.h"

#include <glib/gstdio.h>
#include <stdlib.h>

#include "core/error.h"
#include "files/policies_out.h"
#include "leave_out.h"

typedef gboolean writer(const struct policy_set *set, FILE *to, GPtrArray *problems);

static gboolean write_yaml(const struct policy_set *set, FILE *to, GPtrArray *problems)
{
	(void)problems;
	return yaml_out(set, to, NULL);
}

static gboolean write_map(const struct policy_set *set, FILE *to, GPtrArray *problems)
{
	return map_out(set, 0, to, problems, NULL);
}

static char *written(const struct policy_set *set, writer *write, GPtrArray *problems, gsize *len)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, len);

	assert_true(write(set, to, problems));
	fclose(to);
	return text;
}

/* params NULL is SQL NULL; a level that is none of Postfix's is stored as it is. */
static struct policy_row *add_row(
	struct policy_set *set, const char *key, const char *level, const char *params)
{
	struct policy policy = {
		.key = policy_set_keep(set, text_of(key)),
		.level = level_parse(text_of(level)),
		.level_text = policy_set_keep(set, text_of(level)),
		.params = policy_set_keep(set, text_of(params)),
	};

	return policy_set_append(set, &policy, NULL);
}

/* A table row and the line it is in YAML and in a map (NULL: it cannot be in one). */
static const struct {
	const char *key, *level, *params, *yaml, *map;
} rows[] = {
	{"github.com", "secure", "match=mx.google.com",
		"  github.com: secure match=mx.google.com\n",
		"github.com\tsecure match=mx.google.com\n"},
	{"a.example", "may", NULL, "  a.example: may\n", "a.example\tmay\n"},
	{"a.example", "may", "", "  a.example: may\n", "a.example\tmay\n"},
	{".a.example", "none", NULL, "  .a.example: none\n", ".a.example\tnone\n"},
	{"[mx.a]:587", "dane", NULL, "  \"[mx.a]:587\": dane\n", "[mx.a]:587\tdane\n"},
	{"192.0.2.1", "may", NULL, "  \"192.0.2.1\": may\n", "192.0.2.1\tmay\n"},
	{"1e3", "may", NULL, "  \"1e3\": may\n", "1e3\tmay\n"},
	{"no", "may", NULL, "  \"no\": may\n", "no\tmay\n"},
	{"A.example", "may", NULL, "  \"A.example\":\n    policy: may\n    verbatim: yes\n",
		"A.example\tmay\n"},
	{"bücher.example", "may", NULL,
		"  \"bücher.example\":\n    policy: may\n    verbatim: yes\n",
		"bücher.example\tmay\n"},
	{"a", "secure", "match=b:", "  a: \"secure match=b:\"\n", "a\tsecure match=b:\n"},
	{"a", "secure", "match=b  x", "  a: \"secure match=b  x\"\n", "a\tsecure match=b  x\n"},
	{"a", "secure", "match=b #c", "  a: \"secure match=b #c\"\n", "a\tsecure match=b #c\n"},
	{"a", "secure", "match=b ", "  a:\n    policy: secure\n    params: \"match=b \"\n",
		"a\tsecure match=b\n"},
	{"a", "secure", "match=b\nciphers=high", "  a: \"secure match=b\\nciphers=high\"\n", NULL},
	{"a", "secure", "match=\\\"", "  a: secure match=\\\"\n", "a\tsecure match=\\\"\n"},
	{"a", "hungry", NULL, "  a:\n    policy: hungry\n", NULL},
	{"a", "", "x=y", "  a:\n    policy: \"\"\n    params: x=y\n", NULL},
	{"a b", "may", NULL, "  \"a b\": may\n", NULL},
	{"#a", "may", NULL, "  \"#a\": may\n", NULL},
	{"\"a\"", "may", NULL, "  \"\\\"a\\\"\": may\n", "\"a\"\tmay\n"},
	{"\"a", "may", NULL, "  \"\\\"a\": may\n", NULL},
	{"a\\", "may", NULL, "  \"a\\\\\": may\n", NULL},
	{"a:", "may", NULL, "  \"a:\": may\n", "a:\tmay\n"},
	{"a\x01", "may", NULL, "  \"a\\x01\": may\n", "a\x01\tmay\n"},
	{"a\xE2\x80\xA8"
	 "b",
		"may", NULL, "  \"a\\u2028b\":\n    policy: may\n    verbatim: yes\n",
		"a\xE2\x80\xA8"
		"b\tmay\n"},
};

static void test_lines(void **state)
{
	guint failures = 0;

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(policy_set_t) set;
		g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
		g_autofree char *want = g_strconcat("policies:\n", rows[i].yaml, NULL);
		gsize len;
		char *yaml, *map;

		policy_set_init(&set);
		add_row(&set, rows[i].key, rows[i].level, rows[i].params);
		yaml = written(&set, write_yaml, NULL, &len);
		map = written(&set, write_map, problems, &len);
		if (strcmp(yaml, want) != 0 || strcmp(map, rows[i].map ? rows[i].map : "") != 0 ||
			problems->len != (rows[i].map ? 0 : 1)) {
			print_error("row %zu\n--- got\n%s%s--- want\n%s%s", i, yaml, map, want,
				rows[i].map ? rows[i].map : "(a problem)\n");
			failures++;
		}
		free(yaml);
		free(map);
	}
	assert_int_equal(failures, 0);
}

static void test_empty(void **state)
{
	g_auto(policy_set_t) set;
	gsize len;
	char *yaml;

	(void)state;
	policy_set_init(&set);
	yaml = written(&set, write_yaml, NULL, &len);
	assert_string_equal(yaml, "policies: {}\n");
	free(yaml);
}

static void test_extras(void **state)
{
	g_auto(policy_set_t) set;
	struct policy_row *row;
	struct policy_extra *extra;
	gsize len;
	char *yaml;

	(void)state;
	policy_set_init(&set);
	row = add_row(&set, "a", "secure", "match=b");
	extra = policy_set_extra_for(&set, row);
	extra->note = policy_set_keep(&set, TEXT_LITERAL("ticket 4711: yes")).at;
	extra->origin = policy_set_keep(&set, TEXT_LITERAL("house")).at;
	row->flags |= ROW_INACTIVE;
	row = add_row(&set, "b", "", NULL);
	policy_set_extra_for(&set, row)->provider =
		policy_set_keep(&set, TEXT_LITERAL("microsoft")).at;
	yaml = written(&set, write_yaml, NULL, &len);
	assert_string_equal(yaml, "policies:\n"
				  "  a:\n"
				  "    policy: secure\n"
				  "    params: match=b\n"
				  "    note: \"ticket 4711: yes\"\n"
				  "    origin: house\n"
				  "    active: no\n"
				  "  b:\n"
				  "    provider: microsoft\n");
	free(yaml);
}

/* To postmap A.example, a.EXAMPLE and a.example are one key: the first it reads would win. */
static void test_fold_collisions(void **state)
{
	g_auto(policy_set_t) set;
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	gsize len;
	char *map;

	(void)state;
	policy_set_init(&set);
	add_row(&set, "A.example", "none", NULL);
	add_row(&set, "B.example", "may", NULL);
	add_row(&set, "a.example", "encrypt", NULL);
	add_row(&set, "b.EXAMPLE", "none", NULL);
	policy_set_sort(&set);
	map = written(&set, write_map, problems, &len);
	assert_string_equal(map, "B.example\tmay\na.example\tencrypt\n");
	assert_int_equal(problems->len, 2);
	free(map);
}

/* The lines that a fast reader takes without libyaml: facts, "The fast reader", rules 2 to 4. */
static void test_fast_subset(void **state)
{
	static const char *const keys[] = {"github.com", ".gmx.net", "[mx.a.example]:587", "a:25",
		"192.0.2.1", "[ipv6:2001:db8::1]", "no", "1e3", "_dmarc.example",
		"xn--bcher-kva.ch", "123", "a_b.example"};
	static const char *const params[] = {NULL, "match=mx.google.com", "match=.a:b.c:nexthop",
		"ciphers=high protocols=>=TLSv1.2:!SSLv3", "match=AB:CD|12:34",
		"policy_type=sts { policy_string = version STSv1 }", "exclude=aNULL,ciphers=high"};
	g_autoptr(GRegex) line = g_regex_new("^  (\"[a-z0-9._:\\-\\[\\]]{1,255}\"|"
					     "[a-z0-9.][a-z0-9._-]*): [a-z][\\x20-\\x7e]*$",
		0, 0, NULL);
	g_autoptr(GRegex) trouble = g_regex_new(": .*: | #|\\w  |[ :]$", 0, 0, NULL);

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(keys) * G_N_ELEMENTS(params); i++) {
		g_auto(policy_set_t) set;
		gsize len;
		char *yaml, *row;

		policy_set_init(&set);
		add_row(&set, keys[i % G_N_ELEMENTS(keys)], "secure",
			params[i / G_N_ELEMENTS(keys)]);
		yaml = written(&set, write_yaml, NULL, &len);
		assert_true(g_str_has_prefix(yaml, "policies:\n") && yaml[len - 1] == '\n');
		row = yaml + strlen("policies:\n");
		row[strlen(row) - 1] = '\0';
		if (!g_regex_match(line, row, 0, NULL) || g_regex_match(trouble, row, 0, NULL))
			fail_msg("%s", row);
		free(yaml);
	}
}

/* -- what is written is read back, whatever it is -------------------------------------------- */

/* Pieces that mean something to YAML, to postmap or to Postfix. */
static const char *const pieces[] = {"a", "b.example", "match=", "mx", ":", ": ", " #", "#", "-",
	"- ", "\"", "'", "\\", "[", "]", "{", "}", ",", "&a", "*a", "!", "|", ">", "%", "@", "`",
	"\t", "\n", "\r", " ", "  ", "\x01", "\x7f", "ü", "ß", "\xC2\x85", "\xE2\x80\xA8",
	"\xEF\xBB\xBF", "\xF0\x9F\x90\xB4", "yes", "no", "null", "~", "1.5", "0x1f", "=", "<<",
	"...", "---", "?", "\xEF\xBF\xBE", "\xC2\xA0"};

static char *random_text(GRand *rand, guint most)
{
	GString *text = g_string_new(NULL);

	for (guint n = g_rand_int_range(rand, 0, most + 1); n > 0; n--)
		g_string_append(text, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
	return g_string_free(text, FALSE);
}

static void random_row(GRand *rand, struct policy_set *set, guint number)
{
	static const char *const levels[] = {"may", "secure", "fingerprint", "dane-only"};
	g_autofree char *text = random_text(rand, 6);
	g_autofree char *odd = random_text(rand, 2);
	g_autofree char *params = random_text(rand, 6);
	/* The number makes keys differ to Postfix, which folds. */
	g_autofree char *key = g_strdup_printf("%s%u", text, number);
	struct policy_row *row = add_row(set, key,
		g_rand_int_range(rand, 0, 5) ? levels[g_rand_int_range(rand, 0, 4)] : odd,
		*params ? params : NULL);

	if (!g_rand_int_range(rand, 0, 3)) {
		struct policy_extra *extra = policy_set_extra_for(set, row);
		g_autofree char *note = random_text(rand, 4);

		extra->note = policy_set_keep(set, text_of(note)).at;
	}
	if (!g_rand_int_range(rand, 0, 6))
		row->flags |= ROW_INACTIVE;
}

static void describe(const struct policy_set *set, GString *to)
{
	for (guint i = 0; i < policy_set_count(set); i++)
		files_append_row(to, set, policy_set_row(set, i));
}

/* Reads what was written; the second writing must give the same bytes. */
static void check_identity(
	const struct policy_set *set, writer *write, enum policies_format format, guint seed)
{
	g_auto(policy_set_t) again;
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	g_autoptr(GPtrArray) left_out = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) before = g_string_new(NULL), after = g_string_new(NULL);
	gsize len, len_again;
	char *first = written(set, write, left_out, &len), *second;

	policy_set_init(&again);
	policies_read_memory(g_memdup2(first, len + 1), len, "f", format, &again, problems);
	second = written(&again, write, left_out, &len_again);
	if (len != len_again || memcmp(first, second, len) != 0)
		fail_msg("seed %u\n--- first\n%s--- second\n%s", seed, first, second);
	for (guint i = 0; i < problems->len; i++) {
		const struct file_problem *problem = g_ptr_array_index(problems, i);

		if (!problem->warning)
			fail_msg("seed %u: line %u: %s\n%s", seed, problem->line, problem->text,
				first);
	}
	if (format == POLICIES_YAML) {
		describe(set, before);
		describe(&again, after);
		assert_string_equal(before->str, after->str);
	}
	free(first);
	free(second);
}

static void test_identity(void **state)
{
	(void)state;
	for (guint seed = 0; seed < 3000; seed++) {
		g_auto(policy_set_t) set;
		GRand *rand = g_rand_new_with_seed(seed);

		policy_set_init(&set);
		for (guint i = 0; i < 5; i++)
			random_row(rand, &set, i);
		policy_set_sort(&set);
		check_identity(&set, write_yaml, POLICIES_YAML, seed);
		check_identity(&set, write_map, POLICIES_MAP, seed);
		g_rand_free(rand);
	}
}

static char *find_postmap(void)
{
	char *path = g_find_program_in_path("postmap");

	return path ? path : g_find_program_in_path("/usr/sbin/postmap");
}

static char *run_postmap(const char *postmap, const char *map, const char *key)
{
	const char *argv[] = {postmap, key ? "-q" : map, key ? key : NULL, map, NULL};
	char *out = NULL;
	g_autofree char *err = NULL;

	assert_true(g_spawn_sync(
		NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, NULL, NULL));
	assert_true(key || !*err || strstr(err, "is this an alias file"));
	return out;
}

/* Postfix's own answer for each row that is in the map; NULL where it is not in it. */
static void compare_answers(const struct policy_set *set, const char *postmap, const char *map,
	const GPtrArray *problems)
{
	guint answers = 0, asked = 0;

	for (guint i = 0; i < policy_set_count(set); i++) {
		const struct policy_row *row = policy_set_row(set, i);
		struct policy policy = policy_set_policy(set, row);
		g_autofree char *key = text_dup(policy.key);
		g_autoptr(GString) want = g_string_new(NULL);
		/* postmap takes "-" and nothing at all for something else. */
		g_autofree char *got = NULL;

		if (row->flags & ROW_INACTIVE)
			continue;
		asked++;
		policy_append_value(want, &policy);
		g_string_append_c(want, '\n');
		got = run_postmap(postmap, map, key);
		answers += *got != '\0';
		if (*got && strcmp(got, want->str) != 0)
			fail_msg("%s: postmap says %s, the table %s", key, got, want->str);
	}
	assert_int_equal(answers, asked - problems->len);
}

static void test_postmap_answers(void **state)
{
	g_autofree char *postmap = find_postmap();
	g_autofree char *directory = g_dir_make_tmp("tlspol-out.XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "map", NULL);
	g_autofree char *database = g_strconcat(path, ".db", NULL);
	g_autofree char *map = g_strconcat("hash:", path, NULL);
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	g_auto(policy_set_t) set;
	GRand *rand = g_rand_new_with_seed(4);
	gsize len;
	char *text;

	(void)state;
	policy_set_init(&set);
	for (guint i = 0; i < 60; i++)
		random_row(rand, &set, i);
	g_rand_free(rand);
	policy_set_sort(&set);
	text = written(&set, write_map, problems, &len);
	assert_true(g_file_set_contents(path, text, (gssize)len, NULL));
	free(text);
	if (postmap) {
		g_free(run_postmap(postmap, map, NULL));
		compare_answers(&set, postmap, map, problems);
	}
	g_unlink(database);
	g_unlink(path);
	g_rmdir(directory);
	if (!postmap)
		leave_out("there is no postmap");
}

/* A key that escapes make longer than libyaml's simple keys. */
static void test_long_key(void **state)
{
	g_auto(policy_set_t) set;
	g_autofree char *key = g_strnfill(POLICY_KEY_MAX, '\x01');

	(void)state;
	policy_set_init(&set);
	add_row(&set, key, "may", NULL);
	add_row(&set, "z", "hungry", NULL);
	check_identity(&set, write_yaml, POLICIES_YAML, 0);
}

static void test_not_utf8(void **state)
{
	g_auto(policy_set_t) set;
	g_autoptr(GError) error = NULL;
	FILE *to = fopen("/dev/null", "w");

	(void)state;
	policy_set_init(&set);
	add_row(&set, "a", "may", "x=\xFC");
	assert_false(yaml_out(&set, to, &error));
	assert_int_equal(error->code, STATUS_DATA);
	fclose(to);
}

static void test_full_disk(void **state)
{
	g_auto(policy_set_t) set;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) map_error = NULL;
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	FILE *to = fopen("/dev/full", "w");

	(void)state;
	setvbuf(to, NULL, _IONBF, 0);
	policy_set_init(&set);
	add_row(&set, "a", "may", NULL);
	assert_false(yaml_out(&set, to, &error));
	assert_int_equal(error->code, STATUS_IO);
	assert_false(map_out(&set, 0, to, problems, &map_error));
	assert_int_equal(map_error->code, STATUS_IO);
	fclose(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_extras),
		cmocka_unit_test(test_fold_collisions),
		cmocka_unit_test(test_fast_subset),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_postmap_answers),
		cmocka_unit_test(test_long_key),
		cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_full_disk),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
