# Random moments, and programs that run meanwhile. Source it after tap.sh.
#
#   random_seed            prints the seed; TLSPOL_SEED=N has the same moments come again
#   moment MICROSECONDS    sleeps for a random part of them
#   now_us                 microseconds, to measure with
#   in_background COMMAND...   runs it; $job is the pid of tlspol itself, no shell around it
#   ended                  waits for it; $status, $out, $err as run() sets them
#   tlspol COMMAND...      for in_background: as t (tables.sh), in place of the shell
#   tlspol_to STATE        the same as to (two_tables.sh)
# shellcheck shell=bash disable=SC2034

random_seed() {
	local seed=${TLSPOL_SEED:-$((RANDOM * 32768 + RANDOM))}
	RANDOM=$seed
	echo "# seed $seed (TLSPOL_SEED=$seed repeats the moments)"
}
moment() {
	local us=$(((RANDOM * 32768 + RANDOM) % $1))
	sleep "$(printf '%d.%06d' $((us / 1000000)) $((us % 1000000)))"
}
now_us() { echo "${EPOCHREALTIME/[.,]/}"; }
in_background() {
	# A job of its own: in the background of a script SIGINT would be ignored.
	set -m
	"$@" >"$TMP/job.out" 2>"$TMP/job.err" </dev/null &
	set +m
	job=$!
}
ended() {
	wait "$job" 2>/dev/null && status=0 || status=$?
	out=$(cat "$TMP/job.out") err=$(cat "$TMP/job.err")
}
tlspol() {
	local command=$1
	shift
	exec "$TLSPOL" "$command" --no-defaults --socket="$SOCKET" --user=root --database=mail "$@"
}
tlspol_to() {
	tlspol import "$TMP/$1.yaml" --prune=all --max-change 100% --allow-weaker --apply \
		--output /dev/null
}
