#!/bin/bash
# The password prompt: on the terminal, silent, and Ctrl-C leaves the terminal as it was.
. tests/lib/tap.sh

cat >"$TMP/terminal.py" <<'END'
"""terminal.py KEYS PROGRAM...: types KEYS at the prompt; prints what was shown, echo, status"""
import os, pty, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
shown = b""
while b"password: " not in shown:
    shown += os.read(fd, 1024)
time.sleep(0.1)
silent = not termios.tcgetattr(fd)[3] & termios.ECHO
os.write(fd, sys.argv[1].encode().decode("unicode_escape").encode())
while True:
    try:
        part = os.read(fd, 1024)
    except OSError:
        break
    if not part:
        break
    shown += part
    after = termios.tcgetattr(fd)[3] & termios.ECHO
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(shown.decode().replace("\r", ""))
print("silent" if silent else "echoed", "restored" if after else "not restored", status)
END
typed() { # KEYS
	python3 "$TMP/terminal.py" "$1" "$TLSPOL" list --no-defaults --socket "$TMP/none.sock" --ask-password
}
run typed 's3cret-Word\n'
like "$out" '^database password: ' 'there is a prompt'
unlike "$out" 's3cret' '  what is typed is not shown'
like "$out" "none.sock" '  and used: the connection is tried'
is "$(tail -1 <<<"$out")" 'silent restored 69' '  the terminal is as before'
run typed 's3cr\x03'
is "$(tail -1 <<<"$out")" 'silent restored 130' 'Ctrl-C: status 130, the terminal is as before'
like "$out" 'no password was given' '  says so'

# The file: its first line, whatever is in it.
printf 'with "quotes" #%%$ \r\nsecond line\n' >"$TMP/password"
exits 69 'a password from a file' "$TLSPOL" list --no-defaults --socket "$TMP/none.sock" --password-file "$TMP/password"
unlike "$err" 'quotes|second' '  is in no message'
run "$TLSPOL" list --no-defaults --socket "$TMP/none.sock" --password-file "$TMP/password" --verbose
unlike "$out$err" 'quotes|second' '  nor with --verbose'

done_testing
