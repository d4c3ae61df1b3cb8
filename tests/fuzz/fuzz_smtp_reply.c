/*
 * What a server says. The first byte is the mode of the session, the second how it is cut; the
 * rest comes in the clear up to the reply to STARTTLS, then inside TLS.
 */
#include "fuzz.h"

#include "core/smtp_dialog.h"

/* All that can be seen of a session from outside. */
struct seen {
	GString *commands;
	enum smtp_step step;
	struct smtp_dialog dialog;
};

static void note(struct seen *seen, const char *command)
{
	static const char *const known[] = {"EHLO fuzz.test\r\n", "STARTTLS\r\n", "QUIT\r\n", NULL};

	g_assert_true(g_strv_contains(known, command));
	g_string_append(seen->commands, command);
}

static void check_said(const char *said)
{
	if (!said)
		return;
	g_assert_cmpuint(strlen(said), <=, SMTP_SAID_MAX);
	g_assert_true(g_utf8_validate(said, -1, NULL));
	for (const char *at = said; *at; at++)
		g_assert_true((guchar)*at >= ' ' && *at != 0x7f);
}

/* `piece` bytes at a time at most. */
static void converse(struct seen *seen, guint mode, const char *data, gsize size, gsize piece)
{
	struct smtp_dialog *dialog = &seen->dialog;
	gboolean implicit = mode & 1;
	gsize at = 0;

	seen->commands = g_string_new(NULL);
	smtp_dialog_init(dialog, "fuzz.test", !(mode & 2), implicit);
	seen->step = implicit ? smtp_dialog_encrypted(dialog) : SMTP_MORE;
	while (at < size && (seen->step == SMTP_MORE || seen->step == SMTP_SEND)) {
		gsize len = MIN(piece, size - at), used;
		g_autofree char *exact = g_memdup2(data + at, len);

		seen->step = smtp_dialog_feed(dialog, exact, len, &used);
		g_assert_true(used > 0 && used <= len);
		g_assert_cmpuint(dialog->line->allocated_len, <=, 2 * SMTP_LINE_MAX);
		at += used;
		if (seen->step == SMTP_START_TLS)
			seen->step = smtp_dialog_encrypted(dialog);
		if (seen->step == SMTP_SEND || (seen->step == SMTP_FAILED && dialog->send))
			note(seen, dialog->send);
		check_said(dialog->said);
	}
	if (seen->step != SMTP_FAILED && seen->step != SMTP_DONE)
		seen->step = smtp_dialog_closed(dialog, mode & 8 ? PROBE_TIMEOUT : PROBE_CLOSED);
	g_assert_true(seen->step == SMTP_FAILED || seen->step == SMTP_DONE);
	g_assert_true((seen->step == SMTP_FAILED) == (dialog->fault != PROBE_FINE));
	g_assert_true((seen->step == SMTP_DONE) == (dialog->stage == PROBE_QUIT));
	g_assert_true(dialog->fault != PROBE_SAID_NO || dialog->said);
	check_said(dialog->said);
}

static void leave(struct seen *seen)
{
	g_string_free(seen->commands, TRUE);
	smtp_dialog_release(&seen->dialog);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole, cut;

	if (size < 2)
		return 0;
	converse(&whole, data[0], (const char *)data + 2, size - 2, size);
	converse(&cut, data[0], (const char *)data + 2, size - 2, data[1] % 32 + 1);
	g_assert_cmpint(whole.step, ==, cut.step);
	g_assert_cmpstr(whole.commands->str, ==, cut.commands->str);
	g_assert_cmpint(whole.dialog.stage, ==, cut.dialog.stage);
	g_assert_cmpint(whole.dialog.fault, ==, cut.dialog.fault);
	g_assert_cmpint(whole.dialog.reply, ==, cut.dialog.reply);
	g_assert_cmpstr(whole.dialog.said, ==, cut.dialog.said);
	g_assert_cmpint(whole.dialog.starttls, ==, cut.dialog.starttls);
	leave(&whole);
	leave(&cut);
	return 0;
}
