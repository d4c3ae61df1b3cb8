#!/bin/bash
# init: make, adopt, upgrade, print.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
mariadb_start || exit 1
tab=$'\t'

exits 0 '--print without a server' "$TLSPOL" init --print --no-defaults --socket=/nonexistent
like "$out" 'CREATE TABLE' 'prints SQL'
exits 0 'which a server takes' sql -D mail "$out"
printed=$(show_create)
sql -D mail 'DROP TABLE tlspolicies'

exits 78 'no table' t list
like "$err" 'tlspolicies.*tlspol init' 'names it and what makes it'
exits 0 'init' t init
like "$out" 'created table mail\.tlspolicies' 'makes it'
is "$(show_create)" "$printed" 'as --print said'
exits 0 'init again' t init
like "$out" 'nothing was changed' 'adopts what is there'
exits 0 'an upgrade of a new table' t init --upgrade
like "$out" 'no upgrade needed' 'is not needed'
is "$(show_create)" "$printed" 'and changes nothing'
exits 0 'a name of its own' t init --table other_policies
exits 0 'is used' t add a.example may --table other_policies
is "$(rows other_policies)" "a.example${tab}may${tab}NULL" 'and holds the rows'

# The exact old table
table_old
before=$(show_create)
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES
	('a.example', 'secure', 'match=a.example'), ('.b.example', 'may', ''), ('Upper.example', 'may', NULL)"
exits 0 'init on an old table' t init
like "$out" 'used as it is' 'adopts it'
like "$out" 'note.*tlspol init --upgrade' 'says what it has not got'
is "$(show_create)" "$before" 'and leaves it alone'
exits 64 'an upgrade asks; nobody is there' t init --upgrade
like "$err" '--yes' 'so --yes is needed'
is "$(show_create)" "$before" 'nothing was done'
exits 0 '--upgrade --print' t init --upgrade --print
like "$out" 'ALTER TABLE' 'shows the SQL'
is "$(show_create)" "$before" 'and does nothing'
exits 0 '--upgrade --yes' t init --upgrade --yes
is "$(rows)" "$(printf '%s\t%s\t%s\n' .b.example may NULL a.example secure match=a.example \
	upper.example may NULL)" 'keeps every row, folded and with NULL for nothing'
is "$(sql "SELECT GROUP_CONCAT(column_name ORDER BY column_name) FROM information_schema.columns
	WHERE table_schema='mail' AND table_name='tlspolicies'
	AND column_name IN ('note','origin','provider','changed_by','id','domain','policy','params')")" \
	'changed_by,domain,id,note,origin,params,policy,provider' 'and adds the columns'
exits 0 'notes work' t add c.example may --note x
exits 0 'upgraded once' t init --upgrade --yes
like "$out" 'no upgrade needed' 'is enough'

# Accounts
exits 0 '--grants' t init --grants
like "$out" 'GRANT SELECT.*domain.*policy.*params' 'the reader sees three columns'
unlike "$out" 'GRANT ALL' 'nobody gets all'

# On a terminal it asks
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy) VALUES (CONCAT(CHAR(27), '[31mRed.example'), 'may')"
asked() { # KEYS: what is typed at the prompt of init --upgrade
	run python3 tests/lib/terminal.py '[y/N] ' "$1" "$TLSPOL" init --upgrade --no-defaults \
		--socket="$SOCKET" --user=root --database=mail
}
asked 'n\n'
like "$(tail -1 <<<"$out")" ' 1$' 'no is status 1'
like "$out" 'add the column note' '  what it would do was shown'
like "$out" 'key `.x1B\[31mRed.example` as' '  with keys that a terminal can show'
is "$(show_create)" "$before" '  and not done'
asked 'y\n'
like "$(tail -1 <<<"$out")" ' 0$' 'yes is status 0'
unlike "$out" $'\e\\[31m' '  and what was done is harmless, too'
like "$(show_create)" 'utf8mb4_nopad_bin' '  and done'
done_testing
