# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that flush_conntrack ends stays ended, though its server is sending all the time."""
from __future__ import annotations

import json
import random
import subprocess
import time
from pathlib import Path

import pytest

from .site import HOST4, HOST6, LAN_SIDE

STREAMS = (Path(__file__).parent / "streams.py").read_text(encoding="utf-8")
PROTOCOLS = ("tcp", "udp")
DENIED, ALLOWED = 8201, 8202  # on the host itself
OUTSIDE, OPEN = 8203, 8204  # published under their own numbers, so that a server's packet looks alike with and without the host's help
# Of all a client's connections, so that those that are allowed differ from the others by the server's port alone; another one for each test, for
# a kernel remembers for minutes that a server of the last one sent without being asked.
OWN_PORTS = random.sample(range(20000, 30000), 100)
SECONDS = 1.5
POLICY = {"host": {"rules": [{"action": "drop", "protocols": list(PROTOCOLS), "ports": [str(DENIED)]}]},
          "published": {"rules": [{"action": "drop", "protocols": list(PROTOCOLS), "ports": [str(OUTSIDE)]}]}}


class Running:
    """streams.py somewhere on a site."""

    def __init__(self, site, where, *words):
        program = [*site.inside, *where, "python3", "-c", STREAMS, words[0], json.dumps(words[1])]
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "ready\n"

    def brought(self, line=""):
        """:returns: bytes of each connection since it was asked last"""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self):
        self._process.stdin.close()
        self._process.wait(timeout=20)


@pytest.fixture
def streams(site):
    """:returns: a client's connections, as (protocol, address, port, own port), and the client"""
    site.empty()
    site.apply(host={}, published={})  # the kernel follows connections only where somebody asks for it
    site.network("streams", 77)
    box = site.box("streams", "streams", [(port, port, protocol, "") for port in (OUTSIDE, OPEN) for protocol in PROTOCOLS])
    started = [Running(site, (), "serve", [(protocol, port) for protocol in PROTOCOLS for port in (DENIED, ALLOWED)]),
               Running(site, box.side, "serve", [(protocol, port) for protocol in PROTOCOLS for port in (OUTSIDE, OPEN)])]
    own = OWN_PORTS.pop()
    asked = [(protocol, address, port, own) for protocol in PROTOCOLS for address in (HOST4, HOST6) for port in (DENIED, ALLOWED, OUTSIDE, OPEN)]
    started.append(Running(site, LAN_SIDE, "listen", asked))
    yield asked, started[-1]
    for each in reversed(started):
        each.end()
    site.apply(state="absent")
    site.empty()


def flowing(client):
    """Which bring something, after a moment for what is on its way."""
    time.sleep(0.3)
    client.brought()
    time.sleep(SECONDS)
    return [bytes_ > 0 for bytes_ in client.brought()]


def test_a_server_that_is_sending_does_not_begin_the_connection_again(site, streams):
    asked, client = streams
    allowed = [port in (ALLOWED, OPEN) for _protocol, _address, port, _own in asked]
    assert flowing(client) == [True] * len(asked)
    site.apply(**POLICY)
    assert flowing(client) == [True] * len(asked), "replies go on unless they are flushed"
    site.apply(**POLICY, flush_conntrack=True)
    assert dict(zip(asked, flowing(client))) == dict(zip(asked, allowed))
    assert not site.apply(**POLICY, flush_conntrack=True)["changed"]

    again = dict(POLICY, host={"rules": POLICY["host"]["rules"] + [{"action": "drop", "protocols": ["tcp"], "ports": ["9"]}]})
    site.apply(**again)
    found = dict(zip(asked, flowing(client)))
    assert all(found[one] == fine for one, fine in zip(asked, allowed) if one[0] == "tcp"), "another policy begins none again"

    site.apply(host={}, published={})
    client.brought("again")  # engine 26.1's proxy, which has IPv6 published, lets go of a client that it could not answer
    found = dict(zip(asked, flowing(client)))
    assert [one for one in asked if one[0] == "udp" and not found[one]] == [], "clients of UDP use a port again"
    other = Running(site, LAN_SIDE, "listen", [(*one[:3], 0) for one in asked])
    try:
        assert flowing(other) == [True] * len(asked), "who asks anew is let in"
    finally:
        other.end()
    site.apply(state="absent")
    assert "ended" not in site.run("nft", "list", "ruleset") + site.run("ipset", "list", "-n") + site.run("iptables-save", "-t", "raw")
