"""SMTP servers that do what Postfix will not do, all in one process.

usage: smtp_hosts.py LIST PKI-DIRECTORY       a line of LIST: BEHAVIOUR ADDRESS PORT PEM NAME

Each behaviour is a function below, named as world.txt names it; its docstring says what it does.
"""
import asyncio
import os
import socket
import ssl
import sys
import warnings

warnings.simplefilter('ignore', DeprecationWarning)  # TLS 1.0 is offered on purpose
HOURS = 4 * 3600
BEHAVIOURS = {}


def behaviour(function):
    BEHAVIOURS[function.__name__] = function
    return function


class Session:
    """One connection. The defaults of say_* are a well-behaved server's."""

    def __init__(self, reader, writer, host):
        self.reader, self.writer, self.host = reader, writer, host
        self.secure = False

    async def say(self, *lines):
        await self.raw(b''.join(line.encode() + b'\r\n' for line in lines))

    async def raw(self, data):
        if self.host.delay:
            await asyncio.sleep(self.host.delay)
        self.writer.write(data)
        await self.writer.drain()

    async def drip(self, data, seconds=1.0):
        for byte in data:
            await self.raw(bytes([byte]))
            await asyncio.sleep(seconds)

    async def line(self):
        """The next command, upper case; the end of the connection ends the session."""
        line = await self.reader.readline()
        if not line:
            raise ConnectionResetError
        return line.strip().upper().decode(errors='replace')

    async def hang(self):
        """Says nothing more, for as long as the client stays."""
        while await self.reader.read(65536):
            pass

    async def greet(self):
        await self.say('220 %s ESMTP' % self.host.name)

    async def ehlo(self):
        """Answers until STARTTLS has been asked for."""
        while True:
            line = await self.line()
            if line == 'STARTTLS':
                return
            await self.answer(line)

    async def answer(self, line):
        verb = line[:4]
        if verb == 'EHLO':
            offer = [] if self.secure else ['250-STARTTLS']
            await self.say('250-%s' % self.host.name, *offer, '250 8BITMIME')
        elif verb == 'DATA':
            await self.say('354 go on')
            while await self.line() != '.':
                pass
            await self.say('250 2.0.0 Ok: taken')
        elif verb == 'QUIT':
            await self.say('221 2.0.0 bye')
            raise ConnectionResetError
        else:
            await self.say('250 2.0.0 Ok')

    async def start_tls(self):
        await self.writer.start_tls(self.host.context)
        self.secure = True

    async def rest(self):
        """The well-behaved rest of a session."""
        while True:
            line = await self.line()
            if line == 'STARTTLS' and not self.secure and self.host.context:
                await self.say('220 2.0.0 go')
                await self.start_tls()
            else:
                await self.answer(line)

    async def to_tls(self):
        """Up to the STARTTLS command, which is not answered yet."""
        await self.greet()
        await self.ehlo()


# -- greeting -------------------------------------------------------------------------------------

@behaviour
async def tarpit(s):
    """Accepts and says nothing."""
    await s.hang()


@behaviour
async def greet421(s):
    await s.say('421 4.3.2 busy')


@behaviour
async def greet554(s):
    await s.say('554 go away')


@behaviour
async def garbage(s):
    """Binary bytes and another protocol's answer."""
    await s.raw(b'\x00\xff\xfe\x80HTTP/1.1 400 Bad Request\r\n')
    await s.hang()


@behaviour
async def huge(s):
    """A greeting of 100 MB."""
    block = b'220-' + b'x' * 94 + b'\r\n'
    for _ in range(1000):
        await s.raw(block * 1000)
    await s.say('220 at last')


@behaviour
async def longline(s):
    """A greeting of one line that does not end."""
    await s.raw(b'220 ')
    for _ in range(1000):
        await s.raw(b'x' * 100000)


@behaviour
async def drip(s):
    """A byte of the greeting each second."""
    await s.drip(b'220-' + b'x' * HOURS)


@behaviour
async def greetmulti(s):
    """A greeting of several lines, a multi-line reply to STARTTLS; fine."""
    await s.say('220-one', '220-two', '220 three')
    await s.ehlo()
    await s.say('220-one', '220 two')
    await s.start_tls()
    await s.rest()


@behaviour
async def closeconn(s):
    """Closes at once."""


@behaviour
async def closegreet(s):
    """Closes in the middle of the greeting."""
    await s.raw(b'220 mx-clo')


# -- EHLO -----------------------------------------------------------------------------------------

@behaviour
async def ehlofail(s):
    """EHLO is not known, HELO and the rest are."""
    await s.greet()
    while True:
        line = await s.line()
        if line.startswith(('EHLO', 'STARTTLS')):
            await s.say('500 what')
        else:
            await s.answer(line)


@behaviour
async def ehlo421(s):
    await s.greet()
    await s.line()
    await s.say('421 4.3.2 shutting down')


@behaviour
async def endless(s):
    """A reply to EHLO that has no last line."""
    await s.greet()
    await s.line()
    for _ in range(1000):
        await s.raw(b'250-X-EXTENSION-0\r\n' * 4000)


@behaviour
async def dripehlo(s):
    await s.greet()
    await s.line()
    await s.drip(b'250-STARTTLS\r\n250-' + b'x' * HOURS)


@behaviour
async def closeehlo(s):
    """Closes after the first line of the reply to EHLO."""
    await s.greet()
    await s.line()
    await s.say('250-%s' % s.host.name)


@behaviour
async def delayed(s):
    """Fine, and as slow as a host that is 100 ms away (the handshake counts for one round trip)."""
    await s.greet()
    await s.rest()


@behaviour
async def lowercase(s):
    """starttls in lower case; fine."""
    await s.greet()
    await s.line()
    await s.say('250-%s' % s.host.name, '250 starttls')
    await s.rest()


# -- STARTTLS -------------------------------------------------------------------------------------

@behaviour
async def tls454(s):
    """Refuses STARTTLS; mail goes through without it."""
    await s.greet()
    while True:
        line = await s.line()
        if line == 'STARTTLS':
            await s.say('454 4.7.0 TLS not available')
        else:
            await s.answer(line)


@behaviour
async def closestart(s):
    """Closes instead of answering STARTTLS."""
    await s.to_tls()


@behaviour
async def inject(s):
    """Plaintext behind the answer to STARTTLS, in the same packet."""
    await s.to_tls()
    await s.raw(b'220 2.0.0 go\r\n250 2.0.0 injected\r\n')
    await s.start_tls()
    await s.rest()


@behaviour
async def injectlate(s):
    """Plaintext after the answer to STARTTLS, in a packet of its own."""
    await s.to_tls()
    await s.say('220 2.0.0 go')
    await asyncio.sleep(.2)
    await s.say('250 2.0.0 injected')
    await s.hang()


# -- TLS ------------------------------------------------------------------------------------------

async def smtp_or(s, tls):
    """Without STARTTLS a well-behaved session, which TLS-free mail gets through."""
    await s.greet()
    while True:
        line = await s.line()
        if line == 'STARTTLS':
            await s.say('220 2.0.0 go')
            return await tls()
        await s.answer(line)


@behaviour
async def tls10(s):
    """TLS 1.0 and nothing else."""
    await s.greet()
    await s.rest()


@behaviour
async def sni(s):
    """Chooses the certificate by SNI: the name asked for, if that is one of the lab's hosts."""
    await s.greet()
    await s.rest()


@behaviour
async def clientcert(s):
    """Wants a certificate of the client: with TLS 1.3 it says so when the client has finished."""
    await s.greet()
    await s.rest()


@behaviour
async def hugechain(s):
    """A certificate chain above OpenSSL's limit of 100 KB."""
    await s.greet()
    await s.rest()


@behaviour
async def hsfail(s):
    """Closes after the answer to STARTTLS."""
    async def tls():
        pass
    await smtp_or(s, tls)


@behaviour
async def hsgarbage(s):
    """Answers the ClientHello in plain text."""
    async def tls():
        await s.reader.read(65536)
        await s.raw(b'this is not TLS\r\n' * 4)
    await smtp_or(s, tls)


@behaviour
async def closehello(s):
    """Reads the ClientHello and closes."""
    async def tls():
        await s.reader.read(65536)
    await smtp_or(s, tls)


@behaviour
async def alert(s):
    """Reads the ClientHello and refuses it: alert handshake_failure."""
    async def tls():
        await s.reader.read(65536)
        await s.raw(bytes([21, 3, 3, 0, 2, 2, 40]))
    await smtp_or(s, tls)


@behaviour
async def stall(s):
    """Reads the ClientHello and says nothing more."""
    await smtp_or(s, s.hang)


@behaviour
async def driptls(s):
    """A handshake record of 16 KB, a byte each second."""
    async def tls():
        await s.reader.read(65536)
        await s.drip(bytes([22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc]) + b'\3' * 16380)
    await smtp_or(s, tls)


@behaviour
async def closetls(s):
    """Closes after the handshake, instead of answering the second EHLO."""
    async def tls():
        await s.start_tls()
        await s.line()
    await smtp_or(s, tls)


@behaviour
async def closequit(s):
    """Closes instead of answering QUIT."""
    await s.greet()
    while True:
        line = await s.line()
        if line == 'QUIT':
            return
        if line == 'STARTTLS':
            await s.say('220 2.0.0 go')
            await s.start_tls()
        else:
            await s.answer(line)


# -- listeners ------------------------------------------------------------------------------------

class Host:
    def __init__(self, behaviour_name, address, port, pem, name, pki):
        self.run = BEHAVIOURS.get(behaviour_name)
        self.address, self.port = address, int(port)
        self.name = 'mx-%s.lab.test' % name
        self.delay = .1 if behaviour_name == 'delayed' else 0
        self.context = None
        if pem != '-':
            self.context = context(pem)
            if behaviour_name == 'tls10':
                self.context.minimum_version = ssl.TLSVersion.TLSv1
                self.context.maximum_version = ssl.TLSVersion.TLSv1
                self.context.set_ciphers('ALL:@SECLEVEL=0')
            elif behaviour_name == 'sni':
                self.context.sni_callback = by_name(pki)
            elif behaviour_name == 'clientcert':
                self.context.verify_mode = ssl.CERT_REQUIRED
                self.context.load_verify_locations(pem)
            elif behaviour_name == 'hugechain':
                self.context = context(lengthened(pem, pki))

    async def serve(self, reader, writer):
        try:
            await self.run(Session(reader, writer, self))
        except (OSError, asyncio.IncompleteReadError, ValueError, ssl.SSLError):
            pass
        finally:
            writer.close()


def context(pem):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pem)
    return made


def by_name(pki):
    def choose(connection, name, _):
        pem = os.path.join(pki, '%s.pem' % (name or '').removeprefix('mx-').split('.')[0])
        if name and os.path.exists(pem):
            connection.context = context(pem)
    return choose


def lengthened(pem, pki):
    """The chain with so many more certificates that it is longer than 100 KB."""
    path = pem + '.huge'
    with open(path, 'w') as out:
        out.write(read(pem) + read(os.path.join(pki, 'ca-other.pem')) * 250)
    return path


def read(path):
    with open(path) as f:
        return f.read()


def blackhole(host):
    """A listener whose queue is full: further SYNs get no answer."""
    held = [socket.socket()]
    held[0].bind((host.address, host.port))
    held[0].listen(0)
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((host.address, host.port))
        held.append(client)
    return held


async def main():
    held = []
    with open(sys.argv[1]) as f:
        hosts = [Host(*line.split(), sys.argv[2]) for line in f]
        names = [line.split()[0] for line in open(sys.argv[1])]
    for host, name in zip(hosts, names):
        if name == 'blackhole':
            held.append(blackhole(host))
        else:
            await asyncio.start_server(host.serve, host.address, host.port, backlog=512)
    await asyncio.Event().wait()


asyncio.run(main())
