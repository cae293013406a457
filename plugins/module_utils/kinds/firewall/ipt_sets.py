# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets as ipset holds them: one or several for each set of a ruleset."""
from __future__ import annotations

import ipaddress
import typing as t

from ...values import ranges
from ...values.firewall import Set
from ...values.hashing import digest
from .ipt_table import SET, Feature, Unknown

PORTED = ("tcp", "udp", "sctp")
ANY = {4: "0.0.0.0/0", 6: "::/0"}
CLASSES = {4: "inet", 6: "inet6"}
ROOM = 65536
INTERFACES = 64  # hash:net,iface takes a prefix with no more (ipset(8)), and beside a longer one it does not find the shorter
READABLE = 17
FRESH = SET + "new"
# type of a set: what each of its parts is called, or nothing where there is one
PARTS = {"ifname": ("_4", "_6"), "proto_port": tuple("_" + name for name in PORTED), "pair": ()}


def parts(found: Set) -> t.Tuple[str, ...]:
    """Names of the kernel's sets. What belongs to the policy is named after its content too, so that rules and sets change at once."""
    if found.dynamic:
        return tuple(SET + found.name + part for part in PARTS.get(found.type, ("",)))
    name = "%s%s-%s" % (SET, found.name[:READABLE], digest(repr((found.name, found.type, found.elements)))[:8])
    return (name,) if found.type not in PARTS else tuple(name + part for part in PARTS[found.type])


def part(found: Set, names: t.Sequence[str], family: int) -> str:
    """The one that rules of a family look into."""
    return names[FAMILY_PLACE[family]] if found.type == "ifname" else names[0]


FAMILY_PLACE = {4: 0, 6: 1}


def looks(found: Set, names: t.Sequence[str], family: int) -> t.List[t.Tuple[Feature, ...]]:
    """A look-up in each of the parts that a family can use, only to name and to hold them; pairs, which ipset has not, are spelled out."""
    if found.type == "pair":
        return [(("-i", one), ("-o", other)) for one, other in (element.split(" . ") for element in found.elements)]
    if (found.type, family) in (("ipv4_addr", 6), ("ipv6_addr", 4)):
        return []
    if found.type == "ifname":
        return [(("--match-set", part(found, names, family), "src,src"),)]
    return [(("--match-set", name, "dst"),) for name in names]


def written(found: Set) -> t.Iterator[str]:
    """Made beside the old one and put in its place, so that nobody sees it half full."""
    for name, kind, elements in _kernel_sets(found):
        yield "create %s %s" % (name, kind)
        yield "create %s %s" % (FRESH, kind)
        yield from ("add %s %s" % (FRESH, element) for element in elements)
        yield "swap %s %s" % (FRESH, name)
        yield "destroy %s" % FRESH


def _kernel_sets(found: Set) -> t.Iterator[t.Tuple[str, str, t.List[str]]]:
    names = parts(found)
    if found.type == "ifname":
        for family, name in zip((4, 6), names):
            yield name, "hash:net,iface family %s maxelem %d" % (CLASSES[family], ROOM), [
                "%s,%s" % (ANY[family], element) for element in found.elements]
    elif found.type == "proto_port":
        for protocol, name in zip(PORTED, names):
            yield name, "bitmap:port range 0-65535", [element.split(" . ")[1] for element in found.elements
                                                      if element.startswith(protocol + " ")]
    elif found.type == "inet_service":
        yield names[0], "bitmap:port range 0-65535", list(found.elements)
    elif found.type in ("ipv4_addr", "ipv6_addr"):
        family = 4 if found.type == "ipv4_addr" else 6
        prefixes = [text for element in found.elements for text in _prefixes(element)]
        yield names[0], "hash:net family %s maxelem %d" % (CLASSES[family], max(ROOM, len(prefixes))), prefixes


def _prefixes(element: str) -> t.Iterator[str]:
    """hash:net knows prefixes only, and none of the length 0."""
    if "/" not in element and "-" not in element:
        yield element
        return
    family, (begin, end) = ranges.addresses(element)
    if element == ANY[family]:
        yield from (str(half) for half in ipaddress.ip_network(element).subnets())
        return
    kind = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
    yield from (str(net) for net in ipaddress.summarize_address_range(kind(begin), kind(end)))


def read(text: str) -> t.Dict[str, t.List[str]]:
    """:returns: the elements of each of the kernel's sets, from what C(ipset save) prints, or from our own text"""
    found: t.Dict[str, t.List[str]] = {}
    for row in text.splitlines():
        word, *rest = row.split() or [""]
        if word == "create" and rest:
            found.setdefault(rest[0], [])
        elif word == "add" and rest:
            # With a timeout, or another extension, it is one that nobody here writes.
            found.setdefault(rest[0], []).append(rest[1] if len(rest) == 2 else "?")
        elif word == "swap" and len(rest) == 2 and rest[0] in found:
            found[rest[1]] = found.pop(rest[0])
    return found


def rebuilt(name: str, kind: str, comment: str, held: t.Mapping[str, t.List[str]], kernel_names: t.Sequence[str]) -> Set:
    """:raises Unknown: where the parts are not alike, or hold what cannot be there"""
    rows = [held.get(each) for each in kernel_names]
    if kind == "pair":
        rows = [[each[2:] for each in kernel_names if each.startswith("%d " % family)] for family in (4, 6)]
    if any(row is None or "?" in row for row in rows) or not rows:
        raise Unknown(name)
    try:
        return Set(name, kind, tuple(_elements(kind, rows)), comment)
    except (ValueError, IndexError) as reason:
        raise Unknown(name) from reason


def _elements(kind: str, rows: t.List[t.List[str]]) -> t.Sequence[str]:
    if kind in ("ifname", "pair"):
        names = [sorted(element.rpartition(",")[2] for element in row) for row in rows]
        if any(other != names[0] for other in names):
            raise ValueError("the families differ")
        return names[0]
    if kind == "proto_port":
        return sorted("%s . %s" % (protocol, port) for protocol, row in zip(PORTED, rows) for port in row)
    if kind == "inet_service":
        return ranges.canonical_ports(rows[0])
    return sum(ranges.canonical_addresses(rows[0]).values(), ())
