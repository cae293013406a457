# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Purge: what carries a label and is not on the list is wished away."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...values.network import Network
from .state import BUILT_IN, Desired, Observed, Wish
from .target import believed


def completed(desired: Desired, observed: Observed) -> Desired:
    """:returns: the wish with an absent network for each that is to be purged; what a stopped run had taken away counts too"""
    if not desired.purge:
        return desired
    listed = {wish.name for wish in desired.wishes} | set(BUILT_IN)
    stray = {net.name for net in observed.networks + believed(observed).networks
             if net.name not in listed and carries(net, desired.purge)}
    more = tuple(Wish(Network(name), absent=True, purged=True) for name in stray)
    return replace(desired, wishes=tuple(sorted(desired.wishes + more, key=lambda wish: wish.name)))


def carries(net: Network, label: str) -> bool:
    """:param label: C(key) or C(key=value)"""
    key, equals, value = label.partition("=")
    return any(have == key and (not equals or text == value) for have, text in net.labels or ())


def unlabelled(desired: Desired, networks: t.Iterable[Network]) -> t.List[str]:
    """:returns: names of listed networks that no later purge would find"""
    return [net.name for net in networks if desired.purge and not carries(net, desired.purge)]
