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

int status_of_error(const GError *error)
{
	return error->domain == TLSPOL_ERROR ? error->code : STATUS_BUG;
}
