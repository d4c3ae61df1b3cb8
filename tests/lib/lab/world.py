"""Reads world.txt: which hosts, certificates and zones the lab has."""
import ipaddress
import re

DOMAIN = 'lab.test.'
NAME_SERVER = '127.1.0.53'   # knot
DEAD_SERVER = '127.1.0.99'   # nobody listens
WEB_SERVER = '127.3.0.1'     # MTA-STS
OTHER_WEB_SERVERS = {'silent': ['127.3.0.2'], 'refuse': ['127.3.0.9'], 'nowhere': []}
RESOLVER = '127.0.0.1'       # unbound

WORD = re.compile(r'"[^"]*"|\S+')
RANGE = re.compile(r'{(\d+)\.\.(\d+)}')


class Certificate:
    def __init__(self, name, peer, words):
        self.name = name                        # of its files
        self.issuer = words.get('by', 'self')
        names = words.get('names', peer)
        self.common_name = peer if names == '-' else names.split(',')[0]
        self.alt_names = [] if names == '-' else names.split(',')
        self.dates = words.get('dates', '')
        self.keys = words.get('keys', 'ec').split(',')
        self.alone = 'alone' in words


class Host:
    def __init__(self, name, sockets, server, words):
        self.name, self.server, self.options = name, server, words.get('set', [])
        self.sockets = sockets                  # (address, port)
        self.certificate = None

    @property
    def port(self):
        return self.sockets[0][1]


class Zone:
    def __init__(self, name, kind):
        self.name, self.kind = name, kind
        self.records = []


class World:
    def __init__(self, files):
        self.hosts, self.zones, self.certificates = {}, {}, {}
        self.tlsa = []     # (owner, 'U.S.M[.X]', host)
        self.sts = {}      # domain -> (behaviour, certificate)
        self.addresses = []
        self.records = []
        for path in files:
            with open(path) as f:
                for number, line in enumerate(f, 1):
                    try:
                        for repeated in repeat(line):
                            self.read(repeated)
                    except (AttributeError, TypeError, KeyError, ValueError) as error:
                        raise SystemExit('%s:%d: %r: %s' % (path, number, error, line))
        for owner, *rest in self.records:
            self.zone_of(owner).records.append((owner, *rest))
        for name, zone in self.zones.items():
            if name != '.':
                self.zone_of(name.split('.', 1)[1] or '.').records += self.delegation(zone)

    def read(self, line):
        words = WORD.findall(line)
        if words and not words[0].startswith('#'):
            getattr(self, 'line_' + words[0])(*words[1:])

    def line_zone(self, name, kind):
        name = name.rstrip('.') + '.'
        self.zones[name] = Zone(name, kind)

    def line_host(self, name, where, server, *words):
        words = dictionary(words)
        sockets = []
        for socket in where.split(','):
            address, port = socket.split(':') if socket.count(':') == 1 else (socket, '25')
            sockets.append((address, int(port)))
        host = self.hosts[name] = Host(name, sockets, server, words)
        if 'by' in words:
            host.certificate = self.certificate(name, 'mx-%s.lab.test' % name, words)
        self.mail_domain(name, host, words)

    def line_also(self, name, host, *words):
        self.mail_domain(name, self.hosts[host], dictionary(words))

    def line_sts(self, domain, behaviour, *words):
        words = dictionary(words)
        web = 'mta-sts.' + absolute(domain)
        if words.keys() & {'by', 'names', 'dates'}:
            words.setdefault('by', 'root')
            certificate = self.certificate('sts-' + domain, web[:-1], words)
        else:
            certificate = self.shared_certificate(web[:-1])
        self.sts[absolute(domain)[:-1]] = (behaviour, certificate)
        if 'mx' in words:
            self.record(absolute(domain), 'MX', '10 mx-%s.%s' % (words['mx'], DOMAIN))
        for i in range({'none': 0, 'two': 2}.get(words.get('txt'), 1)):
            self.record('_mta-sts.' + absolute(domain), 'TXT', '"v=STSv1; id=%d;"' % (i + 1))
        for address in OTHER_WEB_SERVERS.get(behaviour, [WEB_SERVER]):
            self.record(web, 'A', address)

    def line_tlsa(self, owner, host, spec):
        self.tlsa.append(('_25._tcp.' + absolute(owner), spec, self.hosts[host]))

    def line_rr(self, owner, kind, *data):
        if kind in ('MX', 'CNAME', 'NS'):
            data = data[:-1] + (absolute(data[-1]),)
        self.record(absolute(owner), kind, ' '.join(data))

    def line_ip6(self, address):
        self.addresses.append(address)

    def mail_domain(self, name, host, words):
        mx = 'mx-%s.%s' % (name, DOMAIN)
        self.record('%s.%s' % (name, DOMAIN), 'MX', '10 ' + mx)
        for address, _ in host.sockets:
            version = ipaddress.ip_address(address).version
            self.record(mx, 'A' if version == 4 else 'AAAA', address)
        for tlsa in words.get('tlsa', []):
            self.tlsa.append(('_%d._tcp.%s' % (host.port, mx), tlsa, host))

    def certificate(self, name, peer, words):
        made = self.certificates[name] = Certificate(name, peer, words)
        return made

    def shared_certificate(self, name):
        """The one of all web servers that do not need their own."""
        if 'sts' not in self.certificates:
            return self.certificate('sts', name, {'by': 'root'})
        self.certificates['sts'].alt_names.append(name)
        return self.certificates['sts']

    def record(self, owner, kind, data):
        self.records.append((owner, kind, data))

    def zone_of(self, owner):
        """The zone a name is in: the longest that it ends in."""
        while owner not in self.zones:
            owner = owner.split('.', 1)[1] or '.'
        return self.zones[owner]

    def delegation(self, zone):
        if zone.kind != 'dead':
            return [(zone.name, 'NS', 'ns.test.')]
        return [(zone.name, 'NS', 'ns.' + zone.name), ('ns.' + zone.name, 'A', DEAD_SERVER)]


def dictionary(words):
    """tlsa= and set= can be said more than once."""
    found = {}
    for word in words:
        name, _, value = word.partition('=')
        if name in ('tlsa', 'set'):
            found.setdefault(name, []).append(value)
        elif name in ('by', 'names', 'dates', 'keys', 'alone', 'txt', 'mx'):
            found[name] = value
        else:
            raise ValueError('unknown word ' + word)
    return found


def repeat(line):
    """{A..B} stands for each number from A to B, in all places of a line the same."""
    found = RANGE.search(line)
    if not found or line.startswith('#'):
        return [line]
    return [RANGE.sub(str(i), line) for i in range(int(found.group(1)), int(found.group(2)) + 1)]


def absolute(name):
    return name if name.endswith('.') else '%s.%s' % (name, DOMAIN)
