#!/bin/bash
# The query that Postfix gets, asked by the real postmap: every row answers, and only for its own
# key, on every kind of key column and with every character set of the connection.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/store.sh
. tests/lib/postfix.sh
command -v postmap >/dev/null || skip_all 'no postmap'
mariadb_start db --tcp || exit 1
postfix_config
sql "CREATE USER postfix@localhost IDENTIFIED BY 'secret', postfix@'127.0.0.1' IDENTIFIED BY 'secret';
	GRANT SELECT ON mail.* TO postfix@localhost, postfix@'127.0.0.1'"
for charset in latin1 utf8mb4; do
	printf '[client]\ndefault-character-set=%s\n' $charset >"$TMP/$charset.cnf"
done

# cf NAME [SETTING=VALUE...]: $TMP/NAME-latin1.cf and $TMP/NAME-utf8mb4.cf
cf() {
	local name=$1 charset
	shift
	for charset in latin1 utf8mb4; do
		{
			printf 'hosts = unix:%s\nuser = postfix\npassword = secret\noption_file = %s\noption_group = client\n' \
				"$SOCKET" "$TMP/$charset.cnf"
			p "$@" query
		} >"$TMP/$name-$charset.cf"
		# Postfix waits until a file it reads has been left alone for a second or two.
		touch -d '1 minute ago' "$TMP/$name-$charset.cf"
	done
}
# answers NAME KEY WANT: both connections give this ('' = not found, and nothing is complained of)
answers() {
	local charset
	for charset in latin1 utf8mb4; do
		run q "$2" "mysql:$TMP/$1-$charset.cf"
		is "$out|$err" "$3|" "$1 ($charset): $2"
	done
}

for column in 'latin1 latin1_swedish_ci' 'utf8mb4 utf8mb4_general_ci' 'utf8mb4 utf8mb4_bin' 'utf8mb3 utf8mb3_unicode_ci' \
	'latin1 latin1_bin' 'utf8mb4 utf8mb4_nopad_bin'; do
	read -r charset collation <<<"$column"
	table_old
	sql -D mail "ALTER TABLE tlspolicies CONVERT TO CHARACTER SET $charset COLLATE $collation;
		INSERT INTO tlspolicies (domain, policy, params) VALUES
		('a.example', 'secure', 'match=a.example servername=hostname'), ('null.example', 'may', NULL),
		('empty.example', 'encrypt', ''), ('blank.example', 'dane', '  '), ('.parent.example', 'dane-only', NULL),
		('[mx.example]:587', 'verify', 'match=hostname'), ('b\"u''s\\\\h.example', 'may', NULL),
		('100%.example', 'encrypt', 'ciphers=high'), ('%s', 'secure', 'match=%u'), ('bücher.example', 'fingerprint', 'match=AB:CD'),
		('tail.example ', 'secure', NULL)"
	cf "$collation"
	cat >"$TMP/wanted" <<-'ROWS'
		a.example	secure match=a.example servername=hostname
		A.EXAMPLE	secure match=a.example servername=hostname
		null.example	may
		empty.example	encrypt
		blank.example	dane
		.parent.example	dane-only
		[mx.example]:587	verify match=hostname
		b"u's\h.example	may
		100%.example	encrypt ciphers=high
		%s	secure match=%u
		bücher.example	fingerprint match=AB:CD
	ROWS
	# These are asked for, too, and must not be found.
	{
		cut -f1 "$TMP/wanted"
		printf '%s\n' bycher.example bucher.example tail.example x.parent.example 日本.example \
			"x' OR '1'='1" % _.example
	} >"$TMP/keys"
	for connection in latin1 utf8mb4; do
		postmap -c "$POSTFIX" -q - "mysql:$TMP/$collation-$connection.cf" \
			<"$TMP/keys" >"$TMP/answers" 2>&1
		is "$(cat "$TMP/answers")" "$(cat "$TMP/wanted")" "$collation, connection $connection"
	done
	is "$(sql -D mail "EXPLAIN $(sed -n "s/^query = //p" "$TMP/$collation-utf8mb4.cf" | sed "s/%s/a.example/g")" | cut -f4)" const \
		"$collation: the key is found by its index"
done

# A row of somebody else in capitals answers where its collation has always let it
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES ('GitHub.com', 'secure', 'match=mx.google.com')"
cf capitals
answers capitals github.com 'secure match=mx.google.com'

# Inactive rows do not answer; names with everything in them
table_mailcow
sql -D mail "INSERT INTO tls_policy_override (dest, policy, parameters, active) VALUES
	('on.example', 'secure', 'match=x', 1), ('off.example', 'secure', '', 0)"
cf mailcow table=tls_policy_override column_domain=dest column_params=parameters column_active=active
answers mailcow on.example 'secure match=x'
answers mailcow off.example ''
sql -D mail 'CREATE TABLE `a%s``b` (`%d` varchar(255) primary key, `policy` varchar(20), `100%` varchar(255));
	INSERT INTO `a%s``b` VALUES ("a.example", "may", "ciphers=high")'
cf odd 'table=a%s`b' column_domain=%d column_params=100%
answers odd a.example 'may ciphers=high'

# The least privileged account of --grants is enough
p init >/dev/null; table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES ('a.example', 'dane', NULL)"
sql 'DROP USER postfix@localhost'
p grants | sed 's/CHANGE-ME/secret/' | mariadb --no-defaults -S "$SOCKET" -u root --skip-ssl
cf grants
answers grants a.example dane
done_testing
