# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy on an engine's socket that breaks one chosen change: real SDK, real engine, trouble in between.

Only requests that change something are counted (POST and DELETE), from 1.
"""
from __future__ import annotations

import re
import socket
import threading

FAIL_BEFORE, FAIL_AFTER, KILL_BEFORE, KILL_AFTER, CALL_BEFORE = "fail before", "fail after", "kill before", "kill after", "call before"
ANSWER = (b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nConnection: close\r\n"
          b"Content-Length: 36\r\n\r\n{\"message\": \"injected by the proxy\"}\n")


class Proxy:
    """:param trouble: one of the words above, or C(None) to count only; :param number: at which change

    :ivar kill: called where the client is to be killed; :ivar call: called before the change, with CALL_BEFORE
    :ivar changes: the changes seen, such as "POST /networks/create"; :ivar reads: all other requests
    """

    def __init__(self, folder, target, trouble=None, number=0, call=None):
        self.url = "unix://%s/proxy.sock" % folder
        self.trouble, self.number, self.call = trouble, number, call
        self.kill = lambda: None
        self.changes, self.reads = [], []
        self._target = target[len("unix://"):]
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.url[len("unix://"):])
        self._listener.listen(20)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_reason):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        """One request after the other; the engine's answers are passed on as they come."""
        with client:
            stream = client.makefile("rb")
            while True:
                head = _head(stream)
                if not head:
                    return
                length = int((re.search(rb"(?i)content-length: *(\d+)", head) or [0, b"0"])[1])
                body = stream.read(length)
                try:
                    if not self._pass(client, head, body):
                        return
                except OSError:
                    return

    def _pass(self, client, head, body):
        trouble = self._trouble_for(head)
        if trouble == CALL_BEFORE:
            self.call()
        if trouble == KILL_BEFORE:
            self.kill()
            return False
        if trouble != FAIL_BEFORE:
            answer = self._ask(head, body)
        if trouble == KILL_AFTER:
            self.kill()
            return False
        client.sendall(ANSWER if trouble in (FAIL_BEFORE, FAIL_AFTER) else answer)
        return False  # one request a connection: the answer says "Connection: close"

    def _trouble_for(self, head):
        method, path = head.split(b" ", 2)[:2]
        line = "%s %s" % (method.decode(), re.sub(r"^/v[0-9.]+", "", path.decode()))
        if method not in (b"POST", b"DELETE"):
            self.reads.append(line)
            return None
        with self._lock:
            self.changes.append(line)
            return self.trouble if len(self.changes) == self.number else None

    def _ask(self, head, body):
        head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head)
        head = head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self._target)
            engine.sendall(head + body)
            parts = []
            while True:
                part = engine.recv(65536)
                if not part:
                    return b"".join(parts)
                parts.append(part)


def _head(stream):
    lines = []
    while True:
        line = stream.readline()
        if not line:
            return b""
        lines.append(line)
        if line == b"\r\n":
            return b"".join(lines)
