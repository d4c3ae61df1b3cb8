/*
 * verify_report: results printed by destination, however they come: as a table, host by host in
 * words, or as records.
 *
 * Of a result that has to wait for its turn only the finished text is kept.
 */
#ifndef TLSPOL_CMD_VERIFY_REPORT_H
#define TLSPOL_CMD_VERIFY_REPORT_H

#include "cmd/verify.h"

struct verify_report;
/* Opens the output of the options; `total` results will come at most. */
struct verify_report *verify_report_open(const struct verify_job *job, guint total, GError **error);
/* Nothing goes to standard output before the end. */
gboolean verify_report_waits(const struct verify_report *report);
/* The result of target `i`; not `shown` where it is to be left out. */
void verify_report_take(
	struct verify_report *report, guint i, const struct verify_result *result, gboolean shown);
/* What has come so far, and the end. Frees. Not `keep`: --output leaves the file as it was. */
gboolean verify_report_close(struct verify_report *report, gboolean keep, GError **error);

/* verify_columns.c: `data` is a fresh scratch for each row. */
struct verify_scratch;
struct verify_scratch *verify_scratch_new(void);
void verify_scratch_clear(struct verify_scratch *scratch);
void verify_scratch_free(struct verify_scratch *scratch);
/* Rows are struct verify_result *, data is a struct verify_scratch *. */
extern const struct column verify_columns[], verify_changed_columns[];

/* verify_details.c: one destination host by host. A fresh string. */
struct verify_details_style {
	guint width;
	gboolean colour;
	gint64 now; /* seconds since 1970 */
};
char *verify_details(const struct verify_result *result, const struct verify_details_style *style);

/* "dane -> may", "secure", "none (of main.cf)". A fresh string. */
char *verify_policy_words(const struct verify_result *result);

#endif
