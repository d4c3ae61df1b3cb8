/*
 * policies_format: which format a file of policies has. Private to files/.
 */
#ifndef TLSPOL_FILES_POLICIES_FORMAT_H
#define TLSPOL_FILES_POLICIES_FORMAT_H

#include "files/policies_in.h"

/* By the suffix of its name, else by the first line that says something. Never POLICIES_AUTO. */
enum policies_format policies_format_guess(const char *name, struct text text);

#endif
