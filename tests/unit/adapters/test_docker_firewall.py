# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's answers as what the firewall needs to know of them."""
from __future__ import annotations

import json
from pathlib import Path

import docker
import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client, docker_firewall, docker_ingress, docker_read
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.command import Done
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
    assert sorted(set(docker_firewall.published_by(rows))) == [
        ("container", "web", "tcp", 8080, (4,)), ("container", "web", "tcp", 8080, (6,)), ("container", "web", "udp", 53, (4,))]
    assert list(docker_firewall.published_by([container(("", 80, 80, "tcp"))])) == [("container", "web", "tcp", 80, (4, 6))]


def service(name, *ports):
    return {"Spec": {"Name": name}, "Endpoint": {"Ports": [dict(zip(("Protocol", "PublishedPort", "PublishMode"), row)) for row in ports]}}


class Manager:
    def __init__(self, *services):
        self.services = lambda: services


class WithoutQuorum:
    def services(self):
        raise docker.errors.APIError("The swarm does not have a leader.")


# As engine 26.1 makes them.
MESH = """-N DOCKER-INGRESS
-A DOCKER-INGRESS -p udp -m udp --dport 53 -j DNAT --to-destination 172.18.0.2:53
-A DOCKER-INGRESS -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:8080
-A DOCKER-INGRESS -j RETURN
"""
ACTIVE = {"LocalNodeState": "active"}
SERVICES = [service("shop", ("tcp", 8080, "ingress"), ("tcp", 8081, "host"), ("tcp", 0, "ingress")), service("dns", ("udp", 53, "ingress")),
            {"Spec": {"Name": "plain"}, "Endpoint": {}}]
BY_MESH = (("service", "", "tcp", 8080, (4, 6)), ("service", "", "udp", 53, (4, 6)))


@pytest.mark.parametrize("client,swarm,found", [
    (None, None, ()), (None, {"LocalNodeState": "inactive"}, ()), (None, ACTIVE, BY_MESH),
    (Manager(*SERVICES), dict(ACTIVE, ControlAvailable=True), (("service", "dns", "udp", 53, (4, 6)), ("service", "shop", "tcp", 8080, (4, 6)))),
    (WithoutQuorum(), dict(ACTIVE, ControlAvailable=True), BY_MESH)])
def test_what_the_ingress_mesh_publishes(monkeypatch, client, swarm, found):
    monkeypatch.setattr(docker_ingress, "run", lambda argv: Done(0, MESH))
    assert docker_ingress.openings(client, {"Swarm": swarm}) == found


def test_bridges_of_a_recorded_engine():
    networks = map(docker_read.network, json.loads((FIXTURES / "networks.json").read_text(encoding="utf-8")))
    assert {net.name: compiled.bridge(net) for net in networks} == {
        "bridge": "docker0", "dual": "br-329105e15d44", "t1": "br-75b21e785571", "inner": "br-d83e4285e708", "noicc": "br-737ca9eb5958",
        "routed": "br-cc697d1e9b25", "v6only": "br-4e9ea4f756e2", "mv": None, "host": None, "none": None}


def test_an_engine_elsewhere_is_refused():
    with pytest.raises(EnvironmentFault) as caught:
        docker_client.connect_here({"docker_host": "tcp://192.0.2.11:2376"})
    assert str(caught.value) == "The engine tcp://192.0.2.11:2376 is on another host; run the module there."
