#!/bin/bash
# show: one record per key.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
mariadb_start || exit 1
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES
	('a.example', 'secure', 'match=mx.a.example:.b.example servername=hostname'),
	('[b.example]', 'may', NULL), ('[b.example]:587', 'may', NULL),
	('bad.example', 'encrypt', 'ciphers=best'), ('empty.example', 'may', ''),
	('Upper.Example', 'may', NULL)"
field() { python3 -c '
import json, sys
print(json.dumps(json.load(open(sys.argv[1]))[int(sys.argv[2])][sys.argv[3]]))' "$TMP/run.out" "$@"; }

exits 0 'a key' t show a.example
like "$out" 'Domain +a\.example' 'its name'
like "$out" 'Policy +secure' 'level'
like "$out" 'match=mx.a.example:.b.example' 'and attributes'
exits 0 'as JSON' t show a.example --format json
is "$(field 0 attributes)" '["match=mx.a.example:.b.example", "servername=hostname"]' 'attributes one by one'
is "$(field 0 params)" '"match=mx.a.example:.b.example servername=hostname"' 'and as stored'
is "$(field 0 note)" null 'a column that is not there is null'
exits 0 'two keys' t show '[b.example]' A.Example --format json
is "$(field 0 domain) $(field 1 domain)" '"[b.example]" "a.example"' 'in the order asked'
is "$(field 0 params)" null 'NULL is null'
exits 0 'a bad policy is shown' t show bad.example --format json
like "$(field 0 findings)" 'error: .*ciphers' 'with what is wrong'
exits 0 'an empty string' t show empty.example --format json
is "$(field 0 params)" '""' 'is not NULL'
like "$(field 0 findings)" 'warning: ' 'and worth a warning'
exits 0 'capitals of others' t show Upper.Example
exits 1 'a key that is not stored' t show nope.example
like "$err" 'nope\.example' 'is named'
exits 1 'another spelling' t show b.example
like "$err" '\[b\.example\], \[b\.example\]:587' 'those that are stored are named'
exits 1 'some are missing' t show nope.example a.example
like "$out" 'a\.example' 'the others are shown'
exits 64 'no key' t show
exits 1 'SQL is no key' t show "' OR ''='"

printf 'policies:\n  a.example: may\n' >"$TMP/p.yaml"
exits 0 '--from' "$TLSPOL" show --socket=/nonexistent --no-defaults --from "$TMP/p.yaml" A.example --format json
is "$(field 0 policy)" '"may"' 'reads the file'
exits 1 'not in the file' "$TLSPOL" show --from "$TMP/p.yaml" '[a.example]'
like "$err" 'one for a\.example' 'but its host is'
done_testing
