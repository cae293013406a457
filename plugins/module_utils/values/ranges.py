# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranges of addresses and of ports in one canonical form: sorted, merged, each spelled in its shortest way."""
from __future__ import annotations

import ipaddress
import re
import typing as t
from functools import lru_cache

Range = t.Tuple[int, int]
PORTS = (1, 65535)
BITS = {4: 32, 6: 128}
_CLASSES = {4: ipaddress.IPv4Address, 6: ipaddress.IPv6Address}
# Ten thousand of them are read and written in each run; whatever is not quite so is left to ipaddress, and to its reasons.
_PLAIN = re.compile(r"(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\Z")
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?\Z")


@lru_cache(maxsize=65536)
def addresses(text: str) -> t.Tuple[int, Range]:
    """:param text: an address, a prefix, or C(first-last); :returns: (4 or 6, its range)

    :raises ValueError: with the reason
    """
    plain = _PLAIN.match(text)
    if plain:
        octets = [int(octet) for octet in plain.groups()]
        if max(octets) <= 255:
            number = int.from_bytes(octets, "big")
            return 4, (number, number)
    if "%" in text:
        raise ValueError("it names an interface behind the %, and would mean all of them")
    family = 6 if ":" in text else 4
    if "/" in text:
        net = ipaddress.ip_network(text)
        return net.version, (int(net.network_address), int(net.broadcast_address))
    first, dash, last = text.partition("-")
    begin = int(_CLASSES[family](first))
    end = int(_CLASSES[family](last)) if dash else begin
    if end < begin:
        raise ValueError("its end lies before its beginning")
    return family, (begin, end)


def ports(text: str) -> Range:
    """:param text: a port or C(first-last)

    :raises ValueError: with the reason
    """
    found = _PORTS.match(text)
    if not found:
        raise ValueError("it is neither a port nor a range like 8000-8010")
    begin, end = int(found.group(1)), int(found.group(2) or found.group(1))
    if not PORTS[0] <= begin <= end <= PORTS[1]:
        raise ValueError("ports are 1 to 65535, the lower one first")
    return begin, end


def merged(ranges: t.Iterable[Range]) -> t.Tuple[Range, ...]:
    """Sorted, and joined where they overlap or touch."""
    whole: t.List[t.List[int]] = []
    for begin, end in sorted(ranges):
        if whole and begin <= whole[-1][1] + 1:
            whole[-1][1] = max(whole[-1][1], end)
        else:
            whole.append([begin, end])
    return tuple((begin, end) for begin, end in whole)


def address_text(family: int, pair: Range) -> str:
    """A single address, a prefix where the range is exactly one, else C(first-last)."""
    begin, end = pair
    if begin == end and family == 4:
        return "%d.%d.%d.%d" % tuple(begin.to_bytes(4, "big"))
    kind = _CLASSES[family]
    if begin == end:
        return str(kind(begin))
    size = end - begin + 1
    if size & (size - 1) == 0 and begin % size == 0:
        return "%s/%d" % (kind(begin), BITS[family] - (size.bit_length() - 1))
    return "%s-%s" % (kind(begin), kind(end))


def port_text(pair: Range) -> str:
    return str(pair[0]) if pair[0] == pair[1] else "%d-%d" % pair


def canonical_addresses(texts: t.Iterable[str]) -> t.Dict[int, t.Tuple[str, ...]]:
    """:returns: {4: texts, 6: texts}; a family that has none is left out"""
    found: t.Dict[int, t.List[Range]] = {}
    for text in texts:
        family, pair = addresses(text)
        found.setdefault(family, []).append(pair)
    return {family: tuple(address_text(family, pair) for pair in merged(pairs)) for family, pairs in sorted(found.items())}


def canonical_ports(texts: t.Iterable[str]) -> t.Tuple[str, ...]:
    return tuple(port_text(pair) for pair in merged(ports(text) for text in texts))
