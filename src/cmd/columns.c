#include "cmd/columns.h"

#include "cmd/exception_words.h"
#include "core/exception.h"

static void set_text(struct value *value, struct text text)
{
	value->kind = text.at ? VALUE_TEXT : VALUE_NULL;
	value->text = text;
}

void column_domain(gconstpointer row, gpointer set, struct value *value)
{
	(void)set;
	set_text(value, policy_row_key(row));
}

void column_policy(gconstpointer row, gpointer set, struct value *value)
{
	struct policy policy = policy_set_policy(set, row);

	set_text(value, policy.level == LEVEL_UNKNOWN ? policy.level_text
						      : text_of(level_name(policy.level)));
}

void column_params(gconstpointer row, gpointer set, struct value *value)
{
	(void)set;
	set_text(value, policy_row_params(row));
}

#define EXTRA_COLUMN(field)                                                                        \
	void column_##field(gconstpointer row, gpointer set, struct value *value)                  \
	{                                                                                          \
		const struct policy_extra *extra = policy_set_extra(set, row);                     \
                                                                                                   \
		set_text(value, text_of(extra ? extra->field : NULL));                             \
	}
EXTRA_COLUMN(note)
EXTRA_COLUMN(origin)
EXTRA_COLUMN(provider)
EXTRA_COLUMN(changed_by)
#undef EXTRA_COLUMN

void column_active(gconstpointer row, gpointer set, struct value *value)
{
	const struct policy_row *policy = row;

	(void)set;
	value->kind = VALUE_BOOL;
	value->number = !(policy->flags & ROW_INACTIVE);
}

/* Nearly every row is active: a table speaks up only for the others. */
static void column_state(gconstpointer row, gpointer set, struct value *value)
{
	const struct policy_row *policy = row;

	(void)set;
	set_text(value, text_of(policy->flags & ROW_INACTIVE ? "inactive" : NULL));
}

void column_exception_policy(gconstpointer row, gpointer set, struct value *value)
{
	const struct policy_exception *exception = row_exception(set, row);

	if (!exception || !exception->over)
		set_text(value, TEXT_NONE);
	else if (exception->level == LEVEL_UNKNOWN)
		set_text(value, text_of(exception->level_text));
	else
		set_text(value, text_of(level_name(exception->level)));
}

void column_exception_params(gconstpointer row, gpointer set, struct value *value)
{
	const struct policy_exception *exception = row_exception(set, row);

	set_text(value, exception ? exception->params : TEXT_NONE);
}

void column_exception_until(gconstpointer row, gpointer set, struct value *value)
{
	const struct policy_exception *exception = row_exception(set, row);

	set_text(value, text_of(exception ? exception->until : NULL));
}

void column_exception_note(gconstpointer row, gpointer set, struct value *value)
{
	const struct policy_exception *exception = row_exception(set, row);

	set_text(value, text_of(exception ? exception->note : NULL));
}

/* The getters above as those of a view. */
#define OF_VIEW(field)                                                                             \
	static void view_##field(gconstpointer row, gpointer view, struct value *value)            \
	{                                                                                          \
		column_##field(row, (gpointer)((struct policy_view *)view)->set, value);           \
	}
OF_VIEW(domain)
OF_VIEW(policy)
OF_VIEW(params)
OF_VIEW(state)
OF_VIEW(provider)
OF_VIEW(origin)
OF_VIEW(note)
#undef OF_VIEW

static void view_exception(gconstpointer row, gpointer data, struct value *value)
{
	struct policy_view *view = data;

	g_free(view->exception);
	view->exception = exception_brief(view->set, row, view->now_us);
	set_text(value, text_of(view->exception));
}

const struct column policy_columns[] = {
	{"domain", "Domain", column_domain, 0},
	{"policy", "Policy", column_policy, 0},
	{"params", "Parameters", column_params, 0},
	{"note", "Note", column_note, 0},
	{"origin", "Origin", column_origin, 0},
	{"provider", "Provider", column_provider, 0},
	{"active", "Active", column_active, 0},
	{"changed_by", "Changed by", column_changed_by, 0},
	{"exception_policy", "Exception", column_exception_policy, 0},
	{"exception_params", "Exception parameters", column_exception_params, 0},
	{"exception_until", "Exception until", column_exception_until, 0},
	{"exception_note", "Exception note", column_exception_note, 0},
	{0},
};

const struct column policy_table_columns[] = {
	{"domain", "Domain", view_domain, 0},
	{"policy", "Policy", view_policy, 0},
	{"params", "Parameters", view_params, COLUMN_WRAP | COLUMN_HIDE_EMPTY},
	{"exception", "Exception", view_exception, COLUMN_WRAP | COLUMN_HIDE_EMPTY},
	{"state", "State", view_state, COLUMN_HIDE_EMPTY},
	{"provider", "Provider", view_provider, COLUMN_HIDE_EMPTY},
	{"origin", "Origin", view_origin, COLUMN_HIDE_EMPTY},
	{"note", "Note", view_note, COLUMN_WRAP | COLUMN_HIDE_EMPTY},
	{0},
};
