# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ruleset as text for C(nft -f -): one transaction."""
from __future__ import annotations

import typing as t

from ...values.firewall import Line, Match, Ruleset, Set
from .nft_read import parse  # noqa: F401  pylint: disable=unused-import  # backend.py reads by the module that writes
from .nft_table import INTERVALS, MATCHES, PRIORITY, TABLE, TABLE_COMMENT, TYPES


def render(ruleset: t.Optional[Ruleset]) -> str:
    """All of C(nft)'s input: one transaction that puts the new table in the old one's place."""
    first = ["table %s" % TABLE, "delete table %s" % TABLE]  # the first makes sure that there is one to delete
    if ruleset is None:
        return "\n".join(first) + "\n"
    rows = ["table %s {" % TABLE, '\tcomment "%s"' % (TABLE_COMMENT % (ruleset.digest, ruleset.mark))]
    for found in ruleset.sets:
        rows += ["", "\tset %s {" % found.name] + ["\t\t" + row for row in _set(found)] + ["\t}"]
    for chain in ruleset.chains:
        rows += ["", "\tchain %s {" % chain.name]
        rows += ["\t\ttype filter hook %s priority %d; policy accept;" % (chain.hook, PRIORITY)] if chain.hook else []
        rows += ["\t\t" + line_text(row, ruleset.mark) for row in chain.lines] + ["\t}"]
    return "\n".join(first + rows + ["}"]) + "\n"


def _set(found: Set) -> t.Iterator[str]:
    yield "type %s" % TYPES.get(found.type, found.type)
    if found.type in INTERVALS:
        yield "flags interval"
        yield "auto-merge"
    if found.comment:
        yield 'comment "%s"' % found.comment
    if found.elements:
        yield "elements = { %s }" % ", ".join(_element(found.type, text) for text in found.elements)


def _element(kind: str, text: str) -> str:
    if kind in ("ifname", "pair"):
        return " . ".join('"%s"' % part for part in text.split(" . "))
    return text


def line_text(row: Line, mark: int) -> str:
    parts = [_match(match, mark) for match in row.matches]
    bit = "0x%08x" % mark
    if row.verdict == "mark":
        parts.append("ct mark set ct mark | %s" % bit)
    if row.verdict in ("mark", "remark"):
        parts.append("meta mark set meta mark | %s" % bit)
    if row.counted:
        parts.append("counter packets %d bytes %d" % (row.counter or (0, 0)))
    if row.verdict.startswith("log "):
        parts.append('log prefix "%s"' % row.verdict[4:])
    else:
        parts.append("accept" if row.verdict in ("mark", "remark") else row.verdict)
    if row.comment:
        parts.append('comment "%s"' % row.comment)
    return " ".join(parts)


def _match(match: Match, mark: int) -> str:
    if match.key == "ct":
        return "ct state " + ",".join(match.values)
    if match.key == "dnat":
        return "ct status dnat"
    if match.key == "marked":
        return "ct mark & 0x%08x == 0x%08x" % (mark, mark)
    if match.key in ("over", "rate"):
        return "limit rate %s%s burst %s packets" % ("over " if match.key == "over" else "", match.values[0], match.values[1])
    front, form = MATCHES[match.key]
    named = match.values[0].startswith("@")
    values = match.values if named else [form % value for value in match.values]
    value = values[0] if len(values) == 1 else "{ %s }" % ", ".join(values)
    return "%s %s%s" % (front, "!= " if match.negated else "", value)
