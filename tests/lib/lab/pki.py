"""The lab's certificates, by the openssl program; nothing of it outlives the lab.

DIR/NAME.pem is what a server sends (key, certificate, chain), DIR/NAME.crt the certificate alone;
a second key makes NAME-rsa.crt. Three CAs: ca-root and ca-other, and ca-inter below root.
"""
import concurrent.futures
import hashlib
import os
import ssl
import subprocess

KEYS = {'ec': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
        'rsa': ['-newkey', 'rsa:2048']}
REQUEST = '[req]\ndistinguished_name=dn\n[dn]\n'
# openssl(1) of Debian 12 gives certificates other dates than from now on by `ca` only.
DATES = {'expired': ('20190101000000Z', '20200101000000Z'),
         'future': ('20500101000000Z', '20510101000000Z')}
CA = """[ca]
default_ca=d
[d]
database=%(base)s.db
new_certs_dir=%(dir)s
rand_serial=yes
unique_subject=no
default_md=sha256
policy=p
copy_extensions=copy
[p]
organizationName=optional
commonName=optional
"""


def openssl(*words, text=None):
    return subprocess.run(('openssl',) + words, check=True, capture_output=True, input=text).stdout


class Pki:
    def __init__(self, directory):
        self.dir = directory
        os.makedirs(directory)
        self.request = self.path('request.cnf')
        write(self.request, REQUEST)

    def path(self, name):
        return os.path.join(self.dir, name)

    def make(self, certificates):
        self.authority('ca-root', 'Lab Root CA')
        self.authority('ca-other', 'Other Root CA')
        self.authority('ca-inter', 'Lab Intermediate', 'ca-root')
        jobs = [(c, kind) for c in certificates for kind in c.keys]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda job: self.leaf(*job), jobs))
        for c in certificates:
            self.chain(c)

    def authority(self, name, title, issuer=None):
        self.signed(self.path(name), '/O=Lab/CN=' + title, issuer, KEYS['ec'],
                    ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'])
        os.rename(self.path(name + '.crt'), self.path(name + '.pem'))

    def leaf(self, c, kind):
        base = self.path(file_name(c, kind))
        extensions = ['basicConstraints=CA:FALSE']
        if c.alt_names:
            extensions.append('subjectAltName=' + ','.join('DNS:' + n for n in c.alt_names))
        issuer = None if c.issuer == 'self' else 'ca-' + c.issuer
        self.signed(base, '/CN=' + c.common_name, issuer, KEYS[kind], extensions, c.dates)

    def signed(self, base, subject, issuer, key, extensions, dates=''):
        request = ['req', '-config', self.request, '-nodes', '-subj', subject, *key,
                   '-keyout', base + '.key']
        for extension in extensions:
            request += ['-addext', extension]
        ca = (self.path(issuer + '.pem'), self.path(issuer + '.key')) if issuer else ()
        if dates not in DATES:
            by = ['-CA', ca[0], '-CAkey', ca[1]] if ca else []
            openssl(*request, '-x509', *by, '-days', '7' if dates == 'soon' else '30',
                    '-out', base + '.crt')
            return
        openssl(*request, '-new', '-out', base + '.csr')
        write(base + '.cnf', CA % {'base': base, 'dir': self.dir})
        write(base + '.db', '')
        by = ['-cert', ca[0], '-keyfile', ca[1]] if ca else ['-selfsign', '-keyfile', base + '.key']
        openssl('ca', '-batch', '-notext', '-config', base + '.cnf', '-in', base + '.csr', *by,
                '-startdate', DATES[dates][0], '-enddate', DATES[dates][1], '-out', base + '.crt')

    def chain(self, c):
        parts = []
        for kind in c.keys:
            parts += [file_name(c, kind) + '.key', file_name(c, kind) + '.crt']
            if c.issuer == 'inter' and not c.alone:
                parts.append('ca-inter.pem')
        write(self.path(c.name + '.pem'), ''.join(read(self.path(part)) for part in parts))

    def der(self, name):
        """The certificate of a leaf or of an authority."""
        path = self.path(name + ('.pem' if name.startswith('ca-') else '.crt'))
        return ssl.PEM_cert_to_DER_cert(read(path))

    def tlsa(self, spec, certificate):
        """`U.S.M` or `U.S.M.X` (see world.txt) as TLSA rdata."""
        usage, selector, matching, *of = spec.split('.')
        of = of[0] if of else ''
        if of not in ('', 'bad', 'short', 'junk'):
            source = of
        elif usage in '02' and certificate.issuer != 'self':
            source = 'ca-' + certificate.issuer
        else:
            source = certificate.name
        data = self.association(selector, matching, source)
        if of == 'bad':
            data = bytes(byte ^ 0xff for byte in data)
        elif of == 'short':
            data = data[:-1]
        elif of == 'junk':
            data = b'neither certificate nor key'
        return '%s %s %s %s' % (usage, selector, matching, data.hex())

    def association(self, selector, matching, name):
        der = self.der(name)
        data = public_key(der) if selector == '1' else der
        digest = {'0': None, '2': 'sha512'}.get(matching, 'sha256')
        return hashlib.new(digest, data).digest() if digest else data

    def placeholders(self, certificates):
        """What stands for fingerprints and files in the policies of tests, and its value."""
        for name in (file_name(c, kind) for c in certificates for kind in c.keys):
            for word, selector in (('key', '1'), ('cert', '0')):
                digest = self.association(selector, '1', name).hex(':')
                yield '{%s:%s}' % (word, name), digest
        for name in ('root', 'inter', 'other'):
            yield '{ca:%s}' % name, self.path('ca-%s.pem' % name)


def file_name(c, kind):
    return c.name if kind == c.keys[0] else '%s-%s' % (c.name, kind)


def public_key(der):
    """The SubjectPublicKeyInfo: in TBSCertificate, after version, serial, signature, issuer,
    validity and subject."""
    start, _ = element(der, 0)          # into Certificate
    position, _ = element(der, start)   # into TBSCertificate
    for _ in range(6):
        position = element(der, position)[1]
    return der[position:element(der, position)[1]]


def element(der, position):
    """Where the contents of the element at position start, and where it ends."""
    length, start = der[position + 1], position + 2
    if length & 0x80:
        octets = length & 0x7f
        length, start = int.from_bytes(der[start:start + octets], 'big'), start + octets
    return start, start + length


def read(path):
    with open(path) as f:
        return f.read()


def write(path, text):
    with open(path, 'w') as f:
        f.write(text)
