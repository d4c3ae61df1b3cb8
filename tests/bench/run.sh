#!/bin/bash
# One row shown by tlspol, by mariadb(1) and by the barest C client, interleaved on one private
# server. ROUNDS=N changes how often.
set -eu
ROUNDS=${ROUNDS:-200}
build=$(cd "${TLSPOL_BUILD:-build}" && pwd)
TMP=$(mktemp -d "${TMPDIR:-/tmp}/tlspol-bench.XXXXXX")
. tests/lib/mariadb.sh
trap 'mariadb_stop_all; rm -rf "$TMP"' EXIT
trap 'exit 130' INT TERM

mariadb_start bench
cat >"$TMP/client.cnf" <<CNF
[client]
socket=$SOCKET
user=root
[tlspol]
database=mail
CNF
export TLSPOL_CONFIG=/dev/null
login=--defaults-file=$TMP/client.cnf
"$build/tlspol" init --quiet "$login" >/dev/null
sql -D mail "INSERT INTO tlspolicies (domain, policy, params)
	SELECT CONCAT('d', seq, '.example'), 'secure', 'match=.google.com' FROM seq_1_to_1000"
select="SELECT domain, policy, params, note, origin FROM tlspolicies WHERE domain = 'd777.example'"

echo "One row of 1000, $ROUNDS interleaved rounds, milliseconds from spawn to exit:"
echo
"$build/bench/stopwatch" "$ROUNDS" \
	'tlspol show' "$build/tlspol" show "$login" d777.example -- \
	'mariadb -e' mariadb "$login" mail -e "$select" -- \
	'bare C client' "$build/bench/bare_client" "$SOCKET" root mail d777.example \
	>"$TMP/times"
awk -F '\t' '
	BEGIN { printf "  %-16s %8s %18s\n", "", "median", "least - most" }
	{ printf "  %-16s %8.2f %18s\n", $1, $2, $3 " - " $4; median[$1] = $2 }
	function ratio(what, value, goal, kept) {
		printf "  %-28s %5.2f   goal: %-14s %s\n", what, value, goal, kept ? "kept" : "MISSED"
	}
	END {
		bare = median["tlspol show"] / median["bare C client"]
		shell = median["tlspol show"] / median["mariadb -e"]
		print ""
		ratio("tlspol show / bare C client", bare, "at most 1.40", bare <= 1.4)
		ratio("tlspol show / mariadb -e", shell, "below 1.00", shell < 1)
	}' "$TMP/times"

bash tests/bench/bulk.sh
bash tests/bench/export.sh
bash tests/bench/verify.sh
