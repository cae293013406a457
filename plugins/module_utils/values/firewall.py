# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A packet filter as data, the same for every back end: sets, and chains of lines.

Canonical: two rulesets that filter alike because they were made from one policy are equal, however a back end spells them.
"""
from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

# In this order the matches of a line stand, and are rendered.
KEYS = (
    "same", "iifname", "oifname", "marked", "ct", "dnat", "family", "odaddr4", "saddr4", "saddr6", "daddr4", "daddr6",
    "service", "l4proto", "dport", "oport", "icmp", "icmp6", "over", "rate",
)
ADDRESS_SETS = {4: "ipv4_addr", 6: "ipv6_addr"}
FIXED_DYNAMIC = ("bridges", "same", "published")
NETWORK_SET = "net_"
FOREIGN = "foreign "


@dataclass(frozen=True)
class Set:
    """A named set; C(elements) are canonical texts, sorted.

    :param type: ipv4_addr, ipv6_addr, inet_service, ifname, pair (two interfaces) or proto_port (protocol and port)
    """

    name: str
    type: str
    elements: t.Tuple[str, ...] = ()
    comment: str = ""

    @property
    def dynamic(self) -> bool:
        """Whether its content is found at run time, and so is no part of the policy."""
        return self.name in FIXED_DYNAMIC or self.name.startswith(NETWORK_SET)


@dataclass(frozen=True)
class Match:
    """:param values: literals, one of which must fit, or one C(@set)"""

    key: str
    values: t.Tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True)
class Line:
    """:param verdict: accept, drop, reject, jump X, goto X, log PREFIX, mark (mark packet and connection, accept), remark
    (take the packet's mark from its connection, accept), or C(foreign TEXT) for what nobody here has written

    :param counter: packets and bytes; no part of what a line means
    """

    matches: t.Tuple[Match, ...]
    verdict: str
    comment: str = ""
    counter: t.Optional[t.Tuple[int, int]] = field(default=None, compare=False)

    @property
    def counted(self) -> bool:
        return not self.verdict.startswith(("jump ", "goto ", "log ")) and not any(m.key == "ct" for m in self.matches)


@dataclass(frozen=True)
class Chain:
    """:param hook: input or forward for a chain the kernel calls, empty for one that only lines call"""

    name: str
    hook: str = ""
    lines: t.Tuple[Line, ...] = ()


@dataclass(frozen=True)
class Ruleset:
    """:param digest: of the policy, as the table's comment keeps it; :param mark: the bit that means "let through\""""

    digest: str = ""
    mark: int = 0
    sets: t.Tuple[Set, ...] = ()
    chains: t.Tuple[Chain, ...] = ()

    @property
    def lines(self) -> t.Iterator[t.Tuple[str, Line]]:
        return ((chain.name, line) for chain in self.chains for line in chain.lines)

    @property
    def foreign(self) -> t.Tuple[str, ...]:
        return tuple(line.verdict[len(FOREIGN):] for _name, line in self.lines if line.verdict.startswith(FOREIGN))

    def set(self, name: str) -> t.Optional[Set]:
        return next((found for found in self.sets if found.name == name), None)

    def with_counters_of(self, other: t.Optional["Ruleset"]) -> "Ruleset":
        """Each line that stands in both goes on counting where it was."""
        known: t.Dict[t.Tuple[str, Line], t.List] = {}
        for name, line in (other.lines if other else ()):
            known.setdefault((name, line), []).append(line.counter)
        chains = []
        for chain in self.chains:
            rows = [(line, known.get((chain.name, line))) for line in chain.lines]
            chains.append(replace(chain, lines=tuple(
                replace(line, counter=counts.pop(0)) if counts else line for line, counts in rows)))
        return replace(self, chains=tuple(chains))


def line(matches: t.Iterable[Match], verdict: str, comment: str = "") -> Line:
    """A line with its matches in canonical order."""
    return Line(tuple(sorted(matches, key=lambda match: KEYS.index(match.key))), verdict, comment)
