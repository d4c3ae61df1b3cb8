/*
 * postfix_version: which Postfix a policy must work on.
 *
 * "3.7.11" and "3.7" both parse; a missing patch level counts as the first release of the minor
 * version, so that "3.4" promises nothing that only 3.4.14 keeps.
 */
#ifndef TLSPOL_CORE_POSTFIX_VERSION_H
#define TLSPOL_CORE_POSTFIX_VERSION_H

#include <glib.h>

/* 3.7.11 -> 30711. Comparable with < and >=. */
#define POSTFIX_VERSION(major, minor, patch) ((major)*10000 + (minor)*100 + (patch))
#define POSTFIX_OLDEST                       POSTFIX_VERSION(3, 4, 0)
#define POSTFIX_NEWEST                       POSTFIX_VERSION(3, 12, 99)

/*
 * Accepts what `postconf -h mail_version` prints, snapshots ("3.12-20260821") included.
 * FALSE with STATUS_USAGE for text that is no version and for versions outside 3.4 to 3.12.
 */
gboolean postfix_version_parse(const char *text, int *version, GError **error);

/* "3.7.11", a fresh string. */
char *postfix_version_format(int version);

#endif
