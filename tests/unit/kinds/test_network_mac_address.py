# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A MAC address that the engine ignores on connect: the network is replaced all the same, and what is lost is said.

No case for the laws: they want everything back, which no engine from 25 to 29.2 can give.
"""
from __future__ import annotations

import pytest
import yaml

from unit.laws import networks
from unit.laws.stage import Case, Stage

ASKED = "02:42:0a:07:00:09"
OBSERVED = """
engine: {version: %s}
networks: [{Name: front}, {Name: back}]
containers:
  - {name: cold, state: created, mode: front, endpoints: {front: {}, back: {MacAddress: "02:42:0a:07:00:09", Aliases: [inner]}}}
"""


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
