/*
 * resolver_test: does DNSSEC work from here? For doctor; struct network has it.
 */
#ifndef TLSPOL_NET_RESOLVER_TEST_H
#define TLSPOL_NET_RESOLVER_TEST_H

#include "net/network.h"

gboolean resolver_test(const struct survey_settings *settings, const char *probe,
	struct resolver_report *report, GError **error);

#endif
