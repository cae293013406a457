# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.util
import json
import os
import socket
from pathlib import Path

import pytest

PROBE = Path(__file__).resolve().parents[3] / "roles" / "course_app" / "files" / "probe_host.py"
HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = "   0: %s:%04X 00000000:0000 %s 00000000:00000000 00:00000000 00000000     0        0 %s 1\n"


@pytest.fixture
def probe():
    spec = importlib.util.spec_from_file_location("probe_host", PROBE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def proc(tmp_path):
    (tmp_path / "net").mkdir()
    rows = ROW % ("00000000", 8001, "0A", "77") + ROW % ("00000000", 9001, "01", "78")
    (tmp_path / "net" / "tcp").write_text(HEADER + rows, encoding="ascii")
    (tmp_path / "42" / "fd").mkdir(parents=True)
    (tmp_path / "42" / "comm").write_text("nginx\n", encoding="ascii")
    os.symlink("socket:[77]", tmp_path / "42" / "fd" / "3")
    return tmp_path


def test_a_listening_port_is_found_and_an_established_connection_is_not(probe, proc):
    assert probe.listening_inodes(8001, str(proc)) == {"77"}
    assert probe.listening_inodes(9001, str(proc)) == set()


def test_ipv6_counts_too(probe, proc):
    (proc / "net" / "tcp6").write_text(HEADER + ROW % ("0" * 32, 8002, "0A", "79"), encoding="ascii")
    assert probe.listening_inodes(8002, str(proc)) == {"79"}


def test_the_program_is_named(probe, proc):
    assert probe.program_of({"77"}, str(proc)) == "nginx (process 42)"
    assert probe.program_of({"1"}, str(proc)) == "a program that could not be identified"


@pytest.mark.parametrize("active, load, tried, answer", [
    (True, True, None, True),
    (False, True, ("--quiet",), False),
    (False, False, ("--quiet", "--dry-run"), True),
])
def test_ip_vs_counts_only_when_it_is_there(probe, proc, active, load, tried, answer):
    if active:
        (proc / "net" / "ip_vs").write_text("", encoding="ascii")
    calls = []

    def modprobe(*options):
        calls.append(options)
        return True

    assert probe.has_ip_vs(load, str(proc), modprobe) is answer
    assert calls == ([tried] if tried else [])


def test_a_module_that_loads_is_ip_vs(probe, proc):
    def modprobe(*options):
        (proc / "net" / "ip_vs").write_text("", encoding="ascii")
        return True

    assert probe.has_ip_vs(True, str(proc), modprobe)


def test_the_report_is_json_about_this_machine(probe, capsys):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = str(server.getsockname()[1])
        probe.main([port, "1"])
    report = json.loads(capsys.readouterr().out)
    assert sorted(report) == ["ip_vs", "ports"]
    assert list(report["ports"]) == [port]
    assert "(process %d)" % os.getpid() in report["ports"][port]
