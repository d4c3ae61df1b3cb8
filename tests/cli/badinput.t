#!/bin/bash
# What goes wrong around the table: one clear sentence, the right status, nothing changed.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
mariadb_start --tcp || exit 1
table_old
t add a.example may --quiet
sentence() { # one line, beginning with the program's name
	is "$(grep -c . <<<"$err")" 1 "$1: one line"
	like "$err" '^tlspol: ' "$1: from tlspol"
}

# The server
exits 69 'no socket' "$TLSPOL" list --no-defaults --socket="$TMP/no.sock" --user=root --database=mail
like "$err" "$TMP/no.sock" 'is named'
sentence 'no socket'
exits 69 'nobody listens' "$TLSPOL" list --no-defaults --host=127.0.0.1 --port=1 --user=root --database=mail
like "$err" '127\.0\.0\.1' 'where'
exits 69 'no such host' "$TLSPOL" list --no-defaults --host=no.such.host.invalid --user=root --database=mail
sql "CREATE USER reader@localhost IDENTIFIED BY 'right horse'; GRANT SELECT ON mail.* TO reader@localhost"
printf '%s\n' 'wrong horse' >"$TMP/wrong"
printf '%s\n' 'right horse' >"$TMP/right"
reader() { "$TLSPOL" "$1" --no-defaults --socket="$SOCKET" --user=reader --database=mail \
	--password-file="$TMP/right" "${@:2}"; }
exits 77 'a wrong password' "$TLSPOL" list --no-defaults --socket="$SOCKET" --user=reader --database=mail \
	--password-file="$TMP/wrong"
sentence 'a wrong password'
unlike "$err$out" 'wrong horse' 'which is not shown'
exits 77 'nor with --verbose' "$TLSPOL" list --no-defaults --socket="$SOCKET" --user=reader --database=mail \
	--password-file="$TMP/wrong" --verbose
unlike "$err$out" 'wrong horse' 'is it'
exits 66 'no password file' "$TLSPOL" list --no-defaults --socket="$SOCKET" --user=reader --password-file="$TMP/none"
exits 0 'the right password' reader list
exits 77 'no privilege' reader add b.example may
like "$err" 'INSERT|denied' 'is told'
sql 'SET GLOBAL read_only=1'
sql "GRANT INSERT, UPDATE, DELETE ON mail.* TO reader@localhost"
exits 75 'a read-only server' reader add b.example may
like "$err" 'read-only' 'is told'
exits 75 'for remove too' reader remove a.example
sql 'SET GLOBAL read_only=0'
exits 78 'no such database' t list --database=nope
like "$err" 'nope' 'is named'
exits 78 'no database at all' "$TLSPOL" list --no-defaults --socket="$SOCKET" --user=root
like "$err" '--database' 'says what to give'
exits 78 'no such table' t list --table=nope
like "$err" 'nope.*tlspol init' 'says what makes one'

# The table
sql -D mail 'CREATE TABLE odd1 (domain varchar(255), level varchar(20));
	CREATE TABLE odd2 (id int primary key, domain int, policy varchar(20), params varchar(20));
	CREATE VIEW odd3 AS SELECT domain, policy, params FROM tlspolicies'
exits 78 'a table without the columns' t add b.example may --table=odd1
like "$err" 'policy' 'the one that is missing is named'
exits 78 'a column of an unknown type' t add b.example may --table=odd2
like "$err" 'domain.*int' 'is named with its type'
exits 0 'a view can be read' t list --table=odd3
t set a.example may --quiet
is "$(rows)" $'a.example\tmay\tNULL' 'nothing changed in all this'

# The configuration
printf 'table:\n  name: tlspolicies\n  colums: x\n' >"$TMP/bad.yaml"
exits 78 'an unknown setting' t list --config "$TMP/bad.yaml"
like "$err" 'bad\.yaml:3' 'has a line'
exits 66 'a configuration that is not there' t list --config "$TMP/none.yaml"

# What is stored by others must not hurt a terminal
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES
	(CONCAT('esc', CHAR(27), ']0;x', CHAR(7), '.example'), 'may', CONCAT('a', CHAR(10), 'b'))"
exits 0 'control characters' t list
unlike "$out" $'[\e\a]' 'are shown harmlessly'
is "$(wc -l <<<"$out")" 3 'and a line feed does not make a line'
exits 0 'in JSON' t list --format json
ok 'they are escaped' python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$TMP/run.out"
exits 1 'in messages too' t show $'esc\e.example'
unlike "$err" $'\e' 'nothing gets through'
sql -D mail "DELETE FROM tlspolicies WHERE domain LIKE 'esc%'"

# Standard output
for command in 'list' 'show a.example' 'list --format json' 'init'; do
	# shellcheck disable=SC2086 # words
	set -- $command
	exits 74 "$command >/dev/full" bash -c '"$@" >/dev/full' - "$TLSPOL" "$@" --no-defaults \
		--socket="$SOCKET" --user=root --database=mail
	# shellcheck disable=SC2086
	exits 74 "$command >&-" bash -c '"$@" >&-' - "$TLSPOL" $command --no-defaults \
		--socket="$SOCKET" --user=root --database=mail
done

# Ctrl-C while waiting for a lock: nothing half done
exec {lock}> >(mariadb --no-defaults --socket="$SOCKET" --user=root mail >/dev/null 2>&1)
echo "LOCK TABLES tlspolicies WRITE; DO SLEEP(30);" >&"$lock"
for _ in {1..50}; do
	[ "$(sql "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'")" = 0 ] || break
	sleep 0.1
done
exits 130 'Ctrl-C' timeout --signal=INT --preserve-status 1 "$TLSPOL" remove a.example --no-defaults \
	--socket="$SOCKET" --user=root --database=mail
exec {lock}>&-
sql "SELECT CONCAT('KILL ', id) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'" |
	while read -r kill; do sql "$kill"; done
is "$(rows)" $'a.example\tmay\tNULL' 'the row is still there'

# The server dies
mariadb_kill
exits 69 'after the server died' t list
sentence 'after the server died'
done_testing
