#!/bin/bash
# What a chain is worth: net/tls.h against the real posttls-finger, which has the SMTP client's
# own code for it, over the handshake of a server on the loopback (tests/data/judge_cases.txt).
. tests/lib/tap.sh

command -v posttls-finger >/dev/null || skip_all 'needs posttls-finger of Postfix'
cases=tests/data/judge_cases.txt
mkdir "$TMP/judge"
ok 'every case is judged by both' sh -c 'python3 -X utf8 tests/net/judge_cases.py "$@" >"$0"' \
	"$TMP/compared" "$cases" "$TMP/judge" "$TLSPOL_BUILD/tests/lib/judge_probe"
is "$(grep -c . "$TMP/compared")" "$(grep -c '^[a-z]' "$cases")" 'none is left out'
is "$(grep -v '^same ' "$TMP/compared")" '' 'Postfix and tlspol agree on all of them'
# Neither always says the same.
like "$(grep -c ' verified ' "$TMP/compared")" '^[3-9][0-9]$' 'many match'
like "$(grep -c ' not-verified ' "$TMP/compared")" '^[3-9][0-9]$' 'many do not'

done_testing
