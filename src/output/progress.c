#include "output/progress.h"

#define FIRST_AFTER G_USEC_PER_SEC
#define NEXT_AFTER  (G_USEC_PER_SEC / 5)
#define CLEAR_LINE  "\r\033[K"

struct progress {
	FILE *to;
	const char *what; /* NULL: no job is under way */
	gint64 since, next;
	gboolean shown;
};

struct progress *progress_new(FILE *terminal)
{
	struct progress *progress = g_new0(struct progress, 1);

	progress->to = terminal;
	return progress;
}

void progress_free(struct progress *progress)
{
	progress_end(progress);
	g_free(progress);
}

/* 1234567 as "1 234 567". */
static void append_count(GString *to, guint64 count)
{
	if (count >= 1000) {
		append_count(to, count / 1000);
		g_string_append_printf(to, " %03u", (guint)(count % 1000));
	} else {
		g_string_append_printf(to, "%u", (guint)count);
	}
}

char *progress_text(const char *what, guint64 done, guint64 total, gint64 us)
{
	GString *text = g_string_new(NULL);
	guint64 rate = us > 0 ? (guint64)((double)done * G_USEC_PER_SEC / (double)us) : 0;

	append_count(text, done);
	if (total > done) {
		g_string_append(text, " of ");
		append_count(text, total);
	}
	g_string_append_printf(text, " %s, ", what);
	append_count(text, rate);
	g_string_append(text, " a second");
	if (total > done && rate) {
		guint64 left = (total - done + rate - 1) / rate;

		if (left < 120)
			g_string_append_printf(text, ", %u s left", (guint)left);
		else
			g_string_append_printf(
				text, ", %" G_GUINT64_FORMAT " min left", (left + 30) / 60);
	}
	return g_string_free(text, FALSE);
}

void progress_show(struct progress *progress, const char *what, guint64 done, guint64 total)
{
	gint64 now = g_get_monotonic_time();
	g_autofree char *text = NULL;

	if (progress->what != what) {
		progress_end(progress);
		progress->what = what;
		progress->since = now;
		progress->next = now + FIRST_AFTER;
	}
	if (now < progress->next)
		return;
	text = progress_text(what, done, total, now - progress->since);
	fprintf(progress->to, CLEAR_LINE "%s", text);
	fflush(progress->to);
	progress->shown = TRUE;
	progress->next = now + NEXT_AFTER;
}

void progress_end(struct progress *progress)
{
	if (progress->shown) {
		fputs(CLEAR_LINE, progress->to);
		fflush(progress->to);
	}
	progress->shown = FALSE;
	progress->what = NULL;
}
