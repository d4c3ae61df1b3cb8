#!/bin/bash
# Imports of 20,000 rows: the table is what the file says, whether it was empty, as it should be,
# or other in some rows or in all; what is as it should be is not written.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
mariadb_start db --log-bin --server-id=1 --binlog-format=ROW || exit 1
rows=20000
f=$TMP/policies.yaml
# The table as the file has it: by mariadb's words, not by export's
stored() {
	sql -D mail "SELECT CONCAT('  ', IF(domain LIKE '[%', CONCAT('\"', domain, '\"'), domain), ': ',
		CONCAT_WS(' ', policy, params)) FROM tlspolicies" | LC_ALL=C sort
}
same() { ok "$1" cmp <(tail -n +2 "$f" | LC_ALL=C sort) <(stored); }
binlog() { sql 'SHOW MASTER STATUS' | cut -f 1,2; }
ids() { sql -D mail "SELECT MD5(GROUP_CONCAT(id, domain ORDER BY domain)) FROM tlspolicies"; }
sql 'SET GLOBAL group_concat_max_len = 100000000'
# make_file [LEVEL]: names of all kinds in no order, every third with attributes
make_file() {
	awk -v rows=$rows -v level="${1:-encrypt}" 'BEGIN {
		print "policies:"
		for (i = 0; i < rows; i++) {
			n = (i * 7919) % rows
			kind = n % 10
			key = kind == 0 ? ".host-" n ".example" : kind == 1 ? "\"[mx" n ".example]:25\"" : "n" n ".example"
			print "  " key ": " (n % 3 ? level : "secure match=.mx" n ".example:other.example")
		}
	}' >"$f"
}

table_old
make_file
exits 0 'into an empty table' t import "$f" --apply --quiet
is "$(sql -D mail 'SELECT COUNT(*) FROM tlspolicies')" $rows 'all rows'
same 'what the file says'
is "$(sql -D mail 'SELECT COUNT(*) FROM (SELECT domain, LAG(domain) OVER (ORDER BY id) AS before_it FROM tlspolicies) x WHERE BINARY before_it > BINARY domain')" \
	0 'stored in the order of the keys'

before=$(binlog) was=$(ids)
exits 0 'the same again' t import "$f" --apply
like "$err" "0 to add, 0 to change, 0 to remove, $rows unchanged" 'nothing to do'
is "$(binlog)" "$before" 'nothing is written to the binary log'
{ head -n 1 "$f"; tail -n +2 "$f" | LC_ALL=C sort; } >"$TMP/sorted.yaml"
exits 0 'the same in another order' t import "$TMP/sorted.yaml" --apply
is "$(binlog)" "$before" 'is nothing to do either'
printf '\n# read by libyaml\n' >>"$TMP/sorted.yaml"
exits 0 'the same, not as export writes it' t import "$TMP/sorted.yaml" --apply
is "$(binlog)" "$before" 'is nothing to do either'

sed -i '2~100s/: .*/: dane-only/' "$f"
exits 1 '1 % changed, planned' t import "$f" --plan
like "$err" '0 to add, 200 to change, 0 to remove, 19800 unchanged' 'counts them'
is "$(printf '%s\n' "$out" | grep -c '^~')" 200 'and shows them'
exits 0 'applied' t import "$f" --apply --quiet --allow-weaker
same 'what the file says'
is "$(ids)" "$was" 'no row has another id'

make_file may
exits 0 'nearly all rows changed' t import "$f" --apply --quiet --max-change 100% --allow-weaker
same 'what the file says'
is "$(ids)" "$was" 'no row has another id'

sed -i '2~4d' "$f"
printf '  new%d.example: may\n' {1..1500} >>"$f"
exits 0 'a quarter has left, and others came' t import "$f" --apply --quiet
is "$(sql -D mail 'SELECT COUNT(*) FROM tlspolicies')" 21500 'none of them is removed without --prune'
exits 0 'with --prune' t import "$f" --apply --quiet --prune=all --max-change 100%
same 'what the file says'

# -- a server, or a proxy before it, that takes no arrays
python3 tests/lib/no_bulk.py "$SOCKET" "$TMP/no-bulk.sock" >"$TMP/proxy" 2>&1 &
cleanup kill $!
for ((i = 0; i < 100; i++)); do [ ! -s "$TMP/proxy" ] || break; sleep 0.05; done
count_of() {
	sql "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = '$1'"
}
sql -D mail 'DELETE FROM tlspolicies'
prepared=$(count_of COM_STMT_PREPARE) executed=$(count_of COM_STMT_EXECUTE)
SOCKET=$TMP/no-bulk.sock exits 0 'without arrays' t import "$f" --apply --quiet
same 'what the file says'
prepared=$(($(count_of COM_STMT_PREPARE) - prepared))
executed=$(($(count_of COM_STMT_EXECUTE) - executed))
ok "each thousand rows are a statement of their own ($prepared)" test "$prepared" -gt 15
ok "not each row ($executed)" test "$executed" -lt 100

# -- what is wrong in the middle undoes all of it
before=$(stored)
sql -D mail "CREATE TRIGGER no BEFORE INSERT ON tlspolicies FOR EACH ROW SET NEW.policy =
	IF(NEW.domain = 'z0777.example', NULL, NEW.policy)"
printf '  z%04d.example: may\n' {0..1499} >>"$f"
run t import "$f" --apply --quiet
like "$err" "z0777.example: .*'policy' cannot be null" 'the row that is refused is named'
ok 'and nothing is stored' test "$before" = "$(stored)"
done_testing
