/*
 * policies_format: the formats that files of policies have, and which one a file has.
 */
#ifndef TLSPOL_FILES_POLICIES_FORMAT_H
#define TLSPOL_FILES_POLICIES_FORMAT_H

#include "core/text.h"

enum policies_format {
	POLICIES_AUTO, /* by the file's name (.yaml .yml .json .csv .tsv .map .cf), else by content
			*/
	POLICIES_YAML,
	POLICIES_MAP,
	POLICIES_CSV,
	POLICIES_JSON,
	POLICIES_EFF, /* the STARTTLS policy list; told from other JSON by its "policy-aliases" */
};
/* NULL-terminated names for --input-format, in enum order. */
extern const char *const policies_formats[];

/* By the suffix of its name, else by the first line that says something. Never POLICIES_AUTO. */
enum policies_format policies_format_guess(const char *name, struct text text);

#endif
