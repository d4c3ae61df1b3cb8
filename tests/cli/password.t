#!/bin/bash
# The password prompt: on the terminal, silent, and Ctrl-C leaves the terminal as it was.
. tests/lib/tap.sh

typed() { # KEYS
	python3 tests/lib/terminal.py 'password: ' "$1" "$TLSPOL" list --no-defaults --socket "$TMP/none.sock" --ask-password
}
run typed 's3cret-Word\n'
like "$out" '^database password: ' 'there is a prompt'
unlike "$out" 's3cret' '  what is typed is not shown'
like "$out" "none.sock" '  and used: the connection is tried'
is "$(tail -1 <<<"$out")" 'silent restored 69' '  the terminal is as before'
run typed 's3cr\x03'
is "$(tail -1 <<<"$out")" 'silent restored 130' 'Ctrl-C: status 130, the terminal is as before'
like "$out" 'password: .*'$'\n''.*interrupted: no password was given' '  says so, on a line of its own'

# The file: its first line, whatever is in it.
printf 'with "quotes" #%%$ \r\nsecond line\n' >"$TMP/password"
exits 69 'a password from a file' "$TLSPOL" list --no-defaults --socket "$TMP/none.sock" --password-file "$TMP/password"
unlike "$err" 'quotes|second' '  is in no message'
run "$TLSPOL" list --no-defaults --socket "$TMP/none.sock" --password-file "$TMP/password" --verbose
unlike "$out$err" 'quotes|second' '  nor with --verbose'
head -c 2000 /dev/zero | tr '\0' x >"$TMP/password"
exits 65 'a line that is no password' "$TLSPOL" list --no-defaults --socket "$TMP/none.sock" --password-file "$TMP/password"
like "$err" 'longer than a password' '  is not cut'

done_testing
