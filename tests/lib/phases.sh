# Something that happens to tlspol in a chosen phase of its talk with the server (phase_proxy.py).
# Source it after tap.sh and mariadb.sh, with a server running.
#
#   phases_start           a proxy before $SOCKET; $SERVER is the server's own socket from then on
#   in_phase N WHEN ACTION COMMAND...   runs it like run(), with $SOCKET the proxy's, and ACTION in
#                          phase N; sets $phase to what that phase is, "" where there is none so late
#   phases_of COMMAND...   sets $phases to how many it has when nothing happens
# shellcheck shell=bash

phases_start() {
	SERVER=$SOCKET PROXY=$TMP/proxy.sock
	mkfifo "$TMP/proxy.end"
	python3 tests/lib/phase_proxy.py "$PROXY" "$SERVER" "$TMP/proxy.plan" "$TMP/proxy.log" \
		<"$TMP/proxy.end" &
	proxy_pid=$!
	exec 8>"$TMP/proxy.end"
	cleanup phases_stop
	for ((i = 0; i < 200; i++)); do
		[ ! -S "$PROXY" ] || return 0
		sleep 0.05
	done
	return 1
}
phases_stop() { exec 8>&-; wait "$proxy_pid"; }

in_phase() {
	local n=$1
	echo "$1 $2 $3" >"$TMP/proxy.plan"
	: >"$TMP/proxy.log"
	shift 3
	SOCKET=$PROXY run "$@"
	# shellcheck disable=SC2034 # for the test
	phase=$(! grep -q '^done' "$TMP/proxy.log" || grep "^$n " "$TMP/proxy.log")
}
phases_of() {
	in_phase 0 before cut "$@"
	# shellcheck disable=SC2034 # for the test
	phases=$(grep -c '^[0-9]' "$TMP/proxy.log")
}
