/* Lines leave in the order of their keys' bytes, equal ones as they came: what qsort() says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "core/sorted_lines.h"

struct wanted {
	char *line;
	gsize key_len;
	guint number;
};

static int by_key(const void *a, const void *b)
{
	const struct wanted *one = a, *other = b;
	int order = text_compare(
		(struct text){one->line, one->key_len}, (struct text){other->line, other->key_len});

	return order ? order : (int)one->number - (int)other->number;
}

static void add(struct sorted_lines *lines, const char *line, gsize key_len, guint8 tag)
{
	g_string_append(sorted_lines_start(lines), line);
	sorted_lines_add(lines, key_len, tag);
}

/* Few letters, so that keys are equal, or alike over many bytes, as often as not. */
static char *some_line(GRand *random, gsize *key_len)
{
	GString *line = g_string_new(g_rand_boolean(random) ? "mail-hotel-" : NULL);

	for (int left = g_rand_int_range(random, 1, 20); left > 0; left--)
		g_string_append_c(line, "ab\xff"[g_rand_int_range(random, 0, 3)]);
	*key_len = line->len;
	g_string_append(line, "\tmay\n");
	return g_string_free(line, FALSE);
}

static void test_order(G_GNUC_UNUSED void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	guint count = 50000;
	struct wanted *wanted = g_new0(struct wanted, count);
	g_auto(sorted_lines_t) lines;

	sorted_lines_init(&lines);
	for (guint i = 0; i < count; i++) {
		wanted[i].number = i;
		wanted[i].line = some_line(random, &wanted[i].key_len);
		add(&lines, wanted[i].line, wanted[i].key_len, (guint8)(i % 251));
	}
	qsort(wanted, count, sizeof(*wanted), by_key);
	sorted_lines_sort(&lines);
	assert_int_equal(sorted_lines_count(&lines), count);
	for (guint i = 0; i < count; i++) {
		struct sorted_line line = sorted_lines_get(&lines, i);

		assert_int_equal(line.text.len, strlen(wanted[i].line));
		assert_memory_equal(line.text.at, wanted[i].line, line.text.len);
		assert_int_equal(line.key.len, wanted[i].key_len);
		assert_int_equal(line.tag, wanted[i].number % 251);
		g_free(wanted[i].line);
	}
	g_free(wanted);
}

static void test_have(G_GNUC_UNUSED void **state)
{
	g_auto(sorted_lines_t) lines;

	sorted_lines_init(&lines);
	sorted_lines_sort(&lines);
	assert_false(sorted_lines_have(&lines, TEXT_LITERAL("b")));
	add(&lines, "c\t", 1, 0);
	add(&lines, "a.example\t", 9, 0);
	add(&lines, "b\t", 1, 0);
	sorted_lines_sort(&lines);
	assert_true(sorted_lines_have(&lines, TEXT_LITERAL("b")));
	assert_true(sorted_lines_have(&lines, TEXT_LITERAL("a.example")));
	assert_true(sorted_lines_have(&lines, TEXT_LITERAL("c")));
	assert_false(sorted_lines_have(&lines, TEXT_LITERAL("a")));
	assert_false(sorted_lines_have(&lines, TEXT_LITERAL("d")));
}

/* Longer than the blocks that lines are kept in. */
static void test_long_line(G_GNUC_UNUSED void **state)
{
	g_autofree char *text = g_strnfill(3 << 20, 'x');
	g_auto(sorted_lines_t) lines;
	struct sorted_line line;

	sorted_lines_init(&lines);
	add(&lines, "z\n", 1, 0);
	add(&lines, text, 1000, 7);
	add(&lines, "a\n", 1, 0);
	sorted_lines_sort(&lines);
	line = sorted_lines_get(&lines, 1);
	assert_int_equal(line.text.len, 3 << 20);
	assert_memory_equal(line.text.at, text, line.text.len);
	assert_int_equal(line.tag, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_have),
		cmocka_unit_test(test_long_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sorted_lines", tests, NULL, NULL);
}
