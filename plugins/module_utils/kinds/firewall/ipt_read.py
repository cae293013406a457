# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ruleset read back from what C(ipset save) and C(iptables-save -c) print, or from our own text.

What nobody here writes is foreign, so nothing that somebody else put in is overlooked.
"""
from __future__ import annotations

import re
import typing as t

from ...values.firewall import FOREIGN, Chain, Line, Ruleset, Set
from . import ipt_sets
from .ipt_filter import Table, table
from .ipt_lines import Reader
from .ipt_rules import Features, through
from .ipt_table import (COMMENT_READ, DIRECTORY, ENTRY_READ, FAMILIES, HEADS, HOOKS, SET, THROUGH, TITLE_READ, Unknown, chain_name, plain_name,
                        read)

ORDER = ("published", "forwarded", "cluster", "host", "input", "forward")
NUMBERED = re.compile(r"([a-z]+)_(\d+)\Z")


def parse(text: t.Optional[str]) -> t.Optional[Ruleset]:
    """:returns: C(None) where nothing is ours; one that nobody here has made has no digest"""
    parts = divided(text or "")
    tables = {family: table(parts[family]) for family in FAMILIES}
    held = {name: elements for name, elements in ipt_sets.read(parts["sets"]).items() if name.startswith(SET)}
    if not held and not any(found.own for found in tables.values()):
        return None
    return _Reading(tables, held).ruleset()


def divided(text: str) -> t.Dict[t.Any, str]:
    found: t.Dict[t.Any, t.List[str]] = {name: [] for name in HEADS}
    heads, rows = {head: name for name, head in HEADS.items()}, []
    for row in text.splitlines():
        if row in heads:
            rows = found[heads[row]]
        else:
            rows.append(row)
    return {name: "\n".join(rows) for name, rows in found.items()}


class _Reading:
    def __init__(self, tables: t.Dict[int, Table], held: t.Dict[str, t.List[str]]):
        self._tables, self._held, self._stray = tables, held, []
        self._digest, self._mark, entries = self._directory()
        self._claimed = {name: (entry[0], place) for entry, names in entries.items() for place, name in enumerate(names)}
        self._sets: t.Dict[str, Set] = {}
        for (name, kind, comment), names in entries.items():
            try:
                self._sets[name] = ipt_sets.rebuilt(name, kind, comment, held, names)
            except Unknown:
                self._stray.append("set %s" % name)
        self._stray += ["set %s" % name for name in held if name not in self._claimed]
        self._ruleset = Ruleset(self._digest, self._mark, tuple(sorted(self._sets.values(), key=lambda each: each.name)))
        self._reader = Reader(self._ruleset, self._claimed)

    def ruleset(self) -> Ruleset:
        names = {plain_name(name) for found in self._tables.values() for name in found.own} - {
            plain_name(DIRECTORY), plain_name(THROUGH)}
        chains = tuple(self._chain(name) for name in sorted(names, key=_place))
        self._check_through()
        if self._stray:
            chains += (Chain("", "", tuple(Line((), FOREIGN + text) for text in self._stray)),)
        return Ruleset(self._digest, self._mark, self._ruleset.sets, chains)

    def _rows(self, family: int, chain: str):
        return self._tables[family].chains.get(chain, ())

    def _directory(self):
        """:returns: digest, mark, and the kernel's names of each (name, type, comment)"""
        titles, entries = set(), {}
        for family in FAMILIES:
            for _counter, text in self._rows(family, DIRECTORY):
                comment = next((feature[1] for feature in _read(text) if feature[0] == "--comment"), "")
                names = [feature[1] for feature in _read(text) if feature[0] == "--match-set"] or _pair(family, text)
                entry, title = ENTRY_READ.match(comment), TITLE_READ.match(comment)
                if entry:
                    known = entries.setdefault((entry.group(1), entry.group(2), entry.group(3) or ""), [])
                    known += [name for name in names if name not in known]
                elif title:
                    titles.add((family, title.group(1), int(title.group(2), 16)))
                else:
                    self._stray.append(text)
        marks = {mark for _family, _digest, mark in titles}
        whole = len(titles) == len(FAMILIES) and len({each[1:] for each in titles}) == 1
        return (next(iter(titles))[1] if whole else ""), (marks.pop() if len(marks) == 1 else 0), entries

    def _check_through(self) -> None:
        want = through(self._mark)
        for family in FAMILIES:
            if [_read(text) for _counter, text in self._rows(family, THROUGH)] != want:
                self._stray.append("chain %s (IPv%d)" % (THROUGH, family))

    def _chain(self, name: str) -> Chain:
        hooked = name in HOOKS and all(found.hooked(name) for found in self._tables.values())
        groups: t.Dict[int, t.List] = {}
        lines, foreign = [], []
        for family in FAMILIES:
            last = 0
            for counter, text in self._rows(family, chain_name(name)):
                features = _read(text)
                comment = next((feature[1] for feature in features if feature[0] == "--comment"), "")
                title = COMMENT_READ.match(comment)
                if title is None or int(title.group(1)) < last:
                    foreign.append(Line((), "%sIPv%d: %s" % (FOREIGN, family, text)))
                    continue
                last = int(title.group(1))
                groups.setdefault(last, []).append((family, features, comment, counter, text))
        for number in sorted(groups):
            try:
                lines.append(self._reader.line(name, groups[number]))
            except (Unknown, ValueError, KeyError, AttributeError, IndexError):  # a comment may say anything
                foreign += [Line((), "%sIPv%d: %s" % (FOREIGN, row[0], row[-1])) for row in groups[number]]
        return Chain(name, name if hooked else "", tuple(lines + foreign))


def _read(text: str) -> Features:
    try:
        return read(text)
    except Unknown:
        return ()


def _pair(family: int, text: str) -> t.List[str]:
    """The one kind of set that ipset has not, spelled out for each family."""
    values = {feature[0]: feature[-1] for feature in _read(text)}
    return ["%d %s . %s" % (family, values["-i"], values["-o"])] if {"-i", "-o"} <= set(values) else []


def _place(name: str) -> t.Tuple:
    """As they were made: chains that others go to come first."""
    numbered = NUMBERED.match(name)
    section = numbered.group(1) if numbered else name
    return (ORDER.index(section) if section in ORDER else len(ORDER), not numbered, int(numbered.group(2)) if numbered else 0, name)
