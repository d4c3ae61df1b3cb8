"""terminal.py PROMPT KEYS PROGRAM...: runs it on a terminal and types KEYS when PROMPT has come.

Prints what was shown, then whether the terminal was silent at the prompt, whether it echoes in the
end, and the exit status.
"""
import os, pty, signal, sys, termios

prompt, keys = sys.argv[1].encode(), sys.argv[2].encode().decode("unicode_escape").encode()
pid, fd = pty.fork()
if pid == 0:
    # Whoever runs the tests in the background may have it ignored, and that would be inherited.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvp(sys.argv[3], sys.argv[3:])


def echoes():
    return termios.tcgetattr(fd)[3] & termios.ECHO


def read():
    try:
        return os.read(fd, 4096)
    except OSError:
        return b""


shown, part, silent, after = b"", b"-", False, True
while part:
    after = echoes()
    part = read()
    shown += part
    if keys and prompt in shown:
        silent = not echoes()
        os.write(fd, keys)
        keys = b""
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(shown.decode().replace("\r", ""))
print("silent" if silent else "echoed", "restored" if after else "not restored", status)
