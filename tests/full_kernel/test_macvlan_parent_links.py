# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VLANs and ipvlan shims, which not every kernel can make."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from integration.macvlan_parent.host import Host

VLAN = {"link": "lan0", "vlan_id": 50, "persist": "none"}
SHIM = {"addresses": ["198.51.100.2"], "routes": ["198.51.100.192/26"]}
CONTAINER = "198.51.100.200"
VLANS = pytest.mark.kernel("8021q", "macvlan")
IPVLANS = pytest.mark.kernel("ipvlan", "macvlan")


@pytest.fixture
def host(tmp_path):
    made = Host(tmp_path)
    yield made
    made.close()


@VLANS
def test_vlan_there_and_back(host):
    before = host.portrait()
    told = host.module(_ansible_check_mode=True, **dict(VLAN, mtu=1400, promiscuous=True))
    assert told["changed"] and host.portrait() == before
    made = host.module(**dict(VLAN, mtu=1400, promiscuous=True))
    assert made["actions"] == told["actions"], made
    assert host.portrait()[0]["lan0.50"][:5] == ("vlan", "lan0", 1400, True, True)
    assert not host.module(**dict(VLAN, mtu=1400, promiscuous=True))["changed"]
    assert host.module(**dict(VLAN, mtu=1300))["actions"][-1] == "update link lan0.50"
    assert host.module(**dict(VLAN, state="absent"))["changed"] and host.portrait() == before


@VLANS
def test_vlan_with_a_shim_that_reaches_a_container(host):
    assert host.module(**dict(VLAN, shim=SHIM))["changed"]
    host.container("lan0.50", CONTAINER)
    assert host.reaches(CONTAINER)


@VLANS
def test_a_shim_follows_the_mtu_of_its_vlan(host):
    host.module(**dict(VLAN, shim=SHIM))
    done = host.module(**dict(VLAN, mtu=1300))
    links = host.portrait()[0]
    assert done["changed"] and links["lan0.50"][2] == links["shim-lan0.50"][2] == 1300
    assert not host.module(**dict(VLAN, mtu=1300))["changed"]


@VLANS
def test_somebody_elses_vlan_is_used_and_stays(host):
    host.run("sh", "-ec", "ip link add link lan0 name lan0.50 type vlan id 50; ip link set lan0.50 up")
    before = host.portrait()
    made = host.module(**dict(VLAN, shim=SHIM))
    assert made["parents"][0]["made_by"] == "foreign"
    host.module(**dict(VLAN, state="absent"))
    assert host.portrait() == before


@VLANS
def test_the_same_vlan_by_another_name_is_refused(host):
    host.run("sh", "-ec", "ip link add link lan0 name other type vlan id 50; ip link set other up")
    before = host.portrait()
    refused = host.module(**VLAN)
    assert refused["msg"].startswith("VLAN 50 of link lan0 is there already by the name other"), refused
    assert not host.answers(["ip", "link", "add", "link", "lan0", "name", "lan0.50", "type", "vlan", "id", "50"]), "the kernel makes it: no need to refuse"
    assert host.portrait() == before


@VLANS
def test_a_vlan_that_is_a_port_is_no_parent_and_stays(host):
    host.module(**VLAN)
    host.run("sh", "-ec", "ip link add br0 type bridge; ip link set lan0.50 master br0; ip link set br0 up")
    before = host.portrait()
    assert host.module(**dict(VLAN, shim=SHIM))["msg"] == "Link lan0.50 is a port of bridge br0, which takes all its frames; give link br0."
    refused = host.module(**dict(VLAN, state="absent"))
    assert refused["msg"] == "Parent lan0.50 cannot be removed while it is a port of br0; take it out of that first."
    assert host.portrait() == before


@VLANS
def test_a_link_on_another_is_no_parent(host):
    host.run("sh", "-ec", "ip link add link lan0 name mv0 type macvlan mode bridge; ip link set mv0 up")
    before = host.portrait()
    assert host.module(link="mv0", persist="none", shim=SHIM)["msg"].startswith("Link mv0 is a macvlan link itself")
    assert host.portrait() == before


@VLANS
def test_a_vlan_that_somebody_else_made_since_stays(host):
    """As after a reboot: the record of what was to be there until then is older than the VLAN."""
    host.module(**VLAN)
    host.run("sh", "-ec", "ip link del lan0.50; mkdir -p /run/systemd/netif; touch /run/systemd/netif/state; ip link add link lan0 name lan0.50 "
             "type vlan id 50; ip link set lan0.50 up; printf '[NetDev]\\nName=lan0.50\\nKind=vlan\\n' > /etc/systemd/network/20-fifty.netdev")
    links = host.portrait()[0]
    assert host.module(**dict(VLAN, state="absent"))["changed"]
    after = host.portrait()
    assert after[0] == links and list(after[2]) == ["upper/systemd/network/20-fifty.netdev"]


@VLANS
def test_a_vlan_that_got_an_address_from_dhcp_is_not_taken_away(host):
    host.module(**VLAN)
    host.run("ip", "address", "add", "198.51.100.7/24", "dev", "lan0.50", "valid_lft", "600", "preferred_lft", "600")
    before = host.portrait()
    refused = host.module(**dict(VLAN, state="absent"))
    assert refused["msg"].startswith("Parent lan0.50 cannot be removed while it has the address 198.51.100.7/24") and host.portrait() == before


@VLANS
def test_a_vlan_made_here_is_not_taken_by_its_name_alone(host):
    host.module(**VLAN)
    before = host.portrait()
    refused = host.module(link="lan0.50", persist="none", shim=SHIM)
    assert refused["msg"] == "Parent lan0.50 was made here as VLAN 50 of link lan0; say so again, with link lan0 and vlan_id 50."
    assert host.portrait() == before


@VLANS
def test_what_took_the_vlan_away_does_not_keep_it_away(host):
    host.module(**dict(VLAN, shim=SHIM))
    before = host.portrait()
    host.run("ip", "link", "del", "lan0.50")
    assert host.module(**VLAN)["changed"] and host.portrait() == before


@VLANS
def test_networkd_makes_the_vlan_and_its_shim_at_boot(host):
    wish = {"link": "lan0", "vlan_id": 50, "shim": SHIM}
    process = host.networkd()
    made = host.module(**wish)
    assert made["changed"] and made["parents"][0]["persist"] == "networkd", made
    before = host.portrait()
    host.end(process)
    host.run("ip", "link", "del", "lan0.50")
    process = host.networkd()
    host.until(lambda: host.portrait()[:2] == before[:2], "networkd has made VLAN, shim, address and route", 60)
    assert not host.module(**wish)["changed"]
    host.end(process)
    assert host.module(**dict(wish, state="absent"))["changed"]
    assert not host.portrait()[2] and not {"lan0.50", "shim-lan0.50"} & set(host.portrait()[0])


@VLANS
def test_networkd_makes_a_vlan_in_a_vlan_at_boot(host):
    both = [{"link": "lan0", "vlan_id": 50}, {"link": "lan0.50", "vlan_id": 7}]
    process = host.networkd()
    made = host.module(parents=both)
    assert [row["persist"] for row in made["parents"]] == ["networkd", "networkd"], made
    links = host.portrait()[0]
    host.end(process)
    host.run("ip", "link", "del", "lan0.50")
    host.networkd()
    host.until(lambda: host.portrait()[0] == links, "networkd has made both VLANs", 60)
    assert not host.module(parents=both)["changed"]


@VLANS
def test_a_vlan_in_a_vlan(host):
    before = host.portrait()
    both = [VLAN, {"link": "lan0.50", "vlan_id": 7, "persist": "none"}]
    assert host.module(parents=both)["changed"] and host.portrait()[0]["lan0.50.7"][1] == "lan0.50"
    refused = host.module(**dict(VLAN, state="absent"))
    assert refused["msg"] == "Parent lan0.50 cannot be removed while lan0.50.7 hangs on it; remove that first."
    host.module(parents=[dict(row, state="absent") for row in both])
    assert host.portrait() == before


@IPVLANS
@pytest.mark.parametrize("mode", ["l2", "l3", "l3s"])
def test_ipvlan_shim_that_reaches_a_container(host, mode):
    before = host.portrait()
    wish = {"link": "lan0", "persist": "none", "shim": dict(SHIM, driver="ipvlan", mode=mode)}
    made = host.module(**wish)
    assert made["changed"] and made["parents"][0]["shim"]["mode"] == mode, made
    assert not host.module(**wish)["changed"]
    box = host.container("lan0", CONTAINER, mode, driver="ipvlan")
    assert host.answers(["ping", "-c", "1", "-w", "10", CONTAINER])
    host.end(box)
    host.module(link="lan0", state="absent")
    assert host.portrait() == before


@IPVLANS
def test_macvlan_and_ipvlan_do_not_share_a_parent(host):
    host.run("ip", "link", "add", "link", "lan0", "name", "mv0", "type", "macvlan", "mode", "bridge")
    refused = host.module(link="lan0", persist="none", shim=dict(SHIM, driver="ipvlan"))
    assert refused["msg"].startswith("Shim shim-lan0 is an ipvlan link, but the macvlan link mv0 hangs on lan0 already")


@IPVLANS
def test_the_mode_of_other_peoples_ipvlan_links_stays(host):
    host.run("ip", "link", "add", "link", "lan0", "name", "iv0", "type", "ipvlan", "mode", "l2")
    before = host.portrait()
    refused = host.module(link="lan0", persist="none", shim=dict(SHIM, driver="ipvlan", mode="l3"))
    assert refused["msg"].startswith("Shim shim-lan0 is in mode l3, but the ipvlan link iv0 on lan0 is in mode l2"), refused
    assert host.portrait() == before
