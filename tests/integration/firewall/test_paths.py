# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way to a published port: open without a policy, closed and opened by it. Real packets, both families, tcp and udp."""
from __future__ import annotations

import itertools

import pytest

from integration.firewall.site import FAR4, FAR6, HOST4, HOST6, HOST_SIDE, LAN_SIDE, NEAR4, NEAR6

PUBLISHED, INNER, LOCAL, LOCAL_INNER = 18080, 80, 18081, 81
FAMILIES = {4: (HOST4, NEAR4, FAR4), 6: (HOST6, NEAR6, FAR6)}
GATEWAYS = {4: "10.91.%d.1", 6: "fd91:%d::1"}
KINDS = list(itertools.product((4, 6), ("tcp", "udp")))
OPEN_TO_NEAR = {"default": "drop", "rules": [
    {"action": "accept", "protocols": ["tcp", "udp"], "ports": [str(PUBLISHED)], "sources": [NEAR4, NEAR6]}]}


@pytest.fixture(scope="module")
def town(site):
    """Containers: web with published ports; near beside it; other on a bridge of its own."""
    site.empty()
    site.network("front", 1)
    site.network("back", 2)
    ports = [(PUBLISHED, INNER, protocol, "") for protocol in ("tcp", "udp")]
    ports += [(LOCAL, LOCAL_INNER, protocol, "127.0.0.1") for protocol in ("tcp", "udp")]
    boxes = {"web": site.box("web", "front", ports), "near": site.box("near", "front"), "other": site.box("other", "back")}
    boxes["web"].serve(*[(protocol, port) for protocol in ("tcp", "udp") for port in (INNER, LOCAL_INNER)])
    return boxes


def ways(town):
    """(name, side, (protocol, address, port, own address)): each way, in each family and protocol it exists in."""
    rows = []
    for family, protocol in KINDS:
        host, near, far = FAMILIES[family]
        web = getattr(town["web"], "ipv%d" % family)
        tag = " ".join(("IPv%d" % family, protocol))
        # docker-proxy answers a datagram from the address nearest to who asks, so ask for that one.
        back, front = (GATEWAYS[family] % number if protocol == "udp" else host for number in (2, 1))
        rows += [
            ("outside, allowed " + tag, LAN_SIDE, (protocol, host, PUBLISHED, near)),
            ("outside " + tag, LAN_SIDE, (protocol, host, PUBLISHED, far)),
            ("another bridge " + tag, town["other"].side, (protocol, back, PUBLISHED)),
            ("hairpin " + tag, town["near"].side, (protocol, front, PUBLISHED)),
            ("the host itself " + tag, HOST_SIDE, (protocol, host, PUBLISHED)),
            ("neighbour with a route " + tag, LAN_SIDE, (protocol, web, INNER, near)),
            ("neighbour to what is published on loopback " + tag, LAN_SIDE, (protocol, web, LOCAL_INNER, near)),
            ("inside one network " + tag, town["near"].side, (protocol, web, INNER)),
        ]
        if family == 4:
            rows.append(("neighbour to 127.0.0.1 " + tag, LAN_SIDE, (protocol, "127.0.0.1", LOCAL, near)))
    return rows


def answered(site, town):
    """:returns: names of the ways that are open"""
    rows = ways(town)
    found = set()
    for side in {side for _name, side, _question in rows}:
        mine = [row for row in rows if row[1] == side]
        found |= {row[0] for row, good in zip(mine, site.ask(side, *[row[2] for row in mine])) if good}
    return found


def expected(town, *kinds):
    return {name for name, _side, _question in ways(town) if name.startswith(kinds)}


KEPT = ("outside, allowed", "the host itself", "inside one network")


def test_without_a_policy_all_ways_are_open(site, town):
    site.apply(state="absent")
    closed = expected(town, "") - answered(site, town)
    # What the engine closes by itself differs by release; it must not be what the policy is proved by.
    allowed = ("neighbour", "another bridge IPv6", "hairpin IPv6") if site.release != "20.10" else ()
    assert {name for name in closed if not name.startswith(allowed)} == set()


def test_default_drop_closes_every_way_but_the_allowed_one(site, town):
    site.apply(published=OPEN_TO_NEAR)
    assert answered(site, town) == expected(town, *KEPT)


def test_default_accept_closes_what_goes_past_the_port(site, town):
    before = answered_without(site, town)
    site.apply(published={"default": "accept"})
    assert answered(site, town) == {name for name in before if not name.startswith("neighbour")}


def answered_without(site, town):
    site.apply(state="absent")
    return answered(site, town)


def test_networks_may_be_allowed_by_name(site, town):
    rule = {"action": "accept", "protocols": ["tcp", "udp"], "ports": [str(PUBLISHED)], "networks": ["fnfw-back"]}
    site.apply(published={"default": "drop", "rules": [rule]})
    assert answered(site, town) == expected(town, "another bridge", "the host itself", "inside one network")


def test_interfaces_and_drop_rules(site, town):
    rule = {"action": "drop", "ports": ["18000-18099"], "protocols": ["tcp"], "interfaces": ["fnfw*"]}
    site.apply(published={"default": "accept", "rules": [rule]})
    open_ways = answered(site, town)
    assert not {name for name in open_ways if name.startswith("outside") and name.endswith("tcp")}
    assert {"outside IPv4 udp", "outside IPv6 udp", "another bridge IPv4 tcp"} <= open_ways


def test_the_same_twice_changes_nothing_and_counters_go_on(site, town):
    # ip6tables 1.8.9 (nf_tables) cannot set a counter, so a line for IPv6 alone begins anew there.
    sources = [NEAR4] if site.backend == "iptables" else [NEAR4, NEAR6]
    policy = {"default": "drop", "rules": [dict(OPEN_TO_NEAR["rules"][0], sources=sources)]}
    site.apply(published=policy)
    answered(site, town)
    before = counted(site)
    assert before["published 1"] > 0 and before["published default"] > 0
    assert not site.apply(published=policy)["changed"]
    wider = dict(policy, rules=policy["rules"] + [{"action": "accept", "ports": ["1"]}])
    assert site.apply(published=wider)["changed"]
    after = counted(site)
    assert {title: packets for title, packets in before.items() if after[title] < packets} == {}


def counted(site):
    return {row["rule"]: row["packets"] for row in site.module("firewall_info")["counters"]}
