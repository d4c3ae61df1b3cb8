/*
 * read_file: a whole file or standard input in memory, by read(2).
 *
 * Not mapped: a file that is cut short while it is read must not kill the program, and pipes
 * must work. Private to files/.
 */
#ifndef TLSPOL_FILES_READ_FILE_H
#define TLSPOL_FILES_READ_FILE_H

#include <glib.h>

#define READ_FILE_MAX (1024L * 1024 * 1024)

/* "<stdin>" for "-", else the path itself: how messages name a file. */
const char *read_file_name(const char *path);

/*
 * Reads `path` ("-" is standard input) into a fresh buffer with a NUL behind the last byte.
 * NO_INPUT when it is missing, a directory or not readable, IO when reading fails, DATA when it
 * is larger than READ_FILE_MAX.
 */
gboolean read_file(const char *path, char **buffer, gsize *len, GError **error);

#endif
