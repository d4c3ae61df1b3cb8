/* set --until and --end-exception: temporary exceptions. */
#include "cmd/exception_words.h"
#include "cmd/keys.h"
#include "cmd/moment.h"
#include "cmd/set.h"
#include "net/idn.h"

/* One exception on its way into the table. */
struct laying {
	struct app *app;
	const struct set_settings *settings;
	struct rule_context context;
	struct policy_set present, wanted;
	const struct policy_row *before; /* NULL: a new row */
	const struct policy_exception *stored;
	char **words;
	int count;
	char *key; /* as it is or will be stored */
	gint64 until_us;
};

static void laying_release(struct laying *laying)
{
	policy_set_release(&laying->present);
	policy_set_release(&laying->wanted);
	g_free(laying->key);
}
typedef struct laying laying_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(laying_t, laying_release)

/* The end, at a whole second: what the column holds. A moment that is over is bad data. */
static gboolean take_until(struct laying *laying, GError **error)
{
	g_autoptr(GDateTime) utc =
		g_date_time_new_from_unix_utc(app_now(laying->app) / G_USEC_PER_SEC);
	g_autoptr(GDateTime) now = g_date_time_to_local(utc);
	g_autofree char *shown = NULL;
	gint64 until;

	if (!moment_parse(laying->settings->until, MOMENT_FUTURE, now, &until, error)) {
		if (error)
			(*error)->code = STATUS_DATA;
		g_prefix_error(error, "--until: ");
		return FALSE;
	}
	laying->until_us = (until + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC * G_USEC_PER_SEC;
	if (laying->until_us > app_now(laying->app))
		return TRUE;
	shown = moment_local(until, FALSE);
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA, "--until %s: that is over already: %s",
		laying->settings->until, shown);
	return FALSE;
}

static gboolean find_row(struct laying *laying, char **word, GError **error)
{
	g_autoptr(GPtrArray) keys = typed_keys(word, 1);
	g_autoptr(GString) missing = g_string_new(NULL);

	if (!typed_keys_read(laying->app, keys, &laying->present, error))
		return FALSE;
	laying->before = typed_key_row(keys->pdata[0], &laying->present);
	if (laying->before) {
		laying->stored = row_exception(&laying->present, laying->before);
		laying->key = text_dup(policy_row_key(laying->before));
		return TRUE;
	}
	if (!set_in_parts(laying->words, laying->count)) {
		laying->key = idn_key(text_of(*word), error);
		return laying->key != NULL;
	}
	if (typed_key_missing(laying->app, keys->pdata[0], &laying->present, missing, error))
		g_set_error(error, TLSPOL_ERROR, STATUS_NO, "%s%s", missing->str,
			laying->settings ? "; with a LEVEL --until makes one that ends" : "");
	return FALSE;
}

/*
 * The policy that is to be in force until then. Without words it is that of the exception there
 * is, whose end moves; parts are parts of the row's own policy.
 */
static gboolean take_policy(struct laying *laying, struct policy *policy, GError **error)
{
	gboolean words = laying->count || laying->settings->unset;
	g_autofree char *shown = printable(text_of(laying->key));
	struct policy own = {.key = policy_set_keep(&laying->wanted, text_of(laying->key))};

	if (laying->before)
		own = policy_set_policy(&laying->present, laying->before);
	if (words && !set_wanted_policy(&laying->wanted, &own, laying->words, laying->count,
			     laying->settings->unset, laying->context.postfix_version, shown,
			     policy, error))
		return FALSE;
	if (words)
		return edit_judge(laying->app, &laying->context, policy, !laying->before,
			laying->settings->force, error);
	if (!laying->stored) {
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
			"%s has no exception whose end could be moved: give a LEVEL or ATTR=VALUE",
			shown);
		return FALSE;
	}
	*policy = laying->stored->over ? exception_policy(laying->stored, own.key) : own;
	return TRUE;
}

/* The row as it is to be: its own policy with the exception over it, or one that is all of it. */
static struct policy_row *take_row(
	struct laying *laying, const struct policy *policy, GError **error)
{
	const struct edit_extras nothing = {NULL};
	gboolean over = laying->before && (!laying->stored || laying->stored->over);
	struct policy own = over ? policy_set_policy(&laying->present, laying->before) : *policy;
	const char *note = laying->settings->extras.note;
	struct policy_row *row = edit_append(&laying->wanted, &own, &nothing, error);
	g_autofree char *level = text_dup(policy->level_text);
	struct policy_exception exception = {
		.over = over,
		.level = policy->level,
		.level_text = level,
		.params = over ? policy->params : TEXT_NONE,
		.until_us = laying->until_us,
		.note = note		 ? note
			: laying->stored ? laying->stored->note
					 : NULL,
	};

	if (exception.note && !*exception.note)
		exception.note = NULL;
	if (row)
		policy_set_except(&laying->wanted, row, &exception);
	return row;
}

/* What people have to know beside what was done. */
static void say_notes(struct laying *laying, const struct policy *policy,
	const struct policy_exception *exception, const char *key)
{
	struct policy before;
	const char *weaker;

	if (laying->before &&
		row_policy_now(&laying->present, laying->before, app_now(laying->app), &before)) {
		before.key = policy->key;
		weaker = policy_weaker(&before, policy);
		if (weaker)
			app_note(laying->app, "%s: mail is protected less until then: %s", key,
				weaker);
	}
	if (!exception->note)
		app_note(laying->app,
			"%s: nothing says why there is an exception: --note does; tlspol check "
			"warns of it",
			key);
}

/* Whether the row's own policy stays what it is. */
static gboolean is_own(const struct laying *laying, const struct policy *policy)
{
	struct policy own = policy_set_policy(&laying->present, laying->before);

	return laying->stored->over || policy_equal(&own, policy);
}

static gboolean write_row(struct laying *laying, const struct policy *policy,
	const struct policy_row *after, GError **error)
{
	const struct policy_exception *exception = row_exception(&laying->wanted, after);
	struct policy under = policy_set_policy(&laying->wanted, after);
	gboolean same = laying->before && exception_equal(laying->stored, exception) &&
			is_own(laying, policy);
	g_autofree char *key = printable(text_of(laying->key));
	g_autofree char *until = moment_local(laying->until_us, FALSE);
	g_autofree char *left = exception_left(laying->until_us, app_now(laying->app));
	g_autoptr(GString) value = g_string_new(NULL);
	g_autoptr(GString) report = g_string_new(NULL);
	g_auto(plan_t) plan;

	plan_init(&plan);
	plan.present = &laying->present;
	plan.wanted = &laying->wanted;
	plan_add_change(&plan, laying->before ? CHANGE_UPDATE : CHANGE_ADD, laying->before, after);
	if (!same && !store_apply(laying->app->store, &plan, error))
		return FALSE;
	policy_append_value(value, policy);
	g_string_append(value, "; then ");
	if (exception->over)
		policy_append_value(value, &under);
	else
		g_string_append(value, "no policy");
	g_autofree char *shown = printable((struct text){value->str, value->len});
	g_string_append_printf(report, "%s %s until %s (%s): %s\n",
		same ? "unchanged: exception for" : "exception for", key, until, left, shown);
	say_notes(laying, policy, exception, key);
	return same ? edit_say(laying->app, report, error)
		    : edit_report(laying->app, report, error);
}

gboolean set_exception(struct app *app, const struct set_settings *settings, char **operands,
	int count, GError **error)
{
	g_auto(laying_t) laying = {
		.app = app,
		.settings = settings,
		.words = operands + 1,
		.count = count - 1,
	};
	struct policy policy = {0};
	const struct policy_row *after;

	policy_set_init(&laying.present);
	policy_set_init(&laying.wanted);
	if (!take_until(&laying, error) || !app_store(app, error) ||
		!store_needs_exceptions(app->store, error) || !find_row(&laying, operands, error) ||
		!edit_rules(app, &laying.context, error) || !take_policy(&laying, &policy, error))
		return FALSE;
	after = take_row(&laying, &policy, error);
	return after && write_row(&laying, &policy, after, error);
}

/* -- the end -------------------------------------------------------------------------------- */

/* Back to the policy under it; a row that was only the exception goes. */
static gboolean take_away(struct app *app, const struct policy_set *present,
	const struct policy_row *before, GString *report, GError **error)
{
	const struct policy_exception none = {0};
	const struct edit_extras nothing = {NULL};
	struct policy policy = policy_set_policy(present, before);
	gboolean over = row_exception(present, before)->over;
	g_autofree char *key = printable(policy.key);
	g_autofree char *brief = exception_brief(present, before, app_now(app));
	g_autofree char *old = printable(text_of(brief));
	g_autofree char *shown = edit_show(present, before);
	struct policy_row *after;
	g_auto(policy_set_t) wanted;
	g_auto(plan_t) plan;

	policy_set_init(&wanted);
	plan_init(&plan);
	plan.present = present;
	plan.wanted = &wanted;
	if (over) {
		after = edit_append(&wanted, &policy, &nothing, error);
		if (!after)
			return FALSE;
		policy_set_except(&wanted, after, &none);
		g_autofree char *now = edit_show(&wanted, after);
		g_string_append_printf(
			report, "ended the exception for %s (%s): %s\n", key, old, now);
	} else {
		after = NULL;
		g_string_append_printf(report, "removed %s: %s\n", key, shown);
	}
	plan_add_change(&plan, over ? CHANGE_UPDATE : CHANGE_REMOVE, before, after);
	return store_apply(app->store, &plan, error);
}

gboolean set_end_exception(struct app *app, char *word, GError **error)
{
	struct laying laying = {.app = app};
	g_autoptr(GString) report = g_string_new(NULL);
	g_autofree char *key = printable(text_of(word));
	gboolean done;

	policy_set_init(&laying.present);
	policy_set_init(&laying.wanted);
	done = app_store(app, error) && store_needs_exceptions(app->store, error) &&
	       find_row(&laying, &word, error);
	if (done && !laying.stored) {
		g_set_error(error, TLSPOL_ERROR, STATUS_NO, "%s has no exception", key);
		done = FALSE;
	}
	done = done && take_away(app, &laying.present, laying.before, report, error);
	laying_release(&laying);
	return done && edit_report(app, report, error);
}
