# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks made by the collection's own module, containers on them, and what is seen on a wire."""
from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import struct
import sys
import threading
from pathlib import Path

from machine import run

TESTS = Path(__file__).resolve().parents[1]
IP = 0x0800


def module(which, **params):
    """:returns: the answer of one of the collection's modules, run as Ansible would run it"""
    parameters = Path("/tmp/parameters.json")
    parameters.write_text(json.dumps(params), encoding="utf-8")
    environment = dict(os.environ, PYTHONPATH="/project/.venv/collections")
    told = run(sys.executable, str(TESTS / "module_runner.py"), which, str(parameters), check=False, env=environment)
    answer = json.loads(told)
    assert not answer.get("failed"), answer["msg"]
    return answer


def network(name, **params):
    """Make it, then see that asking again changes nothing."""
    assert module("network", name=name, **params)["changed"]
    assert not module("network", name=name, **params)["changed"]


def remove(*names):
    for name in names:
        module("network", name=name, state="absent")


def box(name, network_name, *options, engine=()):
    """A container that does nothing but answer."""
    run("docker", *engine, "run", "--detach", "--name", name, "--network", network_name, *options, "box:1", "sleep", "3600")
    return name


def drop(*names, engine=()):
    run("docker", *engine, "rm", "--force", *names, check=False)


def ping(container, address, *options, engine=()):
    """:returns: whether it answers"""
    command = ("docker",) + engine + ("exec", container, "ping", "-c", "3", "-w", "15") + options + (address,)
    return "bytes from" in run(*command, check=False)


def from_the_lan(*command, check=True):
    return run("ip", "netns", "exec", "lan", *command, check=check)


def lan_pings(address):
    return "bytes from" in from_the_lan("ping", "-c", "3", "-w", "15", address, check=False)


class Seen:
    """The IPv4 packets of one interface: protocol, UDP port, and whether a text was readable in them."""

    def __init__(self, text):
        self.text, self.esp, self.vxlan, self.readable = text, 0, 0, 0

    def take(self, packet):
        header = (packet[0] & 15) * 4
        protocol = packet[9]
        self.esp += protocol == socket.IPPROTO_ESP
        self.vxlan += protocol == socket.IPPROTO_UDP and struct.unpack("!H", packet[header + 2:header + 4])[0] == 4789
        self.readable += self.text in packet


@contextlib.contextmanager
def capture(interface, text):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(IP))
    wire.bind((interface, IP))
    seen, stop = Seen(text), threading.Event()

    def listen():
        while not stop.is_set():
            if select.select([wire], [], [], 0.2)[0]:
                seen.take(wire.recv(65535))

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
        wire.close()
