#include "files/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "files/leftovers.h"

/* Temporary files that exist now, for the signal handler: no allocation, no locks. */
#define LIVE_MAX 16
static struct {
	volatile int used; /* set last, cleared first */
	char path[PATH_MAX];
} live[LIVE_MAX];

#define BLOCK_SIZE (256 * 1024)

struct atomic_file {
	char *path;	 /* as the caller named it, for messages */
	char *target;	 /* symbolic links followed */
	char *temporary; /* NULL when the target is written directly */
	FILE *stream;
	char *block; /* the stream's: glibc's own is 4 KB, and a map may have 50 MB */
	gboolean existed;
	int slot; /* in live, or -1 */
};

static int live_add(const char *path)
{
	for (int i = 0; i < LIVE_MAX; i++) {
		if (live[i].used)
			continue;
		if (g_strlcpy(live[i].path, path, sizeof live[i].path) >= sizeof live[i].path)
			return -1;
		live[i].used = 1;
		return i;
	}
	return -1;
}

static void live_remove(int slot)
{
	if (slot >= 0)
		live[slot].used = 0;
}

void atomic_file_abort_all(void)
{
	for (int i = 0; i < LIVE_MAX; i++) {
		if (live[i].used)
			unlink(live[i].path);
		live[i].used = 0;
	}
}

static int status_of_errno(int code)
{
	return code == EACCES || code == EPERM || code == EROFS ? STATUS_NO_PERMISSION
								: STATUS_CANNOT_CREATE;
}

static void set_open_error(GError **error, const char *path, int code)
{
	g_set_error(error, TLSPOL_ERROR, status_of_errno(code), "cannot write %s: %s", path,
		g_strerror(code));
}

static void set_write_error(GError **error, const char *path, int code)
{
	g_set_error(
		error, TLSPOL_ERROR, STATUS_IO, "writing %s failed: %s", path, g_strerror(code));
}

static void atomic_file_free(struct atomic_file *file)
{
	if (file->stream)
		fclose(file->stream);
	if (file->temporary)
		unlink(file->temporary);
	live_remove(file->slot);
	g_free(file->block);
	g_free(file->temporary);
	g_free(file->target);
	g_free(file->path);
	g_free(file);
}

/*
 * Where `path` really is. Its last link may point at nothing yet: then that is what is made,
 * as open(2) would.
 */
static char *follow_links(const char *path, GError **error)
{
	g_autofree char *at = g_strdup(path);

	for (int links = 0; links < 40; links++) {
		g_autofree char *next = g_file_read_link(at, NULL);
		g_autofree char *directory = NULL;

		if (!next)
			return g_steal_pointer(&at);
		if (g_path_is_absolute(next)) {
			g_free(at);
			at = g_steal_pointer(&next);
			continue;
		}
		directory = g_path_get_dirname(at);
		g_free(at);
		at = g_build_filename(directory, next, NULL);
	}
	set_open_error(error, path, ELOOP);
	return NULL;
}

/*
 * Keeps mode and owner of what is replaced. Not being allowed to give a file away is no reason
 * to stop: the new one then belongs to who runs the program, its group kept where possible.
 */
static gboolean keep_attributes(int fd, const struct stat *old)
{
	mode_t mode = old->st_mode & 07777;
	struct stat now;

	if (fstat(fd, &now) != 0)
		return FALSE;
	if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) &&
		fchown(fd, old->st_uid, old->st_gid) != 0 && fchown(fd, -1, old->st_gid) != 0 &&
		errno != EPERM)
		return FALSE;
	/* What the old group might read is not for another one: there may be a password in it. */
	if (fstat(fd, &now) != 0)
		return FALSE;
	if (now.st_gid != old->st_gid)
		mode &= ~(mode_t)S_IRWXG;
	return fchmod(fd, mode) == 0;
}

/* Made and noted for the signal handler in one go; errno on failure. */
static int create_noted(struct atomic_file *file)
{
	sigset_t all, before;
	int fd, code;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	/* 0600 until its mode is known: what is in it may be secret. */
	fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	code = errno;
	if (fd >= 0 && !leftovers_hold(fd)) {
		close(fd);
		code = EEXIST;
		fd = -1;
	}
	if (fd >= 0)
		file->slot = live_add(file->temporary);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = code;
	return fd;
}

static gboolean open_temporary(
	struct atomic_file *file, mode_t mode, const struct stat *old, GError **error)
{
	int fd = -1;

	leftovers_remove(file->target);
	for (int attempt = 0; fd < 0 && attempt < 100; attempt++) {
		g_free(file->temporary);
		file->temporary = leftovers_name(file->target);
		fd = create_noted(file);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0) {
		set_open_error(error, file->path, errno);
		g_clear_pointer(&file->temporary, g_free);
		return FALSE;
	}
	if (old ? !keep_attributes(fd, old) : fchmod(fd, mode) != 0) {
		set_open_error(error, file->path, errno);
		close(fd);
		return FALSE;
	}
	file->stream = fdopen(fd, "w");
	file->block = g_malloc(BLOCK_SIZE);
	setvbuf(file->stream, file->block, _IOFBF, BLOCK_SIZE);
	return TRUE;
}

/*
 * /dev/stdout, /dev/full, a FIFO: there is nothing to replace. Appending makes no difference to
 * these, except to a standard output that the shell opened with >>.
 */
static gboolean open_directly(struct atomic_file *file, GError **error)
{
	file->stream = fopen(file->path, "ae");
	if (!file->stream)
		set_open_error(error, file->path, errno);
	return file->stream != NULL;
}

/* Standard output by one of its names, even where it is a regular file. */
static gboolean is_device_name(const char *path)
{
	return g_str_has_prefix(path, "/dev/") || g_str_has_prefix(path, "/proc/");
}

struct atomic_file *atomic_file_open(const char *path, mode_t mode, GError **error)
{
	g_autoptr(atomic_file_t) file = g_new0(struct atomic_file, 1);
	struct stat old;
	gboolean open;

	file->slot = -1;
	file->path = g_strdup(path);
	if (!*path) {
		g_set_error_literal(error, TLSPOL_ERROR, STATUS_CANNOT_CREATE,
			"cannot write a file without a name");
		return NULL;
	}
	file->target = follow_links(path, error);
	if (!file->target)
		return NULL;
	file->existed = stat(path, &old) == 0;
	if (file->existed && S_ISDIR(old.st_mode)) {
		set_open_error(error, path, EISDIR);
		return NULL;
	}
	if (file->existed && (!S_ISREG(old.st_mode) || is_device_name(path)))
		open = open_directly(file, error);
	else
		open = open_temporary(file, mode, file->existed ? &old : NULL, error);
	return open ? g_steal_pointer(&file) : NULL;
}

FILE *atomic_file_stream(struct atomic_file *file)
{
	return file->stream;
}

const char *atomic_file_temporary(const struct atomic_file *file)
{
	return file->temporary ? file->temporary : file->path;
}

gboolean atomic_file_owner(struct atomic_file *file, uid_t uid, gid_t gid, GError **error)
{
	if (file->existed || fchown(fileno(file->stream), uid, gid) == 0)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, status_of_errno(errno),
		"cannot change the owner of %s: %s", file->path, g_strerror(errno));
	return FALSE;
}

/* The new name must be on disk, too, before anybody is told that the file is there. */
static gboolean sync_directory(const char *target)
{
	g_autofree char *directory = g_path_get_dirname(target);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean done;

	/* A directory that may be written but not read cannot be synced. */
	if (fd < 0)
		return errno == EACCES;
	done = fsync(fd) == 0 || errno == EINVAL;
	close(fd);
	return done;
}

/* Everything is on disk, as far as that is asked for, and the stream closed. */
static gboolean finish_stream(struct atomic_file *file)
{
	FILE *stream = g_steal_pointer(&file->stream);
	gboolean written = fflush(stream) == 0 && !ferror(stream);

	if (!written && !errno)
		errno = EIO;
	if (written && file->temporary)
		written = fdatasync(fileno(stream)) == 0;
	if (!written) {
		int code = errno;

		fclose(stream);
		errno = code;
		return FALSE;
	}
	return fclose(stream) == 0;
}

static gboolean finish(struct atomic_file *file)
{
	/* Until it has its name the file is held, closed or not. */
	int held = file->temporary ? fcntl(fileno(file->stream), F_DUPFD_CLOEXEC, 0) : -1;
	gboolean done = finish_stream(file);
	int code;

	if (!file->temporary)
		return done;
	done = done && rename(file->temporary, file->target) == 0;
	code = errno;
	if (held >= 0)
		close(held);
	errno = code;
	if (!done)
		return FALSE;
	live_remove(file->slot);
	file->slot = -1;
	g_clear_pointer(&file->temporary, g_free);
	return sync_directory(file->target);
}

gboolean atomic_file_commit(struct atomic_file *file, GError **error)
{
	gboolean done;

	errno = 0;
	done = finish(file);
	if (!done)
		set_write_error(error, file->path, errno);
	atomic_file_free(file);
	return done;
}

void atomic_file_abort(struct atomic_file *file)
{
	if (file)
		atomic_file_free(file);
}
