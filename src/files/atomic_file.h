/*
 * atomic_file: a file that is the old one or the new one, never half.
 *
 * Written beside the target, fsynced, renamed over it, directory fsynced. Mode and owner of an
 * existing target are kept (where the group cannot be, no group may read it). A symbolic link is
 * followed, its target replaced. Targets that are no regular file (/dev/stdout, /dev/full, a FIFO)
 * are written directly. Temporary files are removed on every way out, also on SIGINT and SIGTERM
 * (atomic_file_abort_all()); those of a run that was killed by the next one (leftovers.h).
 */
#ifndef TLSPOL_FILES_ATOMIC_FILE_H
#define TLSPOL_FILES_ATOMIC_FILE_H

#include <glib.h>
#include <stdio.h>
#include <sys/types.h>

struct atomic_file;

/*
 * Starts a new version of `path`. `mode` is for a target that does not exist yet. CANNOT_CREATE
 * or NO_PERMISSION when it cannot be made. The stream belongs to the atomic_file.
 */
struct atomic_file *atomic_file_open(const char *path, mode_t mode, GError **error);
FILE *atomic_file_stream(struct atomic_file *file);
/* Owner for a target that does not exist yet; -1 leaves it. */
gboolean atomic_file_owner(struct atomic_file *file, uid_t uid, gid_t gid, GError **error);
/* Name of the temporary file, for programs that must read it before it is put in place. */
const char *atomic_file_temporary(const struct atomic_file *file);
/* Puts it in place and frees `file`, also on failure (IO). */
gboolean atomic_file_commit(struct atomic_file *file, GError **error);
/* Throws it away and frees it; NULL is fine. */
void atomic_file_abort(struct atomic_file *file);
typedef struct atomic_file atomic_file_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(atomic_file_t, atomic_file_abort)
/* Async-signal-safe: unlinks every temporary file still there. For the signal handler. */
void atomic_file_abort_all(void);

#endif
