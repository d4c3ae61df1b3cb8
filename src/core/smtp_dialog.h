/*
 * smtp_dialog: the SMTP client's side of a look at a server, as a machine without a socket: bytes
 * of the server go in, what to do next comes out. Greeting, EHLO, STARTTLS, EHLO, QUIT (RFC 5321,
 * RFC 3207); nothing else is ever said.
 */
#ifndef TLSPOL_CORE_SMTP_DIALOG_H
#define TLSPOL_CORE_SMTP_DIALOG_H

#include "core/observation.h"

#define SMTP_LINE_MAX  2048  /* bytes of one line; Postfix's line_length_limit */
#define SMTP_REPLY_MAX 65536 /* bytes of one reply, all its lines: never more is kept */

enum smtp_step {
	SMTP_MORE,	/* give me more bytes */
	SMTP_SEND,	/* send smtp_dialog.send, then give me more bytes */
	SMTP_START_TLS, /* the server said 220 to STARTTLS: shake hands, then
			   smtp_dialog_encrypted() */
	SMTP_DONE,	/* QUIT was sent, and answered or not: close */
	SMTP_FAILED, /* stage, fault, reply, said, why say it; close (with QUIT where `send` is set)
		      */
};

struct smtp_dialog {
	enum probe_stage stage;
	enum probe_fault fault;
	int reply;
	char *said;	       /* owned; moved into the session by whoever wants it */
	const char *why;       /* static; NULL */
	gboolean starttls;     /* offered */
	gboolean implicit_tls; /* 465: TLS came first */
	gboolean encrypted;
	gboolean want_starttls; /* FALSE at level none: QUIT behind EHLO */
	const char *send;	/* of SMTP_SEND; valid until the next call */
	/* private */
	char *ehlo_line;
	GString *line;
	gsize reply_bytes;
	int code;
};

/* `helo` is the name for EHLO; want_starttls FALSE and implicit_tls as above. */
void smtp_dialog_init(struct smtp_dialog *dialog, const char *helo, gboolean want_starttls,
	gboolean implicit_tls);
void smtp_dialog_release(struct smtp_dialog *dialog);

/*
 * Takes bytes as they come; *used says how many were read: all of them, except that it stops
 * behind the reply to STARTTLS. Bytes left then are an injection: call smtp_dialog_injected().
 */
enum smtp_step smtp_dialog_feed(
	struct smtp_dialog *dialog, const char *bytes, gsize size, gsize *used);
enum smtp_step smtp_dialog_injected(struct smtp_dialog *dialog);
/* The handshake is done: what to do now. With implicit TLS: wait for the greeting. */
enum smtp_step smtp_dialog_encrypted(struct smtp_dialog *dialog);
/* The peer closed the connection, or a timer ended. Behind QUIT that is SMTP_DONE. */
enum smtp_step smtp_dialog_closed(struct smtp_dialog *dialog, enum probe_fault fault);

#endif
