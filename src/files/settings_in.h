/*
 * settings_in: a YAML file of settings (tlspol.conf(5)) as a flat list.
 *
 * "table:\n  name: x\n" becomes {path "table.name", value "x"}; a sequence gives the same path
 * several times. Which settings exist is cmd/config.c's knowledge.
 */
#ifndef TLSPOL_FILES_SETTINGS_IN_H
#define TLSPOL_FILES_SETTINGS_IN_H

#include <glib.h>

struct setting {
	char *path, *value;
	guint line, column;
};
void setting_free(struct setting *setting);

/*
 * `settings` get struct setting *. NO_INPUT when the file cannot be read; CONFIG with
 * file:line:column for anything that is not plain YAML of mappings, sequences and scalars.
 */
gboolean settings_read(const char *path, GPtrArray *settings, GError **error);

#endif
