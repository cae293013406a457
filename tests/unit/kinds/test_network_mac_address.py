# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A MAC address that the engine ignores on connect: the network is replaced all the same, and what is lost is said.

No case for the laws: they want everything back, which no engine from 25 to 29.2 can give.
"""
from __future__ import annotations

import json

import pytest
import yaml

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_read

from unit.laws import networks
from unit.laws.stage import Case, Stage

ASKED = "02:42:0a:07:00:09"
OBSERVED = """
engine: {version: %s}
networks: [{Name: front}, {Name: back}]
containers:
  - {name: cold, state: created, mode: front, endpoints: {front: {}, back: {MacAddress: "02:42:0a:07:00:09", Aliases: [inner]}}}
"""


RUNNING = """
engine: {version: %s}
networks: [{Name: front}, {Name: back}]
containers:
  - {name: both, mode: front, endpoints: {front: {}, back: {}}}
  - {name: late, mode: bridge, endpoints: {back: {}}}
"""
LOST = "container %s has another MAC address; if the one before was asked for, which this engine does not tell of a running container, %s"
MAKE, GIVE = "have its owner make the container again", "give it with module endpoint"


@pytest.mark.parametrize("version,network,names,way_out", [
    ("20.10.24", "back", "", ""), ("26.1.5", "front", "", ""), ("26.1.5", "back", "both, late", MAKE), ("28.5.2", "back", "both, late", MAKE),
    ("29.2.0", "front", "both", MAKE), ("29.7.2", "front", "both", GIVE), ("29.7.2", "back", "both, late", GIVE)])
def test_of_a_running_container_nobody_knows_whether_its_address_was_asked_for(version, network, names, way_out):
    params = networks.completed({"name": network, "internal": True})
    done = Stage(Case(networks, "mac", params, yaml.safe_load(RUNNING % version), {})).run()
    line = LOST % (names, way_out)
    assert [text for text in done.plan.impact if "MAC" in text] == ([line] if names else [])
    assert [text for text in done.plan.warnings if "MAC" in text] == (["After this run, %s." % line] if names else [])


@pytest.mark.parametrize("shown,asked", [("00:1B:21:0a:07:09", "00:1b:21:0a:07:09"), ("02:42:0a:07:00:09", None), ("0a:1e:71:91:92:ca", None)])
def test_an_address_of_a_maker_was_asked_for(shown, asked):
    """Those of the engines have the bit that says "local", as the recorded one of 29.7 has."""
    box = json.loads((networks.FIXTURES / "engine-29.7" / "container-web.json").read_text())
    raw = dict(box["NetworkSettings"]["Networks"]["dual"], MacAddress=shown)
    assert docker_read.endpoint(box, "dual", raw).mac_address == asked


@pytest.mark.parametrize("version,kept", [("26.1.5", ""), ("28.5.2", ""), ("29.2.0", ""), ("29.7.2", ASKED)])
def test_a_mac_address_on_a_second_network(version, kept):
    params = networks.completed({"name": "back", "internal": True})
    stage = Stage(Case(networks, "mac", params, yaml.safe_load(OBSERVED % version), {}))
    done = stage.run()
    end = next(iter(stage.engine.boxes.values())).details(False)["NetworkSettings"]["Networks"]["back"]
    assert done.changed and (end["MacAddress"], end["Aliases"]) == (kept, ["inner"]) and not stage.journal.texts
    said = [line for line in done.plan.warnings if ASKED in line]
    assert bool(said) == (not kept), done.plan.warnings
    assert not stage.run().changed
