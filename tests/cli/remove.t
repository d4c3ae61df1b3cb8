#!/bin/bash
# remove: all that are there, in one transaction; a missing key is exit 1.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
mariadb_start || exit 1
table_old
before=$(show_create)
fill() {
	sql -D mail "DELETE FROM tlspolicies;
		INSERT INTO tlspolicies (domain, policy, params) VALUES
		('a.example', 'secure', 'match=a.example'), ('b.example', 'may', NULL),
		('c.example', 'may', ''), ('[d.example]', 'encrypt', NULL),
		('Upper.Example', 'may', NULL), ('xn--bcher-kva.example', 'may', NULL)"
}
count() { sql -D mail 'SELECT COUNT(*) FROM tlspolicies'; }

fill
exits 0 'one' t remove a.example
is "$out" 'removed a.example: secure match=a.example' 'it is told, to put it back'
is "$(count)" 5 'and gone'
exits 1 'again' t remove a.example
like "$err" 'a.example' 'is not there'
exits 1 'some are missing' t rm b.example nope.example c.example nope2.example
is "$out" $'removed b.example: may\nremoved c.example: may' 'the others are removed'
like "$err" 'nope\.example.*nope2\.example' 'and both missing ones named'
exits 1 'another spelling is another key' t remove d.example
like "$err" '\[d\.example\]' 'but it is named'
exits 0 'the same key twice' t remove '[d.example]' '[D.example]'
is "$out" 'removed [d.example]: encrypt' 'is removed once'
exits 0 'a U-label means the A-label' t remove Bücher.example
is "$out" 'removed xn--bcher-kva.example: may' 'that is stored'
exits 0 'capitals of others' t remove Upper.Example
is "$(count)" 0 'all gone'
fill
exits 0 '--quiet' t remove a.example --quiet
is "$out$err" '' 'says nothing'
exits 1 'a pattern is no key' t remove '*.example'
exits 1 'SQL is no key' t remove "x' OR '1'='1"
is "$(count)" 5 'and removes nothing'
exits 64 'no key' t remove
is "$(show_create)" "$before" 'SHOW CREATE TABLE is unchanged'

# One transaction: with one row locked none goes
exec {lock}> >(mariadb --no-defaults --socket="$SOCKET" --user=root mail >/dev/null 2>&1)
echo "BEGIN; SELECT * FROM tlspolicies WHERE domain='b.example' FOR UPDATE; DO SLEEP(20);" >&"$lock"
for _ in {1..50}; do
	[ "$(sql 'SELECT COUNT(*) FROM information_schema.innodb_trx')" = 0 ] || break
	sleep 0.1
done
sql 'SET GLOBAL innodb_lock_wait_timeout=1'
exits 75 'a row is locked by another' t remove a.example b.example
exec {lock}>&-
is "$(count)" 5 'then none is removed'
done_testing
