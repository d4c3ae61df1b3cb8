#!/bin/bash
# Exports of many rows, sorted, safe on disk and put in place in one step, against programs that do
# less: unsorted output into a file. The table was filled in random order.
. tests/bench/lib.sh
bench_server
mkdir "$TMP/postfix"
: >"$TMP/postfix/master.cf"
echo 'compatibility_level = 3.6' >"$TMP/postfix/main.cf"
export MAIL_CONFIG=$TMP/postfix
lmdb=
! postconf -m 2>/dev/null | grep -qx lmdb || lmdb=yes

query='SELECT domain, policy, params FROM tlspolicies'
mysql="mariadb --no-defaults --socket=$SOCKET --user=root --skip-ssl --quick -BN"
export_map() { # LAP [OPTION...]
	lap "$1" "$build/tlspol" export map "${login[@]}" --output "$TMP/map" "${@:2}"
}

round() { # ROWS
	local n=$1
	lap "rows-$n" bash -c "exec $mysql mail -e '$query' >$TMP/rows"
	export_map "map-$n"
	lap "yaml-$n" "$build/tlspol" export yaml "${login[@]}" --output "$TMP/yaml"
	lap "mysqldump-$n" bash -c "exec mariadb-dump --no-defaults --socket=$SOCKET --user=root \
		--skip-ssl mail tlspolicies >$TMP/dump"
	lap "fetch-$n" "$build/bench/bare_fetch" "$SOCKET" root mail "$query"
	if [ -n "$lmdb" ]; then
		export_map "lmdb-$n" --postmap=lmdb
		lap "postmap-$n" postmap "lmdb:$TMP/map"
	fi
}

report() { # ROWS
	local n=$1 goal=''
	[ "$n" -lt 1000000 ] || goal=0.9
	printf '\nExport of %s rows, %s rounds; seconds from fork to exit:\n' "$n" "$(bench_rounds "$n")"
	lap_line "rows-$n" 'mariadb -BN --quick > file, unsorted'
	lap_line "map-$n" 'export map, sorted, synced, renamed'
	lap_line "yaml-$n" 'export yaml, the same'
	lap_line "mysqldump-$n" 'mariadb-dump > file'
	lap_line "fetch-$n" 'bare C client, rows thrown away'
	if [ -n "$lmdb" ]; then
		lap_line "lmdb-$n" 'export map --postmap=lmdb'
		lap_line "postmap-$n" 'postmap lmdb: alone, of the sorted map'
	fi
	ratio 'export map / mariadb -BN --quick' "map-$n" "rows-$n" 'at most' $goal
	ratio 'export map / bare C client' "map-$n" "fetch-$n" 'at most'
	ratio 'export yaml / mariadb-dump' "yaml-$n" "mysqldump-$n" 'at most'
	[ -z "$lmdb" ] || ratio 'export map --postmap=lmdb / postmap alone' "lmdb-$n" "postmap-$n" 'at most'
	memory 'memory of an export' "map-$n" 150
}

for n in $(bench_sizes); do
	bench_table
	"$build/bench/generate" "$n" dump | sql -D mail 'source /dev/stdin'
	"$build/bench/generate" "$n" tsv | LC_ALL=C sort -t "$(printf '\t')" -k 1,1 |
		sed 's/\t/ /2; s/ $//' >"$TMP/wanted"
	for ((i = 0; i < $(bench_rounds "$n"); i++)); do round "$n"; done
	cmp "$TMP/map" "$TMP/wanted" || { echo 'the map is not the table' >&2; exit 1; }
	report "$n"
done
[ -n "$lmdb" ] || echo '  (no Postfix with lmdb here: indexes not compared)'
