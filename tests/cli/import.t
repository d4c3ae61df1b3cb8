#!/bin/bash
# import: the plan and its exit statuses, guards, prune, what bad files get; and that nothing is
# changed unless it says so.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/postfix.sh
mariadb_start || exit 1
postfix_config
f=$TMP/policies.yaml
policies() { printf 'policies:\n' >"$f"; printf '  %s\n' "$@" >>"$f"; }
unchanged() { is "$(rows)" "$before" "$1: nothing is changed"; }

# -- plan, then apply
table_old
policies 'a.example: may' 'b.example: secure match=mx.b.example' 'C.Example: dane-only'
exits 1 'a plan with changes' t import "$f" --plan
is "$out" '+ a.example: may
+ b.example: secure match=mx.b.example
+ c.example: dane-only' 'lists them in the order of the keys'
like "$err" '3 to add, 0 to change, 0 to remove, 0 unchanged; checksum ([0-9a-f]{16})' 'and counts them'
checksum=${BASH_REMATCH[1]}
is "$(rows)" '' 'and changes nothing'
exits 1 'not on a terminal: only the plan' t import "$f"
like "$err" '--apply' 'says how to go on'
is "$(rows)" '' 'nothing is changed without --apply'
exits 1 'another plan was expected' t import "$f" --apply --expect 0123456789abcdef
is "$(rows)" '' 'so nothing is changed'
exits 0 'the expected plan' t import "$f" --apply --expect "$checksum"
is "$(rows)" "$(printf '%s\t%s\t%s\n' a.example may NULL b.example secure match=mx.b.example \
	c.example dane-only NULL)" 'is applied'
exits 0 'nothing to do' t import "$f" --plan
is "$out" '' 'no lines then'
exits 0 'nothing to do, applied' t import "$f" --apply

# -- changes, formats
policies 'a.example: encrypt' 'b.example: secure match=mx.b.example' 'd.example: none'
exits 1 'a change' t import "$f" --plan
is "$out" '~ a.example: may -> encrypt
+ d.example: none' 'old -> new; c.example stays without --prune'
exits 1 'as JSON' t import "$f" --plan --prune=all --format json
is "$(printf '%s' "$out" | python3 -c '
import json, sys
for row in json.load(sys.stdin): print(list(row.items())[:7])')" \
"[('change', 'update'), ('domain', 'a.example'), ('policy', 'encrypt'), ('params', None), ('old_policy', 'may'), ('old_params', None), ('weaker', None)]
[('change', 'remove'), ('domain', 'c.example'), ('policy', None), ('params', None), ('old_policy', 'dane-only'), ('old_params', None), ('weaker', None)]
[('change', 'add'), ('domain', 'd.example'), ('policy', 'none'), ('params', None), ('old_policy', None), ('old_params', None), ('weaker', None)]" \
	'rows of the plan'
is "$(printf '%s' "$out" | python3 -c '
import json, sys
row = json.load(sys.stdin)[0]
print(*list(row)[7:]); print({name: row[name] for name in list(row)[7:] if row[name] is not None})')" \
	'note old_note origin old_origin provider old_provider exception_policy old_exception_policy exception_params old_exception_params exception_until old_exception_until exception_note old_exception_note
{}' 'and what an old table has no columns for'
unlike "$out" checksum 'no summary in the JSON'
exits 1 'a plan is what --plan --quiet is for' t import "$f" --plan --prune=all --quiet
like "$out" '- c.example: dane-only' 'and so it is shown'
exits 0 'applied with --yes' t import "$f" --yes --prune=all --quiet
is "$out$err" '' 'without a word'
is "$(rows)" "$(printf '%s\t%s\t%s\n' a.example encrypt NULL b.example secure match=mx.b.example \
	d.example none NULL)" 'removed what the file does not have'

# -- weaker
before=$(rows)
policies 'b.example: may'
exits 1 'weaker is refused' t import "$f" --apply
like "$out" '~ b.example: secure match=mx.b.example -> may  \[weaker: ' 'and shown'
like "$err" --allow-weaker 'the option that allows it is named'
unchanged 'weaker'
exits 0 'allowed' t import "$f" --apply --allow-weaker

# -- too much at once: from ten rows on, more than 30 % changed or removed
table_old
policies {0..9}'.example: may'
exits 0 'ten rows' t import "$f" --apply
before=$(rows)
policies {0..3}'.example: encrypt'
exits 1 '4 of 10 is too much' t import "$f" --apply
like "$err" '--max-change' 'the option is named'
unchanged 'too much'
policies {0..2}'.example: encrypt'
exits 0 '3 of 10 is not' t import "$f" --apply
policies {0..3}'.example: encrypt'
exits 1 'removing counts' t import "$f" --apply --prune=all
exits 0 'allowed' t import "$f" --apply --prune=all --max-change 100%
is "$(rows | wc -l)" 4 'six rows are gone'

# -- origins
table_old
policies 'a.example: may'
exits 78 'prune by origin needs the column' t import "$f" --plan --prune
like "$err" 'init --upgrade' 'says what to do'
exits 78 'a label, too' t import "$f" --plan --label x
sql -D mail 'DROP TABLE tlspolicies'
exits 0 'the new table' t init
t add by-hand.example may --quiet
policies 'a.example: may' 'b.example: may'
exits 0 'first file' t import "$f" --apply
cp "$f" "$TMP/other.yaml"
printf 'policies:\n  o.example: may\n' >"$TMP/other.yaml"
exits 0 'second file' t import "$TMP/other.yaml" --apply
is "$(sql -D mail 'SELECT domain, origin FROM tlspolicies ORDER BY 1')" "$(printf '%s\t%s\n' \
	a.example policies.yaml b.example policies.yaml by-hand.example NULL o.example other.yaml)" \
	'each row has the name of its file'
policies 'a.example: may'
exits 0 'prune' t import "$f" --apply --prune
is "$(sql -D mail 'SELECT domain FROM tlspolicies ORDER BY 1' | tr '\n' ' ')" \
	'a.example by-hand.example o.example ' 'removes only what came from this file'
exits 0 'a label' t import "$f" --apply --label me
is "$(sql -D mail "SELECT origin FROM tlspolicies WHERE domain = 'a.example'")" me 'claims its rows'
exits 64 'prune of several files' t import "$f" "$TMP/other.yaml" --prune --plan
exits 64 'prune of stdin' t import - --prune --plan

# -- both forms of an international name
policies 'bücher.example: may'
exits 0 'both' t import "$f" --apply --both
is "$(sql -D mail "SELECT domain FROM tlspolicies WHERE policy = 'may' AND domain LIKE '%b%cher%' ORDER BY 1")" \
	$'bücher.example\nxn--bcher-kva.example' 'A-label and U-label are stored'
exits 0 'both again' t import "$f" --apply --both
t export yaml --output "$TMP/both.yaml"
exits 0 'a file that has both already' t import "$TMP/both.yaml" --plan --both

# -- a stored key in capitals is the same row for a collation without case
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy) VALUES ('Web.Example', 'encrypt')"
policies 'web.example: encrypt'
exits 0 'capitals in the table: the same policy' t import "$f" --plan
policies 'web.example: secure match=mx.web.example'
exits 0 'another policy' t import "$f" --apply
is "$(rows)" "$(printf '%s\t%s\t%s' Web.Example secure match=mx.web.example)" 'changes that row'

# -- bad files: every problem with its place, 65, nothing changed
before=$(rows)
cat >"$f" <<'YAML'
policies:
  good.example: may
  bad-level.example: half-dane
  bad-attribute.example: secure mach=x
  "*.example": may
  good.example: encrypt
  list.example: {policy: [may], unknown: 1}
YAML
exits 65 'a bad file' t import "$f" --apply
for place in ":3:[0-9]+: .*half-dane" ":4:[0-9]+: .*mach" ":5:[0-9]+: .*\*\.example" ":6:[0-9]+: .*good.example" ":7:[0-9]+: "; do
	like "$err" "policies.yaml$place" "names the place $place"
done
unchanged 'a bad file'
printf 'policies:\n  force.example: secure protocols=TLSv9\n' >"$f"
exits 65 'what Postfix would refuse' t import "$f" --apply
exits 0 'is stored with --force' t import "$f" --apply --force
exits 0 'and is then no reason to refuse the file' t import "$f" --apply
policies 'cut.example: secure match='"$(printf 'a%.0s' {1..5000})"
exits 65 'params longer than the column' t import "$f" --apply --force
before=$(rows)
for what in 'missing 66 /nonexistent/policies.yaml' "directory 66 $TMP" 'binary 65 /bin/true'; do
	set -- $what
	exits "$2" "$1" t import "$3" --apply
	unchanged "$1"
done
exits 64 '--plan and --apply' t import "$f" --plan --apply
exits 64 'no file' t import --plan
exits 69 'no server' "$TLSPOL" import "$f" --plan --no-defaults --socket="$TMP/none.sock"
printf 'policies:\n  x.example: nolevel\n' >"$f"
exits 65 'a broken file is told without a server' "$TLSPOL" import "$f" --plan --no-defaults \
	--socket="$TMP/none.sock"

# -- SQL in any field is data
cat >"$TMP/sql.json" <<'JSON'
[{"domain": "sql.example", "policy": "secure", "params": "match=x'); DROP TABLE tlspolicies; --"}]
JSON
exits 0 'SQL text' t import "$TMP/sql.json" --apply --force
is "$(sql -D mail "SELECT params FROM tlspolicies WHERE domain = 'sql.example'")" \
	"match=x'); DROP TABLE tlspolicies; --" 'is stored as it is'

# -- a terminal is asked
policies 'tty.example: may'
asked() { # KEYS ARGUMENT...: what is typed at the prompt
	run python3 tests/lib/terminal.py '[y/N] ' "$1" "$TLSPOL" import "$f" --no-defaults \
		--socket="$SOCKET" --user=root --database=mail "${@:2}"
}
asked 'n\n'
like "$out" 'apply\? \[y/N\]' 'asks on a terminal'
like "$(tail -1 <<<"$out")" ' 1$' '  no is status 1'
is "$(rows | grep -c tty.example)" 0 '  and changes nothing'
asked '\x03' --output "$TMP/plan"
like "$(tail -1 <<<"$out")" ' 130$' 'Ctrl-C is status 130, also after the plan was written to a file'
like "$out" 'interrupted: nothing was changed' '  which says so'
is "$(rows | grep -c tty.example)" 0 '  and it is true'
asked 'y\n'
like "$(tail -1 <<<"$out")" ' 0$' 'yes is status 0'
is "$(rows | grep -c tty.example)" 1 '  and changes the table'
done_testing
