#include "cmd/plan_columns.h"

#include "cmd/columns.h"
#include "core/exception.h"

void plan_row_init(struct plan_row *row, const struct plan *plan, const struct change *change)
{
	*row = (struct plan_row){
		.plan = plan, .change = change, .weaker = change_weaker(plan, change)};
	if (change->before)
		row->before = policy_set_policy(plan->present, change->before);
	if (change->after)
		row->after = policy_set_policy(plan->wanted, change->after);
}

static void put(struct value *value, struct text text)
{
	value->kind = text.at ? VALUE_TEXT : VALUE_NULL;
	value->text = text;
}

#define GETTER(name)                                                                               \
	static void get_##name(gconstpointer data, G_GNUC_UNUSED gpointer none, struct value *value)

GETTER(change)
{
	static const char *const names[] = {"add", "update", "remove"};

	put(value, text_of(names[((const struct plan_row *)data)->change->kind]));
}

GETTER(domain)
{
	const struct plan_row *row = data;

	/* A stored key may differ in case from the one it is met by. */
	put(value, row->before.key.at ? row->before.key : row->after.key);
}

GETTER(params)
{
	put(value, ((const struct plan_row *)data)->after.params);
}

GETTER(weaker)
{
	put(value, text_of(((const struct plan_row *)data)->weaker));
}

/* The stored row's column, by the getter that list has for it. */
static void put_before(struct value *value, const struct plan_row *row,
	void (*get)(gconstpointer row, gpointer set, struct value *value))
{
	put(value, TEXT_NONE);
	if (row->change->before)
		get(row->change->before, (gpointer)row->plan->present, value);
}

#define BEFORE(field)                                                                              \
	GETTER(old_##field)                                                                        \
	{                                                                                          \
		put_before(value, data, column_##field);                                           \
	}
BEFORE(policy)
BEFORE(params)
BEFORE(note)
BEFORE(origin)
BEFORE(provider)
BEFORE(exception_policy)
BEFORE(exception_params)
BEFORE(exception_until)
BEFORE(exception_note)

GETTER(policy)
{
	const struct plan_row *row = data;

	put(value, TEXT_NONE);
	if (row->change->after)
		column_policy(row->change->after, (gpointer)row->plan->wanted, value);
}

/* A text that the plan does not name stays, an empty one goes (store_apply()). */
static void put_text(struct value *value, const struct plan_row *row, gsize offset)
{
	const struct policy_row *sides[] = {row->change->after, row->change->before};
	const struct policy_set *sets[] = {row->plan->wanted, row->plan->present};
	const char *text = NULL;

	for (guint i = 0; row->change->after && !text && i < G_N_ELEMENTS(sides); i++) {
		const struct policy_extra *extra =
			sides[i] ? policy_set_extra(sets[i], sides[i]) : NULL;

		text = extra ? *(const char *const *)((const char *)extra + offset) : NULL;
	}
	put(value, text && *text ? text_of(text) : TEXT_NONE);
}

#define AFTER_TEXT(field)                                                                          \
	GETTER(field)                                                                              \
	{                                                                                          \
		put_text(value, data, offsetof(struct policy_extra, field));                       \
	}
AFTER_TEXT(note)
AFTER_TEXT(origin)
AFTER_TEXT(provider)

/* The exception that will be there; FALSE: none. */
static gboolean exception_after(const struct plan_row *row, struct policy_exception *exception)
{
	const struct change *change = row->change;
	const struct policy_extra *extra =
		change->after ? policy_set_extra(row->plan->wanted, change->after) : NULL;

	if (extra && extra->exception)
		*exception = *extra->exception;
	else if (!change->after || !change->before ||
		 !exception_kept(row->plan->present, change->before, &row->after, exception))
		return FALSE;
	return exception->until_us != 0;
}

GETTER(exception_policy)
{
	struct policy_exception exception;

	put(value, TEXT_NONE);
	if (exception_after(data, &exception) && exception.over)
		put(value, text_of(exception.level == LEVEL_UNKNOWN ? exception.level_text
								    : level_name(exception.level)));
}

GETTER(exception_params)
{
	struct policy_exception exception;

	put(value, exception_after(data, &exception) ? exception.params : TEXT_NONE);
}

GETTER(exception_until)
{
	struct policy_exception exception;

	put(value, text_of(exception_after(data, &exception) ? exception.until : NULL));
}

GETTER(exception_note)
{
	struct policy_exception exception;

	put(value, text_of(exception_after(data, &exception) ? exception.note : NULL));
}

const struct column plan_columns[] = {
	{"change", "Change", get_change},
	{"domain", "Domain", get_domain},
	{"policy", "Policy", get_policy},
	{"params", "Parameters", get_params},
	{"old_policy", "Old policy", get_old_policy},
	{"old_params", "Old parameters", get_old_params},
	{"weaker", "Weaker", get_weaker},
	{"note", "Note", get_note},
	{"old_note", "Old note", get_old_note},
	{"origin", "Origin", get_origin},
	{"old_origin", "Old origin", get_old_origin},
	{"provider", "Provider", get_provider},
	{"old_provider", "Old provider", get_old_provider},
	{"exception_policy", "Exception", get_exception_policy},
	{"old_exception_policy", "Old exception", get_old_exception_policy},
	{"exception_params", "Exception parameters", get_exception_params},
	{"old_exception_params", "Old exception parameters", get_old_exception_params},
	{"exception_until", "Exception until", get_exception_until},
	{"old_exception_until", "Old exception until", get_old_exception_until},
	{"exception_note", "Exception note", get_exception_note},
	{"old_exception_note", "Old exception note", get_old_exception_note},
	{NULL},
};
