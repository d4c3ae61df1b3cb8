#!/bin/bash
# What the table says, what Postfix reads through mysql:, and what it reads from an exported map
# is the same for every row; exporting and importing again changes nothing at all.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/postfix.sh
mariadb_start --tcp --log-bin --binlog-format=ROW || exit 1
postfix_config

# The values are what smtp_tls_policy_maps wants (postconf(5)): level, blank, attributes.
odd_rows="('null.example', 'may', NULL), ('empty.example', 'encrypt', ''),
	('blank.example', 'encrypt', '  '), ('one.example', 'secure', 'match=mx.one.example'),
	('.parent.example', 'secure', 'match=.parent.example servername=hostname'),
	('many.example', 'verify', 'match=a.example:b.example,ciphers=high'),
	('tab.example', 'secure', 'match=a.example\tprotocols=>=TLSv1.2'),
	('[relay.example.net]:587', 'fingerprint', 'match=AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99'),
	('[192.0.2.1]:25', 'none', NULL), ('[2001:db8::1]', 'dane-only', NULL),
	('xn--bcher-kva.example', 'dane', ''),
	('percent.example', 'secure', 'match=100%s.example'),
	('quote.example', 'secure', 'match=o\'\'brien.example'),
	('dollar.example', 'secure', 'match=\$name.example'),
	('backslash.example', 'secure', 'match=a\\\\\\\\b.example'),
	('hash.example', 'secure', 'match=a.example #no comment')"

# key TAB what Postfix must be told, straight from the table by the server itself
expected() { # TABLE DOMAIN PARAMS [WHERE]
	sql --raw -D mail "SELECT $2, CONCAT_WS(' ', policy, NULLIF(TRIM($3), '')) FROM $1 ${4:-} ORDER BY BINARY $2"
}
# every key of the list on stdin, asked through a map: key TAB answer
asked() { # MAP
	cut -f1 | postmap -c "$POSTFIX" -q - "$1" 2>&1
}
# a tab between attributes is a separator like a blank; -s: comparisons are about values
same_answers() { # NAME MAP
	is "$(asked "$2" <"$TMP/expected" | sort)" "$(sort "$TMP/expected")" "$1"
}

password=' pa#ss%s $w"o'"'"'r%d #d\x'
password=${password# } # an inner blank stays, one at the end could not be written
printf '%s\n' "$password" >"$TMP/reader.pw"

reader() { # TABLE COLUMNS
	sql "CREATE OR REPLACE USER postfix@localhost IDENTIFIED BY '${password//\'/\'\'}';
		CREATE OR REPLACE USER postfix@127.0.0.1 IDENTIFIED BY '${password//\'/\'\'}';
		GRANT SELECT ($2) ON mail.$1 TO postfix@localhost;
		GRANT SELECT ($2) ON mail.$1 TO postfix@127.0.0.1" ||
		fail 'reader accounts'
}
# backslashes are literal here as they are in the file
sql "SET GLOBAL sql_mode='STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES'"

compare() { # NAME
	local type
	exits 0 "$1: mysql .cf over the socket" t export mysql --reader postfix \
		--password-file "$TMP/reader.pw" --hosts "unix:$SOCKET" --output "$TMP/socket.cf"
	unlike "$err" 'pa#ss' "$1: no password in messages"
	same_answers "$1: mysql over the socket" "mysql:$TMP/socket.cf"
	exits 0 "$1: mysql .cf over TCP" t export mysql --reader postfix \
		--password-file "$TMP/reader.pw" --hosts "127.0.0.1:$PORT" --output "$TMP/tcp.cf"
	same_answers "$1: mysql over TCP" "mysql:$TMP/tcp.cf"
	is "$(q not.there.example "mysql:$TMP/tcp.cf"; echo $?)" 1 "$1: no row is no answer"
	for type in hash lmdb cdb; do
		exits 0 "$1: $type" t export map --output "$TMP/map" --postmap=$type
		same_answers "$1: what $type says" "$type:$TMP/map"
	done
	is "$(LC_ALL=C sort -c "$TMP/map" 2>&1)" '' "$1: the map is sorted"
}

# -- the table that is in use everywhere
table_old
sql -D mail "SET sql_mode=''; INSERT INTO tlspolicies (domain, policy, params) VALUES $odd_rows"
reader tlspolicies 'domain, policy, params'
expected tlspolicies domain params >"$TMP/expected"
is "$(wc -l <"$TMP/expected")" 16 'all rows are compared'
compare 'old table'

exits 0 'export yaml' t export yaml --output "$TMP/first.yaml"
exits 0 'nothing to do' t import "$TMP/first.yaml" --plan
before=$(sql 'SHOW MASTER STATUS')
run bash -c '"$@" <"$TMP/first.yaml"' - "$TLSPOL" import - --apply --input-format yaml --no-defaults \
	--socket="$SOCKET" --user=root --database=mail
is "$status" 0 'import - of an export'
exits 0 'import of the file' t import "$TMP/first.yaml" --apply
is "$(sql 'SHOW MASTER STATUS')" "$before" 'no event in the binlog'
exits 0 'second export' t export yaml --output "$TMP/second.yaml"
ok 'is byte-identical' cmp "$TMP/first.yaml" "$TMP/second.yaml"
for format in map json csv; do
	suffix=$format
	t export $format --output "$TMP/back.$suffix" 2>/dev/null
	exits 0 "$format is the same policies" t import "$TMP/back.$suffix" --input-format $format --plan
done

# -- into an empty table and out again
table_old
exits 0 'everything is new' t import "$TMP/first.yaml" --apply --force
exits 0 'third export' t export yaml --output "$TMP/third.yaml"
# '' and NULL are the same policy; NULL is what is stored now, so the text is the same
ok 'the same bytes from an empty table' cmp "$TMP/first.yaml" "$TMP/third.yaml"
exits 0 'and once more is nothing' t import "$TMP/first.yaml" --apply --force

# -- the new table: notes and origins survive
sql -D mail 'DROP TABLE tlspolicies'
exits 0 'new table' t init
cat >"$TMP/notes.yaml" <<'YAML'
policies:
  plain.example: may
  noted.example:
    policy: secure
    match: [mx.noted.example, .noted.example]
    note: "quotes \" and: colons, ümlauts"
  "[relay.example.net]:587": encrypt
YAML
exits 0 'import with notes' t import "$TMP/notes.yaml" --apply
reader tlspolicies 'domain, policy, params, exception_policy, exception_params, exception_until'
expected tlspolicies domain params >"$TMP/expected"
compare 'new table'
t export yaml --output "$TMP/first.yaml"
before=$(sql 'SHOW MASTER STATUS')
exits 0 'identity' t import "$TMP/first.yaml" --apply
exits 0 'twice' t import "$TMP/notes.yaml" --apply
is "$(sql 'SHOW MASTER STATUS')" "$before" 'no event in the binlog either'
t export yaml --output "$TMP/second.yaml"
ok 'byte-identical with notes and origins' cmp "$TMP/first.yaml" "$TMP/second.yaml"

# A hand-made row is nobody's; exporting and importing it does not give it an owner.
t add by-hand.example encrypt --quiet 2>/dev/null
t export yaml --output "$TMP/all.yaml"
exits 0 'a row without origin stays so' t import "$TMP/all.yaml" --plan

# -- mailcow's table: other names, '' for none, inactive rows
table_mailcow
cat "$TMP/mailcow.yaml" "$TMP/tlspol.yaml" >"$TMP/both.yaml"
export TLSPOL_CONFIG=$TMP/both.yaml
sql -D mail "INSERT INTO tls_policy_override (dest, policy, parameters, active) VALUES
	('a.example', 'secure', 'match=mx.a.example', 1), ('b.example', 'may', '', 1),
	('off.example', 'encrypt', '', 0)"
reader tls_policy_override 'dest, policy, parameters, active'
expected tls_policy_override dest parameters 'WHERE active = 1' >"$TMP/expected"
compare 'mailcow'
is "$(q off.example "mysql:$TMP/socket.cf"; q off.example "hash:$TMP/map")" '' \
	'an inactive row is in neither'

done_testing
