#!/usr/bin/env python3
# no_bulk.py SERVER-SOCKET SOCKET: a way to a MariaDB server that hides its array binding, as a proxy
# that does not know it would. The bit is in the greeting, behind the fields that MySQL's has.
import os
import socket
import sys
import threading

BULK = 1 << 2  # MARIADB_CLIENT_STMT_BULK_OPERATIONS, in the upper 32 bits


def without_bulk(greeting):
    version_end = greeting.index(b"\0", 5)
    # thread id, scramble, filler, capabilities, charset, status, more capabilities, length, filler
    at = version_end + 1 + 4 + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 6
    return greeting[:at] + bytes([greeting[at] & ~BULK]) + greeting[at + 1:]


def pump(source, target):
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


def serve(client):
    server = socket.socket(socket.AF_UNIX)
    server.connect(sys.argv[1])
    client.sendall(without_bulk(server.recv(4096)))
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
    pump(server, client)


listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[2])
listener.listen()
print(os.getpid(), flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
