# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes with real sockets on loopback."""
from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time

import pytest

from ansible_collections.fleetnet.docker.plugins.plugin_utils import probe


@pytest.fixture
def listening():
    server = socket.create_server(("127.0.0.1", 0))
    yield server.getsockname()[1]
    server.close()


@pytest.fixture
def silent():
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return port


def test_each_is_judged_by_what_it_must_do(listening, silent):
    assert probe.judge([("127.0.0.1", listening, True), ("127.0.0.1", silent, False)], 1, 0) == []
    assert probe.judge([("127.0.0.1", listening, False), ("127.0.0.1", silent, True)], 1, 0) == [
        "127.0.0.1 port %d can be connected to, and must not" % listening,
        "127.0.0.1 port %d cannot be connected to (ECONNREFUSED)" % silent]


def test_a_name_that_nobody_knows_cannot_be_connected_to():
    assert "name.invalid port 80 cannot be connected to" in probe.judge([("name.invalid", 80, True)], 1, 0)[0]


def test_what_must_work_is_tried_until_it_does(silent):
    servers = []

    def later():
        time.sleep(0.3)
        servers.append(socket.create_server(("127.0.0.1", silent)))

    thread = threading.Thread(target=later)
    thread.start()
    assert probe.judge([("127.0.0.1", silent, True)], 1, 5) == []
    thread.join()
    servers[0].close()


def test_as_a_program_on_another_host(listening, silent):
    text = probe.script([("127.0.0.1", listening, True), ("127.0.0.1", silent, True)], 1, 0)
    done = subprocess.run([sys.executable, "-I", "-c", text], capture_output=True, text=True, check=True)
    assert probe.read(done.stdout) == ["127.0.0.1 port %d cannot be connected to (ECONNREFUSED)" % silent]
