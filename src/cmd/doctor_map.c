/* doctor: one map of smtp_tls_policy_maps: its file, and whether it says what the table says. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/doctor.h"
#include "core/exception.h"
#include "core/nearest.h"
#include "files/mysql_cf.h"

#define AREA "maps"

/* mysql_table(5) up to Postfix 3.12; Postfix ignores every other name without a word. */
static const char *const cf_names[] = {"hosts", "user", "password", "dbname", "query", "table",
	"select_field", "where_field", "additional_conditions", "result_format", "domain",
	"expansion_limit", "option_file", "option_group", "tls_cert_file", "tls_key_file",
	"tls_CAfile", "tls_CApath", "tls_ciphers", "tls_verify_cert", "require_result_set",
	"charset", "idle_interval", "retry_interval", NULL};

/* Facts 5.3 and 5.2: NULL params lose the row; %d and its like suppress the question. */
static const struct {
	const char *regex;
	enum diagnosis diagnosis;
	const char *text;
} query_traps[] = {
	{"\\bCONCAT\\s*\\(", DIAGNOSIS_WARNING,
		"the query joins columns with CONCAT, which is NULL when params is: such rows are "
		"not found, and mail goes out at the default level; use CONCAT_WS(' ', policy, "
		"NULLIF(params, ''))"},
	{"%[dDU1-9]", DIAGNOSIS_ERROR,
		"the query has %d, %D, %U or %1 to %9: Postfix then asks nothing at all for a key "
		"without @; use %s"},
};

static void check_mode(struct doctor *doctor, const char *path, const GPtrArray *entries)
{
	const char *password = cf_value(entries, "password");
	struct stat file;

	if (stat(path, &file) != 0 || !(file.st_mode & S_IROTH))
		return;
	if (password && *password)
		doctor_say(doctor, AREA, "mode", DIAGNOSIS_WARNING,
			"%s can be read by everybody and holds a password: chgrp postfix, chmod "
			"0640",
			path);
}

static void check_names(struct doctor *doctor, const char *path, const GPtrArray *entries)
{
	for (guint i = 0; i < entries->len; i++) {
		const struct cf_entry *entry = g_ptr_array_index(entries, i);
		const char *meant;

		if (g_strv_contains(cf_names, entry->name))
			continue;
		meant = nearest_word(text_of(entry->name), cf_names);
		doctor_say(doctor, AREA, "parameters", DIAGNOSIS_WARNING,
			"%s:%u: Postfix knows no %s and ignores it%s%s%s", path, entry->line,
			entry->name, meant ? ": did you mean " : "", meant ? meant : "",
			meant ? "?" : "");
	}
}

static void check_query(struct doctor *doctor, const char *path, const GPtrArray *entries)
{
	const char *query = cf_value(entries, "query"), *domain = cf_value(entries, "domain");
	const struct store_table *table = doctor->table;

	if (domain && *domain)
		doctor_say(doctor, AREA, "domain", DIAGNOSIS_ERROR,
			"%s: domain = %s makes Postfix ask nothing for a key without @: take the "
			"line out",
			path, domain);
	if (!query)
		return;
	for (guint i = 0; i < G_N_ELEMENTS(query_traps); i++) {
		if (g_regex_match_simple(query_traps[i].regex, query, G_REGEX_CASELESS, 0))
			doctor_say(doctor, AREA, "query", query_traps[i].diagnosis, "%s: %s", path,
				query_traps[i].text);
	}
	if (!table)
		return;
	if (!strstr(query, table->name))
		doctor_say(doctor, AREA, "query", DIAGNOSIS_WARNING,
			"%s: the query does not read the table %s", path, table->name);
	else if (table->column[STORE_ACTIVE].name &&
		 !strstr(query, table->column[STORE_ACTIVE].name))
		doctor_say(doctor, AREA, "query", DIAGNOSIS_WARNING,
			"%s: the query does not look at the column %s: inactive rows count, too",
			path, table->column[STORE_ACTIVE].name);
	else if (table->column[STORE_EXCEPTION_UNTIL].name &&
		 !strstr(query, table->column[STORE_EXCEPTION_UNTIL].name))
		doctor_say(doctor, AREA, "query", DIAGNOSIS_WARNING,
			"%s: the query does not look at the column %s: Postfix does not see "
			"temporary exceptions; tlspol export mysql writes one that does",
			path, table->column[STORE_EXCEPTION_UNTIL].name);
}

/* The client library takes localhost, with any port, for its default socket. */
static gboolean names_a_socket(const char *hosts)
{
	return g_regex_match_simple("(^|[,\\s])(unix:|(inet:)?localhost(:|[,\\s]|$))", hosts, 0, 0);
}

static void check_hosts(struct doctor *doctor, const char *path, const GPtrArray *entries)
{
	const char *hosts = cf_value(entries, "hosts");

	if (names_a_socket(hosts ? hosts : "localhost"))
		doctor_say(doctor, AREA, "hosts", DIAGNOSIS_ERROR,
			"%s: smtp(8) is chrooted and cannot reach the unix socket of hosts = %s; "
			"write proxy:mysql:%s in smtp_tls_policy_maps, or use TCP",
			path, hosts ? hosts : "localhost", path);
}

/* FALSE when Postfix could not use the file either. */
static gboolean check_cf(struct doctor *doctor, const char *path, gboolean jailed)
{
	g_autoptr(GPtrArray) entries =
		g_ptr_array_new_with_free_func((GDestroyNotify)cf_entry_free);
	g_autoptr(GPtrArray) problems =
		g_ptr_array_new_with_free_func((GDestroyNotify)file_problem_free);
	g_autoptr(GError) error = NULL;
	gboolean usable = TRUE;

	if (access(path, R_OK) != 0 && errno == EACCES) {
		doctor_say(doctor, AREA, "file", DIAGNOSIS_SKIPPED,
			"%s may not be read by this user: run tlspol doctor as root", path);
		return FALSE;
	}
	if (!cf_read(path, entries, problems, &error)) {
		doctor_say(doctor, AREA, "file", DIAGNOSIS_ERROR, "%s", error->message);
		return FALSE;
	}
	for (guint i = 0; i < problems->len; i++) {
		const struct file_problem *problem = g_ptr_array_index(problems, i);
		g_autofree char *text = file_problem_format(problem);

		doctor_say(doctor, AREA, "file",
			problem->warning ? DIAGNOSIS_WARNING : DIAGNOSIS_ERROR, "%s", text);
		usable = usable && problem->warning;
	}
	check_mode(doctor, path, entries);
	check_names(doctor, path, entries);
	check_query(doctor, path, entries);
	if (jailed)
		check_hosts(doctor, path, entries);
	return usable;
}

/* Postfix goes on with an old index and only warns in the log. */
static void check_index(struct doctor *doctor, const char *type, const char *path)
{
	const char *suffix = postfix_index_suffix(type);
	g_autofree char *index = g_strconcat(path, suffix ? suffix : "", NULL);
	struct stat source, built;

	if (!suffix || stat(path, &source) != 0 || stat(index, &built) != 0)
		return;
	if (source.st_mtime > built.st_mtime)
		doctor_say(doctor, AREA, "index", DIAGNOSIS_WARNING,
			"%s is older than its source: run postmap %s:%s", index, type, path);
}

static gboolean first_active(const struct policy_set *set, gint64 now_us, struct policy *policy)
{
	for (guint i = 0; i < policy_set_count(set); i++)
		if (row_policy_now(set, policy_set_row(set, i), now_us, policy) &&
			policy->level != LEVEL_UNKNOWN)
			return TRUE;
	return FALSE;
}

/* One row of the table, asked for as Postfix would. */
static void ask(struct doctor *doctor, const char *map)
{
	struct policy ours, theirs;
	gboolean row = first_active(&doctor->set, app_now(doctor->app), &ours);
	g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	g_autofree char *key = row ? text_dup(ours.key) : g_strdup("example.com");
	g_autofree char *value = NULL;

	if (!postfix_lookup(&doctor->postfix, map, key, &value, warnings, &error)) {
		doctor_say(doctor, AREA, "postmap -q", DIAGNOSIS_ERROR, "%s", error->message);
		return;
	}
	for (guint i = 0; i < warnings->len; i++)
		doctor_say(doctor, AREA, "postmap -q", DIAGNOSIS_WARNING, "%s",
			(char *)g_ptr_array_index(warnings, i));
	if (!row) {
		doctor_say(doctor, AREA, "postmap -q", DIAGNOSIS_OK,
			"%s can be asked; there is no row to compare with", map);
		return;
	}
	theirs = (struct policy){.key = ours.key};
	if (value && policy_split(text_of(value), &theirs) && policy_equal(&ours, &theirs))
		doctor_say(doctor, AREA, "postmap -q", DIAGNOSIS_OK,
			"%s says the same as the table for %s", map, key);
	else
		doctor_say(doctor, AREA, "postmap -q", DIAGNOSIS_WARNING,
			"%s says '%s' for %s, the table says otherwise: tlspol explain %s "
			"--postmap",
			map, value ? value : "not found", key, key);
}

void doctor_map(struct doctor *doctor, const char *map, gboolean chrooted)
{
	gboolean proxied = g_str_has_prefix(map, "proxy:");
	const char *plain = proxied ? map + strlen("proxy:") : map;
	const char *path = strchr(plain, ':');
	g_autofree char *type = path ? g_strndup(plain, (gsize)(path - plain)) : NULL;
	g_autoptr(GError) error = NULL;

	if (!type) {
		doctor_say(doctor, AREA, "smtp_tls_policy_maps", DIAGNOSIS_ERROR,
			"%s is no map: it needs a type in front, like hash:%s", map, map);
		return;
	}
	path++;
	if (!postfix_has_map_type(&doctor->postfix, type, &error)) {
		doctor_say(doctor, AREA, "smtp_tls_policy_maps", DIAGNOSIS_ERROR, "%s",
			error->message);
		return;
	}
	if (strcmp(type, "mysql") == 0 && *path == '/' &&
		!check_cf(doctor, path, chrooted && !proxied))
		return;
	check_index(doctor, type, path);
	/* proxymap(8) needs a running Postfix; the map behind it answers the same. */
	ask(doctor, plain);
}
