#include "cmd/postfix.h"

#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/policy_set.h"

static char *find_program(const char *directory, const char *name)
{
	static const char *const usual[] = {"/usr/sbin", "/usr/local/sbin", "/sbin", NULL};
	char *found;

	if (directory) {
		found = g_build_filename(directory, name, NULL);
		if (g_file_test(found, G_FILE_TEST_IS_EXECUTABLE))
			return found;
		g_free(found);
		return NULL;
	}
	found = g_find_program_in_path(name);
	for (guint i = 0; !found && usual[i]; i++) {
		g_autofree char *path = g_build_filename(usual[i], name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
			found = g_steal_pointer(&path);
	}
	return found;
}

void postfix_init(struct postfix *postfix, const struct config *config)
{
	const char *directory = config ? config->postfix_commands : NULL;

	postfix->postconf = find_program(directory, "postconf");
	postfix->postmap = find_program(directory, "postmap");
	postfix->config_directory = config ? g_strdup(config->postfix_config) : NULL;
}

void postfix_release(struct postfix *postfix)
{
	g_clear_pointer(&postfix->postconf, g_free);
	g_clear_pointer(&postfix->postmap, g_free);
	g_clear_pointer(&postfix->config_directory, g_free);
}

gboolean postfix_installed(const struct postfix *postfix, GError **error)
{
	if (postfix->postconf && postfix->postmap)
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_UNAVAILABLE,
		"Postfix is not installed here: no %s in PATH or /usr/sbin; "
		"postfix.command_directory in tlspol.yaml names another place",
		postfix->postconf ? "postmap" : "postconf");
	return FALSE;
}

/*
 * Runs a Postfix program with -c where configured. FALSE only when it cannot be run; *status is
 * its exit status. The environment is passed on: Postfix cleans it itself.
 */
static gboolean run(const struct postfix *postfix, const char *program, const char *const *words,
	char **out, char **err, int *status, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_autoptr(GError) cause = NULL;
	int wait_status = 0;

	if (!postfix_installed(postfix, error))
		return FALSE;
	g_ptr_array_add(argv, (gpointer)program);
	if (postfix->config_directory) {
		g_ptr_array_add(argv, (gpointer) "-c");
		g_ptr_array_add(argv, postfix->config_directory);
	}
	for (guint i = 0; words[i]; i++)
		g_ptr_array_add(argv, (gpointer)words[i]);
	g_ptr_array_add(argv, NULL);
	if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, out, err,
		    &wait_status, &cause)) {
		g_set_error(error, TLSPOL_ERROR, STATUS_OS, "%s: %s", program, cause->message);
		return FALSE;
	}
	*status = g_spawn_check_wait_status(wait_status, &cause) ? 0
		  : cause->domain == G_SPAWN_EXIT_ERROR		 ? cause->code
								 : 255;
	return TRUE;
}

/*
 * Sorts what a Postfix program said on stderr, one line each and without "postmap: warning: ":
 * the last line that is no warning is why it failed. NULL when there were only warnings.
 */
static char *sort_messages(const char *err, GPtrArray *warnings)
{
	g_auto(GStrv) lines = g_strsplit(err, "\n", -1);
	char *fatal = NULL;

	for (guint i = 0; lines[i]; i++) {
		const char *text = strchr(lines[i], ':');

		if (!*lines[i])
			continue;
		text = text && text[1] == ' ' ? text + 2 : lines[i];
		if (g_str_has_prefix(text, "warning: ")) {
			if (warnings)
				g_ptr_array_add(warnings, g_strdup(text + strlen("warning: ")));
			continue;
		}
		g_free(fatal);
		fatal = g_strdup(
			g_str_has_prefix(text, "fatal: ") ? text + strlen("fatal: ") : text);
	}
	return fatal;
}

static char *ask_postconf(const struct postfix *postfix, const char *const *words, GError **error)
{
	g_autofree char *out = NULL, *err = NULL, *why = NULL;
	int status;

	if (!run(postfix, postfix->postconf, words, &out, &err, &status, error))
		return NULL;
	if (status == 0)
		return g_steal_pointer(&out);
	why = sort_messages(err, NULL);
	g_set_error(error, TLSPOL_ERROR, STATUS_UNAVAILABLE, "postconf: %s", why ? why : "failed");
	return NULL;
}

char *postfix_setting(const struct postfix *postfix, const char *name, GError **error)
{
	/* Without -x a value may be "$other"; an unknown name is a warning and no output. */
	char *value = ask_postconf(postfix, (const char *const[]){"-hx", name, NULL}, error);

	return value ? g_strstrip(value) : NULL;
}

char **postfix_settings(const struct postfix *postfix, const char *const *names, GError **error)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	char **values;

	g_ptr_array_add(words, (gpointer) "-x");
	for (guint i = 0; names[i]; i++)
		g_ptr_array_add(words, (gpointer)names[i]);
	g_ptr_array_add(words, NULL);
	text = ask_postconf(postfix, (const char *const *)words->pdata, error);
	if (!text)
		return NULL;
	lines = g_strsplit(text, "\n", -1);
	values = g_new0(char *, words->len - 1);
	for (guint i = 0; names[i]; i++) {
		for (guint j = 0; lines[j] && !values[i]; j++) {
			gsize len = strlen(names[i]);

			if (g_str_has_prefix(lines[j], names[i]) &&
				g_str_has_prefix(lines[j] + len, " ="))
				values[i] = g_strstrip(g_strdup(lines[j] + len + strlen(" =")));
		}
		if (!values[i])
			values[i] = g_strdup("");
	}
	return values;
}

char **postfix_lines(const struct postfix *postfix, const char *flag, GError **error)
{
	g_autofree char *text = ask_postconf(postfix, (const char *const[]){flag, NULL}, error);

	return text ? g_strsplit(g_strchomp(text), "\n", -1) : NULL;
}

gboolean postfix_has_map_type(const struct postfix *postfix, const char *type, GError **error)
{
	g_auto(GStrv) types = postfix_lines(postfix, "-m", error);

	if (!types)
		return FALSE;
	if (g_strv_contains((const char *const *)types, type))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
		"Postfix here cannot read %s: maps (postconf -m does not list it); install the "
		"package postfix-%s or choose another type",
		type, type);
	return FALSE;
}

char **postfix_split_maps(const char *maps)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	const char *start = NULL;
	int depth = 0;

	for (const char *at = maps;; at++) {
		gboolean separator = !*at || (depth <= 0 && strchr(" ,\t\r\n", *at));

		if (!separator && !start)
			start = at;
		if (separator && start) {
			g_autofree char *element = g_strndup(start, (gsize)(at - start));

			g_strv_builder_add(builder, element);
			start = NULL;
		}
		if (!*at)
			return g_strv_builder_end(builder);
		depth += *at == '{' ? 1 : *at == '}' ? -1 : 0;
	}
}

gboolean postfix_lookup(const struct postfix *postfix, const char *map, const char *key,
	char **value, GPtrArray *warnings, GError **error)
{
	g_autoptr(GPtrArray) heard = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *out = NULL, *err = NULL, *why = NULL;
	int status;

	*value = NULL;
	if (!run(postfix, postfix->postmap, (const char *const[]){"-q", key, map, NULL}, &out, &err,
		    &status, error))
		return FALSE;
	why = sort_messages(err, heard);
	/* Status 1 without a word on stderr is "not found". */
	if (status != 0 && (status != 1 || why)) {
		const char *reason = heard->len ? g_ptr_array_index(heard, heard->len - 1) : NULL;

		/* The fatal line is only "query error"; the warning before it says which. */
		g_set_error(error, TLSPOL_ERROR, STATUS_UNAVAILABLE, "postmap -q %s %s: %s%s%s",
			key, map, why ? why : "failed", reason ? ": " : "", reason ? reason : "");
		return FALSE;
	}
	if (status == 0) {
		if (g_str_has_suffix(out, "\n"))
			out[strlen(out) - 1] = '\0';
		*value = g_steal_pointer(&out);
	}
	if (warnings)
		g_ptr_array_extend_and_steal(warnings, g_steal_pointer(&heard));
	return TRUE;
}

/* The key of the last line of a source, which is longer than no line of a map; NULL: it is empty.
 */
static char *last_key(const char *source)
{
	char tail[POLICY_KEY_MAX + POLICY_PARAMS_MAX + 64];
	FILE *file = fopen(source, "rbe");
	gsize got = 0, from, end;

	if (file) {
		if (fseek(file, -(long)(sizeof(tail) - 1), SEEK_END) != 0)
			rewind(file);
		got = fread(tail, 1, sizeof(tail) - 1, file);
		fclose(file);
	}
	if (got < 2)
		return NULL;
	for (from = got - 1; from > 0 && tail[from - 1] != '\n'; from--)
		;
	for (end = from; end < got && tail[end] != '\t' && tail[end] != '\n'; end++)
		;
	return g_strndup(tail + from, end - from);
}

/*
 * On a full disk postmap 3.7 ends with status 0 although lmdb could not commit, and the index is
 * empty. All is committed at once, so one key tells.
 */
static gboolean index_answers(
	const struct postfix *postfix, const char *map, const char *source, GError **error)
{
	g_autofree char *key = last_key(source), *value = NULL;

	if (!key || (postfix_lookup(postfix, map, key, &value, NULL, NULL) && value))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_IO,
		"postmap %s: the index that was made does not have %s: is the disk full?", map,
		key);
	return FALSE;
}

gboolean postfix_build(const struct postfix *postfix, const char *type, const char *source,
	GPtrArray *warnings, GError **error)
{
	g_autofree char *out = NULL, *err = NULL, *why = NULL;
	g_autofree char *map = g_strdup_printf("%s:%s", type, source);
	int status;

	if (!run(postfix, postfix->postmap, (const char *const[]){map, NULL}, &out, &err, &status,
		    error))
		return FALSE;
	why = sort_messages(err, warnings);
	if (status == 0)
		return index_answers(postfix, map, source, error);
	g_set_error(error, TLSPOL_ERROR, STATUS_IO, "postmap %s: %s", map, why ? why : "failed");
	return FALSE;
}

const char *postfix_index_suffix(const char *type)
{
	static const struct {
		const char *type, *suffix;
	} suffixes[] = {{"hash", ".db"}, {"btree", ".db"}, {"lmdb", ".lmdb"}, {"cdb", ".cdb"}};

	for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		if (strcmp(type, suffixes[i].type) == 0)
			return suffixes[i].suffix;
	}
	return NULL;
}
