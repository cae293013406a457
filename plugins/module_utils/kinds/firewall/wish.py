# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's parameters to a frozen policy; everything a text can be wrong in is found here."""
from __future__ import annotations

import re
import typing as t

from ...core.errors import WishError
from ...values import ranges
from ...values.firewall import ADDRESS_SETS
from . import state
from .state import Cluster, NamedSet, Rule, Section, Wish

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}\Z")  # with prefix and suffix it must fit ipset's 31
NETWORK = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z")  # moby: RestrictedNamePattern
INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}\Z|[A-Za-z0-9_.-]{1,14}\*\Z")
LIMIT = re.compile(r"([1-9][0-9]{0,6})/(second|minute|hour|day)\Z")
COMMENT_BYTES = 90  # nftables keeps 128 for a line, with what stands in front
PORTED = ("tcp", "udp", "sctp")
PROTOCOLS = {"published": PORTED, "host": PORTED + ("icmp", "esp", "gre", "igmp", "vrrp"),
             "forwarded": PORTED + ("icmp", "esp", "gre", "igmp", "vrrp")}
LARGEST_MARK = 0x80000000


def desired(params: t.Mapping[str, t.Any]) -> Wish:
    """:raises WishError: for the first value that cannot be"""
    if params.get("state") == "absent":
        return Wish(absent=True, backend=params.get("backend") or "auto", stage=params.get("confirm") or "keep")
    sets = _sets(params.get("sets") or ())
    sections = {name: _section(name, params[name], sets) for name in state.SECTIONS if params.get(name) is not None}
    cluster = _cluster(params["cluster"]) if params.get("cluster") is not None else None
    if not sections and cluster is None:
        raise WishError("The policy has none of published, forwarded, host and cluster; give one, or state absent to remove the firewall.")
    return Wish(
        backend=params.get("backend") or "auto", sets=tuple(sets[name] for name in sorted(sets)), cluster=cluster,
        allow_lockout=bool(params.get("allow_lockout")), ssh_port=_port("ssh_port", params.get("ssh_port")),
        mark=_mark(params.get("mark")), stage=params.get("confirm") or "keep",
        flush=bool(params.get("flush_conntrack")), **sections)


def _sets(rows) -> t.Dict[str, NamedSet]:
    found: t.Dict[str, NamedSet] = {}
    for row in rows:
        name, kind = row["name"], row.get("type") or "addresses"
        if not NAME.match(name):
            raise WishError("The set %r cannot have that name; use letters, digits and _, a letter first, 20 at most." % name)
        if name in found:
            raise WishError("The set %s is given twice; put its elements into one." % name)
        texts = [str(text) for text in row.get("elements") or ()]
        for text in texts:
            _checked(ranges.addresses if kind == "addresses" else ranges.ports, text, "The element %r of set " + name)
        elements = sum(ranges.canonical_addresses(texts).values(), ()) if kind == "addresses" else ranges.canonical_ports(texts)
        found[name] = NamedSet(name, kind, elements)
    _told_apart(found)
    return found


def _told_apart(sets: t.Mapping[str, NamedSet]) -> None:
    """A set of addresses is two of them in the kernel, one for each family."""
    for row in sets.values():
        for family in ADDRESS_SETS if row.type == "addresses" else ():
            other = sets.get("%s_%d" % (row.name, family))
            if other and other.type == "ports":
                raise WishError("The set %s of ports would have the same name in the kernel as the set %s of addresses (IPv%d); rename one of them."
                                % (other.name, row.name, family))


def _checked(reader, text, what):
    try:
        return reader(text)
    except ValueError as reason:
        raise WishError("%s is wrong (%s); write it like %s." % (
            what % text, reason, "80 or 8000-8010" if reader is ranges.ports else "192.0.2.7, 192.0.2.0/24 or 192.0.2.7-192.0.2.9")) from reason


def _section(name, row, sets) -> Section:
    rules = tuple(_rule("Rule %d of %s" % (number, name), name, rule, sets) for number, rule in enumerate(row.get("rules") or (), 1))
    return Section(row.get("default") or "accept", rules, (row.get("direct") or "drop") if name == "published" else "")


def _rule(where, section, row, sets) -> Rule:
    ports = _ports(where, row.get("ports"), sets)
    rule = Rule(
        action=row["action"], protocols=_protocols(where, section, row.get("protocols"), ports), ports=ports,
        sources=_addresses(where, "source", row.get("sources"), sets),
        destinations=_addresses(where, "destination", row.get("destinations"), sets),
        interfaces=_names(where, "interface", row.get("interfaces"), INTERFACE, "use a name like eth0, or eth* for all that begin so"),
        networks=_networks(where, "networks", row.get("networks")), origin=_networks(where, "from", row.get("from")),
        to=_networks(where, "to", row.get("to")), limit=_limit(where, row), burst=_burst(where, row), log=bool(row.get("log")),
        comment=_comment(where, row.get("comment") or ""))
    _families_meet(where, rule, sets)
    _ends_meet(where, rule)
    return rule


def _ends_meet(where, rule):
    """What stays inside a network crosses no rule of forwarded, nor does what only passes this host by."""
    if state.OUTSIDE in rule.networks:
        raise WishError("%s has %s among networks, which are Docker's; name some, or leave networks out." % (where, state.OUTSIDE))
    if len(rule.origin) == 1 and rule.origin == rule.to:
        raise WishError("%s is from %s to the same, and forwarded judges only what crosses from one network into another or leaves it; %s." % (
            where, rule.to[0], "name a network" if rule.to[0] == state.OUTSIDE else "use the network's option enable_icc for what stays inside it"))


def _families_meet(where, rule, sets):
    if rule.sources and rule.destinations and not _families(rule.sources, sets) & _families(rule.destinations, sets):
        raise WishError("%s has sources of one family and destinations of the other; nothing would fit it, so make two rules." % where)


def _families(texts, sets) -> t.Set[int]:
    plain = [element for text in texts for element in (sets[text[1:]].elements if text.startswith("@") else (text,))]
    return {6 if ":" in element else 4 for element in plain} or {4, 6}


def _protocols(where, section, given, ports) -> t.Tuple[str, ...]:
    protocols = tuple(sorted(set(given or (("tcp",) if ports else ()))))
    wrong = [each for each in protocols if each not in PROTOCOLS[section]]
    if wrong:
        raise WishError("%s has the protocol %r, which %s cannot have; use %s."
                        % (where, wrong[0], section, ", ".join(PROTOCOLS[section])))
    without = [each for each in protocols if each not in PORTED]
    if ports and without:
        raise WishError("%s has ports and the protocol %s, which has none; make two rules." % (where, without[0]))
    return protocols


def _ports(where, given, sets) -> t.Tuple[str, ...]:
    texts = [str(text) for text in given or ()]
    named = [_named(where, text, "ports", sets) for text in texts if text.startswith("@")]
    plain = [text for text in texts if not text.startswith("@")]
    for text in plain:
        _checked(ranges.ports, text, "The port %r of " + where[0].lower() + where[1:])
    if given is not None and not texts:
        raise WishError("%s has an empty list of ports and would fit nothing; name some, or leave ports out." % where)
    return ranges.canonical_ports(plain) + tuple(sorted(set(named)))


def _addresses(where, what, given, sets) -> t.Tuple[str, ...]:
    texts = [str(text) for text in given or ()]
    named = [_named(where, text, "addresses", sets) for text in texts if text.startswith("@")]
    plain = [text for text in texts if not text.startswith("@")]
    for text in plain:
        _checked(ranges.addresses, text, "The " + what + " %r of " + where[0].lower() + where[1:])
    if given is not None and not texts:
        raise WishError("%s has an empty list of %ss and would fit nothing; name some, or leave %ss out." % (where, what, what))
    return sum(ranges.canonical_addresses(plain).values(), ()) + tuple(sorted(set(named)))


def _named(where, text, kind, sets) -> str:
    found = sets.get(text[1:])
    if found is None:
        raise WishError("%s uses the set %s, which is not among sets; define it there." % (where, text))
    if found.type != kind:
        raise WishError("%s uses %s for %s, but that is a set of %s; use another." % (where, text, kind, found.type))
    return text


def _names(where, what, given, pattern, advice) -> t.Tuple[str, ...]:
    wrong = [name for name in given or () if not pattern.match(name)]
    if wrong:
        raise WishError("%s has the %s %r, which cannot be one; %s." % (where, what, wrong[0], advice))
    if given is not None and not given:
        raise WishError("%s has an empty list for %s and would fit nothing; name some, or leave it out." % (where, what))
    return tuple(sorted(set(given or ())))


def _networks(where, what, given) -> t.Tuple[str, ...]:
    return _names(where, what, given, NETWORK, "use the name of a Docker network")


def _limit(where, row) -> str:
    limit = row.get("limit") or ""
    if limit and not LIMIT.match(limit):
        raise WishError("%s has the limit %r; write it like 10/second (second, minute, hour, day)." % (where, limit))
    if limit and row["action"] != "accept":
        raise WishError("%s has a limit and the action %s; a limit says how much is accepted, so use accept." % (where, row["action"]))
    return limit


def _burst(where, row) -> int:
    burst = row.get("burst")
    if burst is None:
        return state.DEFAULT_BURST
    if not row.get("limit"):
        raise WishError("%s has a burst without a limit; give both." % where)
    if not 1 <= burst <= 10000:
        raise WishError("%s has the burst %d; it must be 1 to 10000." % (where, burst))
    return burst


def _comment(where, text) -> str:
    if len(text.encode("utf-8", "replace")) > COMMENT_BYTES:
        raise WishError("%s has a comment of more than %d bytes; shorten it." % (where, COMMENT_BYTES))
    if not text.isprintable() or set(text) & set('"\\') or text != text.strip():
        raise WishError("%s has the comment %r; leave out quotes, backslashes, control characters and spaces at its ends." % (where, text))
    return text


def _cluster(row) -> Cluster:
    members = [str(text) for text in row.get("members") or ()]
    if not members:
        raise WishError("cluster has no members; name the addresses of the swarm's hosts, or leave cluster out.")
    for text in members:
        _checked(ranges.addresses, text, "The member %r of cluster")
    return Cluster(sum(ranges.canonical_addresses(members).values(), ()),
                   _port("data_path_port of cluster", row.get("data_path_port") or 4789), row.get("encrypted") is not False)


def _port(what, number):
    if number is not None and not ranges.PORTS[0] <= number <= ranges.PORTS[1]:
        raise WishError("%s is %d; ports are 1 to 65535." % (what, number))
    return number


def _mark(mark) -> int:
    if mark is None:
        return state.DEFAULT_MARK
    if not 1 <= mark <= LARGEST_MARK or mark & (mark - 1):
        raise WishError("The mark %d is not one bit; use a power of two up to %d that nothing else on the host uses." % (mark, LARGEST_MARK))
    return mark
