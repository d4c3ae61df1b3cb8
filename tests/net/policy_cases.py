#!/usr/bin/env python3
"""Policies for policy_differential.t: made, written as a file for tlspol, compared.

usage: policy_cases.py make DIGESTS DIR SEED COUNT   < policy_cases.txt > CASES
       policy_cases.py yaml                          < CASES > policies.yaml
       policy_cases.py compare JUDGED FINDINGS

CASES has lines NEXTHOP<TAB>POLICY: the hand-picked ones (NEXTHOP hand…) and COUNT made at random
(NEXTHOP random…), the same for the same SEED. JUDGED is what postfix_judge.py says of them,
FINDINGS what `tlspol check --format json` does. compare prints a line for each disagreement:
"hand|random fine|error NEXTHOP verdict", where the second word is what tlspol said, and at last
"hand N random N" with the number of policies compared.
"""
import json
import random
import re
import sys

ACCEPTED = {'used', 'not-verified'}
REFUSED = {'invalid', 'tls-start-failure', 'unusable-fingerprint', 'unusable-names'}


# -- policies made at random --------------------------------------------------------------------

LEVELS = ['none', 'may', 'encrypt', 'dane', 'dane-only', 'fingerprint', 'verify', 'secure']
BAD_LEVELS = ['half-dane', 'must', 'encrypt;', '"secure"', '{may}', 'danẹ', 'secure:', 'yes']
NAMES = ['sink.judge.test', '.judge.test', 'nexthop', 'hostname', 'dot-nexthop', 'Hostname',
         'mx.example.org', '*.judge.test', '.', '', '..judge.test', 'sink.judge.test.', '*',
         'bücher.example', '192.0.2.1', '[192.0.2.1]', 'a|b', '"x"', 'a;b', '/CN=x/', 'x=y', '}']
FINGERPRINTS = ['@cert-sha256/c@', '@cert-sha256@', '@key-sha256/u@', '@key-sha256/cu@',
                '@bad-sha256@', '@bad-sha256/c@', '@cert-sha1@', '@cert-md5/c@', '@cert-sha512@',
                'zz', '3A', '3A:', ':3A', '3A3', '3A::3B', 'hostname', 'sha256:@cert-sha256@', '']
PROTOCOLS = ['TLSv1.2', 'TLSv1.3', '!TLSv1', '!TLSv1.1', '!SSLv2', '!SSLv3', '>=TLSv1.2',
             '<=TLSv1.3', '>=TLSv1', 'tlsv1.2', '>=0303', '<=0x0304', '', '!TLSv1.3', '<=TLSv1.2',
             'TLSv1', 'TLSv1.1', 'SSLv3', '>=TLSv1.3']
BAD_PROTOCOLS = ['TLS1.2', '>TLSv1.2', '=TLSv1.2', 'all', 'TLSv1_3', '!', '!!SSLv3', '>=1.2',
                 'TLSv1.2;TLSv1.3', 'TLSv1.2|TLSv1.3', '>=TLSv1.4', '<TLSv1.3', 'ﬀ']
CIPHERS = ['aNULL', 'MD5', 'RC4', '3DES', 'kRSA', 'aECDSA', 'NOSUCH', 'AES128-SHA', 'eNULL', '',
           'TLS_AES_256_GCM_SHA384', 'DES', 'SSLv2', 'EXPORT', 'LOW']
BAD_CIPHERS = ['ALL', '!aNULL', '+HIGH', '-MD5', '@STRENGTH']
GRADES = ['high', 'medium', 'HIGH', 'Medium', 'low', 'export']
BAD_GRADES = ['null', 'strong', 'DEFAULT', 'high:medium', '', 'HIGH:!aNULL', 'hıgh']
SERVERNAMES = ['hostname', 'nexthop', 'sink.judge.test', 'HOSTNAME', 'a_b.test', 'localhost']
BAD_SERVERNAMES = ['', '192.0.2.1', '*.judge.test', '.judge.test', 'judge.test.', 'a..b',
                   'bücher.example', '-a.test', 'a-.test', '1234', '[192.0.2.1]', 'x' * 64]
TAFILES = ['@DIR@/ca.pem', '@DIR@/ec.pem']
BAD_TAFILES = ['/nonexistent', '@DIR@/ec.key', '@DIR@', '/dev/null', '']
NEWER = ['enable_rpk=yes', 'policy_type=sts', 'policy_ttl=5', 'mx_host_pattern=*.judge.test']
JUNK = ['junk', '=x', 'match', 'tls=yes', 'Cipher=high', '#', '{', '}', '{ match = x }',
        '{ciphers=high}', 'match=a{b', 'exclude_ciphers=MD5', ';', 'note=x', 'mach=x', '“x”=y']


DANE = re.compile(r'\W*dane\b(?!-)', re.IGNORECASE)


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, good, bad=(), odds=0.12):
        return self.random.choice(bad if bad and self.random.random() < odds else good)

    def some(self, separator, good, bad=(), odds=0.08, most=3):
        count = self.random.randint(1, most)
        return separator.join(self.pick(good, bad, odds) for _ in range(count))

    def value(self, name, level):
        if name == 'match':
            if level == 'fingerprint':
                return self.some(self.pick('|', ':'), FINGERPRINTS, most=2)
            return self.some(self.pick(':', '|'), NAMES)
        return {
            'protocols': lambda: self.some(self.pick(':', ';'), PROTOCOLS, BAD_PROTOCOLS),
            'exclude': lambda: self.some(':', CIPHERS, BAD_CIPHERS),
            'ciphers': lambda: self.pick(GRADES, BAD_GRADES),
            'servername': lambda: self.pick(SERVERNAMES, BAD_SERVERNAMES, 0.3),
            'connection_reuse': lambda: self.pick(['yes', 'no', 'YES'], ['true', '1', '', 'maybe']),
            'tafile': lambda: self.pick(TAFILES, BAD_TAFILES, 0.3),
        }[name]()

    def attribute(self, level):
        if self.random.random() < 0.06:
            return self.pick(JUNK + NEWER)
        names = ['protocols', 'exclude', 'ciphers', 'servername', 'connection_reuse']
        if level in ('fingerprint', 'verify', 'secure') or self.random.random() < 0.05:
            names += ['match', 'match', 'match']
        if level in ('verify', 'secure') or self.random.random() < 0.03:
            names += ['tafile']
        name = self.pick(names)
        spelt = self.pick([name], [name.upper(), name.title()])
        return spelt + self.pick(['='], [' = ', '= ', '==', ':'], 0.03) + self.value(name, level)

    def policy(self):
        level = self.pick(LEVELS)
        words = [self.pick([level], BAD_LEVELS, 0.04)]
        if level == 'fingerprint' and self.random.random() < 0.8:
            words.append('match=' + self.value('match', level))
        words += [self.attribute(level) for _ in range(self.pick([0, 1, 1, 2, 2, 3, 4]))]
        if self.random.random() < 0.1:
            words[0] = self.pick([words[0].upper(), words[0].title()])
        separator = self.pick([' '], [',', '\\t', '  ', ' , ', '\\n', ';', '\\x0b', '|'])
        return self.pick([''], ['\\x20', ','], 0.02) + separator.join(words)


def digest_reader(path):
    with open(path) as f:
        digests = dict(line.rstrip('\n').split('\t') for line in f)
    digests = {name[3:]: value for name, value in digests.items() if name.startswith('ec-')}
    digests['bad-sha256'] = '00' * 32

    def put(m):
        value, style = digests[m.group(1)], m.group(2) or ''
        if 'c' in style:
            value = ':'.join(re.findall('..', value))
        return value.upper() if 'u' in style else value
    return lambda text: re.sub(r'@([a-z]+-[a-z0-9]+)(/[cu]+)?@', put, text)


def make(digests, directory, seed, count):
    fill = digest_reader(digests)
    hand = [line.rstrip('\n') for line in sys.stdin if not line.startswith('# ')]
    maker = Maker(int(seed))
    made = [maker.policy() for _ in range(int(count))]
    for kind, policies in (('hand', hand), ('random', made)):
        for number, policy in enumerate(policies):
            policy = fill(policy).replace('@DIR@', directory)
            # A dane policy is used as long as either dane or its fallback can be; see the judge.
            zone = 'plain.judge.test' if DANE.match(policy) else 'judge.test'
            print('%s%d.%s\t%s' % (kind, number, zone, policy))


# -- for tlspol, and back -----------------------------------------------------------------------

def yaml():
    """JSON strings are YAML strings."""
    print('policies:')
    for line in sys.stdin:
        key, policy = line.rstrip('\n').split('\t', 1)
        policy = policy.encode().decode('unicode_escape').encode('latin-1').decode()
        print('  %s: %s' % (key, json.dumps(policy)))


def compare(judged, findings):
    with open(findings) as f:
        found = [row for row in json.load(f) if row['severity'] == 'error']
    errors = {row['domain'] for row in found}
    lines = {row['line'] for row in found if not row['domain']}  # what the reader refused
    counts = {'hand': 0, 'random': 0}
    with open(judged, errors='replace') as f:
        for number, line in enumerate(f, 2):  # below "policies:"
            key, verdict = line.split('\t')[:2]
            if number in lines:
                errors.add(key)
            kind = 'hand' if key.startswith('hand') else 'random'
            counts[kind] += 1
            if verdict not in (REFUSED if key in errors else ACCEPTED):
                print(kind, 'error' if key in errors else 'fine', key, verdict)
    print('hand %(hand)d random %(random)d' % counts)


if __name__ == '__main__':
    {'make': make, 'yaml': yaml, 'compare': compare}[sys.argv[1]](*sys.argv[2:])
