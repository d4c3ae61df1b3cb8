/*
 * store: the policy table in MariaDB: all the program may ask of it, and no mysql type in sight.
 *
 * Connection settings come from MariaDB's own option files, so that socket login and TLS work
 * as in mariadb(1); options override them. Tables are adopted as they are: names are mapped,
 * columns that are missing are simply not there, nothing is altered unless init is told to.
 *
 * Errors are GErrors in TLSPOL_ERROR: UNAVAILABLE (down, unknown host, connection lost),
 * NO_PERMISSION (login or privilege), CONFIG (no such database, table, column; not a policy
 * table; MySQL where MariaDB is needed), TRY_AGAIN (lock wait, deadlock after retries, Galera not
 * ready, read-only server, table changed since the plan), DATA (a value the table cannot hold), BUG.
 * The server's own text and number are part of the message; passwords never are.
 */
#ifndef TLSPOL_STORE_STORE_H
#define TLSPOL_STORE_STORE_H

#include "core/history.h"
#include "core/plan.h"

struct store;

/* Strings are borrowed for the time of store_open(). NULL or 0 = not given here. */
struct store_settings {
	const char *defaults_file, *defaults_extra_file, *defaults_group_suffix;
	gboolean no_defaults;
	const char *home;         /* for ~/.my.cnf; NULL = not read */
	const char *mariadb_home; /* MARIADB_HOME, or MYSQL_HOME: a directory with a my.cnf */
	const char *host, *socket, *user, *password, *database;
	guint port;
	const char *protocol; /* "tcp" or "socket" */
	const char *ssl_ca, *ssl_capath, *ssl_cert, *ssl_key, *ssl_cipher;
	gboolean ssl, skip_ssl, skip_ssl_verify;
	guint connect_timeout; /* seconds; 0 = 10 */
	/*
	 * Told TRUE before the statement that makes a change last (COMMIT, ALTER TABLE) is sent, and
	 * FALSE when it is known that nothing was changed: between the two, whoever is interrupted
	 * could not say what the table is. NULL = nobody asks.
	 */
	void (*committing)(gboolean committing);
	/*
	 * Who changes rows, for the column changed_by; asked when the first change is made, because
	 * finding out may take as long as reading a row. NULL = nobody is named.
	 */
	const char *(*actor)(void);
	/* Table mapping; NULL = the name itself. "-" = the table has no such column. */
	const char *table;
	const char *column_id, *column_domain, *column_policy, *column_params, *column_active;
	const char *column_note, *column_origin, *column_provider, *column_changed_by;
};

/*
 * Connects (and does no more). With a CA given the server's certificate and name are verified.
 * store_close() accepts NULL.
 */
struct store *store_open(const struct store_settings *settings, GError **error);
void store_close(struct store *store);
typedef struct store store_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(store_t, store_close)

/* What the table is; read from information_schema, once. */
struct store_column {
	char *name;   /* in the table; NULL = not there */
	char *type;   /* "varchar(255)" */
	char *collation;
	guint64 max;  /* characters it holds; 0 = not text */
	gboolean nullable;
	gboolean empty_preset; /* its default is '' */
};
enum store_column_id {
	STORE_ID, STORE_DOMAIN, STORE_POLICY, STORE_PARAMS, STORE_ACTIVE,
	STORE_NOTE, STORE_ORIGIN, STORE_PROVIDER, STORE_CHANGED_BY,
	/* Exceptions: all four or none; they keep their names. */
	STORE_EXCEPTION_POLICY, STORE_EXCEPTION_PARAMS, STORE_EXCEPTION_UNTIL, STORE_EXCEPTION_NOTE,
	STORE_COLUMN_COUNT,
};
struct store_table {
	char *server;   /* "10.11.19-MariaDB-log" */
	char *database, *name;
	char *engine;
	char *comment;
	gboolean versioned, domain_unique;
	gboolean view, read_only; /* a view; a table of a read-only server */
	guint64 rows;   /* estimate */
	struct store_column column[STORE_COLUMN_COUNT];
	GPtrArray *other_columns; /* names of columns tlspol does not know: kept, never touched */
};
/*
 * The table as it is. CONFIG when it is not there or cannot be a policy table; the message
 * says what is missing. Borrowed, lives as long as the store.
 */
const struct store_table *store_describe(struct store *store, GError **error);
/* Whether the table can hold exceptions; CONFIG naming `tlspol init --upgrade` otherwise. */
gboolean store_needs_exceptions(struct store *store, GError **error);

/*
 * Streams all rows, unsorted, in portions of a few hundred: `take` looks at the set, which is
 * emptied behind it. Rows have their id in .where. While it runs the store can do nothing else.
 */
typedef gboolean store_take(gpointer data, const struct policy_set *some, GError **error);
/*
 * What a scan brings besides key, level, params and whether the row is switched off. Each column
 * that a million rows are not asked for saves the server up to a third of its work.
 */
enum store_part {
	STORE_PART_ID = 1 << 0,
	STORE_PART_TEXTS = 1 << 1,     /* note, origin, provider, changed_by, exception_note */
	STORE_PART_EXCEPTION = 1 << 2, /* its policy, its params and its end */
	STORE_PART_ALL = STORE_PART_ID | STORE_PART_TEXTS | STORE_PART_EXCEPTION,
};
gboolean store_scan(
	struct store *store, guint parts, store_take *take, gpointer data, GError **error);
/*
 * Long jobs tell how far they are, every few hundred rows, and STORE_IDLE when they are at their
 * end. `total` is 0 where it is not known; of what is read it is the server's estimate, and known
 * after store_describe().
 */
enum store_work { STORE_IDLE, STORE_READING, STORE_WRITING };
typedef void store_watch(gpointer data, enum store_work work, guint64 done, guint64 total);
void store_set_watch(struct store *store, store_watch *watch, gpointer data);

/* Reads all rows, unsorted, into an empty set; rows keep their id in .where. */
gboolean store_read(struct store *store, struct policy_set *set, GError **error);
/*
 * Reads the rows with these keys (const char *, exact bytes, whatever the column's collation
 * holds equal), in one round trip per 1000; missing ones are simply absent.
 */
gboolean store_find(
	struct store *store, const GPtrArray *keys, struct policy_set *set, GError **error);

/*
 * Applies a plan in one transaction: all or nothing. Under lock it first proves that every row
 * the plan touches still is what the plan's `before` says (add: that there is none) and fails
 * with TRY_AGAIN naming the key otherwise. Deadlocks (1213) are retried as a whole, 5 times.
 * Every failure says that nothing was changed, but for a connection lost while committing, which
 * says that nobody knows.
 * Unchanged rows are never written. No params are stored as NULL, or as '' where the column
 * refuses NULL or has '' as its default: who made the table so may well read it with CONCAT(),
 * for which NULL is "no such row". A note, origin or provider of NULL leaves the stored one alone,
 * an empty one removes it; so do exceptions (policy_set.h). Sets that carry note, origin, provider
 * or exceptions need the columns: CONFIG naming `tlspol init --upgrade` otherwise.
 */
gboolean store_apply(struct store *store, const struct plan *plan, GError **error);

/* -- history ------------------------------------------------------------------------------- */

/*
 * Moments are microseconds since 1970, UTC, whatever the session's time zone. All of this needs
 * a table with system versioning, else CONFIG naming `tlspol init --history`.
 */

/*
 * From now on reads (not store_apply()) are of the table as it was at that moment; 0 = as it is.
 * NO for a moment before the first version that the table has, or that was pruned. A row's moments
 * are those of the statements that wrote it, so a moment within a transaction sees half of it.
 */
gboolean store_as_of(struct store *store, gint64 moment, GError **error);

/*
 * The versions of rows and their lives (struct life, of the same index). With keys (const char *)
 * all versions of the rows that ever had one of them; with NULL those of all rows that began or
 * ended since `since`.
 */
gboolean store_history(struct store *store, const GPtrArray *keys, gint64 since,
	struct policy_set *versions, GArray *lives, GError **error);

/*
 * Forgets the versions that had ended before `before`; *count is how many. Earlier moments are
 * only half there then, so the table's comment says from when on they are whole, and
 * store_as_of() refuses those before. *noted is FALSE where the account may not do that.
 * NO_PERMISSION names the privilege, which is one of its own.
 */
gboolean store_history_prune(struct store *store, gint64 before, guint64 *count, gboolean *noted,
	GError **error);

/* -- init ---------------------------------------------------------------------------------- */

/* What `init` is asked for besides a table. */
enum store_init_wishes { STORE_WISH_UPGRADE = 1 << 0, STORE_WISH_HISTORY = 1 << 1 };
enum store_init_action { STORE_INIT_NOTHING, STORE_INIT_CREATE, STORE_INIT_UPGRADE };
struct store_init {
	enum store_init_action action;
	guint wishes; /* enum store_init_wishes */
	GPtrArray *statements; /* SQL text, in order; what --print shows */
	GPtrArray *optional;   /* triggers, which not every account may make; done if possible */
	GPtrArray *notes;      /* what will change, for people */
	GPtrArray *failed;     /* after store_init_apply(): why optional ones could not be made */
};
void store_init_release(struct store_init *init);
/*
 * What `init` would do: create the table where there is none, nothing where there is one
 * (adopted as it is), the statements of an upgrade or those that turn on history when that is
 * wished. The statements are computed without a connection when store is NULL (--print on a
 * machine without a server: CREATE).
 *
 * An upgrade makes keys exact and params wide, adds what is missing, and touches nothing else.
 * Keys with capitals or blanks behind, which the old collation let answer, are stored in lower
 * case first, so that they go on answering; DATA when two rows would become one. Readers go on
 * meanwhile (LOCK=SHARED), a versioned table keeps its history.
 *
 * History is MariaDB's system versioning by time, with a column changed_by (invisible when it is
 * added, so that nothing changes for other programs) that triggers fill, so that the changes of
 * other programs are signed too.
 */
gboolean store_init_plan(struct store *store, const struct store_settings *settings,
	guint wishes, struct store_init *init, GError **error);
gboolean store_init_apply(struct store *store, struct store_init *init, GError **error);

/*
 * Least-privilege accounts (spec: init --grants): postfix reader (SELECT on the columns it needs),
 * tlspol writer, auditor. Appends SQL text with placeholders for passwords; nothing is run.
 */
gboolean store_grants(struct store *store, const struct store_settings *settings,
	GPtrArray *statements, GError **error);

/*
 * The SELECT that a Postfix mysql .cf needs for this table ("… WHERE domain = '%s'"): one column,
 * NULL-safe, exact and by the index on any collation and with any connection character set
 * (facts 5.3); inactive rows do not answer. A row whose level is the empty string (an enum's
 * index 0) is what Postfix makes of it: with params an invalid policy, which defers; without,
 * no result, which postmap and Postfix warn of. Exceptions begin and end in the query itself, by
 * UTC_TIMESTAMP(), where the table has the columns. Without a store the table is taken to be new.
 */
gboolean store_postfix_query(struct store *store, const struct store_settings *settings,
	char **query, char **database, GError **error);

#endif
