/*
 * records: rows printed as a table, JSON, YAML, CSV or TSV from one list of columns.
 */
#ifndef TLSPOL_OUTPUT_RECORDS_H
#define TLSPOL_OUTPUT_RECORDS_H

#include <stdio.h>

#include "core/printable.h"

enum record_format { RECORD_TABLE, RECORD_JSON, RECORD_YAML, RECORD_CSV, RECORD_TSV };
extern const char *const record_formats[]; /* their names, NULL-terminated, in enum order */

enum value_kind {
	VALUE_NULL,
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_BOOL,
	VALUE_LIST,
	VALUE_RECORD,  /* the first of `rows`; NULL without one */
	VALUE_RECORDS, /* all of them */
};
struct column;
struct value {
	enum value_kind kind;
	struct text text;
	gint64 number; /* also the bool */
	const char *const
		*list; /* NULL-terminated; joined by ", " in a table, ";" in csv and tsv */
	/*
	 * Records inside of one: what they are made from, NULL-terminated, and their columns. JSON
	 * and YAML have them as such, the other formats as JSON.
	 */
	const gconstpointer *rows;
	const struct column *columns;
	gpointer data; /* for their getters; the row's own unless set */
};

struct column {
	const char *name;  /* JSON key, CSV heading: the table's own words */
	const char *title; /* heading of the table */
	void (*get)(gconstpointer row, gpointer data, struct value *value);
	unsigned flags;
};
enum column_flags {
	COLUMN_RIGHT = 1 << 0,
	COLUMN_TRUNCATE =
		1 << 1, /* may be cut to the terminal's width; never when not a terminal */
	COLUMN_WRAP = 1 << 2,
	COLUMN_SEVERITY = 1 << 3,   /* coloured by its word (error, warning, …) */
	COLUMN_HIDE_EMPTY = 1 << 4, /* a table leaves the column out when no row has a value */
};

struct records;
struct record_style {
	enum record_format format;
	gboolean colour;
	guint width;	   /* of the terminal; 0 = not a terminal, never truncate */
	const char *empty; /* what a table says when there are no rows; NULL = nothing */
};

/* `columns` ends with a row whose name is NULL; `data` goes to the getters. Streams. */
struct records *records_open(
	const struct record_style *style, const struct column *columns, gpointer data, FILE *to);
void records_row(struct records *records, gconstpointer row);

/*
 * In two steps, for rows that get ready in another order than they are printed in: the row as text,
 * and that text printed in its turn. Not for tables, which need all rows at once.
 */
char *records_render(struct records *records, gconstpointer row, gsize *len);
void records_put(struct records *records, const char *rendered, gsize len);

/* Finishes and frees. FALSE with IO when anything could not be written. */
gboolean records_close(struct records *records, GError **error);

/*
 * One record, name and value below one another (show). The other formats as an array of one.
 * Called between records_open_single() and records_close() like the rows above.
 */
struct records *records_open_single(
	const struct record_style *style, const struct column *columns, gpointer data, FILE *to);

#endif
