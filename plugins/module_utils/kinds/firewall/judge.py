# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ruleset would say to the first packet of a connection: for those that an accept of established ones keeps alive."""
from __future__ import annotations

import typing as t

from ...values import ranges
from ...values.firewall import Chain, Match, Ruleset
from ...values.flow import Flow, Paths
from .ipt_table import ICMP
from .rules import FAMILY

ADDRESSES = {"saddr4": (4, "source"), "saddr6": (6, "source"), "daddr4": (4, "final"), "daddr6": (6, "final"), "odaddr4": (4, "target")}
PORTS = {"dport": "final_port", "oport": "port"}


def denied(ruleset: t.Optional[Ruleset], flows: t.Iterable[Flow], paths: Paths) -> t.Tuple[Flow, ...]:
    """Only those that are certainly denied: where the host cannot tell by which interface one came, it stays."""
    if ruleset is None:
        return ()
    judge = _Judge(ruleset, paths)
    return tuple(flow for flow in flows if judge.verdict(flow) in ("drop", "reject"))


class _Unknown(Exception):
    """A line asks for what nobody can tell of a connection that is there already."""


class _Judge:
    def __init__(self, ruleset: Ruleset, paths: Paths):
        self._paths = paths
        self._chains = {chain.name: chain for chain in ruleset.chains}
        self._sets = {found.name: found for found in ruleset.sets}
        self._parsed: t.Dict[t.Tuple[str, ...], t.List] = {}
        self._interfaces: t.Dict[str, str] = {}

    def verdict(self, flow: Flow) -> str:
        came, goes = self._way(flow.source), self._way(flow.final)
        if came == "lo":
            return "accept"  # the host's own are never filtered
        chain = self._chains.get("input" if goes == "lo" else "forward")
        try:
            return (self._walk(chain, flow, came, goes) if chain else None) or "accept"
        except _Unknown:
            return "unknown"

    def _way(self, address: str) -> str:
        if address not in self._interfaces:
            self._interfaces[address] = self._paths.interface(address)
        return self._interfaces[address]

    def _walk(self, chain: Chain, flow: Flow, came: str, goes: str) -> t.Optional[str]:
        for row in chain.lines:
            if not all(self._fits(match, flow, came, goes) for match in row.matches):
                continue
            if row.verdict.startswith(("jump ", "goto ")):
                found = self._walk(self._chains[row.verdict[5:]], flow, came, goes)
                if found or row.verdict.startswith("goto "):
                    return found or "accept"
            elif not row.verdict.startswith("log "):
                return "accept" if row.verdict in ("mark", "remark") else row.verdict
        return None

    def _fits(self, match: Match, flow: Flow, came: str, goes: str) -> bool:
        if match.key in ("ct", "marked", "over"):
            return False  # the first packet is none of these
        if match.key == "rate":
            return True
        if match.key in ("icmp", "icmp6"):
            family = 6 if match.key == "icmp6" else 4
            return flow.family == family and flow.icmp is not None and str(flow.icmp) in [ICMP[family][name] for name in match.values]
        return self._holds(match, flow, came, goes) != match.negated

    def _holds(self, match: Match, flow: Flow, came: str, goes: str) -> bool:
        key = match.key
        if key in ("iifname", "oifname", "same"):
            return self._interface(match, came if key == "iifname" else goes, came, goes)
        if key in ADDRESSES:
            family, which = ADDRESSES[key]
            return flow.family == family and self._within(match.values, ranges.addresses, ranges.addresses(getattr(flow, which))[1][0])
        if key in PORTS:
            return self._within(match.values, lambda text: (0, ranges.ports(text)), getattr(flow, PORTS[key]))
        if key == "dnat":
            return (flow.final, flow.final_port) != (flow.target, flow.port)
        if key == "family":
            return FAMILY[flow.family] in match.values
        mine = "%s . %d" % (flow.protocol, flow.final_port) if key == "service" else flow.protocol
        return mine in self._values(match.values)

    def _interface(self, match: Match, name: str, came: str, goes: str) -> bool:
        if not came or not goes:
            raise _Unknown()
        values = self._values(match.values)
        if match.key == "same":
            return "%s . %s" % (came, goes) in values
        return any(name == value or value.endswith("*") and name.startswith(value[:-1]) for value in values)

    def _within(self, values: t.Tuple[str, ...], reader: t.Callable, number: int) -> bool:
        if values not in self._parsed:
            self._parsed[values] = [reader(text)[1] for text in self._values(values)]
        return any(begin <= number <= end for begin, end in self._parsed[values])

    def _values(self, values: t.Tuple[str, ...]) -> t.Tuple[str, ...]:
        return self._sets[values[0][1:]].elements if values[:1] and values[0].startswith("@") else values
