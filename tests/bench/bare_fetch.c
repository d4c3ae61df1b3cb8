/*
 * The least a program can do to read the whole table: fetch every row and throw it away.
 * usage: bare_fetch SOCKET USER DATABASE QUERY
 */
#include <mysql.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	MYSQL *db = mysql_init(NULL);
	unsigned long rows = 0;
	MYSQL_RES *result;

	if (argc != 5) {
		fputs("usage: bare_fetch SOCKET USER DATABASE QUERY\n", stderr);
		return 64;
	}
	mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (!mysql_real_connect(db, NULL, argv[2], NULL, argv[3], 0, argv[1], 0) ||
		mysql_real_query(db, argv[4], strlen(argv[4])) ||
		!(result = mysql_use_result(db))) {
		fprintf(stderr, "bare_fetch: %s\n", mysql_error(db));
		return 1;
	}
	while (mysql_fetch_row(result))
		rows++;
	mysql_free_result(result);
	printf("%lu\n", rows);
	if (mysql_errno(db))
		fprintf(stderr, "bare_fetch: %s\n", mysql_error(db));
	mysql_close(db);
	return rows == 0;
}
