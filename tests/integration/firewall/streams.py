# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that go on sending, and clients that listen: a program, so that any host's python3 runs it in any namespace from stdin."""
from __future__ import annotations

import json
import socket
import sys
import threading
import time

FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
PAUSE = 0.02
PIECE = b"x" * 500


def serve(services):
    """Sends to whoever asks on one of (protocol, port), in both families, until stdin is closed."""
    for protocol, port in services:
        for family in FAMILIES.values():
            made = socket.socket(family, KINDS[protocol])
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind(("", port))
            if protocol == "tcp":
                made.listen(16)
            _aside(_accept if protocol == "tcp" else _answer, made)
    print("ready", flush=True)
    sys.stdin.read()


def _accept(made):
    while True:
        client = made.accept()[0]
        _aside(_pour, client.sendall)


def _answer(made):
    while True:
        address = made.recvfrom(100)[1]
        _aside(_pour, lambda piece, address=address: made.sendto(piece, address))


def _pour(send):
    while True:
        try:
            send(PIECE)
        except PermissionError:
            pass  # a datagram that the host's own rules drop
        except OSError:
            return
        time.sleep(PAUSE)


def listen(questions):
    """Asks each (protocol, address, port, own port or 0) once; for each line from stdin, tells how many bytes each brought since the last.

    The line "again" asks by UDP once more, from the same ports.
    """
    brought = [0] * len(questions)
    datagrams = []
    for place, (protocol, address, port, own) in enumerate(questions):
        made = socket.socket(FAMILIES[6 if ":" in address else 4], KINDS[protocol])
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):  # several may have one port, for they ask different servers
            made.setsockopt(socket.SOL_SOCKET, option, 1)
        made.bind(("", own))
        made.settimeout(3)
        made.connect((address, port))
        made.settimeout(None)
        if protocol == "udp":
            datagrams.append(made)
            made.send(b"go on")
        _aside(_drink, made, brought, place)
    print("ready", flush=True)
    for line in sys.stdin:
        for made in datagrams if line == "again\n" else ():
            made.send(b"go on")
        print(json.dumps(brought), flush=True)
        brought[:] = [0] * len(brought)


def _drink(made, brought, place):
    while True:
        try:
            piece = made.recv(65536)
        except OSError:
            return
        if not piece:
            return
        brought[place] += len(piece)


def _aside(work, *given):
    threading.Thread(target=work, args=given, daemon=True).start()


if __name__ == "__main__":
    {"serve": serve, "listen": listen}[sys.argv[1]](json.loads(sys.argv[2]))
