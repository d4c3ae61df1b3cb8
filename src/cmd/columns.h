/*
 * columns: a stored policy as records: the same words in list, show and export json|csv.
 */
#ifndef TLSPOL_CMD_COLUMNS_H
#define TLSPOL_CMD_COLUMNS_H

#include "core/policy_set.h"
#include "output/records.h"

/*
 * Rows are const struct policy_row *, `data` is the const struct policy_set * they belong to.
 * For programs: domain, policy, params, note, origin, provider, active, changed_by and the
 * exception's four, always all of them.
 */
extern const struct column policy_columns[];

/*
 * For eyes: the same words, columns without any value left out, "inactive" and exceptions only
 * where a row has them. `data` is a struct policy_view *.
 */
struct policy_view {
	const struct policy_set *set;
	gint64 now_us;
	char *exception; /* of the row at hand; for the one who made the view to free */
};
extern const struct column policy_table_columns[];

/* Getters for commands with columns of their own beside these. */
void column_domain(gconstpointer row, gpointer set, struct value *value);
void column_policy(gconstpointer row, gpointer set, struct value *value);
void column_params(gconstpointer row, gpointer set, struct value *value);
void column_note(gconstpointer row, gpointer set, struct value *value);
void column_origin(gconstpointer row, gpointer set, struct value *value);
void column_provider(gconstpointer row, gpointer set, struct value *value);
void column_active(gconstpointer row, gpointer set, struct value *value);
void column_changed_by(gconstpointer row, gpointer set, struct value *value);
void column_exception_policy(gconstpointer row, gpointer set, struct value *value);
void column_exception_params(gconstpointer row, gpointer set, struct value *value);
void column_exception_until(gconstpointer row, gpointer set, struct value *value);
void column_exception_note(gconstpointer row, gpointer set, struct value *value);

#endif
