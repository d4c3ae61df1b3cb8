#!/bin/bash
# Imports of many rows: into an empty table, unchanged, with 1 % changed; and one row changed in a
# big table. Every round runs all rivals one after the other.
. tests/bench/lib.sh
bench_server

reader=
for name in /usr/bin/python3 python3; do
	! "$name" -c 'import yaml, pymysql; yaml.CSafeLoader' 2>/dev/null || { reader=$name; break; }
done

import() { # LAP FILE
	lap "$1" "$build/tlspol" import "${login[@]}" --postfix-version 3.11 --apply --quiet \
		--max-change 100% "$2"
}
dump() { # LAP FILE
	# shellcheck disable=SC2016 # bash -c expands it
	lap "$1" bash -c 'exec mariadb --no-defaults --socket="$0" --user=root --skip-ssl mail <"$1"' \
		"$SOCKET" "$2"
}
same_table() { # FILE: the table is what the file says
	"$build/tlspol" export yaml "${login[@]}" | cmp - "$1" || { echo "the table is not $1" >&2; exit 1; }
}

round() { # ROWS NUMBER
	local n=$1 f=$TMP/$1
	bench_table
	dump "dump-$n" "$f.sql"
	bench_table
	dump "sorted-$n" "$f-sorted.sql"
	bench_table
	import "new-$n" "$f.yaml"
	import "same-$n" "$f-sorted.yaml"
	import "random-$n" "$f.yaml"
	same_table "$f-sorted.yaml"
	"$build/bench/odku" "$SOCKET" root mail "$laps/odku-$n" <"$f.tsv"
	# Three rounds of it are long enough.
	if [ -n "$reader" ] && [ "$n" -le 100000 ] && [ "$2" -lt 3 ]; then
		lap "python-$n" "$reader" tests/bench/import.py "$SOCKET" "$f-sorted.yaml"
		lap "list-$n" "$reader" tests/bench/import.py "$SOCKET" "$f-list.yaml"
		tail -1 "$laps/same-$n" >>"$laps/beside-$n"
	fi
	import "changed-$n" "$f-changed.yaml"
	same_table "$f-changed.yaml"
}

report() { # ROWS
	local n=$1 random=0.75 sorted=0.95 odku=15 python=50
	# Below, what costs the same for any number of rows decides.
	[ "$n" -ge 100000 ] || random='' sorted='' odku='' python=''
	printf '\n%s rows, %s rounds; seconds from fork to exit:\n' "$n" "$(bench_rounds "$n")"
	lap_line "dump-$n" 'mariadb < dump.sql, random order'
	lap_line "sorted-$n" 'mariadb < dump.sql, sorted'
	lap_line "new-$n" 'import, empty table, random order'
	lap_line "same-$n" 'import, unchanged'
	lap_line "random-$n" 'import, unchanged, file in random order'
	lap_line "changed-$n" 'import, 1 % changed'
	lap_line "odku-$n" 'ON DUPLICATE KEY UPDATE of parsed rows'
	if [ -f "$laps/python-$n" ]; then
		lap_line "python-$n" 'PyYAML (C) + PyMySQL, same file'
		lap_line "list-$n" 'PyYAML (C) + PyMySQL, list of mappings'
	fi
	ratio 'new import / dump, random order' "new-$n" "dump-$n" 'at most' $random
	ratio 'new import / dump, sorted' "new-$n" "sorted-$n" 'at most' $sorted
	ratio 'unchanged import, times faster than ODKU' "same-$n" "odku-$n" 'at least' $odku
	if [ -f "$laps/python-$n" ]; then
		ratio 'unchanged, times faster than Python, same file' "beside-$n" "python-$n" 'at least'
		ratio 'unchanged, times faster than Python, list' "beside-$n" "list-$n" 'at least' $python
	fi
	memory 'memory of a new import' "new-$n" 150
}

for n in $(bench_sizes); do
	f=$TMP/$n
	"$build/bench/generate" "$n" yaml >"$f.yaml"
	"$build/bench/generate" "$n" yaml sorted >"$f-sorted.yaml"
	"$build/bench/generate" "$n" yaml sorted changed >"$f-changed.yaml"
	"$build/bench/generate" "$n" list sorted >"$f-list.yaml"
	"$build/bench/generate" "$n" dump >"$f.sql"
	"$build/bench/generate" "$n" dump sorted >"$f-sorted.sql"
	"$build/bench/generate" "$n" tsv sorted >"$f.tsv"
	for ((i = 0; i < $(bench_rounds "$n"); i++)); do round "$n" "$i"; done
	report "$n"
done
[ -n "$reader" ] || echo '  (no Python with PyYAML and PyMySQL here: not compared)'

# -- one row in a small table and in the big one: one value, then the other, and so on
biggest=$n
bench_table small
sql -D mail "INSERT INTO small (domain, policy) SELECT domain, policy FROM tlspolicies LIMIT 9;
	INSERT INTO small (domain, policy) VALUES ('one.example', 'encrypt');
	INSERT INTO tlspolicies (domain, policy) VALUES ('one.example', 'encrypt')"
set_one() { # TABLE
	echo "$build/tlspol" set "${login[@]}" --postfix-version 3.11 --quiet --table "$1" one.example \
		secure 'match=a.example|match=b.example'
}
rounds=${ROUNDS:-200}
printf '\nOne row changed, %s rounds:\n' "$rounds"
# shellcheck disable=SC2046 # words
"$build/bench/stopwatch" "$rounds" small $(set_one small) -- big $(set_one tlspolicies) >"$TMP/set"
awk -F '\t' -v rows="$biggest" '
	{ printf "  %-46s %8.2f ms [%.2f - %.2f]\n", "set, table of " ($1 == "big" ? rows : 10) " rows", \
		$2, $3, $4; r = $5 }
	END {
		printf "  %-46s %8.2f    goal: at most 1.1  %s\n", "set, big table / small table", r, \
			r <= 1.1 ? "kept" : "MISSED" }' "$TMP/set"
