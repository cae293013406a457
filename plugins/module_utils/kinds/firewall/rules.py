# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule as lines of a ruleset: one line for each combination that one line cannot hold."""
from __future__ import annotations

import itertools
import typing as t

from ...values import ranges
from ...values.firewall import ADDRESS_SETS, Chain, Line, Match, Set, line
from ...values.hashing import short
from .state import OUTSIDE, NamedSet, Rule, Wish

LOG_RATE = ("10/second", "5")
WHOLE = {4: "0.0.0.0/0", 6: "::/0"}
FAMILY = {4: "ipv4", 6: "ipv6"}
READABLE = 20


def network_set(name: str) -> str:
    """A set's name for a network: readable where it is short, for other tools allow 31 characters."""
    plain = name if len(name) <= READABLE else short(name)
    return "net_%s" % plain


def address_set(name: str, family: int) -> str:
    return "set_%s_%d" % (name, family)


def port_set(name: str) -> str:
    return "set_%s" % name


def named_sets(row: NamedSet) -> t.Iterator[Set]:
    if row.type == "ports":
        yield Set(port_set(row.name), "inet_service", row.elements, "set %s" % row.name)
        return
    for family, kind in ADDRESS_SETS.items():
        elements = tuple(text for text in row.elements if (":" in text) == (family == 6))
        yield Set(address_set(row.name, family), kind, elements, "set %s" % row.name)


def lines(section: str, number: int, rule: Rule, wish: Wish) -> t.Tuple[t.List[Line], t.Optional[Chain]]:
    """:returns: the lines, and the chain they go to where a limit or a log is shared by several"""
    comment = "%s %d" % (section, number) + (": %s" % rule.comment if rule.comment else "")
    spots = list(_combinations(section, rule, wish))
    acts = list(_acts(section, number, rule, comment))
    if len(acts) == 1 or len(spots) == 1:
        return [line([*spot, *extra], verdict, comment) for extra, verdict in acts for spot in spots], None
    chain = Chain("%s_%d" % (section, number), "", tuple(line(extra, verdict, comment) for extra, verdict in acts))
    return [line(spot, "goto %s" % chain.name, comment) for spot in spots], chain


def _acts(section: str, number: int, rule: Rule, comment: str) -> t.Iterator[t.Tuple[t.List[Match], str]]:
    """In the order they are tried: log, what is above the limit, then what the rule says."""
    if rule.log:
        yield [Match("rate", LOG_RATE)], "log fleetnet %s %d " % (section, number)
    if rule.limit:
        yield [Match("over", (rule.limit, str(rule.burst)))], "drop"
    yield [], "mark" if section == "forwarded" and rule.action == "accept" else rule.action


def _combinations(section: str, rule: Rule, wish: Wish) -> t.Iterator[t.List[Match]]:
    parts = (_incoming(rule), _sides("iifname", rule.origin), _sides("oifname", rule.to), _ends(rule, wish), _services(section, rule))
    for combination in itertools.product(*parts):
        yield [match for part in combination for match in part]


def _incoming(rule: Rule):
    plain = tuple(name for name in rule.interfaces if not name.endswith("*"))
    found = [[Match("iifname", plain)]] if plain else []
    found += [[Match("iifname", (name,))] for name in rule.interfaces if name.endswith("*")]
    found += [[Match("iifname", ("@" + network_set(name),))] for name in rule.networks]
    return found or [[]]


def _sides(key: str, names: t.Tuple[str, ...]):
    return [[Match(key, ("@bridges",), True)] if name == OUTSIDE else [Match(key, ("@" + network_set(name),))] for name in names] or [[]]


def _ends(rule: Rule, wish: Wish):
    """Sources and destinations of the same family; one without addresses goes with both."""
    if not rule.sources and not rule.destinations:
        return [[]]
    found = []
    for family in (4, 6):
        sources = _addresses("saddr%d" % family, family, rule.sources, wish)
        targets = _addresses("daddr%d" % family, family, rule.destinations, wish)
        found += [_both(one, other) for one in sources for other in targets]
    return found


def _both(one: t.List[Match], other: t.List[Match]) -> t.List[Match]:
    """An address says its family by itself: beside it, and twice, nft prints no family, so none is written."""
    rest = [match for match in one + other if match.key != "family"]
    return rest or (one or other)


def _addresses(key: str, family: int, texts: t.Tuple[str, ...], wish: Wish):
    if not texts:
        return [[]]
    plain = tuple(text for text in texts if not text.startswith("@") and (":" in text) == (family == 6))
    if WHOLE[family] in plain:
        return [[Match("family", (FAMILY[family],))]]
    found = [[Match(key, plain)]] if plain else []
    return found + [[Match(key, ("@" + address_set(text[1:], family),))] for text in texts if text.startswith("@")]


def _services(section: str, rule: Rule):
    names = tuple(sorted({each for name in rule.protocols for each in (("icmp", "ipv6-icmp") if name == "icmp" else (name,))}))
    if not rule.ports:
        return [[Match("l4proto", names)]] if names else [[]]
    named = [("@" + port_set(text[1:]),) for text in rule.ports if text.startswith("@")]
    plain = tuple(text for text in rule.ports if not text.startswith("@"))
    if section == "published":
        # Original ports: nft can spell them beside a single protocol only, and iptables one at a time only.
        return [[Match("l4proto", (name,)), Match("oport", values)] for name in names for values in [(text,) for text in plain] + named]
    return [[Match("l4proto", names), Match("dport", values)] for values in ([plain] if plain else []) + named]


def canonical(match: Match) -> Match:
    """For what is read back: the same spelling as where it is made."""
    if match.values and match.values[0].startswith("@"):
        return match
    if match.key[:-1] in ("saddr", "daddr", "odaddr"):
        return Match(match.key, sum(ranges.canonical_addresses(match.values).values(), ()), match.negated)
    if match.key in ("dport", "oport"):
        return Match(match.key, ranges.canonical_ports(match.values), match.negated)
    if match.key in ("over", "rate", "ct"):
        return match
    return Match(match.key, tuple(sorted(match.values)), match.negated)
