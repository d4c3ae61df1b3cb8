/*
 * doctor: what the parts of `tlspol doctor` share: the report, and what is known so far.
 */
#ifndef TLSPOL_CMD_DOCTOR_H
#define TLSPOL_CMD_DOCTOR_H

#include "cmd/app.h"
#include "cmd/postfix.h"

enum diagnosis { DIAGNOSIS_OK, DIAGNOSIS_SKIPPED, DIAGNOSIS_WARNING, DIAGNOSIS_ERROR };

struct doctor {
	struct app *app;
	struct postfix postfix;
	const struct store_table *table; /* NULL: no table was reached */
	struct policy_set set;		 /* its rows */
	guint levels[LEVEL_COUNT + 1];	 /* active rows of each level */
	guint with_tafile;		 /* active rows that name a tafile */
	GPtrArray *rows;		 /* the report */
};

/* doctor_report.c */
GPtrArray *doctor_rows(void);
/* Adds one line to the report: area ("database"), what was looked at, how it is, a sentence. */
void doctor_say(struct doctor *doctor, const char *area, const char *check,
	enum diagnosis diagnosis, const char *format, ...) G_GNUC_PRINTF(5, 6);

/* Writes it where the options want it: in words, or as records. */
gboolean doctor_report(const struct doctor *doctor, GError **error);
/* Neither a warning nor an error is in it. */
gboolean doctor_is_healthy(const struct doctor *doctor);

/* The parts, each in its own file; everything that goes wrong in them is a line of the report. */
void doctor_database(struct doctor *doctor);
void doctor_postfix(struct doctor *doctor);
/* DNSSEC: takes seconds where there is no network. `bogus` must fail validation. */
void doctor_resolver(struct doctor *doctor, const char *bogus);
/* One map of smtp_tls_policy_maps; `chrooted`: smtp(8) runs in a jail. */
void doctor_map(struct doctor *doctor, const char *map, gboolean chrooted);

#endif
