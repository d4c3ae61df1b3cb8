#include "store/option_files.h"

#include "core/error.h"

#include <string.h>
#include <sys/stat.h>

#define INCLUDES_MAX 10

struct reader {
	const struct option_files *files;
	GPtrArray *lines;
	guint depth;
};

static gboolean read_file(
	struct reader *reader, const char *path, gboolean required, GError **error);

void option_line_free(struct option_line *line)
{
	g_free(line->name);
	g_free(line->value);
	g_free(line->where);
	g_free(line);
}

/* Whether [group] is one of ours; *own tells tlspol's from the shared ones. */
static gboolean group_is_read(const struct reader *reader, const char *group, gboolean *own)
{
	static const char *const names[] = {"client", "client-server", "client-mariadb", "tlspol"};
	const char *suffix = reader->files->group_suffix ? reader->files->group_suffix : "";

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		gsize len = strlen(names[i]);

		if (g_ascii_strncasecmp(group, names[i], len) != 0)
			continue;
		*own = i == G_N_ELEMENTS(names) - 1;
		if (!group[len] || g_ascii_strcasecmp(group + len, suffix) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Ends the line at a '#' that is in no quotes. */
static void cut_comment(char *line)
{
	char quote = 0;
	gboolean escaped = FALSE;

	for (; *line; line++) {
		if ((*line == '\'' || *line == '"') && !escaped) {
			if (!quote)
				quote = *line;
			else if (quote == *line)
				quote = 0;
		}
		if (!quote && *line == '#') {
			*line = '\0';
			return;
		}
		escaped = quote && *line == '\\' && !escaped;
	}
}

/* Takes quotes off both ends and resolves escapes, in place. */
static void unquote(char *value)
{
	static const char letters[] = "ntrbs\"'\\", meanings[] = "\n\t\r\b \"'\\";
	gsize len = strlen(value);
	char *to = value, *from = value, *end = value + len;

	if (len > 1 && (*value == '"' || *value == '\'') && *value == end[-1]) {
		from++;
		end--;
	}
	while (from < end) {
		const char *known =
			*from == '\\' && from + 1 < end ? strchr(letters, from[1]) : NULL;
		if (known) {
			*to++ = meanings[known - letters];
			from += 2;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

static void add_option(struct reader *reader, char *text, const char *where, gboolean own)
{
	struct option_line *line = g_new0(struct option_line, 1);
	char *equals;

	cut_comment(text);
	equals = strchr(text, '=');
	if (equals) {
		*equals = '\0';
		line->value = g_strdup(g_strstrip(equals + 1));
		unquote(line->value);
	}
	line->name = g_strdelimit(g_strdup(g_strstrip(text)), "_", '-');
	line->where = g_strdup(where);
	line->own = own;
	g_ptr_array_add(reader->lines, line);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean include_directory(struct reader *reader, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(GDir) directory = g_dir_open(path, 0, &cause);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const char *name;

	if (!directory) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"the directory of an !includedir: %s", cause->message);
		return FALSE;
	}
	while ((name = g_dir_read_name(directory)))
		if (g_str_has_suffix(name, ".cnf"))
			g_ptr_array_add(names, g_build_filename(path, name, NULL));
	g_ptr_array_sort(names, compare_names);
	for (guint i = 0; i < names->len; i++)
		if (!read_file(reader, names->pdata[i], FALSE, error))
			return FALSE;
	return TRUE;
}

/* "!include FILE" or "!includedir DIRECTORY"; anything else with a '!' means nothing. */
static gboolean directive(struct reader *reader, char *text, GError **error)
{
	char *argument = text;
	gboolean fine = TRUE;

	while (*argument && !g_ascii_isspace(*argument))
		argument++;
	if (*argument)
		*argument++ = '\0';
	g_strstrip(argument);
	if (reader->depth >= INCLUDES_MAX || !*argument)
		return TRUE;
	reader->depth++;
	if (strcmp(text, "includedir") == 0)
		fine = include_directory(reader, argument, error);
	else if (strcmp(text, "include") == 0)
		fine = read_file(reader, argument, FALSE, error);
	reader->depth--;
	return fine;
}

static gboolean read_lines(struct reader *reader, const char *path, char *content, GError **error)
{
	gboolean in_group = FALSE, reading = FALSE, own = FALSE;
	guint number = 0;

	for (char *next, *line = content; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		number++;
		g_autofree char *where = g_strdup_printf("%s:%u", path, number);

		g_strstrip(line);
		if (!*line || *line == '#' || *line == ';')
			continue;
		if (*line == '!') {
			if (!directive(reader, g_strchug(line + 1), error))
				return FALSE;
		} else if (*line == '[') {
			char *end = strchr(line, ']');
			if (!end) {
				g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
					"%s: a group without its closing ']'", where);
				return FALSE;
			}
			*end = '\0';
			in_group = TRUE;
			reading = group_is_read(reader, g_strchomp(line + 1), &own);
		} else if (!in_group) {
			g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
				"%s: an option before the first [group]: not a MariaDB option file",
				where);
			return FALSE;
		} else if (reading) {
			add_option(reader, line, where, own);
		}
	}
	return TRUE;
}

static gboolean read_file(
	struct reader *reader, const char *path, gboolean required, GError **error)
{
	g_autofree char *content = NULL;
	g_autoptr(GError) cause = NULL;
	struct stat st;
	gsize len;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IWOTH)) {
		if (!required)
			return TRUE;
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"the option file '%s' can be written by everybody: chmod o-w it first",
			path);
		return FALSE;
	}
	if (!g_file_get_contents(path, &content, &len, &cause)) {
		if (!required)
			return TRUE;
		g_set_error(error, TLSPOL_ERROR, STATUS_NO_INPUT, "the option file: %s",
			cause->message);
		return FALSE;
	}
	if (strlen(content) != len) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"the option file '%s' is binary: it has NUL bytes", path);
		return FALSE;
	}
	return read_lines(reader, path, content, error);
}

/* DIRECTORY/my.cnf; both may be absent. */
static gboolean read_default(
	struct reader *reader, const char *directory, const char *name, GError **error)
{
	g_autofree char *path = directory ? g_build_filename(directory, name, NULL) : NULL;

	return !path || read_file(reader, path, FALSE, error);
}

gboolean option_files_read(const struct option_files *files, GPtrArray *lines, GError **error)
{
	struct reader reader = {.files = files, .lines = lines};

	if (files->no_defaults)
		return TRUE;
	if (files->defaults_file)
		return read_file(&reader, files->defaults_file, TRUE, error);
	return read_default(&reader, "/etc", "my.cnf", error) &&
	       read_default(&reader, "/etc/mysql", "my.cnf", error) &&
	       read_default(&reader, files->mariadb_home, "my.cnf", error) &&
	       (!files->defaults_extra_file ||
		       read_file(&reader, files->defaults_extra_file, TRUE, error)) &&
	       read_default(&reader, files->home, ".my.cnf", error);
}
