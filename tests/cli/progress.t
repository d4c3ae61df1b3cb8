#!/bin/bash
# A long job on a terminal says how far it is, for as long as it takes; elsewhere nobody is told.
. tests/lib/tap.sh
. tests/lib/mariadb.sh

mariadb_start || exit 1
sql -D mail "CREATE TABLE quick (domain varchar(255) NOT NULL UNIQUE, policy varchar(20) NOT NULL,
	params varchar(255));
	INSERT INTO quick SELECT CONCAT('d', seq, '.example'), 'may', NULL FROM seq_1_to_2500;
	CREATE VIEW slow AS SELECT domain, policy, IF(SLEEP(0.001) = 0, params, NULL) AS params
		FROM quick"
connection=(--no-defaults --socket="$SOCKET" --user=root --database=mail)

# In a terminal of its own; what it shows goes to $out, a line for each time it was drawn.
on_terminal() {
	out=$(python3 -c 'import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 65536))))' \
		"$@" </dev/null | tr '\r\033' '\n^')
}

on_terminal "$TLSPOL" export map "${connection[@]}" --table=slow --output="$TMP/map"
like "$out" '\^\[K[12] [0-9]{3}( of [0-9 ]+)? rows read, [0-9 ]+ a second' 'rows and rate are shown'
is "$(tail -1 <<<"$out")" '^[K' '  the line is gone at the end'
is "$(wc -l <"$TMP/map")" 2500 '  and the work is done'

on_terminal "$TLSPOL" export map "${connection[@]}" --table=slow --output="$TMP/map" --quiet
is "$out" '' 'nothing with --quiet'
on_terminal "$TLSPOL" export map "${connection[@]}" --table=quick --output="$TMP/map"
is "$out" '' 'nothing for what takes no second'
run "$TLSPOL" export map "${connection[@]}" --table=slow
is "$err" '' 'nothing where there is no terminal'

# -- files: read by a processor that is as slow as the file is long; judged with a question for OpenSSL each
{
	echo policies:
	for ((i = 0; i < 200000; i++)); do printf -- '- domain: d%d.example\n  policy: may\n' $i; done
} >"$TMP/list.yaml"
if command -v valgrind >/dev/null; then
	on_terminal valgrind --quiet --tool=none "$TLSPOL" export map --from "$TMP/list.yaml" --output "$TMP/map"
	like "$out" '\^\[K[0-9 ]+ policies read, [0-9 ]+ a second' 'a file is read'
	is "$(tail -1 <<<"$out")" '^[K' '  the line is gone at the end'
	is "$(wc -l <"$TMP/map")" 200000 '  and the work is done'
fi
{
	echo policies:
	for ((i = 0; i < 60000; i++)); do echo "  d$i.example: encrypt exclude=RC4:X$i"; done
} >"$TMP/ciphers.yaml"
on_terminal "$TLSPOL" import "$TMP/ciphers.yaml" "${connection[@]}" --table=quick --plan \
	--max-change 100% --output "$TMP/plan"
like "$out" '\^\[K[0-9 ]+ of 60 000 policies judged, [0-9 ]+ a second' 'a file is judged'
like "$out" $'\n\\^\\[K[^,]*note:[^\n]* checksum' '  and what comes of it is said on a line of its own'

done_testing
