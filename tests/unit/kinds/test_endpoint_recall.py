# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stopped run left, when others have gone on in the meantime."""
from __future__ import annotations

import pytest

from unit.laws import endpoints
from unit.laws.stage import Case, Killed, Stage

FRONT = {"Name": "front", "IPAM": {"Config": [{"Subnet": "10.7.0.0/24"}]}}
THERE = {"networks": [FRONT, {"Name": "back"}],
         "containers": [{"name": "web", "endpoints": {"front": {"Aliases": ["www"], "IPAMConfig": {"IPv4Address": "10.7.0.9"}}}},
                        {"name": "api", "endpoints": {"front": {"Aliases": ["rest"], "IPAMConfig": {"IPv4Address": "10.7.0.8"}}}}]}
SWAP = {"endpoints": [{"network": "front", "container": ["web"], "ipv4_address": "10.7.0.8"},
                      {"network": "front", "container": ["api"], "ipv4_address": "10.7.0.9"}]}
# disconnect api, disconnect web, connect api, connect web
APART, HALF = 2, 3


def stopped(number, wish=None):
    """A run of this wish, killed after this change."""
    stage = Stage(Case(endpoints, "recall", endpoints.completed(wish or SWAP), THERE, {}))
    with pytest.raises(Killed):
        stage.disturb("after_change", {number}, Killed).run()
    assert len(stage.journal.texts) == 1
    return stage.calm()


def box(stage, name):
    return next(found for found in stage.engine.boxes.values() if found.name == name)


def on(stage, name):
    return {net: (end.get("Aliases"), (end.get("IPAMConfig") or {}).get("IPv4Address"))
            for net, end in stage.portrait()["containers"][name]["on"].items()}


@pytest.mark.parametrize("number", [1, APART, HALF])
def test_a_run_that_asks_for_something_else_puts_all_back(number):
    stage = stopped(number)
    outcome = stage.run(endpoints.UNRELATED)
    assert on(stage, "web") == {"front": (["www"], "10.7.0.9")} and on(stage, "api") == {"front": (["rest"], "10.7.0.8")}
    assert "container api on network front is put back as it was before a run that was stopped" in outcome.plan.reasons


def test_a_wish_for_one_of_them_is_fulfilled_and_the_other_one_is_put_back():
    stage = stopped(APART)
    stage.run(endpoints.completed({"network": "front", "container": ["web"], "aliases": ["new"]}))
    assert on(stage, "web") == {"front": (["new"], "10.7.0.9")} and on(stage, "api") == {"front": (["rest"], "10.7.0.8")}


def test_a_container_that_is_gone_is_no_failure():
    stage = stopped(APART)
    del stage.engine.boxes[box(stage, "web").id]
    stage.run(endpoints.UNRELATED)
    assert on(stage, "api") == {"front": (["rest"], "10.7.0.8")} and not stage.journal.texts and not stage.journal.aside


def test_what_somebody_else_attached_in_the_meantime_stays_as_they_made_it():
    stage = stopped(APART)
    front = stage.engine.by_name("front")["Id"]
    stage.engine._connect(box(stage, "web"), front, {"EndpointConfig": {"Aliases": ["theirs"]}})
    stage.run(endpoints.UNRELATED)
    assert on(stage, "web") == {"front": (["theirs"], None)} and on(stage, "api") == {"front": (["rest"], "10.7.0.8")}
    assert not stage.journal.texts


def test_a_network_made_anew_with_room_for_the_address_gets_its_containers_back():
    stage = stopped(APART)
    stage.engine._remove(stage.engine.by_name("front")["Id"])
    stage.engine._create(dict(FRONT, Labels={"by": "hand"}))
    for name in ("web", "api"):
        box(stage, name).mode = "back"
    stage.run(endpoints.UNRELATED)
    assert on(stage, "web") == {"front": (["www"], "10.7.0.9")} and not stage.journal.texts


@pytest.mark.parametrize("subnet", ["10.99.0.0/24", None], ids=["made anew elsewhere", "gone"])
def test_a_network_that_no_longer_fits_is_set_aside_and_reported(subnet):
    stage = stopped(APART)
    stage.engine._remove(stage.engine.by_name("front")["Id"])
    if subnet:
        stage.engine._create({"Name": "front", "IPAM": {"Config": [{"Subnet": subnet}]}})
    told = stage.run(endpoints.UNRELATED, check=True)
    assert stage.journal.texts and not stage.journal.aside
    assert told.notes == ("container api on network front, container web on network front no longer fits what is there",)
    stage.run(endpoints.UNRELATED)
    assert on(stage, "web") == {} and not stage.journal.texts and len(stage.journal.aside) == 1


def test_a_run_killed_after_its_last_change_is_finished():
    stage = stopped(4)
    outcome = stage.run(endpoints.UNRELATED)
    assert not outcome.plan and on(stage, "web") == {"front": (["www"], "10.7.0.8")} and not stage.journal.texts


def test_what_only_attaches_needs_no_journal():
    stage = Stage(Case(endpoints, "recall", endpoints.completed({"network": "back", "container": ["web", "api"]}), THERE, {}))
    with pytest.raises(Killed):
        stage.disturb("after_change", {1}, Killed).run()
    assert not stage.journal.texts
