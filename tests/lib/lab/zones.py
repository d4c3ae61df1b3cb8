"""The lab's DNS: zones signed beforehand (ldns), knot as their only server, unbound as resolver."""
import os
import socket
import subprocess

import world

KNOT = """server:
  rundir: "%(dir)s"
  user: root:root
  listen: %(address)s@53
log:
  - target: "%(dir)s/knot.log"
    any: info
database:
  storage: "%(dir)s/knot"
template:
  - id: default
    storage: "%(dir)s"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
"""
# A server that does not answer is given up after 2 s (101 s by default), and nothing is remembered
# for longer than a test that changes it would wait. test. is a built-in local zone.
UNBOUND = """remote-control:
  control-enable: no
server:
  directory: "%(dir)s"
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  logfile: "%(dir)s/unbound.log"
  num-threads: 1
  root-hints: "%(dir)s/root.hints"
  trust-anchor-file: "%(dir)s/root.ds"
  do-not-query-localhost: no
  do-ip6: no
  module-config: "validator iterator"
  local-zone: "test." nodefault
  access-control: 0.0.0.0/0 allow
  access-control: ::0/0 allow
  outgoing-range: 512
  num-queries-per-thread: 1024
  cache-max-ttl: 5
  cache-max-negative-ttl: 5
  infra-cache-max-rtt: 1000
  outbound-msg-retry: 2
  unknown-server-time-limit: 300
  infra-host-ttl: 5
"""


SIGNED = ('signed', 'expired', 'bogus')
OLD = ['-i', '20190101', '-e', '20200101']


class Dns:
    def __init__(self, directory, zones):
        self.dir, self.zones = directory, zones
        os.makedirs(directory)

    def path(self, name):
        return os.path.join(self.dir, name)

    def make(self, find_zone):
        """Writes all files. find_zone(name) is the zone that a name is in."""
        signed = [z for z in self.zones.values() if z.kind in SIGNED]
        keys = dict(zip(signed, self.run(self.keygen(z) for z in signed)))
        # The parent of a bogus zone has the DS of a key that signs nothing.
        wrong = [z for z in signed if z.kind == 'bogus']
        others = dict(zip(wrong, self.run(self.keygen(z) for z in wrong)))
        for zone in signed:
            with open(self.path(others.get(zone, keys[zone]) + '.ds')) as f:
                ds = f.read().split(maxsplit=3)[3].strip()
            if zone.name == '.':
                self.write('root.ds', '. DS %s\n' % ds)
            else:
                find_zone(parent(zone.name)).records.append((zone.name, 'DS', ds))
        for zone in self.zones.values():
            if zone.kind not in ('missing', 'dead'):
                self.write_zone(zone)
        self.run(self.signzone(z, keys[z]) for z in signed)
        self.write('root.hints', '. 9999 NS ns.test.\nns.test. 9999 A %s\n' % world.NAME_SERVER)
        self.write_servers()

    def keygen(self, zone):
        return ['ldns-keygen', '-r', '/dev/urandom', '-k', '-a', 'ECDSAP256SHA256', zone.name]

    def signzone(self, zone, key):
        dates = OLD if zone.kind == 'expired' else []
        return ['ldns-signzone', *dates, '-o', zone.name, '-f', file_name(zone) + '.zone',
                file_name(zone) + '.plain', key]

    def run(self, commands):
        """All of them at once; what each of them printed."""
        running = [subprocess.Popen(c, cwd=self.dir, stdout=subprocess.PIPE, text=True)
                   for c in commands]
        printed = [process.communicate()[0].strip() for process in running]
        for process in running:
            if process.returncode:
                raise SystemExit('%s failed' % ' '.join(process.args))
        return printed

    def write_zone(self, zone):
        soa = 'SOA ns.test. hostmaster.test. 1 900 900 9000 5'
        lines = ['$ORIGIN .', '$TTL 300', '%s %s' % (zone.name, soa), '%s NS ns.test.' % zone.name]
        if zone.name == 'test.':
            lines.append('ns.test. A ' + world.NAME_SERVER)
        lines += [' '.join(record) for record in zone.records]
        kind = 'plain' if zone.kind in SIGNED else 'zone'
        self.write('%s.%s' % (file_name(zone), kind), '\n'.join(lines) + '\n')

    def write_servers(self):
        names = {'dir': self.dir, 'address': world.NAME_SERVER}
        served = ''.join('  - domain: "%s"\n    file: "%s.zone"\n' % (z.name, file_name(z))
                         for z in self.zones.values() if z.kind != 'dead')
        self.write('knot.conf', KNOT % names + served)
        listen = ''.join('  interface: %s\n' % a for a in resolver_addresses() if is_local(a))
        self.write('unbound.conf', UNBOUND % names + listen)

    def write(self, name, text):
        with open(self.path(name), 'w') as f:
            f.write(text)


def file_name(zone):
    return 'root' if zone.name == '.' else zone.name[:-1]


def parent(name):
    return name.split('.', 1)[1] or '.'


def is_local(address):
    """Whether a server can have this address."""
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.bind((address, 0))
        return True
    except OSError:
        return False


def resolver_addresses():
    """unbound has the addresses that resolv.conf names, so that the file serves inside, too."""
    found = [world.RESOLVER]
    try:
        with open('/etc/resolv.conf') as f:
            for line in f:
                words = line.split()
                if len(words) > 1 and words[0] == 'nameserver' and '%' not in words[1]:
                    found.append(words[1])
    except OSError:
        pass
    return list(dict.fromkeys(found))
