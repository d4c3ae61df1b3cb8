/*
 * verdict_parts: what the files of core/verdict.h share. Private to them.
 */
#ifndef TLSPOL_CORE_VERDICT_PARTS_H
#define TLSPOL_CORE_VERDICT_PARTS_H

#include "core/verdict.h"

struct verdict_case {
	const struct policy *policy; /* NULL: no row, the global level */
	const struct observation *observation;
	const struct verdict_settings *settings;
	const struct client_settings *client;
	struct verdict *verdict;
};

/* resolv.conf's defaults: timeout 5, attempts 2. What Postfix's resolver gives up after. */
#define RESOLVER_PATIENCE 10

/* Sets outcome, cause and reason; the text is taken over, and gets the host before it. */
void verdict_say(const struct verdict_case *one, struct host_verdict *to, enum outcome outcome,
	enum cause cause, char *text);

/*
 * verdict_session.c: what a session of one address comes to. The judgement and the certificate are
 * its own, or those of one kind of key.
 */
void verdict_of_session(const struct verdict_case *one, struct host_verdict *to,
	const struct session *session, const struct judgement *judgement,
	const struct certificate *certificate);

/* verdict_notes.c */
void verdict_add_notes(const struct verdict_case *one);
/* verdict_advice.c: what could be better, and what stands in the way of what is better. */
void verdict_add_advice(const struct verdict_case *one);
/* `text` is taken over. */
void verdict_note(const struct verdict_case *one, enum note_id id, char *text);

#endif
