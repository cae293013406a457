# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line as rules of iptables: one for each combination that one rule cannot hold, for each family it is about.

An accept says that nothing here stands in the way, so it returns to the chain that called; what comes after may still drop. Only what is
let through against Docker's isolation is accepted for good.
"""
from __future__ import annotations

import functools
import itertools
import typing as t

from ...values.firewall import Line, Match, Ruleset, Set
from ...values.hashing import short
from . import ipt_sets
from .ipt_table import ICMP, NEVER, PORTS_IN_A_LINE, REJECT, SET, TARGETS, Feature, chain_name, ordered
from .rules import FAMILY

Features = t.Tuple[Feature, ...]


class Spelling:
    """Of one ruleset's sets: the kernel's names of them, and what a line becomes, are made once, however often a plan asks for its text."""

    def __init__(self, sets: t.Tuple[Set, ...], mark: int):
        self.mark = mark
        self._sets = {found.name: found for found in sets}
        self.names = {found.name: ipt_sets.parts(found) for found in sets}
        self._known: t.Dict[t.Tuple[str, Line, int], t.List[Features]] = {}

    def rules(self, chain: str, row: Line, family: int) -> t.List[Features]:
        """Without the comment, and without a target's marks, which are THROUGH's own."""
        key = chain, row, family
        if key not in self._known:
            self._known[key] = self._made(chain, row, family)
        return self._known[key]

    def _made(self, chain: str, row: Line, family: int) -> t.List[Features]:
        options = [list(self._spelled(match, chain, row, family)) for match in row.matches]
        return [ordered(feature for part in combination for feature in part) + _target(row.verdict, family)
                for combination in itertools.product(*options)]

    def _spelled(self, match: Match, chain: str, row: Line, family: int) -> t.Iterator[Features]:
        """Each way in which the match is fulfilled; none where the family has nothing to do with it."""
        key, values = match.key, match.values
        found = self._sets[values[0][1:]] if values and values[0].startswith("@") else None
        if key[-1:] in "46" and int(key[-1]) != family or key == "family" and values != (FAMILY[family],):
            return
        if key in ("iifname", "oifname"):
            made = _interfaces(key, values, found, self, family)
            yield from ([(("!",) + feature,) for feature in made] if match.negated else [(feature,) for feature in made])
        elif key in ("icmp", "icmp6"):
            if family == (6 if key == "icmp6" else 4):
                name, option = ("icmp", "--icmp-type") if family == 4 else ("ipv6-icmp", "--icmpv6-type")
                yield from ((("-p", name), (option, ICMP[family][value])) for value in values)
        elif key in ("over", "rate"):
            yield (("--hashlimit-above" if key == "over" else "--hashlimit-upto", values[0]), ("--hashlimit-burst", values[1]),
                   ("--hashlimit-name", SET + short(repr((chain, row.comment, match)))))
        else:
            yield from SPELLED[key](values, found, self, family)

    def part(self, found: Set, family: int) -> str:
        return ipt_sets.part(found, self.names[found.name], family)


@functools.lru_cache(maxsize=2)  # what is wanted, and what is there
def _spelling(sets: t.Tuple[Set, ...], mark: int) -> Spelling:
    return Spelling(sets, mark)


def spelling_of(ruleset: Ruleset) -> Spelling:
    return _spelling(ruleset.sets, ruleset.mark)


def through(mark: int) -> t.List[Features]:
    return [(("-j", "CONNMARK"), ("--set-xmark", _bit(mark))), (("-j", "ACCEPT"),)]


def hints(row: Line) -> t.Iterator[Match]:
    """What the kernel's own spelling does not tell: a set that had to be spelled out, the unit of a rate, a family."""
    for match in row.matches:
        if match.key in ("same", "over", "rate", "family") or (match.key == "oport" and match.values[0].startswith("@")):
            yield match


def _bit(mark: int) -> str:
    return "0x%x/0x%x" % (mark, mark)


def _target(verdict: str, family: int) -> Features:
    if verdict.startswith("goto "):
        return (("-g", chain_name(verdict[5:])),)
    if verdict.startswith("log "):
        return (("-j", "LOG"), ("--log-prefix", verdict[4:]))
    return REJECT[family] if verdict == "reject" else TARGETS[verdict]


def _interfaces(key, values, found, spelling, family) -> t.List[Feature]:
    if found:
        return [("--match-set", spelling.part(found, family), "src,src" if key == "iifname" else "src,dst")]
    option = "-i" if key == "iifname" else "-o"
    return [(option, value[:-1] + "+" if value.endswith("*") else value) for value in values]


def _same(values, found, spelling, family) -> t.Iterator[Features]:
    pairs = [element.split(" . ") for element in found.elements]
    yield from ((("-i", one), ("-o", other)) for one, other in pairs)
    if not pairs:
        yield (NEVER,)


def _ends(side: str, option: str, ranged: str) -> t.Callable:
    def spelled(values, found, spelling, family) -> t.Iterator[Features]:
        if found:
            yield (("--match-set", spelling.part(found, family), side),)
        else:
            yield from (((ranged if "-" in value else option, value),) for value in values)
    return spelled


def _service(values, found, spelling, family) -> t.Iterator[Features]:
    for protocol, name in zip(ipt_sets.PORTED, spelling.names[found.name]):
        yield (("-p", protocol), ("--match-set", name, "dst"))


def _protocols(values, found, spelling, family) -> t.Iterator[Features]:
    other = "ipv6-icmp" if family == 4 else "icmp"
    yield from ((("-p", value),) for value in values if value != other)


def _ports(values, found, spelling, family) -> t.Iterator[Features]:
    if found:
        yield (("--match-set", spelling.part(found, family), "dst"),)
        return
    some: t.List[str] = []
    for value in values:
        if sum(2 if ":" in each else 1 for each in some) + (2 if "-" in value else 1) > PORTS_IN_A_LINE:
            yield (("--dports", ",".join(some)),)
            some = []
        some.append(value.replace("-", ":"))
    yield (("--dports", ",".join(some)),)


def _published_ports(values, found, spelling, family) -> t.Iterator[Features]:
    """The original port is known to conntrack only, which looks into no set."""
    elements = found.elements if found else values
    yield from ((("--ctorigdstport", value.replace("-", ":")),) for value in elements)
    if not elements:
        yield (NEVER,)


SPELLED: t.Dict[str, t.Callable] = {
    "same": _same, "service": _service, "l4proto": _protocols, "dport": _ports, "oport": _published_ports,
    "saddr4": _ends("src", "-s", "--src-range"), "saddr6": _ends("src", "-s", "--src-range"),
    "daddr4": _ends("dst", "-d", "--dst-range"), "daddr6": _ends("dst", "-d", "--dst-range"),
    "odaddr4": lambda values, found, spelling, family: iter([(("--ctorigdst", value),) for value in values]),
    "marked": lambda values, found, spelling, family: iter([(("--mark", _bit(spelling.mark)),)]),
    "ct": lambda values, found, spelling, family: iter([(("--ctstate", "RELATED,ESTABLISHED"),)]),
    "dnat": lambda values, found, spelling, family: iter([(("--ctstate", "DNAT"),)]),
    "family": lambda values, found, spelling, family: iter([()]),
}
