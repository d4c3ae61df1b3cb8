/*
 * policies_in: reads policies from a file: YAML, Postfix map source, CSV or JSON.
 *
 * All problems of a file are reported, not only the first; nothing is changed anywhere.
 * Readers only read: levels and attributes are judged by core/rules. Keys come out verbatim;
 * folding and IDNA are the command's business (net/idn.h).
 */
#ifndef TLSPOL_FILES_POLICIES_IN_H
#define TLSPOL_FILES_POLICIES_IN_H

#include "core/policy_set.h"

/* EFF is the STARTTLS policy list's JSON; it comes with a later format of the same enum. */
enum policies_format {
	POLICIES_AUTO, /* by the file's name (.yaml .yml .json .csv .map .cf), then by its content
			*/
	POLICIES_YAML,
	POLICIES_MAP,
	POLICIES_CSV,
	POLICIES_JSON,
};
/* NULL-terminated names for --input-format, in enum order. */
extern const char *const policies_formats[];

/* Something a file's author must mend, or (warning) should know. */
struct file_problem {
	char *file;
	guint line, column; /* from 1; 0 = not known */
	gboolean warning;
	char *text;
	gboolean duplicate; /* of an earlier row's key */
	guint further;	    /* not 0: stands for so many that a full list has no room for */
};
void file_problem_free(struct file_problem *problem);
/*
 * Appends a problem, its text built from printf arguments. A list holds 1000; one more then
 * counts the others.
 */
void file_problem_add(GPtrArray *problems, gboolean warning, const char *file, guint line,
	guint column, const char *format, ...) G_GNUC_PRINTF(6, 7);
/* Says of the problem that was just added that it is about a key that is there already. */
void file_problem_duplicate(GPtrArray *problems);
/* "policies.yaml:17:5: …"; the parts that are not known are left out. A fresh string. */
char *file_problem_format(const struct file_problem *problem);

/*
 * Reads `path` ("-" is standard input, shown as "<stdin>") and appends its rows to `set`.
 * `providers` of the YAML form ({provider: microsoft}) go to policy_extra.provider with level
 * LEVEL_UNKNOWN and level_text ""; the command fills them in.
 *
 * FALSE with an error when the file cannot be read at all (NO_INPUT: missing, a directory, not
 * readable; IO). Anything wrong inside goes to `problems` (of struct file_problem *) and TRUE is
 * returned; the caller looks for problems that are not warnings. Problems of a file come in
 * the order of its lines. Of keys that Postfix takes for the same, only the first is in `set`;
 * the others are problems: errors, or warnings for a map source that says the same twice.
 */
gboolean policies_read(const char *path, enum policies_format format, struct policy_set *set,
	GPtrArray *problems, GError **error);

/*
 * The same on memory (takes the g_malloc'ed buffer; `name` is for messages): tests, fuzzers.
 */
void policies_read_memory(char *buffer, gsize len, const char *name, enum policies_format format,
	struct policy_set *set, GPtrArray *problems);

/* One per format, used by policies_in.c only. `buffer` belongs to `set` already. */
void yaml_in(char *buffer, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems);
void map_in(char *buffer, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems);
void csv_in(char *buffer, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems);
void json_in(char *buffer, gsize len, guint8 file, struct policy_set *set, GPtrArray *problems);

#endif
