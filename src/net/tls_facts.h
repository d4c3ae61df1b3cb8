/*
 * tls_facts: what only OpenSSL can say about a policy without a connection.
 */
#ifndef TLSPOL_NET_TLS_FACTS_H
#define TLSPOL_NET_TLS_FACTS_H

#include "core/rules.h"

/*
 * rule_context.no_cipher_left: Postfix's cipher list for the grade, its exclusions and those of
 * the level, asked from OpenSSL for the protocols that are offered. Answers are remembered.
 */
gboolean tls_no_cipher_left(const struct cipher_choice *choice, gpointer data);

/*
 * rule_context.tafile: existence, readability for user postfix and the PEM blocks Postfix looks
 * for. Relative paths are relative to Postfix's queue directory, /var/spool/postfix.
 */
enum tafile_state tls_tafile_state(struct text path, gpointer data);

#endif
