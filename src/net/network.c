#include "net/network.h"

#include "net/resolver_test.h"

__attribute__((visibility("default"))) const struct network tlspol_network = {
	.version = TLSPOL_VERSION,
	.survey_new = survey_new,
	.survey_run = survey_run,
	.survey_counts = survey_counts,
	.survey_free = survey_free,
	.resolver_test = resolver_test,
};
