#include "core/smtp_dialog.h"

#include "core/printable.h"

#define QUIT "QUIT\r\n"

void smtp_dialog_init(
	struct smtp_dialog *dialog, const char *helo, gboolean want_starttls, gboolean implicit_tls)
{
	*dialog = (struct smtp_dialog){
		.stage = implicit_tls ? PROBE_HANDSHAKE : PROBE_GREETING,
		.implicit_tls = implicit_tls,
		.want_starttls = want_starttls,
		.ehlo_line = g_strconcat("EHLO ", helo, "\r\n", NULL),
		.line = g_string_new(NULL),
		.masked = TRUE,
	};
}

void smtp_dialog_release(struct smtp_dialog *dialog)
{
	g_clear_pointer(&dialog->said, g_free);
	g_clear_pointer(&dialog->ehlo_line, g_free);
	if (dialog->line)
		g_string_free(dialog->line, TRUE);
	dialog->line = NULL;
}

static enum smtp_step end(struct smtp_dialog *dialog, enum smtp_step step, enum probe_fault fault)
{
	dialog->fault = fault;
	dialog->ended = step;
	dialog->send = NULL;
	return step;
}

static enum smtp_step say(struct smtp_dialog *dialog, enum probe_stage stage, const char *line)
{
	dialog->stage = stage;
	dialog->send = line;
	return SMTP_SEND;
}

/* The server can still be talked to: it is taken leave of. */
static enum smtp_step refused(struct smtp_dialog *dialog, enum probe_fault fault, int code)
{
	end(dialog, SMTP_FAILED, fault);
	dialog->reply = code;
	dialog->send = code == 421 ? NULL : QUIT;
	return SMTP_FAILED;
}

static void keep_said(struct smtp_dialog *dialog)
{
	g_free(dialog->said);
	dialog->said = printable_short(text_of(dialog->line->str), SMTP_SAID_MAX);
}

/* -- what a reply means, stage by stage ---------------------------------------------------------
 */

static enum smtp_step ehlo_answered(struct smtp_dialog *dialog, int code)
{
	if (code / 100 != 2) {
		/* Anything but 421 sends Postfix to HELO, which offers no STARTTLS. */
		gboolean plain = code != 421 && !dialog->encrypted;

		return refused(dialog, plain ? PROBE_NO_STARTTLS : PROBE_SAID_NO, code);
	}
	g_clear_pointer(&dialog->said, g_free);
	if (dialog->encrypted)
		return say(dialog, PROBE_QUIT, QUIT);
	dialog->starttls = dialog->saw_starttls;
	if (!dialog->want_starttls)
		return say(dialog, PROBE_QUIT, QUIT);
	if (!dialog->starttls)
		return refused(dialog, PROBE_NO_STARTTLS, 0);
	return say(dialog, PROBE_STARTTLS, "STARTTLS\r\n");
}

static enum smtp_step answered(struct smtp_dialog *dialog, int code)
{
	switch (dialog->stage) {
	case PROBE_EHLO:
	case PROBE_EHLO_AGAIN:
		return ehlo_answered(dialog, code);
	case PROBE_QUIT:
		return end(dialog, SMTP_DONE, PROBE_FINE);
	default:
		break;
	}
	if (code / 100 != 2)
		return refused(dialog, PROBE_SAID_NO, code);
	if (dialog->stage == PROBE_GREETING && dialog->masked && !dialog->encrypted) {
		dialog->why = "its greeting is masked as by a Cisco PIX firewall, so Postfix sends "
			      "HELO, which knows no STARTTLS (smtp_pix_workarounds)";
		return refused(dialog, PROBE_NO_STARTTLS, 0);
	}
	g_clear_pointer(&dialog->said, g_free);
	if (dialog->stage == PROBE_GREETING)
		return say(dialog, PROBE_EHLO, dialog->ehlo_line);
	dialog->stage = PROBE_HANDSHAKE;
	return SMTP_START_TLS;
}

/* -- lines --------------------------------------------------------------------------------------
 */

/* strtok(3) as Postfix has it: separators in front are skipped, one behind is taken. */
static struct text next_word(struct text *rest, const char *separators)
{
	struct text word;

	while (rest->len && strchr(separators, *rest->at))
		*rest = text_skip(*rest, 1);
	word = (struct text){rest->at, 0};
	while (word.len < rest->len && !strchr(separators, rest->at[word.len]))
		word.len++;
	*rest = text_skip(*rest, MIN(word.len + 1, rest->len));
	return word;
}

/* The first word of the reply is the server's name, whatever it says. */
static void look_for_starttls(struct smtp_dialog *dialog)
{
	struct text rest = text_of(dialog->line->str);
	struct text word;

	if (!next_word(&rest, "- ").len)
		return;
	word = next_word(&rest, " =");
	if (word.len && dialog->ehlo_words++ && text_is_nocase(word, "STARTTLS"))
		dialog->saw_starttls = TRUE;
}

/* The code of a line; 0: it has none. */
static int line_code(const GString *line, gboolean *last)
{
	guint digits = 0;

	while (g_ascii_isdigit(line->str[digits]))
		digits++;
	*last = digits == 3 && (line->str[3] == ' ' || line->str[3] == '\0');
	return *last || (digits == 3 && line->str[3] == '-') ? atoi(line->str) : 0;
}

static void begin_reply(struct smtp_dialog *dialog)
{
	dialog->reply_bytes = 0;
	dialog->reply_kept = 0;
	dialog->ehlo_words = 0;
	dialog->saw_starttls = FALSE;
	dialog->masked = TRUE;
	dialog->first_code = 0;
	g_clear_pointer(&dialog->said, g_free);
}

static enum smtp_step take_line(struct smtp_dialog *dialog)
{
	GString *line = dialog->line;
	enum smtp_step step = SMTP_MORE;
	gboolean first = !dialog->said;
	gboolean last;
	int code;

	while (line->len && line->str[line->len - 1] == '\r')
		g_string_truncate(line, line->len - 1);
	g_string_truncate(line, strlen(line->str));
	code = line_code(line, &last);
	if (dialog->reply_kept < SMTP_LINE_MAX) {
		dialog->reply_kept += (dialog->reply_kept ? 1 : 0) + line->len;
		look_for_starttls(dialog);
		dialog->masked &= !line->str[strspn(line->str, "20 *")];
	}
	/* The code of the last line counts: what is shown must not contradict it. */
	if (first || (last && code != dialog->first_code))
		keep_said(dialog);
	if (first)
		dialog->first_code = code;
	g_string_truncate(line, 0);
	if (last) {
		step = answered(dialog, code);
		if (step != SMTP_FAILED)
			begin_reply(dialog);
	}
	return step;
}

enum smtp_step smtp_dialog_feed(
	struct smtp_dialog *dialog, const char *bytes, gsize size, gsize *used)
{
	enum smtp_step step = SMTP_MORE;
	gsize at = 0;

	*used = 0;
	if (dialog->stage == PROBE_HANDSHAKE)
		return SMTP_START_TLS;
	if (dialog->ended) {
		*used = size;
		return dialog->ended;
	}
	dialog->send = NULL;
	while (step == SMTP_MORE && at < size) {
		const char *newline = memchr(bytes + at, '\n', size - at);
		gsize text = newline ? (gsize)(newline - bytes) - at : size - at;
		gsize room = SMTP_LINE_MAX - dialog->line->len;

		g_string_append_len(dialog->line, bytes + at, (gssize)MIN(text, room));
		text += newline ? 1 : 0;
		at += text;
		dialog->reply_bytes += text;
		if (dialog->reply_bytes > SMTP_REPLY_MAX)
			step = smtp_dialog_closed(dialog, PROBE_TOO_LONG);
		else if (newline)
			step = take_line(dialog);
	}
	*used = at;
	return step;
}

/* -- what happens besides -----------------------------------------------------------------------
 */

enum smtp_step smtp_dialog_encrypted(struct smtp_dialog *dialog)
{
	dialog->encrypted = TRUE;
	if (!dialog->implicit_tls)
		return say(dialog, PROBE_EHLO_AGAIN, dialog->ehlo_line);
	dialog->stage = PROBE_GREETING;
	return SMTP_MORE;
}

/* Can what there is of a line still become one of a reply? */
static gboolean may_be_reply(const GString *line)
{
	for (guint i = 0; i < line->len && i < 3; i++)
		if (!g_ascii_isdigit(line->str[i]))
			return FALSE;
	return line->len < 4 || strchr(" -\r", line->str[3]);
}

enum smtp_step smtp_dialog_closed(struct smtp_dialog *dialog, enum probe_fault fault)
{
	gboolean odd = dialog->said ? !dialog->first_code : !may_be_reply(dialog->line);

	if (dialog->ended)
		return dialog->ended;
	if (dialog->stage == PROBE_QUIT)
		return end(dialog, SMTP_DONE, PROBE_FINE);
	if (odd && (fault == PROBE_CLOSED || fault == PROBE_TIMEOUT))
		fault = PROBE_NOT_SMTP;
	if (fault == PROBE_TOO_LONG)
		dialog->why = "a reply of more than 64 KiB";
	if ((odd || fault == PROBE_TOO_LONG) && !dialog->said)
		keep_said(dialog);
	return end(dialog, SMTP_FAILED, fault);
}
