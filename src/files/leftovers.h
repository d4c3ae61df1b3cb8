/*
 * leftovers: temporary files that killed runs left beside a target.
 *
 * A temporary file is ".TARGET.tlspol-" and eight hexadecimal digits; what postmap makes of one has
 * that name and a suffix. Whoever writes one holds a lock (flock(2)) on it, which the kernel lets
 * go of when the process ends, however it ends. So one that can be locked belongs to nobody, and
 * what has lost the file it was made of does so, too. Where the file system knows no locks nothing
 * is taken for left.
 */
#ifndef TLSPOL_FILES_LEFTOVERS_H
#define TLSPOL_FILES_LEFTOVERS_H

#include <glib.h>

/* A fresh name for a temporary file of this target, in its directory. */
char *leftovers_name(const char *target);
/*
 * Marks a new temporary file as somebody's, until its last descriptor is closed. FALSE when
 * leftovers_remove() was quicker and has removed it: make another.
 */
gboolean leftovers_hold(int fd);
/* Removes those of this target. Nothing is said where that is not possible: they do no harm. */
void leftovers_remove(const char *target);

#endif
