# Drives build/tests/lib/store_probe. Source it after tap.sh, mariadb.sh and tables.sh.
# shellcheck shell=bash

probe=$TLSPOL_BUILD/tests/lib/store_probe
# p [SETTING=VALUE...] VERB [WORD...]: on the current server's database "mail", as root
p() { "$probe" no_defaults=1 socket="$SOCKET" user=root database=mail "$@"; }
# apply "LINE\nLINE" [SETTING=VALUE...]: a plan, as store_probe.c describes it
apply() {
	local lines=$1
	shift
	printf '%b\n' "$lines" | p "$@" apply
}
# fails STATUS REGEX NAME COMMAND...: the store says no, with this status and these words
fails() {
	local status=$1 regex=$2 name=$3
	shift 3
	like "$("$@" 2>&1)" "^error $status: .*$regex" "$name"
}
# wait_for "SQL condition that gives 1": until it does
wait_for() {
	local i
	for ((i = 0; i < 200; i++)); do
		[ "$(sql "SELECT $1")" != 1 ] || return 0
		sleep 0.05
	done
	return 1
}
# Queries of others that run now and look like the pattern (without the one that asks).
running() {
	printf "(SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%s' AND ID <> CONNECTION_ID())" "$1"
}
