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
        'default_transport': 'discard:', 'relay_transport': 'discard:', 'default_process_limit': '8',
        'smtpd_client_connection_count_limit': '0', 'smtpd_client_connection_rate_limit': '0',
        'smtpd_tls_session_cache_database': '', 'smtpd_tls_dh1024_param_file': 'auto',
        'in_flow_delay': '0', 'smtpd_banner': '$myhostname ESMTP'})
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
            s.sendto(query, (address, 53))
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


def background(*command, log):
    with open(log, 'ab') as out:
        return subprocess.Popen(command, cwd=os.path.dirname(log), stdin=subprocess.DEVNULL,
                                stdout=out, stderr=out)


def start(directory, tables):
    """Starts everything; returns the servers, none of which may end."""
    lab = world.World(tables)
    loopback(lab.addresses + zones.resolver_addresses())
    certificates = pki.Pki(directory + '/pki')
    certificates.make(lab.certificates.values())
    with open(directory + '/fill.sed', 'w') as f:
        f.writelines('s|%s|%s|g\n' % pair for pair in certificates.placeholders(lab.certificates))
    for owner, spec, host in lab.tlsa:
        rdata = certificates.tlsa(spec, host.certificate)
        lab.zone_of(owner).records.append((owner, 'TLSA', rdata))
    dns = zones.Dns(directory + '/dns', lab.zones)
    dns.make(lab.zone_of)
    log = directory + '/dns/servers.log'
    servers = [background('knotd', '-c', dns.path('knot.conf'), log=log),
               background('unbound', '-d', '-c', dns.path('unbound.conf'), log=log)]
    os.makedirs(directory + '/mx')
    real = [h for h in lab.hosts.values() if h.server == 'postfix']
    toys = [h for h in lab.hosts.values() if h.server not in ('postfix', 'none')]
    servers.append(receiving_postfix(directory + '/mx', real, certificates))
    with open(directory + '/toys.txt', 'w') as f:
        for host in toys:
            pem = certificates.path(host.name + '.pem') if host.certificate else '-'
            for address, port in host.sockets:
                f.write('%s %s %d %s %s\n' % (host.server, address, port, pem, host.name))
    servers.append(background(sys.executable, '-B', HERE + '/smtp_hosts.py', directory + '/toys.txt',
                              directory + '/pki', log=directory + '/toys.log'))
    postfix.wait_until('knot', lambda: answers(world.NAME_SERVER, 'test'))
    postfix.wait_until('unbound', lambda: answers(world.RESOLVER, 'lab.test'))
    for host in real[:1] + toys[:1]:
        postfix.wait_until(host.server, lambda: listens(host.sockets[0]))
    return servers


def main():
    directory, tables = os.path.abspath(sys.argv[1]), sys.argv[2:]
    began = time.monotonic()
    servers = start(directory, tables)
    for server in servers:
        if server.poll() is not None:
            raise SystemExit('%s ended' % ' '.join(server.args))
    print('up in %.1f s' % (time.monotonic() - began), flush=True)
    with open(directory + '/ready.new', 'w') as f:
        f.write(os.readlink('/proc/self') + '\n')
    os.rename(directory + '/ready.new', directory + '/ready')
    while os.read(0, 4096):
        pass


if __name__ == '__main__':
    main()
