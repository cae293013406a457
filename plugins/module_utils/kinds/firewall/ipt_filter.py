# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter table of one family as text, taken apart: whose chains there are, and whether packets get to ours."""
from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .ipt_table import CHAIN, HOOKS, chain_name

RULE = re.compile(r"(?:\[(\d+):(\d+)\] )?-([AI]) (\S+) (.*)\Z")
TARGET = re.compile(r'(?:\A| )-[jg] (\S+)(?= |\Z)')
COMMENTED = re.compile(r'--comment (?:"(?:[^"\\]|\\.)*"|\S+)')
ENDING = ("ACCEPT", "QUEUE", "NFQUEUE")
GOES = re.compile(r"(?:\A| )-g \S+(?= |\Z)")


@dataclass
class Table:
    """:param chains: the rules of each, as (packets and bytes, text)"""

    chains: t.Dict[str, t.List[t.Tuple[t.Tuple[int, int], str]]] = field(default_factory=dict)

    @property
    def own(self) -> t.List[str]:
        return [name for name in self.chains if name.startswith(CHAIN)]

    def hooked(self, hook: str) -> bool:
        """Whether our chain is called once, from the right place, before anything could be accepted there, or sent back past it."""
        chain, place = chain_name(hook), self._place(hook)
        callers = [name for name, rows in self.chains.items() for _counter, text in rows if _target(text) == chain]
        if callers != [place]:
            return False
        for _counter, text in self.chains[place]:
            if _target(text) == chain:
                return COMMENTED.sub("", text).split() == ["-m", "comment", "-j", chain]
            if _passes_by(text) or self._may_accept(_target(text), {chain}):
                return False
        return False

    def _place(self, hook: str) -> str:
        """Where what loads a text puts the jump: the engine keeps DOCKER-USER in front, and where it is not, FORWARD's front is free."""
        first, *other = HOOKS[hook]
        if not other or other[0] not in self.chains:
            return first
        called = self.chains[other[0]][:1]
        return first if called and called[0][1] == "-j " + first else other[0]

    def _may_accept(self, target: str, seen: t.Set[str]) -> bool:
        if target in seen:
            return False
        seen.add(target)
        return target in ENDING or any(self._may_accept(_target(text), seen) for _counter, text in self.chains.get(target, ()))


def table(text: str) -> Table:
    found = Table()
    for row in text.splitlines():
        if row.startswith(":"):
            found.chains.setdefault(row[1:].split(" ")[0], [])
            continue
        rule = RULE.match(row)
        if rule:
            packets, size, how, chain, rest = rule.groups()
            rows = found.chains.setdefault(chain, [])
            rows.insert(0 if how == "I" else len(rows), ((int(packets or 0), int(size or 0)), rest))
    return found


def _passes_by(text: str) -> bool:
    """In the chain that calls ours: who returns there, or goes to another chain and returns from that, never comes to the call."""
    return _target(text) == "RETURN" or bool(GOES.search(COMMENTED.sub("", text)))


def _target(text: str) -> str:
    found = TARGET.search(COMMENTED.sub("", text))
    return found.group(1) if found else ""
