/*
 * usage: odku SOCKET USER DATABASE LAPS <ROWS.tsv
 * The rival of an import: rows that are parsed already go into the table by array-bound INSERT …
 * ON DUPLICATE KEY UPDATE, 1000 at a time, in one transaction. Appends the milliseconds of that
 * alone to LAPS: neither reading the rows nor connecting counts.
 */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 1000

static const char insert[] = "INSERT INTO tlspolicies (domain, policy, params) VALUES (?, ?, ?)"
			     " ON DUPLICATE KEY UPDATE policy = VALUES(policy),"
			     " params = VALUES(params)";

struct rows {
	char **texts[3]; /* domain, policy, params; NULL params */
	unsigned long *lengths[3];
	char *marks[3];
	size_t count, room;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void grow(struct rows *rows)
{
	rows->room = rows->room ? rows->room * 2 : 1 << 16;
	for (int i = 0; i < 3; i++) {
		rows->texts[i] = realloc(rows->texts[i], rows->room * sizeof(char *));
		rows->lengths[i] = realloc(rows->lengths[i], rows->room * sizeof(long));
		rows->marks[i] = realloc(rows->marks[i], rows->room);
	}
}

static void read_rows(struct rows *rows)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		char *rest = strdup(line);

		if (rows->count == rows->room)
			grow(rows);
		rest[strcspn(rest, "\n")] = '\0';
		for (int i = 0; i < 3; i++) {
			char *field = strsep(&rest, "\t");

			rows->texts[i][rows->count] = field;
			rows->lengths[i][rows->count] = strlen(field);
			rows->marks[i][rows->count] =
				*field ? STMT_INDICATOR_NONE : STMT_INDICATOR_NULL;
		}
		rows->count++;
	}
	free(line);
}

static int write_rows(MYSQL *mysql, const struct rows *rows)
{
	MYSQL_STMT *statement = mysql_stmt_init(mysql);
	MYSQL_BIND binds[3] = {{0}};
	int failed = mysql_query(mysql, "START TRANSACTION") ||
		     mysql_stmt_prepare(statement, insert, sizeof(insert) - 1);

	for (size_t from = 0; !failed && from < rows->count; from += BATCH) {
		unsigned int count = rows->count - from < BATCH ? rows->count - from : BATCH;

		for (int i = 0; i < 3; i++) {
			binds[i].buffer_type = MYSQL_TYPE_STRING;
			binds[i].buffer = rows->texts[i] + from;
			binds[i].length = rows->lengths[i] + from;
			binds[i].u.indicator = rows->marks[i] + from;
		}
		failed = mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &count) ||
			 mysql_stmt_bind_param(statement, binds) || mysql_stmt_execute(statement);
	}
	if (failed)
		fprintf(stderr, "odku: %s %s\n", mysql_error(mysql), mysql_stmt_error(statement));
	mysql_stmt_close(statement);
	return failed || mysql_query(mysql, "COMMIT");
}

int main(int argc, char **argv)
{
	MYSQL *mysql = mysql_init(NULL);
	struct rows rows = {0};
	double start;
	FILE *laps;

	if (argc < 5 || !mysql_real_connect(mysql, NULL, argv[2], NULL, argv[3], 0, argv[1], 0)) {
		fprintf(stderr, "odku: %s\n", mysql_error(mysql));
		return 1;
	}
	read_rows(&rows);
	start = now();
	if (write_rows(mysql, &rows))
		return 1;
	laps = fopen(argv[4], "a");
	if (!laps || fprintf(laps, "%.3f\t0\n", now() - start) < 0 || fclose(laps))
		return 1;
	mysql_close(mysql);
	return 0;
}
