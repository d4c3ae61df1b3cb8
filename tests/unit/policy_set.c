/* Policy sets: what a row keeps, sorting against qsort() and memcmp(), finding, duplicates. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/error.h"
#include "core/policy_set.h"

#include <glib/gprintf.h>

static struct policy_row *append(struct policy_set *set, struct text key, guint32 where)
{
	struct policy policy = {.key = policy_set_keep(set, key), .level = LEVEL_MAY};
	struct policy_row *row = policy_set_append(set, &policy, NULL);

	assert_non_null(row);
	row->where = where;
	return row;
}

static void test_row_keeps_everything(void **state)
{
	g_auto(policy_set_t) set;
	struct policy policy = {TEXT_LITERAL("a.example"), LEVEL_SECURE, TEXT_NONE,
		TEXT_LITERAL("match=b.example")};
	struct policy_row *row;
	struct policy back;

	(void)state;
	policy_set_init(&set);
	policy_set_adopt(&set, g_strdup("a buffer of its own"));
	row = policy_set_append(&set, &policy, NULL);
	row->where = 4000000000u;
	row->column = 65535;
	row->file = policy_set_add_file(&set, "x.yaml");
	row->flags |= ROW_INACTIVE;
	assert_int_equal(row->file, 1);
	assert_string_equal(g_ptr_array_index(set.files, 0), "");
	assert_string_equal(g_ptr_array_index(set.files, 1), "x.yaml");
	assert_null(policy_set_extra(&set, row));
	back = policy_set_policy(&set, row);
	assert_true(text_is(back.key, "a.example"));
	assert_int_equal(back.level, LEVEL_SECURE);
	assert_true(text_is(back.params, "match=b.example"));

	policy.params = TEXT_NONE;
	row = policy_set_append(&set, &policy, NULL);
	assert_null(policy_set_policy(&set, row).params.at);
	policy.params = TEXT_LITERAL("");
	row = policy_set_append(&set, &policy, NULL);
	assert_non_null(policy_set_policy(&set, row).params.at);
	assert_int_equal(policy_set_count(&set), 3);
	policy_set_clear(&set);
	assert_int_equal(policy_set_count(&set), 0);
	assert_int_equal(set.files->len, 1);
}

static void test_unknown_level_is_kept(void **state)
{
	g_auto(policy_set_t) set;
	struct policy policy = {.key = TEXT_LITERAL("a.example"),
		.level = LEVEL_UNKNOWN,
		.level_text = {"dane-maybe-not", 10}};

	(void)state;
	policy_set_init(&set);
	policy_set_append(&set, &policy, NULL);
	assert_true(
		text_is(policy_set_policy(&set, policy_set_row(&set, 0)).level_text, "dane-maybe"));
	policy.level_text = TEXT_LITERAL("");
	policy_set_append(&set, &policy, NULL);
	assert_true(text_is(policy_set_policy(&set, policy_set_row(&set, 1)).level_text, ""));
}

static void test_limits(void **state)
{
	g_auto(policy_set_t) set;
	g_autofree char *long_text = g_strnfill(POLICY_PARAMS_MAX + 1, 'x');
	struct policy policy = {.key = {long_text, POLICY_KEY_MAX},
		.level = LEVEL_MAY,
		.params = {long_text, POLICY_PARAMS_MAX}};
	g_autoptr(GError) error = NULL;

	(void)state;
	policy_set_init(&set);
	assert_non_null(policy_set_append(&set, &policy, NULL));
	assert_int_equal(policy_row_key(policy_set_row(&set, 0)).len, POLICY_KEY_MAX);
	assert_int_equal(policy_row_params(policy_set_row(&set, 0)).len, POLICY_PARAMS_MAX);
	policy.key.len++;
	assert_null(policy_set_append(&set, &policy, &error));
	assert_int_equal(error->code, STATUS_DATA);
	g_clear_error(&error);
	policy.key.len = 1;
	policy.params.len++;
	assert_null(policy_set_append(&set, &policy, &error));
	assert_int_equal(error->code, STATUS_DATA);
	assert_int_equal(policy_set_count(&set), 1);
}

static void test_extras_survive_sorting(void **state)
{
	static const char *const keys[] = {"d", "b", "c", "a"};
	g_auto(policy_set_t) set;

	(void)state;
	policy_set_init(&set);
	for (guint i = 0; i < 4; i++) {
		struct policy_row *row = append(&set, text_of(keys[i]), i + 1);

		if (i != 2)
			policy_set_extra_for(&set, row)->note = keys[i];
	}
	policy_set_sort(&set);
	for (guint i = 0; i < 4; i++) {
		const struct policy_row *row = policy_set_row(&set, i);
		const struct policy_extra *extra = policy_set_extra(&set, row);

		assert_int_equal(row->key[0], 'a' + i);
		if (i == 2)
			assert_null(extra);
		else
			assert_memory_equal(extra->note, row->key, 1);
	}
}

static void test_extras_stay_where_they_are(void **state)
{
	g_auto(policy_set_t) set;
	struct policy_extra *extras[1000];

	(void)state;
	policy_set_init(&set);
	for (guint i = 0; i < 1000; i++) {
		struct policy_row *row = append(&set, TEXT_LITERAL("same"), i + 1);

		extras[i] = policy_set_extra_for(&set, row);
		assert_null(extras[i]->note);
		extras[i]->note = (const char *)extras[i];
	}
	for (guint i = 0; i < 1000; i++) {
		struct policy_row *row = policy_set_row(&set, i);

		assert_ptr_equal(policy_set_extra(&set, row), extras[i]);
		assert_ptr_equal(policy_set_extra_for(&set, row), extras[i]);
		assert_ptr_equal(extras[i]->note, extras[i]);
	}
}

static void test_sorted_flag(void **state)
{
	g_auto(policy_set_t) set;

	(void)state;
	policy_set_init(&set);
	assert_true(set.sorted);
	append(&set, TEXT_LITERAL("a"), 1);
	append(&set, TEXT_LITERAL("b"), 2);
	append(&set, TEXT_LITERAL("b"), 3);
	append(&set, TEXT_LITERAL("ba"), 4);
	assert_true(set.sorted);
	append(&set, TEXT_LITERAL("b"), 5);
	assert_false(set.sorted);
	policy_set_sort(&set);
	assert_true(set.sorted);
	assert_int_equal(policy_set_row(&set, 3)->where, 5);
	assert_int_equal(policy_set_row(&set, 4)->where, 4);
	policy_set_rekey(&set, policy_set_row(&set, 0), TEXT_LITERAL("z"));
	assert_false(set.sorted);
	policy_set_sort(&set);
	assert_true(text_is(policy_row_key(policy_set_row(&set, 4)), "z"));
	assert_int_equal(policy_set_row(&set, 4)->where, 1);
}

static void count_pairs(
	const struct policy_row *first, const struct policy_row *again, gpointer data)
{
	guint *lines = data;

	*lines = *lines * 100 + first->where * 10 + again->where;
}

static void test_duplicates_and_find(void **state)
{
	static const char *const keys[] = {"b", "a", "b", "c", "b"};
	g_auto(policy_set_t) set;
	guint lines = 0;

	(void)state;
	policy_set_init(&set);
	assert_null(policy_set_find(&set, TEXT_LITERAL("a")));
	assert_int_equal(policy_set_duplicates(&set, NULL, NULL), 0);
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
		append(&set, text_of(keys[i]), i + 1);
	policy_set_sort(&set);
	assert_int_equal(policy_set_duplicates(&set, count_pairs, &lines), 2);
	assert_int_equal(lines, 1335); /* lines 1 and 3, 3 and 5 */
	assert_int_equal(policy_set_find(&set, TEXT_LITERAL("a"))->where, 2);
	assert_int_equal(policy_set_find(&set, TEXT_LITERAL("b"))->where, 1);
	assert_int_equal(policy_set_find(&set, TEXT_LITERAL("c"))->where, 4);
	assert_null(policy_set_find(&set, TEXT_LITERAL("")));
	assert_null(policy_set_find(&set, TEXT_LITERAL("bb")));
	assert_null(policy_set_find(&set, TEXT_LITERAL("d")));
}

/* -- sorting against the C library ---------------------------------------------------------------
 */

static int by_key_then_line(const void *a, const void *b)
{
	const struct policy_row *one = a, *two = b;
	gsize shorter = MIN(one->key_len, two->key_len);
	int order = memcmp(one->key, two->key, shorter);

	if (!order)
		order = (one->key_len > two->key_len) - (one->key_len < two->key_len);
	if (!order)
		order = (one->where > two->where) - (one->where < two->where);
	return order;
}

static void assert_sorts_like_qsort(struct policy_set *set)
{
	guint count = policy_set_count(set);
	g_autofree struct policy_row *expected =
		g_memdup2(set->rows->data, count * sizeof(struct policy_row));

	policy_set_sort(set);
	if (count == 0)
		return;
	qsort(expected, count, sizeof(*expected), by_key_then_line);
	assert_memory_equal(set->rows->data, expected, count * sizeof(*expected));
}

typedef gsize make_key(GRand *random, guint i, char *key);

static gsize names(GRand *random, guint i, char *key)
{
	static const char *const heads[] = {"mail-hosting-", "mx.", ".", "[relay", ""};
	static const char *const tails[] = {".example.com", ".example.org", ".de", "]:587"};

	(void)i;
	return (gsize)g_sprintf(key, "%s%u%s", heads[g_rand_int_range(random, 0, 5)],
		g_rand_int_range(random, 0, 2000000), tails[g_rand_int_range(random, 0, 4)]);
}

/* Short keys of few bytes, NUL and 0xff among them: ties at every window border. */
static gsize ties(GRand *random, guint i, char *key)
{
	gsize len = (gsize)g_rand_int_range(random, 0, 20);

	(void)i;
	for (gsize at = 0; at < len; at++)
		key[at] = "\0\0\0\xff"[g_rand_int_range(random, 0, 4)];
	return len;
}

static gsize same(GRand *random, guint i, char *key)
{
	(void)random, (void)i;
	memcpy(key, "all.the.same.example", 20);
	return 20;
}

static gsize descending(GRand *random, guint i, char *key)
{
	(void)random;
	return (gsize)g_sprintf(key, "host-%08u.example", 99999999 - i);
}

/* Ever longer starts of one text: every window is a tie with all longer keys. */
static gsize nested(GRand *random, guint i, char *key)
{
	(void)random;
	memset(key, 'x', 1000);
	return (i * 7919) % 1000;
}

static const struct {
	const char *name;
	make_key *make;
	guint count;
} shapes[] = {
	{"names", names, 1000000},
	{"ties", ties, 100000},
	{"same", same, 100000},
	{"descending", descending, 100000},
	{"nested", nested, 3000},
	{"few", names, 3},
	{"one", names, 1},
	{"none", names, 0},
};

static void test_sort(void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(20261123);

	(void)state;
	for (guint s = 0; s < G_N_ELEMENTS(shapes); s++) {
		g_auto(policy_set_t) set;
		char key[1024];

		print_message("# %s\n", shapes[s].name);
		policy_set_init(&set);
		for (guint i = 0; i < shapes[s].count; i++) {
			gsize len = shapes[s].make(random, i, key);

			append(&set, (struct text){key, len}, i + 1);
		}
		assert_sorts_like_qsort(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_row_keeps_everything),
		cmocka_unit_test(test_unknown_level_is_kept),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_extras_survive_sorting),
		cmocka_unit_test(test_extras_stay_where_they_are),
		cmocka_unit_test(test_sorted_flag),
		cmocka_unit_test(test_duplicates_and_find),
		cmocka_unit_test(test_sort),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
