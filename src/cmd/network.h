/*
 * network: the live part of net/, loaded when a command needs it (net/network.h says why).
 */
#ifndef TLSPOL_CMD_NETWORK_H
#define TLSPOL_CMD_NETWORK_H

#include "net/network.h"

/*
 * Looked for next to the program, as make builds it, then in ../lib/tlspol, as it is installed;
 * once loaded it stays. OS when it is missing, cannot be loaded (a library of it is missing) or is
 * of another version; the message says which file and what to reinstall.
 */
const struct network *network_load(GError **error);

#endif
