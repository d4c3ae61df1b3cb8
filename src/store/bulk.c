#include "store/store_private.h"

#include <mysql.h>
#include <string.h>

/* ER_BINLOG_NON_SUPPORTED_BULK */
#define NO_ARRAYS_LOGGED 4033

static gboolean statement_failed(struct store *store, MYSQL_STMT *statement, GError **error)
{
	return db_failed_with(
		store, mysql_stmt_errno(statement), mysql_stmt_error(statement), error);
}

/* -- one SELECT ----------------------------------------------------------------------------- */

static MYSQL_BIND *bind_values(const struct text *values, guint count)
{
	MYSQL_BIND *binds = g_new0(MYSQL_BIND, count + 1);

	for (guint i = 0; i < count; i++) {
		binds[i].buffer_type = values[i].at ? MYSQL_TYPE_STRING : MYSQL_TYPE_NULL;
		binds[i].buffer = (void *)values[i].at;
		binds[i].buffer_length = values[i].len;
	}
	return binds;
}

/* Where a fetched row goes: one buffer per column, as long as the longest value. */
struct target_columns {
	guint count;
	MYSQL_BIND *binds;
	unsigned long *lengths;
	my_bool *nulls;
	struct text *values;
	char *buffer;
};

static void target_release(struct target_columns *target)
{
	g_free(target->binds);
	g_free(target->lengths);
	g_free(target->nulls);
	g_free(target->values);
	g_free(target->buffer);
}
typedef struct target_columns target_columns_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(target_columns_t, target_release)

/* Called after mysql_stmt_store_result(), when max_length is known. */
static void target_init(struct target_columns *target, const MYSQL_RES *metadata)
{
	guint count = mysql_num_fields((MYSQL_RES *)metadata);
	const MYSQL_FIELD *fields = mysql_fetch_fields((MYSQL_RES *)metadata);
	gsize size = 0;

	target->count = count;
	target->binds = g_new0(MYSQL_BIND, count + 1);
	target->lengths = g_new0(unsigned long, count + 1);
	target->nulls = g_new0(my_bool, count + 1);
	target->values = g_new0(struct text, count + 1);
	/* Numbers arrive as text of at most 32 digits, whatever max_length says of them. */
	for (guint i = 0; i < count; i++)
		size += MAX(fields[i].max_length, 32) + 1;
	target->buffer = g_malloc(size + 1);
	for (guint i = 0, at = 0; i < count; i++) {
		target->binds[i].buffer_type = MYSQL_TYPE_STRING;
		target->binds[i].buffer = target->buffer + at;
		target->binds[i].buffer_length = MAX(fields[i].max_length, 32) + 1;
		target->binds[i].length = &target->lengths[i];
		target->binds[i].is_null = &target->nulls[i];
		at += MAX(fields[i].max_length, 32) + 1;
	}
}

static gboolean fetch_rows(struct store *store, MYSQL_STMT *statement, MYSQL_RES *metadata,
	const struct db_reader *reader, GError **error)
{
	g_auto(target_columns_t) target = {0};
	int code;

	target_init(&target, metadata);
	if (!db_describe_fields(mysql_fetch_fields(metadata), target.count, reader, error))
		return FALSE;
	if (mysql_stmt_bind_result(statement, target.binds))
		return statement_failed(store, statement, error);
	while ((code = mysql_stmt_fetch(statement)) == 0) {
		for (guint i = 0; i < target.count; i++)
			target.values[i] = target.nulls[i] ? TEXT_NONE
							   : (struct text){target.binds[i].buffer,
								     target.lengths[i]};
		if (!reader->row(reader->data, target.values, error))
			return FALSE;
	}
	return code == MYSQL_NO_DATA || statement_failed(store, statement, error);
}

gboolean db_select(struct store *store, const char *text, const struct text *values, guint count,
	const struct db_reader *reader, GError **error)
{
	g_autofree MYSQL_BIND *binds = bind_values(values, count);
	MYSQL_STMT *statement = mysql_stmt_init(store->mysql);
	my_bool measure = 1;
	gboolean fine = FALSE;

	mysql_stmt_attr_set(statement, STMT_ATTR_UPDATE_MAX_LENGTH, &measure);
	mysql_stmt_attr_set(statement, STMT_ATTR_PREBIND_PARAMS, &count);
	/* Prepare and execute travel in one packet where the server allows it. */
	if (mysql_stmt_bind_param(statement, binds) ||
		mariadb_stmt_execute_direct(statement, text, strlen(text)) ||
		mysql_stmt_store_result(statement)) {
		statement_failed(store, statement, error);
	} else {
		MYSQL_RES *metadata = mysql_stmt_result_metadata(statement);
		fine = fetch_rows(store, statement, metadata, reader, error);
		mysql_free_result(metadata);
	}
	mysql_stmt_close(statement);
	return fine;
}

/* -- one statement, many rows --------------------------------------------------------------- */

struct db_statement {
	struct store *store;
	MYSQL_STMT *statement;
	gboolean many;	       /* the server takes arrays */
	char *text, *one_more; /* where it does not */
};

/* A statement of the protocol has no more parameters. */
#define PARAMETERS_MAX 65535

static gboolean takes_arrays(MYSQL *mysql)
{
	unsigned long extended = 0;

	if (mariadb_get_infov(mysql, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &extended))
		return FALSE;
	return (extended & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0;
}

struct db_statement *db_prepare(
	struct store *store, const char *text, const char *one_more, GError **error)
{
	struct db_statement *prepared = g_new0(struct db_statement, 1);

	prepared->store = store;
	prepared->many = takes_arrays(store->mysql);
	prepared->text = g_strdup(text);
	prepared->one_more = g_strdup(one_more);
	prepared->statement = mysql_stmt_init(store->mysql);
	if (mysql_stmt_prepare(prepared->statement, text, strlen(text))) {
		statement_failed(store, prepared->statement, error);
		g_clear_pointer(&prepared, db_statement_free);
	}
	return prepared;
}

const char *db_actor(struct store *store)
{
	if (!store->actor && store->ask_actor)
		store->actor = g_strdup(store->ask_actor());
	return store->actor;
}

gboolean db_tell_actor(struct store *store, GError **error)
{
	const struct text actor = text_of(db_actor(store));
	g_autoptr(db_statement_t) statement = NULL;
	guint64 affected = 0;

	if (!actor.at)
		return TRUE;
	statement = db_prepare(store, sql_actor(), NULL, error);
	return statement && db_execute(statement, &actor, 1, 1, &affected, error);
}

void db_statement_free(struct db_statement *prepared)
{
	mysql_stmt_close(prepared->statement);
	g_free(prepared->text);
	g_free(prepared->one_more);
	g_free(prepared);
}

/* Columns of an array-bound execution: values, lengths and NULL marks lie side by side. */
struct arrays {
	char **values;
	unsigned long *lengths;
	char *marks;
};

static void arrays_fill(struct arrays *arrays, const struct text *values, guint columns, guint rows,
	MYSQL_BIND *binds)
{
	for (guint column = 0; column < columns; column++) {
		gsize first = (gsize)column * rows;

		for (guint row = 0; row < rows; row++) {
			const struct text *value = &values[(gsize)row * columns + column];
			arrays->values[first + row] = (char *)value->at;
			arrays->lengths[first + row] = value->len;
			arrays->marks[first + row] =
				value->at ? STMT_INDICATOR_NONE : STMT_INDICATOR_NULL;
		}
		binds[column].buffer_type = MYSQL_TYPE_STRING;
		binds[column].buffer = arrays->values + first;
		binds[column].length = arrays->lengths + first;
		binds[column].u.indicator = arrays->marks + first;
	}
}

static gboolean execute_array(struct db_statement *prepared, const struct text *values,
	guint columns, guint rows, guint64 *affected, GError **error)
{
	gsize cells = (gsize)columns * rows;
	g_autofree char **pointers = g_new(char *, cells);
	g_autofree unsigned long *lengths = g_new(unsigned long, cells);
	g_autofree char *marks = g_new(char, cells);
	g_autofree MYSQL_BIND *binds = g_new0(MYSQL_BIND, columns);
	struct arrays arrays = {pointers, lengths, marks};
	MYSQL_STMT *statement = prepared->statement;

	arrays_fill(&arrays, values, columns, rows, binds);
	if (mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &rows) ||
		mysql_stmt_bind_param(statement, binds) || mysql_stmt_execute(statement))
		return statement_failed(prepared->store, statement, error);
	*affected += mysql_stmt_affected_rows(statement);
	return TRUE;
}

static gboolean execute_rows(struct db_statement *prepared, const struct text *values,
	guint columns, guint rows, guint64 *affected, GError **error)
{
	guint count = columns * rows;
	g_autofree MYSQL_BIND *binds = bind_values(values, count);
	g_autoptr(GString) text = g_string_new(prepared->text);
	MYSQL_STMT *statement = mysql_stmt_init(prepared->store->mysql);
	gboolean fine;

	for (guint row = 1; row < rows; row++)
		g_string_append(text, prepared->one_more);
	mysql_stmt_attr_set(statement, STMT_ATTR_PREBIND_PARAMS, &count);
	fine = (!mysql_stmt_bind_param(statement, binds) &&
		       !mariadb_stmt_execute_direct(statement, text->str, text->len)) ||
	       statement_failed(prepared->store, statement, error);
	if (fine)
		*affected += mysql_stmt_affected_rows(statement);
	mysql_stmt_close(statement);
	return fine;
}

static gboolean execute_one(struct db_statement *prepared, const struct text *values, guint columns,
	guint64 *affected, GError **error)
{
	g_autofree MYSQL_BIND *binds = bind_values(values, columns);
	MYSQL_STMT *statement = prepared->statement;
	guint single = 0;

	mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &single);
	if (mysql_stmt_bind_param(statement, binds) || mysql_stmt_execute(statement))
		return statement_failed(prepared->store, statement, error);
	*affected += mysql_stmt_affected_rows(statement);
	return TRUE;
}

gboolean db_execute(struct db_statement *prepared, const struct text *values, guint columns,
	guint rows, guint64 *affected, GError **error)
{
	guint at_once = prepared->one_more ? PARAMETERS_MAX / columns : 1;

	if (rows > 1 && prepared->many) {
		g_autoptr(GError) cause = NULL;

		if (execute_array(prepared, values, columns, rows, affected, &cause))
			return TRUE;
		/* With binlog_format = STATEMENT the server takes arrays, but runs none. */
		if (prepared->store->last_error != NO_ARRAYS_LOGGED) {
			g_propagate_error(error, g_steal_pointer(&cause));
			return FALSE;
		}
		prepared->many = FALSE;
	}
	for (guint row = 0; row < rows; row += at_once) {
		const struct text *from = values + (gsize)row * columns;
		guint count = MIN(rows - row, at_once);

		if (!(count > 1 ? execute_rows(prepared, from, columns, count, affected, error)
				: execute_one(prepared, from, columns, affected, error)))
			return FALSE;
	}
	return TRUE;
}
