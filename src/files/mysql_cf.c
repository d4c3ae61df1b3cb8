/* Writing mysql_table(5); cf_in.c reads. */
#include "files/mysql_cf.h"

#include <string.h>

#include "core/error.h"
#include "core/text.h"
#include "files/logical_lines.h"

/* A value as Postfix would read it back: no quoting exists, blanks at the ends are lost. */
static gboolean can_carry(const char *name, const char *value, GError **error)
{
	struct text text = text_of(value);
	const char *why = NULL;

	if (strpbrk(value, "\n"))
		why = "has a line end in it";
	else if (text.len != postfix_trimmed(text).len)
		why = "begins or ends with a blank";
	else if (!g_utf8_validate(value, -1, NULL))
		why = "is not UTF-8 text";
	if (!why)
		return TRUE;
	/* The value itself may be the password: it is not shown. */
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
		"%s %s: a Postfix .cf file cannot carry that, choose another", name, why);
	return FALSE;
}

/* Postfix dies of a % it does not know; %d and the numbered ones suppress the query. */
static gboolean query_fits(const char *query, GError **error)
{
	gboolean has_key = FALSE;

	for (const char *at = strchr(query, '%'); at; at = strchr(at + 2, '%')) {
		if (!at[1] || !strchr("%su", at[1])) {
			g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
				"query has %%%.1s in it, which Postfix reads as its own: "
				"only %%s, the key, makes sense here",
				at + 1);
			return FALSE;
		}
		has_key = has_key || at[1] != '%';
	}
	if (has_key)
		return TRUE;
	g_set_error_literal(error, TLSPOL_ERROR, STATUS_DATA,
		"query does not ask for a key: '%s' is missing in it");
	return FALSE;
}

/* Postfix splits an IPv6 address at its last colon, brackets or not. */
static gboolean hosts_fit(const char *hosts, GError **error)
{
	g_auto(GStrv) words = g_strsplit_set(hosts, " ,\t\r\n", -1);

	for (guint i = 0; words[i]; i++) {
		const char *host = words[i];
		const char *colon;

		if (g_str_has_prefix(host, "unix:"))
			continue;
		if (g_str_has_prefix(host, "inet:"))
			host += strlen("inet:");
		colon = strchr(host, ':');
		if (*host == '[' || (colon && strchr(colon + 1, ':'))) {
			g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
				"hosts: Postfix cannot use the IPv6 address %s in a mysql map: "
				"name the host",
				words[i]);
			return FALSE;
		}
	}
	return TRUE;
}

/* The file's names in the order they are written. */
static gboolean write_values(
	const struct mysql_cf *cf, gboolean check_only, FILE *to, GError **error)
{
	const struct {
		const char *name, *value;
	} entries[] = {
		{"hosts", cf->hosts},
		{"user", cf->user},
		{"password", cf->password},
		{"dbname", cf->dbname},
		{"query", cf->query},
		{"charset", cf->charset},
		{"option_group", cf->option_group},
		{"tls_CAfile", cf->tls_CAfile},
		{"tls_verify_cert", cf->tls_CAfile ? "yes" : NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(entries); i++) {
		if (!entries[i].value)
			continue;
		if (!can_carry(entries[i].name, entries[i].value, error))
			return FALSE;
		if (!check_only)
			fprintf(to, "%s =%s%s\n", entries[i].name, *entries[i].value ? " " : "",
				entries[i].value);
	}
	return TRUE;
}

static gboolean check(const struct mysql_cf *cf, const char *path, GError **error)
{
	if (!cf->dbname || !*cf->dbname || !cf->query) {
		g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
			"%s is missing: Postfix dies without it", cf->query ? "dbname" : "query");
		return FALSE;
	}
	if (path && strpbrk(path, "\r\n")) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_DATA,
			"the file's name has a line end in it: choose another");
		return FALSE;
	}
	return query_fits(cf->query, error) && (!cf->hosts || hosts_fit(cf->hosts, error)) &&
	       write_values(cf, TRUE, NULL, error);
}

gboolean mysql_cf_write(const struct mysql_cf *cf, const char *path, FILE *to, GError **error)
{
	/* A name without / or . would be looked for in main.cf. */
	g_autofree char *absolute =
		g_canonicalize_filename(path ? path : "/etc/postfix/tls_policy.cf", NULL);

	if (!check(cf, path, error))
		return FALSE;
	fprintf(to,
		"# TLS policies for Postfix from MariaDB, mysql_table(5). Written by tlspol.\n"
		"# Keep it 0640 root:postfix: there is a password in it.\n"
		"#\n"
		"# In main.cf:\n"
		"#   smtp_tls_policy_maps = proxy:mysql:%s\n"
		"# (proxy: because smtp(8) may run in a chroot, where it cannot reach the "
		"database.)\n"
		"# Try it: postmap -q example.com mysql:%s\n\n",
		absolute, absolute);
	write_values(cf, FALSE, to, NULL);
	if (!ferror(to))
		return TRUE;
	g_set_error_literal(error, TLSPOL_ERROR, STATUS_IO, "writing the .cf file failed");
	return FALSE;
}
