#!/bin/bash
# A plan is applied wholly or not at all: bad rows, other writers, deadlocks, killed connections
# and servers.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/store.sh
# A small packet limit: batches must fit whatever the rows are.
mariadb_start db --log-bin --max-allowed-packet=1M || exit 1
tab=$'\t'
many() { local i; for ((i = 10001; i <= 10000 + $1; i++)); do printf '%s d%d.example%s\n' "$2" "$i" "$3"; done; }
count() { sql -D mail "SELECT COUNT(*) FROM tlspolicies WHERE ${1:-1}"; }
new_table() {
	sql -D mail 'DROP TABLE IF EXISTS tlspolicies'
	p init >/dev/null
	sql -D mail "INSERT INTO tlspolicies (domain, policy) VALUES ('a.example', 'may'), ('b.example', 'may')"
}

# Many rows, in several packets
new_table
is "$(many 3500 add ' secure match=mx.example' | p apply)" '' '3500 rows are added'
is "$(count "params = 'match=mx.example'")" 3500 'all of them'
is "$(many 3500 set ' encrypt' | p apply)" '' 'changed'
is "$(count "policy = 'encrypt' AND params IS NULL")" 3500 'all of them'
is "$(many 3500 remove '' | p apply)" '' 'removed'
is "$(count)" 2 'all of them, and nothing else'
wide=$(printf 'a%.0s' {1..4000})
is "$(many 700 add " secure match=$wide" | p apply)" '' 'wide rows go in small packets'
is "$(count 'LENGTH(params) = 4006')" 700 'and are not cut'
is "$(many 700 remove '' | p apply)" '' 'removed again'

# One bad row among many
{ many 2000 add ' may'; echo "add bad.example may $wide$wide"; } >"$TMP/plan"
fails 65 'bad\.example: .*longer than the column' 'the bad row of 2001 is named' p apply <"$TMP/plan"
is "$(count)" 2 'and nothing is stored'
{ echo 'remove a.example'; many 10 add ' may'; echo 'add bad.example half-dane'; } >"$TMP/plan"
fails 65 'bad\.example: .*cannot hold' 'a level that is none' p apply <"$TMP/plan"
is "$(count)" 2 'undoes the removal, too'

# The table changed since the plan was made
fails 75 'a\.example: somebody changed it' 'a row that was changed' apply 'add c.example may\nstale a.example secure match=x\nadd d.example may'
is "$(rows)" "a.example${tab}may${tab}NULL
b.example${tab}may${tab}NULL" 'nothing is done'
fails 75 'c\.example: somebody removed it' 'a row that was removed' apply 'stale c.example secure'
fails 75 'a\.example: somebody stored it' 'a row that was added' apply 'add a.example may'
{ many 1500 add ' may'; echo 'add a.example may'; } >"$TMP/plan"
fails 75 'a\.example: somebody stored it' 'a row that was added, seen by the big plan' p apply <"$TMP/plan"
sql -D mail "UPDATE tlspolicies SET note = 'seen' WHERE domain = 'a.example'"

# Nothing to do is not done
sql 'FLUSH LOGS'
position=$(sql "SHOW MASTER STATUS")
is "$(apply '')" '' 'an empty plan'
is "$(sql 'SHOW MASTER STATUS')" "$position" 'leaves no trace in the binlog'

# Notes: NULL leaves them, '' removes them
is "$(apply 'set a.example encrypt\nset b.example encrypt # hello' actor=me@host)" '' 'one note in a plan of two'
is "$(sql -D mail 'SELECT domain, note, changed_by FROM tlspolicies ORDER BY 1')" "a.example${tab}seen${tab}me@host
b.example${tab}hello${tab}me@host" 'the other stays; who changed them is told'
is "$(apply 'set b.example encrypt #')" '' 'an empty note'
is "$(sql -D mail "SELECT note IS NULL FROM tlspolicies WHERE domain = 'b.example'")" 1 'is none'

# Another writer holds the row
mariadb --no-defaults -S "$SOCKET" -u root --skip-ssl mail -e \
	"START TRANSACTION; UPDATE tlspolicies SET note='held' WHERE domain='a.example'; SELECT SLEEP(60)" >/dev/null 2>&1 &
holder=$!
wait_for "$(running 'SELECT SLEEP(60)') = 1"
apply 'set b.example may\nset a.example may' >"$TMP/waited" &
waiter=$!

# Killed while it waits for that lock
apply 'set b.example dane\nset a.example dane' table=tlspolicies >"$TMP/killed" &
other=$!
wait_for "$(running '% FOR UPDATE') = 2"
sql "$(sql "SELECT CONCAT('KILL ', MAX(ID)) FROM information_schema.PROCESSLIST WHERE INFO LIKE '% FOR UPDATE' AND ID <> CONNECTION_ID()")"
sql "$(sql "SELECT CONCAT('KILL QUERY ', MAX(ID)) FROM information_schema.PROCESSLIST WHERE INFO LIKE '% FOR UPDATE' AND ID <> CONNECTION_ID()")"
wait $other $waiter
like "$(sort "$TMP/killed" "$TMP/waited")" 'error 69: .*lost' 'a killed connection'
like "$(sort "$TMP/killed" "$TMP/waited")" 'error 75: .*stopped the statement.*error 1317' 'a stopped statement'
start=$SECONDS
fails 75 'another session holds the rows or the whole table.*\(error 1205\).*nothing was changed' 'a lock that is not given back' apply 'set a.example may'
ok 'is not waited for longer than it takes' test $((SECONDS - start)) -le 14
kill $holder; wait $holder 2>/dev/null
wait_for "$(running 'SELECT SLEEP(60)') = 0"
is "$(count "policy = 'encrypt'")" 2 'nothing was changed by any of them'

# A deadlock: the other one holds b and wants a, we hold a and want b. The server ends ours (it
# has changed less), the other one rolls back, and the second try succeeds.
mariadb --no-defaults -S "$SOCKET" -u root --skip-ssl mail -e "START TRANSACTION;
	UPDATE tlspolicies SET note='x', policy='none' WHERE domain='b.example';
	DO SLEEP(1); UPDATE tlspolicies SET note='x' WHERE domain='a.example'; ROLLBACK" >"$TMP/dead" 2>&1 &
other=$!
wait_for "$(running 'DO SLEEP(1)') = 1"
before=$(sql "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_DEADLOCKS'")
is "$(apply 'set a.example may\nset b.example may')" '' 'a deadlock is tried again'
wait $other
is "$(cat "$TMP/dead")" '' 'the other one was not the victim'
is "$(sql "SELECT VARIABLE_VALUE - $before FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_DEADLOCKS'")" 1 'there was a deadlock'
is "$(count "policy = 'may'")" 2 'and all is done'

# Two that want the same new key
writers=()
for i in 1 2 3 4; do
	apply "add same.example may\nadd same$i.example may" >"$TMP/same.$i" &
	writers+=($!)
done
wait "${writers[@]}"
is "$(cat "$TMP"/same.? | grep -c '^error 75')" 3 'one of four writers wins'
is "$(count "domain LIKE 'same%'")" 2 'and the others store nothing'

# A commit whose answer is lost
(sql 'BACKUP STAGE START; BACKUP STAGE FLUSH; BACKUP STAGE BLOCK_DDL; BACKUP STAGE BLOCK_COMMIT; SELECT SLEEP(60)' >/dev/null 2>&1) &
other=$!
wait_for "$(running '%SELECT SLEEP(60)') = 1"
apply 'add commit.example may' >"$TMP/commit" &
waiter=$!
wait_for "$(running 'COMMIT') = 1"
mariadb_kill db
wait $waiter
like "$(cat "$TMP/commit")" '^error 69: .*while committing.*before or wholly as planned.*again' 'a lost COMMIT is told as such'
wait $other 2>/dev/null
mariadb_start db --log-bin
ok 'and the table is whole' test "$(count "domain = 'commit.example'")" -le 1

# A server that dies in the middle
many 3000 add ' may' >"$TMP/plan"
(sql -D mail "START TRANSACTION; INSERT INTO tlspolicies (domain, policy) VALUES ('d12999.example', 'none'); SELECT SLEEP(60)" >/dev/null 2>&1) &
other=$!
wait_for "$(running '%SELECT SLEEP(60)') = 1"
before=$(count)
p apply <"$TMP/plan" >"$TMP/died" &
waiter=$!
wait_for "$(running '%') >= 2"
mariadb_kill db
wait $waiter $other 2>/dev/null
like "$(cat "$TMP/died")" '^error 69: .*lost' 'the server died'
mariadb_start db --log-bin
is "$(count)" "$before" 'nothing of the plan is there'
is "$(p apply <"$TMP/plan")" '' 'again'
is "$(count)" $((before + 3000)) 'all of it is there'

# A table that keeps its history
new_table
sql -D mail 'ALTER TABLE tlspolicies ADD SYSTEM VERSIONING'
like "$(p describe)" 'versioned=1 unique=1' 'a versioned table is known as one'
is "$(apply 'set a.example dane\nremove b.example\nadd c.example may')" '' 'and is written'
is "$(sql -D mail 'SELECT COUNT(*) FROM tlspolicies FOR SYSTEM_TIME ALL')" 4 'with one version per change'
is "$(p read | cut -f2,3)" "a.example${tab}dane
c.example${tab}may" 'only what is now is read'
done_testing
