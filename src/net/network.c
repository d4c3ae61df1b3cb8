#include "net/network.h"

__attribute__((visibility("default"))) const struct network tlspol_network = {
	.version = TLSPOL_VERSION,
};
