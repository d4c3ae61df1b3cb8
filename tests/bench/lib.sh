# For the scripts of make bench: a private server, laps, and lines that compare them. Source it
# from the top of the repository.
#
#   BENCH_ROWS=N     the largest table (default 100000; 1000000 takes some ten minutes)
#   BENCH_SIZES="N…" only these sizes
#   BENCH_ROUNDS=N   rounds of each comparison (default 7 up to 100000 rows, 3 above)
# shellcheck shell=bash
set -eu
build=$(cd "${TLSPOL_BUILD:-build}" && pwd)
BENCH_ROWS=${BENCH_ROWS:-100000}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/tlspol-bench.XXXXXX")
export TMP TLSPOL_CONFIG=/dev/null
. tests/lib/mariadb.sh
trap 'mariadb_stop_all; rm -rf "$TMP"' EXIT
trap 'exit 130' INT TERM

# The server as Debian configures it, but for its files: facts/performance names these settings.
bench_server() {
	mariadb_start bench --innodb-buffer-pool-size=128M --innodb-log-file-size=96M \
		--innodb-flush-log-at-trx-commit=1 --character-set-server=utf8mb4 \
		--collation-server=utf8mb4_general_ci
	# shellcheck disable=SC2034 # for the scripts
	login=(--no-defaults --socket="$SOCKET" --user=root --database=mail)
}
# The table that is in use on many mail servers, empty
bench_table() {
	sql -D mail "DROP TABLE IF EXISTS ${1:-tlspolicies}; CREATE TABLE ${1:-tlspolicies} (
		id int unsigned auto_increment primary key, domain varchar(255) not null unique,
		policy enum('none','may','encrypt','dane','dane-only','fingerprint','verify','secure')
			not null, params varchar(255) default null) ENGINE=InnoDB"
}
bench_sizes() {
	local n
	for n in ${BENCH_SIZES:-10000 100000 1000000}; do [ "$n" -gt "$BENCH_ROWS" ] || echo "$n"; done
}
bench_rounds() { echo "${BENCH_ROUNDS:-$(($1 > 100000 ? 3 : 7))}"; }

laps=$TMP/laps
mkdir "$laps"
# lap NAME COMMAND...: takes its time, standard output to /dev/null
lap() { local name=$1; shift; "$build/bench/timed" "$laps/$name" "$@"; }

# "NAME  median [least - most] s" of a lap
lap_line() { # NAME LABEL
	sort -n "$laps/$1" | awk -F '\t' -v label="$2" '
		{ t[NR] = $1 / 1000; if ($2 > most) most = $2 }
		END { printf "  %-46s %8.3f s  [%.3f - %.3f]", label, t[int((NR + 1) / 2)], t[1], t[NR]
			if (most) printf "  %d MB", most / 1024
			print "" }'
}
# ratio LABEL A B "at most"|"at least" [GOAL]: A's time by B's, or B's by A's for "at least"; of the
# laps of the same round, so that a busy machine is as unkind to one as to the other
ratio() {
	paste "$laps/$2" "$laps/$3" | awk -F '\t' -v how="$4" '
		{ print how == "at most" ? $1 / $3 : $3 / $1 }' | sort -n |
		awk -v label="$1" -v how="$4" -v goal="${5:-}" '
		{ r[NR] = $1 }
		END { m = r[int((NR + 1) / 2)]; kept = how == "at most" ? m <= goal : m >= goal
			printf "  %-46s %8.2f    [%.2f - %.2f]", label, m, r[1], r[NR]
			if (goal != "")
				printf "  goal: %s %s  %s", how, goal, kept ? "kept" : "MISSED"
			print "" }'
}
# memory LABEL LAP MB: the most memory that any of the laps took
memory() {
	sort -n -k 2 -t "$(printf '\t')" "$laps/$2" | awk -F '\t' -v label="$1" -v goal="$3" '
		{ most = $2 / 1024 }
		END { printf "  %-46s %8.0f MB  goal: at most %d MB  %s\n", label, most, goal,
			most <= goal ? "kept" : "MISSED" }'
}
