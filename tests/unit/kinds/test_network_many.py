# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long lists: one transaction each, and nothing to do afterwards; how long it takes is the benchmark's."""
from __future__ import annotations

from unit.laws import networks
from unit.laws.stage import Case, Stage

MANY = 60
WISH = {"networks": [{"name": "n%d" % n, "ipam_config": [{"subnet": "10.%d.%d.0/24" % (n // 200, n % 200)}]} for n in range(MANY)]}


def test_many_networks_are_planned_and_again_without_a_change():
    stage = Stage(Case(networks, "many", networks.completed(WISH), {"routes": []}, {}))
    assert len(stage.run(check=True).plan.transactions) == MANY
    stage.run()
    assert not stage.run().changed


def test_many_containers_on_one_network():
    boxes = [{"name": "c%d" % n, "endpoints": {"front": {"Aliases": ["a%d" % n]}}} for n in range(MANY)]
    there = {"networks": [{"Name": "front"}], "containers": boxes}
    stage = Stage(Case(networks, "many", networks.completed({"name": "front", "internal": True}), there, {}))
    before = stage.portrait()["containers"]
    stage.run()
    assert stage.portrait()["containers"] == before
