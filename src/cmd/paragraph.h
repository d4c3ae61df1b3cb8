/*
 * paragraph: a label and a text beside it, folded for people.
 */
#ifndef TLSPOL_CMD_PARAGRAPH_H
#define TLSPOL_CMD_PARAGRAPH_H

#include <glib.h>

/* Appends it with its newline. `width` is of the whole line; 0 = do not fold. */
void paragraph(GString *to, guint width, const char *label, const char *text);

#endif
