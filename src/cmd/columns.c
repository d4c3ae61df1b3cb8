#include "cmd/columns.h"

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

const struct column policy_columns[] = {
	{"domain", "Domain", column_domain, 0},
	{"policy", "Policy", column_policy, 0},
	{"params", "Parameters", column_params, 0},
	{"note", "Note", column_note, 0},
	{"origin", "Origin", column_origin, 0},
	{"provider", "Provider", column_provider, 0},
	{"active", "Active", column_active, 0},
	{"changed_by", "Changed by", column_changed_by, 0},
	{0},
};

const struct column policy_table_columns[] = {
	{"domain", "Domain", column_domain, 0},
	{"policy", "Policy", column_policy, 0},
	{"params", "Parameters", column_params, COLUMN_WRAP | COLUMN_HIDE_EMPTY},
	{"state", "State", column_state, COLUMN_HIDE_EMPTY},
	{"provider", "Provider", column_provider, COLUMN_HIDE_EMPTY},
	{"origin", "Origin", column_origin, COLUMN_HIDE_EMPTY},
	{"note", "Note", column_note, COLUMN_WRAP | COLUMN_HIDE_EMPTY},
	{0},
};

const struct column *policy_columns_for(enum record_format format)
{
	return format == RECORD_TABLE ? policy_table_columns : policy_columns;
}
