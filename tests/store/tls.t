#!/bin/bash
# TLS to the server: what is verified, what is refused, and that asking for TLS never ends in
# the clear. The certificate names db.example and localhost.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/store.sh
mariadb_start tls --tcp --tls || exit 1
table_old
sql "CREATE USER open@'%' IDENTIFIED BY 'x'; GRANT ALL ON mail.* TO open@'%';
	CREATE USER safe@'%' IDENTIFIED BY 'x' REQUIRE SSL; GRANT ALL ON mail.* TO safe@'%'"
pki=$TMP/pki
at() { local host=$1; shift; "$probe" no_defaults=1 host="$host" protocol=tcp port="$PORT" password=x database=mail "$@"; }
encrypted() { at "$@" table=tls_status column_domain=VARIABLE_NAME column_policy=VARIABLE_VALUE column_params=- read; }
sql -D mail "CREATE VIEW tls_status AS SELECT 0 AS id, VARIABLE_NAME, VARIABLE_VALUE
	FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_VERSION'"

exits 0 'a CA and the right name' at localhost user=safe ssl_ca="$pki/ca.pem" read
like "$(encrypted localhost user=safe ssl_ca="$pki/ca.pem")" 'TLSv1' 'is encrypted'
fails 78 'no trusted TLS connection.*\(error 2026\)' 'another name' at 127.0.0.1 user=safe ssl_ca="$pki/ca.pem" read
fails 78 'no trusted TLS connection.*\(error 2026\).*--ssl-ca' 'another CA' at localhost user=safe ssl_ca="$pki/other-ca.pem" read
fails 78 '\(error 2026\)' 'a CA file that is not there' at localhost user=safe ssl_ca="$TMP/nope.pem" read
exits 0 'another name, not verified' at 127.0.0.1 user=safe ssl_ca="$pki/ca.pem" skip_ssl_verify=1 read
exits 0 'no CA: encrypted, not verified' at 127.0.0.1 user=safe ssl=1 read
like "$(encrypted 127.0.0.1 user=safe ssl=1)" 'TLSv1' 'is encrypted'
fails 77 'refused.*\(error 1045\).*--ssl' 'an account that requires TLS' at localhost user=safe read
like "$(encrypted localhost user=open)" $'SSL_VERSION\t\\?\t' 'nobody asked: not encrypted'
fails 77 '\(error 1045\)' 'TLS taken back' at localhost user=safe ssl_ca="$pki/ca.pem" skip_ssl=1 read

# The same from an option file, as mariadb has it
cat >"$TMP/my.cnf" <<CNF
[client]
host=localhost
protocol=tcp
port=$PORT
user=safe
password=x
database=mail
ssl-ca=$pki/ca.pem
CNF
exits 0 'ssl-ca in [client]' "$probe" defaults_file="$TMP/my.cnf" read
sed -i 's/^host=.*/host=127.0.0.1/' "$TMP/my.cnf"
fails 78 '\(error 2026\)' 'verifies the name, too' "$probe" defaults_file="$TMP/my.cnf" read
echo skip-ssl-verify-server-cert >>"$TMP/my.cnf"
exits 0 'unless told not to' "$probe" defaults_file="$TMP/my.cnf" read

# The unix socket: only when asked
cat >"$TMP/socket.cnf" <<CNF
[client]
socket=$SOCKET
user=root
database=mail
ssl-ca=$pki/ca.pem
CNF
exits 0 'a socket' "$probe" defaults_file="$TMP/socket.cnf" read
like "$("$probe" defaults_file="$TMP/socket.cnf" table=tls_status column_domain=VARIABLE_NAME column_policy=VARIABLE_VALUE column_params=- read)" \
	$'SSL_VERSION\t\\?\t' 'is not encrypted by a [client] ssl-ca'
exits 0 'a socket, asked for' p user=safe password=x ssl=1 read
like "$(p user=safe password=x ssl=1 table=tls_status column_domain=VARIABLE_NAME column_policy=VARIABLE_VALUE column_params=- read)" \
	'TLSv1' 'is encrypted'

# Killed while waiting: over TLS this is "unexpected eof", not 2006 or 2013
sql -D mail "INSERT INTO tlspolicies (domain, policy) VALUES ('a.example', 'may')"
mariadb --no-defaults -S "$SOCKET" -u root --skip-ssl mail -e \
	"START TRANSACTION; UPDATE tlspolicies SET params='x=y'; SELECT SLEEP(60)" >/dev/null 2>&1 &
holder=$!
wait_for "$(running 'SELECT SLEEP(60)') = 1"
printf 'set a.example encrypt\n' | at localhost user=safe ssl_ca="$pki/ca.pem" apply >"$TMP/killed" &
other=$!
wait_for "$(running '% FOR UPDATE') = 1"
sql "$(sql "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE INFO LIKE '% FOR UPDATE' AND ID <> CONNECTION_ID()")"
wait $other
like "$(cat "$TMP/killed")" '^error 69: .*the connection was lost' 'a killed connection'
kill $holder; wait $holder 2>/dev/null
wait_for "$(running 'SELECT SLEEP(60)') = 0"
is "$(rows)" "a.example	may	NULL" 'nothing was changed'
mariadb_stop tls

# A server that has no TLS
mariadb_start plain --tcp
table_old
sql "CREATE USER open@'%' IDENTIFIED BY 'x'; GRANT ALL ON mail.* TO open@'%'"
exits 0 'without asking' at localhost user=open read
fails 78 '\(error 2026\)' 'asked for' at localhost user=open ssl=1 read
fails 78 '\(error 2026\)' 'with a CA' at localhost user=open ssl_ca="$pki/ca.pem" read
done_testing
