#!/bin/bash
# History on the server: what init --history makes of tables and accounts, what is written into it
# and what is not, and that replicas remember the same.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
tab=$'\t'
f=$TMP/policies.yaml
export USER=alice
unset SUDO_USER
versions() { sql -D mail "SELECT COUNT(*) FROM ${1:-tlspolicies} FOR SYSTEM_TIME ALL"; }
# Every version, byte for byte, in UTC
all_versions() {
	sql -D mail "SET time_zone = '+00:00'; SELECT *, changed_by, row_start, row_end FROM tlspolicies
		FOR SYSTEM_TIME ALL ORDER BY row_start, row_end, id"
}
writer() { # NAME PRIVILEGES: an account
	sql "CREATE USER '$1'@localhost; GRANT $2 ON mail.* TO '$1'@localhost"
}

# -- the primary and a replica in another part of the world
common=(--tcp --log-bin --gtid-strict-mode=1 --innodb-flush-log-at-trx-commit=0)
mariadb_start primary "${common[@]}" --server-id=1 --default-time-zone=-05:00 || exit 1
sql "CREATE USER repl@'127.0.0.1' IDENTIFIED BY 'r'; GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1'"
primary_port=$PORT
mariadb_start replica "${common[@]}" --server-id=2 --default-time-zone=+09:00 --log-slave-updates || exit 1
# What the test's own start wrote there would be in the way.
sql "RESET MASTER; SET GLOBAL gtid_slave_pos = ''; DROP DATABASE mail; RESET MASTER;
	CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = $primary_port, MASTER_USER = 'repl',
	MASTER_PASSWORD = 'r', MASTER_USE_GTID = slave_pos; START SLAVE"
synced() {
	local gtid
	mariadb_use primary
	gtid=$(sql 'SELECT @@gtid_binlog_pos')
	mariadb_use replica
	[ "$(sql "SELECT MASTER_GTID_WAIT('$gtid', 20)")" = 0 ] ||
		sql 'SHOW SLAVE STATUS\G' | grep -v '^$' >&2
}
for format in MIXED ROW STATEMENT; do
	mariadb_use primary
	sql "SET GLOBAL binlog_format = $format"
	table_old
	sql -D mail "INSERT INTO tlspolicies (domain, policy) VALUES ('a.example', 'may'), ('b.example', 'may'), ('Up.example', 'may')"
	exits 0 "$format: history is turned on" t init --history --yes
	exits 0 "$format: a change" t set a.example encrypt
	sql -D mail "UPDATE tlspolicies SET policy = 'dane' WHERE domain = 'b.example';
		INSERT INTO tlspolicies VALUES (NULL, 'c.example', 'none', NULL)"
	exits 0 "$format: a removal" t remove a.example
	exits 0 "$format: the table grows" t init --upgrade --yes
	printf 'policies:\n  x.example: may\n  y.example: may\n' >"$f"
	exits 0 "$format: two at once" t import "$f" --apply
	exits 0 "$format: and gone" t remove x.example y.example
	exits 0 "$format: an addition with a note" t add d.example may --note x
	sql -D mail "UPDATE tlspolicies SET domain = 'e.example' WHERE domain = 'd.example'; DELETE FROM tlspolicies WHERE domain = 'c.example'"
	here=$(all_versions)
	synced
	is "$(all_versions)" "$here" "$format: the replica has the same versions, at the same moments, by the same people"
	is "$(printf '%s\n' "$here" | wc -l)" 14 "$format: and these are all"
	is "$(t history --format csv | cut -d, -f1,2,3,11)" "$(mariadb_use primary; t history --format csv | cut -d, -f1,2,3,11)" \
		"$format: tlspol tells the same there"
	is "$(TZ=America/New_York t history --format csv)" "$(TZ=Asia/Tokyo t history --format csv)" \
		"$format: whatever the time zone"
	mariadb_use primary
	[ "$format" = STATEMENT ] && by='' || by=root@localhost
	is "$(t history b.example --format csv | tail -1 | cut -d, -f2,3,4,11)" "update,b.example,dane,$by" "$format: another program's change"
	now=$(sql "SELECT UTC_TIMESTAMP(6)")
	exits 0 "$format: an old version is forgotten" t history --prune-before "${now}Z"
	here=$(all_versions)
	is "$(printf '%s\n' "$here" | wc -l)" 3 "$format: only what is now is left"
	synced
	is "$(all_versions)" "$here" "$format: on the replica as well"
done
mariadb_stop replica
mariadb_use primary
sql 'SET GLOBAL binlog_format = MIXED'

# -- what other programs notice
table_old
before=$(show_create)
sql -D mail "INSERT INTO tlspolicies VALUES (7, 'a.example', 'may', NULL)"
t init --history --yes >/dev/null
is "$(sql -D mail 'SELECT * FROM tlspolicies')" "7${tab}a.example${tab}may${tab}NULL" 'SELECT * is as before'
ok 'INSERT without names is as before' sql -D mail "INSERT INTO tlspolicies VALUES (NULL, 'b.example', 'may', NULL)"
ok 'UPDATE too' sql -D mail "UPDATE tlspolicies SET policy = 'dane' WHERE domain = 'b.example'"
is "$(t list --format csv | tail -1 | cut -d, -f1-8)" 'b.example,dane,,,,,yes,root@localhost' 'tlspol sees who'
is "$(show_create | sed 's/  `changed_by` [^,]*,\\n//; s/ WITH SYSTEM VERSIONING//')" "$before" \
	'but for versions and an invisible column the table is as it was'
shape=$(show_create)
exits 0 'once is enough' t init --history --yes
like "$out" 'already' 'it says so'
is "$(show_create)" "$shape" 'and nothing is altered'

# -- what is written
count=$(versions)
t set b.example dane >/dev/null 2>&1
t add b.example dane --replace >/dev/null 2>&1
t export yaml >"$f"
exits 0 'the same once more' t import "$f" --apply
is "$(versions)" "$count" 'what changes nothing writes nothing'
t set b.example may >/dev/null
is "$(versions)" $((count + 1)) 'a change is one version'
t remove b.example >/dev/null
is "$(versions)" $((count + 2)) 'a removal is one, which says who'
is "$(sql -D mail "SELECT changed_by, policy FROM tlspolicies FOR SYSTEM_TIME ALL WHERE domain = 'b.example' ORDER BY row_end DESC LIMIT 1")" \
	"alice${tab}may" 'with the policy that was removed'
USER=$(printf 'x%.0s' {1..300}) t add long.example may >/dev/null 2>&1
is "$(sql -D mail "SELECT LENGTH(changed_by) FROM tlspolicies WHERE domain = 'long.example'")" 255 'a name longer than the column is cut'

# Many rows, without triggers: the program signs by itself
sql -D mail 'DROP TRIGGER tlspolicies_tlspol_insert; DROP TRIGGER tlspolicies_tlspol_update'
{ echo policies:; for i in {1..1500}; do echo "  n$i.example: may"; done; } >"$f"
USER=bob exits 0 'many rows' t import "$f" --apply --quiet
is "$(sql -D mail "SELECT changed_by, COUNT(*) FROM tlspolicies WHERE domain LIKE 'n%' GROUP BY 1")" "bob${tab}1500" 'all signed'
sed -i 's/may$/encrypt/' "$f"
USER=carol exits 0 'many changes' t import "$f" --apply --quiet --max-change 100%
is "$(sql -D mail "SELECT changed_by, COUNT(*) FROM tlspolicies WHERE domain LIKE 'n%' GROUP BY 1")" "carol${tab}1500" 'all signed'
printf 'policies:\n  a.example: may\n' >"$f"
USER=dave exits 0 'many removals' t import "$f" --apply --quiet --prune=all --max-change 100%
is "$(t history --format csv | grep ',remove,n' | cut -d, -f2,11 | sort | uniq -c | xargs)" '1500 remove,dave' 'all signed'
exits 0 'the triggers come back' t init --history --yes
is "$(sql -D mail 'SHOW TRIGGERS' | wc -l)" 2 'both'

# -- accounts
writer plain 'SELECT, INSERT, UPDATE, DELETE'
writer owner 'ALL'
as() { local user=$1 command=$2; shift 2; "$TLSPOL" "$command" --no-defaults --socket="$SOCKET" --user="$user" --database=mail "$@"; }
exits 0 'reading history needs SELECT alone' as plain history a.example
exits 0 'and so does a moment' as plain list --as-of 'now'
exits 77 'forgetting needs more' as plain history --prune-before '1 hour ago'
like "$err" 'GRANT DELETE HISTORY ON `mail`.`tlspolicies`' 'the privilege is named'
exits 77 'not everybody may turn it on' as plain init --history --yes --table other
table_old
exits 0 'with a binary log an owner may not make triggers' as owner init --history --yes
like "$err" 'warning: .*1419.*' 'it says so'
like "$err" 'tlspol init --history --yes' 'and what makes it good'
like "$(show_create)" 'WITH SYSTEM VERSIONING' 'history is kept all the same'
exits 0 'later' t init --history --yes
is "$(sql -D mail 'SHOW TRIGGERS' | wc -l)" 2 'an administrator makes them'

# -- tables versioned by somebody else
table_old
sql -D mail "ALTER TABLE tlspolicies ADD SYSTEM VERSIONING; INSERT INTO tlspolicies (domain, policy) VALUES ('a.example', 'may'); UPDATE tlspolicies SET policy = 'dane'"
exits 0 'without changed_by' t history --format csv
is "$(printf '%s\n' "$out" | cut -d, -f2,3,4,8,11)" 'change,domain,policy,old_policy,changed_by
add,a.example,may,,
update,a.example,dane,may,' 'nobody knows who'
exits 0 'a change' t set a.example may --quiet
exits 0 'a removal' t remove a.example
is "$(versions)" 3 'without a column for the name there is no signature'
sql -D mail "DROP TABLE tlspolicies; CREATE TABLE tlspolicies (id int unsigned auto_increment primary key,
	domain varchar(255) not null unique, policy varchar(20) not null, params varchar(255),
	s bigint unsigned generated always as row start, e bigint unsigned generated always as row end,
	period for system_time (s, e)) WITH SYSTEM VERSIONING"
exits 78 'versions by transaction' t history
like "$err" 'ADD SYSTEM VERSIONING' 'are not what tlspol reads'
table_mailcow
sql -D mail "INSERT INTO tls_policy_override (dest, policy, parameters, modified) VALUES ('a.example', 'may', '', '2020-01-01')"
export TLSPOL_CONFIG=$TMP/mailcow.yaml
exits 0 'mapped names' t init --history --yes
exits 0 'a change' t set a.example encrypt
is "$(t history --format csv | cut -d, -f2,3,4,11)" 'change,domain,policy,changed_by
add,a.example,may,
update,a.example,encrypt,alice' 'are told'
exits 0 'back' t revert a.example --to "$(t history --format csv | sed -n '2s/,.*//p')" --apply --allow-weaker
is "$(sql -D mail 'SELECT ABS(TIMESTAMPDIFF(MINUTE, modified, NOW())) FROM tls_policy_override')" 0 "other programs' times stay in their time zone"
done_testing
