/*
 * config: /etc/tlspol/tlspol.yaml, --config, TLSPOL_CONFIG; the only place that reads the
 * environment. Unknown settings are errors with file and line. tlspol.conf(5).
 */
#ifndef TLSPOL_CMD_CONFIG_H
#define TLSPOL_CMD_CONFIG_H

#include <glib.h>

/* clang-format off */
/* path in the file, field, what it is (for the manual's test and for error messages) */
#define CONFIG_LIST(X)                                                                          \
	X("table.name",              table,              "name of the policy table")             \
	X("table.columns.id",        column_id,          "its primary key; - where it has none") \
	X("table.columns.domain",    column_domain,      "the key column")                       \
	X("table.columns.policy",    column_policy,      "the level column")                     \
	X("table.columns.params",    column_params,      "the attributes column")                \
	X("table.columns.active",    column_active,      "rows with 0 here are inactive")        \
	X("table.columns.note",      column_note,        "free text for people")                 \
	X("table.columns.origin",    column_origin,      "which import owns the row")            \
	X("table.columns.provider",  column_provider,    "provider the row was made from")       \
	X("table.columns.changed_by", column_changed_by, "who changed the row last")             \
	X("postfix.version",         postfix_version,    "oldest Postfix that reads the table")  \
	X("postfix.config_directory", postfix_config,    "directory of main.cf")                 \
	X("postfix.command_directory", postfix_commands, "directory of postmap and postconf")    \
	X("resolver.address",        resolver_address,   "the DNS server to ask, or recursive")  \
	X("resolver.trust_anchor",   resolver_anchor,    "DS or DNSKEY of the DNS root")         \
	X("resolver.root_hints",     resolver_hints,     "servers of the DNS root")
/* clang-format on */

struct config {
	char *path; /* of the file that was read; NULL when there is none */
#define CONFIG_FIELD(setting, field, what) char *field;
	CONFIG_LIST(CONFIG_FIELD)
#undef CONFIG_FIELD
};

/*
 * `path` from --config, or NULL: TLSPOL_CONFIG, then /etc/tlspol/tlspol.yaml if it is there.
 * A named file that is missing is NO_INPUT; anything wrong in it is CONFIG with file:line:column.
 */
struct config *config_load(const char *path, GError **error);
void config_free(struct config *config);
typedef struct config config_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(config_t, config_free)

/* clang-format off */
/* name, what it does: tlspol(1), ENVIRONMENT, is compared with this list by a test */
#define ENVIRONMENT_LIST(X)                                                             \
	X("TLSPOL_CONFIG", "the configuration file, when --config is not given")        \
	X("HOME",          "where MariaDB's option file .my.cnf is")                    \
	X("MARIADB_HOME",  "a directory with a my.cnf, as for mariadb(1)")              \
	X("MYSQL_HOME",    "the same, when MARIADB_HOME is not set")                    \
	X("SUDO_USER",     "who changes policies, for the column changed_by")           \
	X("USER",          "the same, when SUDO_USER is not set; else the account's name") \
	X("NO_COLOR",      "no colours, unless --colour says so")                       \
	X("TERM",          "no colours and no progress on a terminal that is dumb")    \
	X("COLUMNS",       "width of the terminal, when it does not say so itself")
/* clang-format on */

/* getenv() for the rest of the program: one of the names above. NULL = unset or empty. */
const char *config_environment(const char *name);

#endif
