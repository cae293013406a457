# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints' adapter: what it reads closely and what it does not, and what a container holds."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_read
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.endpoint import state
from ansible_collections.fleetnet.docker.plugins.module_utils.values.endpoint import Held

from unit.laws import endpoints

ID, NET = "0123456789abcdef" * 4, "fedcba9876543210" * 4
THERE = {"networks": [{"Name": "front"}, {"Name": "back"}],
         "containers": [{"name": "web", "endpoints": {"front": {}}}, {"name": "api", "endpoints": {"front": {}}},
                        {"name": "far", "endpoints": {"back": {}}}, {"name": "cold", "state": "exited", "endpoints": {"front": {}}}]}


def looked_at(**scope):
    """:returns: the observation, and the names of the containers that were read one by one"""
    model = endpoints.engine(THERE)
    world, asked = endpoints.ModelWorld(model), []
    inspect = model.inspect_container
    model.inspect_container = lambda ident: asked.append(model.boxes[ident].name) or inspect(ident)
    observed = world.observe(state.Scope(**{key: frozenset(value) for key, value in scope.items()}))
    return observed, sorted(asked)


@pytest.mark.parametrize("scope,asked", [
    ({}, []), ({"containers": ["web"]}, ["web"]), ({"containers": ["web", "ghost"]}, ["web"]),
    ({"networks": ["front"]}, ["api", "cold", "web"]), ({"containers": ["far"], "networks": ["front"]}, ["api", "cold", "far", "web"]),
], ids=str)
def test_only_what_is_concerned_is_read(scope, asked):
    observed, read = looked_at(**scope)
    assert read == asked
    assert len(observed.containers) == 4 and len(observed.held) == 4, "the list tells who is where, all the same"
    assert {end.name for end in observed.endpoints} == set(asked)


def test_a_running_container_is_read_again_only_when_it_was_attached_anew():
    model = endpoints.engine(THERE)
    world, asked = endpoints.ModelWorld(model), []
    inspect = model.inspect_container
    model.inspect_container = lambda ident: asked.append(model.boxes[ident].name) or inspect(ident)
    scope, net = state.Scope(networks=frozenset(["front"])), model.by_name("front")["Id"]
    first = world.observe(scope)
    assert sorted(asked) == ["api", "cold", "web"]
    assert world.observe(scope) == first and asked[3:] == ["cold"], "of one that is down, no endpoint tells whether it is as before"
    web = next(box.id for box in model.boxes.values() if box.name == "web")
    model.disconnect_container_from_network(web, net)
    model._post_json("/networks/%s/connect" % net, {"Container": web, "EndpointConfig": {"Aliases": ["www"]}})
    again = world.observe(scope)
    assert sorted(asked[4:]) == ["cold", "web"]
    assert next(end.aliases for end in again.endpoints if end.container == web) == ("www",)


def test_by_a_part_of_the_id():
    ident = next(iter(endpoints.engine(THERE).boxes))
    assert looked_at(containers=[ident[:12]])[1] == ["web"]
    assert looked_at(containers=[ident[:11]])[1] == []


def listed(**end):
    return {"Id": ID, "NetworkSettings": {"Networks": {"front": dict({"NetworkID": NET}, **end)}}}


@pytest.mark.parametrize("end,addresses,mac", [
    ({"IPAddress": "10.7.0.9", "GlobalIPv6Address": "FD00:0::9", "MacAddress": "02:42:AA:00:00:01"}, ("10.7.0.9", "fd00::9"),
     "02:42:aa:00:00:01"),
    ({"IPAddress": "", "IPAMConfig": {"IPv4Address": "10.7.0.30"}, "MacAddress": ""}, ("10.7.0.30",), None),
    ({"IPAddress": "10.7.0.9", "IPAMConfig": {"IPv4Address": "10.7.0.9", "IPv6Address": "fd00:0:0::9"}}, ("10.7.0.9", "fd00::9"), None),
    ({"NetworkID": "", "IPAMConfig": None}, (), None),
], ids=["running", "stopped", "asked for and had", "never started"])
def test_what_a_container_holds(end, addresses, mac):
    assert docker_read.held(listed(**end), {"front": NET}) == (Held("front", ID, addresses, mac),)


def test_what_is_left_of_a_network_that_is_gone_holds_nothing():
    assert docker_read.held(listed(NetworkID="dead", IPAMConfig={"IPv4Address": "10.7.0.9"}), {"front": NET}) == ()
    assert docker_read.held(listed(), {}) == () == docker_read.held({"Id": ID}, {"front": NET})


def test_the_service_of_a_task_is_told():
    raw = {"Id": ID, "State": "running", "Labels": {"com.docker.swarm.service.name": "shop"}}
    assert docker_read.container(raw).service == "shop"
    assert docker_read.container(dict(raw, Labels=None)).service == ""
