# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine's socket with its answers written by hand: a real server on a real socket, and nothing behind it."""
from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn, UnixStreamServer

import pytest

PING = {"ApiVersion": "1.44", "Version": "26.1.5"}


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


class StubEngine:
    """:ivar answers: (method, path without version) -> (status, body) or a callable that gives it"""

    def __init__(self, path):
        self.url, self.answers, self.asked = "unix://%s" % path, {("GET", "/version"): (200, PING)}, []
        self._server = _Server(str(path), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(stub):  # pylint: disable=no-self-argument  # self is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                path = self.path.split("?")[0]
                path = re.sub(r"^/v[0-9.]+", "", path)
                stub.asked.append((self.command, path, json.loads(body) if body else None))
                found = stub.answers.get((self.command, path), (404, {"message": "page not found"}))
                status, data = found(body) if callable(found) else found
                text = json.dumps(data).encode() if data is not None else b""
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_DELETE = do_HEAD = answer

            def log_message(self, *_args):
                pass

            def address_string(self):
                return "unix"

        return Handler


@pytest.fixture
def stub_engine(tmp_path):
    engine = StubEngine(tmp_path / "engine.sock")
    yield engine
    engine.close()
