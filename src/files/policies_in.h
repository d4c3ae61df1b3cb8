/*
 * policies_in: reads policies from a file: YAML, Postfix map source, CSV, JSON, or the EFF's
 * STARTTLS policy list.
 *
 * All problems of a file are reported, not only the first; nothing is changed anywhere.
 * Readers only read: levels and attributes are judged by core/rules. Keys come out verbatim;
 * folding and IDNA are the command's business (net/idn.h).
 */
#ifndef TLSPOL_FILES_POLICIES_IN_H
#define TLSPOL_FILES_POLICIES_IN_H

#include "core/policy_set.h"
#include "files/file_problem.h"
#include "files/policies_format.h"

/*
 * Reads `path` ("-" is standard input, shown as "<stdin>") and appends its rows to `set`.
 * A row with a provider and no policy ({provider: microsoft}) gets level LEVEL_UNKNOWN and
 * level_text "": what it stands for is the command's business.
 *
 * FALSE with an error when the file cannot be read at all (NO_INPUT: missing, a directory, not
 * readable; IO). Anything wrong inside goes to `problems` (of struct file_problem *) and TRUE is
 * returned; the caller looks for problems that are not warnings. Problems of a file come in
 * the order of its lines. Of keys that Postfix takes for the same, only the first is in `set`;
 * the others are problems: errors, or warnings for a map source that says the same twice.
 */
gboolean policies_read(const char *path, enum policies_format format, struct policy_set *set,
	GPtrArray *problems, GError **error);

/*
 * The same on memory (takes the g_malloc'ed buffer; `name` is for messages): tests, fuzzers.
 */
void policies_read_memory(char *buffer, gsize len, const char *name, enum policies_format format,
	struct policy_set *set, GPtrArray *problems);

#endif
