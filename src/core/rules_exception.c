/* A row with an exception: the policy in force, the one under it, and the exception itself. */
#include "core/exception.h"
#include "core/rule_list.h"

static const char *level_of(const struct policy *policy)
{
	return policy->level == LEVEL_UNKNOWN ? policy->level_text.at : level_name(policy->level);
}

static void check_ended(struct rule_check *check, const struct policy_exception *exception)
{
	struct policy policy = exception_policy(exception, check->policy->key);

	if (exception->over)
		finding(check, RULE_EXCEPTION_ENDED,
			"the exception (%s) ended at %s, and the row's own policy is in force "
			"again: 'tlspol set KEY --end-exception' takes it out of the table",
			level_of(&policy), exception->until);
	else
		finding(check, RULE_EXCEPTION_ENDED,
			"the row was there until %s only, and Postfix does not see it any more: "
			"remove it",
			exception->until);
}

static void check_live(struct rule_check *check, const struct policy_exception *exception)
{
	struct policy policy = exception_policy(exception, check->policy->key);
	guint first = check->findings->len;

	if (exception->over)
		rules_check_value(check->context, &policy, check->findings);
	for (guint i = first; i < check->findings->len; i++) {
		struct finding *found = g_ptr_array_index(check->findings, i);
		char *text = g_strconcat("in the exception: ", found->text, NULL);

		g_free(found->text);
		found->text = text;
	}
	if (!exception->note || !*exception->note)
		finding(check, RULE_EXCEPTION_WITHOUT_REASON,
			"nothing says why there is an exception: --note, or exception_note in a "
			"file");
}

int rules_check_row(const struct rule_context *context, const struct policy_set *set,
	const struct policy_row *row, gint64 now_us, GPtrArray *findings)
{
	const struct policy_exception *exception = row_exception(set, row);
	struct policy policy = policy_set_policy(set, row);
	struct rule_check check = {.context = context, .policy = &policy, .findings = findings};
	guint first = findings->len;

	if (!exception)
		return rules_check(context, &policy, findings);
	if (!row_over(set, row, now_us))
		rules_check(context, &policy, findings);
	if (exception_live(exception, now_us))
		check_live(&check, exception);
	else
		check_ended(&check, exception);
	return findings_sort(findings, first);
}
