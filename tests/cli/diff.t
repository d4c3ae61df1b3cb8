#!/bin/bash
# diff: the table between moments, and against a file.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
export TZ=America/Santiago USER=alice
mariadb_start --default-time-zone=+02:00 || exit 1
f=$TMP/policies.yaml
policies() { printf 'policies:\n' >"$f"; printf '  %s\n' "$@" >>"$f"; }
moment() { sleep 0.02; date '+%Y-%m-%d %H:%M:%S.%6N'; sleep 0.02; }

exits 0 'a table with history' t init --history
t add a.example may --note old >/dev/null
t add b.example dane >/dev/null
t add c.example none >/dev/null
one=$(moment)
t set a.example may --note '' >/dev/null
t set b.example dane-only --note new >/dev/null
two=$(moment)
t remove c.example >/dev/null
t add d.example secure match=mx.d.example >/dev/null
three=$(moment)

exits 1 'between two moments' t diff "$one" "$two"
is "$out" '~ a.example: may -> may (note: old -> )
~ b.example: dane -> dane-only (note: new)' 'what was changed'
like "$err" '0 added, 2 changed, 0 removed, 1 unchanged' 'counted'
exits 1 'the other way round' t diff "$two" "$one"
is "$out" '~ a.example: may -> may (note: old)
~ b.example: dane-only -> dane (note: new -> )  [weaker: mail may be sent in the clear]' 'it is undone'
exits 1 'until now' t diff "$two"
is "$out" '- c.example: none
+ d.example: secure match=mx.d.example' 'what came and went'
exits 0 'no difference' t diff "$three"
is "$out" '' 'no lines'
exits 0 'a moment and itself' t diff "$one" "$one"
exits 1 'JSON' t diff "$two" --format json
is "$(printf '%s' "$out" | python3 -c 'import json, sys
for r in json.load(sys.stdin): print(*list(r.values())[:7])')" 'remove c.example None None none None None
add d.example secure match=mx.d.example None None None' 'as import has it'
exits 1 'CSV to a file' t diff "$one" "$three" --format csv --output "$TMP/diff.csv"
is "$(wc -l <"$TMP/diff.csv")" 5 'is written'
exits 64 'no words' t diff
exits 64 'no moment' t diff soon
exits 1 'before there was anything' t diff '1 year ago'
like "$err" 'begins at' 'nothing is known of it'

# -- a file; no history is needed
policies 'a.example: may' 'B.example: dane-only' 'e.example: encrypt'
exits 1 'a file' t diff --from "$f"
is "$out" '- d.example: secure match=mx.d.example
+ e.example: encrypt' 'notes that it does not name are no difference'
exits 1 'a file and a moment' t diff --from "$f" "$two"
is "$out" '- c.example: none
+ e.example: encrypt' 'as the table was'
exits 64 'a file and two moments' t diff --from "$f" "$one" "$two"
t export yaml >"$f"
exits 0 'what was exported' t diff --from "$f"
exits 0 'from standard input' eval 't export map | t diff --from - --input-format map'
policies 'a.example: [broken'
exits 65 'a broken file' t diff --from "$f"
exits 66 'no file' t diff --from "$TMP/none.yaml"
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy) VALUES ('A.Example', 'may')"
policies 'a.example: may'
exits 0 'a table without history, and with capitals' t diff --from "$f"
done_testing
