/*
 * tls_tafile: the PEM file that tafile= names, read as Postfix's tls_dane_load_trustfile() reads it
 * (facts 2.6).
 */
#ifndef TLSPOL_NET_TLS_TAFILE_H
#define TLSPOL_NET_TLS_TAFILE_H

#include "core/rules.h"

/* One trust anchor, as it stands in the file: OpenSSL may still be unable to decode it. */
struct tafile_anchor {
	gboolean is_key; /* a public key; else a certificate */
	GBytes *der;
};

/* A relative path is below Postfix's queue directory. A fresh string. */
char *tls_tafile_path(struct text path);

/*
 * Adds the anchors of a file to `anchors`, an array made with tls_tafile_anchors_new(), or NULL.
 * UNKNOWN when it cannot be opened. What is no file is not even opened: a pipe would be waited for.
 * What stands before PEM that breaks off is added, too, though
 * the state says that Postfix refuses the file.
 */
enum tafile_state tls_tafile_read(const char *path, GPtrArray *anchors);
GPtrArray *tls_tafile_anchors_new(void);

#endif
