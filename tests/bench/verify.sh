#!/bin/bash
# Mail servers looked at by tlspol verify and by posttls-finger, in a network namespace with a DNS
# root, a resolver and a sink of its own (tests/lib/lab): 2000 domains on as many hosts, next door
# and 100 ms away, and 10000 domains on 300 hosts. Contestants take turns, and ratios are of the
# same round, so that a busy machine is as unkind to one as to the other.
#
#   BENCH_ROUNDS=N   rounds (default 3, of about a minute each)
set -u
build=$(cd "${TLSPOL_BUILD:-build}" && pwd)
. tests/lib/tap.sh
. tests/lib/lab/lab.sh
rounds=${BENCH_ROUNDS:-3} distinct=2000 domains=10000 shared=300
near=2626 far=2627 # ports of the sinks

{
	echo 'zone bench.test insecure'
	echo 'host bench 127.9.0.1 none by=root names=*.bench.test'
	awk -v hosts="$distinct" -v domains="$domains" -v shared="$shared" 'BEGIN {
		for (i = 1; i <= hosts; i++) {
			printf "rr h%d.bench.test. A 127.10.%d.%d\n", i, i / 256, i % 256
			printf "rr d%d.bench.test. MX 10 h%d.bench.test.\n", i, i
		}
		for (i = 1; i <= domains; i++)
			printf "rr s%d.bench.test. MX 10 h%d.bench.test.\n", i, (i - 1) % shared + 1
	}'
} >"$TMP/world"
lab_start "$TMP/world" || exit 1
sink() { # PORT MILLISECONDS
	: >"$TMP/sink-$1"
	lab_exec "$build/bench/smtp_sink" 0.0.0.0 "$1" "$LAB/pki/bench.pem" "$2" >"$TMP/sink-$1" 2>&1 &
	until grep -q ready "$TMP/sink-$1"; do kill -0 $! && sleep 0.05; done
}
sink "$near" 0
sink "$far" 100
rows() { seq -f "$1%.0f.bench.test:$2 verify" "$3"; }
rows d "$near" "$distinct" >"$TMP/near"
rows d "$far" "$distinct" >"$TMP/far"
rows s "$near" "$domains" >"$TMP/shared"
CA=$(lab_ca)
anchor=$(lab_trust_anchor)

# -- laps: NAME gets "count seconds cpu-seconds kilobytes" --------------------------------------
mkdir "$TMP/laps"
TIMEFORMAT='%R %U %S'
# lap NAME COUNT COMMAND...
lap() {
	local name=$1 count=$2 times; shift 2
	rm -f "$TMP/timed"
	times=$( { time "$build/bench/timed" "$TMP/timed" nsenter --net="/proc/$lab_pid/ns/net" -- \
		"$@" 2>"$TMP/stderr"; } 2>&1 ) || { cat "$TMP/stderr" >&2; exit 1; }
	echo "$count $times $(cut -f 2 "$TMP/timed")" |
		awk '{ print $1, $2, $3 + $4, $5 }' >>"$TMP/laps/$name"
}
verify() { # NAME ROWS WIDTH
	lap "$1" "$(wc -l <"$2")" "$build/tlspol" verify --from "$2" --width "$3" --per-provider 0 \
		--no-sts --ca-file "$CA" --resolver 127.0.0.1 --trust-anchor "$anchor" \
		--postfix-version 3.7.11 --format csv
	grep -q "$(wc -l <"$2") deliver;" "$TMP/stderr" || { cat "$TMP/stderr" >&2; exit 1; }
}
finger() { # NAME ROWS COUNT PROCESSES
	head -n "$3" "$2" | cut -d ' ' -f 1 >"$TMP/few"
	# shellcheck disable=SC2016 # for the inner shell
	lap "$1" "$3" env CA="$CA" bash -c 'xargs -a "$0" -P "$1" -I {} posttls-finger -c -t 30 -T 30 \
		-l verify -F "$CA" -L summary {} >"$0.out" 2>&1' "$TMP/few" "$4"
	# A lookup may fail on a busy machine; not many.
	[ "$(grep -c 'Verified TLS connection' "$TMP/few.out")" -ge $(($3 * 9 / 10)) ] || {
		grep -v 'Verified TLS' "$TMP/few.out" >&2
		exit 1
	}
}

round() {
	verify near-128 "$TMP/near" 128
	lap bare "$distinct" "$build/bench/bare_starttls" "$CA" "$near" "$distinct" 32
	finger near-1 "$TMP/near" 60 1
	finger near-2 "$TMP/near" 200 2
	finger near-32 "$TMP/near" 200 32
	verify far-128 "$TMP/far" 128
	verify far-512 "$TMP/far" 512
	finger far-1 "$TMP/far" 8 1
	finger far-32 "$TMP/far" 150 32
	verify shared "$TMP/shared" 128
}

# -- report -------------------------------------------------------------------------------------
middle() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)], v[1], v[NR] }'; }
# line NAME LABEL: checks a second, and CPU of one
# shellcheck disable=SC2046,SC2183 # three numbers each
line() {
	printf '  %-46s %8.1f /s [%.1f - %.1f]  %6.2f ms CPU [%.2f - %.2f]\n' "$2" \
		$(awk '{ print $1 / $2 }' "$TMP/laps/$1" | middle) \
		$(awk '{ print $3 * 1000 / $1 }' "$TMP/laps/$1" | middle)
}
# judge LABEL FORMAT GOAL-SIGN GOAL <VALUES
judge() {
	middle | awk -v label="$1" -v form="$2" -v sign="$3" -v goal="$4" '
		{ printf "  %-46s " form "  [" form " - " form "]  goal: %s " form "  %s\n", label,
			$1, $2, $3, sign, goal,
			(sign == "at most" ? $1 <= goal : $1 >= goal) ? "kept" : "MISSED" }'
}
# faster A B: how many times the rate, of the same rounds
faster() { paste -d ' ' "$TMP/laps/$1" "$TMP/laps/$2" | awk '{ print $1 / $2 / ($5 / $6) }'; }

for ((i = 0; i < rounds; i++)); do round; done

printf '\nMail servers looked at, %s rounds; checks a second, CPU of one check:\n' "$rounds"
echo " $distinct domains on as many hosts, no latency:"
line near-128 'tlspol verify'
line near-1 'posttls-finger'
line near-2 'posttls-finger, xargs -P 2'
line near-32 'posttls-finger, xargs -P 32'
line bare 'bare C client: STARTTLS, chain, no more'
echo " $distinct domains on as many hosts, 100 ms away:"
line far-128 'tlspol verify --width 128'
line far-512 'tlspol verify --width 512'
line far-1 'posttls-finger'
line far-32 'posttls-finger, xargs -P 32'
echo " $domains domains on $shared hosts:"
line shared 'tlspol verify'
echo ' goals:'
awk '{ print $3 * 1000 / $1 }' "$TMP/laps/near-128" | judge 'CPU of a check, ms' '%8.2f' 'at most' 2.0
faster near-128 near-2 | judge 'rate / xargs -P 2, no latency' '%8.1f' 'at least' 3
faster far-128 far-1 | judge 'rate / one by one, 100 ms away' '%8.0f' 'at least' 120
awk '{ print $2 }' "$TMP/laps/shared" | judge "$domains domains on $shared hosts, s" '%8.1f' 'at most' 15
awk '{ print $4 / 1024 }' "$TMP/laps/far-512" | judge 'memory at width 512, MB' '%8.0f' 'at most' 60
faster near-128 bare | awk '{ print 1 / $1 }' | middle |
	awk '{ printf "  %-46s %8.2f  [%.2f - %.2f]\n", "time / bare C client", $1, $2, $3 }'
