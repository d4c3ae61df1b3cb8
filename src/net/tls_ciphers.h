/*
 * tls_ciphers: the ciphers and protocols of a session as Postfix's SMTP client sets them, shared by
 * the check of a policy (net/tls_facts.h) and by the sessions that are really made (net/tls.h).
 */
#ifndef TLSPOL_NET_TLS_CIPHERS_H
#define TLSPOL_NET_TLS_CIPHERS_H

#include "core/level.h"

struct ssl_st; /* OpenSSL's SSL */

/*
 * OpenSSL's list for a grade ("medium"), less what `exclude` names and what Postfix leaves out by
 * itself at a level. An unknown grade has no ciphers. A fresh string.
 */
char *tls_cipher_list(const char *grade, struct text exclude, enum level level);

/* Offers just these, bits of enum protocol, whatever openssl.cnf says. */
void tls_set_protocols(struct ssl_st *ssl, unsigned protocols);

#endif
