/*
 * progress: one line on a terminal that says how far a long job is.
 *
 * Nothing is shown for the first second, then the line is drawn anew a few times a second. What
 * else is to be printed waits for progress_end(). The caller asks whether there is a terminal.
 */
#ifndef TLSPOL_OUTPUT_PROGRESS_H
#define TLSPOL_OUTPUT_PROGRESS_H

#include <glib.h>
#include <stdio.h>

struct progress;
struct progress *progress_new(FILE *terminal);
void progress_free(struct progress *progress);

/*
 * So many of the job's rows are done ("rows read"); a job begins with its first call, and again
 * when `what` is another. A total of 0 is not known; one that is passed was an estimate.
 */
void progress_show(struct progress *progress, const char *what, guint64 done, guint64 total);
/* Takes the line away. */
void progress_end(struct progress *progress);

/* What the line says after so many microseconds. A fresh string. */
char *progress_text(const char *what, guint64 done, guint64 total, gint64 us);

#endif
