#!/bin/bash
# One session with each host of the lab, good and bad: how far it comes, what is wrong and in which
# words, in bounded time and memory, and nothing stays open. The words in quotes are the servers'
# (tests/lib/lab/smtp_hosts.py), errno's or OpenSSL's.
. tests/lib/tap.sh
. tests/lib/lab/lab.sh
lab_start || exit 1
probe=${TLSPOL_BUILD:-build}/tests/lib/engine_probe

# session NAME [SETTING=VALUE...]: sets $out to what was seen, $files, $ms
session() {
	local name=$1 address started=$EPOCHREALTIME; shift
	address=$(awk -v host="$name" '$1 == "host" && $2 == host { print $3 }' tests/lib/lab/world.txt)
	address=${address%%,*}
	case $address in
	*.*:*) set -- "$@" session "${address%:*}" "${address#*:}" ;;
	*) set -- "$@" session "$address" 25 ;;
	esac
	out=$(lab_run "$probe" step=1000 "$@" 2>&1)
	files=$(sed -n '$p' <<<"$out")
	out=$(sed '$d' <<<"$out")
	ms=$(((${EPOCHREALTIME/./} - ${started/./}) / 1000))
}
# sees NAME REGEX [SETTING=VALUE...]
sees() {
	local name=$1 want=$2 before after; shift 2
	session "$name" "$@"
	before=${files#*before=} after=${files#*after=}
	if [[ $out =~ ^$want$ ]] && [ "${before% *}" = "$after" ] && [ "$ms" -lt 2500 ]; then
		pass "$name $*"
	else
		fail "$name $*" "got:  $out"$'\n'"want: $want"$'\n'"$files, $ms ms"
	fi
}

# -- all the way --------------------------------------------------------------------------------
for name in valid wrongname expired notyet wild missint self cnonly dual rsa sni greetmulti lowercase closequit; do
	sees "$name" 'quit fine tls=TLSv1\.3 chain'
done
sees tls12 'quit fine tls=TLSv1\.2 chain' level=secure security=1
# Below verify Postfix offers ciphers without a certificate, and its own server takes one.
sees tls12 'quit fine tls=TLSv1\.2'
sees tls13 'quit fine tls=TLSv1\.3 chain'
sees alt 'quit fine tls=TLSv1\.3 chain'
sees smtps 'quit fine tls=TLSv1\.3 chain' wrappermode=1
sees valid 'quit fine' level=none
sees nostarttls 'quit fine' level=none
sees tls10 'quit fine tls=TLSv1 chain'
sees rsa 'quit fine tls=TLSv1\.3 chain' kind=rsa
sees dual 'quit fine tls=TLSv1\.3 chain' kind=rsa
sees dual 'quit fine tls=TLSv1\.3 chain' kind=ecdsa
lab_has_ipv6 && sees v6 'quit fine tls=TLSv1\.3 chain'

# -- the connection -----------------------------------------------------------------------------
sees refuse 'connect refused why=Connection refused'
sees blackhole 'connect timeout'
session_to() { out=$(lab_run timeout 10 "$probe" step=1000 "${@:3}" session "$1" "$2" 2>&1 | sed '$d'); }
session_to 192.0.2.1 25
is "$out" 'connect unreachable why=Network is unreachable' 'no route'
session_to 2001:db8::1 25
is "$out" 'connect unreachable why=Network is unreachable' '  of IPv6'

# -- greeting -----------------------------------------------------------------------------------
sees tarpit 'greeting timeout'
sees drip 'greeting timeout.*'
sees greet421 'greeting said-no reply=421 said=421 4\.3\.2 busy'
sees greet554 'greeting said-no reply=554 said=554 go away'
sees garbage 'greeting not-smtp.*'
sees huge 'greeting too-long said=220-x{80,200}.* why=a reply of more than 64 KiB'
sees longline 'greeting too-long said=220 x{80,200}.* why=a reply of more than 64 KiB'
sees closeconn 'greeting closed'
sees closegreet 'greeting closed.*'

# -- EHLO ---------------------------------------------------------------------------------------
sees ehlofail 'ehlo no-starttls reply=500 said=500 what'
sees ehlo421 'ehlo said-no reply=421 said=421 4\.3\.2 shutting down'
sees endless 'ehlo too-long said=250-X-EXTENSION-\S+ why=a reply of more than 64 KiB'
sees dripehlo 'ehlo timeout.*'
sees closeehlo 'ehlo closed.*'
sees nostarttls 'ehlo no-starttls'

# -- STARTTLS -----------------------------------------------------------------------------------
sees tls454 'starttls said-no reply=454 said=454 4\.7\.0 TLS not available'
sees closestart 'starttls closed'
# Postfix throws it away and goes on
sees inject 'quit fine tls=TLSv1\.3 injected chain'
# in a packet of its own it is what comes instead of the handshake
sees injectlate 'handshake tls why=the server answered with something that is not TLS'

# -- handshake ----------------------------------------------------------------------------------
sees tls10 'handshake tls why=the server signs with an algorithm that is too weak.*' security=1
sees hsfail 'handshake closed why=.*'
# what comes with the reply to STARTTLS is thrown away, a moment later it is no handshake
sees hsgarbage 'handshake (tls why=.* is not TLS|(timeout|closed).* injected)'
sees closehello 'handshake closed why=.*'
sees alert 'handshake tls why=.*handshake failure.*'
sees stall 'handshake timeout'
sees driptls 'handshake timeout( injected)?'
sees hugechain 'handshake tls why=.*(excessive message size|too long).*'
sees rsa 'handshake tls why=.*handshake failure.*' kind=ecdsa
sees closetls 'ehlo-again closed.* tls=TLSv1\.3 chain'
sees smtps 'greeting (timeout|closed)'
# TLS 1.3 lets a client finish before it is refused; nothing more may come of what it said meanwhile
sees clientcert 'ehlo-again (tls|closed) why=.* tls=TLSv1\.3 chain'

# -- floods behind the handshake ------------------------------------------------------------------
# floods WITH WANT: what becomes of it, and of another session meanwhile
floods() {
	local pid started=$EPOCHREALTIME
	: >"$TMP/flood"
	lab_exec "${probe%/*}/tls_flood_probe" 2700 "$LAB/pki/valid.pem" "$1" >"$TMP/flood" &
	pid=$!
	until grep -q ready "$TMP/flood"; do kill -0 "$pid" || break; sleep 0.05; done
	session_to 127.0.0.1 2700 level=secure security=1
	kill "$pid"
	wait "$pid" # the next one takes the same port
	like "$out" "^ehlo-again $2" "$1 without end"
	ok '  take no longer than a step' test $(((${EPOCHREALTIME/./} - ${started/./}) / 1000)) -lt 2500
}
floods keyupdates timeout
floods tickets timeout
floods reply 'too-long said=250-x'

# -- many at a time -----------------------------------------------------------------------------
session lowercase times=40
is "$(sort <<<"$out" | uniq -c | sed 's/^ *//')" '40 quit fine tls=TLSv1.3 chain' '40 at a time'
session lowercase times=40 files=20 step=5000
is "$(sort <<<"$out" | uniq -c | sed 's/^ *//')" '40 quit fine tls=TLSv1.3 chain' \
	'with fewer files than sessions, some wait for a socket'
session tarpit times=40 files=20
is "$(grep -c 'connect timeout why=Too many open files' <<<"$out")" "$(($(grep -c . <<<"$out") - $(grep -c '^greeting timeout$' <<<"$out")))" \
	'who gets none in time says so'
session stall times=100 step=8000 total=700
is "$(sort <<<"$out" | uniq -c | sed 's/^ *//')" '100 handshake timeout' 'a deadline for all of it'
ok '  in time' test "$ms" -lt 4000

# -- what Postfix's log says of us --------------------------------------------------------------
# (the lab itself looks whether mx-valid is up)
is "$(grep -E 'lost connection|SSL_accept error|timeout after|improper command|too many errors' "$LAB/mx/maillog" |
	grep -vE 'mx-(rsa|smtps) |mx-valid .*after CONNECT')" '' 'a receiving Postfix logs no broken session (but those meant to be)'

done_testing
