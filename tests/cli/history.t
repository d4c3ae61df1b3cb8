#!/bin/bash
# history: who, when, what; --since, --prune-before; list and export --as-of.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
# Far from UTC, each of them elsewhere
export TZ=Asia/Kolkata USER=alice
unset SUDO_USER
tab=$'\t'
mariadb_start --default-time-zone=-03:00 || exit 1
# A moment between what was done and what is done next
moment() { sleep 0.02; date "+${1:-%Y-%m-%d %H:%M:%S.%6N}"; sleep 0.02; }
# Everything but the time
told() { t history "$@" --format csv | cut -d, -f2,3,4,5,8,11; }

# -- without history
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy) VALUES ('a.example', 'may'), ('b.example', 'dane')"
before=$(show_create)$(rows)
for words in history 'history a.example' 'history --since yesterday' 'history --prune-before yesterday' \
	'list --as-of yesterday' 'export map --as-of yesterday' 'diff yesterday' 'revert a.example --to yesterday' \
	'revert --all --to yesterday --apply'; do
	# shellcheck disable=SC2086 # words
	exits 78 "$words without history" t $words
	like "$err" 'keeps no history: `tlspol init --history`' 'says how to turn it on'
done
is "$(show_create)$(rows)" "$before" 'nothing was changed'
exits 64 'turning it on asks; nobody is there' t init --history
is "$(show_create)$(rows)" "$before" 'so nothing was changed'
exits 0 'what would be done' t init --history --print
like "$out" 'ADD SYSTEM VERSIONING' 'is printed'
is "$(show_create)$(rows)" "$before" 'and not done'
exits 0 'turned on' t init --history --yes
like "$out" 'is copied once, and writers wait' 'what it costs is said'

# -- what happened
exits 0 'nothing yet' t history --since now
is "$out" 'nothing has changed' 'but what was there'
start=$(moment)
t set a.example secure match=mx.a.example >/dev/null
sql -D mail "UPDATE tlspolicies SET policy = 'dane-only' WHERE domain = 'b.example'"
middle=$(moment)
middle_utc=$(date -u -d "$middle +0530" +%Y-%m-%dT%H:%M:%S.%6NZ)
USER=bob t remove b.example >/dev/null
USER=carol t add b.example encrypt >/dev/null
sql -D mail "UPDATE tlspolicies SET domain = 'c.example' WHERE domain = 'b.example'; DELETE FROM tlspolicies WHERE domain = 'a.example'"
is "$(told)" 'change,domain,policy,params,old_policy,changed_by
add,a.example,may,,,
add,b.example,dane,,,
update,a.example,secure,match=mx.a.example,may,alice
update,b.example,dane-only,,dane,root@localhost
remove,b.example,,,dane-only,bob
add,b.example,encrypt,,,carol
rename,c.example,encrypt,,encrypt,root@localhost
remove,a.example,,,secure,' 'all that happened, by whom, in the order of time'
is "$(told c.example)" 'change,domain,policy,params,old_policy,changed_by
rename,c.example,encrypt,,encrypt,root@localhost' 'of one key'
is "$(told A.Example | tail -n +2 | cut -d, -f1 | xargs)" 'add update remove' 'keys are folded'
is "$(told --since "$middle" | tail -n +2 | wc -l)" 4 'since a moment'
is "$(told --since "$middle_utc")" "$(told --since "$middle")" 'in UTC it is the same moment'
is "$(told --since '1960-01-01 00:00:00.5')" "$(told)" 'since a moment before all others'
is "$(told --since "$start" a.example | tail -n +2 | cut -d, -f1 | xargs)" 'update remove' 'both'
exits 1 'a key that never was' t history never.example
like "$err" 'never\.example' 'is named'
exits 64 'no moment' t history --since soon
like "$err" '2 hours ago' 'says what one is'
exits 64 'a moment to come' t history --since tomorrow

# -- as it is shown
exits 0 'for people' t history
like "$out" $'\n'"$(date +%Y-%m-%d) [0-9:]{8}\.[0-9]{6} \+05:30 +alice +a\.example +~ may -> secure match=mx\.a\.example"$'\n' \
	'local time with its offset, who, what'
like "$out" 'c\.example +~ encrypt, was the row of b\.example' 'another key'
like "$out" 'b\.example +- dane-only' 'a removal'
shown=$(sed -n 's/^\([^+]* +05:30\)  alice.*/\1/p' <<<"$out")
is "$(told --since "$shown" | sed -n 2p | cut -d, -f1,2)" 'update,a.example' 'a time that was shown can be given back'
(unset USER; t add cron.example may; t remove cron.example) >/dev/null
is "$(told cron.example | tail -n +2 | cut -d, -f1,6 | xargs)" "add,$(id -un) remove,$(id -un)" \
	'without USER it is the account that is remembered'
exits 0 'JSON' t history --format json
is "$(printf '%s' "$out" | python3 -c '
import json, sys, datetime
rows = json.load(sys.stdin)
print(*rows[0])
for row in rows: datetime.datetime.strptime(row["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
print(rows[6]["old_domain"], rows[0]["changed_by"], sorted(rows, key=lambda r: r["time"]) == rows)')" \
	'time change domain policy params note old_domain old_policy old_params old_note changed_by origin old_origin provider old_provider exception_policy old_exception_policy exception_params old_exception_params exception_until old_exception_until exception_note old_exception_note
b.example None True' 'has these columns'

# -- the table as it was
exits 0 'list as of a moment' t list --as-of "$middle" --format csv
is "$(printf '%s\n' "$out" | cut -d, -f1-3)" 'domain,policy,params
a.example,secure,match=mx.a.example
b.example,dane-only,' 'is what there was'
like "$err" "as of $middle \\+05:30" 'the moment that was understood is said'
is "$(t list --as-of "$middle_utc" --format map 2>/dev/null)" "$(t export map --as-of "$middle" 2>/dev/null)" \
	'UTC and local time, list and export'
exits 0 'now' t list --as-of now --format map --quiet
is "$out" "c.example${tab}encrypt" 'is what there is'
exits 0 'patterns' t list --as-of "$start" 'a*' --format map --quiet
is "$out" "a.example${tab}may" 'work as ever'
exits 1 'before history began' t list --as-of '3 days ago'
like "$err" 'begins at' 'nothing is known'
exits 64 'a file has no past' t list --from /dev/null --as-of yesterday
exits 64 'nor has a query' t export mysql --as-of yesterday
is "$(t export yaml --as-of "$start" --quiet | grep -c example)" 2 'YAML'

# What has not changed since is there in all moments; that they are not whole must be known
t add old.example may >/dev/null
sql -D mail "SET SESSION system_versioning_alter_history = KEEP; ALTER TABLE tlspolicies COMMENT = 'Anne''s \\\\ table'"

# -- many rows: the scan that export uses
{ echo policies:; for i in {1..2000}; do echo "  n$i.example: may"; done; } >"$TMP/many.yaml"
t import "$TMP/many.yaml" --apply --quiet >/dev/null
many=$(moment)
t import /dev/stdin --input-format map --apply --prune=all --max-change 100% --quiet >/dev/null <<<'z.example may'
is "$(t export map --as-of "$many" --quiet | wc -l)" 2002 'rows by the thousand'
is "$(t export map | wc -l)" 1 'that are gone now'

# -- exceptions
exits 0 'a table with room for exceptions' t init --upgrade --yes
plain=$(moment)
exits 0 'an exception that ends' t set z.example none --until 'in 1 hour' --note 'their certificate'
laid=$(moment)
exits 0 'ended early' t set z.example --end-exception
is "$(t list --as-of "$laid" z.example --format map --quiet)" "z.example${tab}none" 'as of then it was in force'
is "$(t export map --as-of "$plain" --quiet | grep ^z)" "z.example${tab}may" 'before, it was not'
is "$(t history z.example --since "$plain" --format json | python3 -c 'import json, sys
for r in json.load(sys.stdin): print(r["change"], r["exception_policy"], r["old_exception_policy"], r["exception_note"])')" \
	'update none None their certificate
update None none None' 'and history tells of it'
like "$(t history z.example --since "$plain")" '~ may -> may \(exception: none until [^)]*\)' 'in words too'

# -- forgetting
exits 64 'forgetting is about all' t history a.example --prune-before "$middle"
count=$(sql -D mail 'SELECT COUNT(*) FROM tlspolicies FOR SYSTEM_TIME ALL')
exits 0 'forgetting' t history --prune-before "$middle"
like "$err" 'forgot 2 old versions' 'says how many'
is "$(sql -D mail 'SELECT COUNT(*) FROM tlspolicies FOR SYSTEM_TIME ALL')" $((count - 2)) 'and no more'
is "$(told a.example | tail -n +2 | cut -d, -f1 | xargs)" 'add remove' 'the first version left'
exits 1 'an earlier moment' t list --as-of "$start"
like "$err" 'begins at' 'is not whole any more'
like "$(show_create)" "COMMENT='Anne''s .+ table; history is pruned before [-0-9T:]+Z'" 'the table says so'
exits 0 'again' t history --prune-before "$middle"
like "$err" 'forgot 0 old versions' 'there is nothing left to forget'
end=$(moment)
t set z.example encrypt --quiet
sleep 1.1
exits 0 'forgetting more' t history --prune-before now
like "$(show_create)" "COMMENT='Anne''s .+ table; history is pruned before [-0-9T:]+Z'" 'the table says when'
exits 1 'a moment with rows that are still there' t list --as-of "$end"
sleep 1
exits 0 'and one later' t list --as-of now
exits 0 'an empty table' t init --history --table empty
exits 0 'has always been empty' t list --as-of yesterday --table empty
done_testing
