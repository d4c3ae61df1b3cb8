#!/bin/bash
# tlspol verify against a real Postfix that sends mail to the same hosts by the same policies, cell
# by cell: all domains of the lab at all levels, attributes, other settings of main.cf; and against
# posttls-finger, where that is an oracle.
. tests/lib/tap.sh
. tests/lib/lab/lab.sh
lab_start || exit 1

# The oracle's Postfix waits 3 s at each step, so that what is too slow for us is too slow for it.
settings=(smtp_dns_support_level=dnssec smtp_tls_security_level=may smtp_address_preference=ipv4
	smtp_connect_timeout=3s smtp_helo_timeout=3s smtp_starttls_timeout=3s)
verify() { # SETTING... -- ARGUMENT...
	local words=() setting
	while [ "$1" != -- ]; do words+=(--main-cf "$1"); shift; done
	shift
	for setting in "${settings[@]}"; do words=(--main-cf "$setting" "${words[@]}"); done
	echo "$TLSPOL" verify --resolver 127.0.0.1 --trust-anchor "$(lab_trust_anchor)" \
		--ca-file "$(lab_ca)" --no-sts --timeout 8 "${words[@]}" "$@"
}

# compare DIR SETTING...: DIR/sent is what an oracle said of DIR/cases; the cells that differ go to
# DIR/differ, and their cases to DIR/again
compare() {
	local dir=$1; shift
	# shellcheck disable=SC2046 # words
	lab_run python3 -B tests/net/verify_matrix.py compare "$dir/sent" "$dir" \
		$(verify "$@" --) >"$dir/differ" 2>"$dir/err"
}
# agree NAME DIR ORACLE SETTING...: both come to the same in every cell of DIR/cases. ORACLE reads cases. A
# machine that is busy makes servers late for the one or the other: the few cells that differ are
# asked again, of both.
agree() {
	local name=$1 dir=$2 oracle=$3 cells i; shift 3
	cells=$(wc -l <"$dir/cases")
	for ((i = 0; i < 3; i++)); do
		"$oracle" "$@" <"$dir/cases" >"$dir/sent" 2>"$dir/err" || break
		compare "$dir" "$@"
		[ -s "$dir/differ" ] && [ "$(wc -l <"$dir/again")" -le 10 ] || break
		sed 's/^/# asked again: /' "$dir/differ"
		mv "$dir/again" "$dir/cases"
	done
	is "$(cat "$dir/differ")" '' "$name"
	is "$(cat "$dir/err")" "$(wc -l <"$dir/cases") cells" "  in every cell ($cells)"
}
# same NAME SETTING... <NEXTHOP<TAB>POLICY: the oracle is Postfix
same() {
	local name=$1 dir; shift
	dir=$(mktemp -d "$TMP/same.XXXXXX")
	lab_fill >"$dir/cases"
	agree "$name" "$dir" lab_send_all "$@"
}
python3 -B tests/net/verify_matrix.py cases tests/lib/lab/world.txt "$LAB/fill.sed" >"$TMP/cases"
same "$(cut -f1 "$TMP/cases" | sort -u | wc -l) domains at 9 levels" <"$TMP/cases"

# Names, CAs, SNI, protocols, ciphers; next-hops with brackets and ports.
sed 's/  */\t/' >"$TMP/attributes" <<'END'
valid.lab.test          secure match=hostname
valid.lab.test          secure match=.lab.test
valid.lab.test          secure match=lab.test
valid.lab.test          secure match=nexthop:hostname
valid.lab.test          secure match=dot-nexthop
valid.lab.test          verify match=nexthop
valid.lab.test          verify match=MX-VALID.lab.test
valid.lab.test          secure match=*.lab.test
valid.lab.test          secure match=mx-valid.lab.test tafile={ca:root}
valid.lab.test          secure match=mx-valid.lab.test tafile={ca:other}
badca.lab.test          verify tafile={ca:other}
inter.lab.test          verify tafile={ca:inter}
missint.lab.test        verify tafile={ca:inter}
missint.lab.test        verify tafile={ca:root}
valid.lab.test          fingerprint match={key:self}|{key:valid}
valid.lab.test          fingerprint match={cert:valid}
valid.lab.test          fingerprint match={key:self} match={cert:valid}
wild.lab.test           secure match=nexthop
wild.lab.test           secure match=hostname
wild.lab.test           verify match=a.b.lab.test
wrongname.lab.test      secure match=elsewhere.test
cnonly.lab.test         secure match=mx-cnonly.lab.test
sni.lab.test            verify
sni.lab.test            verify servername=hostname
sni.lab.test            secure match=hostname servername=hostname
sni.lab.test            secure match=mx-sni.lab.test servername=mx-sni.lab.test
sni.lab.test            verify servername=nexthop
sni.lab.test            encrypt servername=hostname
dane311.lab.test        dane servername=hostname
valid.lab.test          dane servername=hostname
dane311.lab.test        dane-only match=dane311.lab.test
tls12.lab.test          encrypt protocols=>=TLSv1.3
tls12.lab.test          encrypt protocols=TLSv1.2
tls12.lab.test          secure match=hostname protocols=!TLSv1.3
tls12.lab.test          may protocols=>=TLSv1.3
tls13.lab.test          encrypt protocols=TLSv1.2
tls13.lab.test          encrypt protocols=>=TLSv1.2
tls13.lab.test          encrypt ciphers=high exclude=aRSA
tls10.lab.test          encrypt protocols=>=TLSv1.2
tls10.lab.test          encrypt protocols=>=TLSv1
tls10.lab.test          may protocols=>=TLSv1.2
tls12.lab.test          encrypt exclude=AES
tls12.lab.test          encrypt exclude=ECDHE
tls12.lab.test          encrypt ciphers=high
rsa.lab.test            verify exclude=aRSA protocols=TLSv1.2
dual.lab.test           verify exclude=aECDSA protocols=TLSv1.2
valid.lab.test          encrypt ciphers=none
valid.lab.test          encrypt nonsense=1
[mx-valid.lab.test]     secure
[mx-valid.lab.test]     verify
[mx-valid.lab.test]     none
[mx-valid.lab.test]:25  secure match=nexthop
[127.2.0.10]            encrypt
[127.2.0.10]            secure match=mx-valid.lab.test
[127.2.0.10]            dane
[127.2.0.10]            dane-only
[127.2.0.10]            verify
valid.lab.test:25       secure match=hostname
[mx-alt.lab.test]:2525  dane-only
[mx-alt.lab.test]:2525  secure match=nexthop
[mx-dane311.lab.test]   dane-only
[mx-dane311.lab.test]   dane
valid.lab.test          	
nostarttls.lab.test     	
END
sed -i 's/\t\t*$/\t/' "$TMP/attributes"
same 'attributes, next-hops of other forms, no row' <"$TMP/attributes"

# Other settings of main.cf: the hosts for which they matter.
rows() { local policy host; for policy in "$1" "$2"; do for host in $3; do echo "$host	$policy"; done; done; }
# other NAME POLICY POLICY HOSTS SETTING...
other() { local name=$1; rows "$2" "$3" "$4" >"$TMP/rows"; shift 4; same "$name" "$@" <"$TMP/rows"; }
insecure='tosec.plain.test t311.plain.test t311bad.plain.test plain.test dane311.lab.test unusable.lab.test
	valid.lab.test nostarttls.lab.test'
several='secondgood.lab.test firstgood.lab.test nonegood.lab.test third.lab.test sixth.lab.test
	multi.lab.test v46.lab.test v6dead.lab.test'
other 'the global level is dane' dane '' "$insecure" smtp_tls_security_level=dane
other 'DANE behind an insecure MX' dane dane-only "$insecure" smtp_tls_dane_insecure_mx_policy=dane
other 'DANE without DNSSEC' dane dane-only "$insecure" smtp_dns_support_level=
other 'one session, one address' encrypt 'secure match=mx-valid.lab.test' "$several" \
	smtp_mx_session_limit=1 smtp_mx_address_limit=1
other 'implicit TLS' encrypt 'secure match=nexthop' '[mx-smtps.lab.test]:465 [mx-valid.lab.test]' \
	smtp_tls_wrappermode=yes
other 'IPv4 alone, greetings with 5xx count' none encrypt \
	'greet554.lab.test greet421.lab.test v6.lab.test v46.lab.test v6dead.lab.test' \
	smtp_skip_5xx_greeting=no inet_protocols=ipv4
other 'other names to match' verify secure \
	'valid.lab.test wild.lab.test wrongname.lab.test amx.lab.test' \
	smtp_tls_verify_cert_match=nexthop smtp_tls_secure_cert_match=hostname
other 'other digests of TLSA records' dane dane-only \
	't311t312bad.lab.test t311badt312.lab.test t312.lab.test t302.lab.test' tls_dane_digests=sha256

# posttls-finger, where there is one host and a certificate to look at.
mkdir "$TMP/finger"
for host in valid wrongname expired notyet wild inter missint badca self cnonly soon dual rsa sni dane311 \
	dane211 danewrong tls12 tls13 t211 t311bad t311t312bad t311badt312; do
	printf "$host.lab.test\t%s\n" verify secure "secure match=mx-$host.lab.test" \
		"fingerprint match={key:$host}" 'fingerprint match={cert:valid}|{key:self}'
	case $host in dane* | t2* | t311*) printf "$host.lab.test\t%s\n" dane dane-only ;; esac
done | grep -v 'key:t[23]' | lab_fill >"$TMP/finger/cases"
finger() { lab_run python3 -B tests/net/verify_matrix.py finger "$(lab_ca)"; }
agree 'posttls-finger' "$TMP/finger" finger

done_testing
