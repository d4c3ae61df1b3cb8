#!/bin/bash
# check: what its rows look like, where they point, and the exit statuses. The verdicts on
# policies are the rules' own tests.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/postfix.sh
postfix_config
c() { "$TLSPOL" check --postfix-version 3.7.11 "$@"; }
values() { python3 -c '
import json, sys
for row in json.load(sys.stdin):
    print(*(str(row[k]) for k in sys.argv[1:]))' "$@"; }

cat >"$TMP/p.yaml" <<'YAML'
policies:
  fine.example: may
  level.example: half-dane
  star.example: secure match=*.star.example
  new.example: encrypt enable_rpk=yes
YAML
exits 1 'a file with findings' c --from "$TMP/p.yaml" --format json
is "$(printf '%s' "$out" | python3 -c 'import json,sys; print({tuple(r) for r in json.load(sys.stdin)})')" \
	"{('domain', 'rule', 'severity', 'text', 'file', 'line')}" 'names and order of the fields'
is "$(printf '%s' "$out" | values domain severity file line)" "level.example error $TMP/p.yaml 3
new.example error $TMP/p.yaml 5
star.example warning $TMP/p.yaml 4" 'where and how bad (postconf(5): enable_rpk is new in 3.9)'
like "$err" '4 policies checked, 2 errors, 1 warning, 0 notices' 'counted'
exits 1 'only errors' c --from "$TMP/p.yaml" --severity error --format csv --quiet
is "$(printf '%s\n' "$out" | wc -l)" 3 'heading and two'
is "$err" '' 'silent with --quiet'
exits 1 'for a newer Postfix' "$TLSPOL" check --postfix-version 3.9 --from "$TMP/p.yaml" --format json
unlike "$out" enable_rpk 'enable_rpk is fine there'
exits 0 'one key' c fine.example --from "$TMP/p.yaml"
is "$out" '' 'says nothing'
exits 1 'another' c LEVEL.example --from "$TMP/p.yaml"
exits 1 'a key that is not there' c missing.example --from "$TMP/p.yaml"
like "$err" 'missing.example' 'is named'

# -- a broken file: its problems are rows, too
printf 'policies:\n  a.example: may\n  b.example: secure match=*.x\n  a.example: may\n' >"$TMP/d.yaml"
exits 65 'duplicates' c --from "$TMP/d.yaml" --format json
is "$(printf '%s' "$out" | values domain rule severity line | sed -n 1p)" 'None duplicate error 4' 'are a row'
is "$(printf '%s' "$out" | values domain | sed -n '$p')" b.example 'the rest is judged all the same'
printf 'policies:\n  a.example: [may\n' >"$TMP/s.yaml"
exits 65 'no YAML' c --from "$TMP/s.yaml" --format json
is "$(printf '%s' "$out" | values domain rule severity | sort -u)" 'None syntax error' 'is a row'
exits 66 'no file' c --from /nonexistent
exits 0 'fine and empty' c --from /dev/null --input-format map
exits 64 'no version' "$TLSPOL" check --postfix-version 9 --from "$TMP/p.yaml"
exits 74 'a full disk' bash -c '"$1" check --from "$2" >/dev/full' - "$TLSPOL" "$TMP/p.yaml"

# -- stored rows
mariadb_start || exit 1
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES ('null.example', 'may', NULL)"
exits 0 'a good table' t check
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES ('empty.example', 'may', ''),
	('weird.example', 'secure', 'what is this')"
exits 1 'a table with findings' t check --format json
is "$(printf '%s' "$out" | values domain severity file line | sort -u)" 'empty.example warning None None
weird.example error None None' "'' instead of NULL is a warning"
exits 0 'one good row' t check null.example
exits 1 'one bad row' t check weird.example
exits 1 'a missing row' t check nobody.example

# -- many policies: the limit is far off what it takes, also with a sanitizer built in
python3 -c 'print("\n".join(f"d{i}.example secure match=mx{i}.example" for i in range(200000)))' >"$TMP/big.map"
start=$(date +%s%N)
exits 0 'many policies' c --from "$TMP/big.map"
like "$err" '200000 policies checked' 'all of them'
took=$((($(date +%s%N) - start) / 1000000))
ok "in 10 seconds at most (took $took ms)" test "$took" -lt 10000
done_testing
