#!/bin/bash
# init: what it makes, what an upgrade does to tables with rows, and the accounts it proposes.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/store.sh
mariadb_start || exit 1
tab=$'\t'
offline() { "$probe" no_defaults=1 "$@" init-print offline; }
columns() {
	sql "SELECT COLUMN_NAME, COLUMN_TYPE, COLLATION_NAME, IS_NULLABLE, COLUMN_DEFAULT
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'mail' AND TABLE_NAME = '$1' ORDER BY COLUMN_NAME"
}

# A new table is the released one, under whatever names
sql -D mail "$(cat sql/001_table.sql)"
released=$(show_create)
sql -D mail 'DROP TABLE tlspolicies'
like "$(p init)" '^action create' 'there is no table: it is made'
is "$(show_create)" "$released" 'as sql/001_table.sql has it'
is "$(p init)" 'action nothing' 'there is one: nothing is done'
is "$(p upgrade)" 'action nothing' 'a new one needs no upgrade'
sql -D mail "$(offline 'table=p`q' column_domain=dest column_params=parameters column_active=active column_note=- | sed 1,2d)"
is "$(columns 'p`q' | cut -f1 | xargs)" \
	'active changed_by dest exception_note exception_params exception_policy exception_until id origin parameters policy provider' \
	'mapped names, one column left out, active made'
sql -D mail "$(offline table=noid column_id=- | sed 1,2d)"
like "$(show_create noid)" 'PRIMARY KEY \(`domain`\)' 'without an id the key is the primary key'
fails 78 'needs a column for params' 'a table without params' offline column_params=-
fails 78 'no database' 'no database' "$probe" no_defaults=1 socket="$SOCKET" user=root init

# An old table with rows of all kinds
table_old
sql -D mail "SET sql_mode=''; INSERT INTO tlspolicies (domain, policy, params) VALUES
	('GitHub.com', 'secure', 'match=x'), ('trail.example ', 'may', ''), ('bücher.example', 'may', NULL),
	('a.example', 'half-dane', ''), ('b.example', 'encrypt', 'ciphers=high')"
out=$(p upgrade-print)
like "$out" '^action upgrade' 'an old table can be upgraded'
for note in 'store the key `GitHub\.com` as `github\.com`' 'store the key `trail\.example ` as `trail\.example`' \
	'add the column note' 'add the column exception_until' 'empty params of 2 rows as NULL' \
	'change the column domain from varchar\(255\) latin1_swedish_ci' 'params from varchar\(255\)'; do
	like "$out" "note .*$note" "it says: $note"
done
like "$out" 'LOCK=SHARED' 'readers go on meanwhile'
like "$(show_create)" latin1 'saying so changes nothing'
p upgrade >/dev/null
is "$(columns tlspolicies | grep -v ^policy)" "$(sql -D mail "RENAME TABLE tlspolicies TO upgraded"; p init >/dev/null; columns tlspolicies | grep -v ^policy
	sql -D mail 'DROP TABLE tlspolicies; RENAME TABLE upgraded TO tlspolicies')" 'all columns are those of a new table (the level keeps its collation)'
is "$(sql -D mail 'SELECT HEX(domain), policy, params FROM tlspolicies ORDER BY id')" \
	"$(printf '%s\t%s\t%s\n' 6769746875622E636F6D secure match=x 747261696C2E6578616D706C65 may NULL \
	62C3BC636865722E6578616D706C65 may NULL 612E6578616D706C65 '' NULL 622E6578616D706C65 encrypt ciphers=high)" 'and all rows are there'
is "$(p upgrade)" 'action nothing' 'once is enough'
is "$(apply 'add bycher.example may')" '' 'keys are exact now'
is "$(apply "add 日本.example may match=$(printf 'a%.0s' {1..4000})")" '' 'wide and in any script'

# Two rows that would become one
sql -D mail "CREATE TABLE twins (id int auto_increment primary key, domain varchar(255) COLLATE latin1_bin unique,
	policy varchar(20), params varchar(255)) CHARSET latin1;
	INSERT INTO twins (domain, policy) VALUES ('A.example', 'may'), ('b.example', 'may'), ('a.example', 'secure')"
before=$(show_create twins)
fails 65 '`A\.example` and `a\.example` would both be `a\.example`' 'two keys that fold to one' p table=twins upgrade
is "$(show_create twins)" "$before" 'stop the upgrade'

# Partly there: only what is missing
sql -D mail "CREATE TABLE part (id int auto_increment primary key, domain varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL UNIQUE,
	policy varchar(20) NOT NULL, params text CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin, note varchar(20), mine int DEFAULT 7) CHARSET latin1"
out=$(p table=part upgrade)
unlike "$out" 'MODIFY' 'what fits is left alone'
unlike "$out" 'ADD COLUMN `note`' 'what is there is not added'
like "$(columns part)" "mine${tab}int\(11\)" 'other columns stay'

# Tables of other programs keep what those expect
table_mailcow
sql -D mail "INSERT INTO tls_policy_override (dest, policy, parameters) VALUES ('A.example', 'may', '')"
p table=tls_policy_override column_domain=dest column_params=parameters column_active=active upgrade >/dev/null
is "$(columns tls_policy_override | grep ^parameters)" "parameters${tab}varchar(4096)${tab}utf8mb4_nopad_bin${tab}YES${tab}''" "'' stays the default of mailcow's parameters"
is "$(sql -D mail 'SELECT dest, parameters FROM tls_policy_override')" "a.example${tab}" 'and what is stored'
table_keyed
p table=tls_policy column_active=active upgrade >/dev/null
is "$(columns tls_policy | grep ^params)" "params${tab}varchar(4096)${tab}utf8mb4_nopad_bin${tab}NO${tab}''" 'NOT NULL stays'

# A versioned table keeps its history
table_old
sql -D mail "ALTER TABLE tlspolicies ADD SYSTEM VERSIONING; INSERT INTO tlspolicies (domain, policy) VALUES ('A.example', 'may'); UPDATE tlspolicies SET policy = 'encrypt'"
like "$(p upgrade)" 'note keep the table.s history' 'a versioned table'
is "$(sql -D mail 'SELECT domain, policy FROM tlspolicies FOR SYSTEM_TIME ALL ORDER BY row_start')" "A.example${tab}may
A.example${tab}encrypt
a.example${tab}encrypt" 'keeps its history'
like "$(show_create)" 'utf8mb4_nopad_bin.*`note`.*WITH SYSTEM VERSIONING' 'and goes on, in the new form'

# No transactions: an upgrade makes it InnoDB
sql -D mail "CREATE TABLE aria (domain VARCHAR(255) PRIMARY KEY, policy VARCHAR(20), params TEXT) ENGINE=Aria"
like "$(p table=aria upgrade)" 'note change the engine from Aria to InnoDB' 'an Aria table'
like "$(show_create aria)" 'ENGINE=InnoDB' 'becomes InnoDB'

# Not allowed
sql "CREATE USER poor@localhost; GRANT SELECT ON mail.* TO poor@localhost"
like "$(p user=poor table=fresh init)" $'\nerror 77: .*error 1142' 'no right to create'
table_old
like "$(p user=poor upgrade)" $'\nerror 77: .*error 1142' 'no right to alter'

# Grants run as printed, and are enough
table_old
p grants | sed "s/CHANGE-ME/secret/" | mariadb --no-defaults -S "$SOCKET" -u root --skip-ssl
u() { local user=$1; shift; "$probe" no_defaults=1 socket="$SOCKET" user="$user" password=secret database=mail "$@"; }
is "$(printf 'add a.example may\n' | u tlspol apply; printf 'set a.example dane\n' | u tlspol apply; u tlspol find a.example | cut -f3)" dane 'tlspol writes'
like "$(u tlspol-auditor read)" 'a\.example' 'the auditor reads'
fails 77 1142 'and does not write' u tlspol-auditor apply <<<'add b.example may'
is "$(mariadb --no-defaults -S "$SOCKET" -u postfix -psecret --skip-ssl -BN mail -e 'SELECT domain, policy, params FROM tlspolicies')" \
	"a.example${tab}dane${tab}NULL" 'Postfix reads three columns'
done_testing
