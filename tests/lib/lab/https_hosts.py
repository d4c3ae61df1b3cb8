"""The HTTPS servers of MTA-STS policies, good and bad, all in one process.

usage: https_hosts.py LIST       a line of LIST: DOMAIN BEHAVIOUR PEM

mta-sts.DOMAIN is told by SNI, and answered as the function below says that has BEHAVIOUR's name.
"""
import asyncio
import ssl
import sys

PATH = '/.well-known/mta-sts.txt'
POLICY = 'version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: 604800\r\n'
GOOD = POLICY % ('enforce', 'mx-valid.lab.test')
TEXT = ('Content-Type', 'text/plain')
BEHAVIOURS = {}


def behaviour(function):
    BEHAVIOURS[function.__name__] = function
    return function


class Request:
    """One request; the answer is written by a behaviour."""

    def __init__(self, writer):
        self.writer = writer

    async def raw(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status, *headers):
        lines = ['HTTP/1.1 ' + status] + ['%s: %s' % header for header in headers]
        await self.raw('\r\n'.join(lines + ['', '']).encode())

    async def reply(self, body, *headers, status='200 OK'):
        await self.head(status, *(headers or (TEXT,)), ('Content-Length', len(body)))
        await self.raw(body.encode())

    async def drip(self, data, seconds=.5):
        for byte in data:
            await self.raw(bytes([byte]))
            await asyncio.sleep(seconds)


# -- policies that hold ---------------------------------------------------------------------------

@behaviour
async def valid(r):
    """mode enforce, mx mx-valid.lab.test"""
    await r.reply(GOOD)


@behaviour
async def testing(r):
    await r.reply(POLICY % ('testing', 'mx-valid.lab.test'))


@behaviour
async def none(r):
    await r.reply('version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n')


@behaviour
async def wildcard(r):
    """Every MX of lab.test, lines end with LF only, as RFC 8461 allows."""
    await r.reply((POLICY % ('enforce', '*.lab.test')).replace('\r', ''))


@behaviour
async def othermx(r):
    """A policy that no MX of the domain is in."""
    await r.reply(POLICY % ('enforce', 'mx.elsewhere.test'))


@behaviour
async def charset(r):
    await r.reply(GOOD, ('Content-Type', 'text/plain; charset=utf-8'))


@behaviour
async def chunked(r):
    await r.head('200 OK', TEXT, ('Transfer-Encoding', 'chunked'))
    for line in GOOD.encode().splitlines(True):
        await r.raw(b'%x\r\n%s\r\n' % (len(line), line))
    await r.raw(b'0\r\n\r\n')


@behaviour
async def nolength(r):
    """No length: the body ends with the connection, whose header says otherwise."""
    await r.head('200 OK', TEXT, ('Connection', 'keep-alive'))
    await r.raw(GOOD.encode())


# -- answers without a policy ---------------------------------------------------------------------

@behaviour
async def notfound(r):
    await r.reply('not here\n', status='404 Not Found')


@behaviour
async def servererror(r):
    await r.reply(GOOD, status='500 Internal Server Error')


@behaviour
async def redirect(r):
    await r.reply(GOOD, ('Location', 'https://mta-sts.valid.lab.test' + PATH), status='302 Found')


@behaviour
async def html(r):
    await r.reply(GOOD, ('Content-Type', 'text/html'))


@behaviour
async def badversion(r):
    await r.reply(GOOD.replace('STSv1', 'STSv2'))


@behaviour
async def nomx(r):
    await r.reply('version: STSv1\r\nmode: enforce\r\nmax_age: 86400\r\n')


@behaviour
async def empty(r):
    await r.reply('')


# -- hostile --------------------------------------------------------------------------------------

@behaviour
async def slow(r):
    """The body a byte every half second."""
    await r.head('200 OK', TEXT, ('Content-Length', len(GOOD)))
    await r.drip(GOOD.encode())


@behaviour
async def slowhead(r):
    await r.drip(b'HTTP/1.1 200 OK\r\nX-Padding: ' + b'x' * 10000)


@behaviour
async def hang(r):
    """Nothing after the request."""
    await asyncio.sleep(4 * 3600)


@behaviour
async def huge(r):
    """100 MB of policy."""
    line = b'mx: ' + b'x' * 94 + b'\r\n'
    await r.head('200 OK', TEXT, ('Content-Length', 100 << 20))
    for _ in range(1024):
        await r.raw(line * 1024)


@behaviour
async def hugechunk(r):
    """Chunks without end."""
    await r.head('200 OK', TEXT, ('Transfer-Encoding', 'chunked'))
    for _ in range(1024):
        await r.raw(b'19000\r\n' + b'x' * 0x19000 + b'\r\n')


@behaviour
async def hugehead(r):
    for i in range(1024):
        await r.raw((b'X-%d: ' % i if i else b'HTTP/1.1 200 OK\r\nX-0: ') + b'x' * 102400 + b'\r\n')


@behaviour
async def continues(r):
    """100 Continue, for ever."""
    while True:
        await r.raw(b'HTTP/1.1 100 Continue\r\n\r\n')
        await asyncio.sleep(.1)


@behaviour
async def cut(r):
    """Closes in the middle of the body."""
    await r.head('200 OK', TEXT, ('Content-Length', len(GOOD)))
    await r.raw(GOOD[:40].encode())


@behaviour
async def close(r):
    """Closes without an answer."""


# -- listeners ------------------------------------------------------------------------------------

class Site:
    def __init__(self, domain, behaviour_name, pem):
        self.domain, self.answer = domain, BEHAVIOURS[behaviour_name]
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)


def listening_context(sites):
    """Who asks for no name, or one we have not, gets the first site's certificate and nothing."""
    first = next(iter(sites.values())).context

    def choose(connection, name, _):
        connection.site = sites.get(name)
        if connection.site:
            connection.context = connection.site.context
    first.sni_callback = choose
    return first


async def serve(reader, writer):
    try:
        site = getattr(writer.get_extra_info('ssl_object'), 'site', None)
        head = await asyncio.wait_for(reader.readuntil(b'\r\n\r\n'), 30)
        found = site and head.split(b' ')[1:2] == [PATH.encode()]
        await (site.answer if found else notfound)(Request(writer))
    except (OSError, ValueError, IndexError, asyncio.IncompleteReadError, asyncio.TimeoutError):
        pass
    finally:
        writer.close()


async def silent(reader, _):
    """Accepts, and never starts TLS."""
    while await reader.read(65536):
        pass


async def main():
    with open(sys.argv[1]) as f:
        sites = {'mta-sts.' + line.split()[0]: Site(*line.split()) for line in f}
    await asyncio.start_server(serve, '127.3.0.1', 443, backlog=512, ssl=listening_context(sites),
                               ssl_handshake_timeout=30)
    await asyncio.start_server(silent, '127.3.0.2', 443)
    await asyncio.Event().wait()


asyncio.run(main())
