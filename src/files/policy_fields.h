/*
 * policy_fields: what the readers of all formats have found out about one row, on its way into
 * the set. Private to files/.
 */
#ifndef TLSPOL_FILES_POLICY_FIELDS_H
#define TLSPOL_FILES_POLICY_FIELDS_H

#include "core/policy_set.h"

/* A flag of rows while a file is being read: came by YAML's "<<", gives way to others. */
#define ROW_MERGED (1 << 7)

/*
 * Absent fields are TEXT_NONE. domain, level and params must live as long as the set (slices of
 * the adopted buffer, or policy_set_keep()); the others are copied. An empty exception_until takes
 * a stored exception away.
 */
struct policy_fields {
	struct text domain, level, params;
	struct text note, origin, provider;
	struct text exception_policy, exception_params, exception_until, exception_note;
	gboolean inactive, verbatim;
	guint line, column;
};

/*
 * Appends the row, or adds a problem that says why it cannot be one (nothing named, too long).
 * A level that is none becomes LEVEL_UNKNOWN, its word kept: core/rules judges it.
 */
gboolean policy_fields_append(const struct policy_fields *fields, guint8 file,
	struct policy_set *set, GPtrArray *problems);

/*
 * Splits Postfix's own words into level and params; blanks at both ends do not count. FALSE
 * when there is no word.
 */
gboolean policy_fields_split(struct policy_fields *fields, struct text value);

/* What a list of names `domain`, `policy` … means to the readers of JSON, CSV and YAML rows. */
enum row_field {
	FIELD_DOMAIN,
	FIELD_POLICY,
	FIELD_PARAMS,
	FIELD_NOTE,
	FIELD_ORIGIN,
	FIELD_PROVIDER,
	FIELD_EXCEPTION_POLICY,
	FIELD_EXCEPTION_PARAMS,
	FIELD_EXCEPTION_UNTIL,
	FIELD_EXCEPTION_NOTE,
	FIELD_ACTIVE,
	FIELD_VERBATIM,
	FIELD_IGNORED, /* what our own lists have besides: id, changed_by */
	FIELD_UNKNOWN,
};
enum row_field row_field_find(struct text name);
/* Not for FIELD_UNKNOWN. */
const char *row_field_name(enum row_field field);

/* Where a field's text goes; NULL for FIELD_ACTIVE and what follows it. */
struct text *row_field_text(struct policy_fields *fields, enum row_field field);

/* FIELD_ACTIVE or FIELD_VERBATIM: yes or no. */
gboolean row_field_is_bool(enum row_field field);
void row_field_set_bool(struct policy_fields *fields, enum row_field field, gboolean value);
/* "yes", "true", "1" … in any case; FALSE when it is neither that nor its opposite. */
gboolean row_field_bool(struct text text, gboolean *value);

#endif
