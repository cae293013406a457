# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy read back from a ruleset: the kernel is the only place that says what is in force."""
from __future__ import annotations

import re
import typing as t

from ...values import ranges
from ...values.firewall import Line, Match, Ruleset
from ...values.hashing import short
from .rules import FAMILY, WHOLE
from .state import DEFAULT_BURST, OUTSIDE, SECTIONS, NamedSet, Rule, Section
from .told_aside import aside

TITLE = re.compile(r"(published|forwarded|host) (\d+)(?:: (.*))?\Z")
SET_NAME = re.compile(r"set (\w+)\Z")
NETWORK_NAME = re.compile(r"network (\S+)\Z")
SHOWN_ELEMENTS = 100


def sections(ruleset: t.Optional[Ruleset]) -> t.Dict[str, Section]:
    """The sections that are in force, each with its rules."""
    if ruleset is None:
        return {}
    grouped: t.Dict[t.Tuple[str, int], t.List[Line]] = {}
    for _chain, row in ruleset.lines:
        found = TITLE.match(row.comment)
        if found:
            grouped.setdefault((found.group(1), int(found.group(2))), []).append(row)
    there = {chain.name for chain in ruleset.chains}
    made = {}
    for name in SECTIONS:
        if name in there:
            numbers = sorted(number for section, number in grouped if section == name)
            made[name] = Section(_default(ruleset, name), tuple(_rule(name, grouped[name, number], ruleset) for number in numbers),
                                 _direct(ruleset) if name == "published" else "")
    return made


def named_sets(ruleset: t.Optional[Ruleset]) -> t.Tuple[NamedSet, ...]:
    found: t.Dict[str, t.List[str]] = {}
    kinds: t.Dict[str, str] = {}
    for each in ruleset.sets if ruleset else ():
        name = SET_NAME.match(each.comment)
        if name:
            found.setdefault(name.group(1), []).extend(each.elements)
            kinds[name.group(1)] = "ports" if each.type == "inet_service" else "addresses"
    return tuple(NamedSet(name, kinds[name], tuple(elements)) for name, elements in sorted(found.items()))


def counters(ruleset: Ruleset) -> t.Dict[str, t.Tuple[int, int]]:
    """Packets and bytes by "published 3", "host default" and the like: over all lines that end a packet's way there."""
    found: t.Dict[str, t.List[int]] = {}
    for _chain, row in ruleset.lines:
        if row.counter is not None and row.comment:
            title = TITLE.match(row.comment)
            sums = found.setdefault("%s %s" % title.group(1, 2) if title else row.comment, [0, 0])
            sums[0] += row.counter[0]
            sums[1] += row.counter[1]
    return {title: (packets, size) for title, (packets, size) in found.items()}


def _default(ruleset: Ruleset, name: str) -> str:
    return next((row.verdict for _chain, row in ruleset.lines if row.comment == "%s default" % name), "accept")


def _direct(ruleset: Ruleset) -> str:
    return "drop" if any(row.comment == "direct" for _chain, row in ruleset.lines) else "accept"


def _rule(section: str, rows: t.List[Line], ruleset: Ruleset) -> Rule:
    matches = [match for row in rows for match in row.matches]
    over = next((match.values for match in matches if match.key == "over"), None)
    endings = [row.verdict for row in rows if row.verdict in ("accept", "drop", "reject", "mark")]
    incoming = [match for match in matches if match.key == "iifname"]
    sources, destinations = _ends(rows)
    return Rule(
        action="accept" if endings[-1:] == ["mark"] else (endings or [""])[-1],
        protocols=tuple(sorted({"icmp" if name == "ipv6-icmp" else name for match in matches if match.key == "l4proto"
                                for name in match.values})),
        ports=_ports(matches),
        sources=sources, destinations=destinations,
        interfaces=() if section == "forwarded" else _plain(incoming),
        networks=() if section == "forwarded" else _networks(incoming, ruleset),
        origin=_networks(incoming, ruleset) if section == "forwarded" else (),
        to=_networks([match for match in matches if match.key == "oifname"], ruleset),
        limit=over[0] if over else "", burst=int(over[1]) if over else DEFAULT_BURST,
        log=any(row.verdict.startswith("log ") for row in rows), comment=TITLE.match(rows[0].comment).group(3) or "")


def _ends(rows: t.List[Line]) -> t.Tuple[t.Tuple[str, ...], t.Tuple[str, ...]]:
    """Sources and destinations. A line that has addresses of one end only is for all of its family at the other."""
    sides: t.Dict[str, t.Tuple[t.Set[str], t.Set[int]]] = {"saddr": (set(), set()), "daddr": (set(), set())}
    families = set()
    for row in rows:
        family = next((_family(match) for match in row.matches if _family(match)), None)
        if family is None:
            continue
        families.add(family)
        for side, (texts, whole) in sides.items():
            values = [value for match in row.matches if match.key[:-1] == side for value in match.values]
            texts.update("@" + value[len("@set_"):-len("_4")] if value.startswith("@") else value for value in values)
            whole |= set() if values else {family}
    return _end(*sides["saddr"], families, sides["daddr"][0], True), _end(*sides["daddr"], families, sides["saddr"][0], False)


def _family(match: Match) -> t.Optional[int]:
    if match.key == "family":
        return next((family for family, word in FAMILY.items() if (word,) == match.values), None)
    return int(match.key[-1]) if match.key[:-1] in ("saddr", "daddr") else None


def _end(texts: t.Set[str], whole: t.Set[int], families: t.Set[int], facing: t.Set[str], first: bool) -> t.Tuple[str, ...]:
    """What is left unsaid where it says nothing: all of each family that the other end has anyway."""
    said = {4, 6} if any(text.startswith("@") for text in facing) else {6 if ":" in text else 4 for text in facing}
    if not texts and (said <= families if facing else not first):
        return ()
    plain = [text for text in texts if not text.startswith("@")] + [WHOLE[family] for family in whole]
    return sum(ranges.canonical_addresses(plain).values(), ()) + tuple(sorted(text for text in texts if text.startswith("@")))


def _ports(matches: t.List[Match]) -> t.Tuple[str, ...]:
    values = {value for match in matches if match.key in ("dport", "oport") for value in match.values}
    named = {"@" + value[len("@set_"):] for value in values if value.startswith("@")}
    return ranges.canonical_ports(value for value in values if not value.startswith("@")) + tuple(sorted(named))


def _plain(matches: t.List[Match]) -> t.Tuple[str, ...]:
    return tuple(sorted({value for match in matches for value in match.values if not value.startswith("@")}))


def _networks(matches: t.List[Match], ruleset: Ruleset) -> t.Tuple[str, ...]:
    found = set()
    for match in matches:
        for value in match.values:
            if value == "@bridges":
                found.add(OUTSIDE)
            elif value.startswith("@"):
                each = ruleset.set(value[1:])
                name = NETWORK_NAME.match(each.comment) if each else None
                found.add(name.group(1) if name else value)
    return tuple(sorted(found))


def shown(ruleset: t.Optional[Ruleset], beside: t.Optional[Ruleset] = None) -> t.Dict[str, t.Any]:
    """Plain data for the diff: by rule, in policy terms.

    :param beside: what it is compared with; of a long set only what differs is spelled out
    """
    if ruleset is None:
        return {}
    found: t.Dict[str, t.Any] = aside(ruleset)
    for name, section in sections(ruleset).items():
        found[name] = {"default": section.default, "rules": [sentence(rule) for rule in section.rules]}
        if section.direct:
            found[name]["direct"] = section.direct
    others = {each.name: frozenset(each.elements) for each in named_sets(beside)}
    for each in named_sets(ruleset):
        found.setdefault("sets", {})[each.name] = _elements(each.elements, others.get(each.name, frozenset()))
    found["engine"] = {each.comment or each.name: list(each.elements) for each in ruleset.sets
                       if each.dynamic and each.name != "same"}
    if ruleset.foreign:
        found["foreign"] = list(ruleset.foreign)
    return found


def _elements(texts: t.Tuple[str, ...], others: t.FrozenSet[str]) -> t.List[str]:
    """A long set shows a digest of what it leaves unsaid, so that two of them are told apart."""
    if len(texts) <= SHOWN_ELEMENTS:
        return list(texts)
    said = ([text for text in texts if text not in others] if others else list(texts))[:SHOWN_ELEMENTS]
    return said + ["and %d more of all %d (digest %s)" % (len(texts) - len(said), len(texts), short(" ".join(texts)))]


def sentence(rule: Rule) -> str:
    """One line for one rule, in the words of the options."""
    parts = [rule.action] + ["/".join(rule.protocols)] * bool(rule.protocols)
    for word, values in (("port", rule.ports), ("from", rule.origin), ("to", rule.to), ("source", rule.sources),
                         ("destination", rule.destinations), ("interface", rule.interfaces), ("network", rule.networks)):
        if values:
            parts.append("%s %s" % (word, ",".join(values)))
    if rule.limit:
        parts.append("limit %s burst %d" % (rule.limit, rule.burst))
    if rule.log:
        parts.append("log")
    return " ".join(parts) + (" (%s)" % rule.comment if rule.comment else "")
