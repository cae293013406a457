# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of one line, read as that line: only where writing it again gives the very same rules."""
from __future__ import annotations

import typing as t

from ...values.firewall import Line, Match, Ruleset, line
from .ipt_rules import Features, spelling_of
from .ipt_table import CHAIN, COMMENT_READ, FAMILIES, ICMP, NEVER, THROUGH, Unknown, period, plain_name
from .rules import canonical

VERDICTS = {("-j", "RETURN"): "accept", ("-j", "DROP"): "drop", ("-j", "REJECT"): "reject", ("-j", "ACCEPT"): "remark",
            ("-g", THROUGH): "mark"}
ICMP_NAMES = {family: {number: name for name, number in names.items()} for family, names in ICMP.items()}
PLAIN = {"-i": "iifname", "-o": "oifname", "-p": "l4proto", "--dports": "dport", "--ctorigdstport": "oport", "--ctorigdst": "odaddr4"}
BOTH_ICMP = ("icmp", "ipv6-icmp")


Member = t.Tuple[int, Features]  # of a family
Names = t.Mapping[str, t.Tuple[str, int]]  # of the kernel's sets: (name in the ruleset, which part)


class Reader:
    """:param ruleset: its sets and its mark; :param claimed: what the kernel's sets are called there, by the directory"""

    def __init__(self, ruleset: Ruleset, claimed: Names):
        self._spelling, self._claimed = spelling_of(ruleset), claimed
        self._sets = {found.name: found for found in ruleset.sets}
        self._written = {name: (plain, place) for plain, names in self._spelling.names.items() for place, name in enumerate(names)}

    def line(self, chain: str, rows: t.List) -> Line:
        """:raises Unknown: where these rules are not exactly those of one line"""
        if len({comment for _family, _features, comment, _counter, _text in rows}) != 1:
            raise Unknown(chain)
        _number, told, comment = COMMENT_READ.match(rows[0][2]).groups()
        hints = {word.partition("=")[0]: tuple(word.partition("=")[2].split(",")) for word in told.split()}
        members = [(family, tuple(each for each in features if each[0] != "--comment")) for family, features, *_rest in rows]
        members = [(family, _as_hinted(features, hints)) for family, features in members]
        made = line(self._matches(members, hints), _verdict(members), comment or "")
        want = [(family, self._named(features, self._written)) for family in FAMILIES
                for features in self._spelling.rules(chain, made, family)]
        # In whatever order: they all end alike, and the follower of the engine's events puts a new bridge in front.
        if sorted(want) != sorted((family, self._named(features, self._claimed)) for family, features in members):
            raise Unknown(chain)
        counts = [counter for _family, _features, _comment, counter, _text in rows]
        total = (sum(packets for packets, _size in counts), sum(size for _packets, size in counts))
        return Line(made.matches, made.verdict, made.comment, total if made.counted else None)

    def _matches(self, members: t.List[Member], hints) -> t.Iterator[Match]:
        found: t.Dict[t.Tuple[str, bool], t.List[str]] = {}
        for family, features in members:
            for feature in features:
                for key, value in self._meaning(family, feature):
                    if key not in hints and value not in found.setdefault((key, feature[0] == "!"), []):
                        found[key, feature[0] == "!"].append(value)
        keys = {key for key, _negated in found}
        if "service" in keys or keys & {"icmp", "icmp6"}:
            found.pop(("l4proto", False), None)
        for (key, negated), values in found.items():
            if key == "l4proto" and set(values) & set(BOTH_ICMP):
                values = sorted({*values, *BOTH_ICMP})
            if not (key in ("iifname", "oifname") and "same" in hints):
                yield canonical(Match(key, tuple(value for value in values if value), negated))
        yield from (Match(key, values) for key, values in hints.items())

    def _meaning(self, family: int, feature: t.Tuple[str, ...]) -> t.Iterator[t.Tuple[str, str]]:
        option, value = feature[-2], feature[-1]
        if option in PLAIN:
            for each in value.split(",") if option == "--dports" else [value]:
                plain = each[:-1] + "*" if option in ("-i", "-o") and each.endswith("+") else each
                yield PLAIN[option], plain.replace(":", "-") if option in ("--dports", "--ctorigdstport") else plain
        elif option in ("-s", "--src-range", "-d", "--dst-range"):
            yield "%saddr%d" % (option.strip("-")[0], family), value
        elif option in ("--icmp-type", "--icmpv6-type"):
            yield ("icmp" if family == 4 else "icmp6"), ICMP_NAMES[family].get(value, value)
        elif option == "--ctstate":
            if value == "DNAT":
                yield "dnat", ""
            else:
                yield from (("ct", word) for word in ("established", "related"))
        elif option == "--mark" and feature != NEVER:
            yield "marked", ""
        elif len(feature) >= 3 and feature[-3] == "--match-set":
            yield self._look(family, feature[-2], value)

    def _look(self, family: int, name: str, way: str) -> t.Tuple[str, str]:
        if name not in self._claimed or self._claimed[name][0] not in self._sets:
            raise Unknown(name)
        found = self._sets[self._claimed[name][0]]
        if found.type == "ifname":
            return ("iifname" if way == "src,src" else "oifname"), "@" + found.name
        if found.type in ("ipv4_addr", "ipv6_addr"):
            return "%s%d" % ("saddr" if way == "src" else "daddr", family), "@" + found.name
        return ("service" if found.type == "proto_port" else "dport"), "@" + found.name

    @staticmethod
    def _named(features: Features, names) -> Features:
        """With the ruleset's name of a set in place of the kernel's, which says what was in it when it was made."""
        return tuple(feature[:-2] + (str(names.get(feature[-2])), feature[-1]) if "--match-set" in feature else feature for feature in features)


def _as_hinted(features: Features, hints) -> Features:
    """A rate in the unit it was given in, where it is the same rate."""
    given = {"--hashlimit-above": hints.get("over"), "--hashlimit-upto": hints.get("rate")}
    return tuple(_rated(feature, given[feature[0]]) if given.get(feature[0]) else feature for feature in features)


def _rated(feature, given):
    try:
        # The kernel counts in whole millionths of a second, and what it prints was rounded once more.
        same = abs(period(feature[1]) - period(given[0])) <= 1
    except (KeyError, ValueError, ZeroDivisionError) as reason:
        raise Unknown(feature[1]) from reason
    return (feature[0], given[0]) if same else feature


def _verdict(members: t.List[Member]) -> str:
    found = set()
    for _family, features in members:
        for feature in features:
            if feature[0] == "--log-prefix":
                found.add("log " + feature[1])
            elif feature in VERDICTS:
                found.add(VERDICTS[feature])
            elif feature[0] == "-g" and feature[1].startswith(CHAIN):
                found.add("goto " + plain_name(feature[1]))
    if len(found) != 1:
        raise Unknown(str(found))
    return found.pop()
