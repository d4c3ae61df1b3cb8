#include "files/yaml_events.h"

#include <yaml.h>

#include "files/file_problem.h"
#include "files/text_check.h"

/* Aliases may give this much more than the file itself has, before reading is given up. */
#define EXPANSION_FACTOR 64
#define EXPANSION_FREE	 100000

/* A node with an anchor: log[start] up to, not including, log[end]; end 0 = not complete yet. */
struct anchor {
	guint start, end;
	guint depth;
};

/* An event as recorded below an anchor. */
struct recorded {
	struct yaml_event event;
	const struct anchor *alias; /* instead of the event: an alias inside the anchored node */
};

struct replay {
	guint at, end;
};

struct yaml_events {
	yaml_parser_t parser;
	const char *buffer, *name;
	gsize len;
	gboolean ascii;
	gboolean done, broken;
	GPtrArray *problems;
	yaml_event_t current; /* keeps the text of the last event */
	gboolean have_current;
	GArray *log; /* of struct recorded */
	GStringChunk *log_texts;
	GPtrArray *anchors;	/* all of them; owns them */
	GHashTable *by_name;	/* name -> struct anchor, the latest of that name */
	GPtrArray *open;	/* anchors whose node is still being read */
	GArray *replays;	/* of struct replay; the last is read from */
	guint live_depth;	/* of the file's own nesting */
	guint depth;		/* of what is handed out, aliases expanded */
	guint64 live, expanded; /* events read from the file, events given by aliases */
	gboolean in_document;
};

static gboolean is_ascii(const char *text, gsize len)
{
	guchar seen = 0;

	for (gsize i = 0; i < len; i++)
		seen |= (guchar)text[i];
	return seen < 0x80;
}

struct yaml_events *yaml_events_new(
	const char *buffer, gsize len, const char *name, GPtrArray *problems)
{
	struct yaml_events *events = g_new0(struct yaml_events, 1);

	yaml_parser_initialize(&events->parser);
	yaml_parser_set_encoding(&events->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&events->parser, (const guchar *)buffer, len);
	events->buffer = buffer;
	events->len = len;
	events->name = name;
	events->problems = problems;
	events->ascii = is_ascii(buffer, len);
	events->log = g_array_new(FALSE, FALSE, sizeof(struct recorded));
	events->log_texts = g_string_chunk_new(4096);
	events->anchors = g_ptr_array_new_with_free_func(g_free);
	events->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	events->open = g_ptr_array_new();
	events->replays = g_array_new(FALSE, FALSE, sizeof(struct replay));
	return events;
}

void yaml_events_free(struct yaml_events *events)
{
	if (!events)
		return;
	if (events->have_current)
		yaml_event_delete(&events->current);
	yaml_parser_delete(&events->parser);
	g_array_unref(events->log);
	g_string_chunk_free(events->log_texts);
	g_hash_table_unref(events->by_name);
	g_ptr_array_unref(events->anchors);
	g_ptr_array_unref(events->open);
	g_array_unref(events->replays);
	g_free(events);
}

gboolean yaml_events_broken(const struct yaml_events *events)
{
	return events->broken;
}

gboolean yaml_event_is_null(const struct yaml_event *event)
{
	return event->kind == YAML_IS_SCALAR && event->plain &&
	       (event->text.len == 0 || text_is(event->text, "~") || text_is(event->text, "null") ||
		       text_is(event->text, "Null") || text_is(event->text, "NULL"));
}

static void give_up(struct yaml_events *events, guint line, guint column, const char *why)
{
	file_problem_add(events->problems, FALSE, events->name, line, column, "%s", why);
	events->broken = events->done = TRUE;
}

/* What libyaml says of a tab at the beginning of a line helps nobody. */
static gboolean is_indented_by_tab(const struct yaml_events *events, const yaml_mark_t *mark)
{
	const char *at = events->buffer, *end = at + events->len;

	for (size_t line = 0; at && line < mark->line; line++) {
		at = memchr(at, '\n', (size_t)(end - at));
		at += at != NULL;
	}
	for (size_t column = 0; at && at < end && (*at == ' ' || *at == '\t'); column++, at++)
		if (column == mark->column && *at == '\t')
			return TRUE;
	return FALSE;
}

static void syntax_error(struct yaml_events *events)
{
	const yaml_parser_t *parser = &events->parser;
	g_autoptr(GString) text = g_string_new("not valid YAML: ");

	if (parser->error == YAML_READER_ERROR && parser->problem) {
		guint line, column;

		text_check_position((struct text){events->buffer, events->len},
			MIN(parser->problem_offset, events->len), &line, &column);
		g_string_append(text, parser->problem);
		give_up(events, line, column, text->str);
		return;
	}
	if (is_indented_by_tab(events, &parser->problem_mark)) {
		g_string_append(text, "a tab cannot indent, use blanks");
	} else {
		if (parser->context)
			g_string_append_printf(text, "%s, ", parser->context);
		g_string_append(text, parser->problem ? parser->problem : "unknown error");
	}
	give_up(events, parser->problem_mark.line + 1, parser->problem_mark.column + 1, text->str);
}

/*
 * libyaml counts characters, so its marks are byte offsets only in an ASCII file; and what
 * stands in the file is the text itself only without escapes and folding. Both are checked by
 * looking.
 */
static void find_verbatim(const struct yaml_events *events, struct yaml_event *event)
{
	gsize start = events->current.start_mark.index + (event->plain ? 0 : 1);

	if (!events->ascii || start + event->text.len > events->len)
		return;
	if (memcmp(events->buffer + start, event->text.at, event->text.len) != 0)
		return;
	event->text.at = events->buffer + start;
	event->verbatim = TRUE;
}

static void check_tag(struct yaml_events *events, const struct yaml_event *event, const char *tag)
{
	static const char *const known[] = {
		"!", YAML_STR_TAG, YAML_MAP_TAG, YAML_SEQ_TAG, YAML_NULL_TAG, YAML_BOOL_TAG};

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
		if (!tag || strcmp(tag, known[i]) == 0)
			return;
	}
	file_problem_add(events->problems, FALSE, events->name, event->line, event->column,
		"the tag <%s> is not understood: write the value itself", tag);
}

/* The live event as ours; returns its anchor, NULL where it has none. */
static const char *convert(struct yaml_events *events, struct yaml_event *event)
{
	const yaml_event_t *from = &events->current;

	*event = (struct yaml_event){
		.line = from->start_mark.line + 1, .column = from->start_mark.column + 1};
	switch (from->type) {
	case YAML_SCALAR_EVENT:
		event->kind = YAML_IS_SCALAR;
		event->text = (struct text){
			(const char *)from->data.scalar.value, from->data.scalar.length};
		event->plain = from->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
		find_verbatim(events, event);
		check_tag(events, event, (const char *)from->data.scalar.tag);
		return (const char *)from->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		event->kind = YAML_IS_LIST;
		check_tag(events, event, (const char *)from->data.sequence_start.tag);
		return (const char *)from->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		event->kind = YAML_IS_MAP;
		check_tag(events, event, (const char *)from->data.mapping_start.tag);
		return (const char *)from->data.mapping_start.anchor;
	case YAML_SEQUENCE_END_EVENT:
		event->kind = YAML_IS_LIST_END;
		return NULL;
	case YAML_MAPPING_END_EVENT:
		event->kind = YAML_IS_MAP_END;
		return NULL;
	default:
		event->kind = YAML_IS_END;
		return NULL;
	}
}

static int depth_change(enum yaml_kind kind)
{
	if (kind == YAML_IS_LIST || kind == YAML_IS_MAP)
		return 1;
	return kind == YAML_IS_LIST_END || kind == YAML_IS_MAP_END ? -1 : 0;
}

static void open_anchor(struct yaml_events *events, const char *name)
{
	struct anchor *anchor = g_new0(struct anchor, 1);

	anchor->start = events->log->len;
	anchor->depth = events->live_depth;
	g_ptr_array_add(events->anchors, anchor);
	g_ptr_array_add(events->open, anchor);
	g_hash_table_replace(events->by_name, g_strdup(name), anchor);
}

/* Writes a live event (or an alias) into the log while any anchored node is open. */
static void record(
	struct yaml_events *events, const struct yaml_event *event, const struct anchor *alias)
{
	struct recorded entry = {*event, alias};

	events->live_depth += depth_change(event->kind);
	if (!events->open->len)
		return;
	if (!alias && event->kind == YAML_IS_SCALAR && !event->verbatim)
		entry.event.text.at = g_string_chunk_insert_len(
			events->log_texts, event->text.at, event->text.len);
	g_array_append_val(events->log, entry);
	while (events->open->len) {
		struct anchor *last = g_ptr_array_index(events->open, events->open->len - 1);

		if (last->depth != events->live_depth)
			break;
		last->end = events->log->len;
		g_ptr_array_set_size(events->open, events->open->len - 1);
	}
}

static void start_replay(struct yaml_events *events, const struct anchor *anchor)
{
	struct replay replay = {anchor->start, anchor->end};

	g_array_append_val(events->replays, replay);
}

/* An alias in the file itself. */
static void read_alias(struct yaml_events *events)
{
	const char *name = (const char *)events->current.data.alias.anchor;
	const struct anchor *anchor = g_hash_table_lookup(events->by_name, name);
	struct yaml_event event = {.kind = YAML_IS_SCALAR,
		.line = events->current.start_mark.line + 1,
		.column = events->current.start_mark.column + 1};
	g_autofree char *why = NULL;

	if (anchor && anchor->end) {
		record(events, &event, anchor);
		start_replay(events, anchor);
		return;
	}
	why = g_strdup_printf(anchor ? "the alias *%s stands inside what it stands for"
				     : "there is no anchor &%s before this alias",
		name);
	give_up(events, event.line, event.column, why);
}

/* The next event of the file itself; FALSE when it was an alias or nothing to hand out. */
static gboolean next_live(struct yaml_events *events, struct yaml_event *event)
{
	const char *anchor;

	if (events->have_current)
		yaml_event_delete(&events->current);
	events->have_current = yaml_parser_parse(&events->parser, &events->current);
	if (!events->have_current) {
		syntax_error(events);
		return FALSE;
	}
	events->live++;
	switch (events->current.type) {
	case YAML_STREAM_END_EVENT:
		events->done = TRUE;
		return FALSE;
	case YAML_DOCUMENT_START_EVENT:
		if (events->in_document)
			give_up(events, events->current.start_mark.line + 1, 0,
				"a second document begins here: a file holds one");
		events->in_document = TRUE;
		return FALSE;
	case YAML_ALIAS_EVENT:
		read_alias(events);
		return FALSE;
	case YAML_SCALAR_EVENT:
	case YAML_SEQUENCE_START_EVENT:
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_START_EVENT:
	case YAML_MAPPING_END_EVENT:
		anchor = convert(events, event);
		if (anchor)
			open_anchor(events, anchor);
		record(events, event, NULL);
		return TRUE;
	default:
		return FALSE;
	}
}

/* The next event of the innermost alias that is being expanded. */
static gboolean next_replayed(struct yaml_events *events, struct yaml_event *event)
{
	struct replay *replay =
		&g_array_index(events->replays, struct replay, events->replays->len - 1);
	const struct recorded *entry;

	if (replay->at == replay->end) {
		g_array_set_size(events->replays, events->replays->len - 1);
		return FALSE;
	}
	entry = &g_array_index(events->log, struct recorded, replay->at++);
	*event = entry->event;
	if (++events->expanded > EXPANSION_FREE + EXPANSION_FACTOR * events->live ||
		events->replays->len > YAML_DEPTH_MAX) {
		give_up(events, event->line, event->column,
			"aliases of aliases grow beyond all measure: write the policies out");
		return FALSE;
	}
	if (!entry->alias)
		return TRUE;
	start_replay(events, entry->alias);
	return FALSE;
}

void yaml_events_next(struct yaml_events *events, struct yaml_event *event)
{
	gboolean found = FALSE;

	while (!found && !events->done)
		found = events->replays->len ? next_replayed(events, event)
					     : next_live(events, event);
	if (found) {
		events->depth += depth_change(event->kind);
		if (events->depth > YAML_DEPTH_MAX) {
			give_up(events, event->line, event->column,
				"nested deeper than 64 levels: that is no policy file");
			found = FALSE;
		}
	}
	if (!found)
		*event = (struct yaml_event){.kind = YAML_IS_END};
}

void yaml_events_skip(struct yaml_events *events, const struct yaml_event *start)
{
	int depth = depth_change(start->kind);
	struct yaml_event event;

	while (depth > 0) {
		yaml_events_next(events, &event);
		if (event.kind == YAML_IS_END)
			return;
		depth += depth_change(event.kind);
	}
}
