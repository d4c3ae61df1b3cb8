/*
 * edit: what add and set share: the words of a policy read, judged, stored and told about.
 */
#ifndef TLSPOL_CMD_EDIT_H
#define TLSPOL_CMD_EDIT_H

#include "cmd/app.h"
#include "core/plan.h"

/* The columns that only people read. NULL leaves what is stored alone. */
struct edit_extras {
	char *note, *origin, *provider;
};

/* The rules for this run, with the length limit of the table that will hold the policy. */
gboolean edit_rules(struct app *app, struct rule_context *context, GError **error);

/*
 * Joins "LEVEL ATTR=VALUE…" with blanks, reads them as Postfix would and puts them into canonical
 * form (level in lower case, one blank between attributes). Texts are kept by `set`; the key of
 * `policy` is not touched.
 */
void edit_words(struct policy_set *set, char **words, int count, int postfix_version,
	struct policy *policy);

/* Appends `policy` with its extras. NULL with DATA when no row can hold it. */
struct policy_row *edit_append(struct policy_set *set, const struct policy *policy,
	const struct edit_extras *extras, GError **error);

/* Nothing would change what is stored (NULL = no extras there). */
gboolean edit_extras_same(const struct edit_extras *given, const struct policy_extra *stored);

/*
 * Judges a policy (its key too, unless it is stored already), prints every finding to standard
 * error. DATA when one of them is an error, unless forced.
 */
gboolean edit_judge(struct app *app, const struct rule_context *context,
	const struct policy *policy, gboolean key_too, gboolean force, GError **error);

/* "secure match=a", with note, origin and provider behind; harmless for a terminal. */
char *edit_show(const struct policy_set *set, const struct policy_row *row);

/* Whether there is no policy under the row's exception: it ends as a whole. */
gboolean edit_is_only_exception(const struct policy_set *set, const struct policy_row *row);

/* Says that what was changed shows only when the row's exception ends, where one is in force. */
void edit_note_exception(
	struct app *app, const struct policy_set *set, const struct policy_row *row);

/* Says on standard output how things are; nothing with --quiet. */
gboolean edit_say(struct app *app, const GString *lines, GError **error);
/* The same for what was done: an error says that the table is changed all the same. */
gboolean edit_report(struct app *app, const GString *lines, GError **error);

#endif
