#include "store/error.h"

#include "core/error.h"

#include <string.h>

#define LOGIN                                                                                      \
	"check user and password (an account that requires TLS is refused in the same words: "     \
	"--ssl)"
#define GRANTS	"`tlspol init --grants` prints the grants that tlspol needs"
#define TABLE	"`tlspol init` makes the table; --database, --table and tlspol.conf(5) name another"
#define UPGRADE "`tlspol init --upgrade` makes it fit"
#define PRIMARY "write on the primary"

/* clang-format off */
static const struct store_error errors[] = {
	/* Not reached, or lost. */
	{2002, STATUS_UNAVAILABLE, 0, "no server answers", "is it running, and is this the right socket or host?"},
	{2003, STATUS_UNAVAILABLE, 0, "no server answers", "is it running, and is this the right host and port?"},
	{2004, STATUS_UNAVAILABLE, 0, NULL, NULL},
	{2005, STATUS_UNAVAILABLE, 0, "the host name is not known", NULL},
	{2006, STATUS_UNAVAILABLE, ERROR_LOST, "the connection was lost", NULL},
	{2012, STATUS_UNAVAILABLE, 0, "the server broke off the greeting", NULL},
	{2013, STATUS_UNAVAILABLE, ERROR_LOST, "the connection was lost", NULL},
	{2027, STATUS_UNAVAILABLE, ERROR_LOST, "what answers does not speak MariaDB's language", NULL},
	{2055, STATUS_UNAVAILABLE, ERROR_LOST, "the connection was lost", NULL},
	{5013, STATUS_UNAVAILABLE, ERROR_LOST, "the connection was lost", NULL},
	{5014, STATUS_UNAVAILABLE, ERROR_LOST, "the connection was lost", NULL},
	{1053, STATUS_UNAVAILABLE, ERROR_LOST, "the server is shutting down", NULL},
	{1077, STATUS_UNAVAILABLE, ERROR_LOST, "the server is shutting down", NULL},
	{1927, STATUS_UNAVAILABLE, ERROR_LOST, "the connection was killed", NULL},
	{1034, STATUS_UNAVAILABLE, 0, "the table is damaged", "CHECK TABLE and REPAIR TABLE on the server"},
	{1194, STATUS_UNAVAILABLE, 0, "the table is damaged", "CHECK TABLE and REPAIR TABLE on the server"},
	{1932, STATUS_UNAVAILABLE, 0, "the table is damaged", "its storage engine does not know it"},

	/* Busy, for the moment. */
	{1040, STATUS_TRY_AGAIN, 0, "too many connections", "try again later"},
	{1203, STATUS_TRY_AGAIN, 0, "too many connections of this user", "try again later"},
	{1226, STATUS_TRY_AGAIN, 0, "the user's limit is used up", "try again later"},
	{1047, STATUS_TRY_AGAIN, 0, "the Galera node is not ready", "try again later, or another node"},
	{1205, STATUS_TRY_AGAIN, 0, "another session holds the rows or the whole table", "try again"},
	{1213, STATUS_TRY_AGAIN, ERROR_RETRY, "another writer came between", "try again"},
	{1020, STATUS_TRY_AGAIN, ERROR_RETRY, "another writer came between", "try again"},
	{1412, STATUS_TRY_AGAIN, ERROR_RETRY, "somebody altered the table", "try again"},
	{1615, STATUS_TRY_AGAIN, ERROR_RETRY, "somebody altered the table", "try again"},
	{2057, STATUS_TRY_AGAIN, ERROR_RETRY, "somebody altered the table", "try again"},
	{1180, STATUS_TRY_AGAIN, 0, "the commit failed", "try again"},
	{1317, STATUS_TRY_AGAIN, 0, "somebody stopped the statement", "try again"},
	{1969, STATUS_TRY_AGAIN, 0, "the server's time limit for statements was passed", NULL},
	{1290, STATUS_TRY_AGAIN, 0, "this server is read-only (a replica?)", PRIMARY},
	{1792, STATUS_TRY_AGAIN, 0, "this server is read-only (a replica?)", PRIMARY},
	{1836, STATUS_TRY_AGAIN, 0, "this server is read-only", PRIMARY},
	{1036, STATUS_TRY_AGAIN, 0, "the table is read-only", PRIMARY},

	/* Not allowed. */
	{1044, STATUS_NO_PERMISSION, 0, "the user may not use this database", GRANTS},
	{1045, STATUS_NO_PERMISSION, 0, "the login was refused", LOGIN},
	{1698, STATUS_NO_PERMISSION, 0, "the login was refused", LOGIN},
	{1129, STATUS_NO_PERMISSION, 0, "the server blocks this host", NULL},
	{1130, STATUS_NO_PERMISSION, 0, "the server lets nobody in from this host", NULL},
	{1142, STATUS_NO_PERMISSION, 0, "the user may not do this", GRANTS},
	{1143, STATUS_NO_PERMISSION, 0, "the user may not do this", GRANTS},
	{1227, STATUS_NO_PERMISSION, 0, "the user may not do this", GRANTS},
	{1370, STATUS_NO_PERMISSION, 0, "the user may not do this", GRANTS},
	{1419, STATUS_NO_PERMISSION, 0, "a server with a binary log lets only administrators make triggers", NULL},
	{1820, STATUS_NO_PERMISSION, 0, "the user's password has expired", NULL},
	{1862, STATUS_NO_PERMISSION, 0, "the user's password has expired", NULL},
	{4151, STATUS_NO_PERMISSION, 0, "the account is locked", NULL},

	/* Wrong place, wrong table, wrong settings. */
	{1046, STATUS_CONFIG, 0, "no database is named", "--database NAME, or database=NAME in [tlspol] of an option file"},
	{1049, STATUS_CONFIG, 0, "no such database", "create it, or name another with --database"},
	{1146, STATUS_CONFIG, 0, "no such table", TABLE},
	{1054, STATUS_CONFIG, 0, "no such column", "map the names in the configuration: tlspol.conf(5)"},
	{1267, STATUS_CONFIG, 0, "the table's collations do not go together", UPGRADE},
	{1271, STATUS_CONFIG, 0, "the table's collations do not go together", UPGRADE},
	{1288, STATUS_CONFIG, 0, "this is a view that cannot be written", "name the table itself with --table"},
	{1348, STATUS_CONFIG, 0, "this is a view that cannot be written", "name the table itself with --table"},
	{1471, STATUS_CONFIG, 0, "this is a view that cannot be written", "name the table itself with --table"},
	{1356, STATUS_CONFIG, 0, "this is a view that does not work", NULL},
	{1364, STATUS_CONFIG, 0, "the table has a column that tlspol does not know and that has no default", "give it a default value"},
	{1153, STATUS_CONFIG, 0, "the server takes smaller packets only", "raise max_allowed_packet to 1 MB or more"},
	{1115, STATUS_CONFIG, 0, "the server does not know the character set", NULL},
	{1251, STATUS_CONFIG, 0, "the account's way of logging in does not work here", NULL},
	{1524, STATUS_CONFIG, 0, "the account's way of logging in does not work here", NULL},
	{2019, STATUS_CONFIG, 0, "the character set cannot be used", NULL},
	{2026, STATUS_CONFIG, 0, "no trusted TLS connection", "check --ssl-ca, and that the server's certificate names this host"},
	{2058, STATUS_CONFIG, 0, "the account's way of logging in does not work here", NULL},
	{2059, STATUS_CONFIG, 0, "the account's way of logging in does not work here", NULL},

	/* A value that the table cannot hold. */
	{1048, STATUS_DATA, ERROR_ROW, "the table wants a value there", NULL},
	{1062, STATUS_DATA, ERROR_ROW, "the table has this key already", NULL},
	{1264, STATUS_DATA, ERROR_ROW, "the column cannot hold the value", NULL},
	{1265, STATUS_DATA, ERROR_ROW, "the column cannot hold the value", NULL},
	{1292, STATUS_DATA, ERROR_ROW, "the column cannot hold the value", NULL},
	{1300, STATUS_DATA, ERROR_ROW, "the value is not valid UTF-8", NULL},
	{1366, STATUS_DATA, ERROR_ROW, "the column's character set cannot hold the value", UPGRADE},
	{1406, STATUS_DATA, ERROR_ROW, "the value is longer than the column", UPGRADE},
	{1451, STATUS_DATA, ERROR_ROW, "a rule of the table refuses it", NULL},
	{1452, STATUS_DATA, ERROR_ROW, "a rule of the table refuses it", NULL},
	{1644, STATUS_DATA, ERROR_ROW, "a trigger of the table refuses it", NULL},
	{4025, STATUS_DATA, ERROR_ROW, "a rule of the table refuses it", NULL},

	/* No room. */
	{1021, STATUS_IO, 0, "the server's disk is full", NULL},
	{1114, STATUS_IO, 0, "the server has no room for more rows", NULL},
	{2008, STATUS_OS, 0, "out of memory", NULL},
	{1064, STATUS_BUG, 0, "the server does not understand a statement of tlspol", NULL},
};
/* clang-format on */

const struct store_error *store_error_find(guint number, const char *text, gboolean connected)
{
	static const struct store_error other = {0, STATUS_IO, 0, "the server failed", NULL};

	/* Over TLS a killed connection is "unexpected eof", not 2006 or 2013. */
	if (number == 2026 && (connected || strstr(text, "eof")))
		number = 2013;
	for (guint i = 0; i < G_N_ELEMENTS(errors); i++)
		if (errors[i].number == number)
			return &errors[i];
	return &other;
}

void store_error_set(GError **error, const struct store_error *entry, guint number,
	const char *target, const char *text)
{
	g_autofree char *line = g_strdelimit(g_strdup(text), "\n\r\t", ' ');

	g_set_error(error, TLSPOL_ERROR, entry->status, "%s: %s%s%s (error %u)%s%s", target,
		entry->what ? entry->what : "", entry->what ? ": " : "", g_strstrip(line), number,
		entry->advice ? "; " : "", entry->advice ? entry->advice : "");
}
