/*
 * The least a program can do to print one row: connect by socket, one prepared SELECT, print.
 * `tlspol show` is measured against it.
 * usage: bare_client SOCKET USER DATABASE KEY
 */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 5

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bare_client: %s: %s\n", what, why);
	exit(1);
}

static void print_rows(MYSQL_STMT *statement)
{
	static char values[COLUMNS][8192];
	MYSQL_BIND row[COLUMNS];
	my_bool nulls[COLUMNS];
	unsigned long lengths[COLUMNS];

	for (int i = 0; i < COLUMNS; i++)
		row[i] = (MYSQL_BIND){
			.buffer_type = MYSQL_TYPE_STRING,
			.buffer = values[i],
			.buffer_length = sizeof(values[i]),
			.length = &lengths[i],
			.is_null = &nulls[i],
		};
	if (mysql_stmt_bind_result(statement, row))
		die("result", mysql_stmt_error(statement));
	while (mysql_stmt_fetch(statement) == 0)
		for (int i = 0; i < COLUMNS; i++)
			printf("%.*s%c", nulls[i] ? 4 : (int)lengths[i],
				nulls[i] ? "NULL" : values[i], i + 1 < COLUMNS ? '\t' : '\n');
}

int main(int argc, char **argv)
{
	static const char query[] =
		"SELECT domain, policy, params, note, origin FROM tlspolicies WHERE domain = ?";
	MYSQL_BIND key = {.buffer_type = MYSQL_TYPE_STRING};
	MYSQL *db = mysql_init(NULL);
	MYSQL_STMT *statement;

	if (argc != 5)
		die("usage", "bare_client SOCKET USER DATABASE KEY");
	mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (!mysql_real_connect(db, NULL, argv[2], NULL, argv[3], 0, argv[1], 0))
		die("connect", mysql_error(db));
	statement = mysql_stmt_init(db);
	if (mysql_stmt_prepare(statement, query, sizeof(query) - 1))
		die("prepare", mysql_stmt_error(statement));
	key.buffer = argv[4];
	key.buffer_length = strlen(argv[4]);
	if (mysql_stmt_bind_param(statement, &key) || mysql_stmt_execute(statement))
		die("execute", mysql_stmt_error(statement));
	print_rows(statement);
	mysql_stmt_close(statement);
	mysql_close(db);
	return 0;
}
