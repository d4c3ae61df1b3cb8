#include "store/store_private.h"

#include "core/error.h"
#include "store/login.h"

#include <errmsg.h>
#include <mysql.h>
#include <string.h>

#define CHARSET "utf8mb4"

gboolean db_failed_with(struct store *store, guint number, const char *text, GError **error)
{
	const struct store_error *entry = store_error_find(number, text, store->connected);

	store->last_error = number;
	store_error_set(error, entry, number, store->target, text);
	return FALSE;
}

gboolean db_failed(struct store *store, GError **error)
{
	return db_failed_with(store, mysql_errno(store->mysql), mysql_error(store->mysql), error);
}

static void set_tls(MYSQL *mysql, const struct login *login)
{
	my_bool on = 1, verify = login->verify ? 1 : 0;

	if (!login->tls)
		return;
	mysql_optionsv(mysql, MYSQL_OPT_SSL_ENFORCE, &on);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_CA, login->ssl_ca);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_CAPATH, login->ssl_capath);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_CERT, login->ssl_cert);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_KEY, login->ssl_key);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_CIPHER, login->ssl_cipher);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_CRL, login->ssl_crl);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_CRLPATH, login->ssl_crlpath);
	if (login->tls_version)
		mysql_optionsv(mysql, MARIADB_OPT_TLS_VERSION, login->tls_version);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

static void set_options(MYSQL *mysql, const struct login *login)
{
	unsigned int protocol = login->via_socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	unsigned int no_local_files = 0;

	mysql_optionsv(mysql, MYSQL_SET_CHARSET_NAME, CHARSET);
	mysql_optionsv(mysql, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_optionsv(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &login->connect_timeout);
	/* A hostile server must not be able to ask for our files. */
	mysql_optionsv(mysql, MYSQL_OPT_LOCAL_INFILE, &no_local_files);
	mysql_optionsv(mysql, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "tlspol");
	if (login->compress)
		mysql_optionsv(mysql, MYSQL_OPT_COMPRESS, NULL);
	if (login->plugin_dir)
		mysql_optionsv(mysql, MYSQL_PLUGIN_DIR, login->plugin_dir);
	if (login->default_auth)
		mysql_optionsv(mysql, MYSQL_DEFAULT_AUTH, login->default_auth);
	if (login->bind_address)
		mysql_optionsv(mysql, MYSQL_OPT_BIND, login->bind_address);
	set_tls(mysql, login);
}

struct store *store_open(const struct store_settings *settings, GError **error)
{
	g_autoptr(store_t) store = g_new0(struct store, 1);
	g_auto(login_t) login;

	table_names_init(&store->names, settings);
	store->ask_actor = settings->actor;
	store->committing = settings->committing;
	if (!login_read(settings, &login, error))
		return NULL;
	store->target = login_target(&login);
	store->mysql = mysql_init(NULL);
	if (!store->mysql) {
		g_set_error(error, TLSPOL_ERROR, STATUS_OS, "the MariaDB library has no memory");
		return NULL;
	}
	set_options(store->mysql, &login);
	/* Matched rows are counted, not changed ones: an UPDATE that finds its row counts 1. */
	if (!mysql_real_connect(store->mysql, login.via_socket ? NULL : login.host, login.user,
		    login.password, login.database, login.port,
		    login.via_socket ? login.socket : NULL, CLIENT_FOUND_ROWS)) {
		db_failed(store, error);
		return NULL;
	}
	/* "Enforced" is not: without a CA the library goes on in the clear. */
	if (login.tls && !mysql_get_ssl_cipher(store->mysql)) {
		db_failed_with(store, CR_SSL_CONNECTION_ERROR, "the server offers no TLS", error);
		return NULL;
	}
	store->connected = TRUE;
	return g_steal_pointer(&store);
}

void store_close(struct store *store)
{
	if (!store)
		return;
	mysql_close(store->mysql);
	table_names_release(&store->names);
	store_table_free(store->described);
	g_free(store->actor);
	g_free(store->moment);
	g_free(store->target);
	g_free(store);
}

void store_set_watch(struct store *store, store_watch *watch, gpointer data)
{
	store->watch = watch;
	store->watch_data = data;
}

void work_start(struct store *store, enum store_work work, guint64 total)
{
	store->work = work;
	store->total = total;
	store->done = 0;
}

void work_more(struct store *store, guint64 rows)
{
	store->done += rows;
	if (store->watch && store->work != STORE_IDLE)
		store->watch(store->watch_data, store->work, store->done, store->total);
}

void work_end(struct store *store)
{
	store->work = STORE_IDLE;
	if (store->watch)
		store->watch(store->watch_data, STORE_IDLE, store->done, store->total);
}

const char *db_server(struct store *store)
{
	return mysql_get_server_info(store->mysql);
}

gboolean db_is_mariadb(struct store *store)
{
	return strstr(db_server(store), "MariaDB") != NULL;
}

gboolean db_require_mariadb(struct store *store, GError **error)
{
	if (db_is_mariadb(store))
		return TRUE;
	g_set_error(error, TLSPOL_ERROR, STATUS_CONFIG,
		"%s: this is MySQL %s, not MariaDB: tlspol reads from it but does not write",
		store->target, db_server(store));
	return FALSE;
}

void db_committing(struct store *store, gboolean committing)
{
	if (store->committing)
		store->committing(committing);
}

gboolean db_run(struct store *store, const char *statement, GError **error)
{
	if (mysql_real_query(store->mysql, statement, strlen(statement)))
		return db_failed(store, error);
	/* A statement with rows here would be a slip of ours; leave the connection usable. */
	MYSQL_RES *result = mysql_store_result(store->mysql);
	mysql_free_result(result);
	return TRUE;
}

/* BLOB and TEXT differ only in the character set, of which 63 is "binary". */
static const char *field_kind(const MYSQL_FIELD *field)
{
	if (IS_NUM(field->type))
		return "a number";
	return field->type == MYSQL_TYPE_BLOB && field->charsetnr == 63 ? "binary" : NULL;
}

/* Tells the reader about the fields of a result. */
gboolean db_describe_fields(const struct st_mysql_field *from, guint count,
	const struct db_reader *reader, GError **error)
{
	g_autofree struct db_field *fields = g_new0(struct db_field, count + 1);

	for (guint i = 0; i < count; i++) {
		fields[i].name = from[i].name;
		fields[i].kind = field_kind(&from[i]);
	}
	return !reader->fields || reader->fields(reader->data, fields, count, error);
}

static gboolean stream_rows(
	struct store *store, MYSQL_RES *result, const struct db_reader *reader, GError **error)
{
	guint count = mysql_num_fields(result);
	g_autofree struct text *values = g_new0(struct text, count + 1);
	MYSQL_ROW row;

	if (!db_describe_fields(mysql_fetch_fields(result), count, reader, error))
		return FALSE;
	while ((row = mysql_fetch_row(result))) {
		const unsigned long *lengths = mysql_fetch_lengths(result);

		for (guint i = 0; i < count; i++)
			values[i] = (struct text){row[i], row[i] ? lengths[i] : 0};
		if (!reader->row(reader->data, values, error))
			return FALSE;
	}
	/* The end and a lost connection look alike but for the error number. */
	return !mysql_errno(store->mysql) || db_failed(store, error);
}

gboolean db_rows(
	struct store *store, const char *statement, const struct db_reader *reader, GError **error)
{
	MYSQL_RES *result;
	gboolean fine;

	if (mysql_real_query(store->mysql, statement, strlen(statement)))
		return db_failed(store, error);
	result = mysql_use_result(store->mysql);
	if (!result)
		return db_failed(store, error);
	fine = stream_rows(store, result, reader, error);
	mysql_free_result(result);
	return fine;
}
