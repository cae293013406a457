# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role macvlan makes of its list."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.filter.macvlan_roster import macvlan_roster
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent.roster import leaving

LAN = {"subnet": "192.0.2.0/24", "iprange": "192.0.2.192/28"}
SHIM = {"addresses": ["192.0.2.190"], "routes": ["192.0.2.192/28"]}


def test_parents_and_networks():
    shim = dict(SHIM, mode="vepa")
    found = macvlan_roster([{"link": "lan0", "shim": shim, "networks": [{"name": "lan", "mode": "vepa", "ipam_config": [LAN]}]},
                            {"link": "lan0", "vlan_id": 5, "persist": "none", "networks": [{"name": "five", "driver": "ipvlan"}]}])
    assert found["error"] == ""
    assert found["parents"] == [{"link": "lan0", "persist": "auto", "shim": shim}, {"link": "lan0", "vlan_id": 5, "persist": "none"}]
    assert found["networks"] == [
        {"name": "lan", "driver": "macvlan", "driver_options": {"parent": "lan0", "macvlan_mode": "vepa"},
         "ipam_config": [dict(LAN, aux_addresses={"fleetnet_shim": "192.0.2.190"})]},
        {"name": "five", "driver": "ipvlan", "driver_options": {"parent": "lan0.5"}}]


@pytest.mark.parametrize("driver,mode", [
    ("macvlan", "bridge"), ("macvlan", "private"), ("macvlan", "vepa"), ("macvlan", "passthru"),
    ("ipvlan", "l2"), ("ipvlan", "l3"), ("ipvlan", "l3s")])
def test_each_mode_becomes_the_option_that_the_engine_knows(driver, mode):
    found = macvlan_roster([{"link": "lan0", "networks": [{"name": "lan", "driver": driver, "mode": mode}]}])
    assert found["error"] == ""
    assert found["networks"] == [{"name": "lan", "driver": driver, "driver_options": {"parent": "lan0", "%s_mode" % driver: mode}}]


@pytest.mark.parametrize("theirs, expected", [
    ({}, {"fleetnet_shim": "192.0.2.190", "fleetnet_shim_2": "192.0.2.191"}),
    ({"host": "192.0.2.190"}, {"host": "192.0.2.190", "fleetnet_shim_2": "192.0.2.191"}),
    ({"host": " 192.0.2.191/24"}, {"host": " 192.0.2.191/24", "fleetnet_shim": "192.0.2.190"}),
    ({"one": "192.0.2.190", "two": "192.0.2.191"}, {"one": "192.0.2.190", "two": "192.0.2.191"}),
    ({"wrong": "host"}, {"wrong": "host", "fleetnet_shim": "192.0.2.190", "fleetnet_shim_2": "192.0.2.191"}),
])
def test_an_address_that_is_reserved_already_is_not_reserved_twice(theirs, expected):
    found = macvlan_roster([{"link": "lan0", "shim": {"addresses": ["192.0.2.190", "192.0.2.191"]}, "networks": [
        {"name": "lan", "ipam_config": [{"subnet": "192.0.2.0/24", "aux_addresses": theirs}]}]}])
    assert found["error"] == "" and found["networks"][0]["ipam_config"][0]["aux_addresses"] == expected


def test_the_driver_of_the_shim_is_that_of_the_networks():
    found = macvlan_roster([{"link": "lan0", "shim": dict(SHIM, driver="ipvlan", mode="l3"), "networks": [{"name": "lan", "mode": "l3"}]}])
    assert found["networks"][0]["driver_options"] == {"parent": "lan0", "ipvlan_mode": "l3"}


def test_numbers_as_text_and_no_vlan():
    """What a template or --extra-vars gives; a variable without a value is no VLAN."""
    found = macvlan_roster([{"link": "lan0", "vlan_id": "30", "mtu": "1400", "shim": dict(SHIM, mtu="1300")}, {"link": "lan1", "vlan_id": None}])
    assert found["parents"] == [{"link": "lan0", "vlan_id": 30, "mtu": 1400, "persist": "auto", "shim": dict(SHIM, mtu=1300)},
                                {"link": "lan1", "persist": "auto"}]


def test_networks_on_a_vlan_are_tried_early_where_the_card_is_listed_too():
    found = macvlan_roster([{"link": "lan0", "networks": [{"name": "lan"}]}, {"link": "lan0", "vlan_id": 5, "networks": [{"name": "five"}]}])
    assert [net["name"] for net in found["early"]] == ["lan", "five"]


def test_networks_on_a_vlan_of_a_vlan_cannot_be_tried_early():
    found = macvlan_roster([{"link": "lan0", "vlan_id": 5, "networks": [{"name": "five"}]},
                            {"link": "lan0.5", "vlan_id": 7, "networks": [{"name": "seven"}]}])
    assert [net["name"] for net in found["early"]] == ["five"] and [net["name"] for net in found["networks"]] == ["five", "seven"]


def test_shims_that_exclude_each_other_are_refused_here():
    rows = [{"link": link, "shim": {"addresses": [text]}} for link, text in (("lan0", "192.0.2.3/24"), ("lan1", "192.0.2.4/24"))]
    assert macvlan_roster(rows)["error"].startswith("Shims shim-lan0 and shim-lan1 would both be the host's way to the same addresses")


@pytest.mark.parametrize("wanted, had, goes", [
    (dict(SHIM, driver="ipvlan"), "macvlan", True),
    (SHIM, "ipvlan", True),
    ({"state": "absent"}, "macvlan", True),
    (SHIM, "macvlan", False),
    (dict(SHIM, driver="ipvlan"), "ipvlan", False),
    (dict(SHIM, driver="ipvlan"), None, False),
    (None, "macvlan", False),
])
def test_shims_of_another_driver_go_before_the_networks(wanted, had, goes):
    parents = [{"link": "lan0", "vlan_id": 5, "mtu": 1400, "shim": wanted}, {"link": "lan1"}]
    found = [{"name": "lan0.5", "shim": {"name": "s", "exists": had is not None, "driver": had or "macvlan"}}, {"name": "lan1", "shim": None}]
    assert leaving(parents, found) == ([{"link": "lan0", "vlan_id": 5, "shim": {"name": "s", "state": "absent"}}] if goes else [])


def test_networks_that_go_are_no_matter_for_the_shim():
    assert macvlan_roster([{"link": "lan0", "shim": SHIM, "networks": [{"name": "lan", "mode": "passthru", "state": "absent"}]}])["error"] == ""


@pytest.mark.parametrize("row,message", [
    ({"networks": [{"name": "lan", "mode": "l2"}]}, "Mode l2 of network lan is none of macvlan; choose one of bridge, vepa, private, passthru."),
    ({"networks": [{"name": "lan", "driver": "bridge"}]}, "Network lan on parent lan0 has the driver bridge; choose one of macvlan, ipvlan."),
    ({"shim": SHIM, "networks": [{"name": "lan", "ipam_config": [{"subnet": "198.51.100.0/24"}]}]},
     "The address 192.0.2.190 of shim shim-lan0 lies in no subnet of the networks on its parent (198.51.100.0/24); choose one in them."),
    ({"shim": SHIM, "networks": [{"name": "lan", "ipam_config": [dict(LAN, gateway="192.0.2.190")]}]},
     "The address 192.0.2.190 of shim shim-lan0 is the gateway of network lan; choose a free one."),
    ({"shim": SHIM, "networks": [{"name": "lan", "mode": "passthru"}]},
     "Network lan is in mode passthru and has parent lan0 for itself, so there can be no shim; take the shim off."),
    ({"shim": SHIM, "networks": [{"name": "lan", "driver": "ipvlan"}]},
     "Shim shim-lan0 is a macvlan link, but network lan on lan0 is ipvlan, and a parent cannot have both; set shim.driver to ipvlan."),
    ({"shim": dict(SHIM, driver="ipvlan"), "networks": [{"name": "lan", "mode": "l3"}]},
     "Shim shim-lan0 is in mode l2, but network lan on lan0 is in mode l3, and all ipvlan links of a parent have one mode; set shim.mode to l3."),
    ({"vlan_id": "fifty"}, "The vlan_id 'fifty' is no number; correct it."),
    ({"networks": [{"name": "lan", "ipam_config": [{"subnet": "192.0.2.9/24"}]}]},
     "The subnet '192.0.2.9/24' is wrong (192.0.2.9/24 has host bits set); write it like 192.0.2.0/24."),
    ({"shim": SHIM, "networks": [{"name": "lan", "mode": "private"}]},
     "Network lan on lan0 is in mode private, in which its containers answer no other link of the parent, so the shim shim-lan0 would reach none; "
     "take the shim off, or give the network another mode."),
    ({"vlan_id": 5000}, "The vlan_id 5000 for link lan0 is out of range; choose one from 1 to 4094."),
])
def test_refused(row, message):
    assert macvlan_roster([dict(row, link="lan0")]) == {"parents": [], "networks": [], "early": [], "error": message}
