# TAP for shell tests: . tests/lib/tap.sh at the top, `done_testing` at the end.
# Tests run from the top of the repository; $TLSPOL is the program, $TMP a private directory.
# shellcheck shell=bash

TLSPOL=$(cd "${TLSPOL_BUILD:-build}" && pwd)/tlspol
TMP=$(mktemp -d "${TMPDIR:-/tmp}/tlspol-test.XXXXXX")
chmod 755 "$TMP"
export TLSPOL TMP
export LC_ALL=C.UTF-8 TERM=xterm TLSPOL_CONFIG=/dev/null
tap_count=0
tap_failed=0
tap_cleanups=()

# cleanup COMMAND...: run at the end, last one first
cleanup() { tap_cleanups+=("$(printf '%q ' "$@")"); }
tap_end() {
	local i
	for ((i = ${#tap_cleanups[@]} - 1; i >= 0; i--)); do eval "${tap_cleanups[i]}"; done
	rm -rf "$TMP"
}
trap tap_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

pass() { tap_count=$((tap_count + 1)); echo "ok $tap_count - $1"; }
fail() {
	tap_count=$((tap_count + 1)); tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/#   /'
}
# ok NAME COMMAND...: passes when the command succeeds
ok() { local name=$1; shift; if "$@" >"$TMP/ok.out" 2>&1; then pass "$name"; else fail "$name" "$(cat "$TMP/ok.out")"; fi; }
# is GOT WANT NAME
is() { if [ "$1" = "$2" ]; then pass "$3"; else fail "$3" "got:  $1"$'\n'"want: $2"; fi; }
# like GOT REGEX NAME
like() { if [[ $1 =~ $2 ]]; then pass "$3"; else fail "$3" "got:  $1"$'\n'"want: /$2/"; fi; }
unlike() { if [[ $1 =~ $2 ]]; then fail "$3" "got: $1"$'\n'"not wanted: /$2/"; else pass "$3"; fi; }

# run COMMAND...: sets $out, $err, $status; nothing on stdin
run() {
	"$@" >"$TMP/run.out" 2>"$TMP/run.err" </dev/null && status=0 || status=$?
	out=$(cat "$TMP/run.out"); err=$(cat "$TMP/run.err")
}
# exits STATUS NAME COMMAND...: run it and compare the exit status
exits() {
	local want=$1 name=$2; shift 2
	run "$@"
	if [ "$status" = "$want" ]; then pass "$name"; else fail "$name" "status $status, want $want"$'\n'"$out"$'\n'"$err"; fi
}
# skip_all REASON: for what the machine cannot have; on CI that is a failure
skip_all() {
	if [ -n "${CI:-}" ]; then echo "1..1"; echo "not ok 1 - must not skip on CI: $1"; exit 1; fi
	echo "1..0 # SKIP $1"; exit 0
}
done_testing() { echo "1..$tap_count"; [ "$tap_failed" = 0 ]; exit; }
