"""
tlspol verify against a real Postfix, cell by cell.

    verify_matrix.py cases WORLD FILL          prints NEXTHOP<TAB>POLICY for all domains of the lab
    verify_matrix.py finger CA <CASES          asks posttls-finger, and prints what the oracle prints
    verify_matrix.py compare SENT DIR COMMAND...
                        SENT: what tests/lib/lab/oracle.py printed; COMMAND is `tlspol verify`
                        without its policies. Prints the cells in which the two differ, and writes
                        them to DIR/again as NEXTHOP<TAB>POLICY.

What counts as equal: sent with TLS = deliver, sent without = plaintext, deferred = defer,
bounced = bounce. At level may Postfix defers mail once when the handshake fails, and sends it in
the clear later: plaintext with `delayed` is that. The word for the certificate, Verified, Trusted
or Untrusted, has to be the same, too, for each connection.
"""
import concurrent.futures
import json
import re
import subprocess
import sys

LEVELS = ['none', 'may', 'encrypt', 'dane', 'dane-only', 'fingerprint match={key:%(key)s}', 'verify',
          'secure', 'secure match=%(mx)s']


def domains(world):
    """NAME -> its MX, of every line that makes a domain."""
    found = {}
    for line in open(world):
        words = line.split()
        if not words or words[0] not in ('host', 'also', 'rr'):
            continue
        name = words[1]
        if words[0] != 'rr':
            found[name + '.lab.test'] = 'mx-%s.lab.test' % name
        elif words[2] in ('MX', 'A', 'CNAME') and not name.startswith(('mx', '_', '*')):
            full = name[:-1] if name.endswith('.') else name + '.lab.test'
            target = words[-1] if words[2] == 'MX' and words[-1] != '.' else full + '.'
            found.setdefault(full, target[:-1] if target.endswith('.') else target + '.lab.test')
    for name in ('dead.test', 'servf.test', 'nope.lab.test'):
        found.setdefault(name, name)
    return found


def cases(world, fill):
    keys = set(re.findall(r'\{key:([^}]*)\}', open(fill).read()))
    for name, mx in domains(world).items():
        key = next((k for k in (name.split('.')[0], mx[3:].split('.')[0]) if k in keys), 'valid')
        for policy in LEVELS:
            print(name + '\t' + policy % {'key': key, 'mx': mx})


# posttls-finger looks at the certificate as Postfix does, and has its own ideas of everything else: at
# dane without usable records it falls back to secure, and it ends with 0 whatever comes.
FINGER = ('posttls-finger', '-c', '-t', '4', '-T', '4', '-d', 'sha256', '-L', 'summary,certmatch')


def finger_one(ca, line):
    nexthop, policy = line.rstrip('\n').split('\t')
    level, *attributes = policy.split()
    match = [name for a in attributes for name in a.split('=', 1)[1].split('|')]
    said = subprocess.run(FINGER + ('-F', ca, '-l', level, nexthop, *match), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    words = re.findall(r'(Untrusted|Trusted|Verified) TLS connection established', said)
    status = 'sent' if words == ['Verified'] else 'deferred'
    return '\t'.join([nexthop, policy, ','.join(words) or 'plain', status, '-', said.replace('\n', ' | ')])


def finger(ca):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for line in pool.map(lambda line: finger_one(ca, line), sys.stdin):
            print(line)


WANT = {'deferred': 'defer', 'bounced': 'bounce'}


def connections(hosts):
    """Those that Postfix would make: none behind the one that takes the mail."""
    for host in hosts:
        if host['tried']:
            yield host
        if host['outcome'] in ('deliver', 'plaintext'):
            return


def differs(sent, got):
    """None, or how the two differ. sent: TLS, status; got: a record of verify."""
    tls, status = sent
    want = WANT.get(status) or ('plaintext' if tls == 'plain' else 'deliver')
    have = got['outcome']
    if have == 'plaintext' and got['delayed']:
        have = 'defer'
    words = ','.join(h['trust'] for h in connections(got['hosts']) if h['trust']) or 'plain'
    if have != want:
        return '%s, not %s' % (got['outcome'], want)
    return None if words == tls else 'the certificates are %s, not %s' % (words, tls)


def compare(sent, directory, command):
    slots = []
    for line in open(sent):
        nexthop, policy, *result = line.rstrip('\n').split('\t')
        slot = next((s for s in slots if nexthop not in s), None)
        if slot is None:
            slots.append(slot := {})
        slot[nexthop] = (policy, result)
    runs = []
    for number, slot in enumerate(slots):
        path = '%s/slot%d.map' % (directory, number)
        rows = [(n, policy) for n, (policy, _) in slot.items() if policy]
        with open(path, 'w') as f:
            f.writelines('%s %s\n' % row for row in rows or [('unused.invalid', 'none')])
        # What has no row is named, so that it is looked at without one.
        bare = [n for n, (policy, _) in slot.items() if not policy]
        for names in [bare, []] if bare and rows else [bare]:
            runs.append((slot, subprocess.Popen(
                command + ['--from', path, '--input-format', 'map', '--format', 'json', '--quiet']
                + names, stdout=subprocess.PIPE, text=True)))
    got = {}
    for slot, run in runs:
        for row in json.loads(run.communicate()[0] or '[]'):
            got[id(slot), row['destination']] = row
    cells = 0
    again = open('%s/again' % directory, 'w')
    for slot in slots:
        for nexthop, (policy, result) in slot.items():
            row = got.get((id(slot), nexthop))
            wrong = differs(result[:2], row) if row else 'nothing is said'
            cells += 1
            if wrong:
                again.write('%s\t%s\n' % (nexthop, policy))
                print('%s %s: %s\n    Postfix: %s\n    verify:  %s' % (
                    nexthop, policy, wrong, ' '.join(result[:4]), row['reason'] if row else ''))
    print('%d cells' % cells, file=sys.stderr)


if __name__ == '__main__':
    if sys.argv[1] == 'cases':
        cases(*sys.argv[2:])
    elif sys.argv[1] == 'finger':
        finger(sys.argv[2])
    else:
        compare(sys.argv[2], sys.argv[3], sys.argv[4:])
