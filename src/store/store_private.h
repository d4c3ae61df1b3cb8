/*
 * store_private: what the files of store/ share. Who does what:
 *
 *   option_files  MariaDB's option files            error       what error numbers mean
 *   connection    login, plain statements           bulk        bound statements, many rows
 *   statements    all SQL text                      rows        result rows <-> policy sets
 *   apply, prove  a plan in one transaction         schema      what the table is
 *   init          make, upgrade, accounts           history     versions of rows, moments
 */
#ifndef TLSPOL_STORE_PRIVATE_H
#define TLSPOL_STORE_PRIVATE_H

#include "store/error.h"
#include "store/store.h"

/* The table's and columns' names as mapped; NULL = the table has no such column. */
struct table_names {
	char *table;
	char *column[STORE_COLUMN_COUNT];
	gboolean mapped[STORE_COLUMN_COUNT]; /* named by the configuration: must be there */
};
void table_names_init(struct table_names *names, const struct store_settings *settings);
void table_names_release(struct table_names *names);
/* "domain", "policy", …: the configuration's word for a column. */
const char *column_word(enum store_column_id id);

struct store {
	struct st_mysql *mysql;
	char *target; /* "socket /run/mysqld/mysqld.sock", for messages */
	const char *(*ask_actor)(void);
	char *actor; /* what it said: db_actor() */
	void (*committing)(gboolean committing);
	struct table_names names;
	gboolean connected;
	guint last_error; /* the server's number of the error that was set last */

	/* Learnt from the metadata of every SELECT *: what is there. */
	gboolean present[STORE_COLUMN_COUNT];
	/* changed_by is there but no part of "*": made so by `init --history`. */
	gboolean looked_for_hidden, hidden_changed_by;
	char *moment; /* store_as_of(): UTC, in SQL's words; NULL = now */

	struct store_table *described;

	store_watch *watch; /* or NULL */
	gpointer watch_data;
	enum store_work work;
	guint64 done, total;
};

/* -- connection.c: plain statements --------------------------------------------------------- */

struct db_field {
	const char *name;
	const char *kind; /* "a number", "binary": not for text; NULL = text */
};
/* Gets a result: its fields once, also when there are no rows, then each row. */
struct db_reader {
	gboolean (*fields)(
		gpointer data, const struct db_field *fields, guint count, GError **error);
	/* `values` has as many elements as there are fields, and lives until the next row. */
	gboolean (*row)(gpointer data, const struct text *values, GError **error);
	gpointer data;
};

/* The caller of the store is told (store_settings.committing). */
void db_committing(struct store *store, gboolean committing);
/* Runs a statement that gives no rows. */
gboolean db_run(struct store *store, const char *statement, GError **error);
/* Streams the rows of a statement. */
gboolean db_rows(
	struct store *store, const char *statement, const struct db_reader *reader, GError **error);
/* For bulk.c: tells the reader about the fields of a result. */
struct st_mysql_field;
gboolean db_describe_fields(const struct st_mysql_field *from, guint count,
	const struct db_reader *reader, GError **error);
/* Sets `error` from the connection's (or, where given, a statement's) last error. FALSE. */
gboolean db_failed(struct store *store, GError **error);
gboolean db_failed_with(struct store *store, guint number, const char *text, GError **error);
/* The server's own version text: "10.11.19-MariaDB-log". */
const char *db_server(struct store *store);
gboolean db_is_mariadb(struct store *store);
/* CONFIG when the server is no MariaDB: for everything that writes. */
gboolean db_require_mariadb(struct store *store, GError **error);

/* For whoever watches: a job begins; so many more rows are done; it ends, however it went. */
void work_start(struct store *store, enum store_work work, guint64 total);
void work_more(struct store *store, guint64 rows);
void work_end(struct store *store);

/* -- bulk.c: bound statements --------------------------------------------------------------- */

/* Runs a SELECT with values bound to its question marks, in one round trip. */
gboolean db_select(struct store *store, const char *statement, const struct text *values,
	guint count, const struct db_reader *reader, GError **error);

/*
 * Runs a statement once per row; `values` has rows * columns elements, row by row. One packet
 * for all where the server takes arrays (MariaDB itself; not every proxy before it). Otherwise
 * one statement for all that has `one_more` added to its text for every row but the first, and
 * where that is NULL one round trip per row. Adds the number of matched rows to *affected.
 */
struct db_statement;
struct db_statement *db_prepare(
	struct store *store, const char *statement, const char *one_more, GError **error);
gboolean db_execute(struct db_statement *statement, const struct text *values, guint columns,
	guint rows, guint64 *affected, GError **error);
/* Who changes rows; NULL = nobody is named. */
const char *db_actor(struct store *store);
/* Tells the triggers of `init --history` who changes rows in this session. */
gboolean db_tell_actor(struct store *store, GError **error);
void db_statement_free(struct db_statement *statement);
typedef struct db_statement db_statement_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(db_statement_t, db_statement_free)

/* Server errors that are part of how the store works. */
#define NO_SUCH_TABLE 1146
#define DUPLICATE_KEY 1062
#define LOCK_WAIT     1205

/* -- statements.c: SQL text, fresh strings -------------------------------------------------- */

/* `name` in backticks, those inside doubled. */
void sql_append_name(GString *to, const char *name);
/* What a statement that reads the table begins with. */
const char *sql_patience(void);
char *sql_select_none(const struct table_names *names);
/* Reads are of store->moment, locked reads of now. */
char *sql_select_all(const struct store *store, gboolean for_update);
/* The same of some columns only: those of these parts (enum store_part) that are there. */
char *sql_select_parts(const struct store *store, guint parts, gboolean for_update);
/* `converted` compares in utf8mb4: any key may be asked for, but without the index. */
char *sql_select_keys(
	const struct store *store, guint count, gboolean converted, gboolean for_update);
/* What is there: no row, all fields. */
char *sql_select_fields(const struct table_names *names);
/* Has a field changed_by once where "*" leaves it out, else twice. */
char *sql_select_hidden(const struct table_names *names);
/*
 * The columns a change writes besides key, level and params. Values in this order: add: key,
 * level, params, note, origin, provider, changed_by, the exception's four, active; update: without
 * key and active, then which row; remove: which row. Which row: its id, or without one its key,
 * twice.
 */
struct written_columns {
	gboolean use[STORE_COLUMN_COUNT], nullable[STORE_COLUMN_COUNT];
};
char *sql_change(const struct table_names *names, enum change_kind kind,
	const struct written_columns *columns, gboolean by_id);
/* What one more row adds to the text of an INSERT. */
char *sql_one_more(const struct written_columns *columns);
/* Who removes a row: an UPDATE of changed_by before the DELETE. Values: who, which row. */
char *sql_sign(const struct table_names *names, gboolean by_id);
/* One value: who changes rows, for the triggers of `init --history`. */
const char *sql_actor(void);
/* Makes the session refuse what it would otherwise cut, and not wait for locks for ever. */
const char *sql_writing_session(void);
/* A moment as a DATETIME has it, in UTC: "2026-12-01 08:00:00". A fresh string. */
char *sql_time(gint64 us);
const char *sql_begin(void);
const char *sql_commit(void);
const char *sql_rollback(void);
/* One column of the table as released (sql/001_table.sql), under its mapped name. */
struct definition {
	char *word; /* "domain": the name in sql/ */
	int id;	    /* enum store_column_id, or -1 for a column that cannot be mapped */
	char *text; /* "`domain` varchar(255) …" */
};
/* struct definition *, freed with the array. */
GPtrArray *sql_definitions(const struct table_names *names);
char *sql_create(const struct table_names *names);
/* Clauses of the upgrade's ALTER TABLE. SELECT * and INSERT do not meet a new changed_by. */
char *sql_add_column(const struct definition *definition);
char *sql_modify_column(const struct store_table *table, const struct definition *definition);
char *sql_engine(void);
/* Appends the statements that bring rows and table to the new form; `clauses` are ALTER's. */
void sql_upgrade(GPtrArray *statements, const struct table_names *names,
	const struct store_table *table, gboolean fold, gboolean empty_params,
	const GPtrArray *clauses);
void sql_grants(GPtrArray *statements, const struct table_names *names, const char *database,
	gboolean active, gboolean exceptions);
/* `collation` is the key column's. */
char *sql_postfix_query(const struct table_names *names, const char *collation, gboolean active,
	gboolean exceptions);
/* One value: the table's name (and, for unique, the key column's). */
const char *sql_describe_table(void);
const char *sql_describe_columns(void);
const char *sql_describe_unique(void);

/* -- statements_history.c ------------------------------------------------------------------- */

/*
 * All versions of rows, each with its first and its last moment (seconds since 1970, with a
 * decimal point) behind. `count` keys to bind; with 0 all that began or ended since `since`.
 */
char *sql_history(const struct store *store, guint count, gboolean converted, gint64 since);
/* The first moment of all versions, as above. */
char *sql_history_begin(const struct table_names *names);
char *sql_history_count(const struct table_names *names, gint64 before);
char *sql_history_prune(const struct table_names *names, gint64 before);
/* The next ALTER TABLE of this session leaves versions alone. */
const char *sql_keep_history(void);
char *sql_comment(const struct table_names *names, const char *comment);
char *sql_history_grant(const struct table_names *names, const char *database);
/* "2026-11-23 13:05:00.000000": a moment in UTC. */
char *sql_moment(gint64 moment);
/* Clause of ALTER TABLE; options of CREATE TABLE. */
const char *sql_add_versioning(void);
const char *sql_with_versioning(void);
/* Triggers that fill changed_by whoever writes; `max`: characters it holds. */
void sql_triggers(GPtrArray *statements, const struct table_names *names, guint64 max);
/* One value: the table's name. A row for each of them that is there. */
const char *sql_describe_triggers(void);
/* One value: the table's name. A row for each column that versions were given by hand. */
const char *sql_describe_period(void);

/* -- init_history.c ------------------------------------------------------------------------- */

/* What turning on history needs: clauses of ALTER TABLE, triggers into init->optional. */
gboolean init_history_plan(struct store *store, const struct store_table *table,
	GPtrArray *clauses, struct store_init *init, GError **error);
/* For a new table. */
void init_history_create(const struct table_names *names, struct store_init *init);
void init_note(struct store_init *init, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* -- apply.c, prove.c ----------------------------------------------------------------------- */

/* Note, origin or provider; `extra` may be NULL. */
const char *extra_value(const struct policy_extra *extra, enum store_column_id id);
/*
 * Locks the rows of a plan and those in its way. TRY_AGAIN, naming the key, when the table is not
 * what the plan was made from.
 */
gboolean prove(struct store *store, const struct plan *plan, GError **error);

/* -- schema.c ------------------------------------------------------------------------------- */

void store_table_free(struct store_table *table);
/* Whether the table has all columns that an exception needs. */
gboolean has_exceptions(const struct store_table *table);
/* Whether a policy without attributes is stored as '' in this table, and not as NULL. */
gboolean params_want_empty(const struct store_table *table);

/* -- rows.c --------------------------------------------------------------------------------- */

/* Whether the table is of no use without this column; the error that says so. */
gboolean column_needed(const struct table_names *names, enum store_column_id id);
void column_missing(const struct store *store, enum store_column_id id, GError **error);

struct row_reader {
	struct store *store;
	struct policy_set *set;
	const GHashTable *only; /* keys (struct text *) that are wanted; NULL = all */
	store_take *take;	/* gets the set's rows every now and then; NULL = they stay */
	gpointer data;
	guint unreported; /* rows since work_more() was told */
	gboolean some; /* of the columns are asked for: the others may be there all the same */
	gboolean more; /* than id, key, policy, params and active is there */
	int at[STORE_COLUMN_COUNT]; /* index of the field; -1 = not there */
};
/* Fills `reader` so that it appends to `set`. */
void row_reader_init(struct row_reader *rows, struct db_reader *reader, struct store *store,
	struct policy_set *set);
/* Before any SELECT *: learns whether it leaves out changed_by. TRY_AGAIN behind a lock. */
gboolean rows_look_for_hidden(struct store *store, GError **error);
/* Why a statement failed: keys that cannot be compared with the column as they are. */
gboolean rows_mixed_collations(const struct store *store);
/* Reads the rows with these keys, exact bytes; in batches. */
gboolean rows_find(struct store *store, const struct text *keys, guint count, gboolean for_update,
	struct policy_set *set, GError **error);
/* Reads the rows that the table's collation holds equal to a key. */
gboolean rows_alike(struct store *store, struct text key, struct policy_set *set, GError **error);
/* Reads all rows, handing them out as store_scan() does. */
gboolean rows_scan(struct store *store, guint parts, gboolean for_update, store_take *take,
	gpointer data, GError **error);

#endif
