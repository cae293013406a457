# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container that ends while its network is made anew: the verification finds it, and the way back starts it."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError

from unit.laws import networks
from unit.laws.stage import Case, Stage

THERE = {"networks": [{"Name": "front", "IPAM": {"Config": [{"Subnet": "10.7.0.0/24"}]}}],
         "containers": [{"name": "web", "endpoints": {"front": {"Aliases": ["www"], "IPAMConfig": {"IPv4Address": "10.7.0.9"}}}},
                        {"name": "idle", "state": "paused", "endpoints": {"front": {}}},
                        {"name": "cold", "state": "exited", "endpoints": {"front": {}}}]}


def ends_after(stage, moment, name):
    """The container ends by itself, once, right after the first change of that name."""
    left = [box for box in stage.engine.boxes.values() if box.name == name]

    def act(what):
        if what.startswith(moment) and left:
            stage.engine._stop(left.pop())

    stage.engine.after_change = act
    return stage


def stage():
    return Stage(Case(networks, "run states", networks.completed({"name": "front", "internal": True}), THERE, {}))


@pytest.mark.parametrize("moment", ["disconnect", "remove", "create", "connect"])
def test_a_container_that_ends_is_found_and_everything_is_put_back(moment):
    made = stage()
    before = made.portrait()
    with pytest.raises(ConvergeError) as caught:
        ends_after(made, moment, "web").run()
    assert str(caught.value) == ("network front: after all steps there is still a difference: start container web; everything is back as it "
                                 "was.")
    assert caught.value.rolled_back == "true" and not caught.value.left_over
    assert made.portrait() == before and not made.journal.texts


def test_one_that_was_down_may_stay_down():
    made = ends_after(stage(), "create", "cold")
    assert made.run().changed and made.portrait()["containers"]["cold"]["state"] == "exited"
