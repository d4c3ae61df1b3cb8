/*
 * error: the one list of exit statuses, and the GError domain that carries them.
 *
 * Library code never prints and never exits: it sets a GError whose code *is* the exit status
 * the program should end with, and callers prefix context on the way up
 * (g_prefix_error: "policies.yaml:17:5: ", "example.org: "). main.c prints the message once.
 *
 * A message names the thing, says what is wrong with it and what to do; no trailing full stop
 * is needed, no newline is allowed, and no secret may ever be in it.
 */
#ifndef TLSPOL_CORE_ERROR_H
#define TLSPOL_CORE_ERROR_H

#include <glib.h>

/* clang-format off */
/* number, name, what it means: tlspol(1) is compared with this list by a test. */
#define STATUS_LIST(X)                                                                           \
	X(0,   OK,            "done, nothing to report")                                         \
	X(1,   NO,            "the answer is no: differences, findings, not found")              \
	X(2,   UNDECIDED,     "could not be decided for some")                                   \
	X(64,  USAGE,         "wrong words on the command line")                                 \
	X(65,  DATA,          "bad data in a policy, a key or a file")                           \
	X(66,  NO_INPUT,      "an input file cannot be opened")                                  \
	X(69,  UNAVAILABLE,   "the database or the resolver cannot be reached")                  \
	X(70,  BUG,           "a bug in tlspol: please report it")                               \
	X(71,  OS,            "the operating system refused something tlspol needs")             \
	X(73,  CANNOT_CREATE, "an output file cannot be created")                                \
	X(74,  IO,            "reading or writing failed, also a full standard output")          \
	X(75,  TRY_AGAIN,     "try again later: lock wait, deadlock after retries, table changed meanwhile") \
	X(77,  NO_PERMISSION, "permission denied, by the database or the system")                \
	X(78,  CONFIG,        "wrong or missing configuration, or a table that does not fit")    \
	X(130, INTERRUPTED,   "interrupted by a signal")
/* clang-format on */

enum status {
#define STATUS_ENUM(number, name, meaning) STATUS_##name = number,
	STATUS_LIST(STATUS_ENUM)
#undef STATUS_ENUM
};

#define TLSPOL_ERROR (tlspol_error_quark())
GQuark tlspol_error_quark(void);

/* What a status means in words; NULL for a number that is not in the list. */
const char *status_meaning(int status);

/* Puts a clause behind an error's message: "…; nothing was changed". NULL is fine. */
void error_append(GError *error, const char *clause);

/* The status an error ends the program with: its code in our domain, STATUS_BUG in any other. */
int status_of_error(const GError *error);

#endif
