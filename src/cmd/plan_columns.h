/*
 * plan_columns: a change of a plan as a record: what the row will be, and what it is.
 */
#ifndef TLSPOL_CMD_PLAN_COLUMNS_H
#define TLSPOL_CMD_PLAN_COLUMNS_H

#include "core/plan.h"
#include "output/records.h"

/* What a record of the plan is made from; borrows from the plan. */
struct plan_row {
	const struct plan *plan;
	const struct change *change;
	struct policy before, after; /* key absent: there is none */
	const char *weaker;
};
void plan_row_init(struct plan_row *row, const struct plan *plan, const struct change *change);

/* Rows are const struct plan_row *; tlspol-output(5), "import". */
extern const struct column plan_columns[];

#endif
