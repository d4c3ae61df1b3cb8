"""What a real Postfix does with policies: it sends one mail for each and its log is read.

usage: oracle.py DIR CA-FILE [PARAMETER=VALUE...]     (inside the lab; see lab_send_all in lab.sh)

Reads NEXTHOP<TAB>POLICY lines; an empty POLICY is a next-hop that the policy table does not know.
Prints a line for each, in the same order:

    NEXTHOP <TAB> POLICY <TAB> TLS <TAB> STATUS <TAB> DSN <TAB> REASON <TAB> WARNINGS

TLS has Postfix's word (Anonymous, Untrusted, Trusted, Verified) for each connection that came to
TLS, with commas, or plain. STATUS is sent, deferred or bounced: what the first attempt came to.

Deliveries run side by side, in one smtp(8) service ("slot") for the first policy of each next-hop,
one for the second, and so on; each has a policy table of its own. So a next-hop may have many.
With smtp_tls_policy_maps=... among the PARAMETERs that table is used, and POLICY only printed.
"""
import os
import re
import socket
import sys
import time

import postfix

PATIENCE = '5s'
DEADLINE = 60      # seconds for all deliveries
SIDE_BY_SIDE = 60  # deliveries, in all slots together
BATCH = 500        # recipients of a mail
LOG_LINE = re.compile(r' postfix/smtp\[(\d+)\]: (.*)')
DELIVERY = re.compile(r'[0-9A-Za-z]+: to=<n(\d+)@.*? dsn=([\d.]+), status=(\w+) \((.*)\)$')
TLS = re.compile(r'(\w+) TLS connection established to ')
TIMEOUTS = ['connect', 'helo', 'starttls', 'mail', 'rcpt', 'data_init', 'data_xfer', 'data_done',
            'quit', 'rset']


class Case:
    def __init__(self, number, line):
        self.nexthop, _, self.policy = line.partition('\t')
        self.number, self.slot = number, 0
        self.result = None


def read_cases(lines):
    seen, cases = {}, []
    for line in lines:
        case = Case(len(cases), line.rstrip('\n'))
        case.slot = seen.get(case.nexthop, 0)
        seen[case.nexthop] = case.slot + 1
        cases.append(case)
    return cases


def sending_postfix(directory, ca_file, cases, parameters):
    mail = postfix.Postfix(directory)
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    mail.settings.update({
        'smtp_dns_support_level': 'dnssec', 'smtp_host_lookup': 'dns',
        'smtp_tls_security_level': 'may', 'smtp_tls_loglevel': '1', 'smtp_tls_CAfile': ca_file,
        'smtp_address_preference': 'ipv4', 'smtp_per_request_deadline': 'yes',
        'inet_interfaces': '127.0.0.1',  # else the lab's IPv6 addresses are its own
        'transport_maps': 'texthash:%s/transport' % directory, 'append_dot_mydomain': 'no',
        'smtp_connection_cache_on_demand': 'no', 'in_flow_delay': '0', 'minimal_backoff_time': '1h',
        'smtpd_recipient_limit': str(BATCH)})
    mail.settings.update(('smtp_%s_timeout' % step, PATIENCE) for step in TIMEOUTS)
    mail.settings.update(p.split('=', 1) for p in parameters)
    slots = max(case.slot for case in cases) + 1
    mail.services.append('127.0.0.1:%d inet n - n - - smtpd' % port)
    for slot in range(slots):
        table = '%s/policies-%d' % (directory, slot)
        service = 'slot%d unix - - n - %d smtp' % (slot, max(4, SIDE_BY_SIDE // slots))
        if 'smtp_tls_policy_maps' not in mail.settings:
            service += ' -o smtp_tls_policy_maps=texthash:' + table
        mail.services.append(service)
        with open(table, 'w') as f:
            f.writelines('%s %s\n' % (case.nexthop, case.policy)
                         for case in cases if case.slot == slot and case.policy)
    with open(directory + '/transport', 'w') as f:
        f.writelines('n%d@oracle.invalid slot%d:%s\n' % (case.number, case.slot, case.nexthop)
                     for case in cases)
    mail.start()
    return mail.log, port


def send(port, cases):
    def connected():
        try:
            socket.create_connection(('127.0.0.1', port), 5).close()
            return True
        except OSError:
            return False
    postfix.wait_until('the sending Postfix', connected)
    stream = socket.create_connection(('127.0.0.1', port), 30).makefile('rwb')

    def command(line, want):
        if line:
            stream.write(line.encode() + b'\r\n')
            stream.flush()
        reply = stream.readline()
        while reply[3:4] == b'-':
            reply = stream.readline()
        if not reply.startswith(want):
            raise SystemExit('smtpd refused %r: %r' % (line, reply))
    command('', b'220')
    command('HELO oracle.invalid', b'250')
    for start in range(0, len(cases), BATCH):
        command('MAIL FROM:<>', b'250')
        for case in cases[start:start + BATCH]:
            command('RCPT TO:<n%d@oracle.invalid>' % case.number, b'250')
        command('DATA', b'354')
        command('Subject: x\r\n\r\nx\r\n.', b'250')
    command('QUIT', b'221')


def collect(log, cases):
    """
    Reads the log until every recipient has its delivery line. Lines of the TLS engine name none:
    inside one smtp(8) process, what comes before a delivery line belongs to that delivery.
    """
    pending, waiting, rest, end = {}, len(cases), '', time.monotonic() + DEADLINE
    postfix.wait_until('the log', lambda: os.path.exists(log))
    with open(log, errors='replace') as f:
        while waiting and time.monotonic() < end:
            rest += f.read()
            *lines, rest = rest.split('\n')
            if not lines:
                time.sleep(.02)
            for line in lines:
                match = LOG_LINE.search(line)
                if not match:
                    continue
                pid, text = match.groups()
                delivery = DELIVERY.match(text)
                if not delivery:
                    pending.setdefault(pid, []).append(text)
                    continue
                before = pending.pop(pid, [])
                words = [m.group(1) for m in map(TLS.match, before) if m]
                warnings = [text for text in before if text.startswith('warning: ')]
                number, dsn, status, reason = delivery.groups()
                waiting -= cases[int(number)].result is None
                cases[int(number)].result = (','.join(words) or 'plain', status, dsn, reason,
                                             ' | '.join(warnings))
    if waiting:
        missing = ['%s %s' % (c.nexthop, c.policy) for c in cases if c.result is None]
        raise SystemExit('no delivery after %d s, see %s: %s' % (DEADLINE, log, ', '.join(missing)))


def main():
    cases = read_cases(sys.stdin)
    if not cases:
        return
    directory = os.path.abspath(sys.argv[1])
    log, port = sending_postfix(directory, sys.argv[2], cases, sys.argv[3:])
    send(port, cases)
    collect(log, cases)
    for case in cases:
        print('\t'.join((case.nexthop, case.policy) + case.result).replace('\n', ' '))


if __name__ == '__main__':
    main()
