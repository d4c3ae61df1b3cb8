/*
 * open_files: how many files, sockets among them, this process may have open at a time
 * (RLIMIT_NOFILE).
 */
#ifndef TLSPOL_NET_OPEN_FILES_H
#define TLSPOL_NET_OPEN_FILES_H

#include <glib.h>

/*
 * Raises the soft limit to `wanted` where it is lower, as far as the hard one lets it. Returns the
 * limit that is in force then; it never gets lower.
 */
guint open_files_raise(guint wanted);

#endif
