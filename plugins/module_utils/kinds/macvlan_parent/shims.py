# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shims of one list against each other: what the kernel, or the next run, would refuse is found before any of them is made."""
from __future__ import annotations

import typing as t
from itertools import combinations, permutations

from ...core.errors import WishError
from ...values import addresses
from .state import Shim, Wish


def connected(given: t.Iterable[str]) -> t.List[str]:
    """:returns: the subnets that the kernel itself makes a route for, because an address comes with a prefix length"""
    return [subnet for subnet in map(addresses.loose_subnet, given) if not subnet.endswith(("/32", "/128"))]


def routes_of_its_own(name: str, given: t.Sequence[str], routes: t.Sequence[str]) -> None:
    """:raises WishError: where a route is there with an address already, and the kernel would not take it twice"""
    for text in given:
        for subnet in set(connected([text])) & set(routes):
            raise WishError("The route %s of shim %s comes with its address %s already; take it off shim.routes." % (subnet, name, text))


def beside_each_other(wishes: t.Sequence[Wish]) -> None:
    """:raises WishError: naming the two that cannot both be"""
    links = {name: wish.parent for wish in wishes for name in (wish.link, wish.parent)}
    for wish in wishes:
        if wish.shim and wish.shim.name in links:
            raise WishError("The shim of %s cannot be named %s, for that is a link which parent %s is about; give it another shim.name." % (
                wish.parent, wish.shim.name, links[wish.shim.name]))
    shims = [wish.shim for wish in wishes if wish.shim and not wish.shim.absent]
    for pair in combinations(shims, 2):
        _ways(*pair)
    for pair in permutations(shims, 2):
        _inside(*pair)


def _ways(one: Shim, other: Shim) -> None:
    for mine in (*one.routes, *connected(one.addresses)):
        for theirs in (*other.routes, *connected(other.addresses)):
            if addresses.overlap(mine, theirs):
                raise WishError("Shims %s and %s would both be the host's way to the same addresses (%s and %s, by a route or an address with "
                                "a prefix length); give each a range of its own." % (one.name, other.name, mine, theirs))


def _inside(one: Shim, other: Shim) -> None:
    taken = {text.split("/")[0] for text in other.addresses}
    for text in one.addresses:
        if text.split("/")[0] in taken:
            raise WishError("Shims %s and %s would both have the address %s; give each its own." % (one.name, other.name, text.split("/")[0]))
        for route in (*other.routes, *connected(other.addresses)):
            if addresses.inside(text.split("/")[0], route):
                raise WishError("The address %s of shim %s lies in %s, to which shim %s is the way; choose another one, or a smaller range." % (
                    text.split("/")[0], one.name, route, other.name))
