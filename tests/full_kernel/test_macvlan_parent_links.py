# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VLANs and ipvlan shims, which not every kernel can make: runs where it can, and names what is missing where it cannot."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from integration.macvlan_parent.host import Host, why_not  # noqa: E402

VLAN = {"link": "lan0", "vlan_id": 50, "persist": "none"}
SHIM = {"addresses": ["198.51.100.2"], "routes": ["198.51.100.192/26"]}


@pytest.fixture
def host(tmp_path):
    reason = why_not()
    if reason:
        pytest.skip(reason)
    made = Host(tmp_path)
    yield made
    made.close()


@pytest.fixture
def vlans(host):
    need(host, "vlan", "802.1Q (8021q)")
    return host


@pytest.fixture
def ipvlans(host):
    need(host, "ipvlan", "ipvlan")
    return host


def need(host, kind, name):
    tried = subprocess.run(host.inside(["sh", "-c", "ip link add link lan0 name fleetnetprobe type %s && ip link del fleetnetprobe" % (
        kind + (" id 5" if kind == "vlan" else ""))]), capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip("this kernel has no %s (%s)" % (name, tried.stderr.strip()))


def test_vlan_there_and_back(vlans):
    before = vlans.portrait()
    told = vlans.module(_ansible_check_mode=True, **dict(VLAN, mtu=1400, promiscuous=True))
    assert told["changed"] and vlans.portrait() == before
    made = vlans.module(**dict(VLAN, mtu=1400, promiscuous=True))
    assert made["actions"] == told["actions"], made
    assert vlans.portrait()[0]["lan0.50"][:5] == ("vlan", "lan0", 1400, True, True)
    assert not vlans.module(**dict(VLAN, mtu=1400, promiscuous=True))["changed"]
    assert vlans.module(**dict(VLAN, mtu=1300))["actions"][-1] == "update link lan0.50"
    assert vlans.module(**dict(VLAN, state="absent"))["changed"] and vlans.portrait() == before


def test_vlan_with_a_shim_that_reaches_a_container(vlans):
    assert vlans.module(**dict(VLAN, shim=SHIM))["changed"]
    vlans.container("lan0.50", "198.51.100.200")
    assert vlans.reaches("198.51.100.200")


def test_a_shim_follows_the_mtu_of_its_vlan(vlans):
    vlans.module(**dict(VLAN, shim=SHIM))
    done = vlans.module(**dict(VLAN, mtu=1300))
    links = vlans.portrait()[0]
    assert done["changed"] and links["lan0.50"][2] == links["shim-lan0.50"][2] == 1300
    assert not vlans.module(**dict(VLAN, mtu=1300))["changed"]


def test_somebody_elses_vlan_is_used_and_stays(vlans):
    vlans.run("sh", "-ec", "ip link add link lan0 name lan0.50 type vlan id 50; ip link set lan0.50 up")
    before = vlans.portrait()
    made = vlans.module(**dict(VLAN, shim=SHIM))
    assert made["parents"][0]["made_by"] == "foreign"
    vlans.module(**dict(VLAN, state="absent"))
    assert vlans.portrait() == before


def test_what_took_the_vlan_away_does_not_keep_it_away(vlans):
    vlans.module(**dict(VLAN, shim=SHIM))
    before = vlans.portrait()
    vlans.run("ip", "link", "del", "lan0.50")
    assert vlans.module(**VLAN)["changed"] and vlans.portrait() == before


def test_a_vlan_in_a_vlan(vlans):
    before = vlans.portrait()
    both = [VLAN, {"link": "lan0.50", "vlan_id": 7, "persist": "none"}]
    assert vlans.module(parents=both)["changed"] and vlans.portrait()[0]["lan0.50.7"][1] == "lan0.50"
    refused = vlans.module(**dict(VLAN, state="absent"))
    assert refused["msg"] == "Parent lan0.50 cannot be removed while lan0.50.7 hangs on it; remove that first."
    vlans.module(parents=[dict(row, state="absent") for row in both])
    assert vlans.portrait() == before


@pytest.mark.parametrize("mode", ["l2", "l3", "l3s"])
def test_ipvlan_shim(ipvlans, mode):
    before = ipvlans.portrait()
    wish = {"link": "lan0", "persist": "none", "shim": dict(SHIM, driver="ipvlan", mode=mode)}
    made = ipvlans.module(**wish)
    assert made["changed"] and made["parents"][0]["shim"]["mode"] == mode, made
    assert not ipvlans.module(**wish)["changed"]
    ipvlans.module(link="lan0", state="absent")
    assert ipvlans.portrait() == before


def test_macvlan_and_ipvlan_do_not_share_a_parent(ipvlans):
    ipvlans.run("ip", "link", "add", "link", "lan0", "name", "mv0", "type", "macvlan", "mode", "bridge")
    refused = ipvlans.module(link="lan0", persist="none", shim=dict(SHIM, driver="ipvlan"))
    assert refused["msg"].startswith("Shim shim-lan0 is an ipvlan link, but the macvlan link mv0 hangs on lan0 already")
