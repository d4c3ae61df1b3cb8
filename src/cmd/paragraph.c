#include "cmd/paragraph.h"

#define LABEL_WIDTH 13

void paragraph(GString *to, guint width, const char *label, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	glong used = LABEL_WIDTH;

	g_string_append_printf(to, "%-*s", LABEL_WIDTH, label);
	for (guint i = 0; words[i]; i++) {
		glong len = g_utf8_strlen(words[i], -1);

		if (i > 0 && width && used + 1 + len > (glong)width) {
			g_string_append_printf(to, "\n%*s", LABEL_WIDTH, "");
			used = LABEL_WIDTH;
		} else if (i > 0) {
			g_string_append_c(to, ' ');
			used++;
		}
		g_string_append(to, words[i]);
		used += len;
	}
	g_string_append_c(to, '\n');
}
