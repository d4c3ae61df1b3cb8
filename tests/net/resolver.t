#!/bin/bash
# The resolver with real zones: what each kind of answer is, whoever is asked; hostile data,
# servers that are silent or slow, thousands of questions. doctor's look at it.
. tests/lib/tap.sh
. tests/lib/lab/lab.sh

probe=$TLSPOL_BUILD/tests/lib/resolver_probe
{
	echo 'zone big.test signed'
	for ((i = 0; i < 1200; i++)); do echo "rr many.big.test. MX $i m$i.big.test."; done
	printf 'rr huge.big.test. TXT'
	for ((i = 0; i < 230; i++)); do printf ' "%0255d"' 0; done
	echo
	echo 'rr odd.big.test. MX 10 a\032b\.c\195\164.lab.test.'
	echo 'rr *.wild.big.test. A 127.3.0.1'
	for ((i = 0; i < 30; i++)); do echo "rr chain$i.big.test. CNAME chain$((i + 1)).big.test."; done
	echo 'rr chain30.big.test. A 127.3.0.2'
	echo 'rr self.big.test. CNAME self.big.test.'
	echo 'rr out.big.test. CNAME nowhere.plain.test.'
	echo 'rr into.big.test. CNAME mx.plain.test.'
} >"$TMP/big.txt"
lab_start "$TMP/big.txt" || exit 1
anchor=$(lab_trust_anchor)
hints=$LAB/dns/root.hints

# ask RESOLVER <QUESTIONS: answers in order of their text; $TMP/whys has the reasons
ask() {
	lab_run "$probe" "$1" "$anchor" "$hints" >"$TMP/answers" 2>"$TMP/probe.err" || cat "$TMP/probe.err"
	sed -n 's/.* why: //p' "$TMP/answers" | sort >"$TMP/whys"
	sed 's/ why: .*//' "$TMP/answers" | sort
}

# What the zones say: world.txt, and above.
cat >"$TMP/expected" <<'END'
MX valid.lab.test found secure - "10 mx-valid.lab.test"
MX VALID.Lab.Test. found secure - "10 mx-valid.lab.test"
A mx-valid.lab.test found secure - "127.2.0.10"
AAAA mx-valid.lab.test no-data secure -
MX nullmx.lab.test found secure - "0 ."
MX nope.lab.test no-name secure -
A nope.lab.test no-name secure -
MX cndom.lab.test found secure dane311.lab.test "10 mx-dane311.lab.test"
A loop1.lab.test failed - -
TLSA _25._tcp.mx-valid.lab.test no-name secure -
MX plain.test found - - "10 mx.plain.test"
TXT plain.test no-data - -
A nowhere.plain.test no-name - -
MX expired.test bogus - -
MX bogus.test bogus - -
MX servf.test failed - -
MX dead.test failed - -
A a..b failed - -
A test no-data secure -
A localhost found - - "127.0.0.1"
MX odd.big.test found secure - "10 a\032b\.c\195\164.lab.test"
A self.big.test failed - -
A chain0.big.test failed - -
A chain29.big.test found secure chain30.big.test "127.3.0.2"
A out.big.test no-name - nowhere.plain.test
A into.big.test found - mx.plain.test "127.2.0.20"
A x.wild.big.test found secure - "127.3.0.1"
END
cut -d' ' -f1,2 "$TMP/expected" >"$TMP/questions"
sort "$TMP/expected" >"$TMP/sorted"
for resolver in 127.0.0.1 127.0.0.1@53 recursive -; do
	is "$(ask "$resolver" <"$TMP/questions" | diff "$TMP/sorted" -)" '' "answers of $resolver"
	whys=$(cat "$TMP/whys")
	like "$whys" 'expired\.test\. MX IN>: signature expired' '  why expired.test is bogus'
	like "$whys" 'bogus\.test\. MX IN>: no keys have a DS' '  and bogus.test'
	like "$whys" 'no server gives an answer \(SERVFAIL\)' '  why servf.test failed'
done
like "$(echo 'MX many.big.test' | ask recursive)" '^MX many.big.test found secure - 1000 records ' \
	'of 1200 MX a thousand are kept'
like "$(echo 'TXT huge.big.test' | ask 127.0.0.1)" ' found secure - "58650 0000' 'a TXT of 58650 bytes'

# -- patience -------------------------------------------------------------------------------------

milliseconds() { sed -n 's/^\([0-9]*\) ms.*/\1/p' "$TMP/probe.err"; }
between() { if ((${1:-0} >= $2 && $1 <= $3)); then pass "$4"; else fail "$4" "${1:-nothing}, not $2 to $3"; fi; }
is "$(echo 'MX dead.test 500' | ask recursive)" 'MX dead.test timeout - -' 'our patience ends first'
between "$(milliseconds)" 500 2000 '  after half a second'
is "$(echo 'MX dead.test' | ask recursive)" 'MX dead.test failed - -' 'silent servers are given up'
between "$(milliseconds)" 1500 8000 '  after 2 to 4 s'
is "$(echo 'A x.lab.test' | ask 127.1.0.99)" 'A x.lab.test failed - -' 'a forwarder that is not there'
between "$(milliseconds)" 1500 8000 '  likewise'

# A forwarder that needs 0.8 s for each answer is slow, but nothing is failed or bogus.
cat >"$TMP/slow.py" <<'END'
import socket, threading
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.9.9.9', 53))
def answer(query, client):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.sendto(query, ('127.0.0.1', 53))
        reply = s.recv(65535)
    threading.Timer(0.8, server.sendto, (reply, client)).start()
print('ready', flush=True)
while True:
    threading.Thread(target=answer, args=server.recvfrom(65535), daemon=True).start()
END
lab_exec python3 "$TMP/slow.py" >"$TMP/slow.out" &
slow=$!
cleanup kill "$slow"
until [ -s "$TMP/slow.out" ]; do sleep 0.1; done
is "$(printf '%s 20000\n' 'MX valid.lab.test' 'A mx-valid.lab.test' | ask 127.9.9.9)" \
	$'A mx-valid.lab.test found secure - "127.2.0.10"\nMX valid.lab.test found secure - "10 mx-valid.lab.test"' \
	'a slow forwarder is waited for'

# A mount that only this test sees; in a chroot, whose root is no mount, without asking for that.
mounts='--propagation private'
unshare --mount true 2>/dev/null || mounts='--propagation unchanged'
# with_resolv_conf LINES COMMAND...
with_resolv_conf() {
	echo "$1" >"$TMP/resolv.conf"
	shift
	# shellcheck disable=SC2016,SC2086
	lab_run unshare --mount $mounts bash -c 'mount --bind "$0" /etc/resolv.conf || exit
		"$@"; status=$?
		umount /etc/resolv.conf
		exit $status' "$TMP/resolv.conf" "$@"
}
answer=$(echo 'MX valid.lab.test 20000' |
	with_resolv_conf $'# none\nnameserver\nnameserver 127.1.0.99\nnameserver\t127.0.0.1 \n' "$probe" - "$anchor" 2>"$TMP/probe.err")
is "$answer" 'MX valid.lab.test found secure - "10 mx-valid.lab.test"' 'the second of resolv.conf, when the first is dead'
like "$(cat "$TMP/probe.err")" ', 127\.1\.0\.99, 127\.0\.0\.1 \(/etc/resolv\.conf\)$' '  both are named'
echo 'A localhost' | with_resolv_conf 'search x.example' "$probe" - "$anchor" >/dev/null 2>"$TMP/probe.err"
like "$(cat "$TMP/probe.err")" ', 127\.0\.0\.1 \(/etc/resolv\.conf names no server\)' 'none in it: this machine, as glibc has it'

# -- many -----------------------------------------------------------------------------------------

for ((i = 0; i < 3000; i++)); do echo "A n$i.wild.big.test 60000"; done >"$TMP/many"
for resolver in 127.0.0.1 recursive; do
	is "$(ask "$resolver" <"$TMP/many" | grep -c 'found secure - "127\.3\.0\.1"')" 3000 "3000 questions to $resolver"
done
is "$(ulimit -n 100; ask recursive <"$TMP/many" | grep -c 'found secure')" 3000 'and with 100 open files'

# -- its thread takes no signal of ours -----------------------------------------------------------

echo 'MX dead.test' | lab_exec "$probe" recursive "$anchor" "$hints" >/dev/null 2>&1 &
pid=$!
for ((i = 0; i < 100; i++)); do
	tasks=("/proc/$pid/task"/*)
	((${#tasks[@]} < 2)) || break
	sleep 0.02
done
blocked=$(awk '/^SigBlk/ { print $2 }' "${tasks[1]:-/proc/self}/status")
is "$((16#${blocked:-0} & 16#4003))" "$((16#4003))" 'HUP, INT and TERM are blocked in it'
wait "$pid"

# -- doctor ---------------------------------------------------------------------------------------

# doctor OPTION...: its lines of area resolver, "check: status text"
doctor() {
	"$TLSPOL" doctor --no-defaults --format json --trust-anchor "$anchor" "$@" | python3 -c '
import json, sys
for r in json.load(sys.stdin):
    if r["area"] == "resolver": print("%s: %s %s" % (r["check"], r["status"], r["text"]))'
}
export -f doctor
export anchor
inside() { lab_run bash -c 'doctor "$@"' doctor "$@"; }
lines=$(with_resolv_conf 'nameserver 127.0.0.1' bash -c 'doctor --bogus bogus.test')
like "$lines" 'root keys: ok asked 127\.0\.0\.1 \(/etc/resolv\.conf\), validated in [0-9]+ ms' 'doctor: the root'
like "$lines" 'bogus name: ok bogus\.test is refused' '  what is bogus is refused'
like "$lines" 'AD bit: ok .* validates' '  and Postfix sees validation'
lines=$(with_resolv_conf 'nameserver 127.1.0.53' bash -c 'doctor --bogus valid.lab.test')
like "$lines" 'AD bit: ok .* does not say that it validates' 'a server without AD'
like "$lines" 'bogus name: warning .* validated answer' '  a name that is in order'
lines=$(inside --resolver recursive --root-hints "$hints" --bogus servf.test)
like "$lines" 'root keys: ok .*authoritative' 'without a forwarder'
like "$lines" 'bogus name: skipped .*SERVFAIL' '  a name that cannot be looked up'
unlike "$lines" 'AD bit' '  resolv.conf is not looked at'
like "$(inside --resolver 127.1.0.99)" '^root keys: error 127\.1\.0\.99: no answer .*--resolver names another' 'no server'
anchor=/usr/share/dns/root.key
like "$(inside --resolver 127.0.0.1)" '^root keys: error .*cannot be validated \(.*--trust-anchor another file' 'another trust anchor'

done_testing
