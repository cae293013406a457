# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import base64
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from courses import healthcheck, settings


def test_settings_have_working_defaults():
    server = settings.server_from({})
    assert server == ("mysql", 3306, "course_app", "HandsOn", "/run/secrets/course_app_mysql_password")


@pytest.mark.parametrize("text", ["", "0", "65536", "mysql", "-1", "\u0663"])
def test_a_port_that_is_none_is_named(text):
    with pytest.raises(SystemExit, match="COURSE_APP_MYSQL_PORT is .* but it must be a port number"):
        settings.server_from({"COURSE_APP_MYSQL_PORT": text})


def test_the_replica_is_the_host_name_unless_given():
    assert settings.replica_from({}) == socket.gethostname()
    assert settings.replica_from({"COURSE_APP_REPLICA": "webapp1.2"}) == "webapp1.2"


def test_the_policy_allows_exactly_the_stylesheet_that_is_sent(client):
    answer = client.get("/")
    sent = answer.text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(sent.encode()).digest()).decode()
    assert "style-src 'sha256-%s'" % digest in answer.headers["Content-Security-Policy"]


class Answers(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *arguments):
        return None


@pytest.mark.parametrize("status, code", [(200, 0), (500, 1)])
def test_healthcheck_follows_the_answer(monkeypatch, status, code):
    monkeypatch.setattr(Answers, "status", status)
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        monkeypatch.setenv("COURSE_APP_PORT", str(server.server_port))
        assert healthcheck.main() == code


def test_healthcheck_notices_that_nobody_listens(monkeypatch, capsys):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("COURSE_APP_PORT", str(unused.getsockname()[1]))
        assert healthcheck.main() == 1
    assert "/healthz" in capsys.readouterr().err
