#!/bin/bash
# No definite leak and no invalid access in whole runs of the program, good and bad ones.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
command -v valgrind >/dev/null || skip_all 'valgrind is not installed'
# A program with sanitizers does not run under valgrind, and needs it less.
! nm "$TLSPOL" 2>/dev/null | grep -q __asan_init || { echo '1..0 # SKIP built with sanitizers'; exit 0; }
mariadb_start || exit 1
table_old
printf 'policies:\n  a.example: {policy: secure, match: [a.example], note: x}\n' >"$TMP/p.yaml"

# clean STATUS COMMAND WORD...
clean() {
	local want=$1
	shift
	run valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=99 \
		"$TLSPOL" "$1" --no-defaults --socket="$SOCKET" --user=root --database=mail "${@:2}"
	if [ "$status" = "$want" ]; then pass "$*"; else fail "$*" "status $status, want $want"$'\n'"$err"; fi
}
clean 0 add a.example secure match=a.example
clean 1 add a.example may
clean 65 add bad.example encrypt ciphers=best
clean 0 set a.example servername=hostname
clean 0 list '*.example' --level secure --format json
clean 0 show a.example
clean 1 remove nope.example a.example
clean 0 list --from "$TMP/p.yaml" --format csv
clean 78 list --table=nope
done_testing
