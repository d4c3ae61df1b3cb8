#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/smtp_dialog.h"

#define A10    "aaaaaaaaaa"
#define A100   A10 A10 A10 A10 A10 A10 A10 A10 A10 A10
#define A1000  A100 A100 A100 A100 A100 A100 A100 A100 A100 A100
#define A10000 A1000 A1000 A1000 A1000 A1000 A1000 A1000 A1000 A1000 A1000
#define EURO10 "€€€€€€€€€€"
#define GREET  "220 mx.example.org ESMTP\r\n"
#define OFFER  "250-mx.example.org\r\n250-PIPELINING\r\n250 STARTTLS\r\n"
#define GO     "220 2.0.0 Ready to start TLS\r\n"
#define REST   "250-mx.example.org\r\n250 SIZE 100\r\n221 2.0.0 Bye\r\n"
#define FULL   "EHLO me.test|STARTTLS|TLS|EHLO me.test|QUIT|"

enum mode { STARTTLS, PLAIN, IMPLICIT };

/*
 * What a server says in the clear and inside TLS, then the end of the connection, and what comes of
 * it. `said` are the commands. Expected: RFC 5321 4.2 and RFC 3207, and where Postfix is more
 * generous (smtp_chat_resp, smtp_helo), Postfix.
 */
static const struct {
	const char *name;
	enum mode mode;
	struct text clear, tls;
	const char *commands;
	enum probe_stage stage;
	enum probe_fault fault;
	int reply;
	const char *said;
} cases[] = {
#define T(s) TEXT_LITERAL(s)
	/* The way through. */
	{"all fine", STARTTLS, T(GREET OFFER GO), T(REST), FULL, PROBE_QUIT, PROBE_FINE},
	{"bare LF", STARTTLS, T("220 a\n250-a\n250 STARTTLS\n220 go\n"), T("250 a\n221 b\n"), FULL,
		PROBE_QUIT, PROBE_FINE},
	{"many CR", STARTTLS, T("220 a\r\r\n250-a\r\r\n250 STARTTLS\r\r\r\n220\r\r\n"),
		T("250\r\n"), FULL, PROBE_QUIT, PROBE_FINE},
	{"several lines everywhere", STARTTLS,
		T("220-a\r\n220-b\r\n220 c\r\n" OFFER "220-d\r\n220 e\r\n"),
		T("250-a\r\n250 b\r\n221-c\r\n221 d\r\n"), FULL, PROBE_QUIT, PROBE_FINE},
	{"codes without text", STARTTLS, T("220 a\r\n250-a\r\n250-STARTTLS\r\n250\r\n220\r\n"),
		T("250\r\n221\r\n"), FULL, PROBE_QUIT, PROBE_FINE},
	{"a hyphen and no text", STARTTLS, T("220-\r\n220 \r\n" OFFER GO), T(REST), FULL,
		PROBE_QUIT, PROBE_FINE},
	{"any 2xx", STARTTLS, T("299 a\r\n221-a\r\n221 STARTTLS\r\n250 ok\r\n"), T("220 a\r\n"),
		FULL, PROBE_QUIT, PROBE_FINE},
	{"closed behind QUIT", STARTTLS, T(GREET OFFER GO), T("250 a\r\n"), FULL, PROBE_QUIT,
		PROBE_FINE},
	{"QUIT refused", STARTTLS, T(GREET OFFER GO), T("250 a\r\n500 what\r\n"), FULL, PROBE_QUIT,
		PROBE_FINE},
	{"garbage behind QUIT", STARTTLS, T(GREET OFFER GO), T("250 a\r\nno reply at all"), FULL,
		PROBE_QUIT, PROBE_FINE},
	{"no end behind QUIT", STARTTLS, T(GREET OFFER GO),
		T("250 a\r\n" A10000 A10000 A10000 A10000 A10000 A10000 A10000), FULL, PROBE_QUIT,
		PROBE_FINE},
	{"level none", PLAIN, T(GREET OFFER "221 bye\r\n"), T(""), "EHLO me.test|QUIT|", PROBE_QUIT,
		PROBE_FINE},
	{"level none, none offered", PLAIN, T(GREET "250 a\r\n221 bye\r\n"), T(""),
		"EHLO me.test|QUIT|", PROBE_QUIT, PROBE_FINE},
	{"implicit TLS", IMPLICIT, T(""), T(GREET OFFER "221 bye\r\n"), "TLS|EHLO me.test|QUIT|",
		PROBE_QUIT, PROBE_FINE},
	{"implicit TLS, no keywords", IMPLICIT, T(""), T(GREET "250 a\r\n"),
		"TLS|EHLO me.test|QUIT|", PROBE_QUIT, PROBE_FINE},

	/* Keywords: RFC 5321 4.1.1.1, RFC 3207 2. */
	{"small letters", STARTTLS, T(GREET "250-a\r\n250 starttls\r\n" GO), T(REST), FULL,
		PROBE_QUIT, PROBE_FINE},
	{"mixed letters, a word behind", STARTTLS, T(GREET "250-a\r\n250 StartTls now\r\n" GO),
		T(REST), FULL, PROBE_QUIT, PROBE_FINE},
	{"an equals sign behind", STARTTLS, T(GREET "250-a\r\n250-STARTTLS=now\r\n250 X\r\n" GO),
		T(REST), FULL, PROBE_QUIT, PROBE_FINE},
	{"a blank behind", STARTTLS, T(GREET "250-a\r\n250 STARTTLS \r\n" GO), T(REST), FULL,
		PROBE_QUIT, PROBE_FINE},
	{"blanks in front", STARTTLS, T(GREET "250-a\r\n250   STARTTLS\r\n" GO), T(REST), FULL,
		PROBE_QUIT, PROBE_FINE},
	{"offered under another code", STARTTLS, T(GREET "500-a\r\n500-STARTTLS\r\n250 b\r\n" GO),
		T(REST), FULL, PROBE_QUIT, PROBE_FINE},
	{"a name like the keyword", STARTTLS, T(GREET "250-STARTTLS\r\n250 SIZE\r\n"), T(""),
		"EHLO me.test|QUIT|", PROBE_EHLO, PROBE_NO_STARTTLS},
	{"part of a keyword", STARTTLS, T(GREET "250-a\r\n250-STARTTLSX\r\n250 XSTARTTLS\r\n"),
		T(""), "EHLO me.test|QUIT|", PROBE_EHLO, PROBE_NO_STARTTLS},
	{"a parameter of a keyword", STARTTLS, T(GREET "250-a\r\n250 AUTH STARTTLS\r\n"), T(""),
		"EHLO me.test|QUIT|", PROBE_EHLO, PROBE_NO_STARTTLS},
	{"two hyphens", STARTTLS, T(GREET "250-a\r\n250--STARTTLS\r\n250 b\r\n"), T(""),
		"EHLO me.test|QUIT|", PROBE_EHLO, PROBE_NO_STARTTLS},
	{"cut by NUL", STARTTLS, T(GREET "250-a\r\n250-START\0TLS\r\n250 b\r\n"), T(""),
		"EHLO me.test|QUIT|", PROBE_EHLO, PROBE_NO_STARTTLS},
	{"whole before NUL", STARTTLS, T(GREET "250-a\r\n250 STARTTLS\0X\r\n" GO), T(REST), FULL,
		PROBE_QUIT, PROBE_FINE},
	{"in the greeting only", STARTTLS, T("220-a\r\n220 STARTTLS\r\n250-a\r\n250 b\r\n"), T(""),
		"EHLO me.test|QUIT|", PROBE_EHLO, PROBE_NO_STARTTLS},
	{"one line", STARTTLS, T(GREET "250 a\r\n"), T(""), "EHLO me.test|QUIT|", PROBE_EHLO,
		PROBE_NO_STARTTLS},
	{"nothing", STARTTLS, T(GREET "250\r\n"), T(""), "EHLO me.test|QUIT|", PROBE_EHLO,
		PROBE_NO_STARTTLS},
	/* line_length_limit, 2048, is also what Postfix keeps of all lines together. */
	{"line that begins within 2048", STARTTLS,
		T(GREET "250-" A1000 "\r\n250-" A1000 "\r\n250 STARTTLS\r\n" GO), T(REST), FULL,
		PROBE_QUIT, PROBE_FINE},
	{"line behind 2048", STARTTLS,
		T(GREET "250-" A1000 "\r\n250-" A1000 A10 A10 A10 A10 "\r\n250 STARTTLS\r\n"),
		T(""), "EHLO me.test|QUIT|", PROBE_EHLO, PROBE_NO_STARTTLS},
	{"one long line is cut", STARTTLS, T("220 " A10000 "\r\n" OFFER GO), T(REST), FULL,
		PROBE_QUIT, PROBE_FINE},

	/* smtp_pix_workarounds, seen with a real Postfix: "TLS is required, but was not offered".
	 */
	{"a PIX", STARTTLS, T("220 ****20**0 ***\r\n" OFFER GO), T(REST), "QUIT|", PROBE_GREETING,
		PROBE_NO_STARTTLS, 0, "220 ****20**0 ***"},
	{"two lines are no PIX", STARTTLS, T("220-**\r\n220 2\r\n" OFFER GO), T(REST), FULL,
		PROBE_QUIT, PROBE_FINE},
	{"a greeting without text", STARTTLS, T("220\r\n"), T(""), "QUIT|", PROBE_GREETING,
		PROBE_NO_STARTTLS, 0, "220"},
	{"a greeting up to NUL", STARTTLS, T("220\0-a\r\n"), T(""), "QUIT|", PROBE_GREETING,
		PROBE_NO_STARTTLS, 0, "220"},
	{"one letter is no PIX", STARTTLS, T("220 ***x**\r\n" OFFER GO), T(REST), FULL, PROBE_QUIT,
		PROBE_FINE},
	{"no PIX with 1 for 0", STARTTLS, T("221 **\r\n" OFFER GO), T(REST), FULL, PROBE_QUIT,
		PROBE_FINE},
	{"a PIX inside TLS", IMPLICIT, T(""), T("220 **\r\n250 a\r\n"), "TLS|EHLO me.test|QUIT|",
		PROBE_QUIT, PROBE_FINE},

	/* Refusals. */
	{"554 greets", STARTTLS, T("554 5.7.1 go away\r\n"), T(""), "QUIT|", PROBE_GREETING,
		PROBE_SAID_NO, 554, "554 5.7.1 go away"},
	{"421 greets", STARTTLS, T("421 4.3.2 busy\r\n"), T(""), "", PROBE_GREETING, PROBE_SAID_NO,
		421, "421 4.3.2 busy"},
	{"354 greets", STARTTLS, T("354 go on\r\n"), T(""), "QUIT|", PROBE_GREETING, PROBE_SAID_NO,
		354, "354 go on"},
	{"000 greets", STARTTLS, T("000 zero\r\n"), T(""), "QUIT|", PROBE_GREETING, PROBE_SAID_NO,
		0, "000 zero"},
	{"several lines of no", STARTTLS, T("554-first\r\n554-second\r\n554 third\r\n"), T(""),
		"QUIT|", PROBE_GREETING, PROBE_SAID_NO, 554, "554-first"},
	{"the last code counts", STARTTLS, T("220-welcome\r\n554 not you\r\n"), T(""), "QUIT|",
		PROBE_GREETING, PROBE_SAID_NO, 554, "554 not you"},
	{"EHLO 500", STARTTLS, T(GREET "500 what\r\n"), T(""), "EHLO me.test|QUIT|", PROBE_EHLO,
		PROBE_NO_STARTTLS, 500, "500 what"},
	{"EHLO 502 with a keyword", STARTTLS, T(GREET "502-a\r\n502 STARTTLS\r\n"), T(""),
		"EHLO me.test|QUIT|", PROBE_EHLO, PROBE_NO_STARTTLS, 502, "502-a"},
	{"EHLO 354", STARTTLS, T(GREET "354 a\r\n"), T(""), "EHLO me.test|QUIT|", PROBE_EHLO,
		PROBE_NO_STARTTLS, 354, "354 a"},
	{"EHLO 450", STARTTLS, T(GREET "450 later\r\n"), T(""), "EHLO me.test|QUIT|", PROBE_EHLO,
		PROBE_NO_STARTTLS, 450, "450 later"},
	{"EHLO 421", STARTTLS, T(GREET "421 closing\r\n"), T(""), "EHLO me.test|", PROBE_EHLO,
		PROBE_SAID_NO, 421, "421 closing"},
	{"EHLO 500 at level none", PLAIN, T(GREET "500 what\r\n"), T(""), "EHLO me.test|QUIT|",
		PROBE_EHLO, PROBE_NO_STARTTLS, 500, "500 what"},
	{"STARTTLS 454", STARTTLS, T(GREET OFFER "454 4.7.0 TLS not available\r\n"), T(""),
		"EHLO me.test|STARTTLS|QUIT|", PROBE_STARTTLS, PROBE_SAID_NO, 454,
		"454 4.7.0 TLS not available"},
	{"STARTTLS 354", STARTTLS, T(GREET OFFER "354 do something else\r\n"), T(""),
		"EHLO me.test|STARTTLS|QUIT|", PROBE_STARTTLS, PROBE_SAID_NO, 354,
		"354 do something else"},
	{"STARTTLS 421", STARTTLS, T(GREET OFFER "421 closing\r\n"), T(""),
		"EHLO me.test|STARTTLS|", PROBE_STARTTLS, PROBE_SAID_NO, 421, "421 closing"},
	{"second EHLO 500", STARTTLS, T(GREET OFFER GO), T("500 what\r\n"),
		"EHLO me.test|STARTTLS|TLS|EHLO me.test|QUIT|", PROBE_EHLO_AGAIN, PROBE_SAID_NO,
		500, "500 what"},
	{"implicit TLS, 554", IMPLICIT, T(""), T("554 no\r\n"), "TLS|QUIT|", PROBE_GREETING,
		PROBE_SAID_NO, 554, "554 no"},
	{"implicit TLS, EHLO 500", IMPLICIT, T(""), T(GREET "500 no\r\n"), "TLS|EHLO me.test|QUIT|",
		PROBE_EHLO, PROBE_SAID_NO, 500, "500 no"},

	/* Injection: RFC 3207 6, CVE-2011-0411 seen from the client. */
	{"a reply behind the reply", STARTTLS, T(GREET OFFER GO "250-evil\r\n250 AUTH LOGIN\r\n"),
		T(REST), FULL, PROBE_QUIT, PROBE_FINE},
	{"one byte behind the reply", STARTTLS, T(GREET OFFER GO "\r"), T(REST), FULL, PROBE_QUIT,
		PROBE_FINE},

	/* No SMTP, or not to the end. */
	{"closed at once", STARTTLS, T(""), T(""), "", PROBE_GREETING, PROBE_CLOSED},
	{"closed in a line", STARTTLS, T("220 mx.exa"), T(""), "", PROBE_GREETING, PROBE_CLOSED},
	{"closed between lines", STARTTLS, T("220-mx\r\n22"), T(""), "", PROBE_GREETING,
		PROBE_CLOSED, 0, "220-mx"},
	{"closed behind EHLO", STARTTLS, T(GREET), T(""), "EHLO me.test|", PROBE_EHLO,
		PROBE_CLOSED},
	{"closed behind STARTTLS", STARTTLS, T(GREET OFFER), T(""), "EHLO me.test|STARTTLS|",
		PROBE_STARTTLS, PROBE_CLOSED},
	{"closed in TLS", STARTTLS, T(GREET OFFER GO), T(""),
		"EHLO me.test|STARTTLS|TLS|EHLO me.test|", PROBE_EHLO_AGAIN, PROBE_CLOSED},
	{"a web server", STARTTLS, T("HTTP/1.1 400 Bad Request\r\nServer: a\r\n\r\n"), T(""), "",
		PROBE_GREETING, PROBE_NOT_SMTP, 0, "HTTP/1.1 400 Bad Request"},
	{"binary without an end", STARTTLS, T("\x15\x03\x01\x00\x02\x02\x50"), T(""), "",
		PROBE_GREETING, PROBE_NOT_SMTP, 0, "\\x15\\x03\\x01"},
	{"two digits", STARTTLS, T("22 a\r\n"), T(""), "", PROBE_GREETING, PROBE_NOT_SMTP, 0,
		"22 a"},
	{"four digits", STARTTLS, T("2200 a\r\n"), T(""), "", PROBE_GREETING, PROBE_NOT_SMTP, 0,
		"2200 a"},
	{"no blank behind the code", STARTTLS, T("220a\r\n"), T(""), "", PROBE_GREETING,
		PROBE_NOT_SMTP, 0, "220a"},
	{"an empty line", STARTTLS, T("\r\n"), T(""), "", PROBE_GREETING, PROBE_NOT_SMTP, 0, ""},
	{"a blank in front", STARTTLS, T(" 220 a\r\n"), T(""), "", PROBE_GREETING, PROBE_NOT_SMTP,
		0, " 220 a"},
	{"garbage is passed over", STARTTLS,
		T("hello\r\n\r\n220 a\r\nhm\r\n250-a\r\nhm\r\n250 STARTTLS\r\nhm\r\n220 go\r\n"),
		T("hm\r\n250 a\r\n"), FULL, PROBE_QUIT, PROBE_FINE},
	{"garbage, then no", STARTTLS, T("hello\r\n554 no\r\n"), T(""), "QUIT|", PROBE_GREETING,
		PROBE_SAID_NO, 554, "554 no"},
	{"a code cut by NUL", STARTTLS, T("220 a\r\n250\0-a\r\n"), T(""), "EHLO me.test|QUIT|",
		PROBE_EHLO, PROBE_NO_STARTTLS},

	/* Bounds. */
	{"lines without end", STARTTLS,
		T("220-" A10000 "\r\n220-" A10000 "\r\n220-" A10000 "\r\n220-" A10000
		  "\r\n220-" A10000 "\r\n220-" A10000 "\r\n220-" A10000),
		T(""), "", PROBE_GREETING, PROBE_TOO_LONG, 0,
		"220-" A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 "aaa…"},
	{"a line without end", STARTTLS, T("220 " A10000 A10000 A10000 A10000 A10000 A10000 A10000),
		T(""), "", PROBE_GREETING, PROBE_TOO_LONG, 0,
		"220 " A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 "aaa…"},

	/* What is shown: first line, printable, 200 bytes. */
	{"control bytes", STARTTLS, T("554 \x1b[31mred\x7f\tx\r\n"), T(""), "QUIT|", PROBE_GREETING,
		PROBE_SAID_NO, 554, "554 \\x1B[31mred\\x7F\\x09x"},
	{"UTF-8", STARTTLS, T("554 schön\r\n"), T(""), "QUIT|", PROBE_GREETING, PROBE_SAID_NO, 554,
		"554 schön"},
	{"no UTF-8", STARTTLS, T("554 sch\xf6n\xe2\x82\r\n"), T(""), "QUIT|", PROBE_GREETING,
		PROBE_SAID_NO, 554, "554 sch\\xF6n\\xE2\\x82"},
	{"cut between characters", STARTTLS,
		T("554 " EURO10 EURO10 EURO10 EURO10 EURO10 EURO10 EURO10 EURO10 "\r\n"), T(""),
		"QUIT|", PROBE_GREETING, PROBE_SAID_NO, 554,
		"554 " EURO10 EURO10 EURO10 EURO10 EURO10 EURO10 "€€€€…"},
	{"200 bytes", STARTTLS, T("554 " A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 "aaaaaa\r\n"),
		T(""), "QUIT|", PROBE_GREETING, PROBE_SAID_NO, 554,
		"554 " A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 "aaaaaa"},
#undef T
};

static void note_command(GString *commands, const char *command)
{
	assert_non_null(command);
	assert_true(g_str_has_suffix(command, "\r\n"));
	g_string_append_len(commands, command, (gssize)strlen(command) - 2);
	g_string_append_c(commands, '|');
}

/* How many bytes come next; the pieces of a case are the same in each run. */
typedef gsize cut(gsize left, GRand *rand);

static gsize in_one_piece(gsize left, GRand *rand)
{
	(void)rand;
	return left;
}

static gsize byte_by_byte(gsize left, GRand *rand)
{
	(void)left;
	(void)rand;
	return 1;
}

static gsize at_random(gsize left, GRand *rand)
{
	return (gsize)g_rand_int_range(rand, 1, (gint32)MIN(left, 40) + 1);
}

/* Feeds what the server says until it has no more or something else than talk is wanted. */
static enum smtp_step talk(
	struct smtp_dialog *dialog, struct text *server, cut *next, GRand *rand, GString *commands)
{
	enum smtp_step step = SMTP_MORE;

	while (server->len && (step == SMTP_MORE || step == SMTP_SEND)) {
		gsize piece = next(server->len, rand), used;
		g_autofree char *exact = g_memdup2(server->at, piece);

		step = smtp_dialog_feed(dialog, exact, piece, &used);
		assert_true(used <= piece);
		assert_true(used > 0);
		*server = text_skip(*server, used);
		if (step == SMTP_SEND)
			note_command(commands, dialog->send);
		else
			assert_true(step == SMTP_FAILED || !dialog->send);
	}
	return step;
}

static void run(size_t at, cut *next, GRand *rand)
{
	struct smtp_dialog dialog;
	struct text clear = cases[at].clear, tls = cases[at].tls;
	g_autoptr(GString) commands = g_string_new(NULL);
	enum smtp_step step;

	smtp_dialog_init(&dialog, "me.test", cases[at].mode != PLAIN, cases[at].mode == IMPLICIT);
	step = talk(&dialog, &clear, next, rand, commands);
	if (step == SMTP_START_TLS || cases[at].mode == IMPLICIT) {
		assert_int_equal(dialog.stage, PROBE_HANDSHAKE);
		g_string_append(commands, "TLS|");
		step = smtp_dialog_encrypted(&dialog);
		if (step == SMTP_SEND)
			note_command(commands, dialog.send);
		step = talk(&dialog, &tls, next, rand, commands);
	}
	if (step != SMTP_DONE && step != SMTP_FAILED)
		step = smtp_dialog_closed(&dialog, PROBE_CLOSED);
	if (step == SMTP_FAILED && dialog.send)
		note_command(commands, dialog.send);
	assert_int_equal(step, cases[at].fault ? SMTP_FAILED : SMTP_DONE);
	assert_string_equal(commands->str, cases[at].commands);
	assert_int_equal(dialog.stage, cases[at].stage);
	assert_int_equal(dialog.fault, cases[at].fault);
	assert_int_equal(dialog.reply, cases[at].reply);
	assert_string_equal(
		dialog.said ? dialog.said : "(none)", cases[at].said ? cases[at].said : "(none)");
	smtp_dialog_release(&dialog);
}

static void dialogues(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("# %s\n", cases[i].name);
		run(i, in_one_piece, rand);
		run(i, byte_by_byte, rand);
		for (int n = 0; n < 20; n++)
			run(i, at_random, rand);
	}
}

/* A timer and a failed handshake instead of the end of the connection. */
static const struct {
	const char *server;
	enum probe_fault happens;
	enum probe_stage stage;
	enum probe_fault fault;
} ends[] = {
	{"", PROBE_TIMEOUT, PROBE_GREETING, PROBE_TIMEOUT},
	{"2", PROBE_TIMEOUT, PROBE_GREETING, PROBE_TIMEOUT},
	{"220-a\r\n220-b\r\n", PROBE_TIMEOUT, PROBE_GREETING, PROBE_TIMEOUT},
	{"x", PROBE_TIMEOUT, PROBE_GREETING, PROBE_NOT_SMTP},
	{"hello\r\n", PROBE_TIMEOUT, PROBE_GREETING, PROBE_NOT_SMTP},
	{GREET OFFER, PROBE_TIMEOUT, PROBE_STARTTLS, PROBE_TIMEOUT},
	{GREET OFFER GO, PROBE_TIMEOUT, PROBE_HANDSHAKE, PROBE_TIMEOUT},
	{GREET OFFER GO, PROBE_TLS, PROBE_HANDSHAKE, PROBE_TLS},
	{GREET OFFER GO, PROBE_CLOSED, PROBE_HANDSHAKE, PROBE_CLOSED},
};

static void other_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		struct smtp_dialog dialog;
		struct text server = text_of(ends[i].server);
		g_autoptr(GString) commands = g_string_new(NULL);

		smtp_dialog_init(&dialog, "me.test", TRUE, FALSE);
		talk(&dialog, &server, in_one_piece, NULL, commands);
		assert_int_equal(smtp_dialog_closed(&dialog, ends[i].happens), SMTP_FAILED);
		assert_int_equal(dialog.stage, ends[i].stage);
		assert_int_equal(dialog.fault, ends[i].fault);
		assert_null(dialog.send);
		/* What ended stays ended. */
		assert_int_equal(smtp_dialog_closed(&dialog, PROBE_CLOSED), SMTP_FAILED);
		assert_int_equal(dialog.fault, ends[i].fault);
		smtp_dialog_release(&dialog);
	}
}

/* A hundred megabytes of short lines, the lab's "huge": given up behind 64 KiB, little kept. */
static void bounded(void **state)
{
	static const char line[] = "220-go on reading\r\n";
	struct smtp_dialog dialog;
	gsize fed = 0, used;
	enum smtp_step step = SMTP_MORE;

	(void)state;
	smtp_dialog_init(&dialog, "me.test", TRUE, FALSE);
	while (step == SMTP_MORE) {
		step = smtp_dialog_feed(&dialog, line, sizeof(line) - 1, &used);
		fed += used;
		assert_true(dialog.line->allocated_len <= 2 * SMTP_LINE_MAX);
		assert_true(fed <= SMTP_REPLY_MAX + sizeof(line));
	}
	assert_int_equal(step, SMTP_FAILED);
	assert_int_equal(dialog.fault, PROBE_TOO_LONG);
	/* It is not read any further. */
	assert_int_equal(smtp_dialog_feed(&dialog, line, 5, &used), SMTP_FAILED);
	assert_int_equal(used, 5);
	smtp_dialog_release(&dialog);
}

static void offered(void **state)
{
	static const struct {
		const char *ehlo;
		gboolean offered;
	} replies[] = {{OFFER, TRUE}, {"250 a\r\n", FALSE}};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(replies); i++) {
		struct smtp_dialog dialog;
		g_autofree char *both = g_strconcat(GREET, replies[i].ehlo, NULL);
		struct text server = text_of(both);
		g_autoptr(GString) commands = g_string_new(NULL);

		smtp_dialog_init(&dialog, "me.test", FALSE, FALSE);
		talk(&dialog, &server, in_one_piece, NULL, commands);
		assert_int_equal(dialog.starttls, replies[i].offered);
		smtp_dialog_release(&dialog);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialogues),
		cmocka_unit_test(other_ends),
		cmocka_unit_test(bounded),
		cmocka_unit_test(offered),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
