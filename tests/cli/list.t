#!/bin/bash
# list: patterns, filters, order, formats.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
mariadb_start || exit 1
table_old
keys() { t list --format tsv "$@" | tail -n +2 | cut -f1 | tr '\n' ' '; }

exits 0 'an empty table' t list
like "$out" 'no policies' 'says so'
exits 0 'as JSON' t list --format json
is "$(tr -d '[:space:]' <<<"$out")" '[]' 'it is an empty array'
exits 1 'a filter that matches nothing' t list --level dane
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES
	('nzz.ch', 'secure', 'match=.nzz.ch'), ('a.example', 'may', NULL),
	('.a.example', 'dane', ''), ('[mx.a.example]', 'secure', 'match=a:b'),
	('b.a.example', 'dane-only', NULL), ('[mx.a.example]:587', 'none', NULL),
	('Upper.Example', 'encrypt', 'ciphers=high'), ('xn--bcher-kva.example', 'verify', NULL)"
# LC_ALL=C sort is the order of bytes
is "$(keys)" "$(sql -D mail 'SELECT domain FROM tlspolicies' | LC_ALL=C sort | tr '\n' ' ')" 'all, by bytes'
is "$(keys '*.a.example')" '.a.example b.a.example ' 'a pattern'
is "$(keys '*.a.example' a.example 'nzz.ch')" '.a.example a.example b.a.example nzz.ch ' 'two patterns'
is "$(keys '[mx.a.example]')" '[mx.a.example] ' 'brackets are brackets'
is "$(keys '[mx*')" '[mx.a.example] [mx.a.example]:587 ' 'also before a star'
is "$(keys '?.example')" 'a.example ' 'a question mark is one character'
is "$(keys 'UPPER.*' 'A.Example')" 'Upper.Example a.example ' 'patterns and keys are folded'
is "$(keys bücher.example)" 'xn--bcher-kva.example ' 'a U-label means its A-label'
is "$(keys --level secure)" '[mx.a.example] nzz.ch ' '--level'
is "$(keys --level may,dane --level NONE)" '.a.example [mx.a.example]:587 a.example ' 'several'
is "$(keys '*.ch' --level may)" '' 'pattern and level together'
exits 64 'a level that is none' t list --level must
like "$err" 'fingerprint' 'with all that are'
is "$(keys --sort policy)" \
	'[mx.a.example]:587 a.example Upper.Example .a.example b.a.example xn--bcher-kva.example [mx.a.example] nzz.ch ' \
	'--sort policy: from none to secure'
is "$(keys --reverse --level secure)" 'nzz.ch [mx.a.example] ' '--reverse'
is "$(keys "' OR 1=1 --")" '' 'SQL is a pattern that matches nothing'

# Formats: other programs read them
exits 0 'JSON' t list --format json
is "$(python3 -c '
import json, sys
rows = json.load(open(sys.argv[1]))
print(len(rows), sorted(rows[0]))
by = {r["domain"]: r for r in rows}
print(by["a.example"]["params"], repr(by[".a.example"]["params"]), by["nzz.ch"]["policy"], by["nzz.ch"]["active"])
' "$TMP/run.out")" "8 ['active', 'changed_by', 'domain', 'exception_note', 'exception_params', 'exception_policy', 'exception_until', 'note', 'origin', 'params', 'policy', 'provider']
None '' secure True" 'with NULL as null and the empty string as it is'
exits 0 'CSV' t list --format csv
is "$(python3 -c '
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
print(len(rows), [r["params"] for r in rows if r["domain"] == "nzz.ch"])
' "$TMP/run.out")" "8 ['match=.nzz.ch']" 'is read by others'
exits 0 'map' t list --format map --level secure
is "$out" $'[mx.a.example]\tsecure match=a:b\nnzz.ch\tsecure match=.nzz.ch' 'is Postfix'\''s own'
exits 0 'a table' t list --level secure
is "$(sed 's/ *$//' <<<"$out")" "$(printf '%s\n' \
	'Domain          Policy  Parameters' \
	'[mx.a.example]  secure  match=a:b' \
	'nzz.ch          secure  match=.nzz.ch')" 'for people'
exits 0 '--output' t list --format map --output "$TMP/map"
is "$(wc -l <"$TMP/map")" 8 'goes to a file'
exits 73 'a file that cannot be made' t list --output "$TMP/no/such/dir"
exits 74 'a full disk' t list --output /dev/full
exits 0 'a reader that goes away' bash -c '"$@" | head -1 >/dev/null; exit 0' - "$TLSPOL" list \
	--no-defaults --socket="$SOCKET" --user=root --database=mail

# From a file: no database at all
cat >"$TMP/p.yaml" <<'YAML'
policies:
  z.example: may
  A.example: secure match=a.example
YAML
exits 0 '--from' "$TLSPOL" list --no-defaults --socket=/nonexistent --from "$TMP/p.yaml" --format map
is "$out" $'a.example\tsecure match=a.example\nz.example\tmay' 'reads the file, sorted and folded'
exits 66 'a file that is not there' "$TLSPOL" list --from "$TMP/nope.yaml"

# A table of our own: notes, origins, providers
sql -D mail 'DROP TABLE tlspolicies'
t init --quiet
t add one.example may --note 'ticket 4711' --origin hand --provider microsoft --quiet
t add two.example may --note 'nothing' --quiet
t add three.example may --quiet
is "$(keys --note 4711)" 'one.example ' '--note finds text inside'
is "$(keys --note '*ing')" 'two.example ' 'or a pattern'
is "$(keys --provider 'micro*')" 'one.example ' '--provider'
is "$(keys --origin hand)" 'one.example ' '--origin'
is "$(keys --sort provider)" 'one.example three.example two.example ' 'rows without come last'
exits 0 'the table' t list
like "$out" 'Domain +Policy +Provider +Origin +Note' 'has the columns that are used, Parameters is not'
done_testing
