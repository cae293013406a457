# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run is killed, and the next one wants something else: what the first had added is not taken for what was, and what is away is not given to others."""
from __future__ import annotations

import contextlib

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError

from unit.laws import networks
from unit.laws.stage import Case, Killed, Stage

FRONT = {"Name": "front", "IPAM": {"Config": [{"Subnet": "10.7.0.0/24"}]}}
OLD = {"name": "old", "mode": "bridge", "endpoints": {"front": {"Aliases": ["db"], "IPAMConfig": {"IPv4Address": "10.7.0.2"}}}}
SEEN = {"engine": {"version": "26.1.5"}, "networks": [FRONT], "containers": [OLD, {"name": "new1", "mode": "bridge"}, {"name": "new2", "mode": "bridge"}]}


def killed(wish, after):
    stage = Stage(Case(networks, "killed", networks.completed(wish), SEEN, {}))
    with pytest.raises(Killed):
        stage.disturb("after_change", {after}, Killed).run()
    stage.calm()
    return stage


@pytest.mark.parametrize("after", [1, 2])
def test_what_it_had_added_goes_and_what_was_comes_back(after):
    """The new one may have been given the address that the old one has as its own."""
    stage = killed({"name": "front", "connected": ["new1", "new2"]}, after)
    stage.run(networks.UNRELATED)
    on = {name: row["on"] for name, row in stage.portrait()["containers"].items()}
    assert on == {"old": {"front": {"Aliases": ["db"], "IPAMConfig": {"IPv4Address": "10.7.0.2"}}}, "new1": {}, "new2": {}}
    assert not stage.journal.texts and not stage.run(networks.UNRELATED).changed


def test_what_the_next_run_wants_too_stays():
    stage = killed({"name": "front", "connected": ["new1", "new2"]}, 2)
    stage.run()
    on = {name: row["on"] for name, row in stage.portrait()["containers"].items()}
    assert on == {"old": {}, "new1": {"front": {}}, "new2": {"front": {}}} and not stage.journal.texts


@pytest.mark.parametrize("wish, message", [
    ({"name": "aaa", "ipam_config": [{"subnet": "10.7.0.0/24"}]}, "Subnet 10.7.0.0/24 of network aaa overlaps 10.7.0.0/24 of network front"),
    ({"name": "zzz", "ipam_config": [{"subnet": "10.7.0.0/25"}]}, "Subnet 10.7.0.0/25 of network zzz overlaps 10.7.0.0/24 of network front"),
    ({"name": "front", "ipam_config": [{"subnet": "10.9.0.0/24"}]}, "Container old has the fixed address 10.7.0.2 on network front"),
])
def test_what_is_away_still_has_its_subnet_and_its_addresses(wish, message):
    stage = killed({"name": "front", "internal": True}, 2)
    assert "front" not in stage.portrait()["networks"]
    with pytest.raises(WishError) as caught:
        stage.run(networks.completed(wish))
    assert str(caught.value).startswith(message)
    stage.run()
    assert stage.portrait()["networks"]["front"]["Internal"] and stage.portrait()["containers"]["old"]["on"]["front"]["Aliases"] == ["db"]


@pytest.mark.parametrize("number", range(1, 6))
def test_what_still_fits_comes_back_whatever_else_was_made_anew_meanwhile(number):
    """Killed, one of two networks made by somebody else, killed again while the other one is put right."""
    seen = dict(SEEN, networks=[FRONT, {"Name": "back"}], containers=[
        {"name": "web", "mode": "bridge", "endpoints": {"front": {"Aliases": ["www"]}, "back": {"Aliases": ["inner"]}}}])
    both = {"networks": [{"name": "front", "internal": True}, {"name": "back", "internal": True}]}
    stage = Stage(Case(networks, "killed", networks.completed(both), seen, {}))
    with pytest.raises(Killed):
        stage.disturb("after_change", {4}, Killed).run()
    stage.calm()
    stage.engine._create({"Name": "front", "IPAM": {"Config": [{"Subnet": "10.99.0.0/24"}]}, "Labels": {"by": "hand"}})
    with contextlib.suppress(Killed):
        stage.disturb("before_change", {number}, Killed).run(networks.UNRELATED)
    stage.calm().run(networks.UNRELATED)
    assert stage.portrait()["containers"]["web"]["on"]["back"] == {"Aliases": ["inner"]} and not stage.journal.texts and stage.journal.aside
