#!/bin/bash
# A table that somebody else has locked as a whole: who reads does not wait for ever, and says what
# was waited for.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/store.sh
mariadb_start || exit 1

t init --history --quiet --yes >/dev/null
t add a.example may --quiet
printf 'policies:\n  a.example: may\n' >"$TMP/policies.yaml"
sleep 1
mariadb --no-defaults -S "$SOCKET" -u root --skip-ssl mail -e \
	'LOCK TABLES tlspolicies WRITE; SELECT SLEEP(90)' >/dev/null 2>&1 &
holder=$!
wait_for "$(running 'SELECT SLEEP(90)') = 1"

busy='another session holds the rows or the whole table: .* \(error 1205\); try again'
# The server would wait for a day
begun=$SECONDS
t show a.example 2>"$TMP/patient" &
patient=$!
wait_for "$(running '%FROM `tlspolicies`%') = 1"
# Where it waits for less, so do we
sql 'SET GLOBAL lock_wait_timeout = 1'
waits() { # WORD...
	local start=$SECONDS
	exits 75 "$*" t "$@"
	like "$err" "$busy" '  says why'
	ok '  after a while, once' test $((SECONDS - start)) -le 3
}
waits show a.example
waits list
waits check
waits export map
waits explain a.example
waits import "$TMP/policies.yaml" --plan
waits history
waits list --as-of "$(date -u +%FT%TZ)"
waits set a.example encrypt
wait "$patient" && status=0 || status=$?
is "$status" 75 'a server that waits for a day'
like "$(cat "$TMP/patient")" "$busy" '  says why'
ok '  after half a minute' test $((SECONDS - begun)) -ge 28 -a $((SECONDS - begun)) -le 40
kill "$holder"
wait "$holder" 2>/dev/null
wait_for "$(running 'SELECT SLEEP(90)') = 0"
exits 0 'and then' t show a.example
done_testing
