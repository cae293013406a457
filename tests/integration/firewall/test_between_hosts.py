# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every section between real hosts: what is allowed passes, what is not does not, for both families, TCP and UDP, and the rules count it."""
from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assumptions import reach

from integration.firewall import over_ssh
from integration.firewall.place import PROTOCOLS, Place

pytestmark = [pytest.mark.engine, pytest.mark.skipif(not os.environ.get("LAB_NAME"), reason="no lab: ./dev test-integration starts one"),
              pytest.mark.skipif(int(os.environ.get("LAB_HOSTS", "3")) < 3, reason="three hosts are needed: one that may, one that may not")]

SUBNETS = {"between-front": ("10.212.1.0/24", "fd00:c0de:1::/64"), "between-back": ("10.212.2.0/24", "fd00:c0de:2::/64")}
CLUSTER = {"tcp": (2377, 7946), "udp": (7946, 4789)}


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """The host with the firewall and its two containers, a host that may, one that may not."""
    found = [Place(over_ssh.Host("host%d" % number, address, tmp_path_factory.mktemp("host%d" % number)), number)
             for number, address in enumerate(reach.lab_hosts()[:3], 1)]
    try:
        for place in found:
            place.prepare()
        first, friend, _other = found
        first.import_image()
        for name, (v4, v6) in SUBNETS.items():
            first.tell("sudo docker network create --subnet %s --ipv6 --subnet %s %s" % (v4, v6, name))
        # Both named, for an engine asks when it starts whether its host has IPv6.
        published = " ".join("-p '%s:%d:%d/%s'" % (any_, port, port, protocol)
                             for any_ in ("0.0.0.0", "[::]") for port in (8080, 8081) for protocol in PROTOCOLS)
        front = first.box("between-front", "between-front", 8080, 8081, options=published)
        back = first.box("between-back", "between-back", 3306, 3307)
        first.serve(7000, 7001, *sorted({port for ports in CLUSTER.values() for port in ports}))
        friend.serve(7100)
        friend.tell("sudo ip -6 route replace %s via %s" % (SUBNETS["between-front"][1], first.addresses[1]))
        yield [first, friend, found[2], front, back]
    finally:
        found[1].tell("sudo ip -6 route del %s 2>/dev/null; true" % SUBNETS["between-front"][1])
        for place in found:
            place.forget(*SUBNETS)


@pytest.fixture(scope="module", params=["nftables", "iptables"])
def in_force(request, places):
    first, friend = places[:2]
    members = [*first.addresses, *friend.addresses]
    friends = list(friend.addresses)
    done = first.host.apply({
        "backend": request.param,
        "published": {"default": "drop", "rules": [{"action": "accept", "ports": ["8080"], "protocols": list(PROTOCOLS), "sources": friends}]},
        "host": {"default": "drop", "rules": [{"action": "accept", "ports": ["7000"], "protocols": list(PROTOCOLS), "sources": friends}]},
        "forwarded": {"default": "accept", "rules": [
            {"action": "accept", "from": ["between-front"], "to": ["between-back"], "ports": ["3306"], "protocols": list(PROTOCOLS)},
            {"action": "drop", "from": ["between-front"], "to": ["between-back"]},
            {"action": "drop", "from": ["between-back"], "to": ["outside"]}]},
        "cluster": {"members": members}})
    assert not done.get("failed") and done["backend"] == request.param, done
    yield first
    first.host.apply({"state": "absent"})


def counted(place):
    """:returns: packets by rule"""
    return {row["rule"]: row["packets"] for row in place.host.apply({}, module="firewall_info")["counters"]}


@pytest.mark.parametrize("section,port,closed", [("published", 8080, 8081), ("host", 7000, 7001)])
def test_from_other_hosts(in_force, places, section, port, closed):
    first, friend, other = places[:3]
    before = counted(first)
    passed = friend.asks(first.addresses, [port])
    assert all(passed.values()), passed
    for who, ports in ((friend, [closed]), (other, [port, closed])):
        asked = who.asks(first.addresses, ports)
        assert not any(asked.values()), asked
    after = counted(first)
    assert after["%s 1" % section] - before["%s 1" % section] == len(passed) == 4
    assert after["%s default" % section] - before["%s default" % section] >= 12


def test_between_networks_and_to_the_outside(in_force, places):
    first, friend, _other, front, back = places
    before = counted(first)
    open_, shut = front.asks(back.addresses, [3306]), front.asks(back.addresses, [3307])
    assert all(open_.values()) and not any(shut.values()), (open_, shut)
    outside, cut = front.asks(friend.addresses, [7100]), back.asks(friend.addresses, [7100])
    assert all(outside.values()) and not any(cut.values()), (outside, cut)
    after = counted(first)
    assert [after["forwarded %d" % number] - before["forwarded %d" % number] >= 4 for number in (1, 2, 3)] == [True] * 3
    assert after["forwarded 1"] - before["forwarded 1"] == 4


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_ports_of_a_swarm_are_for_its_members(in_force, places, protocol):
    first, friend, other = places[:3]
    before = counted(first)
    passed = friend.asks(first.addresses, CLUSTER[protocol], [protocol])
    assert all(passed.values()) and len(passed) == 4, passed
    asked = other.asks(first.addresses, CLUSTER[protocol], [protocol])
    assert not any(asked.values()), asked
    after = counted(first)
    assert after["cluster"] - before["cluster"] == 4
    assert after["cluster: others"] - before["cluster: others"] >= 4
