# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On a real kernel, in namespaces of their own: shims that work, boot files that networkd carries out, rollback, kills."""
from __future__ import annotations

import os

import pytest

from integration.macvlan_parent.host import NETWORKD

SHIM = {"addresses": ["192.0.2.190"], "routes": ["192.0.2.192/28"]}
WISH = {"link": "lan0", "persist": "none", "shim": SHIM}
KILLED = "tests/integration/macvlan_parent/killed.py"
needs_networkd = pytest.mark.skipif(not os.path.exists(NETWORKD), reason="systemd-networkd is not installed")


def test_the_host_reaches_its_container_through_the_shim_alone(host):
    host.container("lan0", "192.0.2.200")
    assert not host.reaches("192.0.2.200")
    made = host.module(**WISH)
    assert made["changed"], made
    host.run("ip", "neighbour", "flush", "all")
    assert host.reaches("192.0.2.200")


@pytest.mark.parametrize("theirs, mine, hairpin, reached", [
    ("private", "bridge", False, False), ("private", "bridge", True, False), ("vepa", "bridge", False, False),
    ("vepa", "vepa", False, False), ("vepa", "vepa", True, True)])
def test_modes_in_which_a_shim_reaches_its_containers(host, theirs, mine, hairpin, reached):
    """Why a shim beside a private network is refused, and one in mode vepa warns: a bridge at the other end is the switch."""
    host.run("sh", "-ec", "ip link add br0 type bridge; ip link set lan1 master br0; ip link set br0 up")
    host.run("bridge", "link", "set", "dev", "lan1", "hairpin", "on" if hairpin else "off")
    host.container("lan0", "192.0.2.200", theirs)
    made = host.module(**dict(WISH, shim=dict(SHIM, mode=mine)))
    assert made["changed"], made
    assert host.reaches("192.0.2.200") is reached


def test_an_address_with_a_lifetime_is_the_hosts_own(host):
    """As a DHCP client gives it."""
    host.run("ip", "address", "add", "192.0.2.77/24", "dev", "lan0", "valid_lft", "600", "preferred_lft", "600")
    before = host.portrait()
    for shim, told in (({"addresses": ["192.0.2.77"]}, "The address 192.0.2.77 of shim shim-lan0 is that of link lan0 already"),
                       (dict(SHIM, routes=["192.0.2.64/28"]), "The route 192.0.2.64/28 of shim shim-lan0 holds the host's own address 192.0.2.77")):
        failed = host.module(**dict(WISH, shim=shim))
        assert failed["failed"] and failed["msg"].startswith(told), failed
    assert host.portrait() == before
    assert host.module(**WISH)["changed"] and not host.module(**WISH)["changed"]


def test_each_of_several_gateways_is_a_gateway(host):
    host.run("sh", "-ec", "ip address add 198.51.100.11/24 dev lan2; ip link set lan2 up; ip link set lan3 up; ip route add default "
             "nexthop via 192.0.2.253 dev lan0 nexthop via 198.51.100.254 dev lan2")
    before = host.portrait()
    for link, gateway in (("lan0", "192.0.2.253"), ("lan2", "198.51.100.254")):
        failed = host.module(link=link, persist="none", shim={"addresses": [gateway]})
        assert failed["failed"] and failed["msg"].startswith("The address %s of shim shim-%s is the host's gateway for 0.0.0.0/0" % (gateway, link))
    assert host.portrait() == before
    assert host.module(**WISH)["changed"] and not host.module(**WISH)["changed"]


def test_there_and_back(host):
    before = host.portrait()
    told = host.module(_ansible_check_mode=True, **WISH)
    assert told["changed"] and host.portrait() == before
    made = host.module(_ansible_diff=True, **WISH)
    assert made["actions"] == told["actions"] and made["diff"]["after"]["link shim-lan0"]["addresses"] == ["192.0.2.190/32"]
    assert made["parents"][0]["shim"]["exists"] and made["parents"][0]["shim"]["routes"] == ["192.0.2.192/28"]
    again = host.module(**WISH)
    assert not again["changed"] and again["reasons"] == ["parent lan0 is as wanted"]
    found = host.module("macvlan_parent_info")
    assert [row["name"] for row in found["parents"]] == ["lan0"] and found["parents"][0]["declared"]
    assert host.module(link="lan0", state="absent")["changed"]
    assert host.portrait() == before


def test_what_differs_is_put_right(host):
    host.module(**WISH)
    before = host.portrait()
    host.run("sh", "-ec", "ip address add 192.0.2.191/32 dev shim-lan0; ip route del 192.0.2.192/28; ip link set shim-lan0 mtu 1400")
    host.run("ip", "link", "set", "shim-lan0", "down")
    assert host.module(**dict(WISH, shim=dict(SHIM, mtu=1500)))["changed"]
    assert host.portrait()[:2] == before[:2]


def test_promiscuous_is_given_back(host):
    host.module(link="lan0", promiscuous=True, persist="none")
    assert host.portrait()[0]["lan0"][4]
    host.module(link="lan0", state="absent")
    assert not host.portrait()[0]["lan0"][4]


def test_a_refused_file_leaves_nothing(host):
    """/etc/systemd/network is a file, so that nothing can be written there: seen after the links were made."""
    host.run("sh", "-ec", "mkdir -p /run/systemd/netif; touch /run/systemd/netif/state; rmdir /etc/systemd/network; touch /etc/systemd/network")
    before = host.portrait()
    failed = host.module(**dict(WISH, persist="auto"))
    assert failed["failed"] and failed["rolled_back"] == "true" and not failed["left_over"], failed
    assert failed["msg"].startswith("parent lan0: /etc/systemd/network/05-fleetnet-") and failed["msg"].endswith("everything is back as it was.")
    assert host.portrait() == before


@pytest.mark.parametrize("wish", [WISH, {"link": "lan0", "state": "absent"}], ids=["present", "absent"])
def test_a_kill_at_each_step_is_finished_by_the_next_run(host, wish):
    def begin():
        if "state" in wish:
            host.module(**WISH)

    begin()
    actions = host.module(**wish)["actions"]
    after = host.portrait()
    for steps in range(len(actions)):
        host.module(link="lan0", state="absent")
        begin()
        assert host.module(runner=(KILLED, str(steps)), **wish) == 137
        done = host.module(**wish)
        assert not done.get("failed") and host.portrait() == after, (steps, done)


def test_a_kill_and_another_wish_puts_back(host):
    before = host.portrait()
    assert host.module(runner=(KILLED, "2"), **WISH) == 137
    assert "shim-lan0" in host.portrait()[0]
    host.module(link="lan2", state="absent")
    assert host.portrait() == before


@needs_networkd
def test_networkd_makes_at_boot_what_the_module_made(host):
    process = host.networkd()
    made = host.module(link="lan0", shim=SHIM)
    assert made["changed"] and made["parents"][0]["persist"] == "networkd", made
    before = host.portrait()
    host.end(process)
    host.run("ip", "link", "del", "shim-lan0")
    process = host.networkd()
    host.until(lambda: host.portrait()[1] == before[1], "networkd has made shim, address and route")
    assert host.portrait()[0] == before[0]
    assert not host.module(link="lan0", shim=SHIM)["changed"]
    host.end(process)
    assert host.module(link="lan0", state="absent")["changed"]
    assert not host.portrait()[2] and "shim-lan0" not in host.portrait()[0]


@needs_networkd
def test_networkd_that_configures_the_link_gets_a_drop_in(host):
    host.run("sh", "-ec", "printf '[Match]\\nName=lan0\\n\\n[Network]\\nAddress=192.0.2.11/24\\n' > /etc/systemd/network/10-lan.network")
    host.run("ip", "address", "flush", "dev", "lan0")
    process = host.networkd()
    host.until(lambda: host.answers(["grep", "-rq", "10-lan.network", "/run/systemd/netif/links"]), "networkd has taken up lan0")
    assert host.module(link="lan0", shim=SHIM)["parents"][0]["files"] == [
        "/etc/systemd/network/10-lan.network.d/fleetnet-lan0.conf", "/etc/systemd/network/05-fleetnet-shim-lan0.netdev",
        "/etc/systemd/network/05-fleetnet-shim-lan0.network"]
    host.end(process)
    before = host.portrait()
    # As at boot, when a link comes without addresses; networkd 252 stumbles over its own ones on newer kernels.
    host.run("sh", "-ec", "ip link del shim-lan0; ip address flush dev lan0; ip link set lan0 down")
    host.networkd()
    host.until(lambda: host.portrait()[1] == before[1], "networkd has made shim, address and route")


TRIED = {
    "a new shim": (None, WISH),
    "other addresses and routes": (WISH, dict(WISH, shim={"addresses": ["192.0.2.191", "2001:db8::191"], "routes": ["2001:db8:1::/64"]})),
    "another mode": (WISH, dict(WISH, shim=dict(SHIM, mode="vepa", mtu=1400))),
    "another name": (WISH, dict(WISH, shim=dict(SHIM, name="other"))),
    "promiscuous": (WISH, dict(WISH, promiscuous=True)),
    "nothing of it": (dict(WISH, promiscuous=True), {"link": "lan0", "state": "absent"}),
}


@pytest.mark.parametrize("name", TRIED)
def test_what_nobody_confirms_is_taken_back_by_the_timer(host, name):
    """As over SSH from 192.0.2.1, which the host answers through lan0."""
    came_in = "192.0.2.1 50000 192.0.2.11 22"
    before, wish = TRIED[name]
    if before:
        host.module(**before)
    was = host.portrait()
    tried = host.module(confirm="try", rollback_after=2, came_in=came_in, **wish)
    assert tried["actions"][0] == "arm the roll-back timer" and tried["unconfirmed"], tried
    assert host.portrait()[:2] != was[:2]
    host.until(lambda: host.answers(["test", "-e", "/run/fleetnet/rollback/macvlan_parent/outcome.json"]), "the timer has fired")
    assert '"errors": []' in host.run("cat", "/run/fleetnet/rollback/macvlan_parent/outcome.json")
    assert host.portrait() == was
    late = host.module(confirm="confirm", came_in=came_in, **wish)
    assert late["failed"] and late["msg"].startswith("The roll-back timer was faster") and host.portrait() == was


def test_what_is_confirmed_stays(host):
    came_in = "192.0.2.1 50000 192.0.2.11 22"
    host.run("sh", "-ec", "mkdir -p /run/systemd/netif; touch /run/systemd/netif/state")
    wish = dict(link="lan0", shim=SHIM, persist="networkd", rollback_after=60, came_in=came_in)
    foreseen = host.module(confirm="try", _ansible_check_mode=True, **wish)
    tried = host.module(confirm="try", **wish)
    assert not host.answers(["ls", "/etc/systemd/network/05-fleetnet-shim-lan0.netdev"])
    done = host.module(confirm="confirm", **wish)
    assert tried["actions"] + done["actions"] == foreseen["actions"] and done["actions"][-1] == "disarm the roll-back timer", done
    assert host.answers(["ls", "/etc/systemd/network/05-fleetnet-shim-lan0.netdev"]) and not host.module(confirm="try", **wish)["changed"]


def test_guards_on_real_links(host):
    host.run("sh", "-ec", "ip link add br0 type bridge; ip link set lan2 master br0; ip link set br0 up")
    before = host.portrait()
    for link, begin in (("lan9", "Link lan9 does not exist on this host"), ("lan3", "Link lan3 is down"),
                        ("lan2", "Link lan2 is a port of bridge br0"), ("lo", "Link lo is the loopback")):
        failed = host.module(link=link, persist="none")
        assert failed["failed"] and failed["fault"] == "input" and failed["msg"].startswith(begin), failed
    assert host.portrait() == before


def test_what_the_kernel_lacks_is_told(host):
    """And asking it leaves nothing."""
    before = host.portrait()
    for kind, params in (("vlan", {"vlan_id": 50}), ("ipvlan", {"shim": dict(SHIM, driver="ipvlan")})):
        can = host.answers(["sh", "-c", "ip link add probe0 link lan2 type %s && ip link del probe0" % (kind + (" id 5" if kind == "vlan" else ""))])
        answer = host.module(link="lan0", persist="none", _ansible_check_mode=True, **params)
        assert bool(answer.get("failed")) != can, (kind, answer)
        assert can or "which this host's kernel does not have" in answer["msg"]
    assert host.portrait() == before
