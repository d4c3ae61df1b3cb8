/*
 * smtp_dialog: the SMTP client's side of a look at a server, as a machine without a socket: bytes
 * of the server go in, what to do next comes out. Greeting, EHLO, STARTTLS, EHLO, QUIT (RFC 5321,
 * RFC 3207); nothing else is ever said.
 *
 * Replies are read as Postfix's smtp_chat_resp() reads them, since its verdict is wanted: a line
 * ends at LF, carriage returns before it are dropped, and it is read up to its first NUL and up to
 * line_length_limit bytes; three digits and a blank or nothing end the reply, whatever codes came
 * before; everything else, three digits and a hyphen or garbage, is a line before the last. Any 2xx
 * goes on. Keywords are looked for in the first line_length_limit bytes of the EHLO reply only.
 * A greeting of one line with nothing but the characters 2, 0, * and blank is that of a Cisco PIX
 * firewall, to which Postfix does not say EHLO (smtp_pix_workarounds): no STARTTLS then.
 */
#ifndef TLSPOL_CORE_SMTP_DIALOG_H
#define TLSPOL_CORE_SMTP_DIALOG_H

#include "core/observation.h"

#define SMTP_LINE_MAX  2048  /* bytes kept of one line; Postfix's line_length_limit */
#define SMTP_REPLY_MAX 65536 /* bytes of one reply, all its lines: one that has more fails */
#define SMTP_SAID_MAX  200   /* bytes of `said` */

enum smtp_step {
	SMTP_MORE,	/* give me more bytes */
	SMTP_SEND,	/* send smtp_dialog.send, then give me more bytes */
	SMTP_START_TLS, /* the server agreed to STARTTLS: shake hands, then
			   smtp_dialog_encrypted() */
	SMTP_DONE,	/* QUIT was sent, and answered or not: close */
	SMTP_FAILED, /* stage, fault, reply, said, why say it; close (with QUIT where `send` is set)
		      */
};

struct smtp_dialog {
	/* Never CONNECT: the machine begins when the connection is there. */
	enum probe_stage stage;
	enum probe_fault fault;
	int reply;	       /* code of SAID_NO, and of NO_STARTTLS when EHLO was refused */
	char *said;	       /* owned; moved into the session by whoever wants it */
	const char *why;       /* static; NULL */
	gboolean starttls;     /* offered */
	gboolean implicit_tls; /* 465: TLS came first */
	gboolean encrypted;
	gboolean want_starttls; /* FALSE at level none: QUIT behind EHLO */
	const char *send;	/* of SMTP_SEND; valid until the next call */
	/* private */
	enum smtp_step ended; /* DONE and FAILED stay */
	char *ehlo_line;
	GString *line;	   /* the one under way, without its end */
	gsize reply_bytes; /* of the reply under way */
	gsize reply_kept;  /* what Postfix would have kept of it */
	int first_code;	   /* of its first line; 0 = it has none */
	guint ehlo_words;  /* lines with a word behind the code */
	gboolean saw_starttls;
	gboolean masked; /* the reply has no other characters than a PIX lets through */
};

/*
 * `helo` is the name for EHLO; want_starttls FALSE and implicit_tls as above. The first thing to
 * happen is the greeting, or with implicit TLS the handshake: smtp_dialog_encrypted().
 */
void smtp_dialog_init(struct smtp_dialog *dialog, const char *helo, gboolean want_starttls,
	gboolean implicit_tls);
void smtp_dialog_release(struct smtp_dialog *dialog);

/*
 * Takes bytes as they come, up to the end of a reply at most; *used says how many. Do what the step
 * says, then call it again with the rest, if there is any (a server may talk early), except behind
 * START_TLS: bytes left then are an injection, and no part of what TLS brings.
 */
enum smtp_step smtp_dialog_feed(
	struct smtp_dialog *dialog, const char *bytes, gsize size, gsize *used);
/* The handshake is done: what to do now. With implicit TLS: wait for the greeting. */
enum smtp_step smtp_dialog_encrypted(struct smtp_dialog *dialog);
/*
 * The peer closed the connection, or a timer ended, or the handshake failed. Behind QUIT that is
 * SMTP_DONE. CLOSED and TIMEOUT behind something that is no reply become NOT_SMTP.
 */
enum smtp_step smtp_dialog_closed(struct smtp_dialog *dialog, enum probe_fault fault);

#endif
