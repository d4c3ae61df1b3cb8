#include "cmd/exception_words.h"

#include "cmd/moment.h"

/* To the nearest unit of which there are at least two. */
static char *span_words(gint64 us)
{
	static const struct {
		GTimeSpan span;
		const char *one, *more;
	} units[] = {
		{G_TIME_SPAN_DAY, "day", "days"},
		{G_TIME_SPAN_HOUR, "hour", "hours"},
		{G_TIME_SPAN_MINUTE, "minute", "minutes"},
		{G_TIME_SPAN_SECOND, "second", "seconds"},
	};
	guint i = 0;
	gint64 count;

	while (i + 1 < G_N_ELEMENTS(units) && (us + units[i].span / 2) / units[i].span < 2)
		i++;
	count = (us + units[i].span / 2) / units[i].span;
	return g_strdup_printf(
		"%" G_GINT64_FORMAT " %s", count, count == 1 ? units[i].one : units[i].more);
}

char *exception_left(gint64 until_us, gint64 now_us)
{
	g_autofree char *span = span_words(ABS(until_us - now_us));

	return until_us > now_us ? g_strconcat(span, " left", NULL)
				 : g_strconcat("ended ", span, " ago", NULL);
}

static void append_policy(
	GString *to, const struct policy_exception *exception, const struct policy_row *row)
{
	struct policy policy = exception_policy(exception, policy_row_key(row));

	if (exception->over)
		policy_append_value(to, &policy);
	else
		g_string_append(to, "this row");
}

char *exception_brief(const struct policy_set *set, const struct policy_row *row, gint64 now_us)
{
	const struct policy_exception *exception = row_exception(set, row);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *left = NULL;

	if (!exception)
		return NULL;
	append_policy(text, exception, row);
	left = exception_left(exception->until_us, now_us);
	g_string_append_printf(text, ", %s", left);
	return g_strdup(text->str);
}

char *exception_until_words(const struct policy_set *set, const struct policy_row *row)
{
	const struct policy_exception *exception = row_exception(set, row);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *until = NULL;

	if (!exception)
		return NULL;
	append_policy(text, exception, row);
	until = moment_local(exception->until_us, FALSE);
	g_string_append_printf(text, " until %s", until);
	return g_strdup(text->str);
}

char *exception_full(const struct policy_set *set, const struct policy_row *row, gint64 now_us)
{
	const struct policy_exception *exception = row_exception(set, row);
	g_autofree char *brief = exception_brief(set, row, now_us);
	g_autofree char *until = NULL;

	if (!exception)
		return NULL;
	until = moment_local(exception->until_us, FALSE);
	return g_strdup_printf("%s (%s)%s%s", brief, until, exception->note ? ": " : "",
		exception->note ? exception->note : "");
}
