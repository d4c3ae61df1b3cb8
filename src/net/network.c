#include "net/network.h"

#include "net/resolver_test.h"

__attribute__((visibility("default"))) const struct network tlspol_network = {
	.version = TLSPOL_VERSION,
	.resolver_test = resolver_test,
};
