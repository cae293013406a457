# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The slots of a supernet: which are free, without ever listing them, for an IPv6 supernet has more than can be counted."""
from __future__ import annotations

import bisect
import typing as t

Span = t.Tuple[int, int, int]


class Slots:
    """:ivar count: how many subnets of this length the supernet has; :ivar free: how many of them are not blocked

    :param spans: (family, first, last) of addresses that nobody may get
    """

    def __init__(self, whole, length: int, spans: t.Iterable[Span]):
        self._whole, self._length = whole, length
        self._size = 1 << (whole.max_prefixlen - length)
        self.count = 1 << (length - whole.prefixlen)
        self._blocked = self._merged(spans)
        self._starts = [first for first, _last in self._blocked]
        self._next: t.Dict[int, int] = {}  # a taken slot -> a later one, not further than the next free
        self.free = self.count - sum(last - first + 1 for first, last in self._blocked)

    def _merged(self, spans) -> t.List[t.Tuple[int, int]]:
        merged: t.List[t.Tuple[int, int]] = []
        for first, last in sorted(filter(None, map(self._touched, spans))):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        return merged

    def _touched(self, span: Span) -> t.Optional[t.Tuple[int, int]]:
        """:returns: first and last slot that a span has an address of"""
        family, first, last = span
        low, high = int(self._whole.network_address), int(self._whole.broadcast_address)
        if family != self._whole.version or last < low or first > high:
            return None
        return (max(first, low) - low) // self._size, (min(last, high) - low) // self._size

    def take(self, slot: int) -> bool:
        """:returns: whether it was free; it is not any more"""
        if slot in self._next or self._unblocked(slot) != slot:
            return False
        self._next[slot] = slot + 1
        return True

    def take_next(self, slot: int) -> int:
        """The first free one from there on, round the end; there must be one."""
        found = self._find(slot)
        found = found if found < self.count else self._find(0)
        self._next[found] = found + 1
        return found

    def _find(self, slot: int) -> int:
        passed = []
        while slot < self.count:
            later = self._next.get(slot) or self._unblocked(slot)
            if later == slot:
                break
            passed.append(slot)
            slot = later
        for each in passed:
            self._next[each] = slot
        return slot

    def _unblocked(self, slot: int) -> int:
        at = bisect.bisect_right(self._starts, slot) - 1
        return self._blocked[at][1] + 1 if at >= 0 and slot <= self._blocked[at][1] else slot

    def subnet(self, slot: int) -> str:
        # Of the supernet's own class: a small number would be taken for an IPv4 address.
        return str(type(self._whole)((int(self._whole.network_address) + slot * self._size, self._length)))
