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
clean 65 add bad.example encrypt ciphers=best
clean 0 set a.example servername=hostname
clean 0 show a.example --format json
clean 1 remove nope.example a.example
clean 0 list '*.example' --level secure --from "$TMP/p.yaml"
clean 78 list --table=nope
printf 'policies:\n  a.example: may\n  b.example: secure match=*.b\n' >"$TMP/two.yaml"
printf 'policies:\n  a.example: nolevel\n  b.example: [may\n' >"$TMP/bad.yaml"
clean 1 import "$TMP/two.yaml" --plan --format json
clean 0 import "$TMP/two.yaml" --apply
clean 65 import "$TMP/bad.yaml" --apply
clean 78 import "$TMP/two.yaml" --prune
clean 1 check --format json
clean 65 check --from "$TMP/bad.yaml"
for format in yaml json csv; do clean 0 export "$format"; done
clean 0 export map --output "$TMP/map" --postmap=hash
clean 65 export map --from "$TMP/bad.yaml"
clean 0 export mysql --reader r --password-file "$TMP/two.yaml"
clean 0 explain user@b.example
clean 1 explain b.example --postmap="hash:$TMP/map" --format json --from "$TMP/p.yaml"
clean 1 doctor
done_testing
