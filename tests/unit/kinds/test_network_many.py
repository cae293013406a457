# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long lists: the planner must not be what a task waits for."""
from __future__ import annotations

import time

from unit.laws import networks
from unit.laws.stage import Case, Stage

MANY = 300
WISH = {"networks": [{"name": "n%d" % n, "ipam_config": [{"subnet": "10.%d.%d.0/24" % (n // 200, n % 200)}]} for n in range(MANY)]}


def test_many_networks_are_planned_in_a_moment_and_again_without_a_change():
    stage = Stage(Case(networks, "many", networks.completed(WISH), {"routes": []}, {}))
    begun = time.process_time()
    told = stage.run(check=True)
    assert len(told.plan.transactions) == MANY
    assert time.process_time() - begun < 3
    stage.run()
    begun = time.process_time()
    assert not stage.run().changed
    assert time.process_time() - begun < 1


def test_many_containers_on_one_network():
    boxes = [{"name": "c%d" % n, "endpoints": {"front": {"Aliases": ["a%d" % n]}}} for n in range(MANY)]
    there = {"networks": [{"Name": "front"}], "containers": boxes}
    stage = Stage(Case(networks, "many", networks.completed({"name": "front", "internal": True}), there, {}))
    before = stage.portrait()["containers"]
    begun = time.process_time()
    stage.run()
    assert time.process_time() - begun < 6
    assert stage.portrait()["containers"] == before
