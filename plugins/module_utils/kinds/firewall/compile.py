# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy, with what the engine has, as one ruleset that every back end can render."""
from __future__ import annotations

import re
import typing as t

from ...values import ranges
from ...values.firewall import Chain, Line, Match, Ruleset, Set, line
from ...values.hashing import digest
from ...values.network import Network
from . import rules
from .state import Cluster, Observed, Wish

DEFAULT_SSH_PORT = 22
BRIDGE_NAME = "com.docker.network.bridge.name"
# The kernel allows more, but a name goes into a rule's text, where + and * have a meaning; checks.py refuses others. The follower has the same.
INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}\Z")
ICMP = ("destination-unreachable", "echo-request", "parameter-problem", "time-exceeded")
ICMP6 = ("destination-unreachable", "echo-request", "mld-listener-done", "mld-listener-query", "mld-listener-report",
         "mld2-listener-report", "nd-neighbor-advert", "nd-neighbor-solicit", "nd-redirect", "nd-router-advert", "nd-router-solicit",
         "packet-too-big", "parameter-problem", "time-exceeded")
GOSSIP, MANAGERS = "7946", "2377"
KEPT_SSH, CLUSTER = "kept: SSH", "cluster"
ESTABLISHED = Match("ct", ("established", "related"))
# Docker's networks, and those it makes just now: it names their bridges so, and nothing published there may be open until they are known.
DOCKERS = (("@bridges",), ("br-*",))


def ruleset(wish: Wish, observed: Observed) -> Ruleset:
    """The same for the same policy and the same engine, whatever the order either was given in."""
    chains = _chains(wish, observed)
    sets = sorted(_sets(wish, observed), key=lambda found: found.name)
    fixed = [found for found in sets if not found.dynamic]
    return Ruleset(digest(repr((wish.mark, fixed, chains))), wish.mark, tuple(sets), chains)


def bridge(net: Network) -> t.Optional[str]:
    """The interface of a network on this host, where it has one that a rule can name."""
    name = bridge_name(net)
    return name if INTERFACE.match(name) else None


def bridge_name(net: Network) -> str:
    """Whatever the engine calls it; empty where there is none."""
    return str(dict(net.driver_options or ()).get(BRIDGE_NAME) or "br-%s" % net.id[:12]) if net.driver == "bridge" else ""


def named_networks(wish: Wish) -> t.Tuple[str, ...]:
    """Docker networks that rules speak of."""
    found = {name for _section, section in wish.sections() for rule in section.rules
             for name in rule.networks + rule.origin + rule.to}
    return tuple(sorted(found - {"outside"}))


def _sets(wish: Wish, observed: Observed) -> t.Iterator[Set]:
    bridges = tuple(sorted({bridge(net) or "" for net in observed.networks} - {""}))
    yield Set("bridges", "ifname", bridges)
    yield Set("same", "pair", tuple("%s . %s" % (name, name) for name in bridges))
    yield Set("published", "proto_port", tuple(sorted(observed.published)))
    for name in named_networks(wish):
        found = {bridge(net) or "" for net in observed.called(name)} - {""}
        yield Set(rules.network_set(name), "ifname", tuple(sorted(found)), "network %s" % name)
    for row in wish.sets:
        yield from rules.named_sets(row)
    if wish.cluster:
        for family, kind in rules.ADDRESS_SETS.items():
            members = tuple(text for text in wish.cluster.members if (":" in text) == (family == 6))
            yield Set("cluster_%d" % family, kind, members)


def _chains(wish: Wish, observed: Observed) -> t.Tuple[Chain, ...]:
    """Chains that others go to come first, for back ends that load from top to bottom."""
    found = _section(wish, "published", closing=True)
    found += _section(wish, "forwarded", last=tuple(_direct(wish)))
    found += _section(wish, "host", () if wish.allow_lockout else tuple(_kept()))
    if wish.published or wish.host or wish.cluster:
        found.append(Chain("input", "input", tuple(_input(wish, wish.ssh_port or observed.ssh_port))))
    if wish.published or wish.forwarded:
        found.append(Chain("forward", "forward", tuple(_forward(wish))))
    return tuple(found)


def _section(wish: Wish, name: str, kept: t.Tuple[Line, ...] = (), closing: bool = False, last: t.Tuple[Line, ...] = ()) -> t.List[Chain]:
    """:param closing: whether the chain decides for good, also where the default is to accept"""
    section = getattr(wish, name)
    if section is None:
        return []
    found, shared = list(kept), []
    for number, rule in enumerate(section.rules, 1):
        made, chain = rules.lines(name, number, rule, wish)
        found += made
        shared += [chain] if chain else []
    found += last
    if closing or section.default != "accept":
        found.append(Line((), section.default, "%s default" % name))
    return shared + [Chain(name, "", tuple(found))]


def _input(wish: Wish, ssh_port: t.Optional[int]) -> t.Iterator[Line]:
    """Here and in C(_forward), no chain comes back to where it was called: in iptables an accept can only do that.

    :param ssh_port: where the host's own SSH is known to be; it is kept then, whatever containers publish on other addresses
    """
    ssh = () if wish.allow_lockout or not (wish.published or wish.host) else (_ssh(ssh_port or DEFAULT_SSH_PORT),)
    yield line([Match("iifname", ("lo",))], "accept", "loopback")
    yield line([ESTABLISHED], "accept")
    if wish.cluster:
        yield from _cluster(wish.cluster)
    yield from ssh if ssh_port else ()
    # What docker-proxy takes is no service of the host, so the section host must not judge it.
    yield line([Match("service", ("@published",))], "goto published" if wish.published else "accept")
    yield from () if ssh_port else ssh
    if wish.host:
        yield Line((), "goto host")


def _forward(wish: Wish) -> t.Iterator[Line]:
    for dockers in DOCKERS if wish.published else ():
        yield line([Match("oifname", dockers), Match("odaddr4", ("127.0.0.0/8",))], "drop", "published on loopback")
    if wish.lets_through:
        yield line([Match("marked")], "remark", "let through")
    yield line([ESTABLISHED], "accept")
    # Before what stays inside a network, for a container may ask for the port that its neighbour publishes.
    for dockers in DOCKERS if wish.published else ():
        yield line([Match("oifname", dockers), Match("dnat")], "goto published")
    if not wish.published:
        yield line([Match("dnat")], "accept")
    yield line([Match("same", ("@same",))], "accept", "inside one network")
    if wish.forwarded:
        yield line([Match("iifname", ("@bridges",))], "goto forwarded")
        yield line([Match("oifname", ("@bridges",))], "goto forwarded")
    else:
        yield from _direct(wish)


def _direct(wish: Wish) -> t.Iterator[Line]:
    if wish.published and wish.published.direct == "drop":
        yield line([Match("iifname", ("@bridges",), True), Match("oifname", ("@bridges",))], "drop", "direct")


def _kept() -> t.Iterator[Line]:
    yield line([Match("icmp", ICMP)], "accept", "kept: ICMP")
    yield line([Match("icmp6", ICMP6)], "accept", "kept: ICMPv6")
    yield line([Match("saddr6", ("fe80::/10",)), Match("l4proto", ("udp",)), Match("dport", ("546",))], "accept", "kept: DHCPv6")


def _ssh(port: int) -> Line:
    return line([Match("l4proto", ("tcp",)), Match("dport", (str(port),))], "accept", KEPT_SSH)


def _cluster(cluster: Cluster) -> t.Iterator[Line]:
    """Members only; what others send to these ports ends here. ESP of others is theirs: a VPN has keys of its own."""
    ports = (("tcp", (MANAGERS, GOSSIP)), ("udp", ranges.canonical_ports((GOSSIP, str(cluster.data_path_port)))))
    for protocol, numbers in ports:
        service = [Match("l4proto", (protocol,)), Match("dport", numbers)]
        for family in (4, 6):
            yield line(service + [Match("saddr%d" % family, ("@cluster_%d" % family,))], "accept", CLUSTER)
        yield line(service, "drop", "cluster: others")
    if cluster.encrypted:
        for family in (4, 6):
            yield line([Match("l4proto", ("esp",)), Match("saddr%d" % family, ("@cluster_%d" % family,))], "accept", CLUSTER)
