/*
 * postfix: asking the Postfix that is installed here, by running postconf(1) and postmap(1).
 *
 * The one place that starts other programs: argument arrays, never a shell, standard input empty.
 * The programs are looked for in the configured postfix.command_directory, then in PATH, then in
 * the usual system directories, because PATH of an ordinary user has no /usr/sbin.
 */
#ifndef TLSPOL_CMD_POSTFIX_H
#define TLSPOL_CMD_POSTFIX_H

#include "cmd/config.h"

struct postfix {
	char *postconf, *postmap; /* absolute; NULL = not found */
	char *config_directory;	  /* for -c; NULL = Postfix's own */
};

/* Finds the programs; `config` may be NULL. Runs nothing. */
void postfix_init(struct postfix *postfix, const struct config *config);
void postfix_release(struct postfix *postfix);
typedef struct postfix postfix_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(postfix_t, postfix_release)

/* "Postfix is not installed here: no postconf in …": what callers say when a part is skipped. */
gboolean postfix_installed(const struct postfix *postfix, GError **error);

/*
 * The value of one main.cf parameter, $names expanded (`postconf -hx NAME`); "" when it is empty or
 * not known to this version. NULL with UNAVAILABLE when postconf cannot be run or refuses main.cf.
 */
char *postfix_setting(const struct postfix *postfix, const char *name, GError **error);

/*
 * Several at once, in the order of `names` (ended by NULL): one postconf instead of many, it
 * takes about 4 ms. g_strfreev(). Failures as above.
 */
char **postfix_settings(const struct postfix *postfix, const char *const *names, GError **error);

/* Lines of `postconf FLAG`: "-m" the map types it can read, "-M" the services of master.cf. */
char **postfix_lines(const struct postfix *postfix, const char *flag, GError **error);

/* TRUE when Postfix here can read maps of this type ("lmdb"); else CONFIG saying what to install.
 */
gboolean postfix_has_map_type(const struct postfix *postfix, const char *type, GError **error);

/*
 * Elements of a list of maps ("smtp_tls_policy_maps" as expanded), split at blanks and commas
 * outside of braces. NULL-terminated; g_strfreev().
 */
char **postfix_split_maps(const char *maps);

/*
 * `postmap -q KEY MAP` as it is typed. TRUE and *value set when found, TRUE and NULL when the map
 * has no such key; UNAVAILABLE with Postfix's own words when it cannot tell. Warnings that
 * postmap printed besides go to `warnings` (fresh strings) unless that is NULL.
 */
gboolean postfix_lookup(const struct postfix *postfix, const char *map, const char *key,
	char **value, GPtrArray *warnings, GError **error);

/*
 * `postmap TYPE:SOURCE`: builds SOURCE's index beside it. IO with Postfix's own words when it
 * fails; warnings (duplicate keys …) as above, the status of postmap is 0 for those.
 */
gboolean postfix_build(const struct postfix *postfix, const char *type, const char *source,
	GPtrArray *warnings, GError **error);

/* What a map type appends to the name of its source (".db", ".lmdb", ".cdb"); NULL if none. */
const char *postfix_index_suffix(const char *type);

#endif
