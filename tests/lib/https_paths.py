"""An HTTPS server on loopback whose paths behave well and badly; for tests/net/https.t.

usage: https_paths.py DIRECTORY     Makes CAs and certificates in DIRECTORY/pki, listens on ports of
its own choosing and writes them to DIRECTORY/ports. 127.0.0.3 accepts on the same ports and says
nothing. Ends with its standard input.

The certificate is chosen by SNI: the first label of the name says which (CERTIFICATES). The path says
what comes; the bodies of paths that end well are `BODY`.
"""
import os
import socket
import ssl
import struct
import sys
import threading
import time
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lab'))
import pki  # noqa: E402

BODY = b'version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n'
TYPE = b'Content-Type: text/plain\r\n'
OK = b'HTTP/1.1 200 OK\r\n' + TYPE
CHUNKED = OK + b'Transfer-Encoding: chunked\r\n\r\n'
KB64 = b'x' * 65536

# name: issuer, names in the certificate ('-': a common name only), dates
CERTIFICATES = {
    'good': ('root', 'good.test', ''),
    'inter': ('inter', 'inter.test', ''),
    'wild': ('root', '*.sts.test', ''),
    'deep': ('root', '*.sts.test', ''),
    'partial': ('root', 'par*.sts.test', ''),
    'wrong': ('root', 'other.test', ''),
    'cn': ('root', '-', ''),
    'expired': ('root', 'expired.test', 'expired'),
    'future': ('root', 'future.test', 'future'),
    'unknown': ('other', 'unknown.test', ''),
    'self': ('self', 'self.test', ''),
}


def length(size):
    return b'Content-Length: %d\r\n\r\n' % size


class Cut(Exception):
    """The connection ends without a word of TLS."""


class Reset(Exception):
    pass


def forever(to, data, pause=0.0):
    while True:
        to.sendall(data)
        if pause:
            time.sleep(pause)


def drip(to, data, pause):
    for byte in data:
        to.sendall(bytes([byte]))
        time.sleep(pause)


def wait(to):
    while to.recv(4096):
        pass
    raise Cut


def cut(to, data):
    to.sendall(data)
    raise Cut


def reset(to, data):
    to.sendall(data)
    time.sleep(0.05)
    raise Reset


def in_chunks(data):
    return b''.join(b'%x\r\n%s\r\n' % (len(data[i:i + 9]), data[i:i + 9])
                    for i in range(0, len(data), 9)) + b'0\r\n\r\n'


# What is sent as it is, and the connection closed as TLS wants it.
PLAIN = {
    # well
    'length': OK + length(len(BODY)) + BODY,
    'longer-than-said': OK + length(len(BODY)) + BODY + b'and more',
    'chunked': CHUNKED + in_chunks(BODY),
    'chunked-trailer': CHUNKED + in_chunks(BODY)[:-2] + b'X: y\r\n\r\n',
    'eof': OK + b'\r\n' + BODY,
    'eof-close': OK + b'Connection: close\r\n\r\n' + BODY,
    'eof-keep-alive': OK + b'Connection: keep-alive\r\n\r\n' + BODY,
    'eof-upgrade': OK + b'Connection: Upgrade, close\r\nUpgrade: h2\r\n\r\n' + BODY,
    'eof-two': OK + b'Connection: keep-alive\r\nConnection: Keep-Alive\r\n\r\n' + BODY,
    'eof-1.0': b'HTTP/1.0 200 OK\r\n' + TYPE + b'\r\n' + BODY,
    'identity': OK + b'Connection: keep-alive\r\nTransfer-Encoding: identity\r\n\r\n' + BODY,
    'small-letters': b'HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\n'
                     b'content-length: %d\r\n\r\n' % len(BODY) + BODY,
    'no-type': b'HTTP/1.1 200 OK\r\n' + length(len(BODY)) + BODY,
    'html': b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n' + length(len(BODY)) + BODY,
    'odd-type': b'HTTP/1.1 200 OK\r\nContent-Type: \x1b[31m\xff\r\n' + length(0),
    'empty': OK + length(0),
    'max': OK + length(65536) + KB64,
    'max-eof': OK + b'\r\n' + KB64,
    'nul-in-body': OK + length(3) + b'a\0b',
    # other statuses
    '404': b'HTTP/1.1 404 Not Found\r\n' + length(10) + b'not here\r\n',
    '500': b'HTTP/1.1 500 Oops\r\n' + TYPE + length(0),
    '204': b'HTTP/1.1 204 No Content\r\n\r\n',
    '302': b'HTTP/1.1 302 Found\r\nLocation: /length\r\n' + length(0),
    '103': b'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' + OK + length(len(BODY)) + BODY,
    # badly
    'too-long': OK + length(65537) + KB64 + b'x',
    'too-long-eof': OK + b'\r\n' + KB64 + b'x',
    'cut-length': OK + length(1000) + BODY,
    'cut-chunk': CHUNKED + b'ff\r\n' + BODY,
    'cut-chunks': CHUNKED + b'5\r\nhello\r\n',
    'negative': OK + b'Content-Length: -1\r\n\r\n' + BODY,
    'no-number': OK + b'Content-Length: some\r\n\r\n' + BODY,
    'http-0.9': BODY,
    'garbage': b'\0\1\2\xff' * 100,
    'no-status': b'HTTP/1.1 abc OK\r\n' + length(0),
    'nothing': b'',
    'half-header': OK + b'X: y',
}
# What takes a function.
LIVE = {
    'slow': lambda to: drip(to, PLAIN['length'], 0.002),
    'endless-404': lambda to: forever(to, b'HTTP/1.1 404 No\r\n' + length(1 << 40) + KB64),
    'huge-length': lambda to: (to.sendall(OK + length(1 << 40)), forever(to, KB64)),
    'endless-eof': lambda to: (to.sendall(OK + b'\r\n'), forever(to, KB64)),
    'endless-chunks': lambda to: (to.sendall(CHUNKED), forever(to, b'400\r\n' + b'x' * 1024 + b'\r\n')),
    'endless-chunk-size': lambda to: (to.sendall(CHUNKED), forever(to, b'0' * 4096)),
    'endless-blank-chunks': lambda to: (to.sendall(CHUNKED), forever(to, b'\r\n' * 2048)),
    'endless-extension': lambda to: (to.sendall(CHUNKED + b'5;'), forever(to, b'a=b;' * 1024)),
    'endless-trailer': lambda to: (to.sendall(CHUNKED + b'0\r\n'), forever(to, b'A: b\r\n' * 500)),
    'endless-status': lambda to: (to.sendall(b'HTTP/1.1 200 '), forever(to, b'O' * 4096)),
    'endless-header': lambda to: (to.sendall(OK + b'X: '), forever(to, b'y' * 4096)),
    'endless-headers': lambda to: (to.sendall(OK), forever(to, b'X: y\r\n' * 500)),
    'endless-100': lambda to: forever(to, b'HTTP/1.1 100 Continue\r\n\r\n', 0.001),
    'drip-header': lambda to: (to.sendall(OK + b'X: '), drip(to, b'y' * 1000, 0.05)),
    'drip-body': lambda to: (to.sendall(OK + length(1000)), drip(to, b'y' * 1000, 0.05)),
    'drip-chunks': lambda to: (to.sendall(CHUNKED), drip(to, b'1\r\ny\r\n' * 1000, 0.05)),
    '100': lambda to: (to.sendall(b'HTTP/1.1 100 Continue\r\n\r\n'), wait(to)),
    'silent': wait,
    'cut-eof': lambda to: cut(to, OK + b'\r\n' + BODY),
    'cut-eof-keep-alive': lambda to: cut(to, OK + b'Connection: keep-alive\r\n\r\n' + BODY),
    'reset': lambda to: reset(to, OK + length(1000) + BODY),
}


def respond(to, path):
    if path in LIVE:
        LIVE[path](to)
    else:
        to.sendall(PLAIN[path])


def read_path(to):
    request = b''
    while b'\r\n\r\n' not in request:
        more = to.recv(4096)
        if not more:
            raise Cut
        request += more
    return request.split(b' ')[1].decode().lstrip('/')


def serve(connection, context):
    try:
        connection.settimeout(20)
        to = context.wrap_socket(connection, server_side=True)
        connection = to
        respond(to, read_path(to))
        connection = to.unwrap()
    except Reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    except (Cut, OSError, ValueError):
        pass
    connection.close()


# -- ports on which TLS never begins, or not as it should ---------------------------------------------


def no_tls(connection, _):
    connection.recv(4096)
    connection.sendall(PLAIN['length'])
    connection.close()


def closed(connection, _):
    connection.close()


def quiet(connection, _):
    connection.settimeout(20)
    try:
        wait(connection)
    except (Cut, OSError):
        connection.close()


def slow_handshake(connection, _):
    try:
        drip(connection, b'\x16\x03\x03\x40\x00' + b'\x02' * 10000, 0.05)
    except OSError:
        connection.close()


SERVERS = {'tls': serve, 'hugechain': serve, 'no-tls': no_tls, 'closed': closed, 'quiet': quiet,
           'slow-handshake': slow_handshake}


def accept(listener, server, context):
    while True:
        connection = listener.accept()[0]
        threading.Thread(target=server, args=(connection, context), daemon=True).start()


def certificates(directory):
    wanted = []
    for name, (issuer, names, dates) in CERTIFICATES.items():
        wanted.append(SimpleNamespace(
            name=name, issuer=issuer, dates=dates, keys=['ec'], alone=False,
            common_name=name + '.test', alt_names=[] if names == '-' else [names]))
    made = pki.Pki(directory)
    made.make(wanted)
    return made


def context_of(path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def main():
    directory = sys.argv[1]
    made = certificates(directory + '/pki')
    contexts = {name: context_of(made.path(name + '.pem')) for name in CERTIFICATES}

    def choose(connection, name, _):
        connection.context = contexts.get((name or 'good').split('.')[0], contexts['good'])

    contexts['good'].sni_callback = choose
    with open(made.path('huge.pem'), 'w') as f:
        f.write(pki.read(made.path('good.pem')) + pki.read(made.path('ca-other.pem')) * 400)
    huge = context_of(made.path('huge.pem'))
    with open(directory + '/ports.new', 'w') as f:
        for name, server in SERVERS.items():
            listener = socket.create_server(('127.0.0.1', 0), backlog=100)
            f.write('%s %d\n' % (name, listener.getsockname()[1]))
            silent = socket.create_server(('127.0.0.3', listener.getsockname()[1]))
            for at in ((listener, server, huge if name == 'hugechain' else contexts['good']),
                       (silent, quiet, None)):
                threading.Thread(target=accept, daemon=True, args=at).start()
    os.rename(directory + '/ports.new', directory + '/ports')
    while os.read(0, 4096):
        pass


if __name__ == '__main__':
    main()
