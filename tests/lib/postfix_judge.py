#!/usr/bin/env python3
"""A real Postfix smtp(8) judges TLS policies.

usage: postfix_judge.py prepare DIR     certificates of the SMTP sink; prints "NAME<TAB>digest"
       postfix_judge.py judge DIR       reads lines, prints one line for each, in the same order

A line is NEXTHOP<TAB>POLICY, or NEXTHOP alone when the policy table shall not know it. A NEXTHOP
with an @ is a recipient, whose next-hop Postfix works out itself. Escapes (\\t, \\n, \\xNN) in the
policy are decoded. Printed are

    LINE'S FIRST FIELD <TAB> VERDICT <TAB> KEY KEY... <TAB> WARNINGS

where the keys are what smtp(8) asked the policy table for, in order and as it wrote them, and the
verdict is one of
    used                  the mail was delivered
    not-verified          deferred: the policy works, the sink's certificate does not satisfy it
    invalid               deferred before connecting: client TLS configuration problem
    tls-start-failure     deferred: TLS could not be started
    unusable-fingerprint  deferred: no fingerprint has the length of the digest
    unusable-names        deferred: no name is left to look for in the certificate
    unreachable           no connection (the keys were asked for all the same)
    other: TEXT

Postfix runs in network and pid namespaces of its own, with its own main.cf, master.cf and queue
directory below DIR: the system's Postfix is not touched, nothing leaves the machine, and the
kernel ends all of it with this program. smtp(8) is chrooted to the queue directory as Debian
does it, so the resolv.conf there sends it to our own resolver. Needs root, unshare(1), openssl.
"""
import fcntl
import hashlib
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import warnings

warnings.simplefilter('ignore', DeprecationWarning)  # TLS 1.0 is offered on purpose
SINK = '127.0.0.9'
NAMES = ['sink.judge.test', '*.judge.test', 'judge.test']
KINDS = {'rsa': ['-newkey', 'rsa:2048'],
         'ec': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']}
DEADLINE = 120  # seconds for all deliveries


# -- certificates -------------------------------------------------------------------------------

def openssl(*words, **more):
    return subprocess.run(('openssl',) + words, check=True, capture_output=True, **more).stdout


def prepare(work):
    """One CA, and a server certificate of each kind, so that no cipher choice is a dead end."""
    os.makedirs(work, exist_ok=True)
    ca, ca_key = work + '/ca.pem', work + '/ca.key'
    openssl('req', '-x509', '-nodes', '-keyout', ca_key, '-out', ca, '-days', '30',
            '-subj', '/CN=Judge CA', '-addext', 'basicConstraints=critical,CA:TRUE', *KINDS['rsa'])
    with open(work + '/extensions', 'w') as f:
        f.write('subjectAltName=' + ','.join('DNS:' + n for n in NAMES))
    for kind, new in KINDS.items():
        path = work + '/' + kind
        openssl('req', '-nodes', '-keyout', path + '.key', '-out', path + '.csr',
                '-subj', '/CN=' + NAMES[0], *new)
        openssl('x509', '-req', '-in', path + '.csr', '-CA', ca, '-CAkey', ca_key,
                '-CAcreateserial', '-days', '30', '-extfile', work + '/extensions',
                '-out', path + '.pem')
    for kind in KINDS:
        cert = openssl('x509', '-in', work + '/' + kind + '.pem', '-outform', 'DER')
        for what, der in (('cert', cert), ('key', public_key(work, kind))):
            for digest in ('md5', 'sha1', 'sha256', 'sha512'):
                print('%s-%s-%s\t%s' % (kind, what, digest, hashlib.new(digest, der).hexdigest()))


def public_key(work, kind):
    pem = openssl('x509', '-in', work + '/' + kind + '.pem', '-noout', '-pubkey')
    return openssl('pkey', '-pubin', '-outform', 'DER', input=pem)


# -- the world around smtp(8): resolver, policy table, SMTP server ------------------------------

def thread(function, *words):
    threading.Thread(target=function, args=words, daemon=True).start()


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack('16sH14x', b'lo', 1)  # IFF_UP
        fcntl.ioctl(s, 0x8914, request)             # SIOCSIFFLAGS


def resolver(work):
    """
    Every name has the sink's address and a TLSA record for each of its keys, the latter not below
    plain.judge.test, where dane falls back to may. Nothing else exists, and all answers are
    authenticated.
    """
    records = {1: [socket.inet_aton(SINK)],
               52: [b'\3\1\1' + hashlib.sha256(public_key(work, kind)).digest() for kind in KINDS]}
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('127.0.0.1', 53))

    def serve():
        while True:
            query, peer = s.recvfrom(4096)
            end = query.index(b'\0', 12) + 5
            kind = struct.unpack('!H', query[end - 4:end - 2])[0]
            plain = b'\5plain\5judge\4test\0' in query.lower()
            found = [] if kind == 52 and plain else records.get(kind, [])
            answers = [b'\xc0\x0c' + struct.pack('!HHIH', kind, 1, 60, len(data)) + data
                       for data in found]
            head = query[:2] + struct.pack('!HHHHH', 0x81a0, 1, len(answers), 0, 0)
            s.sendto(head + query[12:end] + b''.join(answers), peer)
    thread(serve)


class PolicyTable:
    """A socketmap server. It knows which smtp(8) process asks, by the socket's credentials."""

    def __init__(self, path, policies):
        self.policies = policies
        self.asked = {}  # pid -> keys in order
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        self.socket.listen(64)
        thread(self.accept)

    def accept(self):
        while True:
            client, _ = self.socket.accept()
            thread(self.serve, client)

    def serve(self, client):
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        pid = struct.unpack('3i', credentials)[0]
        with client, client.makefile('rwb') as stream:
            while True:
                length = b''
                while not length.endswith(b':'):
                    byte = stream.read(1)
                    if not byte:
                        return
                    length += byte
                key = stream.read(int(length[:-1]) + 1)[:-1].split(b' ', 1)[1]
                self.asked.setdefault(pid, []).append(key)
                value = self.policies.get(key)
                reply = b'NOTFOUND ' if value is None else b'OK ' + value
                stream.write(b'%d:%s,' % (len(reply), reply))
                stream.flush()


def sink(work):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers('ALL:@SECLEVEL=0')
    for kind in KINDS:
        context.load_cert_chain(work + '/' + kind + '.pem', work + '/' + kind + '.key')
    server = socket.create_server((SINK, 25), backlog=64)

    def lines(client):
        buffer = b''
        while True:
            while b'\n' not in buffer:
                more = client.recv(4096)
                if not more:
                    return
                buffer += more
            line, buffer = buffer.split(b'\n', 1)
            yield line.rstrip()

    def dialog(client, secure):
        """One SMTP session; True when the client is to start TLS now."""
        if not secure:
            client.sendall(b'220 sink ESMTP\r\n')
        body = False
        for line in lines(client):
            verb = line[:4].upper()
            if body:
                body = line != b'.'
                reply = b'' if body else b'250 2.0.0 taken\r\n'
            elif verb == b'EHLO':
                offer = b'' if secure else b'250-STARTTLS\r\n'
                reply = b'250-sink\r\n' + offer + b'250-SMTPUTF8\r\n250 8BITMIME\r\n'
            elif verb == b'STAR':
                client.sendall(b'220 go\r\n')
                return True
            elif verb == b'DATA':
                body, reply = True, b'354 go\r\n'
            else:
                reply = b'221 bye\r\n' if verb == b'QUIT' else b'250 2.0.0 ok\r\n'
            client.sendall(reply)
        return False

    def serve(client):
        try:
            with client:
                if dialog(client, False):
                    with context.wrap_socket(client, server_side=True) as tls:
                        dialog(tls, True)
        except (OSError, ssl.SSLError):
            pass

    def accept():
        while True:
            thread(serve, server.accept()[0])
    thread(accept)


# -- Postfix ------------------------------------------------------------------------------------

MASTER = """\
127.0.0.1:10025 inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
tlsproxy unix - - y - 0 tlsproxy
scache unix - - n - 1 scache
smtp unix - - y - 8 smtp
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""
QUEUES = 'active bounce corrupt defer deferred flush hold incoming maildrop private public saved trace'


def postconf(name):
    return subprocess.run(['postconf', '-d', '-h', name], check=True, capture_output=True,
                          text=True).stdout.strip()


def start_postfix(work, spool, transports):
    config, log = work + '/config', work + '/maillog'
    for directory in (config, spool + '/etc', spool + '/pid', work + '/data'):
        os.makedirs(directory)
    for name in QUEUES.split():
        os.makedirs(spool + '/' + name)
        shutil.chown(spool + '/' + name, 'postfix')
    shutil.chown(work + '/data', 'postfix')
    # What tafile= names must be at the same place inside the jail, as readable as outside.
    os.makedirs(spool + work)
    for name in ['ca.pem'] + [kind + suffix for kind in KINDS for suffix in ('.pem', '.key')]:
        shutil.copy(work + '/' + name, spool + work)
    with open(spool + '/etc/resolv.conf', 'w') as f:
        f.write('nameserver 127.0.0.1\n')
    shutil.copy('/etc/services', spool + '/etc')
    settings = {
        'compatibility_level': '3.6', 'smtputf8_enable': 'yes', 'strict_smtputf8': 'no',
        'queue_directory': spool, 'data_directory': work + '/data', 'config_directory': config,
        'maillog_file': log, 'maillog_file_prefixes': work, 'notify_classes': '',
        'myhostname': 'client.invalid', 'mydestination': '', 'local_recipient_maps': '',
        'inet_interfaces': '127.0.0.1', 'mynetworks': '127.0.0.0/8',
        'smtpd_relay_restrictions': 'permit_mynetworks, reject', 'smtpd_peername_lookup': 'no',
        'smtpd_hard_error_limit': '10000', 'smtpd_soft_error_limit': '10000',
        'smtpd_error_sleep_time': '0', 'in_flow_delay': '0', 'bounce_queue_lifetime': '0',
        'transport_maps': 'texthash:' + work + '/transport', 'minimal_backoff_time': '4000s',
        'smtp_tls_policy_maps': 'socketmap:unix:policy:tls', 'smtp_tls_security_level': 'may',
        'smtp_tls_CAfile': work + '/ca.pem', 'smtp_tls_session_cache_database': '',
        'smtp_tls_fingerprint_digest': 'sha256', 'smtp_tls_loglevel': '1',
        'smtp_dns_support_level': 'dnssec', 'smtp_host_lookup': 'dns',
        'smtp_connect_timeout': '5s', 'smtp_connection_cache_on_demand': 'no',
    }
    with open(config + '/main.cf', 'w') as f:
        f.writelines('%s = %s\n' % setting for setting in settings.items())
    with open(config + '/master.cf', 'w') as f:
        f.write(MASTER)
    with open(work + '/transport', 'wb') as f:
        f.writelines(transports)
    with open(work + '/master.out', 'wb') as out:
        subprocess.Popen([postconf('daemon_directory') + '/master', '-c', config, '-d'],
                         env=dict(os.environ, MAIL_CONFIG=config), cwd='/',
                         stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    return log


def send(work, mails):
    """Hands over one mail per entry and notes its queue id."""
    for _ in range(400):
        try:
            client = socket.create_connection(('127.0.0.1', 10025), timeout=60)
            break
        except OSError:
            time.sleep(.025)
    else:
        sys.exit('Postfix did not start: ' + open(work + '/master.out').read())
    stream = client.makefile('rwb')

    def command(line, want):
        stream.write(line + b'\r\n')
        stream.flush()
        while True:
            reply = stream.readline()
            if reply[3:4] != b'-':
                break
        if not reply.startswith(want):
            sys.exit('smtpd refused %r: %r' % (line, reply))
        return reply
    stream.readline()
    command(b'EHLO judge.invalid', b'250')
    for mail in mails:
        utf8 = b'' if mail['to'].isascii() else b' SMTPUTF8'
        command(b'MAIL FROM:<>' + utf8, b'250')
        command(b'RCPT TO:<' + mail['to'] + b'>', b'250')
        command(b'DATA', b'354')
        reply = command(b'\r\nx\r\n.', b'250')
        mail['id'] = reply.split(b'queued as ')[1].split()[0].decode()
    command(b'QUIT', b'221')


# The first pattern found in the delivery's last line, or in what was logged before it, decides.
VERDICTS = [
    ('used', r'status=sent'),
    ('invalid', r'client TLS configuration problem'),
    ('tls-start-failure', r'Cannot start TLS'),
    ('unusable-fingerprint', r'all fingerprints unusable'),
    ('unusable-names', r'could not configure peer name checks'),
    ('not-verified', r'Server certificate not verified'),
    ('unreachable', r'connect to \S+'),
]


def verdict(lines):
    text = '\n'.join(lines)
    for word, pattern in VERDICTS:
        if re.search(pattern, text):
            return word
    return 'other: ' + lines[-1]


def collect(log, mails):
    """
    Reads the log until every mail has its delivery line. Lines of the TLS engine carry no queue
    id: inside one smtp(8) process everything before a delivery line belongs to that delivery.
    With connection_reuse=yes tlsproxy(8) warns in its place, and names the host.
    """
    waiting = {mail['id']: mail for mail in mails}
    pending, proxied, rest, end = {}, {}, '', time.time() + DEADLINE
    while not os.path.exists(log) and time.time() < end:
        time.sleep(.02)
    with open(log, errors='surrogateescape') as f:
        while waiting and time.time() < end:
            rest += f.read()
            *lines, rest = rest.split('\n')
            if not lines:
                time.sleep(.02)
            for line in lines:
                m = re.search(r' postfix/tlsproxy\[\d+\]: warning: (\S+?)\[(.*)', line)
                if m:
                    proxied.setdefault(m.group(1), []).append(m.group(2))
                m = re.search(r' postfix/smtp\[(\d+)\]: (.*)', line)
                if not m:
                    continue
                pid, text = int(m.group(1)), m.group(2)
                pending.setdefault(pid, []).append(text)
                m = re.match(r'([0-9A-Za-z]+): to=<.*?, relay=([^[,]*)', text)
                if m and m.group(1) in waiting:
                    mail = waiting.pop(m.group(1))
                    pending[pid][:0] = proxied.get(m.group(2), [])
                    mail.update(pid=pid, log=pending.pop(pid), order=len(waiting))
    if waiting:
        sys.exit('no delivery of: ' + ' '.join(repr(m['field']) for m in waiting.values())
                 + '\n' + open(log, errors='replace').read()[-3000:])


def share_keys(mails, asked):
    """
    Deals the keys each process asked for out to its deliveries: a walk starts at the next-hop
    and goes on with parents, and only parents begin with a dot.
    """
    by_pid = {}
    for mail in mails:
        by_pid.setdefault(mail['pid'], []).append(mail)
    for pid, deliveries in by_pid.items():
        walks = []
        for key in asked.get(pid, []):
            if not key.startswith(b'.'):
                walks.append([])
            walks[-1].append(key)
        deliveries.sort(key=lambda mail: -mail['order'])
        if len(walks) != len(deliveries):
            sys.exit('%d deliveries, but lookups of %r' % (len(deliveries), walks))
        for mail, walk in zip(deliveries, walks):
            mail['keys'] = walk


def judge(work):
    mails, policies, transports = [], {}, []
    for number, line in enumerate(sys.stdin.buffer.read().split(b'\n')):
        if not line:
            continue
        field, tab, policy = line.partition(b'\t')
        to = field
        if b'@' not in field:
            to = b'n%d@judge.invalid' % number
            transports.append(b'%s smtp:%s\n' % (to, field))
        if tab:
            policies[field] = policy.decode('unicode_escape').encode('latin-1')
        mails.append({'field': field, 'to': to})
    if len({mail['field'] for mail in mails}) != len(mails):
        sys.exit('the same next-hop twice')  # the queue manager would not try the second one
    spool = work + '/spool'
    for name in ('config', 'data', 'spool'):
        shutil.rmtree(work + '/' + name, ignore_errors=True)
    for name in ('maillog', 'transport'):
        if os.path.exists(work + '/' + name):
            os.unlink(work + '/' + name)
    os.makedirs(spool)
    loopback_up()
    resolver(work)
    sink(work)
    table = PolicyTable(spool + '/policy', policies)
    log = start_postfix(work, spool, transports)
    send(work, mails)
    collect(log, mails)
    share_keys(mails, table.asked)
    for mail in mails:
        out = [mail['field'], verdict(mail['log']).encode(), b' '.join(mail['keys']),
               ' | '.join(mail['log'][:-1]).encode(errors='surrogateescape')]
        sys.stdout.buffer.write(b'\t'.join(out) + b'\n')


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ('prepare', 'judge'):
        sys.exit(__doc__)
    work = os.path.abspath(sys.argv[2])
    if sys.argv[1] == 'prepare':
        prepare(work)
    elif os.environ.get('JUDGE_INSIDE') == '1':
        judge(work)
        sys.stdout.flush()
    else:
        os.environ['JUDGE_INSIDE'] = '1'
        os.execvp('unshare', ['unshare', '--net', '--pid', '--fork', '--kill-child',
                              sys.executable, os.path.abspath(__file__), 'judge', work])


if __name__ == '__main__':
    main()
