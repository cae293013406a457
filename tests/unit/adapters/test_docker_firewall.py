# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's answers as what the firewall needs to know of them."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client, docker_firewall, docker_read
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import compile as compiled

FIXTURES = Path(__file__).parent.parent / "fixtures" / "engine-29.7"


def container(*ports, name="web"):
    return {"Id": "c" * 64, "Names": ["/" + name], "Ports": [dict(zip(("IP", "PublicPort", "PrivatePort", "Type"), row)) for row in ports]}


def test_ports_that_somebody_else_than_the_host_can_ask_for():
    rows = [container(("0.0.0.0", 8080, 80, "tcp"), ("::", 8080, 80, "tcp"), ("192.0.2.7", 53, 53, "udp")),
            container(("127.0.0.1", 81, 81, "tcp"), ("::1", 82, 82, "tcp"), ("", None, 90, "tcp"), name="inner"),
            {"Id": "d" * 64, "Ports": None}]
    assert docker_firewall.published(rows) == ("tcp . 8080", "udp . 53")
    assert sorted(set(docker_firewall.published_by(rows))) == [("web", "tcp", 8080), ("web", "udp", 53)]


def test_bridges_of_a_recorded_engine():
    networks = map(docker_read.network, json.loads((FIXTURES / "networks.json").read_text(encoding="utf-8")))
    assert {net.name: compiled.bridge(net) for net in networks} == {
        "bridge": "docker0", "dual": "br-329105e15d44", "t1": "br-75b21e785571", "inner": "br-d83e4285e708", "noicc": "br-737ca9eb5958",
        "routed": "br-cc697d1e9b25", "v6only": "br-4e9ea4f756e2", "mv": None, "host": None, "none": None}


def test_an_engine_elsewhere_is_refused():
    with pytest.raises(EnvironmentFault) as caught:
        docker_client.connect_here({"docker_host": "tcp://192.0.2.11:2376"})
    assert str(caught.value) == "The engine tcp://192.0.2.11:2376 is on another host; run the module there."
