/*
 * file_problem: what is wrong in a file, with its place, gathered while the file is read.
 */
#ifndef TLSPOL_FILES_FILE_PROBLEM_H
#define TLSPOL_FILES_FILE_PROBLEM_H

#include <glib.h>
#include <stdarg.h>

/* Something a file's author must mend, or (warning) should know. */
struct file_problem {
	char *file;
	guint line, column; /* from 1; 0 = not known */
	gboolean warning;
	char *text;
	/*
	 * Not 0: a problem only from this moment on (microseconds since 1970, UTC), as a list that
	 * expires. Readers have no clock: the caller decides.
	 */
	gint64 from_us;
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
/* The same for functions that take printf arguments themselves. */
void file_problem_add_valist(GPtrArray *problems, gboolean warning, const char *file, guint line,
	guint column, const char *format, va_list arguments) G_GNUC_PRINTF(6, 0);
/* Says of the problem that was just added that it is one from this moment on. */
void file_problem_from(GPtrArray *problems, gint64 from_us);
/*
 * Settles what depends on the time: problems of later are dropped, others stay, as warnings where
 * `accept`.
 */
void file_problems_settle(GPtrArray *problems, gint64 now_us, gboolean accept);
/* Says of the problem that was just added that it is about a key that is there already. */
void file_problem_duplicate(GPtrArray *problems);
/* "policies.yaml:17:5: …"; the parts that are not known are left out. A fresh string. */
char *file_problem_format(const struct file_problem *problem);
/* By file, then by line and column; what counts the others stays last. */
void file_problems_sort(GPtrArray *problems);

#endif
