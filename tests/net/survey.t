#!/bin/bash
# What is seen of destinations, through the lab: DNS in the order and with the meaning Postfix gives
# it (facts of postconf(5), RFC 5321 5.1, 7505, 7672), sessions shared and limited, runs that end
# early. tests/lib/engine_probe.c prints it.
. tests/lib/tap.sh
. tests/lib/lab/lab.sh
probe=${TLSPOL_BUILD:-build}/tests/lib/engine_probe

{
	# A manymx MX; three that are no names, or addresses; a null MX among others.
	for ((i = 0; i < 1000; i++)); do echo "rr manymx MX $((i % 7)) th$i"; done
	for ((i = 0; i < 1000; i++)); do echo "rr th$i A 127.2.0.34"; done
	cat <<-'WORLD'
		rr odd MX 10 127.2.0.10.
		rr odd MX 20 mx-valid
		rr odd MX 30 under_score
		rr under_score A 127.2.0.10
		rr halfnull MX 0 .
		rr halfnull MX 10 mx-valid
		rr implicit A 127.2.0.10
		# secure names that point into an insecure zone, with TLSA at the alias
		rr outside MX 10 outalias
		rr outalias CNAME mx.plain.test.
		rr _25._tcp.outalias TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000000
		# TLSA at the alias only, below a secure target without
		rr inside MX 10 inalias
		rr inalias CNAME mx-valid
		rr _25._tcp.inalias TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000000
		rr eight MX 10 mx-eight
		rr eight MX 20 mx-refuse
	WORLD
	for i in 1 2 3 4 5 6 7 8; do echo "rr mx-eight A 127.2.8.$i"; done
	# IPv6 is at its limit when it comes to the second host, IPv4 is not.
	echo 'rr crowd MX 10 mx-crowd'
	echo 'rr crowd MX 20 mx-behind'
	for i in 1 2 3 4; do echo "rr mx-crowd AAAA fd00:2::8:$i"; done
	echo 'rr mx-behind AAAA fd00:2::8:5'
	echo 'rr mx-behind A 127.2.0.10'
} >"$TMP/world"
lab_start "$TMP/world" || exit 1

settings=(resolver=127.0.0.1 anchor="$(lab_trust_anchor)" ca="$(lab_ca)" smtp_dns_support_level=dnssec
	smtp_tls_security_level=may step=8)
# survey [SETTING=VALUE...]: rows from standard input; $out, $counts, $files
survey() {
	local all
	all=$(lab_run "$probe" "${settings[@]}" "$@" survey)
	files=${all##*$'\n'} all=${all%$'\n'*}
	counts=${all##*$'\n'} out=${all%"$counts"}
}
# sees ROW REGEX NAME [SETTING=VALUE...]
sees() {
	survey "${@:4}" <<<"$1"
	like "$out" "$2" "$3"
}
count() { local rest=${counts#*" $1="}; echo "${rest%% *}"; }

# -- MX -----------------------------------------------------------------------------------------
sees valid.lab.test '^valid.lab.test records mx=found,secure hosts=1 left-out=0' 'an MX'
sees nullmx.lab.test ' null mx=found,secure hosts=0' 'a null MX'
sees halfnull.lab.test ' records .* hosts=1 ' '  which means nothing beside others'
sees implicit.lab.test ' implicit mx=no-data,secure hosts=1 .*implicit.lab.test addresses=found,secure' 'no MX: the name itself'
sees nosuch.lab.test ' unknown mx=no-name,secure hosts=0' 'no such domain'
sees bogus.test ' unknown mx=bogus hosts=0' 'bogus'
sees servf.test ' unknown mx=failed hosts=0' 'no answer'
sees servf.test ' implicit mx=failed hosts=1' '  which ignore_mx_lookup_error ignores' ignore_mx_lookup_error=yes
sees plain.test ' records mx=found hosts=1' 'an insecure zone'
sees '[mx-valid.lab.test]' ' unused mx=not-asked hosts=1 .*mx-valid.lab.test addresses=found,secure' 'no MX in brackets'
sees '[127.2.0.10]' ' unused mx=not-asked hosts=1 .* 127.2.0.10 addresses=found tlsa=not-asked' 'an address'
is "$(count questions)" 0 '  for which nothing is asked'
lab_has_ipv6 && sees '[ipv6:fd00:2::61]' ' unused .*fd00:2::61 .*quit fine' '  of IPv6'
sees cndom.lab.test ' records mx=found,secure .*mx-dane311.lab.test .*quit fine' 'an alias for a domain'
survey <<<manymx.lab.test
like "$out" ' records mx=found,secure hosts=100 left-out=900' 'of a manymx MX a hundred are kept'
is "$(grep -c ' refused' <<<"$out")" 5 '  and five tried: smtp_mx_address_limit'
is "$(sed -n 's/^  \(th[^ ]*\).*/\1/p' <<<"$out" | head -3 | tr '\n' ' ')" 'th0.lab.test th105.lab.test th112.lab.test ' \
	'  by preference, then name'
sees odd.lab.test 'hosts=3 .*  127.2.0.10 addresses=found tlsa=not-asked.*  mx-valid.*  under_score.lab.test addresses=found' \
	'an address as MX is taken as one, an underscore is no fault'

# -- addresses ----------------------------------------------------------------------------------
survey <<<eight.lab.test
is "$(grep -c 'over-limit no session' <<<"$out")" 4 'of nine addresses five are tried, over all hosts'
survey smtp_mx_address_limit=0 <<<eight.lab.test
is "$(grep -c 'over-limit' <<<"$out")" 0 '  and all without a limit'
if lab_has_ipv6; then
	sees v46.lab.test 'fd00:2::62 .*127.2.0.62 .*quit fine' 'IPv6 first' smtp_address_preference=ipv6
	sees v46.lab.test '127.2.0.62 .*fd00:2::62 .*quit fine' 'IPv4 first' smtp_address_preference=ipv4
	survey inet_protocols=ipv4 <<<v46.lab.test
	unlike "$out" 'fd00:2::62' 'IPv4 only'
	survey inet_protocols=ipv6 <<<v46.lab.test
	unlike "$out" '127.2.0.62' 'IPv6 only'
fi
sees dangling.lab.test 'nope.lab.test addresses=no-name,secure' 'an MX that is no name'
sees loop.lab.test 'loop1.lab.test addresses=failed' 'aliases in a circle'
sees expmx.lab.test 'mx.expired.test addresses=bogus' 'an MX whose zone is broken'

# -- TLSA (facts 4.3) ---------------------------------------------------------------------------
sees dane311.lab.test 'tlsa=found,secure records=1 .*dane=trusted,named,matched' 'TLSA, also for a row that does not ask'
sees valid.lab.test 'base=mx-valid.lab.test tlsa=no-name,secure records=0' 'none'
sees alt.lab.test:2525 'tlsa=found,secure records=1 .*quit fine' 'of the port'
sees crowd.lab.test 'base=mx-behind.lab.test tlsa=no-name,secure .*fd00:2::8:5 over-limit .*127.2.0.10 .*quit fine' \
	'  of a host whose first address is behind the limit'
sees tlsafail.lab.test 'tlsa=failed records=0' 'a lookup that fails'
sees plain.test 'addresses=found tlsa=not-asked' 'not asked for in an insecure zone'
sees tosec.plain.test 'mx-dane311.lab.test addresses=found,secure tlsa=not-asked' '  nor for a secure host of an insecure MX'
sees 'tosec.plain.test dane' 'mx-dane311.lab.test addresses=found,secure base=mx-dane311.lab.test tlsa=found,secure' \
	'  but for a row that is dane'
sees secplain.lab.test 'mx.plain.test addresses=found tlsa=not-asked' '  nor for an insecure host of a secure MX'
sees secplain.lab.test 'base=mx.plain.test tlsa=no-name' '  unless forced' smtp_tls_force_insecure_host_tlsa_lookup=yes
sees cnmx.lab.test 'canonical=mx-dane311.lab.test,alias-secure base=mx-dane311.lab.test tlsa=found,secure' \
	'at the end of the aliases first'
sees inside.lab.test 'canonical=mx-valid.lab.test,alias-secure base=inalias.lab.test tlsa=found,secure records=1' \
	'  then at the alias'
sees outside.lab.test 'addresses=found canonical=mx.plain.test,alias-secure base=outalias.lab.test tlsa=found,secure records=1' \
	'a secure alias of an insecure name: at the alias'

# -- sessions -----------------------------------------------------------------------------------
survey <<<$'valid.lab.test\n[mx-valid.lab.test]\nunusable.lab.test\ndane211bad.lab.test\n[127.2.0.10]'
is "$(count sessions),$(count shared)" 1,4 'one session for all that would make the same'
survey <<<$'valid.lab.test\nvalid.lab.test none\nvalid.lab.test may servername=a.test\nvalid.lab.test secure\nvalid.lab.test verify'
is "$(count sessions),$(count shared)" 4,1 '  and one for each other handshake'
survey both_keys=1 <<<dual.lab.test
like "$out" 'ecdsa=ECDSA rsa=RSA .*quit fine' 'both keys of a server'
is "$(count sessions),$(count shared)" 2,0 '  with two sessions'
sees rsa.lab.test 'ecdsa=tls rsa=RSA .*quit fine' '  and one that has no other' both_keys=1
rows=$(for i in 1 2 3; do echo "tarpit.lab.test encrypt servername=h$i.test"; done)
survey step=1 per_address=1 domain=20 <<<"$rows"
ok 'one at a time with one address' test "$(count ms)" -ge 3000
survey step=1 per_address=3 domain=20 <<<"$rows"
ok '  three at a time' test "$(count ms)" -lt 2000
rows=$(printf '%s.lab.test\n' tarpit stall drip)
survey step=1 per_provider=1 domain=20 <<<"$rows"
ok 'one at a time with hosts of one domain' test "$(count ms)" -ge 3000
survey step=1 width=1 domain=20 <<<"$rows"
ok 'one destination at a time' test "$(count ms)" -ge 3000

# -- ends ---------------------------------------------------------------------------------------
rows=$(printf '%s.lab.test\n' valid tarpit stall drip dripehlo blackhole)
survey step=30 domain=1 <<<"$rows"
is "$(grep -c ' interrupted$' <<<"$out")" 5 'a deadline for each destination'
ok '  in time' test "$(count ms)" -lt 2500
survey step=30 domain=30 run=1 <<<"$rows"
is "${counts%% *},$(grep -c ' interrupted$' <<<"$out")" deadline,5 'a deadline for the run'
like "$files" '^files before=([0-9]+) after=\1$' '  and nothing stays open'
sees dead.test ' unknown mx=timeout .* interrupted' 'a name server that is silent' domain=1 step=30

# signalled SIGNAL [COMMAND]: $out and $counts of a run that gets SIGNAL after a second
signalled() {
	local pid
	# shellcheck disable=SC2086
	(exec nsenter --net="/proc/$lab_pid/ns/net" -- ${2:-} "$probe" "${settings[@]}" step=30 domain=30 run=4 survey) \
		<<<"$rows" >"$TMP/signalled" &
	pid=$!
	sleep 1
	kill "-$1" "$pid"
	wait "$pid"
	status=$?
	out=$(cat "$TMP/signalled")
	counts=$(grep ' destinations=' <<<"$out")
}
signalled INT
is "${counts%% *},$status,$(grep -c ' interrupted$' <<<"$out"),$(grep -c 'quit fine' <<<"$out")" signal,0,5,1 \
	'SIGINT hands over what there is'
signalled TERM
is "${counts%% *},$(grep -c ' interrupted$' <<<"$out")" signal,5 'SIGTERM, too'
signalled HUP
is "${counts%% *},$(grep -c ' interrupted$' <<<"$out")" signal,5 '  and SIGHUP'
signalled INT 'env --ignore-signal=INT'
is "${counts%% *}" deadline 'who ignores SIGINT goes on'
(exec nsenter --net="/proc/$lab_pid/ns/net" -- "$probe" "${settings[@]}" step=30 domain=30 hold=1 survey) \
	<<<"$rows" >"$TMP/signalled" &
pid=$!
sleep 1; kill -INT "$pid"; sleep .3; kill -INT "$pid"
wait "$pid"
is $? 130 'a second SIGINT ends the program'

# -- a few files --------------------------------------------------------------------------------
rows=$(for i in {1..60}; do echo "lowercase.lab.test may servername=h$i.test"; done)
out=$(ulimit -n 64; lab_run "$probe" "${settings[@]}" per_address=50 step=5 survey <<<"$rows")
is "$(grep -c 'quit fine' <<<"$out")" 60 'with few files sessions wait'

done_testing
