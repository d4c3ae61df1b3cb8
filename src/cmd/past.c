#include "cmd/past.h"

#include "cmd/moment.h"

gboolean past_moment(const char *name, const char *text, gint64 *moment, GError **error)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();

	if (moment_parse(text, MOMENT_PAST, now, moment, error))
		return TRUE;
	g_prefix_error(error, "%s: ", name);
	return FALSE;
}

gboolean past_as_of(struct app *app, const char *text, GError **error)
{
	gint64 moment;

	if (app->from) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_USAGE,
			"--as-of goes with the table: a file given with --from has no past");
		return FALSE;
	}
	if (!past_moment("--as-of", text, &moment, error) || !app_store(app, error) ||
		!store_as_of(app->store, moment, error))
		return FALSE;
	/* Exceptions, too, are as they were. */
	app->now_us = moment;
	g_autofree char *shown = moment_local(moment, TRUE);
	app_note(app, "as of %s", shown);
	return TRUE;
}

gboolean past_read(struct app *app, gint64 moment, struct policy_set *set, GError **error)
{
	struct store *store = app_store(app, error);

	if (!store || !store_as_of(store, moment, error) || !store_read(store, set, error) ||
		!store_as_of(store, 0, error))
		return FALSE;
	policy_set_sort(set);
	return TRUE;
}

static void name_text(const char *present, const char **wanted)
{
	if (present && !*wanted)
		*wanted = "";
}

static void name_row(
	const struct policy_extra *is, struct policy_set *wanted, struct policy_row *row)
{
	static const struct policy_exception none;
	struct policy_extra *extra = policy_set_extra_for(wanted, row);

	name_text(is->note, &extra->note);
	name_text(is->origin, &extra->origin);
	name_text(is->provider, &extra->provider);
	if (is->exception && !extra->exception)
		extra->exception = &none;
}

void past_name_all(const struct policy_set *present, struct policy_set *wanted)
{
	guint j = 0;

	for (guint i = 0; i < policy_set_count(present); i++) {
		const struct policy_row *is = policy_set_row(present, i);
		const struct policy_extra *extra = policy_set_extra(present, is);
		int order = -1;

		while (j < policy_set_count(wanted) &&
			(order = text_compare(policy_row_key(policy_set_row(wanted, j)),
				 policy_row_key(is))) < 0)
			j++;
		if (order == 0 && extra)
			name_row(extra, wanted, policy_set_row(wanted, j));
	}
}
