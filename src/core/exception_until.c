#include "core/exception_until.h"

gboolean exception_until_parse(struct text text, gint64 *until_us)
{
	g_autofree char *whole = g_strdup_printf(
		"%.*s%s", TEXT_ARG(text), text.len == strlen("2026-12-01") ? "T00:00:00" : "");
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(whole, utc);

	if (!time)
		return FALSE;
	*until_us = (g_date_time_to_unix(time) + (g_date_time_get_microsecond(time) > 0)) *
		    G_USEC_PER_SEC;
	return TRUE;
}

char *exception_until_format(gint64 until_us)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(until_us / G_USEC_PER_SEC);

	return time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup("");
}
