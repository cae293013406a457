# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One subnet for each name, out of a supernet: the same on every run, whatever the order of the names.

A supernet is a row of slots, each a subnet of the wanted length. A name's hash says which slots it tries, and the hashes
of the names say who is served first. So a name that comes moves only those that it beats to a slot, and one that goes
only those that had met it; whoever is in C(keep) never moves.
"""
from __future__ import annotations

import hashlib
import typing as t

from ...core.errors import WishError
from . import given
from .slots import Slots

# After so many slots by hash a name takes the next free one: only a supernet that is nearly full comes to that.
TRIES = 64


def plan(supernet: str, prefix: t.Any, names: t.Iterable[str], reserved: t.Iterable[str] = (),
         keep: t.Optional[t.Mapping[str, str]] = None) -> t.Dict[str, str]:
    """:param reserved: subnets, addresses and ranges (first-last) that nobody may get
    :param keep: name to the subnet it has; names that are not in C(names) hold theirs too

    :returns: name to subnet, ordered by name
    :raises WishError: for a value that cannot be, and where there is no room
    """
    whole = given.supernet(supernet)
    length = given.length(prefix, whole)
    wanted = given.names(names)
    ranges = given.ranges(reserved)
    kept = given.kept(keep, wanted, whole, ranges)
    slots = Slots(whole, length, [row.span for row in ranges] + [given.span(text) for text in kept.values()])
    rest = sorted((name for name in wanted if name not in kept), key=lambda name: (_hash("", name), name))
    if len(rest) > slots.free:
        raise WishError(
            "Supernet %s has no room for all (subnets of length /%d: %d, free: %d, wanted: %d); give a larger supernet, a longer prefix "
            "or fewer reserved ranges." % (whole, length, slots.count, slots.free, len(rest)))
    planned = {name: kept[name] for name in wanted if name in kept}
    planned.update((name, slots.subnet(_taken(name, slots))) for name in rest)
    return {name: planned[name] for name in sorted(planned)}


def _taken(name: str, slots: Slots) -> int:
    slot = 0
    for attempt in range(TRIES):
        slot = _hash(attempt, name) % slots.count
        if slots.take(slot):
            return slot
    return slots.take_next(slot)


def _hash(salt: t.Any, name: str) -> int:
    return int.from_bytes(hashlib.sha256(("%s\n%s" % (salt, name)).encode("utf-8", "surrogatepass")).digest(), "big")
