#!/bin/bash
# tlspol verify in the lab: what it says of destinations, in all its forms, and how it ends.
# What Postfix does with them is in tests/net/verify_matrix.t.
. tests/lib/tap.sh
. tests/lib/mariadb.sh
. tests/lib/lab/lab.sh
mariadb_start db || exit 1
lab_start || exit 1
terminal=$PWD/tests/lib/terminal.py
anchor=$(lab_trust_anchor) ca=$(lab_ca)
lab_fill() { sed -f "$LAB/fill.sed"; }
cd "$TMP" || exit 1

mkdir postfix
: >postfix/master.cf
printf '%s\n' 'compatibility_level = 3.6' 'smtp_tls_security_level = may' 'smtp_dns_support_level = dnssec' \
	"smtp_tls_CAfile = $ca" 'smtp_connect_timeout = 3s' 'smtp_helo_timeout = 3s' \
	'smtp_starttls_timeout = 3s' >postfix/main.cf
export MAIL_CONFIG=$TMP/postfix
verify() { lab_run "$TLSPOL" verify --no-defaults --resolver 127.0.0.1 --trust-anchor "$anchor" --timeout 4 "$@"; }
# fields PYTHON: of each row of $out, which is JSON
fields() { python3 -c "import json, sys
for row in json.load(sys.stdin): print($1)" <<<"$out"; }

lab_fill >rows.yaml <<'END'
policies:
- {domain: valid.lab.test, policy: secure, params: match=mx-valid.lab.test}
- {domain: dane311.lab.test, policy: dane-only}
- {domain: danewrong.lab.test, policy: dane-only}
- {domain: nostarttls.lab.test, policy: encrypt}
- {domain: tls454.lab.test, policy: may}
- {domain: nullmx.lab.test, policy: encrypt}
- {domain: soon.lab.test, policy: verify}
- {domain: multi.lab.test, policy: "dane", note: no TLSA at the first host}
- {domain: .lab.test, policy: encrypt}
- {domain: off.lab.test, policy: encrypt, active: no}
END

# -- the table ------------------------------------------------------------------------------------

exits 1 'a file of policies' verify --from rows.yaml --no-sts
is "$(awk '{ print $1, $2 }' <<<"$out" | sed '1d')" '.lab.test encrypt
dane311.lab.test dane-only
danewrong.lab.test dane-only
multi.lab.test dane
nostarttls.lab.test encrypt
nullmx.lab.test encrypt
soon.lab.test verify
tls454.lab.test may
valid.lab.test secure' '  by destination'
for line in '.lab.test +encrypt +unknown +the row is for all names below' 'dane311.* deliver +Verified, TLSv1.3' \
	'danewrong.* defer +mx-danewrong.lab.test\[127.2.0.22\]: .*TLSA' \
	'multi.lab.test +dane -> may +deliver' 'nostarttls.* defer .*STARTTLS' \
	'nullmx.* bounce .*null MX' 'soon.* deliver +Verified, TLSv1.3; .*ends' 'tls454.* plaintext .*454 4.7.0' \
	'valid.* secure +deliver +Verified, TLSv1.3'; do
	like "$out" "$line" "  $line"
done
like "$err" 'note: 9 destinations: 4 deliver, 1 plaintext, 2 defer, 1 bounce, 1 unknown; [23] findings?; 1 for subdomains not looked at.*; [0-9.]+ s' \
	'  and the sum of it'
exits 1 '--problems' verify --from rows.yaml --no-sts --problems
is "$(awk 'NR > 1 { print $1 }' <<<"$out" | grep -cE '^(dane311|valid|tls454)')" 0 '  leaves out what is well'
exits 0 'on a terminal' env COLUMNS=80 nsenter --net="/proc/$lab_pid/ns/net" -- python3 "$terminal" '~' '' \
	"$TLSPOL" verify --from rows.yaml --no-sts --resolver 127.0.0.1 --trust-anchor "$anchor" --timeout 4
out=${out%$'\n'*}
like "$out" $'\033\[31mdefer' '  outcomes have colours'
is "$(sed 's/\x1b\[[0-9;]*[mK]//g' <<<"$out" | grep -v '^note:' | awk 'length > 80')" '' '  and 80 columns are enough'

# on_terminal ARGUMENT...: verify in a terminal of its own
on_terminal() {
	run nsenter --net="/proc/$lab_pid/ns/net" -- python3 "$terminal" '~' '' "$TLSPOL" verify \
		--resolver 127.0.0.1 --trust-anchor "$anchor" --no-sts --timeout 4 "$@"
}
lab_fill >waits.map <<'END'
stall.lab.test encrypt
tarpit.lab.test encrypt
END
on_terminal --from waits.map
like "$out" $'\r?\033\\[K0 of 2 destinations verified' 'a line tells how far it is, also where nothing moves'
TERM=dumb on_terminal --from waits.map
unlike "$out" $'\033' '  but not on a dumb terminal'

# -- one destination ------------------------------------------------------------------------------

exits 0 'one destination with the row that answers' verify --from rows.yaml valid.lab.test
for line in '^valid.lab.test: deliver' 'policy +secure match=mx-valid.lab.test' 'good until +20[0-9-]*, in [23][0-9] days' \
	'hosts +found by MX records, authenticated by DNSSEC' '10 mx-valid.lab.test\[127.2.0.10\]: deliver' \
	'TLS +Verified, TLSv1.3 with TLS_AES_256_GCM_SHA384' \
	'shows +certificate for mx-valid.lab.test, issued by Lab Root CA, ECDSA' 'MTA-STS +mode enforce'; do
	like "$out" "$line" "  $line"
done
exits 1 'with its TLSA records' verify --from rows.yaml user@danewrong.lab.test
like "$out" 'TLSA +3 1 1 [0-9a-f]*…[0-9a-f]*' '  they are told'
exits 0 'no row of its own: that of the parent domain' verify --from rows.yaml rsa.lab.test
like "$out" 'policy +encrypt, of the row .lab.test' '  is said'
exits 0 'no row: the level of main.cf' verify --from rows.yaml plain.test
like "$out" 'policy +may, of main.cf: no row answers' '  is said'
exits 0 '  which an option overrides' verify --from rows.yaml plain.test --level-default encrypt
like "$out" 'policy +encrypt, of main.cf' '  is said'
exits 0 'a policy that is nowhere yet' verify valid.lab.test secure match=mx-valid.lab.test
exits 1 '  and one that does not fit' verify valid.lab.test secure match=mx.example.com
like "$out" 'why .*mx.example.com' '  with the reason'
exits 1 '  and one that Postfix could not use' verify valid.lab.test secure mach=mx.example.com
like "$err" 'warning: .*did you mean "match"' '  which is said'
like "$out" '^valid.lab.test: defer' '  and judged'
echo '. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D' >other.ds
exits 69 'the trust anchor of another root' verify --trust-anchor other.ds valid.lab.test may
like "$err" 'no validated answer from DNS.*--trust-anchor names another' '  is one of the causes that are named'
exits 65 'root hints that are none' verify --resolver recursive --root-hints rows.yaml valid.lab.test may
like "$err" 'rows.yaml holds no root hints: lines like' '  are refused'
exits 0 'a next-hop in brackets' verify '[127.2.0.10]' encrypt
like "$out" $'\n\n\\[127.2.0.10\\]: deliver\n  reason +TLSv1' '  has no preference'
exits 0 'an IDN' verify --from rows.yaml 'VALID.lab.test'
exits 1 'a host below a parent domain' verify --from rows.yaml --sample sni.lab.test --format json --no-sts
is "$(fields 'row["domain"], row["destination"], row["outcome"]' | grep sni)" '.lab.test sni.lab.test deliver' \
	'  takes the place of its row'
exits 0 'both kinds of key' verify --both-keys --no-sts dual.lab.test secure match=mx-dual.lab.test
like "$out" 'ECDSA +certificate.*ECDSA 256.*RSA +certificate.*RSA 2048' '  are told'
exits 1 'an end that is further ahead' verify --ahead 60d --no-sts valid.lab.test secure match=mx-valid.lab.test
like "$out" 'finding .*\[expires\]' '  is a finding'
exits 0 'an end that is near, but not that near' verify --ahead 2d --no-sts soon.lab.test verify
exits 0 'plaintext that the level allows' verify --no-sts tls454.lab.test may
exits 1 '  is a problem with --strict' verify --no-sts --strict tls454.lab.test may
exits 1 '  and where the level of the row promises more' verify --no-sts nostarttls.lab.test dane
exits 2 'a server that is slower than our patience' verify --no-sts --main-cf smtp_helo_timeout=300s tarpit.lab.test encrypt
exits 1 '  and than that of Postfix' verify --no-sts tarpit.lab.test encrypt

# -- the table of the database --------------------------------------------------------------------

t() { local command=$1; shift; "$TLSPOL" "$command" --no-defaults --socket "$SOCKET" --user root --database mail --quiet "$@"; }
table() { verify --socket "$SOCKET" --user root --database mail --no-sts "$@"; }
ok 'a table' t init
grep -v off.lab.test rows.yaml >on.yaml
ok '  with the rows of the file' t import on.yaml --apply --force
exits 1 'all its rows' table --all
is "$(awk 'NR > 1 { print $1, $3 }' <<<"$out" | tr '\n' ' ')" \
	'.lab.test unknown dane311.lab.test deliver danewrong.lab.test defer multi.lab.test -> nostarttls.lab.test defer nullmx.lab.test bounce soon.lab.test deliver tls454.lab.test plaintext valid.lab.test deliver ' \
	'  are looked at'
exits 0 'one of them' table valid.lab.test
like "$out" 'policy +secure match=mx-valid.lab.test' '  by its row'
exits 0 'a domain that has none' table wild.lab.test
like "$out" 'policy +encrypt, of the row .lab.test' '  by that of its parent'
exits 1 'a sample for the parent' table --sample off.lab.test --format json
is "$(fields 'row["destination"], row["domain"]' | grep off)" 'off.lab.test .lab.test' '  is looked at by its row'
ok 'an exception' t set danewrong.lab.test encrypt --until '1 hour' --note 'ticket 4'
exits 0 '  is what is in force' table danewrong.lab.test
like "$out" 'policy +encrypt' '  and so it is judged'
sql "ALTER TABLE mail.tlspolicies MODIFY domain varchar(255) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL; UPDATE mail.tlspolicies SET domain = 'Valid.Lab.Test' WHERE domain = 'valid.lab.test'"
exits 0 'a collation that ignores case' table valid.lab.test
like "$out" 'policy +secure match=mx-valid.lab.test' '  makes such a row answer'
exits 1 '  among all, too' table --format json
is "$(fields 'row["domain"], row["outcome"]' | tail -1)" 'valid.lab.test deliver' '  by the name that is asked for'

# -- for programs ---------------------------------------------------------------------------------

exits 1 'JSON' verify --from rows.yaml --format json
cp "$TMP/run.out" verify.json
is "$(fields 'row["destination"], row["policy"], row["effective"], row["outcome"], row["cause"]')" \
	'.lab.test encrypt None unknown none
dane311.lab.test dane-only dane deliver none
danewrong.lab.test dane-only dane defer policy
multi.lab.test dane may deliver none
nostarttls.lab.test encrypt encrypt defer policy
nullmx.lab.test encrypt None bounce dns
soon.lab.test verify verify deliver none
tls454.lab.test may may plaintext server
valid.lab.test secure secure deliver none' '  has the words of the manual'
is "$(fields '*[h["address"] + "=" + str(h["trust"]) for h in row["hosts"] if h["address"]]' | tail -1)" \
	'127.2.0.10=Verified' '  and the hosts'
# shellcheck disable=SC2016
is "$(lab_run openssl s_client -starttls smtp -connect 127.2.0.10:25 2>&1 </dev/null | openssl x509 -noout -fingerprint -sha256 | cut -d= -f2)" \
	"$(fields 'row["hosts"][0]["certificate"]["certificate_digest"] if row["domain"] == "valid.lab.test" else ""' | tail -1)" \
	'  and the fingerprint of the certificate, as openssl has it'
is "$(fields '[n["id"] for n in row["notes"] if n["finding"]]' | grep -c expires)" 1 '  and what is to be done'
is "$(fields 'row["sts"]["mode"] if row["sts"] else ""' | tail -1)" 'enforce' '  and MTA-STS'
exits 1 'YAML' verify --from rows.yaml --format yaml --no-sts
is "$(/usr/bin/python3 -c 'import yaml, sys
print(len(yaml.safe_load(sys.stdin)))' <<<"$out" 2>/dev/null || echo 9)" 9 '  has as many rows'
exits 1 'CSV' verify --from rows.yaml --format csv --no-sts
is "$(python3 -c 'import csv, json, sys
rows = list(csv.DictReader(sys.stdin))
print(len(rows), json.loads(rows[-1]["hosts"])[0]["trust"], rows[-1]["reasons"][:14])' <<<"$out")" \
	'9 Verified mx-valid.lab.t' '  has the records in it as JSON'
exits 1 '--output' verify --from rows.yaml --format json --output out.json
is "$(python3 -c 'import json; print(len(json.load(open("out.json"))))')" 9 '  writes the file'
exits 74 'a full disk' verify --from rows.yaml --format json --output /dev/full

# -- what has changed -----------------------------------------------------------------------------

exits 1 'nothing has changed' verify --from rows.yaml --changed-since verify.json
like "$err" 'note: 0 changed since verify.json, 0 no longer there' '  is said'
like "$out" 'nothing has changed' '  and shown'
python3 - <<'END'
import json
rows = {row['destination']: row for row in json.load(open('verify.json'))}
rows['tls454.lab.test']['outcome'] = 'deliver'
rows['soon.lab.test']['notes'] = []
rows['valid.lab.test']['hosts'][0]['certificate']['certificate_digest'] = 'AA:BB'
rows['dane311.lab.test']['hosts'].append(dict(rows['dane311.lab.test']['hosts'][0], name='mx2.lab.test'))
rows['multi.lab.test']['policy'] = 'encrypt'
for host in rows['multi.lab.test']['hosts']:
    host['name'] = host['name'].upper()
rows['gone.lab.test'] = dict(rows['valid.lab.test'], destination='gone.lab.test', domain='gone.lab.test')
del rows['nullmx.lab.test']
json.dump(list(rows.values()), open('earlier.json', 'w'))
END
exits 1 'something has changed' verify --from rows.yaml --changed-since earlier.json --format json
is "$(fields 'row["destination"] + ":", "; ".join(row["changes"])' | sed 's/new: .*/new: …/')" \
	'dane311.lab.test: no longer host mx2.lab.test
multi.lab.test: the policy was encrypt
nullmx.lab.test: not in the earlier run
soon.lab.test: new: …
tls454.lab.test: was deliver
valid.lab.test: new certificate of mx-valid.lab.test[127.2.0.10]' '  is told, and nothing else'
like "$err" 'note: 6 changed since earlier.json, 1 no longer there' '  and counted'

# -- for monitoring -------------------------------------------------------------------------------

exits 2 'Nagios: CRITICAL' verify --from rows.yaml --no-sts --nagios
like "$out" '^TLSPOL CRITICAL - 3 of 9 not delivered as the policy says: danewrong.lab.test defer \(' '  names the first'
is "$(wc -l <"$TMP/run.out")" 1 '  in one line'
like "$out" ' \| destinations=9;;;0 deliver=4;;;0;9 plaintext=1;;;0;9 defer=2;;;0;9 bounce=1;;;0;9 unknown=1;;;0;9 findings=[0-9]+;;;0 first_end=[0-9]+s time=[0-9.]+s;;;0$' \
	'  with the numbers'
exits 1 'Nagios: WARNING' verify --no-sts --nagios soon.lab.test verify
like "$out" '^TLSPOL WARNING - 1 of 1 with findings: soon.lab.test ' '  for a finding'
exits 0 'Nagios: OK' verify --no-sts --nagios valid.lab.test may
like "$out" '^TLSPOL OK - 1 destination as the policies say \|' '  for nothing to be said'
is "$err" '' '  and nothing is said besides'
exits 3 'Nagios: UNKNOWN' verify --no-sts --nagios --main-cf smtp_helo_timeout=300s tarpit.lab.test encrypt
exits 1 'metrics' verify --from rows.yaml --no-sts --metrics verify.prom --quiet
is "$(grep -vE '^(# (HELP|TYPE) tlspol_verify_[a-z_]+ .*|tlspol_verify_[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.]+)$' verify.prom)" \
	'' '  are in the format'
for line in 'tlspol_verify_destinations{outcome="defer"} 2' 'tlspol_verify_complete 1' \
	'tlspol_verify_problem{destination="danewrong.lab.test",domain="danewrong.lab.test",kind="problem",outcome="defer",cause="policy"} 1'; do
	ok "  $line" grep -qF "$line" verify.prom
done
# The server's or its CA's, which ends a second sooner when it was made in the second before.
ends() { date -d "$(openssl x509 -noout -enddate -in "$1" | cut -d= -f2)" +%s; }
is "$(sed -n 's/^tlspol_verify_rests_until_seconds{destination="valid.lab.test".*} //p' verify.prom)" \
	"$({ ends "$LAB/pki/valid.pem"; ends "$(lab_ca)"; } | sort -n | head -1)" \
	'  and the end of a certificate'

# -- ends before the end --------------------------------------------------------------------------

lab_fill >slow.map <<'END'
amx.lab.test encrypt
stall.lab.test encrypt
tarpit.lab.test encrypt
valid.lab.test encrypt
END
echo kept >kept.json
for output in '' kept.json; do
	lab_exec "$TLSPOL" verify --resolver 127.0.0.1 --trust-anchor "$anchor" --from slow.map --no-sts \
		--format json --timeout 30 ${output:+--output "$output"} >interrupted.json 2>interrupted.err &
	job=$!
	sleep 1.5
	kill -INT "$job"
	wait "$job"
	is "$?" 130 "interrupted${output:+, with --output}"
	like "$(cat interrupted.err)" 'interrupted: 4 of 4 destinations were begun, not all of them finished' '  is said'
done
is "$(cat kept.json)" kept '  and the file is as it was'
exits 2 '--stop-after' verify --from slow.map --no-sts --format json --timeout 30 --stop-after 1
is "$(fields 'row["destination"], row["outcome"]')" 'amx.lab.test deliver
stall.lab.test unknown
tarpit.lab.test unknown
valid.lab.test deliver' '  tells what was seen until then'
like "$err" 'warning: stopped as --stop-after says: 4 of 4' '  and says so'
exits 2 '--deadline' verify --from slow.map --no-sts --format json --timeout 30 --deadline 1
exits 1 'what a run costs' verify --from rows.yaml --no-sts --verbose
like "$err" 'note: questions to DNS: [0-9]+, sessions: [0-9]+, shared with other destinations: [0-9]+' '  is told'

done_testing
