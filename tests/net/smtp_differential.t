#!/bin/bash
# Odd replies: the dialogue ends where a real Postfix says it ends, each with the same servers.
. tests/lib/tap.sh

PATH=$PATH:/usr/sbin
[ "$(id -u)" = 0 ] || skip_all 'a Postfix of our own needs root'
command -v postconf >/dev/null || skip_all 'there is no Postfix'
mkdir "$TMP/postfix"
mkfifo "$TMP/alive"
python3 -B tests/lib/smtp_dialogues.py "$TMP/postfix" <"$TMP/alive" >"$TMP/expected" 2>"$TMP/errors" &
servers=$!
exec {alive}>"$TMP/alive"
for ((i = 0; i < 800; i++)); do
	[ -s "$TMP/expected" ] && break
	kill -0 "$servers" 2>/dev/null || break
	sleep 0.1
done
sleep 0.2
[ -s "$TMP/expected" ] || { cat "$TMP/errors" >&2; exit 1; }

mapfile -t ports < <(cut -d' ' -f2 "$TMP/expected")
# Side by side: some say nothing until our patience ends.
printf '%s\n' "${ports[@]}" | xargs -n1 -P20 "$TLSPOL_BUILD/tests/lib/dialog_probe" >"$TMP/got"
while read -r name port want; do
	is "$(sed -n "s/^$port //p" "$TMP/got")" "$want" "$name: $want"
done <"$TMP/expected"
ok 'Postfix has said something of each word' test "$(cut -d' ' -f3 "$TMP/expected" | sort -u | wc -l)" = 5

exec {alive}>&-
wait "$servers"
done_testing
