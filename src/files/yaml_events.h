/*
 * yaml_events: libyaml's events with aliases already expanded, positions in every one, and
 * limits against files made to exhaust a reader. Private to files/.
 *
 * One document per file. Syntax errors, unknown aliases, foreign tags and exceeded limits are
 * added to `problems` here; after a syntax error or an exceeded limit there are no more events.
 */
#ifndef TLSPOL_FILES_YAML_EVENTS_H
#define TLSPOL_FILES_YAML_EVENTS_H

#include "core/text.h"

#define YAML_DEPTH_MAX 64

enum yaml_kind {
	YAML_IS_END, /* of the document, or of what could be read of it */
	YAML_IS_SCALAR,
	YAML_IS_LIST,
	YAML_IS_LIST_END,
	YAML_IS_MAP,
	YAML_IS_MAP_END,
};

struct yaml_event {
	enum yaml_kind kind;
	/* Of a scalar; lives until the next event, or as long as the buffer when `verbatim`. */
	struct text text;
	gboolean plain;	    /* not quoted, no block scalar */
	gboolean verbatim;  /* text is a slice of the buffer */
	guint line, column; /* from 1 */
};

struct yaml_events;

/* `buffer` is UTF-8 without a BOM and must outlive the events; `name` is for messages. */
struct yaml_events *yaml_events_new(
	const char *buffer, gsize len, const char *name, GPtrArray *problems);
void yaml_events_free(struct yaml_events *events);
typedef struct yaml_events yaml_events_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(yaml_events_t, yaml_events_free)

/* The next event; YAML_IS_END again and again at the end. */
void yaml_events_next(struct yaml_events *events, struct yaml_event *event);

/* Reads on to the end of the node that `start` begins. Nothing to do for a scalar. */
void yaml_events_skip(struct yaml_events *events, const struct yaml_event *start);

/* TRUE when reading stopped before the end: a problem says why. */
gboolean yaml_events_broken(const struct yaml_events *events);

/* A plain ~, null or nothing at all. */
gboolean yaml_event_is_null(const struct yaml_event *event);

#endif
