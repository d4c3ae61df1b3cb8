#include "cmd/plan_report.h"

#include "cmd/exception_words.h"
#include "cmd/plan_columns.h"

#include <errno.h>

/* " (note: old -> new)" where people would otherwise see the same value twice. */
static void append_extra(GString *line, const char *name, const char *before, const char *after)
{
	if (!after || g_strcmp0(before, after) == 0)
		return;
	if (before)
		g_string_append_printf(line, " (%s: %s -> %s)", name, before, after);
	else
		g_string_append_printf(line, " (%s: %s)", name, after);
}

static void append_exception(GString *line, const struct plan *plan, const struct change *change)
{
	g_autofree char *before =
		change->before ? exception_until_words(plan->present, change->before) : NULL;
	g_autofree char *after = exception_until_words(plan->wanted, change->after);

	if (before || after)
		append_extra(line, "exception", before, after ? after : "none");
}

static void append_extras(GString *line, const struct plan *plan, const struct change *change)
{
	static const struct policy_extra none;
	const struct policy_extra *after = policy_set_extra(plan->wanted, change->after);
	const struct policy_extra *before =
		change->before ? policy_set_extra(plan->present, change->before) : NULL;

	if (!after)
		return;
	before = before ? before : &none;
	append_extra(line, "note", before->note, after->note);
	/* All rows that an import adds have its label: that is no news of each of them. */
	if (change->before)
		append_extra(line, "origin", before->origin, after->origin);
	append_extra(line, "provider", before->provider, after->provider);
	if (after->exception)
		append_exception(line, plan, change);
}

/* Such a row stays switched off when it changes. */
static gboolean is_inactive(const struct change *change)
{
	return (change->before ? change->before : change->after)->flags & ROW_INACTIVE;
}

static void append_change(GString *line, const struct plan *plan, const struct plan_row *row)
{
	const struct change *change = row->change;

	if (change->before)
		policy_append_value(line, &row->before);
	if (change->kind == CHANGE_UPDATE)
		g_string_append(line, " -> ");
	if (change->after) {
		policy_append_value(line, &row->after);
		append_extras(line, plan, change);
	}
	if (is_inactive(change))
		g_string_append(line, " (inactive)");
}

char *plan_change_words(const struct plan *plan, const struct change *change)
{
	g_autoptr(GString) line = g_string_new(NULL);
	struct plan_row row;

	plan_row_init(&row, plan, change);
	append_change(line, plan, &row);
	return printable((struct text){line->str, line->len});
}

static void append_line(GString *line, const struct plan *plan, const struct plan_row *row)
{
	struct text key = row->change->before ? row->before.key : row->after.key;

	g_string_append_c(line, "+~-"[row->change->kind]);
	g_string_append_c(line, ' ');
	g_string_append_len(line, key.at, (gssize)key.len);
	g_string_append(line, ": ");
	append_change(line, plan, row);
	if (row->weaker)
		g_string_append_printf(line, "  [weaker: %s]", row->weaker);
}

/* As policy_set_ask_ahead(). */
static void ask_ahead(const struct plan *plan, guint i)
{
	if (i + 16 < plan->changes->len && plan_change(plan, i + 16)->after)
		__builtin_prefetch(plan_change(plan, i + 16)->after->key);
}

static gboolean put_line(GString *line, FILE *to)
{
	struct text text = {line->str, line->len};
	g_autofree char *harmless = is_printable_ascii(text) ? NULL : printable(text);

	if (harmless)
		g_string_assign(line, harmless);
	g_string_append_c(line, '\n');
	return fwrite(line->str, 1, line->len, to) == line->len;
}

static gboolean report_lines(const struct plan *plan, FILE *to, GError **error)
{
	g_autoptr(GString) line = g_string_new(NULL);

	for (guint i = 0; i < plan->changes->len; i++) {
		struct plan_row row;

		ask_ahead(plan, i);
		plan_row_init(&row, plan, plan_change(plan, i));
		g_string_truncate(line, 0);
		append_line(line, plan, &row);
		if (!put_line(line, to))
			break;
	}
	if (!ferror(to))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_IO, "cannot write the plan: %s", g_strerror(errno));
	return FALSE;
}

static gboolean report_to(struct app *app, const struct plan *plan, FILE *to, GError **error)
{
	struct record_style style;
	struct records *records;

	app_record_style(app, to, &style);
	if (style.format == RECORD_TABLE)
		return report_lines(plan, to, error);
	records = records_open(&style, plan_columns, NULL, to);
	for (guint i = 0; i < plan->changes->len; i++) {
		struct plan_row row;

		plan_row_init(&row, plan, plan_change(plan, i));
		records_row(records, &row);
	}
	return records_close(records, error);
}

gboolean plan_report(struct app *app, const struct plan *plan, GError **error)
{
	struct app_output output;

	if (!app_output_open(app, &output, error))
		return FALSE;
	if (!report_to(app, plan, output.stream, error)) {
		app_output_abort(&output);
		return FALSE;
	}
	return app_output_close(&output, error);
}

char *plan_summary(const struct plan *plan)
{
	g_autofree char *checksum = plan_checksum(plan);
	GString *summary = g_string_new(NULL);

	g_string_append_printf(summary, "%u to add, %u to change, %u to remove, %u unchanged",
		plan->added, plan->updated, plan->removed, plan->unchanged);
	if (plan->weaker)
		g_string_append_printf(summary, ", %u weaker", plan->weaker);
	/* --expect takes the start of a checksum; this much of it never repeats by chance. */
	g_string_append_printf(summary, "; checksum %.16s", checksum);
	return g_string_free(summary, FALSE);
}
