#!/bin/bash
# export: files replaced whole, with their mode and owner, also when something fails half way;
# the index beside a map; the mysql file's secrets.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/postfix.sh
postfix_config
e() { "$TLSPOL" export "$@"; }
cat >"$TMP/p.yaml" <<'YAML'
policies:
  b.example: secure match=mx.b.example
  a.example: may
  "[relay.example.net]:587": encrypt
YAML
map='[relay.example.net]:587	encrypt
a.example	may
b.example	secure match=mx.b.example'
m=$TMP/map

# -- from a file, no database
exits 0 'map' e map --from "$TMP/p.yaml"
is "$out" "$map" 'sorted, key TAB value'
exits 0 'yaml' e yaml --from "$TMP/p.yaml"
is "$out" 'policies:
  "[relay.example.net]:587": encrypt
  a.example: may
  b.example: secure match=mx.b.example' 'sorted'
exits 0 'json' e json --from "$TMP/p.yaml"
is "$(printf '%s' "$out" | python3 -c 'import json,sys; print([(r["domain"], r["policy"], r["params"]) for r in json.load(sys.stdin)])')" \
	"[('[relay.example.net]:587', 'encrypt', None), ('a.example', 'may', None), ('b.example', 'secure', 'match=mx.b.example')]" 'rows, null for no params'
exits 0 'csv' e csv --from "$TMP/p.yaml"
is "$(printf '%s\n' "$out" | head -2 | cut -d, -f1-3)" $'domain,policy,params\n[relay.example.net]:587,encrypt,' 'a heading and rows'
exits 64 'unknown format' e xml --from "$TMP/p.yaml"
exits 64 '--postmap without --output' e map --from "$TMP/p.yaml" --postmap
exits 64 '--postmap with yaml' e yaml --from "$TMP/p.yaml" --postmap --output "$m"
exits 64 'an index that nobody can build' e map --from "$TMP/p.yaml" --output "$m" --postmap=pcre
exits 74 'a full disk' bash -c '"$1" export map --from "$2" >/dev/full' - "$TLSPOL" "$TMP/p.yaml"
exits 66 'no such file' e map --from /nonexistent --output "$m"
ok 'makes no file' test ! -e "$m"
exits 73 'an index beside no file' e map --from "$TMP/p.yaml" --output /dev/null --postmap=hash
exits 73 'no such directory' e map --from "$TMP/p.yaml" --output "$TMP/none/map"

# -- replaced whole
echo old >"$m"
chmod 604 "$m"
[ "$(id -u)" != 0 ] || chown daemon "$m"
owner=$(stat -c '%U %a' "$m")
exits 0 'over an old file' e map --from "$TMP/p.yaml" --output "$m"
is "$(cat "$m")" "$map" 'with the new text'
is "$(stat -c '%U %a' "$m")" "$owner" 'and the old mode and owner'
printf 'policies:\n  x.example: may\n  x.example: encrypt\n' >"$TMP/bad.yaml"
exits 65 'a bad source' e map --from "$TMP/bad.yaml" --output "$m" --postmap=hash
is "$(cat "$m")" "$map" 'leaves the old file'
is "$(ls -A "$TMP" | grep -c '^\.\?map')" 1 'and nothing beside it'
rm "$m"

# -- the index
for type in hash lmdb cdb; do
	exits 0 "$type" e map --from "$TMP/p.yaml" --output "$m" --postmap=$type
	is "$(q b.example "$type:$m")" 'secure match=mx.b.example' "$type answers"
done
exits 0 'default type' e map --from "$TMP/p.yaml" --output "$TMP/default" --postmap
type=$(postconf -c "$POSTFIX" -h default_database_type)
is "$(q a.example "$type:$TMP/default")" may "is Postfix's own, $type"
is "$(ls -A "$TMP" | grep -c 'map\|default')" 6 'no temporary files are left'
cp "$m.db" "$TMP/keep.db"
exits 64 'a wrong type changes nothing' e map --from "$TMP/p.yaml" --output "$m" --postmap=dbm
# a file may have 8 KB here, which an index of 12 KB does not fit into
before=$(stat -c %i "$m" "$m.db")
exits 74 'postmap fails' bash -c 'ulimit -f 8; exec "$@"' - "$TLSPOL" export map \
	--from "$TMP/p.yaml" --output "$m" --postmap=hash
is "$(stat -c %i "$m" "$m.db")" "$before" 'source and index are the old ones'
is "$(ls -A "$TMP" | grep -c '^\.\?map')" 4 'and nothing is left beside them'
chmod 640 "$m" "$m.db"
e map --from "$TMP/p.yaml" --output "$m" --postmap=hash
is "$(stat -c %a "$m" "$m.db" | tr '\n' ' ')" '640 640 ' "the index keeps its mode, too"
ln -s map "$TMP/link"
exits 0 'a symbolic link' e map --from "$TMP/p.yaml" --output "$TMP/link" --postmap=hash
is "$(q a.example "hash:$TMP/link")" may 'has its index beside it'
ok 'and is still a link' test -L "$TMP/link"

# Somebody who reads all the time never sees anything but a whole map: a row that both have.
# One at a time would hide a moment without a file.
printf 'policies:\n  b.example: secure match=mx.b.example\n' >"$TMP/small.yaml"
for type in hash lmdb cdb; do
	e map --from "$TMP/p.yaml" --output "$m" --postmap=$type
	( while [ ! -e "$TMP/stop" ]; do
		answer=$(q b.example "$type:$m" 2>&1)
		[ "$answer" = 'secure match=mx.b.example' ] || echo "$answer" >>"$TMP/wrong"
	done ) &
	reader=$!
	for i in {1..25}; do
		e map --from "$TMP/small.yaml" --output "$m" --postmap=$type
		e map --from "$TMP/p.yaml" --output "$m" --postmap=$type
	done
	touch "$TMP/stop"
	wait $reader
	is "$(cat "$TMP/wrong" 2>/dev/null)" '' "$type: a reader always finds its row"
	rm -f "$TMP/stop" "$TMP/wrong"
done

# -- ended in the middle: the old pair stays, nothing is left beside it
mkdir "$TMP/bin"
ln -s "$(command -v postconf)" "$TMP/bin/postconf"
printf '#!/bin/sh\n%s "$@"\ntouch %s\nsleep 2\n' "$(command -v postmap)" "$TMP/built" >"$TMP/bin/postmap"
chmod +x "$TMP/bin/postmap"
cp "$TMP/tlspol.yaml" "$TMP/slow.yaml"
printf '  command_directory: %s\n' "$TMP/bin" >>"$TMP/slow.yaml"
files() { (cd "$TMP" && ls -A | grep map; stat -c %i map map.cdb); }
for type in cdb hash; do
	e map --from "$TMP/p.yaml" --output "$m" --postmap=$type
	before=$(files)
	rm -f "$TMP/built"
	"$TLSPOL" export map --from "$TMP/small.yaml" --output "$m" --postmap=$type \
		--config "$TMP/slow.yaml" 2>/dev/null &
	slow=$!
	for i in {1..100}; do [ ! -e "$TMP/built" ] || break; sleep 0.05; done
	kill -TERM $slow
	wait $slow
	is "$?" 130 "$type: ended by a signal"
	is "$(files)" "$before" "$type: nothing is changed, nothing is left"

	# Killed where nothing can be tidied up: the next export does that, but not to one that lives.
	rm -f "$TMP/built"
	"$TLSPOL" export map --from "$TMP/small.yaml" --output "$m" --postmap=$type \
		--config "$TMP/slow.yaml" 2>/dev/null &
	slow=$!
	for i in {1..100}; do [ ! -e "$TMP/built" ] || break; sleep 0.05; done
	beside=$(files)
	e map --from "$TMP/p.yaml" --output "$m"
	is "$(files | head -n -2)" "$(head -n -2 <<<"$beside")" "$type: what a living export works on is left alone"
	kill -KILL $slow
	wait $slow 2>/dev/null
	like "$(files)" 'map\.tlspol-[0-9a-f]{8}' "$type: a killed one leaves its files"
	e map --from "$TMP/p.yaml" --output "$m" --postmap=$type
	is "$(files | head -n -2)" "$(head -n -2 <<<"$before")" "$type: the next one takes them away"
done

# -- rows that a map cannot carry
mariadb_start --tcp || exit 1
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES ('good.example', 'may', NULL),
	('with blank.example', 'may', NULL), ('newline.example', 'secure', 'match=a\nciphers=high')"
exits 1 'a key with a blank' t export map
is "$(printf '%s' "$out" | cut -f1 | head -1)" good.example 'the others are there'
like "$err" 'with blank.example' 'it is named'

# -- mysql
sql "CREATE USER postfix@127.0.0.1 IDENTIFIED BY 'p w#1'; GRANT SELECT ON mail.tlspolicies TO postfix@127.0.0.1"
echo 'p w#1' >"$TMP/pw"
cf=$TMP/tls.cf
mysql() { t export mysql --reader postfix --password-file "$TMP/pw" "$@"; }
exits 0 'mysql' mysql --hosts "127.0.0.1:$PORT" --output "$cf"
is "$(q good.example "mysql:$cf")" may 'works with postmap as it is'
like "$(head -20 "$cf")" "mysql:$cf" 'says which line main.cf needs'
unlike "$err" 'p w#1' 'says no password'
is "$(grep -c 'p w#1' "$cf")" 1 'the password stands once in it'
[ "$(id -u)" != 0 ] || is "$(stat -c '%U:%G %a' "$cf")" 'root:postfix 640' 'for root and Postfix only'
chmod 600 "$cf"
exits 0 'again' mysql --hosts "127.0.0.1:$PORT" --output "$cf"
is "$(stat -c %a "$cf")" 600 'keeps its mode'
if [ "$(id -u)" = 0 ]; then
	# Somebody who cannot keep the group does not show the file to another one.
	install -d -o nobody "$TMP/nobody"
	install -m 640 -o root -g root /dev/null "$TMP/nobody/map"
	install -m 755 "$TLSPOL" "$TMP/nobody/tlspol"
	echo 'a.example may' | setpriv --reuid nobody --regid nogroup --clear-groups \
		"$TMP/nobody/tlspol" export map --from - --output "$TMP/nobody/map"
	is "$(stat -c '%U:%G %a' "$TMP/nobody/map")" 'nobody:nogroup 600' 'the mode for a group that could not be kept'
fi
chmod 644 "$cf"
exits 0 'a readable one' mysql --hosts "127.0.0.1:$PORT" --output "$cf"
like "$err" 'everybody' 'gets a warning'
exits 0 'fail-over' mysql --hosts "127.0.0.1:1,127.0.0.1:$PORT" --output "$cf"
is "$(q good.example "mysql:$cf" 2>/dev/null)" may 'the second server answers'
exits 0 'to standard output' mysql
like "$out" "hosts = unix:$SOCKET" 'the server that tlspol asked, by default'
printf 'pw ' >"$TMP/pw2"
exits 65 'a password the file cannot carry' t export mysql --reader postfix --password-file "$TMP/pw2"
unlike "$err" 'pw ' 'is not shown'
for hosts in '[::1]:3306' '2001:db8::1' 'unix:relative.sock' 'h:0' 'h:99999' ','; do
	exits 65 "--hosts $hosts" mysql --hosts "$hosts"
done
exits 64 'no reader' t export mysql
exits 64 'no table' t export mysql --reader x --from "$TMP/p.yaml"
exits 66 'no password file' t export mysql --reader x --password-file /nonexistent
done_testing
