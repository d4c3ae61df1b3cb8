#!/bin/bash
# The lab of tests/lib/lab is what its tables say: judged by kdig, openssl and a real Postfix.
. tests/lib/tap.sh
. tests/lib/lab/lab.sh
lab_start || exit 1

# What the resolver answers: status, whether authenticated, number of answers.
while read -r name type want; do
	got=$(lab_run kdig @127.0.0.1 +dnssec +timeout=5 +retry=0 "$name" "$type" 2>/dev/null |
		awk -v type="$type" '
		/status:/ { sub(/;/, "", $6); status = $6 }
		/^;; Flags:/ { ad = / ad[ ;]/ ? "secure" : "insecure" }
		!/^;/ && $3 == "IN" && $4 == type { n++ }
		END { print status, ad, n + 0 }')
	is "$got" "$want" "DNS: $name $type: $want"
done <<'END'
valid.lab.test                  MX   NOERROR secure 1
mx-valid.lab.test               A    NOERROR secure 1
mx-valid.lab.test               AAAA NOERROR secure 0
mx-v46.lab.test                 AAAA NOERROR secure 1
_25._tcp.mx-dane311.lab.test    TLSA NOERROR secure 1
_25._tcp.mx-valid.lab.test      TLSA NXDOMAIN secure 0
_2525._tcp.mx-alt.lab.test      TLSA NOERROR secure 1
_25._tcp.mx-tlsafail.lab.test   TLSA SERVFAIL insecure 0
_mta-sts.valid.lab.test         TXT  NOERROR secure 1
_mta-sts.ststwotxt.lab.test     TXT  NOERROR secure 2
_mta-sts.stsnotxt.lab.test      TXT  NXDOMAIN secure 0
_mta-sts.stshugetxt.lab.test    TXT  NOERROR secure 600
thousand.lab.test               MX   NOERROR secure 1000
loop1.lab.test                  A    SERVFAIL insecure 0
nope.lab.test                   MX   NXDOMAIN secure 0
multi.lab.test                  MX   NOERROR secure 2
plain.test                      MX   NOERROR insecure 1
expired.test                    MX   SERVFAIL insecure 0
bogus.test                      MX   SERVFAIL insecure 0
servf.test                      MX   SERVFAIL insecure 0
dead.test                       MX   SERVFAIL insecure 0
END

# What a client that trusts the root CA thinks of each listener's certificate.
while read -r host address want; do
	got=$(lab_run timeout 5 openssl s_client -starttls smtp -connect "$address" -noservername \
		-CAfile "$(lab_ca)" -verify_hostname "mx-$host.lab.test" 2>&1 </dev/null)
	key=$(sed -n '/BEGIN CERT/,/END CERT/p' <<<"$got" | openssl x509 -noout -pubkey |
		openssl pkey -pubin -outform DER | openssl dgst -sha256 -c)
	is "${key##* }" "$(lab_fingerprint "$host")" "$host sends the certificate that was made for it"
	like "$got" "Verify return code: $want \(" "$host: verification ends with $want"
done <<'END'
valid      127.2.0.10:25    0
wrongname  127.2.0.11:25    62
expired    127.2.0.12:25    10
notyet     127.2.0.13:25    9
wild       127.2.0.14:25    0
inter      127.2.0.15:25    0
missint    127.2.0.16:25    21
badca      127.2.0.17:25    21
self       127.2.0.18:25    18
cnonly     127.2.0.19:25    0
dane311    127.2.0.20:25    18
dane211    127.2.0.21:25    0
danewrong  127.2.0.22:25    0
daneexp    127.2.0.23:25    10
soon       127.2.0.40:25    0
dual       127.2.0.41:25    0
rsa        127.2.0.42:25    0
sni        127.2.0.43:25    62
tls12      127.2.0.50:25    0
tls13      127.2.0.51:25    0
alt        127.2.0.53:2525  0
inject     127.2.0.70:25    0
closequit  127.2.0.80:25    0
END

dual=$(lab_run timeout 5 openssl s_client -starttls smtp -connect 127.2.0.41:25 -noservername \
	-sigalgs RSA-PSS+SHA256:RSA+SHA256 2>/dev/null </dev/null | openssl x509 -noout -pubkey |
	openssl pkey -pubin -outform DER | openssl dgst -sha256 -c)
is "${dual##* }" "$(lab_fingerprint dual-rsa)" 'dual has an RSA certificate, too'

# A real Postfix sends a mail for each policy, and what it does is what was recorded elsewhere.
no_ipv6='^v6\.'
! lab_has_ipv6 || no_ipv6='^$'
grep -hv '^#' tests/data/lab_{matrix,dane,hosts}.tsv | grep -v "$no_ipv6" >"$TMP/expected"
cut -f1,2 "$TMP/expected" | lab_fill >"$TMP/policies"
send_all() { lab_send_all <"$TMP/policies" >"$TMP/sent"; }
ok "Postfix sends $(wc -l <"$TMP/policies") mails" send_all
cut -f1-5 "$TMP/expected" | lab_fill >"$TMP/want"
is "$(cut -f1-5 "$TMP/sent" | diff "$TMP/want" - | grep '^[<>]')" '' \
	'and what comes of them is what was recorded'

is "$(printf '[mx-smtps.lab.test]:465\tverify\n' |
	lab_send_all smtp_tls_wrappermode=yes smtp_tls_security_level=encrypt | cut -f3,4)" \
	$'Verified\tsent' 'TLS from the start on port 465'
is "$(printf '%s.lab.test\t\n' valid danewrong |
	lab_send_all smtp_tls_security_level=dane | cut -f1,3,4)" \
	$'valid.lab.test\tTrusted\tsent\ndanewrong.lab.test\tUntrusted\tdeferred' \
	'a next-hop without a policy has the global level'

# MTA-STS: how verification of the web server ends, the status line, the length of the body.
while read -r domain want; do
	printf 'GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.%s.lab.test\r\n\r\n' "$domain" |
		lab_run timeout 5 openssl s_client -connect 127.3.0.1:443 -CAfile "$(lab_ca)" -ign_eof \
			-servername "mta-sts.$domain.lab.test" -verify_hostname "mta-sts.$domain.lab.test" \
			>"$TMP/web" 2>&1
	got="$(sed -n 's/^Verify return code: \([0-9]*\) .*/\1/p' "$TMP/web" | head -1)"
	got+=" $(sed -n 's/\r$//; s/^HTTP\/1.1 //p' "$TMP/web")"
	got+=" $(grep -c -E '^(version|mode|mx|max_age): ' "$TMP/web")"
	is "$got" "$want" "MTA-STS of $domain: $want"
done <<'END'
valid        0 200 OK 4
ststesting   0 200 OK 4
stsnone      0 200 OK 3
stschunked   0 200 OK 4
stsnolength  0 200 OK 4
stsnotfound  0 404 Not Found 0
sts500       0 500 Internal Server Error 4
stsredirect  0 302 Found 4
stsnomx      0 200 OK 3
stswrongname 62 200 OK 4
stsexpired   10 200 OK 4
stsbadca     21 200 OK 4
stsself      18 200 OK 4
stscut       0 200 OK 3
stsclose     0  0
END

# What can only be seen from outside: all of it ends with lab_stop.
kept=$lab_pid
lab_stop
ok 'lab_stop has ended the first process' test ! -e "/proc/$kept"
is "$(pgrep -f "$LAB" -l)" '' 'and every other one'
done_testing
