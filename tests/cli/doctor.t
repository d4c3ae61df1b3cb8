#!/bin/bash
# doctor: each trap of the facts about mysql: maps and Postfix's settings is found, a good
# machine has none of them, and what is not there is skipped.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/postfix.sh
# status CHECK-OR-TEXT...: lines "area/check: status text"
doctor() {
	run t doctor --format json "$@"
	lines=$(printf '%s' "$out" | python3 -c '
import json, sys
for r in json.load(sys.stdin): print("%s/%s: %s %s" % (r["area"], r["check"], r["status"], r["text"]))')
}
has() { like "$lines" "$1" "$2"; }

mariadb_start --tcp || exit 1
sql "CREATE USER postfix@127.0.0.1 IDENTIFIED BY 'pw'; GRANT SELECT ON mail.* TO postfix@127.0.0.1"
t init >/dev/null 2>&1
t add a.example may --quiet
echo pw >"$TMP/pw"
cf=$TMP/tls.cf
t export mysql --reader postfix --password-file "$TMP/pw" --hosts "127.0.0.1:$PORT" --output "$cf"
good=('smtp_tls_security_level = may' "smtp_tls_policy_maps = mysql:$cf"
	'smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt' 'smtp_dns_support_level = dnssec')
postfix_config "${good[@]}"

doctor
is "$status" 0 'a good machine'
is "$(printf '%s\n' "$lines" | grep -v ': ok ')" '' 'has nothing but ok'
has "maps/postmap -q: ok .*a\.example" 'the map is asked for a row'
exits 0 'as a table' t doctor

# -- the .cf
mutate() { # NAME SED PATTERN
	cp "$cf" "$TMP/good.cf"
	sed -i "$2" "$cf"
	doctor
	has "$3" "$1"
	is "$status" 1 "$1: status 1"
	cp "$TMP/good.cf" "$cf"
	chmod 640 "$cf"
}
mutate 'CONCAT loses rows' "s/^query = .*/query = SELECT CONCAT(policy, ' ', params) FROM tlspolicies WHERE domain = '%s'/" 'maps/query: warning .*CONCAT_WS'
has 'maps/postmap -q: warning .*not found' 'and the row is lost'
mutate '%d asks nothing' "s/^query = .*/query = SELECT policy FROM tlspolicies WHERE domain = '%d'/" 'maps/query: error .*%d'
mutate 'domain = asks nothing' '$a domain = example.com' 'maps/domain: error'
mutate 'a misspelt parameter' '$a pasword = x' 'maps/parameters: warning .*pasword.*password'
mutate 'forgets temporary exceptions' "s/^query = .*/query = SELECT CONCAT_WS(' ', policy, NULLIF(params, '')) FROM tlspolicies WHERE domain = '%s'/" 'maps/query: warning .*exception_until'
mutate 'another table' "s/^query = .*/query = SELECT policy FROM other WHERE domain = '%s'/" 'maps/query: warning .*tlspolicies'
mutate 'no equals sign' '$a nonsense' 'postfix/settings: error .*nonsense'
mutate 'wrong password' 's/^password = .*/password = wrong/' 'maps/postmap -q: error .*Access denied'
unlike "$lines" 'password = ' 'no password is shown'
chmod 644 "$cf"
doctor
has 'maps/mode: warning .*everybody' 'readable by everybody'
chmod 640 "$cf"

# -- settings against rows
t add d1.example dane --quiet 2>/dev/null; t add d2.example dane-only --quiet 2>/dev/null
t add s.example secure match=mx.s.example --quiet 2>/dev/null
postfix_config "smtp_tls_policy_maps = mysql:$cf"
doctor
has 'postfix/DANE: error .*dane-only \(1\)' 'dane-only without DNSSEC'
has 'postfix/trusted CAs: error .*\(1\)' 'secure without CAs'
has 'postfix/smtp_tls_security_level: warning .*empty' 'no default level'
postfix_config 'smtp_tls_CApath = /etc/ssl/certs' 'smtp_tls_policy_maps =' 'default_database_type = nosuch'
doctor
has 'trusted CAs: ok /etc/ssl/certs' 'a directory of CAs'
has 'maps/smtp_tls_policy_maps: warning .*empty' 'no policy map'
has 'default_database_type: warning .*nosuch' 'a type that cannot be read'

# -- the jail
sed -i "s|^hosts = .*|hosts = unix:$SOCKET|" "$cf"
POSTFIX_CHROOT=y postfix_config "${good[@]}"
doctor
has 'maps/hosts: error .*proxy:mysql' 'a socket cannot be reached from the jail'
POSTFIX_CHROOT=y postfix_config "${good[@]/mysql:/proxy:mysql:}"
doctor
unlike "$lines" 'maps/hosts' 'proxymap can'

# -- maps of other kinds
t export map --output "$TMP/map" --postmap=hash
postfix_config "smtp_tls_policy_maps = hash:$TMP/map, nosuch:/x"
doctor
has 'maps/postmap -q: ok hash' 'an index that is up to date'
has 'smtp_tls_policy_maps: error .*nosuch' 'an unknown type'
t set a.example encrypt --quiet 2>/dev/null
doctor
has 'maps/postmap -q: warning .*says .may. for a\.example' 'an old one'
touch -d '+1 minute' "$TMP/map"
doctor
has 'maps/index: warning .*older' 'older than its source'

# -- the table
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES ('x.example', 'may', '')"
doctor
has 'database/collation: ok .*latin1_swedish_ci' 'a loose collation over plain keys'
has 'database/columns: ok .*init --upgrade' 'columns that are not there'
has 'database/policies: warning' "'' for NULL"
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES ('B\xfccher.example', 'may', NULL)"
doctor
has 'database/collation: warning' 'and over others'
sql -D mail 'ALTER TABLE tlspolicies DROP INDEX domain'
doctor
has 'database/index: warning' 'no unique index'
table_mailcow
sed -i "s/^query = .*/query = SELECT policy FROM tls_policy_override WHERE dest = '%s'/" "$cf"
postfix_config "${good[@]}"
cat "$TMP/mailcow.yaml" "$TMP/tlspol.yaml" >"$TMP/both.yaml"
TLSPOL_CONFIG=$TMP/both.yaml doctor
has 'maps/query: warning .*active' 'a query that forgets active'

# -- what is not there
printf 'postfix:\n  command_directory: %s\n' "$TMP" >"$TMP/tlspol.yaml"
doctor
has 'postfix/settings: skipped' 'no Postfix'
mariadb_stop
doctor
is "$status" 1 'no server: still a report'
has 'database/connection: error' 'with an error in it'
has 'database/table: skipped' 'and the rest skipped'
done_testing
