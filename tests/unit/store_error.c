/*
 * What error numbers mean: situations and numbers from facts/lab (section 2, "What a client
 * sees"), statuses from store.h's contract and the specification's list. Most are provoked for
 * real in tests/store/; here are also those that take more than one machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/error.h"
#include "store/error.h"

static const struct {
	guint number;
	gboolean connected;
	const char *text;
	int status;
	unsigned traits;
} cases[] = {
	/* down, unknown, lost */
	{2002, FALSE, "Can't connect to server on '127.0.0.1' (115)", 69, 0},
	{2002, FALSE, "Can't connect to local server through socket '/x' (2)", 69, 0},
	{2003, FALSE, "Can't connect to MySQL server on 'db.example' (111)", 69, 0},
	{2005, FALSE, "Unknown server host 'db.example' (-2)", 69, 0},
	{2006, TRUE, "Server has gone away", 69, ERROR_LOST},
	{2013, TRUE, "Lost connection to server during query", 69, ERROR_LOST},
	{2013, FALSE, "Lost connection to server at 'handshake: reading initial packet'", 69,
		ERROR_LOST},
	{2026, TRUE, "TLS/SSL error: unexpected eof while reading", 69, ERROR_LOST},
	{5013, TRUE, "Read error: Connection reset by peer (104)", 69, ERROR_LOST},
	{5014, TRUE, "Write error: Broken pipe (32)", 69, ERROR_LOST},
	{1053, TRUE, "Server shutdown in progress", 69, ERROR_LOST},
	{1927, TRUE, "Connection was killed", 69, ERROR_LOST},
	/* TLS that is not trusted, before the login is over */
	{2026, FALSE, "TLS/SSL error: self-signed certificate in certificate chain", 78, 0},
	{2026, FALSE, "TLS/SSL error: Validation of SSL server certificate failed", 78, 0},
	{2026, FALSE, "TLS/SSL error: unexpected eof while reading", 69, ERROR_LOST},
	/* busy */
	{1040, FALSE, "Too many connections", 75, 0},
	{1203, FALSE, "User x already has more than 'max_user_connections'", 75, 0},
	{1047, TRUE, "WSREP has not yet prepared node for application use", 75, 0},
	{1205, TRUE, "Lock wait timeout exceeded; try restarting transaction", 75, 0},
	{1213, TRUE, "Deadlock found when trying to get lock", 75, ERROR_RETRY},
	{1412, TRUE, "Table definition has changed, please retry transaction", 75, ERROR_RETRY},
	{2057, TRUE, "The number of parameters in bound buffers differs", 75, ERROR_RETRY},
	{1290, TRUE, "running with the --read-only option", 75, 0},
	/* not allowed */
	{1044, FALSE, "Access denied for user to database", 77, 0},
	{1045, FALSE, "Access denied for user (using password: YES)", 77, 0},
	{1698, FALSE, "Access denied for user", 77, 0},
	{1142, TRUE, "INSERT command denied to user", 77, 0},
	{1143, TRUE, "SELECT command denied to user for column", 77, 0},
	/* wrong place */
	{1046, TRUE, "No database selected", 78, 0},
	{1049, FALSE, "Unknown database 'x'", 78, 0},
	{1146, TRUE, "Table 'mail.x' doesn't exist", 78, 0},
	{1054, TRUE, "Unknown column 'x' in 'field list'", 78, 0},
	/* values */
	{1062, TRUE, "Duplicate entry 'x' for key 'domain'", 65, ERROR_ROW},
	{1264, TRUE, "Out of range value", 65, ERROR_ROW},
	{1265, TRUE, "Data truncated for column 'policy'", 65, ERROR_ROW},
	{1366, TRUE, "Incorrect string value", 65, ERROR_ROW},
	{1406, TRUE, "Data too long for column 'params'", 65, ERROR_ROW},
	/* our own slip, and what nobody foresaw */
	{1064, TRUE, "You have an error in your SQL syntax", 70, 0},
	{1030, TRUE, "Got error 28 from storage engine", 74, 0},
	{0, TRUE, "", 74, 0},
};

static void numbers_have_their_status(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct store_error *entry =
			store_error_find(cases[i].number, cases[i].text, cases[i].connected);

		if (entry->status != cases[i].status || entry->traits != cases[i].traits)
			fail_msg("%u %s: status %d traits %u, want %d %u", cases[i].number,
				cases[i].text, entry->status, entry->traits, cases[i].status,
				cases[i].traits);
	}
}

static void message_is_one_line(void **state)
{
	g_autoptr(GError) error = NULL;
	const struct store_error *entry = store_error_find(1146, "", TRUE);

	(void)state;
	store_error_set(&error, entry, 1146, "socket /x", "Table 'mail.\nx' doesn't exist\n");
	assert_true(g_error_matches(error, TLSPOL_ERROR, STATUS_CONFIG));
	assert_null(strchr(error->message, '\n'));
	assert_true(g_str_has_prefix(error->message, "socket /x: no such table: Table 'mail. x'"));
	assert_non_null(strstr(error->message, "1146"));
	assert_non_null(strstr(error->message, "tlspol init"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_their_status),
		cmocka_unit_test(message_is_one_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store_error", tests, NULL, NULL);
}
