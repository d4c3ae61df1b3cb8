#!/bin/bash
# Tables as they are found: the exact old one, mailcow's, one keyed by the domain. Nothing in
# them is altered, and all that needs no more columns works.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
mariadb_start || exit 1
tab=$'\t'

# The old table: a postmaster's day
table_old
before=$(show_create)
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES
	('github.com', 'secure', 'match=mx.google.com'), ('null.example', 'may', NULL),
	('empty.example', 'may', ''), ('weird.example', 'secure', 'what is this')"
exits 0 'adopted' t init
exits 0 'listed' t list --format map
is "$out" "$(printf '%s\t%s\n' empty.example may github.com 'secure match=mx.google.com' \
	null.example may weird.example 'secure what is this')" 'all rows, also the one nobody understands'
exits 0 'added' t add '[relay.example.net]:587' encrypt
exits 1 'refused' t add github.com may
exits 0 'shown' t show weird.example
like "$out" 'what is this' 'as it is'
exits 0 'changed' t set github.com match=.google.com
exits 0 'removed' t remove null.example
is "$(rows)" "$(printf '%s\t%s\t%s\n' '[relay.example.net]:587' encrypt NULL empty.example may '' \
	github.com secure match=.google.com weird.example secure 'what is this')" 'and just that was done'
is "$(show_create)" "$before" 'SHOW CREATE TABLE is unchanged'
exits 0 'other names of the same table' t list --table MAIL.tlspolicies --help

# A strict server or not: nothing is cut, nothing becomes another level
sql "SET GLOBAL sql_mode=''"
long=$(printf 'a%.0s' {1..60})
exits 65 'too long without strict mode' t add cut.example secure \
	"match=$long.a:$long.b:$long.c:$long.d:$long.e" --force
exits 65 'an unknown level without strict mode' t add cut.example half-dane --force
is "$(sql -D mail "SELECT COUNT(*) FROM tlspolicies WHERE domain='cut.example'")" 0 'is not stored'
sql "SET GLOBAL sql_mode=DEFAULT"

# mailcow's table
table_mailcow
cat "$TMP/tlspol.yaml" >>"$TMP/mailcow.yaml"
sql -D mail "INSERT INTO tls_policy_override (dest, policy, parameters, active) VALUES
	('on.example', 'secure', 'match=on.example', 1), ('off.example', 'encrypt', '', 0),
	('plain.example', 'may', '', 1)"
before=$(show_create tls_policy_override)
m() { t "$1" --config "$TMP/mailcow.yaml" "${@:2}"; }
exits 0 'mailcow: listed' m list --format csv
like "$out" 'on\.example,secure,match=on\.example' 'by the mapped names'
exits 0 'mailcow: a table' m list
like "$out" 'off\.example +encrypt +.*inactive' 'inactive rows are shown as such'
exits 0 'mailcow: a map' m list --format map
unlike "$out" 'off\.example' 'has no inactive rows'
exits 0 'mailcow: shown' m show off.example --format json
like "$out" '"active": *false' 'inactive'
exits 0 'mailcow: added' m add new.example dane-only
is "$(sql -D mail "SELECT policy, active FROM tls_policy_override WHERE dest='new.example'")" \
	"dane-only${tab}1" 'is active'
exits 0 'mailcow: changed' m set off.example ciphers=high
is "$(sql -D mail "SELECT policy, parameters, active FROM tls_policy_override WHERE dest='off.example'")" \
	"encrypt${tab}ciphers=high${tab}0" 'stays inactive'
is "$out" 'changed off.example: encrypt -> encrypt ciphers=high (inactive)' 'and that is said'
t export yaml --config "$TMP/mailcow.yaml" >"$TMP/switched.yaml"
table_old
exits 78 'a switched off row into a table without a switch' t import "$TMP/switched.yaml" --apply
like "$err" 'off\.example: it is not active' 'is refused by name'
is "$(rows)" '' 'nothing is stored'
printf '%s\n' policies: '  off.example: may' '  late.example: {policy: may, active: no}' >"$TMP/late.yaml"
exits 1 'mailcow: a plan' m import "$TMP/late.yaml" --plan
is "$out" "$(printf '%s\n' '+ late.example: may (inactive)' \
	'~ off.example: encrypt ciphers=high -> may (inactive)')" 'says what is and stays switched off'
exits 1 'mailcow: an inactive key is refused too' m add off.example may
exits 0 'mailcow: removed' m remove on.example
exits 78 'mailcow: no notes' m set off.example --note x
is "$(show_create tls_policy_override)" "$before" 'mailcow'\''s table is unchanged'

# Keyed by the domain: no id, params NOT NULL, any text as level
table_keyed
sql -D mail "INSERT INTO tls_policy (domain, policy, params) VALUES
	('a.example', 'secure', 'match=a.example'), ('b.example', 'half-dane', ''), ('c.example', 'SECURE', '')"
before=$(show_create tls_policy)
k() { t "$1" --table tls_policy "${@:2}"; }
exits 0 'keyed: listed' k list --format tsv
like "$out" "b\.example${tab}half-dane" 'a level that is none is shown as it is'
exits 0 'keyed: added' k add d.example encrypt
is "$(sql -D mail "SELECT policy, params FROM tls_policy WHERE domain='d.example'")" "encrypt${tab}" \
	'an empty string where NULL cannot be'
exits 0 'keyed: changed' k set a.example servername=hostname
exits 65 'keyed: not in parts' k set b.example ciphers=high
like "$err" 'half-dane' 'what is not understood'
exits 0 'keyed: but as a whole' k set b.example dane
exits 0 'keyed: removed' k remove c.example
is "$(rows tls_policy)" "$(printf '%s\t%s\t%s\n' a.example secure 'match=a.example servername=hostname' \
	b.example dane '' d.example encrypt '')" 'and just that was done'
is "$(show_create tls_policy)" "$before" 'keyed: the table is unchanged'

# No unique index, so a key can be there twice: Postfix joins such rows into one answer.
sql -D mail "CREATE TABLE loose (id INT AUTO_INCREMENT PRIMARY KEY, domain VARCHAR(255), policy VARCHAR(12),
	params VARCHAR(90));
	INSERT INTO loose (domain, policy) VALUES ('a.example', 'may'), ('b.example', 'may'),
		('a.example', 'encrypt'); CREATE VIEW looked_at AS SELECT * FROM loose"
l() { t "$1" --table loose "${@:2}"; }
exits 1 'loose: checked' l check --format tsv
like "$out" "^domain[^
]*
a\.example${tab}duplicate${tab}error${tab}[^
]*id 1 and 3" 'a key that is there twice is an error'
is "$(wc -l <<<"$out")" 2 'one error'
exits 1 'loose: one key checked' l check a.example
exits 0 'loose: the other' l check b.example
exits 0 'loose: shown' l show a.example --format tsv
is "$(wc -l <<<"$out")" 3 'both rows are shown'
exits 1 'loose: as a map' l export map
is "$out" $'a.example\tmay\nb.example\tmay' 'a map holds a key once, postmap keeps the first'
like "$err" 'a\.example: not in the map' 'and what is left out is named'
run l doctor
like "$out" 'of 3 rows, 1 with errors' 'doctor counts it'
like "$out" 'params holds 90 characters, 0 SHA-256' 'and says what the parameters have room for'
exits 0 'loose: removed' l remove a.example
is "$(rows loose)" "b.example${tab}may${tab}NULL" 'both rows are gone'
run t doctor --table looked_at
like "$out" 'looked_at, a view' 'doctor knows a view'
like "$out" 'server: MariaDB [^ ]*, writable' 'which is no reason to call the server read-only'
done_testing
