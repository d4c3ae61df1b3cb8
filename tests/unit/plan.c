/*
 * Plans: what is added, changed, removed and left alone, by the spec's words on import; counts
 * and shares by arithmetic; the checksum against SHA-256 of the documented text.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/plan.h"

struct row {
	const char *key, *value; /* Postfix's own words */
	const char *note, *origin, *provider;
	gboolean inactive;
};

static void fill(struct policy_set *set, const struct row *rows)
{
	policy_set_init(set);
	for (; rows->key; rows++) {
		struct policy policy;
		struct policy_row *row;

		assert_true(policy_split(text_of(rows->value), &policy));
		policy.key = text_of(rows->key);
		row = policy_set_append(set, &policy, NULL);
		if (rows->inactive)
			row->flags |= ROW_INACTIVE;
		if (rows->note || rows->origin || rows->provider) {
			struct policy_extra *extra = policy_set_extra_for(set, row);

			extra->note = rows->note;
			extra->origin = rows->origin;
			extra->provider = rows->provider;
		}
	}
	policy_set_sort(set);
}

/* "+key ~key -key", in the plan's order. */
static char *shown(const struct plan *plan)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < plan->changes->len; i++) {
		const struct change *change = plan_change(plan, i);
		struct text key = policy_row_key(change->after ? change->after : change->before);

		assert_int_equal(change->before == NULL, change->kind == CHANGE_ADD);
		assert_int_equal(change->after == NULL, change->kind == CHANGE_REMOVE);
		g_string_append_printf(
			text, "%s%c%.*s", i ? " " : "", "+~-"[change->kind], TEXT_ARG(key));
	}
	return g_string_free(text, FALSE);
}

#define ROWS_MAX 6
static const struct {
	const char *name;
	struct row present[ROWS_MAX], wanted[ROWS_MAX];
	enum prune prune;
	const char *origin;
	const char *changes;
	guint unchanged, weaker;
} cases[] = {
	{"nothing from nothing", {{0}}, {{0}}, PRUNE_ALL, NULL, "", 0, 0},
	{"all new, by key bytes", {{0}}, {{"b", "may"}, {"a", "may"}, {".a", "may"}}, PRUNE_NONE,
		NULL, "+.a +a +b", 0, 0},
	{"the same", {{"a", "secure match=x"}, {"b", "may"}},
		{{"b", "may"}, {"a", "secure match=x"}}, PRUNE_ALL, NULL, "", 2, 0},
	{"the same in other words", {{"a", "secure match=x ciphers=high"}, {"b", "may "}},
		{{"a", "SECURE  match=x, CIPHERS=high"}, {"b", "may"}}, PRUNE_NONE, NULL, "", 2, 0},
	{"changed params", {{"a", "secure match=x"}}, {{"a", "secure match=y"}}, PRUNE_NONE, NULL,
		"~a", 0, 0},
	{"changed level", {{"a", "may"}}, {{"a", "encrypt"}}, PRUNE_NONE, NULL, "~a", 0, 0},
	{"made weaker", {{"a", "encrypt"}, {"b", "secure"}}, {{"a", "may"}, {"b", "none"}},
		PRUNE_NONE, NULL, "~a ~b", 0, 2},
	{"weaker, but switched off", {{"a", "encrypt", .inactive = TRUE}}, {{"a", "may"}},
		PRUNE_NONE, NULL, "~a", 0, 0},
	{"the same, but switched off", {{"a", "encrypt", .inactive = TRUE}}, {{"a", "encrypt"}},
		PRUNE_NONE, NULL, "", 1, 0},
	{"a level nobody knows", {{"a", "strict match=x"}}, {{"a", "secure match=x"}}, PRUNE_NONE,
		NULL, "~a", 0, 0},
	{"a level nobody knows, kept", {{"a", "strict match=x"}}, {{"a", "strict match=x"}},
		PRUNE_NONE, NULL, "", 1, 0},
	{"no prune", {{"a", "may"}, {"b", "may"}, {"c", "may"}}, {{"b", "may"}}, PRUNE_NONE, NULL,
		"", 1, 0},
	{"prune all", {{"a", "may"}, {"b", "may"}, {"c", "may"}}, {{"b", "may"}}, PRUNE_ALL, NULL,
		"-a -c", 1, 0},
	{"prune own origin",
		{{"a", "may", .origin = "x.yaml"}, {"b", "may", .origin = "y.yaml"}, {"c", "may"}},
		{{0}}, PRUNE_ORIGIN, "x.yaml", "-a", 0, 0},
	{"prune no origin is nobody's", {{"a", "may"}}, {{0}}, PRUNE_ORIGIN, NULL, "", 0, 0},
	{"a note that is not named stays", {{"a", "may", "n", "o", "p"}}, {{"a", "may"}},
		PRUNE_NONE, NULL, "", 1, 0},
	{"a new note", {{"a", "may"}}, {{"a", "may", .note = "n"}}, PRUNE_NONE, NULL, "~a", 0, 0},
	{"another note", {{"a", "may", "m"}}, {{"a", "may", "n"}}, PRUNE_NONE, NULL, "~a", 0, 0},
	{"the note taken away", {{"a", "may", "m"}}, {{"a", "may", ""}}, PRUNE_NONE, NULL, "~a", 0,
		0},
	{"no note to take away", {{"a", "may"}}, {{"a", "may", ""}}, PRUNE_NONE, NULL, "", 1, 0},
	{"another origin", {{"a", "may", NULL, "o"}}, {{"a", "may", NULL, "x"}}, PRUNE_NONE, NULL,
		"~a", 0, 0},
	{"another provider", {{"a", "may", NULL, NULL, "o"}}, {{"a", "may", NULL, NULL, "x"}},
		PRUNE_NONE, NULL, "~a", 0, 0},
	{"one of each", {{"a", "may"}, {"c", "may"}, {"d", "may"}, {"e", "may"}},
		{{"b", "may"}, {"c", "encrypt"}, {"e", "may"}}, PRUNE_ALL, NULL, "-a +b ~c -d", 1,
		0},
};

static void test_cases(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(policy_set_t) present;
		g_auto(policy_set_t) wanted;
		g_auto(plan_t) plan;
		g_autofree char *changes = NULL;

		print_message("# %s\n", cases[i].name);
		fill(&present, cases[i].present);
		fill(&wanted, cases[i].wanted);
		plan_init(&plan);
		plan_make(&plan, &present, &wanted, cases[i].prune, cases[i].origin);
		changes = shown(&plan);
		assert_string_equal(changes, cases[i].changes);
		assert_int_equal(plan.unchanged, cases[i].unchanged);
		assert_int_equal(plan.weaker, cases[i].weaker);
		assert_int_equal(plan.added + plan.updated + plan.removed, plan.changes->len);
		assert_int_equal(plan.present_count, policy_set_count(&present));
	}
}

/* -- the checksum ---------------------------------------------------------------------------------
 */

static char *checksum(const struct row *present_rows, const struct row *wanted_rows)
{
	g_auto(policy_set_t) present;
	g_auto(policy_set_t) wanted;
	g_auto(plan_t) plan;

	fill(&present, present_rows);
	fill(&wanted, wanted_rows);
	plan_init(&plan);
	plan_make(&plan, &present, &wanted, PRUNE_ALL, NULL);
	return plan_checksum(&plan);
}

static void test_checksum_of_nothing(void **state)
{
	static const struct row none[] = {{0}};
	g_autofree char *sum = checksum(none, none);

	(void)state;
	/* FIPS 180: SHA-256 of the empty message */
	assert_string_equal(
		sum, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_checksum_tells_plans_apart(void **state)
{
	static const struct row present[] = {{"a", "may"}, {0}};
	static const struct row wanted[][3] = {
		{{0}},
		{{"a", "may"}},
		{{"a", "may", .note = "n"}},
		{{"a", "may", .note = "no"}},
		{{"a", "may", .origin = "n"}},
		{{"a", "may", .origin = "m"}},
		{{"a", "may", .provider = "n"}},
		{{"a", "may", .provider = "m"}},
		{{"a", "may", .note = "n:o"}},
		{{"a", "may", .note = "n", .origin = "o-"}},
		{{"a", "encrypt"}},
		{{"a", "encrypt protocols=>=TLSv1.2"}},
		{{"a", "may"}, {"b", "may"}},
		{{"a", "may"}, {"bm", "may"}},
		{{"a", "may"}, {"b", "encrypt"}},
		{{"a", "encrypt"}, {"b", "may"}},
	};
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
		g_autofree char *again = checksum(present, wanted[i]);

		assert_int_equal(strlen(again), 64);
		assert_true(g_hash_table_add(seen, checksum(present, wanted[i])));
		assert_true(g_hash_table_contains(seen, again));
	}
}

/* -- the guards ---------------------------------------------------------------------------------
 */

/* `count` rows; the first `updated` become encrypt (or weaker), the next `removed` go away. */
static void make(struct plan *plan, struct policy_set *present, struct policy_set *wanted,
	guint count, guint updated, guint removed, gboolean weaker)
{
	struct policy policy = {0};

	policy_set_init(present);
	policy_set_init(wanted);
	for (guint i = 0; i < count; i++) {
		char key[16];

		g_snprintf(key, sizeof(key), "h%05u", i);
		policy.key = policy_set_keep(present, text_of(key));
		policy.level = weaker ? LEVEL_ENCRYPT : LEVEL_MAY;
		policy_set_append(present, &policy, NULL);
		if (i >= updated && i < updated + removed)
			continue;
		if (i < updated)
			policy.level = weaker ? LEVEL_MAY : LEVEL_ENCRYPT;
		policy_set_append(wanted, &policy, NULL);
	}
	plan_init(plan);
	plan_make(plan, present, wanted, PRUNE_ALL, NULL);
	assert_int_equal(plan->updated, updated);
	assert_int_equal(plan->removed, removed);
	assert_int_equal(plan->weaker, weaker ? updated : 0);
}

static const struct {
	guint rows, updated, removed;
	gboolean weaker;
	guint percent;
	gboolean allow_weaker;
	const char *says[2]; /* what each refusal has to say; NULL: no more refusals */
} guarded[] = {
	{0, 0, 0, FALSE, 30, FALSE, {NULL}},
	{9, 9, 0, FALSE, 30, FALSE, {NULL}}, /* fewer than ten rows */
	{10, 3, 0, FALSE, 30, FALSE, {NULL}},
	{10, 4, 0, FALSE, 30, FALSE, {"4 of 10 rows"}},
	{10, 2, 2, FALSE, 30, FALSE, {"--max-change 40%"}},
	{10, 2, 2, FALSE, 40, FALSE, {NULL}},
	{10, 0, 10, FALSE, 100, FALSE, {NULL}},
	{1000, 0, 301, FALSE, 30, FALSE, {"--max-change 31%"}}, /* 30.1 %, rounded up */
	{1000, 0, 300, FALSE, 30, FALSE, {NULL}},
	{10, 1, 0, FALSE, 0, FALSE, {"--max-change 10%"}},
	{3, 1, 0, TRUE, 30, FALSE, {"--allow-weaker"}},
	{3, 1, 0, TRUE, 30, TRUE, {NULL}},
	{20, 2, 0, TRUE, 30, FALSE, {"2 policies"}},
	{20, 12, 0, TRUE, 30, FALSE, {"12 of 20 rows", "h00000"}},
};

static void test_guards(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(guarded); i++) {
		g_auto(policy_set_t) present;
		g_auto(policy_set_t) wanted;
		g_auto(plan_t) plan;
		struct plan_guards guards = {guarded[i].percent, guarded[i].allow_weaker, NULL};
		g_autoptr(GPtrArray) refusals = g_ptr_array_new_with_free_func(g_free);
		guint expected = guarded[i].says[0] ? 1 + (guarded[i].says[1] != NULL) : 0;

		make(&plan, &present, &wanted, guarded[i].rows, guarded[i].updated,
			guarded[i].removed, guarded[i].weaker);
		plan_refusals(&plan, &guards, refusals);
		for (guint r = 0; r < refusals->len; r++)
			print_message("# %u: %s\n", i, (char *)refusals->pdata[r]);
		assert_int_equal(refusals->len, expected);
		for (guint r = 0; r < expected; r++)
			assert_non_null(strstr(refusals->pdata[r], guarded[i].says[r]));
	}
}

static gboolean refused(const struct plan *plan, const char *expect)
{
	struct plan_guards guards = {100, TRUE, expect};
	g_autoptr(GPtrArray) refusals = g_ptr_array_new_with_free_func(g_free);

	plan_refusals(plan, &guards, refusals);
	assert_true(refusals->len <= 1);
	if (refusals->len)
		assert_non_null(strstr(refusals->pdata[0], "--expect"));
	return refusals->len == 1;
}

static void test_expect(void **state)
{
	g_auto(policy_set_t) present;
	g_auto(policy_set_t) wanted;
	g_auto(plan_t) plan;
	g_autofree char *sum = NULL, *upper = NULL, *longer = NULL, *seven = NULL, *eight = NULL;

	(void)state;
	make(&plan, &present, &wanted, 12, 1, 1, FALSE);
	sum = plan_checksum(&plan);
	upper = g_ascii_strup(sum, -1);
	longer = g_strconcat(sum, "0", NULL);
	seven = g_strndup(sum, 7);
	eight = g_strndup(sum, 8);
	assert_false(refused(&plan, sum));
	assert_false(refused(&plan, upper));
	assert_false(refused(&plan, eight));
	assert_true(refused(&plan, seven));
	assert_true(refused(&plan, longer));
	assert_true(refused(&plan, ""));
	eight[7] = eight[7] == '0' ? '1' : '0';
	assert_true(refused(&plan, eight));
}

static void test_single_changes(void **state)
{
	static const struct row present_rows[] = {{"a", "encrypt"}, {"b", "may"}, {0}};
	static const struct row wanted_rows[] = {{"a", "may"}, {"c", "may"}, {0}};
	g_auto(policy_set_t) present;
	g_auto(policy_set_t) wanted;
	g_auto(plan_t) plan;
	g_autofree char *changes = NULL;

	(void)state;
	fill(&present, present_rows);
	fill(&wanted, wanted_rows);
	plan_init(&plan);
	plan.present = &present;
	plan.wanted = &wanted;
	plan_add_change(
		&plan, CHANGE_UPDATE, policy_set_row(&present, 0), policy_set_row(&wanted, 0));
	plan_add_change(&plan, CHANGE_REMOVE, policy_set_row(&present, 1), NULL);
	plan_add_change(&plan, CHANGE_ADD, NULL, policy_set_row(&wanted, 1));
	changes = shown(&plan);
	assert_string_equal(changes, "~a -b +c");
	assert_int_equal(plan.weaker, 1);
	assert_non_null(change_weaker(&plan, plan_change(&plan, 0)));
	assert_null(change_weaker(&plan, plan_change(&plan, 1)));
	assert_null(change_weaker(&plan, plan_change(&plan, 2)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_checksum_of_nothing),
		cmocka_unit_test(test_checksum_tells_plans_apart),
		cmocka_unit_test(test_guards),
		cmocka_unit_test(test_expect),
		cmocka_unit_test(test_single_changes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
