# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role macvlan asks of the modules, in check mode and in a run, read off its tasks."""
from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.fleetnet.docker.plugins.filter.macvlan_roster import macvlan_roster

ROLE = Path(__file__).resolve().parents[4] / "roles" / "macvlan"
LIST = [{"link": "lan0", "vlan_id": 50, "shim": {"addresses": ["198.51.100.2"]}, "networks": [{"name": "fifty"}]},
        {"link": "lan1", "networks": [{"name": "lan"}]}]
# Ansible 2.19 and later template only what they are told to trust.
TRUST = {"trusted_as_template": True} if "trusted_as_template" in inspect.signature(DataLoader.load_from_file).parameters else {}


def loaded(path):
    return DataLoader().load_from_file(str(ROLE / path), **TRUST)


def asked(tasks, name, check, rows=None, module="macvlan_parent", **variables):
    """:returns: what a task gives its module"""
    told = dict(loaded("vars/main.yml"), _macvlan_roster=macvlan_roster(LIST if rows is None else rows, "none"), ansible_check_mode=check, **variables)
    task = next(task for task in loaded("tasks/" + tasks) if task["name"] == name)
    return Templar(loader=DataLoader(), variables=told).template(task["fleetnet.docker." + module])


@pytest.mark.parametrize("check, expected", [(True, ["fifty", "lan"]), (False, [])])
@pytest.mark.parametrize("tasks, name", [("absent.yml", "Remove shims and parents"), ("present.yml", "Make the shims")])
def test_networks_count_as_they_are_unless_nothing_is_carried_out(tasks, name, check, expected):
    """In check mode those that would have gone, or moved, are there as before."""
    assert asked(tasks, name, check).get("coming_networks", []) == expected


@pytest.mark.parametrize("name", ["Try parents and shims", "Make the VLANs"])
def test_what_is_asked_before_the_networks_is_not_held_against_them(name):
    """After a run that stopped between networks and shims, the old shim is beside new networks."""
    assert asked("present.yml", name, False)["coming_networks"] == ["fifty", "lan"]


@pytest.mark.parametrize("check, there, expected", [(True, False, ["five"]), (True, True, ["five", "seven"]), (False, False, ["five", "seven"])])
def test_check_mode_leaves_out_networks_whose_vlan_has_nothing_below_it_yet(check, there, expected):
    rows = [{"link": "lan0", "vlan_id": 5, "networks": [{"name": "five"}]}, {"link": "lan0.5", "vlan_id": 7, "networks": [{"name": "seven"}]}]
    found = {"parents": [{"name": name, "exists": there} for name in ("lan0.5", "lan0.5.7")]}
    given = asked("present.yml", "Make the networks", check, rows, "network", _macvlan_vlans=found)
    assert [net["name"] for net in given["networks"]] == expected


def test_networks_on_the_card_alone_are_always_tried():
    given = asked("present.yml", "Make the networks", True, LIST[1:], "network", _macvlan_vlans={"skipped": True})
    assert [net["name"] for net in given["networks"]] == ["lan"]


def test_shims_of_another_driver_are_gone_when_networks_come():
    names = [task["name"] for task in loaded("tasks/present.yml")]
    first = names.index("Take away the shims of another driver")
    assert names.index("Try the networks") < first < names.index("Make the VLANs") < names.index("Make the networks") < names.index("Make the shims")
