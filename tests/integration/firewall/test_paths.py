# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way to a published port: open without a policy, closed and opened by it. Real packets, both families, tcp and udp."""
from __future__ import annotations

import itertools

import pytest

from integration.firewall.site import CABLE, FAR4, FAR6, HOST4, HOST6, HOST_SIDE, LAN_SIDE, NEAR4, NEAR6, PREFIX

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


OTHER_ADDRESS, SSH = "198.51.100.9", 18022


def test_a_container_on_another_address_takes_not_the_port_of_ssh(site, town):
    site.run("ip", "address", "add", OTHER_ADDRESS + "/24", "dev", CABLE[0])
    try:
        box = site.box("gitter", "back", [(SSH, INNER, "tcp", OTHER_ADDRESS)])
        box.serve(("tcp", INNER))
        site.serve(HOST_SIDE, ("tcp", SSH, HOST4))
        questions = [("tcp", address, SSH, FAR4) for address in (HOST4, OTHER_ADDRESS)]
        site.apply(state="absent")
        assert site.ask(LAN_SIDE, *questions) == [True, True]
        for host in ({}, {"host": {"default": "drop"}}):
            site.apply(published={"default": "drop"}, ssh_port=SSH, **host)
            assert site.ask(LAN_SIDE, *questions) == [True, False]
        site.apply(published={"default": "drop"}, ssh_port=SSH, allow_lockout=True)
        assert site.ask(LAN_SIDE, *questions) == [False, False]
        site.api.remove_container(PREFIX + "gitter", force=True)
    finally:
        site.run("ip", "address", "del", OTHER_ADDRESS + "/24", "dev", CABLE[0])


VM, WIRE, GUEST_PORT = "fnfw-vm", ("fnfwv0", "fnfwv1"), 18222
GUESTS = {"iptables": (HOST4, "192.0.2.1", "192.0.2.5", "24", "%s:%d"), "ip6tables": (HOST6, "2001:db8:52::1", "2001:db8:52::5", "64", "[%s]:%d")}


@pytest.fixture
def guest(site):
    """No container: somebody else's virtual machine, with a port forward of theirs to it."""
    site.run("ip", "netns", "add", VM)
    site.run("ip", "link", "add", WIRE[0], "type", "veth", "peer", "name", WIRE[1])
    site.run("ip", "link", "set", WIRE[1], "netns", VM)
    side = ("ip", "netns", "exec", VM)
    site.run(*side, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0")
    site.run("ip", "link", "set", WIRE[0], "up")
    site.run(*side, "ip", "link", "set", WIRE[1], "up")
    rules = []
    for command, (outer, gateway, inner, length, place) in GUESTS.items():
        more = ["nodad"] * (length == "64")
        site.run("ip", "address", "add", "%s/%s" % (gateway, length), "dev", WIRE[0], *more)
        site.run(*side, "ip", "address", "add", "%s/%s" % (inner, length), "dev", WIRE[1], *more)
        site.run(*side, "ip", "-6" if more else "-4", "route", "add", "default", "via", gateway)
        rules += [(command, "-t", "nat", "-I", "PREROUTING", "-d", outer, "-p", protocol, "--dport", str(GUEST_PORT), "-j", "DNAT",
                   "--to-destination", place % (inner, INNER)) for protocol in ("tcp", "udp")]
        rules += [(command, "-t", "filter", "-I", "FORWARD", way, WIRE[0], "-j", "ACCEPT") for way in ("-i", "-o")]
    for rule in rules:
        site.run(*rule)
    site.settle(device=("dev", WIRE[0]))
    site.settle(*side)
    site.serve(side, ("tcp", INNER), ("udp", INNER))
    yield
    for rule in rules:
        site.run(*["-D" if word == "-I" else word for word in rule])
    site.run("ip", "link", "del", WIRE[0])
    site.run("ip", "netns", "del", VM)


def test_other_peoples_port_forwards_are_theirs(site, town, guest):
    site.apply(published={"default": "drop"}, forwarded={"default": "drop"})
    assert site.ask(LAN_SIDE, *[(protocol, FAMILIES[family][0], GUEST_PORT) for family, protocol in KINDS]) == [True] * len(KINDS)
    assert site.ask(LAN_SIDE, *[(protocol, FAMILIES[family][0], PUBLISHED) for family, protocol in KINDS]) == [False] * len(KINDS)


def test_hairpin_that_no_docker_proxy_takes(site, town):
    """With userland-proxy: false the engine rewrites what comes from the network itself, too, and takes its place for the replies."""
    net, questions = "10.91.1.0/24", [(protocol, HOST4, PUBLISHED) for protocol in ("tcp", "udp")]
    rules = [("PREROUTING", "-s", net, "-d", HOST4, "-p", protocol, "--dport", str(PUBLISHED), "-j", "DNAT", "--to-destination",
              "%s:%d" % (town["web"].ipv4, INNER)) for protocol in ("tcp", "udp")]
    rules += [("POSTROUTING", "-s", net, "-d", net, "-j", "MASQUERADE")]
    for rule in rules:
        site.run("iptables", "-t", "nat", "-I", *rule)
    try:
        answers = []
        accept = {"action": "accept", "protocols": ["tcp"], "ports": [str(PUBLISHED)], "networks": ["fnfw-front"]}
        for policy in ({"state": "absent"}, {"published": {"default": "drop"}}, {"published": {"default": "drop", "rules": [accept]}}):
            site.apply(**policy)
            site.forget()
            answers.append(site.ask(town["near"].side, *questions))
        assert answers == [[True, True], [False, False], [True, False]]
        assert site.ask(town["near"].side, ("tcp", town["web"].ipv4, INNER)) == [True]
    finally:
        for rule in rules:
            site.run("iptables", "-t", "nat", "-D", *rule)


def counted(site):
    return {row["rule"]: row["packets"] for row in site.module("firewall_info")["counters"]}
