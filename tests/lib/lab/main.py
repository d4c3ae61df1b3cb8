"""Process 1 of the lab: makes all of it, waits for the end of its input, and is gone.

usage: main.py DIR TABLE...       (in network and pid namespaces of its own; see lab.sh)

With process 1 the kernel ends every process of the lab. DIR/ready, with the pid as seen from
outside, is there when all servers answer.
"""
import os
import socket
import struct
import subprocess
import sys
import time

import pki
import postfix
import world
import zones

BEGAN = time.monotonic()
HERE = os.path.dirname(os.path.abspath(__file__))


def loopback(addresses):
    """Brings lo up; the resolvers that resolv.conf names and the IPv6 hosts live on it, too."""
    commands = ['link set lo up']
    for address in addresses:
        if not address.startswith('127.'):
            more = '/128 dev lo nodad' if ':' in address else '/32 dev lo'
            commands.append('addr add %s%s' % (address, more))
    subprocess.run(['ip', '-force', '-batch', '-'], input='\n'.join(commands) + '\n', text=True,
                   stderr=subprocess.DEVNULL, check=False)


def receiving_postfix(directory, hosts, certificates):
    mail = postfix.Postfix(directory)
    mail.settings.update({
        'smtpd_tls_security_level': 'may', 'smtpd_tls_loglevel': '1', 'relay_domains': 'static:all',
        'default_transport': 'discard:', 'relay_transport': 'discard:',
        'default_process_limit': '8', 'smtpd_client_connection_count_limit': '0',
        'smtpd_client_connection_rate_limit': '0', 'smtpd_tls_session_cache_database': '',
        'smtpd_tls_dh1024_param_file': 'auto', 'in_flow_delay': '0',
        'smtpd_banner': '$myhostname ESMTP'})
    for host in hosts:
        options = ['myhostname=mx-%s.lab.test' % host.name] + host.options
        if host.certificate:
            options.append('smtpd_tls_chain_files=' + certificates.path(host.name + '.pem'))
        for address, port in host.sockets:
            name = '[%s]:%d' % (address, port) if ':' in address else '%s:%d' % (address, port)
            mail.services.append('%s inet n - n - - smtpd %s' % (name, ' '.join(
                '-o ' + option for option in options)))
    return mail.start()


def answers(address, name):
    """Whether a name server has an answer without error for the SOA of a name."""
    labels = b''.join(bytes([len(label)]) + label.encode() for label in name.split('.') if label)
    query = struct.pack('!6H', 7, 0x100, 1, 0, 0, 0) + labels + struct.pack('!xHH', 6, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(.5)
        try:
            s.connect((address, 53))  # so that a port nobody has is refused at once
            s.send(query)
            reply = s.recv(4096)
            return reply[3] & 15 == 0 and reply[6:8] != b'\0\0'
        except OSError:
            return False


def listens(where):
    try:
        socket.create_connection(where, 1).close()
        return True
    except OSError:
        return False


class Lab:
    def __init__(self, directory, tables):
        self.dir, self.world = directory, world.World(tables)
        self.pki = pki.Pki(directory + '/pki')
        self.servers = []

    def start(self):
        loopback(self.world.addresses + zones.resolver_addresses())
        for host in self.world.hosts.values():
            # Hosts with IPv6 only are silently not there on a machine without.
            host.sockets = [s for s in host.sockets if zones.is_local(s[0])]
        self.pki.make(self.world.certificates.values())
        self.note('certificates')
        self.start_mail()
        self.start_web()
        self.start_dns()
        self.note('zones')
        postfix.wait_until('knot', lambda: answers(world.NAME_SERVER, 'test'))
        postfix.wait_until('unbound', lambda: answers(world.RESOLVER, 'lab.test'))
        for place in self.first_sockets():
            postfix.wait_until('%s port %d' % place, lambda: listens(place))
        for server in self.servers:
            if server.poll() is not None:
                raise SystemExit('%s ended' % ' '.join(server.args))
        self.note('servers')

    def note(self, what):
        print('%s after %.1f s' % (what, time.monotonic() - BEGAN), flush=True)

    def start_dns(self):
        with open(self.dir + '/fill.sed', 'w') as f:
            f.writelines('s|%s|%s|g\n' % pair
                         for pair in self.pki.placeholders(self.world.certificates.values()))
        for owner, spec, host in self.world.tlsa:
            rdata = self.pki.tlsa(spec, host.certificate)
            self.world.zone_of(owner).records.append((owner, 'TLSA', rdata))
        dns = zones.Dns(self.dir + '/dns', self.world.zones)
        dns.make(self.world.zone_of)
        self.background('dns', 'knotd', '-c', dns.path('knot.conf'))
        self.background('dns', 'unbound', '-d', '-c', dns.path('unbound.conf'))

    def hosts(self, real):
        return [h for h in self.world.hosts.values()
                if h.sockets and h.server != 'none' and (h.server == 'postfix') == real]

    def first_sockets(self):
        web = [(world.WEB_SERVER, 443)] if self.world.sts else []
        return [h[0].sockets[0] for h in (self.hosts(True), self.hosts(False)) if h] + web

    def start_mail(self):
        self.servers.append(receiving_postfix(self.dir + '/mx', self.hosts(True), self.pki))
        with open(self.dir + '/toys.txt', 'w') as f:
            for host in self.hosts(False):
                pem = self.pki.path(host.name + '.pem') if host.certificate else '-'
                for address, port in host.sockets:
                    f.write('%s %s %d %s %s\n' % (host.server, address, port, pem, host.name))
        self.python('toys', '/smtp_hosts.py', self.dir + '/toys.txt', self.pki.dir)

    def start_web(self):
        if not self.world.sts:
            return
        with open(self.dir + '/web.txt', 'w') as f:
            for domain, (behaviour, certificate) in self.world.sts.items():
                if behaviour not in world.OTHER_WEB_SERVERS:
                    pem = self.pki.path(certificate.name + '.pem')
                    f.write('%s %s %s\n' % (domain, behaviour, pem))
        self.python('web', '/https_hosts.py', self.dir + '/web.txt')

    def python(self, log, program, *words):
        self.background(log, sys.executable, '-B', HERE + program, *words)

    def background(self, log, *command):
        with open('%s/%s.log' % (self.dir, log), 'ab') as out:
            self.servers.append(subprocess.Popen(command, cwd=self.dir, stdin=subprocess.DEVNULL,
                                                 stdout=out, stderr=out))


def main():
    directory, tables = os.path.abspath(sys.argv[1]), sys.argv[2:]
    Lab(directory, tables).start()
    with open(directory + '/ready.new', 'w') as f:
        f.write(os.readlink('/proc/self') + '\n')
    os.rename(directory + '/ready.new', directory + '/ready')
    while os.read(0, 4096):
        pass


if __name__ == '__main__':
    main()
