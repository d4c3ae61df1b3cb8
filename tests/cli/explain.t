#!/bin/bash
# explain: the keys Postfix asks for, in order (facts of postconf(5) and a real Postfix), the row
# that answers, what it means; and the comparison with the real postmap.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/tables.sh
. tests/lib/postfix.sh
postfix_config
cat >"$TMP/p.yaml" <<'YAML'
policies:
  .example.com: secure match=.example.com:nexthop:hostname servername=hostname
  other.example: verify
  "[relay.example.net]:587": encrypt
  dane.example: dane-only
  finger.example: fingerprint match=AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89
YAML
x() { "$TLSPOL" explain --from "$TMP/p.yaml" "$@"; }
keys() { x "$1" --format json | python3 -c '
import json, sys
print(" ".join(row["key"] for row in json.load(sys.stdin)))'; }

# next-hop : keys, none of which has a row (postconf(5), smtp_tls_policy_maps; tried on 3.7)
while IFS=: read -r destination wanted; do
	destination=${destination//;/:}
	is "$(keys "$destination")" "${wanted//;/:}" "keys of $destination"
done <<'TABLE'
mail.sub.test:mail.sub.test .sub.test .test
localhost:localhost
MAIL.Sub.Test:mail.sub.test .sub.test .test
[mail.sub.test]:[mail.sub.test]
[mail.sub.test];587:[mail.sub.test];587
mail.sub.test;587:mail.sub.test;587
mail.sub.test;:mail.sub.test;
[mail.sub.test];smtp:[mail.sub.test];smtp
192.0.2.1:192.0.2.1
[192.0.2.1]:[192.0.2.1]
[192.0.2.1];25:[192.0.2.1];25
[2001;db8;;1]:[2001;db8;;1]
[ipv6;2001;db8;;1]:[ipv6;2001;db8;;1]
[IPv6;2001;DB8;;1];25:[ipv6;2001;db8;;1];25
bücher.test:bücher.test .test
xn--bcher-kva.test:xn--bcher-kva.test .test
some_host.sub.test:some_host.sub.test .sub.test .test
user@mail.sub.test:mail.sub.test .sub.test .test
user@mail.sub.test.:mail.sub.test .sub.test .test
user@[192.0.2.1]:[192.0.2.1]
user@[IPv6;2001;db8;;1]:[ipv6;2001;db8;;1]
a.test, [b.test];25:a.test .test [b.test];25
TABLE

# -- the answer
exits 0 'a parent answers' x user@a.b.example.com
like "$out" '3\. \.example\.com +secure match=.* <- this row answers' 'at the third question'
like "$out" '     \.com +not asked' 'nothing more is asked'
like "$(echo $out)" 'any name that ends in \.example\.com, but not example\.com itself; a\.b\.example\.com \(nexthop\)' \
	'names are resolved for this next-hop'
like "$out" 'name of the MX host is sent' 'servername=hostname'
exits 0 'as JSON' x a.example.com --format json
is "$(printf '%s' "$out" | python3 -c '
import json, sys
for row in json.load(sys.stdin): print(list(row.items()))')" \
"[('nexthop', 'a.example.com'), ('key', 'a.example.com'), ('asked', 1), ('found', False), ('policy', None), ('params', None), ('exception_until', None)]
[('nexthop', 'a.example.com'), ('key', '.example.com'), ('asked', 2), ('found', True), ('policy', 'secure'), ('params', 'match=.example.com:nexthop:hostname servername=hostname'), ('exception_until', None)]" \
	'one row for each question'
exits 1 'the domain itself is not below it' x example.com
exits 0 'verify' x other.example
like "$out" 'MX host, as DNS gives it' 'trusts the MX name'
exits 0 'a relay' x '[relay.example.net]:587'
exits 1 'without the port it is another key' x '[relay.example.net]'
exits 0 'fingerprint' x finger.example
like "$out" 'digests +AB:CD' 'the digests'
exits 0 'dane-only' x dane.example
like "$out" 'TLSA' 'in words'

# -- no row
exits 1 'no row' x nobody.test
like "$out" 'smtp_tls_security_level' 'main.cf decides'
postfix_config 'smtp_tls_security_level = encrypt' 'relayhost = [out.example.net]'
exits 1 'no row, a level in main.cf' x user@nobody.test
like "$out" 'smtp_tls_security_level = encrypt' 'it is named'
like "$out" 'level +encrypt' 'and explained'
like "$err" 'relayhost' 'mail may go another way'
exits 64 'no destination' x
exits 65 'no next-hop' x ''

exits 1 'a name in Unicode' x user@bücher.test
like "$err" 'xn--bcher-kva\.test is another key' 'and its other form'

# -- the real postmap
"$TLSPOL" export map --from "$TMP/p.yaml" --output "$TMP/map" --postmap=hash
exits 0 'postmap agrees' x user@a.example.com --postmap="hash:$TMP/map"
unlike "$out" differs 'nothing differs'
like "$out" 'postmap +says the same' 'and it is said'
postfix_config "smtp_tls_policy_maps = static:none, hash:$TMP/map"
exits 1 'another map is asked first' x a.example.com --postmap
like "$out" 'postmap differs: none' 'what it says is shown'
postfix_config
exits 78 'no maps' x a.example.com --postmap
exits 1 'a map that is not there' x a.example.com --postmap=hash:/nonexistent
like "$out" 'No such file' "Postfix's own words"

# -- the table
mariadb_start || exit 1
table_old
sql -D mail "INSERT INTO tlspolicies (domain, policy, params) VALUES ('.example.com', 'encrypt', NULL),
	('Capital.Example', 'may', '')"
exits 0 'from the table' t explain user@a.example.com
exits 0 'a collation without case finds capitals, as Postfix would' t explain capital.example
exits 1 'no row in the table' t explain nobody.test
done_testing
