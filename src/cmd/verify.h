/*
 * verify: what the parts of `tlspol verify` share: what is asked for, the destinations to look at,
 * what came of one, and the account of all.
 */
#ifndef TLSPOL_CMD_VERIFY_H
#define TLSPOL_CMD_VERIFY_H

#include "cmd/app.h"
#include "core/verdict.h"

struct verify_settings {
	gboolean all, both_keys, no_sts, nagios, problems, details, strict;
	char *ca_file, *ca_path, *level_default, *fingerprint_digest, *helo;
	char *ahead, *changed_since, *metrics;
	GPtrArray *samples, *main_cf; /* of char *; NULL = none */
	guint timeout, deadline, stop_after, width, per_address, per_provider;
};

/* -- Postfix (verify_client.c) ----------------------------------------------------------------- */

/*
 * What main.cf of the Postfix that is installed here says, else what one would be set up with, and
 * the options over it. `client` is fresh; it is the caller's to release, also on failure.
 */
gboolean verify_client_find(struct app *app, const struct verify_settings *settings,
	struct client_settings *client, GError **error);

/* -- destinations (verify_targets.c) --------------------------------------------------------- */

enum target_kind {
	TARGET_LIVE,
	TARGET_PARENT, /* ".example.com", and no --sample below it */
	TARGET_NEVER,  /* a key that Postfix never asks for */
};

/* One destination, and the row that answers for it. */
struct verify_target {
	const struct policy_row *row; /* NULL: none does, main.cf decides */
	char *destination;	      /* owned; NULL = the row's key */
	enum target_kind kind;
};

struct verify_targets {
	struct policy_set set; /* the rows belong to it */
	GArray *targets;       /* of struct verify_target, by destination */
	guint sockets;	       /* rows left out: paths of LMTP sockets */
};
void verify_targets_release(struct verify_targets *targets);
typedef struct verify_targets verify_targets_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(verify_targets_t, verify_targets_release)

/*
 * All rows in force; or those of the operands, each by the row that answers for it; or the one
 * policy the operands spell out. USAGE and DATA for operands that cannot be meant.
 */
gboolean verify_targets_find(struct app *app, const struct verify_settings *settings,
	const struct client_settings *client, char **operands, int count,
	struct verify_targets *targets, GError **error);

static inline const struct verify_target *verify_target(
	const struct verify_targets *targets, guint i)
{
	return &g_array_index(targets->targets, struct verify_target, i);
}
/* The next-hop, and the key of the row that answers (absent without one). */
struct text verify_target_name(const struct verify_target *target);
struct text verify_target_key(const struct verify_target *target);

/* -- what came of one ------------------------------------------------------------------------ */

struct verify_result {
	const struct verify_target *target;
	struct policy policy;		 /* in force now; where the target has a row */
	struct observation *observation; /* NULL: it was not looked at */
	struct verdict verdict;
	char **changes; /* since the earlier run, in words; NULL = no earlier run */
};

/* What it means for the one who asked. In the order of the exit status. */
enum verify_weight {
	WEIGHT_FINE,
	WEIGHT_UNKNOWN,
	WEIGHT_FINDING, /* mail goes out as the row says, but something is to be done */
	WEIGHT_PROBLEM, /* it does not */
};
/* `allowed` is the level of a destination without a row. */
enum verify_weight verify_weigh(
	const struct verify_result *result, enum level allowed, gboolean strict);

/* The reason, and all that is to be done besides. A fresh string. */
char *verify_why(const char *reason, const GPtrArray *notes);
/* "mx.example.com[192.0.2.1]", or the name alone. A fresh string. */
char *verify_host_name(const struct host_verdict *host);

/* -- the account of all (verify_tally.c) ----------------------------------------------------- */

/* What nagios and metrics tell of one destination. */
struct verify_problem {
	const struct verify_target *target;
	enum verify_weight weight;
	enum outcome outcome;
	enum cause cause;
	char *why;
};
struct verify_end {
	const struct verify_target *target;
	gint64 rests_until;
};

struct verify_tally {
	guint total;			     /* destinations that were asked for */
	guint judged;			     /* of them */
	guint outcomes[OUTCOME_UNKNOWN + 1]; /* of the judged ones */
	guint weights[WEIGHT_PROBLEM + 1];
	guint notes[NOTE_COUNT], findings; /* notes that are findings are in both */
	guint parents, changed;
	GArray *problems; /* of struct verify_problem: all that is not fine, by destination */
	GArray *ends;	  /* of struct verify_end: certificates that deliveries rest on */
	gint64 started_us, ended_us;
	gboolean complete;
};
void verify_tally_init(struct verify_tally *tally, guint total);
void verify_tally_release(struct verify_tally *tally);
void verify_tally_add(
	struct verify_tally *tally, const struct verify_result *result, enum verify_weight weight);
/* Results come in any order; afterwards the lists are by destination. */
void verify_tally_finish(struct verify_tally *tally, gboolean complete);
/* "1 240 destinations: 1 180 deliver, 20 defer; 3 findings; 12.4 s". A fresh string. */
char *verify_tally_words(const struct verify_tally *tally);
/* OK, NO, or UNDECIDED. */
int verify_tally_status(const struct verify_tally *tally);

/* One line and its performance data for Nagios, and the plugin's exit status. */
int verify_nagios(const struct verify_tally *tally, FILE *to);
/* The same when nothing could be looked at. */
int verify_nagios_failed(const GError *error, FILE *to);
/* Prometheus' text format. */
void verify_metrics(const struct verify_tally *tally, FILE *to);

/* -- the run (verify_run.c) ------------------------------------------------------------------ */

struct verify_job {
	struct app *app;
	const struct verify_settings *settings;
	const struct verify_targets *targets;
	const struct client_settings *client;
	gboolean named;			/* the destinations are those of operands */
	gint64 ahead;			/* seconds */
	struct verify_changed *earlier; /* --changed-since; NULL */
	struct verify_tally tally;
};

/* Looks at all targets and reports them. Returns the exit status. */
int verify_run(struct verify_job *job, GError **error);

#endif
