/*
 * interrupt: what a signal that asks the program to end does, and when it waits.
 *
 * SIGINT, SIGTERM and SIGHUP end the program at once, temporary files removed, nothing changed;
 * unless a command has something to finish or to say first and catches them: then interrupted()
 * turns TRUE, and only a second signal ends the program. They are caught from the moment on when a
 * change may have been made (store_settings.committing, app_output_close()): who is told
 * "interrupted" can rely on it that nothing was.
 */
#ifndef TLSPOL_CMD_INTERRUPT_H
#define TLSPOL_CMD_INTERRUPT_H

#include <glib.h>

void interrupt_catch(gboolean catching);
gboolean interrupted(void);
/* For main.c's handler (async-signal-safe): TRUE when the program is to end now, saying this. */
gboolean interrupt_ends(const char **words);

#endif
