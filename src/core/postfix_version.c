#include "core/postfix_version.h"

#include "core/error.h"

/* One decimal number of a version; FALSE when there is none or it is above 99. */
static gboolean number(const char **at, int *value)
{
	const char *p = *at;
	int n = 0;

	while (g_ascii_isdigit(*p) && n <= 99)
		n = n * 10 + (*p++ - '0');
	if (p == *at || n > 99)
		return FALSE;
	*at = p;
	*value = n;
	return TRUE;
}

static gboolean parse(const char *p, int *version)
{
	int major, minor, patch = 0;

	if (!number(&p, &major) || *p++ != '.' || !number(&p, &minor))
		return FALSE;
	if (*p == '.') {
		p++;
		if (!number(&p, &patch))
			return FALSE;
	}
	/* Snapshots and release candidates: "3.12-20260821", "3.9.0-RC1". */
	if (*p != '\0' && *p != '-')
		return FALSE;
	*version = POSTFIX_VERSION(major, minor, patch);
	return TRUE;
}

gboolean postfix_version_parse(const char *text, int *version, GError **error)
{
	int v;

	if (!parse(text, &v)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
			"\"%s\" is no Postfix version: write for example 3.7 or 3.7.11", text);
		return FALSE;
	}
	if (v < POSTFIX_OLDEST || v > POSTFIX_NEWEST) {
		g_set_error(error, TLSPOL_ERROR, STATUS_USAGE,
			"Postfix %s is not known here: only 3.4 to 3.12 are", text);
		return FALSE;
	}
	*version = v;
	return TRUE;
}

char *postfix_version_format(int version)
{
	return g_strdup_printf("%d.%d.%d", version / 10000, version / 100 % 100, version % 100);
}
