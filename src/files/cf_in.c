/* Reading Postfix .cf files; mysql_cf.c writes them. */
#include <string.h>

#include "core/text.h"
#include "files/logical_lines.h"
#include "files/mysql_cf.h"
#include "files/file_problem.h"
#include "files/read_file.h"
#include "files/text_check.h"

void cf_entry_free(struct cf_entry *entry)
{
	if (!entry)
		return;
	g_free(entry->name);
	g_free(entry->value);
	g_free(entry);
}

const char *cf_value(const GPtrArray *entries, const char *name)
{
	for (guint i = entries->len; i > 0; i--) {
		const struct cf_entry *entry = g_ptr_array_index(entries, i - 1);

		if (strcmp(entry->name, name) == 0)
			return entry->value;
	}
	return NULL;
}

/* Postfix's split_nameval(). The line is never shown: a password may be in it. */
static void read_line(
	struct text line, const char *file, guint number, GPtrArray *entries, GPtrArray *problems)
{
	struct text name = {line.at, 0}, rest;
	struct cf_entry *entry;
	g_autofree char *word = NULL;

	while (name.len < line.len && line.at[name.len] != '=' &&
		!is_postfix_blank(line.at[name.len]))
		name.len++;
	word = text_dup(name);
	rest = postfix_trimmed(text_skip(line, name.len));
	if (!name.len || !rest.len || rest.at[0] != '=') {
		file_problem_add(problems, FALSE, file, number, 0,
			name.len ? "no '=' behind the name \"%s\": Postfix dies of it"
				 : "no name before the '=': Postfix dies of it%s",
			word);
		return;
	}
	if (cf_value(entries, word))
		file_problem_add(problems, TRUE, file, number, 0,
			"%s is set again: the earlier value does not count", word);
	entry = g_new0(struct cf_entry, 1);
	entry->name = g_steal_pointer(&word);
	entry->value = text_dup(postfix_trimmed(text_skip(rest, 1)));
	entry->line = number;
	g_ptr_array_add(entries, entry);
}

void cf_read_memory(
	const char *text, gsize len, const char *name, GPtrArray *entries, GPtrArray *problems)
{
	g_autofree char *copy = g_memdup2(len ? text : "", len ? len : 1);
	struct logical_lines lines;
	struct text line;
	guint number = 0;

	if (!text_check_binary((struct text){copy, len}, name, problems))
		return;
	logical_lines_init(&lines, copy, len);
	while (logical_lines_next(&lines, &line, &number)) {
		if (is_postfix_blank(line.at[0]))
			file_problem_add(problems, TRUE, name, number, 0,
				"begins with a blank but continues no line: Postfix drops it");
		else
			read_line(line, name, number, entries, problems);
	}
}

gboolean cf_read(const char *path, GPtrArray *entries, GPtrArray *problems, GError **error)
{
	g_autofree char *buffer = NULL;
	gsize len;

	if (!read_file(path, &buffer, &len, error))
		return FALSE;
	cf_read_memory(buffer, len, read_file_name(path), entries, problems);
	return TRUE;
}
