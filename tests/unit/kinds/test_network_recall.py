# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stopped run left, when others have gone on in the meantime."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError

from unit.laws import networks
from unit.laws.stage import Case, Killed, Stage

THERE = {"networks": [{"Name": "front", "IPAM": {"Config": [{"Subnet": "10.7.0.0/24"}]}}, {"Name": "back"}],
         "containers": [{"name": "web", "endpoints": {"front": {"Aliases": ["www"]}, "back": {}}},
                        {"name": "db", "mode": "bridge", "endpoints": {"front": {"Aliases": ["sql"]}}}]}
BOTH = {"networks": [{"name": "front", "internal": True}, {"name": "back", "internal": True}]}
OTHER = {"name": "other", "ipam_config": [{"subnet": "10.250.0.0/24"}]}


def stopped(wish, number, there=None):
    """A run of this wish, killed after this change."""
    stage = Stage(Case(networks, "recall", networks.completed(wish), there or THERE, {}))
    with pytest.raises(Killed):
        stage.disturb("after_change", {number}, Killed).run()
    return stage.calm()


def on(stage, box):
    return {name: end.get("Aliases") for name, end in stage.portrait()["containers"][box]["on"].items()}


def test_a_container_that_is_gone_is_no_failure():
    stage = stopped(BOTH, 5)
    gone = next(ident for ident, box in stage.engine.boxes.items() if box.name == "web")
    del stage.engine.boxes[gone]
    stage.run(networks.completed(OTHER))
    assert on(stage, "db") == {"front": ["sql"]} and not stage.journal.texts and not stage.journal.aside


def test_a_network_made_anew_by_somebody_else_stays_theirs_and_the_rest_comes_back():
    stage = stopped(BOTH, 5)  # disconnected, and both networks removed
    assert stage.portrait()["networks"] == {}
    stage.engine._create({"Name": "front", "IPAM": {"Config": [{"Subnet": "10.99.0.0/24"}]}, "Labels": {"by": "hand"}})
    theirs = stage.portrait()["networks"]["front"]
    outcome = stage.run(networks.completed(OTHER))
    assert stage.portrait()["networks"]["front"] == theirs
    assert on(stage, "web") == {"back": None} and on(stage, "db") == {}
    assert not stage.journal.texts and len(stage.journal.aside) == 1
    assert [note for note in outcome.notes if "no longer fits what is there, kept in aside" in note]


def test_check_mode_sets_nothing_aside():
    stage = stopped(BOTH, 5)
    stage.engine._create({"Name": "front", "IPAM": {"Config": [{"Subnet": "10.99.0.0/24"}]}})
    outcome = stage.run(networks.completed(OTHER), check=True)
    assert stage.journal.texts and not stage.journal.aside
    assert outcome.notes == ("network back, network front no longer fits what is there",)


MOVE = {"networks": [{"name": "front", "state": "absent"},
                     {"name": "modern", "ipam_config": [{"subnet": "10.9.0.0/24"}], "connected": ["web"]}]}
MOVED = dict(THERE, containers=[{"name": "web", "mode": "bridge", "endpoints": {"front": {}}}, {"name": "new", "mode": "bridge"}])


def test_what_the_stopped_run_had_made_goes():
    stage = stopped(MOVE, 3, MOVED)
    assert sorted(stage.portrait()["networks"]) == ["back", "modern"]
    stage.run(networks.completed(OTHER))
    assert sorted(stage.portrait()["networks"]) == ["back", "front", "other"] and on(stage, "web") == {"front": None}


def test_what_the_stopped_run_had_made_stays_where_somebody_uses_it():
    stage = stopped(MOVE, 3, MOVED)
    new = next(box for box in stage.engine.boxes.values() if box.name == "new")
    stage.engine._connect(new, stage.engine.by_name("modern")["Id"], {})
    stage.run(networks.completed(OTHER))
    assert sorted(stage.portrait()["networks"]) == ["back", "front", "modern", "other"]
    assert on(stage, "web") == {"front": None} and on(stage, "new") == {"modern": None}


def test_the_same_wish_in_another_grouping_finishes_it():
    stage = stopped(BOTH, 5)
    stage.run(networks.completed({"name": "front", "internal": True}))
    portrait = stage.portrait()["networks"]
    assert portrait["front"]["Internal"] is True and portrait["back"]["Internal"] is False
    assert on(stage, "web") == {"front": ["www"], "back": None} and on(stage, "db") == {"front": ["sql"]}
    assert not stage.journal.texts


def test_what_a_stopped_run_had_taken_away_is_purged_too():
    labelled = dict(THERE, networks=[dict(net, Labels={"ours": ""}) for net in THERE["networks"]])
    stage = stopped(BOTH, 5, labelled)  # disconnected, and both networks removed
    outcome = stage.run(networks.completed({"networks": [{"name": "front", "labels": {"ours": ""}}], "purge": "ours"}))
    assert sorted(stage.portrait()["networks"]) == ["front"] and on(stage, "web") == {"front": ["www"]}
    assert "network back is not there, as wanted, for it carries the label of purge and is not on the list" in outcome.plan.reasons
    assert not stage.journal.texts and not stage.journal.aside


def test_what_a_container_was_made_on_is_not_let_go_while_it_is_to_come_back():
    stage = stopped(BOTH, 5)
    with pytest.raises(WishError) as caught:
        stage.run(networks.completed({"networks": [{"name": "front", "state": "absent"}, {"name": "back"}]}))
    assert str(caught.value) == (
        "Container web could not be put back on network back, which is to be made anew, for the network it was made on (network_mode front) "
        "is removed by this task; keep that one, or have the container's owner make it again.")
    assert stage.journal.texts
    stage.run(networks.completed(OTHER))
    assert on(stage, "web") == {"front": ["www"], "back": None}


def test_what_a_stopped_run_had_made_is_purged_too():
    stage = stopped({"networks": [{"name": "front", "state": "absent"}, {"name": "modern", "labels": {"ours": ""}, "connected": ["web"]}]},
                    3, MOVED)
    stage.run(networks.completed({"networks": [], "purge": "ours"}))
    assert sorted(stage.portrait()["networks"]) == ["back", "front"] and on(stage, "web") == {"front": None}
    assert not stage.journal.texts


def test_a_container_whose_own_network_is_to_come_back_can_be_connected_elsewhere():
    stage = stopped({"name": "front", "internal": True}, 3)  # disconnected twice, and removed
    stage.run(networks.completed(dict(OTHER, connected=["web"])))
    assert on(stage, "web") == {"front": ["www"], "back": None, "other": None} and not stage.journal.texts


def test_a_run_that_had_ended_but_not_cleaned_up_is_left_as_it_is():
    stage = stopped(BOTH, 10)  # after its last change
    done = stage.portrait()
    assert len(stage.journal.texts) == 1
    assert not stage.run(networks.completed(BOTH)).changed
    assert stage.portrait() == done and not stage.journal.texts
