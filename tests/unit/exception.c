/* Which policy of a row counts when: before, at and after the end of an exception. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/exception.h"
#include "core/exception_until.h"
#include "core/lookup.h"
#include "core/plan.h"
#include "core/postfix_version.h"
#include "core/rules.h"

/* 2026-12-01T08:00:00Z, by date(1). */
#define UNTIL	     (G_GINT64_CONSTANT(1796112000) * G_USEC_PER_SEC)
#define A_LITTLE     1
#define A_DAY_BEFORE (UNTIL - G_TIME_SPAN_DAY)

/* One row; `level` NULL: there is no policy under the exception, which is `under` itself. */
static struct policy_row *add(struct policy_set *set, const char *key, enum level under,
	const char *level, gint64 until_us, const char *note)
{
	struct policy policy = {.key = text_of(key), .level = under};
	struct policy_row *row = policy_set_append(set, &policy, NULL);
	struct policy_exception exception = {
		.over = level != NULL,
		.level = level_parse(text_of(level)),
		.level_text = level,
		.until_us = until_us,
		.note = note,
	};

	policy_set_except(set, row, &exception);
	return row;
}

static const struct {
	gboolean over, inactive;
	gint64 until_us, now_us;
	int wanted; /* enum level, -1 = nothing answers */
} moments[] = {
	{TRUE, FALSE, UNTIL, A_DAY_BEFORE, LEVEL_MAY},
	{TRUE, FALSE, UNTIL, UNTIL - A_LITTLE, LEVEL_MAY},
	{TRUE, FALSE, UNTIL, UNTIL, LEVEL_SECURE}, /* the column's ">": the end itself is over */
	{TRUE, FALSE, UNTIL, UNTIL + A_LITTLE, LEVEL_SECURE},
	{TRUE, TRUE, UNTIL, A_DAY_BEFORE, -1},
	{TRUE, FALSE, 0, A_DAY_BEFORE, LEVEL_SECURE}, /* without an end there is none */
	{FALSE, FALSE, UNTIL, A_DAY_BEFORE, LEVEL_SECURE},
	{FALSE, FALSE, UNTIL, UNTIL - A_LITTLE, LEVEL_SECURE},
	{FALSE, FALSE, UNTIL, UNTIL, -1},
	{FALSE, TRUE, UNTIL, A_DAY_BEFORE, -1},
	{FALSE, FALSE, 0, UNTIL, LEVEL_SECURE},
};

static void what_is_in_force(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(moments); i++) {
		struct policy policy;
		struct policy_row *row;
		gboolean found;
		g_auto(policy_set_t) set;

		policy_set_init(&set);
		row = add(&set, "a.example", LEVEL_SECURE, moments[i].over ? "may" : NULL,
			moments[i].until_us, NULL);
		row->flags = moments[i].inactive ? ROW_INACTIVE : 0;
		found = row_policy_now(&set, row, moments[i].now_us, &policy);
		assert_int_equal(found ? (int)policy.level : -1, moments[i].wanted);
		assert_true(!found || text_is(policy.key, "a.example"));
	}
}

/* A row that is over does not keep its parent from answering. */
static void lookup(void **state)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
	struct policy parent = {.key = TEXT_LITERAL(".example"), .level = LEVEL_VERIFY};
	guint key = 0;
	g_auto(policy_set_t) set;

	(void)state;
	policy_set_init(&set);
	policy_set_append(&set, &parent, NULL);
	add(&set, "a.example", LEVEL_MAY, NULL, UNTIL, NULL);
	lookup_keys(TEXT_LITERAL("a.example"), keys);
	assert_int_equal(lookup_answer(&set, keys, UNTIL - A_LITTLE, &key)->level, LEVEL_MAY);
	assert_int_equal(key, 0);
	assert_int_equal(lookup_answer(&set, keys, UNTIL, &key)->level, LEVEL_VERIFY);
	assert_int_equal(key, 1);
}

static void the_first_end(void **state)
{
	g_auto(policy_set_t) set;

	(void)state;
	policy_set_init(&set);
	add(&set, "a.example", LEVEL_SECURE, "may", UNTIL + 2, NULL);
	add(&set, "b.example", LEVEL_MAY, NULL, UNTIL + 1, NULL);
	add(&set, "c.example", LEVEL_SECURE, "may", UNTIL, NULL)->flags = ROW_INACTIVE;
	assert_true(exception_next_end(&set, A_DAY_BEFORE) == UNTIL + 1);
	assert_true(exception_next_end(&set, UNTIL + 1) == UNTIL + 2);
	assert_true(exception_next_end(&set, UNTIL + 2) == 0);
	exception_drop_over(&set, UNTIL + 2);
	assert_int_equal(policy_set_count(&set), 2);
	assert_true(text_is(policy_row_key(policy_set_row(&set, 1)), "c.example"));
}

static const struct {
	const char *text;
	gint64 seconds; /* by date -u -d TEXT +%s; -1 = no time */
} texts[] = {
	{"2026-12-01T08:00:00Z", 1796112000},
	{"2026-12-01 08:00:00", 1796112000},
	{"2026-12-01", 1796083200},
	{"2026-12-01T09:00:00+01:00", 1796112000},
	{"2026-12-01T02:30:00-05:30", 1796112000},
	{"2026-12-01 08:00:00.000001", 1796112001}, /* never earlier than was said */
	{"9999-12-31 23:59:59", 253402300799},
	{"0000-00-00 00:00:00", -1},
	{"2026-13-01", -1},
	{"2026-12-01x", -1},
	{"tomorrow", -1},
	{"", -1},
};

static void ends_as_text(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		gint64 us = 0, again = 0;

		print_message("# %s\n", texts[i].text);
		assert_int_equal(
			exception_until_parse(text_of(texts[i].text), &us), texts[i].seconds >= 0);
		if (texts[i].seconds < 0)
			continue;
		assert_true(us == texts[i].seconds * G_USEC_PER_SEC);
		g_autofree char *back = exception_until_format(us);
		assert_true(exception_until_parse(text_of(back), &again) && again == us);
	}
}

/* What a plan does with the exceptions of stored rows. */
enum spoken { SAYS_NOTHING, SAYS_THE_SAME, SAYS_ANOTHER, SAYS_NONE };
static const struct {
	gboolean over; /* the stored one */
	enum level wanted;
	enum spoken says;
	gboolean changes;
} plans[] = {
	{TRUE, LEVEL_SECURE, SAYS_NOTHING, FALSE},
	{TRUE, LEVEL_ENCRYPT, SAYS_NOTHING, TRUE},
	{TRUE, LEVEL_SECURE, SAYS_THE_SAME, FALSE},
	{TRUE, LEVEL_SECURE, SAYS_ANOTHER, TRUE},
	{TRUE, LEVEL_SECURE, SAYS_NONE, TRUE},
	/* There is nothing under it: a row that says nothing of exceptions is to be there for good.
	 */
	{FALSE, LEVEL_SECURE, SAYS_NOTHING, TRUE},
	{FALSE, LEVEL_SECURE, SAYS_NONE, TRUE},
};

static void in_plans(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(plans); i++) {
		gint64 until = plans[i].says == SAYS_NONE ? 0 : UNTIL;
		const char *level = plans[i].says == SAYS_ANOTHER ? "none" : "may";
		struct policy policy = {.key = TEXT_LITERAL("a"), .level = plans[i].wanted};
		g_auto(policy_set_t) present, wanted;
		g_auto(plan_t) plan;

		policy_set_init(&present);
		policy_set_init(&wanted);
		plan_init(&plan);
		add(&present, "a", LEVEL_SECURE, plans[i].over ? "may" : NULL, UNTIL, "why");
		if (plans[i].says == SAYS_NOTHING)
			policy_set_append(&wanted, &policy, NULL);
		else
			add(&wanted, "a", plans[i].wanted, level, until, "why");
		plan_make(&plan, &present, &wanted, PRUNE_NONE, NULL);
		assert_int_equal(plan.changes->len, plans[i].changes);
		/* Only the exception that comes, or the policy, can be weaker. */
		assert_int_equal(plan.weaker,
			plans[i].wanted == LEVEL_ENCRYPT || plans[i].says == SAYS_ANOTHER);
	}
}

/* A row that was an exception and gets a policy: the exception lies over it from then on. */
static void what_is_kept(void **state)
{
	struct policy_exception kept;
	struct policy encrypt = {.key = TEXT_LITERAL("a"), .level = LEVEL_ENCRYPT};
	struct policy may = {.key = TEXT_LITERAL("a"), .level = LEVEL_MAY};
	const struct policy_row *row;
	g_auto(policy_set_t) set;

	(void)state;
	policy_set_init(&set);
	row = add(&set, "a", LEVEL_MAY, NULL, UNTIL, "why");
	assert_true(exception_kept(&set, row, &encrypt, &kept));
	assert_true(kept.over && kept.level == LEVEL_MAY && kept.until_us == UNTIL);
	assert_string_equal(kept.note, "why");
	assert_false(exception_kept(&set, row, &may, &kept));
}

static const struct {
	const char *level, *note; /* level NULL: the row itself ends */
	gint64 now_us;
	const char *rules;
} judged[] = {
	{"encrypt", "why", A_DAY_BEFORE, ""},
	{"encrypt", NULL, A_DAY_BEFORE, "exception-without-reason "},
	{"encrypt", NULL, UNTIL, "exception-ended "},
	{"strong", "why", A_DAY_BEFORE, "level-unknown "},
	{"strong", "why", UNTIL, "exception-ended "}, /* it is of no matter any more */
	{NULL, "why", A_DAY_BEFORE, ""},
	{NULL, "why", UNTIL, "exception-ended "},
};

static void rules(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(judged); i++) {
		g_autoptr(GPtrArray) findings =
			g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
		g_autoptr(GString) found = g_string_new(NULL);
		struct rule_context context;
		const struct policy_row *row;
		g_auto(policy_set_t) set;

		policy_set_init(&set);
		rule_context_init(&context, POSTFIX_VERSION(3, 11, 0));
		row = add(&set, "a.example", LEVEL_MAY, judged[i].level, UNTIL, judged[i].note);
		rules_check_row(&context, &set, row, judged[i].now_us, findings);
		for (guint j = 0; j < findings->len; j++)
			g_string_append_printf(
				found, "%s ", ((struct finding *)findings->pdata[j])->rule->id);
		assert_string_equal(found->str, judged[i].rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_force),
		cmocka_unit_test(lookup),
		cmocka_unit_test(the_first_end),
		cmocka_unit_test(ends_as_text),
		cmocka_unit_test(in_plans),
		cmocka_unit_test(what_is_kept),
		cmocka_unit_test(rules),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
