/*
 * option_files: MariaDB's option files, read as mariadb(1) reads them.
 *
 * Connector/C can read option files itself, but not as the command-line clients do: a bare
 * "ssl-verify-server-cert" turns verification off, "protocol=tcp" and "ssl_ca" mean nothing, a
 * comment behind a value becomes part of the password, files override the program's own
 * options, and there is neither --defaults-extra-file nor a group suffix. So the files are read
 * here, by the rules of my_print_defaults(1), which the tests compare with: groups, quotes,
 * escapes, comments, !include and !includedir (sorted, *.cnf).
 *
 * Order, later wins: /etc/my.cnf, /etc/mysql/my.cnf, $MARIADB_HOME (or $MYSQL_HOME)/my.cnf, the
 * extra file, ~/.my.cnf; or only the one file of --defaults-file. Groups: [client],
 * [client-server], [client-mariadb], [tlspol], and the same with the suffix. A default file that
 * cannot be read, or that everybody may write, is passed over, as mariadb does.
 */
#ifndef TLSPOL_STORE_OPTION_FILES_H
#define TLSPOL_STORE_OPTION_FILES_H

#include <glib.h>

/* Strings are borrowed; NULL = not given. */
struct option_files {
	const char *defaults_file, *defaults_extra_file, *group_suffix;
	gboolean no_defaults;
	const char *home;	  /* NULL: no ~/.my.cnf */
	const char *mariadb_home; /* NULL: none */
};

struct option_line {
	char *name;   /* as written, but with '-' for '_' */
	char *value;  /* unquoted and unescaped; NULL = none ("skip-ssl") */
	char *where;  /* "/etc/mysql/my.cnf:17", for messages */
	gboolean own; /* from [tlspol]: a name nobody knows is an error there */
};
void option_line_free(struct option_line *line);

/*
 * Appends the lines of our groups (struct option_line *, freed by option_line_free) in reading
 * order. NO_INPUT when a named file cannot be read, CONFIG (with file:line) when a file is not
 * an option file.
 */
gboolean option_files_read(const struct option_files *files, GPtrArray *lines, GError **error);

#endif
