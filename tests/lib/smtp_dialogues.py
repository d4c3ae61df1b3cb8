"""SMTP servers with odd replies, and what a real Postfix makes of each at level encrypt.

usage: smtp_dialogues.py DIRECTORY     Prints "NAME PORT WORD" for each server; they stay until standard
input ends. WORD is agreed (to start TLS), refused-tls, not-offered, refused (to talk at all) or
no-greeting.
"""
import os
import re
import smtplib
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lab'))
import postfix  # noqa: E402

GREETING, OFFER = b'220 x ESMTP\r\n', b'250-x\r\n250 STARTTLS\r\n'
K = b'a' * 1000


def server(ehlo=OFFER, greeting=GREETING, starttls=b'454 no\r\n'):
    return {b'': greeting, b'EHLO': ehlo, b'STAR': starttls, b'HELO': b'250 x\r\n',
            b'QUIT': b'221 b\r\n'}


SERVERS = {
    'usual': server(),
    'no-offer': server(b'250-x\r\n250 SIZE\r\n'),
    'one-line': server(b'250 x\r\n'),
    # keywords
    'small': server(b'250-x\r\n250 starttls\r\n'),
    'word-behind': server(b'250-x\r\n250 STARTTLS now\r\n'),
    'equals': server(b'250-x\r\n250 STARTTLS=1\r\n'),
    'blanks': server(b'250-x\r\n250   STARTTLS  \r\n'),
    'tab-behind': server(b'250-x\r\n250 STARTTLS\tx\r\n'),
    'tab': server(b'250-x\r\n250 \tSTARTTLS\r\n'),
    'name': server(b'250-STARTTLS\r\n250 X\r\n'),
    'parameter': server(b'250-x\r\n250 X STARTTLS\r\n'),
    'hyphens': server(b'250-x\r\n250--STARTTLS\r\n250 b\r\n'),
    'other-code': server(b'500-x\r\n500-STARTTLS\r\n250 b\r\n'),
    'last-code': server(b'250-x\r\n250-STARTTLS\r\n550 b\r\n'),
    'in-tls': server(b'250-x\r\n250-STARTTLS\xc3\xa9\r\n250 b\r\n'),
    # lines
    'bare-lf': server(b'250-x\n250 STARTTLS\n'),
    'many-cr': server(b'250-x\r\r\n250 STARTTLS\r\r\r\n'),
    'nul-in': server(b'250-x\r\n250-START\0TLS\r\n250 b\r\n'),
    'nul-behind': server(b'250-x\r\n250 STARTTLS\0X\r\n'),
    'nul-code': server(b'250\0-x\r\n250 STARTTLS\r\n'),
    'in-2048': server(b'250-' + K + b'\r\n250-' + K + b'\r\n250 STARTTLS\r\n'),
    'behind-2048': server(b'250-' + K + b'\r\n250-' + K + b'a' * 40 + b'\r\n250 STARTTLS\r\n'),
    'long-line': server(b'250-x\r\n250-' + K * 10 + b'\r\n250 STARTTLS\r\n'),
    'long-keyword': server(b'250-x\r\n250-STARTTLS ' + K * 10 + b'\r\n250 B\r\n'),
    # garbage
    'garbage-word': server(b'hm\r\n250-x\r\nhm STARTTLS\r\n250 b\r\n'),
    'garbage-alone': server(b'hm\r\n250-x\r\nSTARTTLS\r\n250 b\r\n'),
    'garbage-code': server(b'250-x\r\n250STARTTLS\r\n250 b\r\n'),
    'garbage-reply': server(b'250-x\r\n250-PIPELINING\r\n250 STARTTLS\r\n', starttls=b'hm\r\n454 no\r\n'),
    # EHLO refused
    'ehlo-500': server(b'500 what\r\n'),
    'ehlo-450': server(b'450 later\r\n'),
    'ehlo-354': server(b'354 go\r\n'),
    'ehlo-421': server(b'421 bye\r\n'), 'ehlo-502': server(b'502-x\r\n502 STARTTLS\r\n'),
    # greetings
    '250': server(greeting=b'250 x\r\n'),
    '554': server(greeting=b'554 x\r\n'),
    '354': server(greeting=b'354 x\r\n'),
    '421': server(greeting=b'421 x\r\n'), '554-220': server(greeting=b'554-a\r\n220 b\r\n'),
    '220-554': server(greeting=b'220-a\r\n554 b\r\n'), 'early': server(b'', GREETING + OFFER),
    'garbage': server(greeting=b'hello\r\n\r\n220 b\r\n'),
    'four-digits': server(greeting=b'2200 a\r\n'),
    'two-digits': server(greeting=b'22 a\r\n'), 'no-blank': server(greeting=b'220a\r\n'),
    'web': server(greeting=b'HTTP/1.1 400 Bad Request\r\n\r\n'),
    'nul': server(greeting=b'220\0-a\r\n'), 'bare-code': server(greeting=b'220\r\n'),
    'pix': server(greeting=b'220 ****20**0 ***\r\n'),
    'pix-letter': server(greeting=b'220 ***x**\r\n'),
    'pix-lines': server(greeting=b'220-**\r\n220 2\r\n'), 'pix-221': server(greeting=b'221 **\r\n'),
    # the reply to STARTTLS
    'tls-250': server(starttls=b'250 ok\r\n'), 'tls-354': server(starttls=b'354 go\r\n'),
    'tls-421': server(starttls=b'421 bye\r\n'), 'tls-502': server(starttls=b'502 no\r\n'),
    'tls-lines': server(starttls=b'220-a\r\n220 b\r\n'),
    'tls-454-220': server(starttls=b'454-a\r\n220 b\r\n'),
}
WORDS = [('refused to start TLS', 'refused-tls'), ('was not offered', 'not-offered'),
         ('Cannot start TLS', 'agreed'), ('refused to talk', 'refused'),
         ('timed out while receiving the initial server greeting', 'no-greeting')]


def talk(connection, replies):
    try:
        connection.settimeout(20)
        connection.sendall(replies[b''])
        for line in connection.makefile('rb'):
            verb = line[:4].upper()
            connection.sendall(replies.get(verb, b'250 ok\r\n'))
            if verb == b'QUIT':
                break
    except OSError:
        pass
    connection.close()


def accept(listener, replies):
    while True:
        threading.Thread(target=talk, args=(listener.accept()[0], replies), daemon=True).start()


def listen():
    ports = {}
    for name, replies in SERVERS.items():
        listener = socket.create_server(('127.0.0.1', 0), backlog=20)
        ports[name] = listener.getsockname()[1]
        threading.Thread(target=accept, args=(listener, replies), daemon=True).start()
    return ports


def ask_postfix(directory, ports):
    mail = postfix.Postfix(directory)
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    mail.settings.update({'smtp_tls_security_level': 'encrypt', 'inet_interfaces': '127.0.0.1',
                          'transport_maps': 'texthash:%s/transport' % directory,
                          'default_process_limit': '100',
                          'smtp_helo_timeout': '3s', 'smtp_starttls_timeout': '3s'})
    mail.services.append('127.0.0.1:%d inet n - n - - smtpd' % port)
    with open(directory + '/transport', 'w') as f:
        f.writelines('n%s@oracle.invalid smtp:[127.0.0.1]:%d\n' % pair for pair in ports.items())
    master = mail.start()
    try:
        postfix.wait_until('Postfix', lambda: socket.socket().connect_ex(('127.0.0.1', port)) == 0)
        with smtplib.SMTP('127.0.0.1', port) as to:
            to.sendmail('a@oracle.invalid', ['n%s@oracle.invalid' % name for name in ports],
                        'Subject: x\r\n\r\nx\r\n')
        postfix.wait_until('all deliveries', lambda: len(results(mail.log)) == len(ports), 60)
    finally:
        master.terminate()
        master.wait()
    return results(mail.log)


def results(log):
    with open(log, errors='replace') as f:
        found = re.findall(r'to=<n([\w-]+)@oracle.* status=\w+ \((.*)\)', f.read())
    return {name: next((word for words, word in WORDS if words in why), why) for name, why in found}


def main():
    ports = listen()
    for name, word in sorted(ask_postfix(sys.argv[1], ports).items()):
        print(name, ports[name], word)
    sys.stdout.close()
    while os.read(0, 4096):
        time.sleep(.1)


if __name__ == '__main__':
    main()
