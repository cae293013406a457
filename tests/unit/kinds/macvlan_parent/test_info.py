# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What macvlan_parent_info tells: parents that are declared, VLANs of others, and parents that networks name and nobody has."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core import engine as core
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent import info, kind, state

from unit.laws import macvlan_parents as home

OBSERVED = {
    "links": {"lan0": {"addresses": ["192.0.2.11/24"]}, "lan0.60": {"kind": "vlan", "parent": "lan0", "vlan_id": 60, "mtu": 1496, "up": False}},
    "networks": [
        {"Name": "lan", "Driver": "macvlan", "Options": {"parent": "lan0"}, "IPAM": {"Config": [{"Subnet": "192.0.2.0/24"}]}},
        {"Name": "also", "Driver": "macvlan", "Options": {"parent": "lan0", "macvlan_mode": "vepa"}, "IPAM": {"Config": [{"Subnet": "192.0.3.0/24"}]}},
        {"Name": "far", "Driver": "ipvlan", "Options": {"parent": "lan9"}},
        {"Name": "inside", "Driver": "bridge"}],
    "containers": [{"name": "web", "endpoints": {"lan": {"IPAMConfig": {"IPv4Address": "192.0.2.200"}}, "inside": {}}}],
}
WISHES = {"parents": [
    {"link": "lan0", "persist": "none", "shim": {"mode": "vepa", "addresses": ["192.0.2.190"], "routes": ["192.0.2.192/28"]}},
    {"link": "lan0", "vlan_id": 50, "mtu": 1400, "persist": "none"}]}


@pytest.fixture
def told():
    """:returns: what is told of each parent by its name, and the host to tell of"""
    model = home.engine(OBSERVED)
    core.converge(kind, kind.desired(home.completed(WISHES)), home.ModelWorld(model))

    def look():
        observed = home.ModelWorld(model).observe(state.Scope(networks=True))
        return {row["name"]: row for row in info.parents(observed)}, observed

    return look, model


def test_each_parent_once_in_order(told):
    assert list(told[0]()[0]) == ["lan0", "lan0.50", "lan0.60", "lan9"]


def test_a_parent_that_is_declared(told):
    rows = told[0]()[0]
    assert rows["lan0"].pop("networks") and rows["lan0"] == dict(
        name="lan0", link="lan0", vlan_id=None, exists=True, declared=True, made_by="foreign", persist="none", files=[], mtu=1500, up=True,
        promiscuous=False, shim=dict(name="shim-lan0", exists=True, driver="macvlan", mode="vepa", mtu=1500, up=True,
                                     addresses=["192.0.2.190/32"], routes=["192.0.2.192/28"]))
    assert rows["lan0.50"] == dict(
        name="lan0.50", link="lan0", vlan_id=50, exists=True, declared=True, made_by="created", persist="none", files=[], mtu=1400, up=True,
        promiscuous=False, shim=None, networks=[])


def test_a_vlan_of_somebody_else(told):
    assert told[0]()[0]["lan0.60"] == dict(
        name="lan0.60", link="lan0", vlan_id=60, exists=True, declared=False, made_by="foreign", persist=None, files=[], mtu=1496, up=False,
        promiscuous=False, shim=None, networks=[])


def test_a_parent_that_a_network_names_and_nobody_has(told):
    row = told[0]()[0]["lan9"]
    assert [net["name"] for net in row.pop("networks")] == ["far"]
    assert row == dict(name="lan9", link="lan9", vlan_id=None, exists=False, declared=False, made_by="foreign", persist=None, files=[], mtu=None,
                       up=None, promiscuous=None, shim=None)


def test_networks_and_their_containers(told):
    assert told[0]()[0]["lan0"]["networks"] == [
        dict(name="also", driver="macvlan", mode="vepa", subnets=["192.0.3.0/24"], containers=[]),
        dict(name="lan", driver="macvlan", mode="bridge", subnets=["192.0.2.0/24"], containers=[dict(name="web", addresses=["192.0.2.200"])])]


def test_a_shim_and_a_vlan_that_are_gone_are_told_as_declared(told):
    look, model = told
    for name in ("shim-lan0", "lan0.50"):
        model.kernel.remove(name)
    rows = look()[0]
    assert rows["lan0"]["shim"] == dict(name="shim-lan0", exists=False, driver="macvlan", mode="vepa", mtu=None, up=False,
                                        addresses=["192.0.2.190/32"], routes=["192.0.2.192/28"])
    assert (rows["lan0.50"]["exists"], rows["lan0.50"]["link"], rows["lan0.50"]["vlan_id"]) == (False, "lan0", 50)


def test_without_an_engine_there_is_nothing_to_say_of_networks(told):
    look, model = told
    model.engine = None
    rows, observed = look()
    assert list(rows) == ["lan0", "lan0.50", "lan0.60"] and not any("networks" in row for row in rows.values())
    assert observed.silent == home.SILENT
