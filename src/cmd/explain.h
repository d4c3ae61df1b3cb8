/*
 * explain: what `tlspol explain` finds out, between the command that asks and the report.
 */
#ifndef TLSPOL_CMD_EXPLAIN_H
#define TLSPOL_CMD_EXPLAIN_H

#include "cmd/app.h"
#include "cmd/postfix.h"

/* One key that Postfix asks for, and who said what. */
struct asked {
	const char *nexthop, *key;
	guint number;		      /* from 1; 0 = not asked, because an earlier key answered */
	const struct policy_row *row; /* the answer of the table or file */
	struct policy policy;	      /* what it says at present */
	const struct policy_set *set;
	gint64 now_us;
	char *postfix; /* what postmap said; NULL = nothing found */
	char *trouble; /* why postmap could not say */
	gboolean differs;
};

/* One next-hop: the keys in order, and the row that decides. */
struct hop {
	const char *name;
	GPtrArray *keys;  /* of char * */
	GPtrArray *asked; /* of struct asked * */
	const struct policy_row *answer;
	struct policy policy; /* of the answer, at present */
};

struct explanation {
	struct app *app;
	const struct config *config;
	struct postfix postfix;
	gboolean postfix_here;
	struct rule_context context;
	struct policy_set set;
	GPtrArray *nexthops; /* of char * */
	GPtrArray *hops;     /* of struct hop * */
	char **maps;	     /* --postmap: to ask; NULL = not wanted */
	gboolean address;    /* user@domain: transport settings may send it elsewhere */
};

/* Writes it where the options want it: in words, or as records of the keys that are asked. */
gboolean explain_report(const struct explanation *about, GError **error);

#endif
