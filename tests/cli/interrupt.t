#!/bin/bash
# Signals in every phase, outputs that are closed or full: the table and the files are the old ones
# or the new ones as a whole, nothing is left beside them, and the end says which.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/store.sh
. tests/lib/two_tables.sh
. tests/lib/phases.sh
. tests/lib/postfix.sh
. tests/lib/random.sh
mariadb_start db || exit 1
postfix_config
thorough=${TLSPOL_THOROUGH:-}
moments=$([ -n "$thorough" ] && echo 100 || echo 10)

# -- import ------------------------------------------------------------------------------------------

two_tables 2000
phases_start || exit 1
phases_of to B
at=B
for signal in INT TERM; do
	: >"$TMP/wrong"
	for when in before ${thorough:+after part}; do
		for ((n = 1; n <= phases; n++)); do
			next=$(other "$at")
			in_phase "$n" "$when" "$signal" to "$next"
			judge "$at" "$next" >"$TMP/said"
			sed "s|^|$when phase $phase: |" "$TMP/said" >>"$TMP/wrong"
			case "$phase/$when/$status" in
			*COMMIT*/0 | *close*/0 | *quit*/0 | */130) ;;
			*) echo "phase $phase ended with status $status" >>"$TMP/wrong" ;;
			esac
		done
	done
	again "$(other "$at")" >>"$TMP/wrong"
	is "$(cat "$TMP/wrong")" '' "SIG$signal in each of $phases phases of an import"
done

# A commit that waits: the first signal waits with it, the second does not
(sql 'BACKUP STAGE START; BACKUP STAGE FLUSH; BACKUP STAGE BLOCK_DDL; BACKUP STAGE BLOCK_COMMIT; SELECT SLEEP(60)' >/dev/null 2>&1) &
holder=$!
wait_for "$(running '%SELECT SLEEP(60)') = 1"
next=$(other "$at")
in_background tlspol_to "$next"
wait_for "$(running 'COMMIT') = 1"
kill -INT "$job"
sleep 0.2
ok 'a commit that has begun is waited for' kill -0 "$job"
kill -INT "$job"
ended
is "$status" 130 '  unless a second signal comes'
like "$err" 'interrupted at the end of its work: run it again to be sure' '  which says so'
sql "$(sql "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP(60)' AND ID <> CONNECTION_ID()")"
wait "$holder" 2>/dev/null
quiet_server
like "$(state)" '^[AB]$' '  and the table is whole'
is "$(again "$next")" '' '  and finished by running it again'
at=$next

# -- export ------------------------------------------------------------------------------------------

# which: A or B, by the source and the index of a map; what else is in its directory
which() {
	local now
	for now in A B neither; do ! cmp -s "$TMP/out/map" "$TMP/$now.map" || break; done
	postmap -c "$POSTFIX" -s "hash:$TMP/out/map" 2>"$TMP/postmap" | LC_ALL=C sort | cmp -s - "$TMP/$now.map" ||
		echo 'the index is another: '
	echo "$now"
	ls -A "$TMP/out" | grep -vx -e map -e map.db
}
mkdir "$TMP/out"
export_map() { t export map --output "$TMP/out/map" --postmap=hash --quiet; }
# judge_files FROM TO: the files, after an export that was to bring them from one to the other
judge_files() {
	local now want=$1
	now=$(which)
	case $status:$err in
	0:*) want=$2 ;;
	130:*'interrupted: nothing '* | 69:*) ;;
	130: | 143:) ;; # it had not begun
	*) want='what these words say' ;;
	esac
	[ "$now" = "$want" ] || echo "the files are $now, not $want: status $status, $err"
}
# table_is STATE: changes it if it has to be
table_is() { [ "$at" = "$1" ] || again "$1"; }

table_is A
ok 'a map' export_map
is "$(which)" A '  of this table'
table_is B
phases_of export_map
rm -r "$TMP/out"; mkdir "$TMP/out"
table_is A; export_map; table_is B
for action in INT TERM cut; do
	: >"$TMP/wrong"
	for when in before after ${thorough:+part}; do
		for ((n = 1; n <= phases; n++)); do
			in_phase "$n" "$when" "$action" export_map
			judge_files A B >>"$TMP/wrong"
			if [ "$status" = 0 ]; then table_is A; export_map; table_is B; fi
		done
	done
	is "$(cat "$TMP/wrong")" '' "$action in each of $phases phases of an export"
done
# The phases of the files: at random
two_tables 20000
at=A
export_map
from=A
random_seed
before=$(now_us)
export_map
whole=$(($(now_us) - before))
: >"$TMP/wrong"
hit=0
for ((i = 1; i <= moments; i++)); do
	next=$(other "$from")
	table_is "$next"
	in_background tlspol export map --output "$TMP/out/map" --postmap=hash --quiet
	moment "$whole"
	kill "-$([ $((i % 2)) = 0 ] && echo INT || echo TERM)" "$job" 2>/dev/null
	ended
	[ "$status" != 130 ] || hit=$((hit + 1))
	judge_files "$from" "$next" >>"$TMP/wrong"
	[ "$status" != 0 ] || from=$next
done
is "$(cat "$TMP/wrong")" '' "signals at random moments of an export with its index ($hit in time)"

# -- outputs -----------------------------------------------------------------------------------------

next=$(other "$at")
import_plan() { t import "$TMP/$next.yaml" --prune=all --max-change 100% --allow-weaker --apply; }
(import_plan 2>"$TMP/err"; echo $? >"$TMP/status") | head -1 >/dev/null
is "$(cat "$TMP/status")" 74 'import --apply | head -1: the plan cannot be shown'
like "$(cat "$TMP/err")" 'nothing was changed' '  says so'
is "$(state)" "$at" '  and nothing is'
import_plan >/dev/full 2>"$TMP/err" && status=0 || status=$?
is "$status" 74 'import --apply >/dev/full'
like "$(cat "$TMP/err")" 'nothing was changed.*No space left' '  says so'
is "$(state)" "$at" '  and nothing is changed'
for format in map yaml json csv; do
	exits 74 "export $format --output /dev/full" t export $format --output /dev/full
	t export $format >/dev/full 2>"$TMP/err" && status=0 || status=$?
	is "$status" 74 "export $format >/dev/full"
	(t export $format 2>"$TMP/err"; echo $? >"$TMP/status") | head -1 >/dev/null
	is "$(cat "$TMP/status" "$TMP/err")" 74 "export $format | head -1 is quiet"
done
ulimit_export() { (ulimit -f 8; t export map --output "$TMP/out/map"); }
files=$(which)
exits 74 'a limit on the size of files' ulimit_export
like "$err" '/out/map.*: File too large' '  says so'
is "$(which)" "$files" '  and the old file stays'
for words in 'add x.example may' 'set x.example encrypt' 'remove x.example'; do
	# shellcheck disable=SC2086 # words
	t $words >/dev/full 2>"$TMP/err" && status=0 || status=$?
	is "$status" 74 "$words >/dev/full"
	like "$(cat "$TMP/err")" 'the table was changed, but: .*No space left' '  says what was done'
done
done_testing
