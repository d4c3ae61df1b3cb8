#!/bin/bash
# Every way to connect, and every way to be refused, on real servers: facts/lab section 2.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/store.sh
mariadb_start db --tcp || exit 1
table_old
bare() { "$probe" no_defaults=1 "$@"; }
tcp() { bare host=127.0.0.1 port="$PORT" database=mail "$@"; }
sql "CREATE USER w@localhost IDENTIFIED BY 'pa''s#s w\"d'; GRANT ALL ON mail.* TO w@localhost;
	CREATE USER w@'127.0.0.1' IDENTIFIED BY 'pa''s#s w\"d'; GRANT ALL ON mail.* TO w@'127.0.0.1';
	CREATE USER poor@localhost; CREATE USER reader@localhost;
	GRANT SELECT ON mail.tlspolicies TO reader@localhost;
	CREATE USER locked@localhost ACCOUNT LOCK"
secret='password=pa'\''s#s w"d'

# Ways in
exits 0 'a unix socket' bare socket="$SOCKET" user=w "$secret" database=mail read
exits 0 'TCP' tcp user=w "$secret" read
exits 0 'localhost with a port is TCP' bare host=localhost port="$PORT" user=w "$secret" database=mail read
sql 'DROP USER w@localhost'
exits 0 'TCP it was' bare host=localhost port="$PORT" user=w "$secret" database=mail read
sql "CREATE USER w@localhost IDENTIFIED BY 'pa''s#s w\"d'; GRANT ALL ON mail.* TO w@localhost"
cat >"$TMP/my.cnf" <<CNF
[client]
socket=$SOCKET
user=w
password='pa\'s#s w"d'  # with a comment
[tlspol]
database=mail
CNF
exits 0 'all from an option file' "$probe" defaults_file="$TMP/my.cnf" read
exits 1 'options win over files' "$probe" defaults_file="$TMP/my.cnf" user=nobody read
like "$out" "as user nobody: .*refused.*\(error 1045\)" 'so the login is refused'
sed -i 's/^\[client\]/[client-mariadb]/' "$TMP/my.cnf"
exits 0 '[client-mariadb]' "$probe" defaults_file="$TMP/my.cnf" read
is "$(p describe | head -1 | sed 's/.*database=\([^ ]*\).*/\1/')" mail 'the database is the one named'

# Nobody there
fails 69 'no server answers.*\(error 2002\)' 'no socket' bare socket="$TMP/none.sock" open
mariadb_free_port
fails 69 "127\.0\.0\.1:$PORT: no server answers" 'nobody on the port' bare host=127.0.0.1 port="$PORT" open
mariadb_use db
fails 69 'not known.*\(error 2005\)' 'an unknown host' bare host=nowhere.invalid open
python3 -c 'import socket,sys,time
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(); print(s.getsockname()[1],flush=True)
c=s.accept()[0]; c.sendall(b"220 not a database\r\n"); c.close(); s.accept(); time.sleep(30)' >"$TMP/smtp.port" &
other=$!
cleanup kill $other
until [ -s "$TMP/smtp.port" ]; do sleep 0.05; done
like "$(bare host=127.0.0.1 port="$(cat "$TMP/smtp.port")" open)" '^error (69|78): 127' 'something else on the port'
start=$SECONDS
fails 69 '(error 20..)' 'a server that says nothing' bare host=127.0.0.1 port="$(cat "$TMP/smtp.port")" connect_timeout=1 open
ok 'is given up in time' test $((SECONDS - start)) -le 5

# Refused
fails 77 'refused.*\(error 1045\)' 'a wrong password' bare socket="$SOCKET" user=w password=wrong-secret open
unlike "$(bare socket="$SOCKET" user=w password=wrong-secret open)" 'wrong-secret' 'which is not told'
fails 77 'locked.*\(error 4151\)' 'a locked account' bare socket="$SOCKET" user=locked open
fails 77 'this database.*\(error 1044\)' 'no right to the database' p user=poor read
fails 77 '\(error 1142\)' 'no right to write' apply 'add a.example may' user=reader
like "$(apply 'add a.example may' user=reader)" 'tlspol init --grants' 'and what would help'
sql "REVOKE SELECT ON mail.tlspolicies FROM reader@localhost; CREATE TABLE mail.other (x int);
	GRANT SELECT ON mail.other TO reader@localhost"
fails 77 '\(error 1142\)' 'a table that may not be read' p user=reader read
fails 77 '\(error 1142\)' 'is not said to be missing' p user=reader describe

# Wrong place
fails 78 'no database is named.*\(error 1046\).*--database' 'no database' bare socket="$SOCKET" user=root read
fails 78 '\(error 1046\)' 'no database to describe' bare socket="$SOCKET" user=root describe
fails 78 'no such database.*\(error 1049\)' 'an unknown database' p database=nope read
fails 78 'no such table.*\(error 1146\).*tlspol init' 'no table' p table=nope read
fails 78 'no such table.*\(error 1146\).*tlspol init' 'no table to describe' p table=nope describe

# Busy
sql "ALTER USER w@localhost WITH MAX_USER_CONNECTIONS 1"
mariadb --no-defaults -S "$SOCKET" -u w "--password=pa's#s w\"d" --skip-ssl -e 'SELECT SLEEP(60)' >/dev/null 2>&1 &
other=$!
wait_for "$(running 'SELECT SLEEP(60)') = 1"
fails 75 'error 1226|error 1203' 'too many connections of one user' p user=w "$secret" read
kill $other; wait $other 2>/dev/null
sql "ALTER USER w@localhost WITH MAX_USER_CONNECTIONS 0"

# Read-only
sql 'SET GLOBAL read_only=1'
fails 75 'read-only.*\(error 1290\).*primary' 'a replica is not written' apply 'add a.example may' user=w "$secret"
like "$(p user=w "$secret" describe)" 'read_only=1' 'and says so'
exits 0 'but read' p user=w "$secret" read
sql 'SET GLOBAL read_only=0'

# A connection that is killed while rows come
sql -D mail "INSERT INTO tlspolicies (domain, policy) SELECT CONCAT('d', seq, '.example'), 'may' FROM seq_1_to_2000"
sql -D mail "CREATE VIEW slow AS SELECT id, domain, policy, params, SLEEP(0.01) AS x FROM tlspolicies"
p table=slow read >"$TMP/slow.out" &
other=$!
wait_for "$(running '%SELECT * FROM `slow`') = 1"
sql "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SELECT * FROM \`slow\`' AND ID <> CONNECTION_ID()" >"$TMP/kill"
sql "$(cat "$TMP/kill")"
wait $other
like "$(cat "$TMP/slow.out")" '^error 69: .*lost' 'half a table is no table'
is "$(wc -l <"$TMP/slow.out")" 1 'and no row is believed'
mariadb_stop db

# The server's own limit
mariadb_start few --max-connections=10
hold() { mariadb --no-defaults -S "$SOCKET" -u root --skip-ssl -e 'SELECT SLEEP(60)' >/dev/null 2>&1 & }
held=()
# One more than the limit, because root may; a client that came too late is started again.
for ((i = 0; i < 200; i++)); do
	for ((j = 0; j < 11; j++)); do
		kill -0 "${held[j]:-none}" 2>/dev/null || { hold; held[j]=$!; }
	done
	sleep 0.1
	out=$(p open)
	[[ -z $out ]] || break
done
like "$out" '^error 75: .*too many connections' 'too many connections'
kill "${held[@]}"; wait "${held[@]}" 2>/dev/null
mariadb_stop few

# MySQL, or what calls itself so
mariadb_start my --version=8.0.36
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy) VALUES ('a.example', 'may')"
like "$(p read)" 'a\.example' 'MySQL can be read'
fails 78 'MySQL 8\.0\.36.*not MariaDB' 'but not written' apply 'add b.example may'
fails 78 'MySQL 8\.0\.36' 'nor initialised' p init
done_testing
