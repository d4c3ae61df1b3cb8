#include "files/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

const char *read_file_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "<stdin>" : path;
}

static int open_input(const char *path, GError **error)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0) {
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_INPUT, "cannot read %s: %s",
			read_file_name(path), g_strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_INPUT,
			"cannot read %s: it is a directory, name a file in it",
			read_file_name(path));
		close(fd);
		return -1;
	}
	return fd;
}

static void set_too_large(GError **error, const char *name)
{
	g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
		"%s is larger than 1 GiB: that is no policy file", name);
}

/* How much to ask for at first; 0 for a file that is too large. */
static gsize first_size(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return 64 * 1024;
	/* One byte more than the file has, so that its end is seen without growing. */
	return st.st_size > READ_FILE_MAX ? 0 : st.st_size + 2;
}

static gboolean read_all(int fd, const char *name, char **buffer, gsize *len, GError **error)
{
	gsize size = first_size(fd);
	gsize used = 0;
	g_autofree char *data = g_malloc(size);

	if (!size) {
		set_too_large(error, name);
		return FALSE;
	}
	for (;;) {
		gssize got = read(fd, data + used, size - 1 - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			g_set_error(error, TLSPOL_ERROR, STATUS_IO, "reading %s failed: %s", name,
				g_strerror(errno));
			return FALSE;
		}
		if (got == 0)
			break;
		used += got;
		if (used > READ_FILE_MAX) {
			set_too_large(error, name);
			return FALSE;
		}
		if (used == size - 1)
			data = g_realloc(data, size *= 2);
	}
	data[used] = '\0';
	*buffer = g_steal_pointer(&data);
	*len = used;
	return TRUE;
}

gboolean read_file(const char *path, char **buffer, gsize *len, GError **error)
{
	int fd = open_input(path, error);
	gboolean done;

	if (fd < 0)
		return FALSE;
	done = read_all(fd, read_file_name(path), buffer, len, error);
	close(fd);
	return done;
}
