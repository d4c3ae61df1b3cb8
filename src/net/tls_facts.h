/*
 * tls_facts: what only OpenSSL can say about a policy without a connection.
 */
#ifndef TLSPOL_NET_TLS_FACTS_H
#define TLSPOL_NET_TLS_FACTS_H

#include "core/rules.h"

/* rule_context.no_cipher_left, with Postfix's cipher lists for each grade. */
gboolean tls_no_cipher_left(const char *grade, struct text exclude, gpointer data);

/*
 * rule_context.tafile: existence, readability for user postfix and the PEM blocks Postfix looks
 * for. Relative paths are relative to Postfix's queue directory, /var/spool/postfix.
 */
enum tafile_state tls_tafile_state(struct text path, gpointer data);

#endif
