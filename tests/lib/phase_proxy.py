"""Stands between tlspol and MariaDB and makes one thing happen in one phase of their talk.

usage: phase_proxy.py LISTEN SERVER PLAN LOG      (unix sockets; ends when its stdin is closed)

Every command the client sends is a phase: 1 is the login, 2 the first statement. PLAN is read when
a client connects: "PHASE WHEN ACTION".
  WHEN    before   nothing of the command has reached the server
          half     half of its bytes have
          after    the server has done it, nothing of its answer has reached the client
          part     half of the answer's first bytes have
  ACTION  cut, INT, TERM, KILL (signals to the client), or a shell command
LOG gets a line for every phase of the last client ("7 query COMMIT"), and "done" once the action
was taken.
"""
import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import sys

KINDS = {1: "quit", 3: "query", 0x16: "prepare", 0x17: "execute", 0x19: "close", 0x1c: "fetch", 0xfa: "bulk"}
# Commands that the server does not answer.
SILENT = {1, 0x18, 0x19}


def peer_pid(client):
    size = struct.calcsize("3i")
    return struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[0]


class Cut(Exception):
    pass


class Talk:
    def __init__(self, client, server, plan, log):
        self.client, self.server, self.log = client, server, log
        at, self.when, self.action = plan.split(" ", 2)
        self.at, self.phase, self.waiting, self.buffer = int(at), 0, False, b""

    def act(self):
        if self.action == "cut":
            print("done", file=self.log, flush=True)
            raise Cut
        if self.action in ("INT", "TERM", "KILL"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(peer_pid(self.client), getattr(signal, "SIG" + self.action))
            # A client that ends at once has ended before anything else happens.
            select.select([self.client], [], [], 0.05)
        else:
            subprocess.run(self.action, shell=True, stdin=subprocess.DEVNULL, check=False)
        print("done", file=self.log, flush=True)

    def request(self, packet):
        command = packet[4] if len(packet) > 4 else 0
        if packet[3] == 0 or not self.phase:
            self.phase += 1
            kind = KINDS.get(command, str(command)) if self.phase > 1 else "login"
            text = packet[5:125].decode("ascii", "replace") if kind in ("query", "prepare") else ""
            print(self.phase, kind, text.replace("\n", " "), file=self.log, flush=True)
            if self.phase == self.at:
                return self.chosen(packet, command)
        self.server.sendall(packet)

    def chosen(self, packet, command):
        sent = 0
        if self.when == "half":
            sent = len(packet) // 2
            self.server.sendall(packet[:sent])
        if self.when in ("before", "half"):
            self.act()
        self.server.sendall(packet[sent:])
        if self.when in ("after", "part"):
            if command in SILENT and self.phase > 1:
                self.act()
            else:
                self.waiting = True

    def answer(self, data):
        sent = 0
        if self.waiting:
            self.waiting = False
            if self.when == "part":
                sent = len(data) // 2
                self.client.sendall(data[:sent])
            self.act()
        self.client.sendall(data[sent:])

    def run(self):
        while True:
            for ready in select.select([self.client, self.server], [], [])[0]:
                data = ready.recv(1 << 18)
                if not data:
                    return
                if ready is self.server:
                    self.answer(data)
                    continue
                self.buffer += data
                while len(self.buffer) >= 4:
                    size = 4 + int.from_bytes(self.buffer[:3], "little")
                    if len(self.buffer) < size:
                        break
                    packet, self.buffer = self.buffer[:size], self.buffer[size:]
                    self.request(packet)


def main():
    listen, server_path, plan_path, log_path = sys.argv[1:]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(listen)
    listener.listen()
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        client = listener.accept()[0]
        with open(plan_path, encoding="utf-8") as file:
            plan = file.read().rstrip("\n")
        with client, socket.socket(socket.AF_UNIX) as server, open(log_path, "w", encoding="utf-8") as log:
            try:
                server.connect(server_path)
                Talk(client, server, plan, log).run()
            except (Cut, OSError):
                pass


main()
