#include "cmd/moment.h"

#include <string.h>

#include "core/error.h"

/* Clocks of two machines differ a little. */
#define TOLERANCE (G_TIME_SPAN_MINUTE)

/* -- days and clocks ------------------------------------------------------------------------ */

static GDateTime *day_begin(GDateTime *now, int days)
{
	g_autoptr(GDateTime) day = g_date_time_add_days(now, days);

	return g_date_time_new(g_date_time_get_timezone(day), g_date_time_get_year(day),
		g_date_time_get_month(day), g_date_time_get_day_of_month(day), 0, 0, 0);
}

static GDateTime *named_day(const char *text, GDateTime *now)
{
	static const struct {
		const char *name;
		int days;
	} names[] = {{"today", 0}, {"yesterday", -1}, {"tomorrow", 1}};

	if (g_ascii_strcasecmp(text, "now") == 0)
		return g_date_time_ref(now);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strcasecmp(text, names[i].name) == 0)
			return day_begin(now, names[i].days);
	return NULL;
}

/* ".5" is half a second. */
static gint64 fraction_of(const char *digits)
{
	gint64 fraction = 0, unit = G_USEC_PER_SEC / 10;

	for (; *digits; digits++, unit /= 10)
		fraction += unit * (*digits - '0');
	return fraction;
}

/* A date, a time of day, or both; what is left out is today, or zero. */
static GDateTime *written_time(const char *text, GDateTime *now)
{
	g_autoptr(GRegex) regex = g_regex_new(
		"^(\\d{4}-\\d\\d-\\d\\d)?(?:(?:^|[ T])(\\d\\d:\\d\\d)(:\\d\\d)?(?:[.,](\\d{1,6}))?"
		" ?(Z|[+-]\\d\\d(?::?\\d\\d)?)?)?$",
		0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	if (!*text || !g_regex_match(regex, text, 0, &match))
		return NULL;
	g_autofree char *today = g_date_time_format(now, "%Y-%m-%d");
	g_autofree char *date = g_match_info_fetch(match, 1);
	g_autofree char *clock = g_match_info_fetch(match, 2);
	g_autofree char *seconds = g_match_info_fetch(match, 3);
	g_autofree char *fraction = g_match_info_fetch(match, 4);
	g_autofree char *zone = g_match_info_fetch(match, 5);
	g_autofree char *whole =
		g_strconcat(date && *date ? date : today, "T", clock && *clock ? clock : "00:00",
			seconds && *seconds ? seconds : ":00", zone, NULL);
	g_autoptr(GDateTime) time =
		g_date_time_new_from_iso8601(whole, g_date_time_get_timezone(now));
	return time ? g_date_time_add(time, fraction ? fraction_of(fraction) : 0) : NULL;
}

/* -- spans ---------------------------------------------------------------------------------- */

static GDateTime *add_units(GDateTime *now, const char *unit, int count)
{
	static const struct {
		const char *names; /* blank before and after each */
		GTimeSpan span;	   /* 0: of the calendar */
		int months, days;
	} units[] = {
		{" s sec secs second seconds ", G_TIME_SPAN_SECOND, 0, 0},
		{" m min mins minute minutes ", G_TIME_SPAN_MINUTE, 0, 0},
		{" h hour hours ", G_TIME_SPAN_HOUR, 0, 0},
		{" d day days ", 0, 0, 1},
		{" w week weeks ", 0, 0, 7},
		{" month months ", 0, 1, 0},
		{" y year years ", 0, 12, 0},
	};
	g_autofree char *word = g_strdup_printf(" %s ", unit);

	for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
		if (!strstr(units[i].names, word))
			continue;
		if (units[i].span)
			return g_date_time_add(now, units[i].span * count);
		return units[i].months ? g_date_time_add_months(now, units[i].months * count)
				       : g_date_time_add_days(now, units[i].days * count);
	}
	return NULL;
}

/* "2 hours ago", "in 3 days", "3d". */
static GDateTime *span_from(const char *text, enum moment_direction direction, GDateTime *now)
{
	g_autoptr(GRegex) regex =
		g_regex_new("^(in )? *(\\d{1,6}) *([a-z]+)( ago)?$", G_REGEX_CASELESS, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	int sign = direction == MOMENT_PAST ? -1 : 1;

	if (!g_regex_match(regex, text, 0, &match))
		return NULL;
	g_autofree char *ahead = g_match_info_fetch(match, 1);
	g_autofree char *count = g_match_info_fetch(match, 2);
	g_autofree char *unit = g_match_info_fetch(match, 3);
	g_autofree char *ago = g_match_info_fetch(match, 4);
	g_autofree char *lower = g_ascii_strdown(unit, -1);
	if (*ahead && ago && *ago)
		return NULL;
	if (*ahead || (ago && *ago))
		sign = *ahead ? 1 : -1;
	return add_units(now, lower, sign * (int)g_ascii_strtoll(count, NULL, 10));
}

/* -- the interface -------------------------------------------------------------------------- */

static gint64 to_usec(GDateTime *time)
{
	return g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time);
}

static GDateTime *since_1970(const char *text)
{
	gint64 seconds;

	if (*text != '@' || !g_ascii_string_to_signed(text + 1, 10, 0, G_MAXINT64, &seconds, NULL))
		return NULL;
	return g_date_time_new_from_unix_utc(seconds);
}

gboolean moment_parse(const char *text, enum moment_direction direction, GDateTime *now,
	gint64 *moment, GError **error)
{
	g_autofree char *word = g_strstrip(g_strdup(text));
	g_autoptr(GDateTime) time = named_day(word, now);
	const char *wrong = NULL;

	if (!time)
		time = since_1970(word);
	if (!time)
		time = span_from(word, direction, now);
	if (!time)
		time = written_time(word, now);
	if (!time) {
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
			"'%s' is no moment: write \"2026-11-23 14:05:00\" (local time), "
			"2026-11-23T13:05:00Z, %s",
			text,
			direction == MOMENT_PAST ? "yesterday, or \"2 hours ago\""
						 : "tomorrow, or \"in 2 hours\"");
		return FALSE;
	}
	*moment = to_usec(time);
	if (direction == MOMENT_PAST && *moment > to_usec(now) + TOLERANCE)
		wrong = "in the future";
	if (direction == MOMENT_FUTURE && *moment < to_usec(now) - TOLERANCE)
		wrong = "over already";
	if (!wrong)
		return TRUE;
	g_autofree char *shown = moment_local(*moment, FALSE);
	g_set_error(error, TLSPOL_ERROR, STATUS_USAGE, "'%s' is %s: %s", text, wrong, shown);
	return FALSE;
}

char *moment_local(gint64 moment, gboolean precise)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = utc ? g_date_time_to_local(utc) : NULL;
	g_autofree char *time = local ? g_date_time_format(local, "%Y-%m-%d %H:%M:%S") : NULL;

	if (!time)
		return g_strdup("a time out of reach");
	g_autofree char *zone = g_date_time_format(local, "%:z");
	if (precise)
		return g_strdup_printf("%s.%06d %s", time, (int)(moment % G_USEC_PER_SEC), zone);
	return g_strdup_printf("%s %s", time, zone);
}

char *moment_utc(gint64 moment)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	g_autofree char *time = utc ? g_date_time_format(utc, "%Y-%m-%dT%H:%M:%S") : NULL;

	return time ? g_strdup_printf("%s.%06dZ", time, (int)(moment % G_USEC_PER_SEC))
		    : g_strdup("");
}
