#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/history.h"

/* A version as the table keeps it; until 0: it is what the table has now. */
struct version {
	gint64 from, until;
	guint id;
	const char *key, *value, *note, *who;
};

#define MINUTE ((gint64)60 * G_USEC_PER_SEC)

/* What happened, as people would tell it: "MOMENT KIND KEY: BEFORE -> AFTER by WHO". */
static const struct {
	const char *name;
	gint64 since;
	struct version versions[8]; /* ended by key NULL */
	const char *told;
} cases[] = {
	{"nothing", 0, {{0}}, ""},
	{"added", 0, {{5, 0, 1, "a", "may", NULL, "x"}}, "5 + a: may by x\n"},
	{"added by nobody known", 0, {{5, 0, 1, "a", "may", NULL, NULL}}, "5 + a: may\n"},
	{"changed twice, in any order", 0,
		{{7, 9, 1, "a", "encrypt", NULL, "y"}, {9, 0, 1, "a", "dane", NULL, "z"},
			{5, 7, 1, "a", "may", NULL, "x"}},
		"5 + a: may by x\n7 ~ a: may -> encrypt by y\n9 ~ a: encrypt -> dane by z\n"},
	{"a note is a change", 0,
		{{5, 7, 1, "a", "may", NULL, "x"}, {7, 0, 1, "a", "may", "why", "y"}},
		"5 + a: may by x\n7 ~ a: may -> may (why) by y\n"},
	{"removed by another program: nobody knows who", 0, {{5, 7, 1, "a", "may", NULL, "x"}},
		"5 + a: may by x\n7 - a: may\n"},
	{"signed, then removed", 0,
		{{5, 7, 1, "a", "may", NULL, "x"}, {7, 8, 1, "a", "may", NULL, "y"}},
		"5 + a: may by x\n8 - a: may by y\n"},
	{"signed by who wrote it", 0,
		{{5, 7, 1, "a", "may", NULL, "x"}, {7, 8, 1, "a", "may", NULL, "x"}},
		"5 + a: may by x\n8 - a: may by x\n"},
	{"written again, long before somebody removed it", 0,
		{{5, 7, 1, "a", "may", NULL, "x"}, {7, 7 + 10 * MINUTE, 1, "a", "may", NULL, "y"}},
		"5 + a: may by x\n7 ~ a: may -> may by y\n600000007 - a: may\n"},
	{"written again, and still there", 0,
		{{5, 7, 1, "a", "may", NULL, "x"}, {7, 0, 1, "a", "may", NULL, "y"}},
		"5 + a: may by x\n7 ~ a: may -> may by y\n"},
	{"changed, then removed: no signature", 0,
		{{5, 7, 1, "a", "may", NULL, "x"}, {7, 8, 1, "a", "none", NULL, "y"}},
		"5 + a: may by x\n7 ~ a: may -> none by y\n8 - a: none\n"},
	{"removed and stored again", 0,
		{{5, 7, 1, "a", "may", NULL, "x"}, {8, 0, 2, "a", "dane", NULL, "y"}},
		"5 + a: may by x\n7 - a: may\n8 + a: dane by y\n"},
	{"REPLACE: another id, the same moment", 0,
		{{5, 7, 1, "a", "may", NULL, "x"}, {7, 0, 2, "a", "dane", NULL, "y"}},
		"5 + a: may by x\n7 ~ a: may -> dane by y\n"},
	{"another key for the row", 0,
		{{5, 7, 1, "a", "may", NULL, "x"}, {7, 0, 1, "b", "may", NULL, "y"}},
		"5 + a: may by x\n7 = b: was a: may -> may by y\n"},
	{"keys exchanged", 0,
		{{5, 7, 1, "a", "may", NULL, "x"}, {5, 7, 2, "b", "dane", NULL, "x"},
			{7, 0, 1, "b", "may", NULL, "y"}, {7, 0, 2, "a", "dane", NULL, "y"}},
		"5 + a: may by x\n5 + b: dane by x\n7 ~ a: may -> dane by y\n"
		"7 ~ b: dane -> may by y\n"},
	{"without ids keys are not followed", 0,
		{{5, 7, 0, "a", "may", NULL, "x"}, {7, 0, 0, "b", "may", NULL, "y"}},
		"5 + a: may by x\n7 - a: may\n7 + b: may by y\n"},
	{"one moment, several keys", 0,
		{{5, 0, 2, "b", "may", NULL, "x"}, {5, 0, 1, "a", "dane", NULL, "x"}},
		"5 + a: dane by x\n5 + b: may by x\n"},
	{"since", 7,
		{{5, 7, 1, "a", "may", NULL, "x"}, {7, 0, 1, "a", "dane", NULL, "y"},
			{4, 6, 2, "b", "may", NULL, "x"}},
		"7 ~ a: may -> dane by y\n"},
	{"the clock went backwards", 0,
		{{5, 9, 1, "a", "may", NULL, "x"}, {6, 0, 1, "a", "dane", NULL, "y"}},
		"5 + a: may by x\n6 ~ a: may -> dane by y\n"},
	{"a level that is none", 0,
		{{5, 7, 1, "a", "half-dane", NULL, "x"}, {7, 0, 1, "a", "dane", NULL, "y"}},
		"5 + a: half-dane by x\n7 ~ a: half-dane -> dane by y\n"},
};

static void add(struct policy_set *set, GArray *lives, const struct version *version)
{
	struct policy policy = {.key = policy_set_keep(set, text_of(version->key))};
	const struct life life = {version->from, version->until ? version->until : LIFE_GOES_ON};
	struct text key = policy.key;
	struct policy_row *row;

	policy_split(policy_set_keep(set, text_of(version->value)), &policy);
	policy.key = key;
	row = policy_set_append(set, &policy, NULL);
	row->where = version->id;
	if (version->note || version->who) {
		struct policy_extra *extra = policy_set_extra_for(set, row);

		extra->note = policy_set_keep(set, text_of(version->note)).at;
		extra->changed_by = policy_set_keep(set, text_of(version->who)).at;
	}
	g_array_append_val(lives, life);
}

static void append_row(GString *to, const struct policy_set *set, const struct policy_row *row)
{
	const struct policy_extra *extra = policy_set_extra(set, row);
	struct policy policy = policy_set_policy(set, row);

	policy_append_value(to, &policy);
	if (extra && extra->note)
		g_string_append_printf(to, " (%s)", extra->note);
}

static void append_event(GString *to, const struct policy_set *set, const struct event *event)
{
	const struct policy_row *row = event->after ? event->after : event->before;
	static const char marks[] = "+~=-";

	g_string_append_printf(to, "%" G_GINT64_FORMAT " %c %.*s: ", event->moment,
		marks[event->kind], TEXT_ARG(policy_row_key(row)));
	if (event->kind == EVENT_RENAME)
		g_string_append_printf(to, "was %.*s: ", TEXT_ARG(policy_row_key(event->before)));
	if (event->before)
		append_row(to, set, event->before);
	if (event->before && event->after)
		g_string_append(to, " -> ");
	if (event->after)
		append_row(to, set, event->after);
	if (event->who)
		g_string_append_printf(to, " by %s", event->who);
	g_string_append_c(to, '\n');
}

static void tells(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GArray) lives = g_array_new(FALSE, FALSE, sizeof(struct life));
		g_autoptr(GString) told = g_string_new(NULL);
		g_autoptr(GArray) events = NULL;
		g_auto(policy_set_t) set;

		policy_set_init(&set);
		for (const struct version *v = cases[i].versions; v->key; v++)
			add(&set, lives, v);
		events = history_events(&set, lives, cases[i].since);
		for (guint j = 0; j < events->len; j++)
			append_event(told, &set, &g_array_index(events, struct event, j));
		if (strcmp(told->str, cases[i].told) != 0)
			fail_msg("%s:\n%swant:\n%s", cases[i].name, told->str, cases[i].told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(tells)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
