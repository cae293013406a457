# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan of subnets is asked with: texts to numbers, each wrong one named."""
from __future__ import annotations

import ipaddress
import typing as t

from ...core.errors import WishError
from .slots import Span

# A gateway and a container need a place each.
LONGEST = {4: 30, 6: 126}


class Range(t.NamedTuple):
    span: Span
    text: str


def supernet(text: t.Any):
    try:
        if not isinstance(text, str) or "/" not in text:
            raise ValueError("it has no prefix length")
        whole = ipaddress.ip_network(text.strip(), strict=True)
    except ValueError as reason:
        raise WishError("The supernet %r is wrong (%s); write it like 10.64.0.0/12." % (text, reason)) from reason
    if whole.prefixlen > LONGEST[whole.version]:
        raise WishError("Supernet %s has no room for a gateway and a container; give a larger one." % whole)
    return whole


def length(prefix: t.Any, whole) -> int:
    text = str(prefix).strip()
    if isinstance(prefix, bool) or not (text.isascii() and text.isdigit()):
        raise WishError("The prefix length %r is no whole number; give one such as 24." % (prefix,))
    found, longest = int(text[:9]), LONGEST[whole.version]
    if not whole.prefixlen <= found <= longest:
        raise WishError("The prefix length %s does not fit supernet %s; choose one from %d to %d." % (
            text[:40], whole, whole.prefixlen, longest))
    return found


def names(value: t.Any) -> t.List[str]:
    found = _listed(value, "The list of names")
    for name in found:
        if not isinstance(name, str) or not name.strip():
            raise WishError("The name %r is not possible; give texts that are not empty, such as host names." % (name,))
    if len(set(found)) < len(found):
        twice = sorted({name for name in found if found.count(name) > 1})
        raise WishError("Name %s is in the list more than once; keep one of the entries." % ", ".join(twice))
    return found


def ranges(value: t.Any) -> t.List[Range]:
    rows = []
    for item in _listed(value or [], "The list of reserved ranges"):
        try:
            rows.append(Range(span(item), str(item)))
        except ValueError as reason:
            raise WishError("The reserved range %r is wrong (%s); write it like 10.64.0.0/20, 10.64.0.7 or 10.64.0.7-10.64.0.9." % (
                item, reason)) from reason
    return rows


def span(text: t.Any) -> Span:
    """:raises ValueError: for what is neither a subnet, an address nor a range of addresses"""
    if not isinstance(text, str):
        raise ValueError("it is no text")
    first, dash, last = text.partition("-")
    if not dash:
        net = ipaddress.ip_network(text.strip(), strict=True)
        return net.version, int(net.network_address), int(net.broadcast_address)
    low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
    if low.version != high.version or int(low) > int(high):
        raise ValueError("its first address is not before its last")
    return low.version, int(low), int(high)


def kept(value: t.Any, wanted: t.Iterable[str], whole, reserved: t.Sequence[Range]) -> t.Dict[str, str]:
    """What stands, in canonical spelling; what others than the wanted have outside of the supernet matters to nobody."""
    if not isinstance(value or {}, dict):
        raise WishError("What is kept is %r, which is no mapping; give names with the subnet each has." % (value,))
    asked, found = set(wanted), {}
    for name, text in sorted((value or {}).items(), key=lambda row: str(row[0])):
        net = _kept_subnet(name, text)
        if net.version == whole.version and net.subnet_of(whole):
            found[name] = str(net)
        elif name in asked:
            raise WishError("The kept subnet %s of %s is not inside supernet %s; take it off what is kept, or give another "
                            "supernet." % (net, name, whole))
    _apart(found, reserved)
    return found


def _kept_subnet(name: t.Any, text: t.Any):
    try:
        if not isinstance(text, str) or "/" not in text:
            raise ValueError("it has no prefix length")
        return ipaddress.ip_network(text.strip(), strict=True)
    except ValueError as reason:
        raise WishError("The kept subnet %r of %s is wrong (%s); write it like 10.64.3.0/24." % (text, name, reason)) from reason


def _apart(found: t.Mapping[str, str], reserved: t.Sequence[Range]) -> None:
    rows = sorted((span(text), name) for name, text in found.items())
    for (one, left), (other, right) in zip(rows, rows[1:]):  # in this order, any that overlap include two neighbours that do
        if meet(one, other):
            raise WishError("The kept subnets %s of %s and %s of %s overlap; one of them has to move." % (
                found[left], left, found[right], right))
    for where, name in rows:
        for row in reserved:
            if meet(where, row.span):
                raise WishError("The kept subnet %s of %s overlaps the reserved range %s; move the one, or change the other." % (
                    found[name], name, row.text))


def meet(one: Span, other: Span) -> bool:
    return one[0] == other[0] and one[1] <= other[2] and other[1] <= one[2]


def _listed(value: t.Any, what: str) -> t.List[t.Any]:
    if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__iter__"):
        raise WishError("%s is %r; give a list of texts." % (what, value))
    return list(value)
