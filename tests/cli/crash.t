#!/bin/bash
# An import is killed, its server is killed, its connection is cut: the table is the old one or the
# new one as a whole, the end says which, and running it again finishes the work.
# TLSPOL_THOROUGH=1: as many rows and moments as one would like to have seen once.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/two_tables.sh
. tests/lib/phases.sh
. tests/lib/random.sh

thorough=${TLSPOL_THOROUGH:-}
if [ -n "$thorough" ]; then rows=100000 kills=50 crashes=20; else rows=20000 kills=10 crashes=3; fi
random_seed
mariadb_start db || exit 1

# -- killed at random moments ------------------------------------------------------------------------

two_tables "$rows"
before=$(now_us)
exits 0 "an import of $rows rows that nothing happens to" to B
whole=$(($(now_us) - before))
at=B killed=0
: >"$TMP/wrong"
for ((i = 1; i <= kills; i++)); do
	next=$(other "$at")
	in_background tlspol_to "$next"
	moment $((whole * 2 / 3))
	kill -KILL "$job" 2>/dev/null
	ended
	[ "$status" != 137 ] || killed=$((killed + 1))
	judge "$at" "$next" >>"$TMP/wrong"
	again "$next" >>"$TMP/wrong"
done
is "$(cat "$TMP/wrong")" '' "$kills imports of $rows rows are killed at random moments"
ok "  some on their way ($killed)" test "$killed" -ge 1

killed=0
: >"$TMP/wrong"
# On a busy machine all of a few may come too late: then there are some more, sooner.
for ((i = 1; i <= crashes || (killed == 0 && i <= crashes + 5); i++)); do
	next=$(other "$at")
	in_background tlspol_to "$next"
	moment $((i <= crashes ? whole * 2 / 3 : whole / 4))
	mariadb_kill db
	ended
	[ "$status" = 0 ] || killed=$((killed + 1))
	mariadb_start db || exit 1
	judge "$at" "$next" >>"$TMP/wrong"
	again "$next" >>"$TMP/wrong"
done
is "$(cat "$TMP/wrong")" '' "$crashes times the server is killed at a random moment"
ok "  some on their way ($killed)" test "$killed" -ge 1

# -- in every phase ----------------------------------------------------------------------------------

two_tables 4000
phases_start || exit 1
phases_of to B
ok "an import has a login, statements, a commit and an end ($phases phases)" test "$phases" -ge 8
at=B
# everywhere NAME ACTION WHEN...
everywhere() {
	local name=$1 action=$2 when n next
	: >"$TMP/wrong"
	for when in "${@:3}"; do
		for ((n = 1; n <= phases; n++)); do
			next=$(other "$at")
			in_phase "$n" "$when" "$action" to "$next"
			judge "$at" "$next" >"$TMP/said"
			sed "s|^|$when phase $phase: |" "$TMP/said" >>"$TMP/wrong"
			[ -z "$thorough" ] || again "$next" >>"$TMP/wrong"
		done
	done
	again "$(other "$at")" >>"$TMP/wrong"
	is "$(cat "$TMP/wrong")" '' "$name in every phase (${*:3})"
}
all="SELECT CONCAT('KILL ', ID, ';') FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = 'root'"
client="mariadb --no-defaults -S '$SERVER' -u root --skip-ssl"
everywhere 'the connection is cut' cut before after ${thorough:+half part}
everywhere 'the client is killed' KILL after ${thorough:+before}
everywhere 'the connection is killed by the server' "$client -BNe \"$all\" | $client -f 2>/dev/null" \
	before ${thorough:+after}
done_testing
