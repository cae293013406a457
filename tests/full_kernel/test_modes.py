# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each mode of macvlan and ipvlan, as role macvlan asks for it: who reaches whom, and the MTU that containers get."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.filter.macvlan_roster import macvlan_roster

from lan import box, drop, from_the_lan, lan_pings, network, ping, remove
from machine import run

pytestmark = pytest.mark.whole
LAN = "192.0.2.0/24"
ROUTED = "198.51.100.0/24"


@pytest.fixture
def pair_on():
    """Makes a network on the NIC with two containers."""
    def make(driver, mode, first, second=None, subnet=LAN):
        lan = dict(name="lan", driver=driver, mode=mode, ipam_config=[{"subnet": subnet}])
        network(**macvlan_roster([{"link": "up0", "networks": [lan]}])["networks"][0])
        box("one", "lan", "--ip", first)
        if second:
            box("two", "lan", "--ip", second)

    yield make
    drop("one", "two")
    remove("lan")


@pytest.mark.kernel("macvlan")
@pytest.mark.parametrize("mode, neighbours", [("bridge", True), ("private", False), ("vepa", False)])
def test_macvlan(pair_on, mode, neighbours):
    """The LAN reaches them in each mode; each other they reach in mode bridge only (the switch here does not reflect)."""
    pair_on("macvlan", mode, "192.0.2.10", "192.0.2.11")
    assert lan_pings("192.0.2.10") and lan_pings("192.0.2.11")
    assert ping("one", "192.0.2.11") == neighbours


@pytest.mark.kernel("macvlan")
def test_macvlan_passthru_takes_the_parent_alone(pair_on):
    pair_on("macvlan", "passthru", "192.0.2.10")
    assert lan_pings("192.0.2.10")
    with pytest.raises(AssertionError, match="passthru|busy|invalid argument"):
        box("two", "lan", "--ip", "192.0.2.11")


@pytest.mark.kernel("ipvlan")
def test_ipvlan_l2_shares_the_nics_mac(pair_on):
    pair_on("ipvlan", "l2", "192.0.2.10", "192.0.2.11")
    assert lan_pings("192.0.2.10") and ping("one", "192.0.2.11")
    assert run("docker", "exec", "one", "cat", "/sys/class/net/eth0/address") == run("cat", "/sys/class/net/up0/address")


@pytest.mark.kernel("ipvlan")
@pytest.mark.parametrize("mode", ["l3", "l3s"])
def test_ipvlan_l3_is_reached_by_a_route(pair_on, mode):
    """Without broadcast there is no ARP: another host needs a route to the network by way of the NIC."""
    pair_on("ipvlan", mode, "198.51.100.10", "198.51.100.11", subnet=ROUTED)
    assert ping("one", "198.51.100.11")
    assert not lan_pings("198.51.100.10")
    from_the_lan("ip", "route", "add", ROUTED, "via", "192.0.2.1")
    try:
        assert lan_pings("198.51.100.10")
    finally:
        from_the_lan("ip", "route", "delete", ROUTED)


@pytest.mark.parametrize("driver", [pytest.param(name, marks=pytest.mark.kernel(name)) for name in ("macvlan", "ipvlan")])
def test_containers_take_the_parents_mtu(pair_on, driver):
    run("ip", "link", "set", "up0", "mtu", "1400")
    try:
        pair_on(driver, None, "192.0.2.10")
        assert run("docker", "exec", "one", "cat", "/sys/class/net/eth0/mtu") == "1400"
        assert ping("one", "192.0.2.254", "-s", "1372")
    finally:
        run("ip", "link", "set", "up0", "mtu", "1500")
