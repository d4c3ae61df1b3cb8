#!/bin/bash
# Others write while an import is planned and applied: what was shown is what is done, or it says
# what changed meanwhile and does nothing. Locks, deadlocks, read-only servers, two imports at once,
# and an export in the middle of it all.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/store.sh
. tests/lib/two_tables.sh
. tests/lib/phases.sh
. tests/lib/random.sh
mariadb_start db || exit 1
client="mariadb --no-defaults -S '$SOCKET' -u root --skip-ssl mail"
thorough=${TLSPOL_THOROUGH:-}
two_tables 1600
phases_start || exit 1
phases_of to B
# Nothing is known of the table before its rows are asked for.
first=$(grep -m 1 ' query SELECT .* FROM `tlspolicies`$' "$TMP/proxy.log" | cut -d' ' -f1)
again A >/dev/null

# -- a lock that is not given back: its ten seconds pass while other things are tried ------------------

sql 'CREATE DATABASE held; CREATE TABLE held.tlspolicies LIKE mail.tlspolicies'
sql 'INSERT INTO held.tlspolicies SELECT * FROM mail.tlspolicies'
held_before=$(fingerprint held.tlspolicies)
mariadb --no-defaults -S "$SOCKET" -u root --skip-ssl held -e "START TRANSACTION;
	UPDATE tlspolicies SET policy = 'none' LIMIT 1; SELECT SLEEP(900)" >/dev/null 2>&1 &
holder=$!
wait_for "$(running 'SELECT SLEEP(900)') = 1"
"$TLSPOL" import "$TMP/B.yaml" --no-defaults --socket="$SOCKET" --user=root --database=held --prune=all \
	--max-change 100% --allow-weaker --apply --output /dev/null >"$TMP/held.out" 2>&1 </dev/null &
held=$!

# -- another writer, in every phase -------------------------------------------------------------------

# One row that the plan changes, adds, removes, and one that it leaves alone.
changed=$(LC_ALL=C comm -13 "$TMP/A.map" "$TMP/B.map" | cut -f1 | LC_ALL=C sort | comm -12 - <(cut -f1 "$TMP/A.map") | sed -n 7p)
added=$(comm -13 <(cut -f1 "$TMP/A.map") <(cut -f1 "$TMP/B.map") | sed -n 7p)
removed=$(comm -23 <(cut -f1 "$TMP/A.map") <(cut -f1 "$TMP/B.map") | sed -n 7p)
kept=$(comm -12 "$TMP/A.map" "$TMP/B.map" | cut -f1 | sed -n 7p)
ok 'the plan changes, adds, removes and keeps rows' test -n "$changed" -a -n "$added" -a -n "$removed" -a -n "$kept"

# meddled KEY WORDS SQL: the other writer's change, in each phase. Nobody waits for anybody: it is
# done, and the import says so or was through before; or it is refused, because the import has locked
# the row, which is then as planned.
meddled() {
	local key=$1 words=$2 change=$3 n theirs mine
	: >"$TMP/wrong"
	local refused=0 seen=0 late=0
	for ((n = first; n <= phases; n++)); do
		[ "$at" = A ] || again A >>"$TMP/wrong"
		: >"$TMP/theirs"
		in_phase "$n" before "$client -e 'SET innodb_lock_wait_timeout = 0, lock_wait_timeout = 0; $change' >'$TMP/theirs' 2>&1" to B
		theirs=$(cat "$TMP/theirs")
		mine=$status:$err
		quiet_server || echo "a connection stays after phase $n" >>"$TMP/wrong"
		if [[ $theirs =~ 'ERROR 1205' ]]; then
			refused=$((refused + 1))
			[ "$status:$(state)" = 0:B ] || echo "$phase: they were refused: $mine, the table is $(state)" >>"$TMP/wrong"
		elif [ "$status" = 75 ]; then
			seen=$((seen + 1))
			[[ $err == *"$key: $words since the change was planned; try again; nothing was changed" ]] ||
				echo "$phase: $err" >>"$TMP/wrong"
			# Theirs once more on what was there: the table is exactly that.
			sql -D mail "DROP TABLE IF EXISTS should; CREATE TABLE should LIKE tlspolicies; INSERT INTO should SELECT * FROM want_A; ${change//tlspolicies/should}" 2>/dev/null
			[ "$(fingerprint tlspolicies)" = "$(fingerprint should)" ] || echo "$phase: the table is neither the old one with their change" >>"$TMP/wrong"
		elif [ "$status" = 0 ]; then
			# Before the plan or behind the commit: both were done.
			late=$((late + 1))
		else
			echo "$phase: $mine, they: $theirs" >>"$TMP/wrong"
		fi
		at=neither
	done
	again B >>"$TMP/wrong"
	is "$(cat "$TMP/wrong")" '' "another writer: $words ($refused refused, $seen seen, $late before or behind)"
	[ "$words" = nothing ] || ok '  was refused and was seen' test "$refused" -gt 2 -a "$seen" -gt 0
}
meddled "$changed" 'somebody changed it' "UPDATE tlspolicies SET policy = \"dane\" WHERE domain = \"$changed\""
meddled "$changed" 'somebody removed it' "DELETE FROM tlspolicies WHERE domain = \"$changed\""
meddled "$added" 'somebody stored it' "INSERT INTO tlspolicies (domain, policy) VALUES (\"$added\", \"dane\")"
meddled "$removed" 'somebody changed it' "UPDATE tlspolicies SET note = \"mine\" WHERE domain = \"$removed\""

# -- an administrator, in every phase ------------------------------------------------------------------

sql "CREATE USER writer; GRANT SELECT, INSERT, UPDATE, DELETE ON mail.* TO writer"
to_as_writer() {
	"$TLSPOL" import "$TMP/$1.yaml" --no-defaults --socket="$SOCKET" --user=writer --database=mail --prune=all \
		--max-change 100% --allow-weaker --apply --output /dev/null
}
again A
: >"$TMP/wrong"
seen=0 step=$([ -n "$thorough" ] && echo 1 || echo 3) offset=0
for ((n = 1; n <= phases; n += step)); do
	next=$(other "$at")
	in_phase "$n" before "$client -e 'SET lock_wait_timeout = 1; SET GLOBAL read_only = 1' >/dev/null 2>&1" to_as_writer "$next"
	sql 'SET GLOBAL read_only = 0'
	judge "$at" "$next" >>"$TMP/wrong"
	if [ "$status" = 75 ]; then
		seen=$((seen + 1))
		[[ $err =~ 'read-only'.*'write on the primary; nothing was changed' ]] || echo "$err" >>"$TMP/wrong"
	fi
done
is "$(cat "$TMP/wrong")" '' "the server becomes read-only (seen $seen times)"
ok '  and it is seen' test "$seen" -ge 2

: >"$TMP/wrong"
two_tables 200
phases_of to B
for change in 'DROP TABLE tlspolicies' 'TRUNCATE tlspolicies' 'ALTER TABLE tlspolicies ADD ours INT' \
	'ALTER TABLE tlspolicies DROP note' 'ALTER TABLE tlspolicies RENAME theirs'; do
	for ((n = 1 + offset++ % step; n <= phases; n += step)); do
		sql -D mail 'DROP TABLE IF EXISTS tlspolicies, theirs; CREATE TABLE tlspolicies LIKE want_A; INSERT INTO tlspolicies SELECT * FROM want_A'
		: >"$TMP/theirs"
		in_phase "$n" before "$client -e 'SET lock_wait_timeout = 0; $change' >'$TMP/theirs' 2>&1" to B
		quiet_server
		case $status:$err in
		0:*) [ -s "$TMP/theirs" ] || continue; [ "$(state)" = B ] || echo "$change, $phase: $(state)" ;;
		75:*'since the change was planned; try again; nothing was changed' | 78:*'no such table'* | 78:*'no such column'* | 78:*'has no column'*) ;;
		75:*'another writer came between'*) ;;
		*) echo "$change, $phase: status $status, $err" ;;
		esac >>"$TMP/wrong"
	done
done
is "$(cat "$TMP/wrong")" '' 'the table is dropped, emptied, altered or renamed'

# -- the lock of the beginning ---------------------------------------------------------------------------

wait "$held" && status=0 || status=$?
is "$status" 75 'a row that is locked for ever'
like "$(cat "$TMP/held.out")" 'another session holds the rows or the whole table: .*\(error 1205\); try again; nothing was changed' '  says so'
kill "$holder"; wait "$holder" 2>/dev/null
wait_for "$(running 'SELECT SLEEP(900)') = 0"
is "$(fingerprint held.tlspolicies)" "$held_before" '  and nothing is changed'

# -- a deadlock: they hold the second row and want the first -------------------------------------------------

sql -D mail "DELETE FROM tlspolicies; INSERT INTO tlspolicies (domain, policy) VALUES ('a.example', 'may'), ('b.example', 'may')"
printf 'policies:\n  a.example: encrypt\n  b.example: encrypt\n' >"$TMP/two.yaml"
deadlocks() { sql "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_DEADLOCKS'"; }
before=$(deadlocks)
mariadb --no-defaults -S "$SOCKET" -u root --skip-ssl mail -e "START TRANSACTION; UPDATE tlspolicies SET note = 'x', policy = 'none' WHERE domain = 'b.example';
	DO SLEEP(1); UPDATE tlspolicies SET note = 'x' WHERE domain = 'a.example'; ROLLBACK" >"$TMP/dead" 2>&1 &
other=$!
wait_for "$(running 'DO SLEEP(1)') = 1"
run t import "$TMP/two.yaml" --max-change 100% --apply --output /dev/null
wait "$other"
is "$status:$(cat "$TMP/dead")" 0: 'a deadlock: the import is tried again as a whole'
is "$(($(deadlocks) - before))" 1 '  there was one'
is "$(rows | cut -f2 | uniq)" encrypt '  and all is done'

# -- two imports at once ---------------------------------------------------------------------------------------

two_tables 3000
at=A
: >"$TMP/wrong"
won=0 lost=0
for ((i = 1; i <= 6; i++)); do
	# The same file twice; then one that empties the table against one that fills it.
	if [ $((i % 2)) = 1 ]; then one=$(other "$at") two=$one; else one=$(other "$at") two=$at; fi
	sql -D mail "UPDATE tlspolicies SET note = '$i' LIMIT 1"
	for which in one two; do
		(t import "$TMP/${!which}.yaml" --prune=all --max-change 100% --allow-weaker --apply --output /dev/null \
			>"$TMP/$which.err" 2>&1; echo $? >"$TMP/$which.status") &
	done
	wait %+ %-
	quiet_server
	statuses=$(cat "$TMP/one.status" "$TMP/two.status" | xargs)
	case $statuses in
	'0 0') won=$((won + 1)); [[ $(state) =~ ^($one|$two)$ ]] ;;
	'0 75') lost=$((lost + 1)); [ "$(state)" = "$one" ] ;;
	'75 0') lost=$((lost + 1)); [ "$(state)" = "$two" ] ;;
	*) false ;;
	esac || echo "$one and $two: $statuses, the table is $(state)" "$(cat "$TMP/one.err" "$TMP/two.err")" >>"$TMP/wrong"
	again "$one" >>"$TMP/wrong"
done
is "$(cat "$TMP/wrong")" '' "two imports at once: $lost times the second is told, $won times it came behind"
sql -D mail 'DELETE FROM tlspolicies'
for which in A B; do
	(t import "$TMP/$which.yaml" --apply --output /dev/null >"$TMP/$which.err" 2>&1; echo $? >"$TMP/$which.status") &
done
wait %+ %-
like "$(cat "$TMP/A.status" "$TMP/B.status" | xargs)" '^(0 75|75 0|0 0|0 1|1 0)$' 'two first imports into an empty table'
like "$(state)" '^[AB]$|neither' '  one of them is there'
again A

# -- an export while an import commits ---------------------------------------------------------------------------

two_tables 4000
at=A
phases_of t export map
phases=$((phases - 1)) # Behind the last one, the end, nobody waits.
: >"$TMP/wrong"
for when in before part ${thorough:+after}; do
	for ((n = 1; n <= phases; n++)); do
		next=$(other "$at")
		in_phase "$n" "$when" ". tests/lib/tables.sh; SOCKET='$SERVER'; t import '$TMP/$next.yaml' --prune=all --max-change 100% --allow-weaker --apply --output /dev/null 2>'$TMP/theirs'" \
			t export map --output "$TMP/out.map"
		cmp -s "$TMP/out.map" "$TMP/$at.map" || cmp -s "$TMP/out.map" "$TMP/$next.map" ||
			echo "$when $phase: the map is neither: status $status, $err"
		[ "$(state)" = "$next" ] || echo "$when $phase: the import: $(cat "$TMP/theirs"), $(state)"
		at=$(state)
	done
done >>"$TMP/wrong"
is "$(cat "$TMP/wrong")" '' "an import in each of $phases phases of an export: the map is the old table or the new one"
done_testing
