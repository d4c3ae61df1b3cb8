#!/bin/bash
# An export is one moment of the table, whatever is committed meanwhile, or no export at all.
. tests/lib/tap.sh
. tests/lib/mariadb.sh

mariadb_start || exit 1
# Reading takes two seconds: time enough for others.
sql -D mail "CREATE TABLE tlspolicies (id int unsigned auto_increment primary key,
		domain varchar(255) NOT NULL UNIQUE, policy enum('none','may','encrypt','dane','dane-only',
		'fingerprint','verify','secure') NOT NULL, params varchar(255));
	INSERT INTO tlspolicies (domain, policy)
		SELECT CONCAT('d', seq * 7919 % 10007, '.example'), 'may' FROM seq_1_to_2000;
	CREATE VIEW slow AS SELECT id, domain, policy, IF(SLEEP(0.001) = 0, params, NULL) AS params
		FROM tlspolicies"
connection=(--no-defaults --socket="$SOCKET" --user=root --database=mail)
reading="SELECT id FROM information_schema.processlist WHERE info LIKE '%FROM \`slow\`%'
	AND info NOT LIKE '%LIMIT 0' AND info NOT LIKE '%processlist%' AND command = 'Query'"
# start FORMAT: exports the slow view in the background; returns when the server is reading it
start() {
	local i
	"$TLSPOL" export "$1" "${connection[@]}" --table=slow --output="$TMP/out" 2>"$TMP/err" &
	export_pid=$!
	for ((i = 0; i < 200; i++)); do
		reader=$(sql "$reading")
		[ -z "$reader" ] || break
		sleep 0.01
	done
}

sql -D mail --raw "SELECT CONCAT(domain, '\t', policy) FROM tlspolicies" | LC_ALL=C sort >"$TMP/before"
start map
printf 'policies:\n  new.example: dane\n' >"$TMP/new.yaml"
ok 'another import commits while the export reads' "$TLSPOL" import "${connection[@]}" --apply \
	--prune=all --max-change 100% --quiet --postfix-version 3.11 "$TMP/new.yaml"
ok '  the export is not at its end then' kill -0 "$export_pid"
wait "$export_pid"
is "$?" 0 '  it ends well'
is "$(cksum <"$TMP/out")" "$(cksum <"$TMP/before")" '  and is the table as it was, as a whole'
is "$(sql -D mail 'SELECT domain FROM tlspolicies')" new.example '  which is another one now'

sql -D mail "INSERT INTO tlspolicies (domain, policy)
	SELECT CONCAT('d', seq, '.example'), 'may' FROM seq_1_to_2000"
for format in map yaml; do
	echo old >"$TMP/out"
	start "$format"
	sleep 1.3
	sql "KILL CONNECTION $reader"
	wait "$export_pid"
	is "$?" 69 "export $format: a connection that dies while rows come is status 69"
	is "$(cat "$TMP/out")" old '  the old file stays'
	like "$(cat "$TMP/err")" 'error (2013|1317|1927|1158|1159)' '  and it is said why'
done
start map
sleep 1.3
kill -TERM "$export_pid"
wait "$export_pid"
is "$?" 130 'SIGTERM while rows come is status 130'
is "$(cat "$TMP/out")" old '  the old file stays'
is "$(find "$TMP" -maxdepth 1 -name '.out*')" '' 'no temporary file is left'

done_testing
