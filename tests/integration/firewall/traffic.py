# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real packets: answers on ports, and asks for them. Also a program, so that any host's python3 runs it in any namespace from stdin.

A port that docker-proxy holds accepts connections before anybody is behind it, so only an answer from the server counts.
"""
from __future__ import annotations

import json
import os
import select
import socket
import sys
import time

ANSWER = b"here"
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM, "icmp": socket.SOCK_RAW, "esp": socket.SOCK_RAW}
ESP = 50
NUMBERS = {("icmp", 4): socket.IPPROTO_ICMP, ("icmp", 6): socket.IPPROTO_ICMPV6, ("esp", 4): ESP, ("esp", 6): ESP}
ECHO = {4: (b"\x08\0\xf7\xff\0\0\0\0", 0), 6: (b"\x80\0\0\0\0\0\0\0", 129)}  # request with its checksum, type of the reply
RESEND = 0.3
LATE = 0.9  # a lost first packet is sent again after a second


def serve(services):
    """Answer on each (protocol, port[, address]), in both families, until stdin is closed; says that it is ready by one line."""
    waiting = [sys.stdin]
    for protocol, port, *address in services:
        for number, family in FAMILIES.items():
            if address and (":" in address[0]) != (number == 6):
                continue
            made = socket.socket(family, KINDS[protocol], NUMBERS.get((protocol, number), 0))
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if number == 6 and protocol != "esp":
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind((address[0] if address else "", port if protocol != "esp" else 0))
            if protocol == "tcp":
                made.listen(128)
            waiting.append(made)
    print("ready", flush=True)
    while True:
        for ready in select.select(waiting, [], [])[0]:
            if ready is sys.stdin:
                return
            if ready.type == socket.SOCK_STREAM:
                connection = ready.accept()[0]
                try:
                    connection.sendall(ANSWER)
                except OSError:
                    pass
                connection.close()
            else:
                ready.sendto(ANSWER, ready.recvfrom(100)[1])


def ask(questions, seconds):
    """:param questions: (protocol, address, port, own address or empty, own port or 0); :returns: for each whether it was answered"""
    answered = [False] * len(questions)
    pending, begun, sent = {}, time.monotonic(), 0.0
    for index, (protocol, address, port, source, own_port) in enumerate(questions):
        family = 6 if ":" in address else 4
        made = socket.socket(FAMILIES[family], KINDS[protocol], NUMBERS.get((protocol, family), 0))
        made.setblocking(False)
        if source:
            made.bind((source, own_port))
        try:
            made.connect((address, port))
        except BlockingIOError:
            pass
        except OSError:
            continue
        pending[made] = index, family
    while pending and time.monotonic() - begun < seconds:
        now = time.monotonic()
        if now - sent > RESEND:
            sent = now
            for made, (index, family) in pending.items():
                if questions[index][0] != "tcp":
                    _send(made, ECHO[family][0] if questions[index][0] == "icmp" else b"?")
        for ready in select.select(list(pending), [], [], 0.05)[0]:
            index, family = pending[ready]
            answered[index] = _right(ready, questions[index][0], family)
            if questions[index][0] == "tcp" or answered[index]:
                del pending[ready]
    return answered


def _right(made, protocol, family):
    try:
        data = made.recv(1000)
    except OSError:
        return False
    if made.type == socket.SOCK_RAW and family == 4:
        data = data[(data[0] & 15) * 4:]  # raw IPv4 sockets show the header
    return data[:1] == bytes([ECHO[family][1]]) if protocol == "icmp" else data == ANSWER


def _send(made, data):
    try:
        made.send(data)
    except OSError:
        pass


def hammer(address, allowed, denied, stop):
    """Until the file C(stop) is there: one connection after the other to the allowed port, and as many to the denied one.

    :returns: how many were answered, how many of the allowed ones were not or late, how many denied ones were
    """
    good = bad = leaked = 0
    waiting = []
    family = FAMILIES[6 if ":" in address else 4]
    while not os.path.exists(stop):
        late = time.monotonic() + LATE
        made = socket.socket(family, socket.SOCK_STREAM)
        made.settimeout(LATE)
        try:
            made.connect((address, allowed))
            right = made.recv(100) == ANSWER and time.monotonic() < late
        except OSError:
            right = False
        made.close()
        good, bad = good + right, bad + (not right)
        other = socket.socket(family, socket.SOCK_STREAM)
        other.setblocking(False)
        try:
            other.connect((address, denied))
        except BlockingIOError:
            pass
        waiting.append(other)
        if len(waiting) > 50:
            leaked += _answered(waiting.pop(0))
    return good, bad, leaked + sum(map(_answered, waiting))


def _answered(made):
    try:
        return made.recv(100) == ANSWER
    except OSError:
        return False
    finally:
        made.close()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(json.loads(sys.argv[2]))
    elif sys.argv[1] == "hammer":
        print(json.dumps(hammer(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])))
    else:
        print(json.dumps(ask(json.loads(sys.argv[2]), float(sys.argv[3]))))
