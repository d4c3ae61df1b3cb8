#!/bin/bash
# HTTPS against tests/lib/https_paths.py: what a good server says is had whole, a bad one costs no
# more than the deadline and the limits, and an answer that is cut is none. Facts: engine.md 4.
. tests/lib/tap.sh

mkfifo "$TMP/alive"
python3 -B tests/lib/https_paths.py "$TMP" <"$TMP/alive" >"$TMP/log" 2>&1 &
exec {alive}>"$TMP/alive"
for ((i = 0; i < 200; i++)); do [ -e "$TMP/ports" ] && break; sleep 0.05; done
[ -e "$TMP/ports" ] || { cat "$TMP/log" >&2; exit 1; }
port() { sed -n "s/^$1 //p" "$TMP/ports"; }
probe() { "$TLSPOL_BUILD/tests/lib/https_probe" "$TMP/pki/ca-root.pem" "$@"; }
tls=$(port tls)
total=2000

# The body that paths which end well have: 63 bytes, and the beginning of its digest.
whole="200 \(text/plain\) 63 $(printf 'version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n' |
	sha256sum | cut -c1-16)"
none="0 $(printf '' | sha256sum | cut -c1-16)"
sixtyfour="65536 $(head -c 65536 /dev/zero | tr '\0' x | sha256sum | cut -c1-16)"
long='0 the answer is too long'
headers='0 the answer is no HTTP, or its headers are too long'
cut='0 the server closed the connection before all was there'
late='0 no answer in time'
refused='0 certificate .*the certificate is refused: '

# expect WHAT <TABLE: lines "NAME HOST PORT PATH ADDRESS… = REGEX", all asked at once
expect() {
	local name rest want answers started=$SECONDS
	cat >"$TMP/table"
	answers=$(sed 's/ *=.*//; s/  */ /g' "$TMP/table" | probe "$total" 65536) ||
		fail "$1: the probe ended with status $?"
	while read -r name rest; do
		want=${rest#*= }
		like "$(sed -n "s/^$name: //p" <<<"$answers")" "^$want\$" "$1: $name"
	done <"$TMP/table"
	stats=$(grep '^# ' <<<"$answers")
	ok "$1: all within the deadline ($stats)" test $((SECONDS - started)) -le $((total / 1000 + 2))
}
# paths <TABLE: lines "PATH REGEX"
paths() { sed -E "s#^([^ ]*) *(.*)#\1 good.test $tls /\1 127.0.0.1 = \2#"; }

expect 'a good answer' < <(paths <<END
length              $whole
longer-than-said    $whole
chunked             $whole
chunked-trailer     $whole
eof                 $whole
eof-close           $whole
eof-keep-alive      $whole
eof-upgrade         $whole
eof-two             $whole
eof-1.0             $whole
identity            $whole
slow                $whole
small-letters       ${whole/plain/plain; charset=utf-8}
no-type             ${whole/text\/plain}
html                ${whole/plain/html}
odd-type            200 \(\\\\x1B\[31m\\\\xFF\) $none
empty               200 \(text/plain\) $none
max                 200 \(text/plain\) $sixtyfour
max-eof             200 \(text/plain\) $sixtyfour
nul-in-body         200 \(text/plain\) 3 $(printf 'a\0b' | sha256sum | cut -c1-16)
404                 404 \(\) $none
500                 500 \(text/plain\) $none
204                 204 \(\) $none
302                 302 \(\) $none
103                 103 \(\) $none
100                 100 \(\) $none
endless-404         404 \(\) $none
END
)

expect 'a bad answer' < <(paths <<END
too-long              $long.*
too-long-eof          $long.*
huge-length           $long.*
endless-eof           $long.*
endless-chunks        $long.*
endless-chunk-size    $long.*
endless-blank-chunks  $long.*
endless-extension     $long.*
endless-trailer       $long.*
endless-status        $headers
endless-header        $headers
endless-headers       $headers
negative              $headers
no-number             $headers
http-0.9              $headers
no-status             $headers
garbage               $cut
nothing               $cut
half-header           $cut
cut-length            $cut
cut-chunk             $cut
cut-chunks            $cut
cut-eof               $cut
cut-eof-keep-alive    $cut
reset                 0 .+
drip-header           $late
drip-body             $late
drip-chunks           $late
silent                $late
END
)
like "$stats" '# 0 left, .* longest turn [0-9]{1,3} ms, [0-9]{1,3} ms of CPU, [0-9]{1,5} KB' \
	'  which cost little time and less than 100 MB'

# RFC 8461 3.3: the chain, and the name as a DNS-ID with a wildcard for one whole label at most.
expect 'certificate' <<END
good     good.test        $tls /length 127.0.0.1 = $whole
inter    inter.test       $tls /length 127.0.0.1 = $whole
wild     wild.sts.test    $tls /length 127.0.0.1 = $whole
deep     deep.a.sts.test  $tls /length 127.0.0.1 = ${refused}hostname mismatch
partial  partial.sts.test $tls /length 127.0.0.1 = ${refused}hostname mismatch
wrong    wrong.test       $tls /length 127.0.0.1 = ${refused}hostname mismatch
cn       cn.test          $tls /length 127.0.0.1 = ${refused}hostname mismatch
expired  expired.test     $tls /length 127.0.0.1 = ${refused}certificate has expired
future   future.test      $tls /length 127.0.0.1 = ${refused}certificate is not yet valid
unknown  unknown.test     $tls /length 127.0.0.1 = ${refused}unable to get local issuer certificate
self     self.test        $tls /length 127.0.0.1 = ${refused}self-signed certificate
END

expect 'no TLS' <<END
no-tls          good.test $(port no-tls)         /length 127.0.0.1 = 0 .*not TLS
closed          good.test $(port closed)         /length 127.0.0.1 = 0 .+
quiet           good.test $(port quiet)          /length 127.0.0.1 = $late
slow-handshake  good.test $(port slow-handshake) /length 127.0.0.1 = $late
hugechain       good.test $(port hugechain)      /length 127.0.0.1 = 0 .*too long
refused         good.test $tls                   /length 127.0.0.2 = 0 cannot connect
END

# 127.0.0.2 refuses, 127.0.0.3 says nothing.
expect 'several addresses' <<END
second       good.test  $tls /length 127.0.0.2 127.0.0.1           = $whole
first        good.test  $tls /length 127.0.0.1 127.0.0.3           = $whole
behind       good.test  $tls /length 127.0.0.3 127.0.0.3 127.0.0.1 = $whole
no-address   good.test  $tls /length localhost 127.0.0.1           = $whole
name-only    good.test  $tls /length localhost                     = 0 this is no address
all-refuse   good.test  $tls /length 127.0.0.2 127.0.0.4           = 0 127.0.0.4: cannot connect
furthest     wrong.test $tls /length 127.0.0.1 127.0.0.2           = 0 certificate 127.0.0.1: .*mismatch
not-200      good.test  $tls /404    127.0.0.1 127.0.0.1           = 404 \(\) $none
none         good.test  $tls /length                               = 0 there is no address
never        good.test  $tls /length 127.0.0.3 127.0.0.3           = 0 127.0.0.3: no answer in time
END

# In the middle of it all: no callback, nothing left (the sanitizers of SAN= would say so).
cancelled=$({
	for path in silent drip-body drip-header 100 endless-100 length; do
		echo "$path good.test $tls /$path 127.0.0.1"
	done
	echo "quiet good.test $tls /length 127.0.0.3"
} | probe 5000 65536 cancel)
like "$cancelled" '# 4 left, [34][0-9]{2} ms' 'fetches that are cancelled end without a word'

# No server and no deadline: nothing is left to do.
is "$(echo "zero good.test $tls /length 127.0.0.1" | probe 0 65536 | grep -v '^#')" \
	'zero: 0 no answer in time' 'no time at all'

exec {alive}>&-
done_testing
