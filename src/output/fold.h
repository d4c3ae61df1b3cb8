/*
 * fold: long texts in narrow columns of a table.
 */
#ifndef TLSPOL_OUTPUT_FOLD_H
#define TLSPOL_OUTPUT_FOLD_H

#include <glib.h>

/*
 * Lines of at most `width` characters (at least 1), broken at blanks, which are dropped, else
 * behind the separators of attribute values (: | , ;), else anywhere. A fresh string.
 */
char *fold_text(const char *text, guint width);

/*
 * Narrows columns until they fit `width` together with `gap` between two of them: always the widest
 * that may still be narrowed, that is whose width is above its `least`. What cannot be narrowed
 * (least = width) stays, so that the sum may remain too wide.
 */
void fold_columns(guint *widths, const guint *least, guint count, guint gap, guint width);

#endif
