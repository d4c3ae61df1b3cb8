/*
 * The index of keys, and plans whose stored rows stream past in portions and in any order: what
 * is found and what changes is known from how the keys are made.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/key_index.h"
#include "core/plan.h"

static const struct policy_row *row_of(gconstpointer set, guint i)
{
	return policy_set_row(set, i);
}

static void add(struct policy_set *set, guint number, enum level level)
{
	char key[32];
	struct policy policy = {.level = level};

	/* Lengths from 1 to 24 bytes: below, at and above the eight that are hashed at once. */
	g_snprintf(key, sizeof(key), "%0*u", number % 20 + 5, number);
	policy.key = policy_set_keep(set, text_of(key + (number < 10 ? strlen(key) - 1 : 0)));
	assert_non_null(policy_set_append(set, &policy, NULL));
}

/* Row k of `count` is number k * step: every number once when step has no factor of count. */
static void fill(struct policy_set *set, guint count, guint step)
{
	policy_set_init(set);
	for (guint k = 0; k < count; k++)
		add(set, (guint)((guint64)k * step % count), LEVEL_MAY);
}

static void test_find(void **state)
{
	static const guint counts[] = {0, 1, 2, 7, 8, 9, 63, 64, 65, 1000, 20011};

	(void)state;
	for (guint c = 0; c < G_N_ELEMENTS(counts); c++) {
		g_auto(policy_set_t) set;
		g_auto(policy_set_t) strange;
		g_autoptr(key_index_t) index = NULL;
		struct text keys[KEY_INDEX_GROUP];
		guint32 found[KEY_INDEX_GROUP];

		fill(&set, counts[c], 7919);
		policy_set_init(&strange);
		for (guint i = 0; i < 10; i++)
			add(&strange, 1000000 + i, LEVEL_MAY);
		index = key_index_new(row_of, &set, counts[c]);
		assert_true(key_index_unique(index));
		for (guint from = 0; from < counts[c]; from += 54) {
			guint here = MIN(counts[c] - from, 54);

			for (guint i = 0; i < here + 10; i++)
				keys[i] = policy_row_key(
					i < here ? policy_set_row(&set, counts[c] - 1 - from - i)
						 : policy_set_row(&strange, i - here));
			key_index_find(index, keys, here + 10, found);
			for (guint i = 0; i < here + 10; i++)
				assert_int_equal(found[i],
					i < here ? counts[c] - 1 - from - i : KEY_INDEX_NONE);
		}
	}
}

static void test_first_of_equal_keys(void **state)
{
	g_auto(policy_set_t) set;
	g_autoptr(key_index_t) index = NULL;
	struct text key;
	guint32 found;

	(void)state;
	fill(&set, 300, 1);
	add(&set, 150, LEVEL_ENCRYPT);
	index = key_index_new(row_of, &set, 301);
	assert_false(key_index_unique(index));
	key = policy_row_key(policy_set_row(&set, 300));
	key_index_find(index, &key, 1, &found);
	assert_int_equal(found, 150);
}

/* Stored rows 0 to 3n, wanted rows 0 to 2n and 3n to 4n; every tenth of the first n differs. */
static void test_streams(void **state)
{
	static const guint portions[] = {1, 3, 64, 100, 5000};
	static const guint steps[] = {1, 7, 1009};
	const guint n = 500;

	(void)state;
	for (guint p = 0; p < G_N_ELEMENTS(portions) * G_N_ELEMENTS(steps); p++) {
		guint portion = portions[p % G_N_ELEMENTS(portions)];
		guint step = steps[p / G_N_ELEMENTS(portions)];
		const struct plan_scope scope = {PRUNE_ALL, NULL, FALSE};
		g_auto(policy_set_t) wanted;
		g_auto(policy_set_t) some;
		g_auto(plan_t) plan;

		policy_set_init(&wanted);
		policy_set_init(&some);
		plan_init(&plan);
		for (guint i = 0; i < 4 * n; i++)
			if (i < 2 * n || i >= 3 * n)
				add(&wanted, i, i < n && i % 10 == 0 ? LEVEL_ENCRYPT : LEVEL_MAY);
		policy_set_sort(&wanted);
		plan_start(&plan, &wanted, &scope);
		for (guint k = 0; k < 3 * n; k++) {
			add(&some, (guint)((guint64)k * step % (3 * n)), LEVEL_MAY);
			if (policy_set_count(&some) < portion)
				continue;
			assert_true(plan_present(&plan, &some, NULL));
			policy_set_clear(&some);
		}
		assert_true(plan_present(&plan, &some, NULL));
		plan_finish(&plan);
		assert_int_equal(plan.present_count, 3 * n);
		assert_int_equal(plan.updated, n / 10);
		assert_int_equal(plan.unchanged, 2 * n - n / 10);
		assert_int_equal(plan.removed, n);
		assert_int_equal(plan.added, n);
		for (guint i = 1; i < plan.changes->len; i++) {
			const struct change *a = plan_change(&plan, i - 1);
			const struct change *b = plan_change(&plan, i);

			assert_true(text_compare(policy_row_key(a->after ? a->after : a->before),
					    policy_row_key(b->after ? b->after : b->before)) < 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_first_of_equal_keys),
		cmocka_unit_test(test_streams),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
