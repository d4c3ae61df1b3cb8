#include "files/leftovers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGITS 8

/* ".TARGET.tlspol-" */
static char *prefix_of(const char *target)
{
	g_autofree char *base = g_path_get_basename(target);

	return g_strdup_printf(".%.200s.tlspol-", base);
}

char *leftovers_name(const char *target)
{
	g_autofree char *directory = g_path_get_dirname(target);
	g_autofree char *prefix = prefix_of(target);

	return g_strdup_printf("%s/%s%08x", directory, prefix, g_random_int());
}

gboolean leftovers_hold(int fd)
{
	struct stat file;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno != EWOULDBLOCK;
	return fstat(fd, &file) != 0 || file.st_nlink > 0;
}

/* Length of the temporary file's own name in `name`, 0 when it is none of this target. */
static gsize own_len(const char *name, const char *prefix)
{
	gsize len = strlen(prefix);

	if (!g_str_has_prefix(name, prefix))
		return 0;
	for (int i = 0; i < DIGITS; i++)
		if (!g_ascii_isxdigit(name[len++]))
			return 0;
	return name[len] == '\0' || name[len] == '.' ? len : 0;
}

static gboolean is_regular(int directory, const char *name)
{
	struct stat file;

	return fstatat(directory, name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(file.st_mode);
}

/* The lock is held until the file is gone: who is just making it notices (leftovers_hold()). */
static void remove_unheld(int directory, const char *name)
{
	int fd = is_regular(directory, name)
			 ? openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
			 : -1;

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(directory, name, 0);
	close(fd);
}

/* Made of a temporary file that is gone. */
static void remove_orphan(int directory, const char *name, gsize own)
{
	g_autofree char *source = g_strndup(name, own);
	struct stat file;

	if (fstatat(directory, source, &file, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT &&
		is_regular(directory, name))
		unlinkat(directory, name, 0);
}

void leftovers_remove(const char *target)
{
	g_autofree char *path = g_path_get_dirname(target);
	g_autofree char *prefix = prefix_of(target);
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return;
	/* Those that something was made of first. */
	for (int orphans = 0; orphans < 2; orphans++) {
		rewinddir(directory);
		while ((entry = readdir(directory))) {
			gsize own = own_len(entry->d_name, prefix);

			if (own && entry->d_name[own] && orphans)
				remove_orphan(dirfd(directory), entry->d_name, own);
			else if (own && !entry->d_name[own] && !orphans)
				remove_unheld(dirfd(directory), entry->d_name);
		}
	}
	closedir(directory);
}
