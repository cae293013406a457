# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ruleset read back from what C(nft -y -p list table) prints.

What no row of the table knows stays as a line whose verdict is C(foreign ...), so nothing that somebody else put in is overlooked.
"""
from __future__ import annotations

import re
import typing as t
from functools import lru_cache

from ...values import ranges
from ...values.firewall import FOREIGN, Chain, Line, Match, Ruleset, Set, line
from .nft_table import (BURST, COMMENT, COUNTER, DNAT, ELEMENT, KINDS, LIMIT, LOG, MARKED, NUMBERS, PATTERNS, PORT_OF, SET, STATES,
                        TABLE_COMMENT_READ, VERDICT)
from .rules import canonical


@lru_cache(maxsize=4)
def parse(listing: t.Optional[str]) -> t.Optional[Ruleset]:
    """:returns: C(None) without a table; a table nobody here has made has no digest"""
    if not listing or not listing.strip():
        return None
    digest, mark, sets, chains, stray = "", 0, [], [], []
    for name, body in _blocks(listing):
        kind, _space, rest = name.partition(" ")
        if kind == "set":
            found = _read_set(rest, body)
            sets.append(found) if isinstance(found, Set) else stray.append(found)
        elif kind == "chain":
            chains.append((rest, body))
        elif TABLE_COMMENT_READ.match(name):
            digest, bit = TABLE_COMMENT_READ.match(name).groups()
            mark = int(bit, 16)
        else:
            stray.append(" ".join([name] + body))
    made = [_read_chain(name, body, mark) for name, body in chains]
    if stray:
        made.append(Chain("", "", tuple(Line((), FOREIGN + text) for text in stray)))
    return Ruleset(digest, mark, tuple(sorted(sets, key=lambda found: found.name)), tuple(made))


def _blocks(listing: str) -> t.Iterator[t.Tuple[str, t.List[str]]]:
    """:returns: (head, lines) of each block inside the table; what stands outside a block is a head without lines"""
    head, body = "", []
    for raw in listing.splitlines()[1:]:
        text = raw.strip()
        if raw.startswith("\t\t"):
            body.append(text)
        elif text == "}":
            if head:
                yield head, body
            head, body = "", []
        elif text.endswith(" {"):
            head, body = text[:-2], []
        elif text:
            yield text, []


def _read_set(name: str, body: t.List[str]) -> t.Union[Set, str]:
    text, elements = " ".join(body), ()
    if "elements = {" in text:
        text, _equals, inner = text.partition("elements = {")
        elements = tuple(part.strip() for part in inner.rstrip().rstrip("}").split(","))
    found = SET.match(text)
    if found:
        try:
            return Set(name, KINDS[found.group(1)], _elements(KINDS[found.group(1)], elements), found.group(2) or "")
        except ValueError:
            pass
    return "set %s { %s }" % (name, " ".join(body))


def _elements(kind: str, texts: t.Tuple[str, ...]) -> t.Tuple[str, ...]:
    if kind in ("ipv4_addr", "ipv6_addr"):
        return sum(ranges.canonical_addresses(texts).values(), ())
    if kind == "inet_service":
        return ranges.canonical_ports(texts)
    plain = [text.replace('"', "") for text in texts]
    if not all(ELEMENT.match(text) for text in plain):
        raise ValueError("elements with something behind them")
    if kind == "proto_port":
        parts = [text.split(" . ") for text in plain]
        plain = ["%s . %s" % (NUMBERS.get(part[0], part[0]), part[1]) for part in parts]
    return tuple(sorted(plain))


def _read_chain(name: str, body: t.List[str], mark: int) -> Chain:
    hook, lines = "", []
    for text in body:
        found = re.match(r"type filter hook (input|forward) priority -1; policy accept;\Z", text)
        if found and not hook and not lines:
            hook = found.group(1)
        else:
            lines.append(read_line(text, mark))
    return Chain(name, hook, tuple(lines))


def read_line(text: str, mark: int) -> Line:
    """A line as nft prints it; foreign where any part of it is not known."""
    try:
        return _read_line(text, mark)
    except (_Unknown, ValueError):
        return Line((), FOREIGN + COUNTER.sub("counter", text))


class _Unknown(Exception):
    """A part of a line that no row of the table knows."""


def _read_line(text: str, mark: int) -> Line:
    rest, matches, counter, verdict, comment, marks = text, [], None, "", "", []
    bit = "0x%08x" % mark
    while rest:
        found = COMMENT.match(rest)
        if found:
            comment = found.group(1)
        elif COUNTER.match(rest):
            found = COUNTER.match(rest)
            counter = (int(found.group(1)), int(found.group(2)))
        elif VERDICT.match(rest):
            found = VERDICT.match(rest)
            verdict = verdict + found.group(1)
        elif LOG.match(rest):
            found = LOG.match(rest)
            verdict = verdict + "log " + found.group(1)
        elif rest.startswith(("ct mark set ct mark | %s " % bit, "meta mark set meta mark | %s " % bit)):
            found = re.match(r"(ct|meta) mark set \w+ mark \| \w+", rest)
            marks.append(found.group(1))
        else:
            found, more = _read_match(rest, bit)
            matches += more
        rest = rest[found.end():].lstrip(" ")
    if verdict not in ("accept", "drop", "reject") and not verdict.startswith(("log ", "jump ", "goto ")):
        raise _Unknown(text)
    if marks:
        if verdict != "accept" or marks not in (["meta"], ["ct", "meta"]):
            raise _Unknown(text)
        verdict = "mark" if "ct" in marks else "remark"
    made = line(matches, verdict, comment)
    if (counter is None) == made.counted or len({match.key for match in matches}) != len(matches):
        raise _Unknown(text)
    return Line(made.matches, made.verdict, made.comment, counter)


def _read_match(rest: str, bit: str):
    """:returns: (what was found, the matches it stands for)"""
    for key, pattern in (("ct", STATES), ("dnat", DNAT), ("marked", re.compile(MARKED % (bit, bit, bit)))):
        found = pattern.match(rest)
        if found:
            return found, [Match(key, ("established", "related") if key == "ct" else ())]
    found = LIMIT.match(rest)
    if found:
        return found, [Match("over" if found.group("over") else "rate", (found.group("rate"), found.group("burst") or BURST))]
    found = PORT_OF.match(rest)
    if found:
        return found, [Match("l4proto", (found.group("protocol"),)), _valued("dport", found)]
    for key, pattern in PATTERNS:
        found = pattern.match(rest)
        if found:
            return found, [_valued(key, found)]
    raise _Unknown(rest)


def _valued(key: str, found) -> Match:
    text = found.group("value")
    values = [part.strip().strip('"') for part in text.strip("{} ").split(",")]
    if key == "l4proto":
        values = [NUMBERS.get(value, value) for value in values]
    return canonical(Match(key, tuple(values), bool(found.group("not"))))
