/*
 * record_writer: what the formats of records.h share among themselves; nobody else needs it.
 */
#ifndef TLSPOL_OUTPUT_RECORD_WRITER_H
#define TLSPOL_OUTPUT_RECORD_WRITER_H

#include "output/records.h"

struct record_writer {
	void (*open)(struct records *records); /* NULL = nothing to do */
	void (*row)(struct records *records, gconstpointer row);
	void (*close)(struct records *records); /* also frees records->state */
	const char *first, *next;		/* what stands before a row; NULL = nothing */
};
extern const struct record_writer writer_table, writer_single, writer_json, writer_yaml, writer_csv,
	writer_tsv;

struct records {
	struct record_style style;
	const struct record_writer *writer;
	const struct column *columns;
	guint column_count;
	gpointer data; /* for the getters */
	FILE *to;
	guint64 count;	/* rows before this one */
	gpointer state; /* the writer's own */
};

/* What column `i` has for a row; VALUE_NULL unless its getter says more. */
struct value record_value(const struct records *records, guint i, gconstpointer row);

/*
 * A value as one text for the formats that have no lists: numbers in decimal, "yes"/"no" for a
 * bool, a list joined by `separator`, records in JSON; "" for NULL. Appended to `to`.
 */
void record_value_text(const struct value *value, const char *separator, GString *to);
/* The same for a terminal, joined by ", ". A fresh string. */
char *record_value_printable(const struct value *value);

/* A value in JSON. */
void record_value_json(const struct value *value, FILE *to);

#endif
