# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which published ports are open to everyone, by the policy in force."""
from __future__ import annotations

import typing as t

from ...values import ranges
from ...values.firewall import Ruleset
from . import told, told_aside
from .rules import WHOLE
from .state import NamedSet, Rule, Section

Service = t.Tuple[str, int]


def families(ruleset: t.Optional[Ruleset], services: t.Iterable[Service]) -> t.Dict[Service, t.Tuple[int, ...]]:
    """:returns: for each (protocol, port) the families (4, 6) in which anybody may open a connection"""
    section = told.sections(ruleset).get("published")
    sets = {found.name: found for found in told.named_sets(ruleset)}
    return {service: tuple(family for family in (4, 6) if _open(section, sets, service, family)) for service in services}


def _open(section: t.Optional[Section], sets: t.Mapping[str, NamedSet], service: Service, family: int) -> bool:
    """The first rule decides that fits whoever asks; one for some sources or ways in says nothing about everyone."""
    if section is None:
        return True
    for rule in section.rules:
        if _fits_all(rule, sets, family) and _fits_service(rule, sets, service):
            return rule.action == "accept"
    return section.default == "accept"


def _fits_all(rule: Rule, sets: t.Mapping[str, NamedSet], family: int) -> bool:
    """Whoever asks: sources and sets together may be all there are."""
    sources = ranges.canonical_addresses(spelled_out(rule.sources, sets))
    return not rule.interfaces and not rule.networks and (not rule.sources or sources.get(family) == (WHOLE[family],))


def spelled_out(texts: t.Iterable[str], sets: t.Mapping[str, NamedSet]) -> t.List[str]:
    return [element for text in texts for element in (sets[text[1:]].elements if text.startswith("@") else (text,))]


def _fits_service(rule: Rule, sets: t.Mapping[str, NamedSet], service: Service) -> bool:
    protocol, port = service
    if rule.protocols and protocol not in rule.protocols:
        return False
    return not rule.ports or any(begin <= port <= end for begin, end in map(ranges.ports, spelled_out(rule.ports, sets)))


def report(ruleset: t.Optional[Ruleset], rows: t.Iterable[t.Tuple[str, str, str, int, t.Tuple[int, ...]]]) -> t.List[t.Dict[str, t.Any]]:
    """:param rows: (container or service, its name, protocol, published port, families it is published in)

    :returns: plain data, only what is open to everyone
    """
    asked: t.Dict[t.Tuple[str, str, str, int], t.Set[int]] = {}
    for what, name, protocol, port, within in rows:
        asked.setdefault((what, name, protocol, port), set()).update(within)
    found = families(ruleset, [(protocol, port) for _what, _name, protocol, port in asked])
    rows = ((key, [family for family in found[key[2:]] if family in within]) for key, within in sorted(asked.items()))
    return [{key[0]: key[1], "protocol": key[2], "port": key[3], "families": ["IPv%d" % family for family in open_in]}
            for key, open_in in rows if open_in]


def policy(ruleset: t.Optional[Ruleset]) -> t.Dict[str, t.Any]:
    """The policy in force, as plain data named like the module's options."""
    found: t.Dict[str, t.Any] = {}
    for name, section in told.sections(ruleset).items():
        found[name] = {"default": section.default, "rules": [_row(rule) for rule in section.rules]}
        if section.direct:
            found[name]["direct"] = section.direct
    found["sets"] = [{"name": each.name, "type": each.type, "elements": list(each.elements)} for each in told.named_sets(ruleset)]
    found.update(told_aside.aside(ruleset) if ruleset else {})
    return found


def _row(rule: Rule) -> t.Dict[str, t.Any]:
    """Only what is set; C(origin) is the option C(from)."""
    row = {key: list(value) if isinstance(value, tuple) else value for key, value in vars(rule).items() if value}
    if not rule.limit:
        row.pop("burst")
    if "origin" in row:
        row["from"] = row.pop("origin")
    return row


def counters(ruleset: t.Optional[Ruleset]) -> t.List[t.Dict[str, t.Any]]:
    """:returns: one row for each rule, default and line of our own, in the order in which they stand"""
    if ruleset is None:
        return []
    words = {"%s %d" % (name, number): told.sentence(rule) for name, section in told.sections(ruleset).items()
             for number, rule in enumerate(section.rules, 1)}
    return [{"rule": title, "text": words.get(title, ""), "packets": packets, "bytes": size}
            for title, (packets, size) in told.counters(ruleset).items()]
