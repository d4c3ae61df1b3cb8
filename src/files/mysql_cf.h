/*
 * mysql_cf: Postfix mysql_table(5) files, written and read (facts section 5).
 */
#ifndef TLSPOL_FILES_MYSQL_CF_H
#define TLSPOL_FILES_MYSQL_CF_H

#include <glib.h>
#include <stdio.h>

struct mysql_cf {
	char *hosts; /* "unix:/run/mysqld/mysqld.sock 192.0.2.7:3306" */
	char *user, *password, *dbname, *query;
	char *charset;
	char *tls_CAfile; /* and tls_verify_cert = yes with it */
	char *option_group;
};

/*
 * Writes it with a comment on top that names the main.cf line to add; `path` is where the file
 * will be (for that line), NULL for standard output. A value that the format cannot carry
 * (leading or trailing blanks, a newline, NUL) is refused with STATUS_DATA naming the field, never
 * the password itself.
 */
gboolean mysql_cf_write(const struct mysql_cf *cf, const char *path, FILE *to, GError **error);

/* One name = value of a .cf as Postfix reads it (continuation lines joined, last one wins). */
struct cf_entry {
	char *name, *value;
	guint line;
};
/*
 * Reads any .cf; `entries` are struct cf_entry * in file order, duplicates included. `problems`
 * (struct file_problem *, file_problem.h) get what Postfix would warn of or die of.
 */
gboolean cf_read(const char *path, GPtrArray *entries, GPtrArray *problems, GError **error);
void cf_read_memory(
	const char *text, gsize len, const char *name, GPtrArray *entries, GPtrArray *problems);
void cf_entry_free(struct cf_entry *entry);
/* The value Postfix would use (the last one), or NULL. */
const char *cf_value(const GPtrArray *entries, const char *name);

#endif
