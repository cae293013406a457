# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks on an 802.1Q sub-interface of the NIC, reached by another host on that VLAN."""
from __future__ import annotations

import pytest

from lan import box, drop, from_the_lan, lan_pings, network, remove
from machine import run

ADDRESS = "198.51.100.10"


@pytest.fixture(autouse=True)
def _vlan_30_on_the_lan():
    for command in ("ip link add link up1 name up1.30 type vlan id 30", "ip address add 198.51.100.1/24 dev up1.30", "ip link set up1.30 up"):
        from_the_lan(*command.split())
    yield
    drop("onvlan")
    remove("vlan")
    run("ip", "link", "delete", "up0.30", check=False)
    from_the_lan("ip", "link", "delete", "up1.30")


def on_the_vlan(driver, **options):
    network("vlan", driver=driver, driver_options=dict(options, parent="up0.30"), ipam_config=[{"subnet": "198.51.100.0/24"}])
    return box("onvlan", "vlan", "--ip", ADDRESS)


def tagged():
    """What the switch's port sees of a ping, with its 802.1Q header."""
    return from_the_lan("sh", "-c", "timeout 20 tcpdump -n -e -c 1 -i up1 vlan 30 and icmp 2>/dev/null & sleep 2; ping -c 3 %s >/dev/null; wait" % ADDRESS)


@pytest.mark.kernel("8021q", "macvlan")
def test_macvlan_on_a_vlan_answers_with_the_tag_on_the_wire():
    on_the_vlan("macvlan")
    assert lan_pings(ADDRESS)
    assert "vlan 30" in tagged()
    assert "802.1Q id 30" in run("ip", "-details", "link", "show", "up0.30")


@pytest.mark.kernel("8021q", "ipvlan")
@pytest.mark.whole
def test_ipvlan_on_a_vlan_answers():
    on_the_vlan("ipvlan", ipvlan_mode="l2")
    assert lan_pings(ADDRESS)


@pytest.mark.kernel("8021q", "macvlan")
@pytest.mark.whole
@pytest.mark.parametrize("made_before", [False, True])
def test_who_made_the_sub_interface_decides_whether_it_stays(made_before):
    """docs say so: the engine removes the parent that it made itself, with the last network, and no other."""
    if made_before:
        run("ip", "link", "add", "link", "up0", "name", "up0.30", "type", "vlan", "id", "30")
        run("ip", "link", "set", "up0.30", "up")
    on_the_vlan("macvlan")
    drop("onvlan")
    remove("vlan")
    assert bool(run("ip", "link", "show", "up0.30", check=False)) == made_before
