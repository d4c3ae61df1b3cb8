#!/bin/bash
# revert: rows and tables as they were, with the guards of import.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
export TZ=Pacific/Chatham USER=alice
unset SUDO_USER
mariadb_start --default-time-zone=-10:00 || exit 1
moment() { sleep 0.02; date '+%Y-%m-%d %H:%M:%S.%6N'; sleep 0.02; }
all() { sql -D mail 'SELECT domain, policy, params, note, origin, provider FROM tlspolicies ORDER BY domain'; }

exits 0 'a table with history' t init --history
t add a.example may --note old >/dev/null
t add b.example dane >/dev/null
t add c.example secure match=mx.c.example >/dev/null
one=$(moment)
first=$(all)
t set a.example encrypt --note '' >/dev/null
t remove b.example >/dev/null
t set c.example match=mx2.c.example --note added >/dev/null
t add d.example may >/dev/null
now=$(all)

exits 64 'no moment' t revert a.example
exits 64 'no key' t revert --to "$one"
exits 64 'keys and --all' t revert a.example --all --to "$one"
exits 64 '--plan and --apply' t revert --all --to "$one" --plan --apply
exits 1 'the plan' t revert --all --to "$one" --plan
is "$out" '~ a.example: encrypt -> may (note: old)  [weaker: mail may be sent in the clear]
+ b.example: dane
~ c.example: secure match=mx2.c.example -> secure match=mx.c.example (note: added -> )
- d.example: may' 'says what would be'
like "$err" '1 to add, 2 to change, 1 to remove, 0 unchanged, 1 weaker; checksum [0-9a-f]{16}' 'and counts it'
is "$(all)" "$now" 'and does nothing'
exits 1 'nobody is there to ask' t revert --all --to "$one"
is "$(all)" "$now" 'so nothing is done'
exits 1 'weaker' t revert --all --to "$one" --apply
like "$err" '--allow-weaker' 'is refused'
is "$(all)" "$now" 'nothing is done'
exits 1 'another plan' t revert --all --to "$one" --apply --allow-weaker --expect 00000000
is "$(all)" "$now" 'nothing is done'
exits 1 'JSON' t revert c.example --to "$one" --format json
like "$out" '"change": "update", "domain": "c.example"' 'as import has it'

# -- some keys
exits 0 'one key' t revert C.example --to "$one" --apply
is "$(all | grep ^c)" "$(grep ^c <<<"$first")" 'is as it was'
is "$(all | grep -v ^c)" "$(grep -v ^c <<<"$now")" 'the others are not touched'
exits 0 'again' t revert c.example --to "$one" --apply
is "$out" '' 'there is nothing to do'
exits 0 'one that was removed, one that came' t revert b.example d.example --to "$one" --apply
is "$(all | cut -f1 | xargs)" 'a.example b.example c.example' 'is back, is gone'
exits 1 'a key that never was' t revert a.example never.example --to "$one" --apply --allow-weaker
like "$err" 'never\.example' 'is named'
like "$(all)" 'a.example	encrypt' 'nothing is changed then'

# -- all
back=$(moment)
exits 1 'what would be done' t revert --all --to "$one" --plan
exits 0 'the whole table' t revert --all --to "$one" --apply --allow-weaker --expect "$(grep -o "checksum [0-9a-f]*" <<<"$err" | cut -d" " -f2)"
is "$(all)" "$first" 'is as it was'
is "$(t diff "$one" --quiet)" '' 'and differs in nothing'
is "$(t history a.example --format csv | tail -1 | cut -d, -f2,4,6,8,11)" 'update,may,old,encrypt,alice' 'which history tells as well'
exits 0 'and back again' t revert --all --to "$back" --apply
like "$(all)" 'a.example	encrypt' 'reverting can be reverted'

# -- too much at once; keys that are named are not too much
for i in {1..10}; do echo "n$i.example may"; done >"$TMP/map"
t import "$TMP/map" --input-format map --apply --quiet >/dev/null
ten=$(moment)
sed -i 's/may/encrypt/' "$TMP/map"
t import "$TMP/map" --input-format map --apply --quiet --max-change 100% >/dev/null
exits 1 'much of the table' t revert --all --to "$ten" --apply --allow-weaker
like "$err" '--max-change' 'is refused'
exits 0 'named keys' t revert n{1..10}.example --to "$ten" --apply --allow-weaker
is "$(t list 'n*' --level may --format map | wc -l)" 10 'are not'

# -- exceptions go back as well
plain=$(moment)
t set c.example may --until 'in 1 hour' --note 'until they mend it' >/dev/null 2>&1
laid=$(moment)
exits 0 'before it was laid' t revert c.example --to "$plain" --apply
is "$(sql -D mail "SELECT exception_policy, exception_until, exception_note FROM tlspolicies WHERE domain = 'c.example'")" \
	"$(printf 'NULL\tNULL\tNULL')" 'there was none'
exits 0 'while it was there' t revert c.example --to "$laid" --apply --allow-weaker
is "$(sql -D mail "SELECT exception_policy, exception_note FROM tlspolicies WHERE domain = 'c.example'")" \
	"$(printf 'may\tuntil they mend it')" 'it is back'

# -- what cannot be
exits 1 'before history began' t revert --all --to '2 days ago' --apply --max-change 100%
like "$err" 'begins at' 'nothing is known of it'
is "$(t list --format map | wc -l)" 13 'so nothing is removed'
sql -D mail "CREATE USER reader@localhost; GRANT SELECT ON mail.* TO reader@localhost"
exits 77 'who may only read' "$TLSPOL" revert --no-defaults --socket="$SOCKET" --user=reader --database=mail n1.example \
	--to "$back" --apply
exits 1 'may look at the plan' "$TLSPOL" revert --no-defaults --socket="$SOCKET" --user=reader --database=mail n1.example \
	--to "$back" --plan
done_testing
