#include "store/store_private.h"

#include "core/error.h"
#include "core/exception.h"

#include <string.h>

#define RETRIES 5
/* One packet a batch: never near the server's max_allowed_packet, whatever the rows. */
#define BATCH_ROWS  1000
#define BATCH_BYTES (256 * 1024)

typedef GStringChunk string_chunk_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(string_chunk_t, g_string_chunk_free)

struct run {
	struct store *store;
	const struct plan *plan;
	struct written_columns columns;
	gboolean empty_params; /* no params are '' in this table, not NULL */
	gboolean signs;	       /* the table remembers: who removes a row says so first */
	gboolean unknown;      /* whether the last COMMIT was done */
	struct text blamed;    /* key of the row that a DATA error is about; absent = not known */
};

const char *extra_value(const struct policy_extra *extra, enum store_column_id id)
{
	if (!extra)
		return NULL;
	return id == STORE_NOTE	    ? extra->note
	       : id == STORE_ORIGIN ? extra->origin
				    : extra->provider;
}

/* -- which columns -------------------------------------------------------------------------- */

static gboolean choose_column(
	struct run *run, const struct policy_row *row, enum store_column_id id, GError **error)
{
	const struct store *store = run->store;

	run->columns.use[id] = TRUE;
	if (store->present[id])
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
		"%.*s: the table `%s` has no column for the %s; `tlspol init --upgrade` adds it",
		TEXT_ARG(policy_row_key(row)), store->names.table, column_word(id));
	return FALSE;
}

/* Whether the change is about an exception: one that comes, or one that is to lie over `after`. */
static gboolean has_exception(const struct plan *plan, const struct change *change)
{
	const struct policy_extra *extra =
		change->after ? policy_set_extra(plan->wanted, change->after) : NULL;
	const struct policy_exception *stored =
		change->after && change->before ? row_exception(plan->present, change->before)
						: NULL;

	return (extra && extra->exception) || (stored && !stored->over);
}

/* A row that is switched off must not come on because the table has no switch. */
static gboolean can_switch(const struct store *store, const struct change *change, GError **error)
{
	if (change->kind != CHANGE_ADD || !(change->after->flags & ROW_INACTIVE) ||
		store->present[STORE_ACTIVE])
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
		"%.*s: it is not active, and the table `%s` has no column to say so: leave it out, "
		"or name the column as table.columns.active, tlspol.conf(5)",
		TEXT_ARG(policy_row_key(change->after)), store->names.table);
	return FALSE;
}

/* Note, origin, provider and exception are written where some row of the plan has one. */
static gboolean choose_columns(struct run *run, GError **error)
{
	const struct store *store = run->store;

	for (guint i = 0; i < run->plan->changes->len; i++) {
		const struct change *change = plan_change(run->plan, i);
		const struct policy_extra *extra =
			change->after ? policy_set_extra(run->plan->wanted, change->after) : NULL;

		if (!can_switch(store, change, error))
			return FALSE;
		for (guint id = STORE_NOTE; extra && id <= STORE_PROVIDER; id++)
			if (extra_value(extra, id) && !choose_column(run, change->after, id, error))
				return FALSE;
		for (guint id = STORE_EXCEPTION_POLICY; id <= STORE_EXCEPTION_NOTE; id++)
			if (has_exception(run->plan, change) &&
				!choose_column(run, change->after, id, error))
				return FALSE;
	}
	run->columns.use[STORE_CHANGED_BY] = store->present[STORE_CHANGED_BY] && store->actor;
	run->columns.use[STORE_ACTIVE] = store->present[STORE_ACTIVE];
	return TRUE;
}

/* -- writing -------------------------------------------------------------------------------- */

/* Rows on their way to one statement. */
struct batch {
	struct run *run;
	struct db_statement *statement;
	guint columns;
	GArray *values; /* of struct text */
	GArray *keys;	/* of struct text, one a row */
	GStringChunk *ids;
	gsize bytes;
};

static void add_value(struct batch *batch, struct text value)
{
	g_array_append_val(batch->values, value);
	batch->bytes += value.len + 4;
}

static gboolean blamed(struct batch *batch, guint row, GError *cause, GError **error)
{
	struct text key = g_array_index(batch->keys, struct text, row);

	batch->run->blamed = key;
	g_prefix_error(&cause, "%.*s: ", TEXT_ARG(key));
	g_propagate_error(error, cause);
	return FALSE;
}

/*
 * A batch failed because of one of its rows, and the server does not say which. Its rows are run
 * one by one until the same happens; the transaction is undone in any case.
 */
static gboolean blame_row(struct batch *batch, GError *cause, GError **error)
{
	struct store *store = batch->run->store;
	guint64 affected = 0;

	if (!db_run(store, sql_rollback(), NULL) || !db_run(store, sql_begin(), NULL)) {
		g_propagate_error(error, cause);
		return FALSE;
	}
	for (guint row = 0; row < batch->keys->len; row++) {
		const struct text *values =
			&g_array_index(batch->values, struct text, (gsize)row * batch->columns);
		GError *again = NULL;

		if (db_execute(batch->statement, values, batch->columns, 1, &affected, &again))
			continue;
		g_clear_error(&cause);
		return blamed(batch, row, again, error);
	}
	g_propagate_error(error, cause);
	return FALSE;
}

static gboolean flush(struct batch *batch, GError **error)
{
	guint rows = batch->keys->len;
	guint64 affected = 0;
	GError *cause = NULL;

	if (!rows)
		return TRUE;
	if (!db_execute(batch->statement, (const struct text *)batch->values->data, batch->columns,
		    rows, &affected, &cause)) {
		if (!(store_error_find(batch->run->store->last_error, "", TRUE)->traits &
			    ERROR_ROW)) {
			g_propagate_error(error, cause);
			return FALSE;
		}
		return rows == 1 ? blamed(batch, 0, cause, error) : blame_row(batch, cause, error);
	}
	work_more(batch->run->store, rows);
	if (affected != rows) {
		g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
			"%.*s: the table `%s` changed %" G_GUINT64_FORMAT
			" rows instead of %u: it needs a unique key column",
			TEXT_ARG(g_array_index(batch->keys, struct text, 0)),
			batch->run->store->names.table, affected, rows);
		return FALSE;
	}
	g_array_set_size(batch->values, 0);
	g_array_set_size(batch->keys, 0);
	g_string_chunk_clear(batch->ids);
	batch->bytes = 0;
	return TRUE;
}

static void add_policy(struct batch *batch, const struct policy *policy)
{
	gboolean known = policy->level != LEVEL_UNKNOWN;
	struct text params = policy->params;

	add_value(batch, known ? text_of(level_name(policy->level)) : policy->level_text);
	if (!params.len)
		params = batch->run->empty_params ? TEXT_LITERAL("") : TEXT_NONE;
	add_value(batch, params);
}

/* Where the plan says nothing of it, the stored exception stays. */
static gboolean find_exception(const struct plan *plan, const struct policy_row *row,
	const struct policy_row *before, struct policy_exception *exception)
{
	const struct policy_extra *extra = policy_set_extra(plan->wanted, row);
	struct policy policy = policy_set_policy(plan->wanted, row);

	if (!extra || !extra->exception)
		return before && exception_kept(plan->present, before, &policy, exception);
	*exception = *extra->exception;
	return TRUE;
}

static void add_exception(
	struct batch *batch, const struct policy_row *row, const struct policy_row *before)
{
	struct policy_exception exception;
	struct text level = TEXT_NONE, until = TEXT_NONE;

	if (!find_exception(batch->run->plan, row, before, &exception))
		exception = (struct policy_exception){0};
	if (exception.over)
		level = text_of(exception.level == LEVEL_UNKNOWN ? exception.level_text
								 : level_name(exception.level));
	if (exception.until_us) {
		g_autofree char *time = sql_time(exception.until_us);
		until = text_of(g_string_chunk_insert(batch->ids, time));
	}
	add_value(batch, level);
	add_value(batch, exception.params.len ? exception.params : TEXT_NONE);
	add_value(batch, until);
	add_value(batch, text_of(exception.note));
}

static void add_extras(
	struct batch *batch, const struct policy_row *row, const struct policy_row *before)
{
	const struct run *run = batch->run;
	const struct policy_extra *extra = policy_set_extra(run->plan->wanted, row);

	for (guint id = STORE_NOTE; id <= STORE_PROVIDER; id++) {
		struct text value = text_of(extra_value(extra, id));

		if (!run->columns.use[id])
			continue;
		/* An UPDATE's statement does this itself: there NULL is "leave it". */
		if (!before && !value.len)
			value = run->columns.nullable[id] ? TEXT_NONE : TEXT_LITERAL("");
		add_value(batch, value);
	}
	if (run->columns.use[STORE_CHANGED_BY])
		add_value(batch, text_of(run->store->actor));
	if (run->columns.use[STORE_EXCEPTION_POLICY])
		add_exception(batch, row, before);
}

/* The values behind WHERE: the id, or the key twice (for the index, and exactly). */
static void add_which(struct batch *batch, const struct policy_row *row, gboolean by_id)
{
	struct text key = policy_row_key(row);

	if (by_id) {
		char id[16];
		g_snprintf(id, sizeof(id), "%u", row->where);
		add_value(batch, text_of(g_string_chunk_insert(batch->ids, id)));
	} else {
		add_value(batch, key);
		add_value(batch, key);
	}
}

static void add_change(struct batch *batch, const struct change *change, gboolean by_id)
{
	const struct policy_set *wanted = batch->run->plan->wanted;
	const struct policy_row *row =
		change->kind == CHANGE_REMOVE ? change->before : change->after;
	struct text key = policy_row_key(row);

	/* The texts are read when the batch is full: that is time enough to fetch them. */
	__builtin_prefetch(key.at);
	g_array_append_val(batch->keys, key);
	if (change->kind == CHANGE_ADD)
		add_value(batch, key);
	if (change->kind != CHANGE_REMOVE) {
		struct policy policy = policy_set_policy(wanted, row);
		add_policy(batch, &policy);
		add_extras(batch, row, change->before);
	}
	if (change->kind == CHANGE_ADD && batch->run->columns.use[STORE_ACTIVE])
		add_value(batch, row->flags & ROW_INACTIVE ? TEXT_LITERAL("0") : TEXT_LITERAL("1"));
	if (change->kind != CHANGE_ADD)
		add_which(batch, change->before, by_id);
	if (!batch->columns)
		batch->columns = batch->values->len;
}

static void add_signature(struct batch *batch, const struct change *change, gboolean by_id)
{
	struct text key = policy_row_key(change->before);

	g_array_append_val(batch->keys, key);
	add_value(batch, text_of(batch->run->store->actor));
	add_which(batch, change->before, by_id);
	batch->columns = by_id ? 2 : 3;
}

typedef void adder(struct batch *batch, const struct change *change, gboolean by_id);

/* One statement for all changes of one kind whose row has an id, or all that have none. */
static gboolean write_all(struct run *run, enum change_kind kind, gboolean by_id, const char *text,
	adder *add, GError **error)
{
	g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(struct text));
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct text));
	g_autoptr(string_chunk_t) ids = g_string_chunk_new(1024);
	g_autoptr(db_statement_t) statement = NULL;
	g_autofree char *one_more = kind == CHANGE_ADD ? sql_one_more(&run->columns) : NULL;
	struct batch batch = {.run = run, .values = values, .keys = keys, .ids = ids};

	for (guint i = 0; i < run->plan->changes->len; i++) {
		const struct change *change = plan_change(run->plan, i);

		if (change->kind != kind ||
			(kind != CHANGE_ADD && (change->before->where != 0) != by_id))
			continue;
		if (!statement) {
			statement = db_prepare(run->store, text, one_more, error);
			if (!statement)
				return FALSE;
			batch.statement = statement;
		}
		add(&batch, change, by_id);
		if ((keys->len == BATCH_ROWS || batch.bytes >= BATCH_BYTES) &&
			!flush(&batch, error))
			return FALSE;
	}
	return flush(&batch, error);
}

static gboolean write_kind(struct run *run, enum change_kind kind, gboolean by_id, GError **error)
{
	g_autofree char *text = sql_change(&run->store->names, kind, &run->columns, by_id);

	return write_all(run, kind, by_id, text, add_change, error);
}

/* A DELETE leaves no name in the table's history, so an UPDATE leaves it before (core/history). */
static gboolean remove_rows(struct run *run, gboolean by_id, GError **error)
{
	if (run->signs) {
		g_autofree char *sign = sql_sign(&run->store->names, by_id);

		if (!write_all(run, CHANGE_REMOVE, by_id, sign, add_signature, error))
			return FALSE;
	}
	return write_kind(run, CHANGE_REMOVE, by_id, error);
}

/* Removals first: a key that is replaced by one the collation holds equal makes room for it. */
static gboolean write_changes(struct run *run, GError **error)
{
	const struct plan *plan = run->plan;

	work_start(run->store, STORE_WRITING,
		plan->changes->len + (run->signs ? (guint64)plan->removed : 0));
	return remove_rows(run, TRUE, error) && remove_rows(run, FALSE, error) &&
	       write_kind(run, CHANGE_UPDATE, TRUE, error) &&
	       write_kind(run, CHANGE_UPDATE, FALSE, error) &&
	       write_kind(run, CHANGE_ADD, FALSE, error);
}

/* -- the transaction ------------------------------------------------------------------------ */

/*
 * A lost COMMIT may have been done or not; nobody can tell from here, and neither answer harms:
 * the same plan, made again, is empty or the same.
 */
static gboolean commit(struct run *run, GError **error)
{
	db_committing(run->store, TRUE);
	if (db_run(run->store, sql_commit(), error))
		return TRUE;
	run->unknown = store_error_find(run->store->last_error, "", TRUE)->traits & ERROR_LOST;
	if (run->unknown)
		g_prefix_error(error, "the connection was lost while committing: the table is "
				      "wholly as before or wholly as planned; run it again: ");
	else
		db_committing(run->store, FALSE);
	return FALSE;
}

static gboolean attempt(struct run *run, GError **error)
{
	run->blamed = TEXT_NONE;
	memset(run->columns.use, 0, sizeof(run->columns.use));
	return db_run(run->store, sql_begin(), error) && prove(run->store, run->plan, error) &&
	       choose_columns(run, error) && write_changes(run, error) && commit(run, error);
}

/* Says which stored row is in the way of one whose key differs in bytes only. */
static void explain_duplicate(struct run *run, GError **error)
{
	g_auto(policy_set_t) found;

	policy_set_init(&found);
	if (run->blamed.at && rows_alike(run->store, run->blamed, &found, NULL) &&
		policy_set_count(&found) > 0) {
		struct text stored = policy_row_key(policy_set_row(&found, 0));

		if (!text_equal(stored, run->blamed)) {
			g_clear_error(error);
			g_set_error(error, TLSPOL_ERROR, STATUS_DATA,
				"%.*s: the table `%s` has a row `%.*s`, and its collation holds "
				"the two equal: remove that row, or `tlspol init --upgrade`",
				TEXT_ARG(run->blamed), run->store->names.table, TEXT_ARG(stored));
		}
	}
}

static gboolean may_retry(const struct store *store)
{
	return store->last_error &&
	       (store_error_find(store->last_error, "", TRUE)->traits & ERROR_RETRY);
}

/* More than one change in a table without transactions could stop half way. */
static gboolean whole_or_nothing(
	const struct run *run, const struct store_table *table, GError **error)
{
	static const char *const engines[] = {"InnoDB", "ROCKSDB", "TokuDB", NULL};
	guint count = run->plan->changes->len;

	if (count < 2 || !table->engine || g_strv_contains(engines, table->engine))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
		"%s: the table `%s` is of the engine %s, which has no transactions: %u changes "
		"could stop half way; ALTER TABLE `%s` ENGINE=InnoDB, or one change at a time",
		run->store->target, table->name, table->engine, count, table->name);
	return FALSE;
}

/* A name that is longer than its column must not keep anybody from changing a policy. */
static void fit_actor(struct store *store, const struct store_table *table)
{
	guint64 max = table->column[STORE_CHANGED_BY].max;

	if (db_actor(store) && max && g_utf8_validate(store->actor, -1, NULL) &&
		(guint64)g_utf8_strlen(store->actor, -1) > max)
		*g_utf8_offset_to_pointer(store->actor, (glong)max) = '\0';
}

static gboolean prepare(struct run *run, GError **error)
{
	const struct store_table *table;

	db_committing(run->store, FALSE);
	if (!db_require_mariadb(run->store, error))
		return FALSE;
	table = store_describe(run->store, error);
	if (!table || !whole_or_nothing(run, table, error))
		return FALSE;
	run->empty_params = params_want_empty(table);
	for (guint id = 0; id < STORE_COLUMN_COUNT; id++)
		run->columns.nullable[id] = table->column[id].nullable;
	fit_actor(run->store, table);
	run->signs = table->versioned && table->column[STORE_CHANGED_BY].name && run->store->actor;
	return db_run(run->store, sql_writing_session(), error) &&
	       (!run->signs || db_tell_actor(run->store, error));
}

/* Tries until it is done or cannot be done. */
static gboolean try_often(struct run *run, GError **error)
{
	struct store *store = run->store;

	for (guint tries = 0;; tries++) {
		g_autoptr(GError) cause = NULL;

		store->last_error = 0;
		if (attempt(run, &cause))
			return TRUE;
		gboolean again = may_retry(store) && tries < RETRIES;
		gboolean duplicate = store->last_error == DUPLICATE_KEY;
		/* Closing the connection would do as well; what this says is of no interest. */
		db_run(store, sql_rollback(), NULL);
		if (duplicate)
			explain_duplicate(run, &cause);
		if (!again) {
			g_propagate_error(error, g_steal_pointer(&cause));
			return FALSE;
		}
		g_usleep((gulong)g_random_int_range(5000, 40000) * (tries + 1));
	}
}

gboolean store_apply(struct store *store, const struct plan *plan, GError **error)
{
	struct run run = {.store = store, .plan = plan};
	gboolean fine;

	if (!plan->changes->len)
		return TRUE;
	fine = prepare(&run, error) && try_often(&run, error);
	work_end(store);
	if (fine)
		return TRUE;
	if (!run.unknown && error)
		error_append(*error, "; nothing was changed");
	return FALSE;
}
