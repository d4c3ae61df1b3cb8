#include "core/error.h"

/* clang-format off */
G_DEFINE_QUARK(tlspol-error-quark, tlspol_error)
/* clang-format on */

const char *status_meaning(int status)
{
	switch (status) {
#define STATUS_CASE(number, name, meaning)                                                         \
	case number:                                                                               \
		return meaning;
		STATUS_LIST(STATUS_CASE)
#undef STATUS_CASE
	}
	return NULL;
}

void error_append(GError *error, const char *clause)
{
	char *message;

	if (!error)
		return;
	message = g_strconcat(error->message, clause, NULL);
	g_free(error->message);
	error->message = message;
}

int status_of_error(const GError *error)
{
	return error->domain == TLSPOL_ERROR ? error->code : STATUS_BUG;
}
