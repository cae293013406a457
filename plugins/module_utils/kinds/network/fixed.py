# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixed addresses of containers against the network that they are to be put back on: not even the way back would help."""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.allocation import first_free, reserved
from ...values.endpoint import Endpoint, listed
from ...values.network import Network
from .state import Observed
from .target import believed


def check_fixed(after: Network, have: Network, observed: Observed) -> None:
    """:raises WishError: for the first fixed address that cannot be had on the network as it is to become"""
    subnets = [pool.subnet for pool in after.ipam_config or () if pool.subnet]
    kept_free = {text: what for pool in after.ipam_config or () for what, text in reserved(pool, after)}
    ends = [end for end in believed(observed).endpoints if end.network == have.name]
    for end in ends:
        for fixed in filter(None, (end.ipv4_address, end.ipv6_address)):
            outer = [subnet for subnet in subnets if addresses.inside(fixed, subnet)]
            if (subnets or after.config_from) and not outer:
                raise WishError("Container %s has the fixed address %s on network %s, which is in none of the new subnets (%s); %s." % (
                    end.name, fixed, have.name, ", ".join(subnets) or "the engine is to choose them",
                    _way_out(have, observed.container(end.container))))
            what = "its %s" % kept_free[fixed] if fixed in kept_free else None
            if outer and addresses.edge(fixed, outer[0]):
                what = "the first or last of its subnet %s" % outer[0]
            if what:
                raise WishError("Container %s has the fixed address %s on network %s, which is to be %s; change one of them." % (
                    end.name, fixed, have.name, what))
    if {1, 2} <= {end.turn for end in ends}:
        _check_crossed(after, [end for end in ends if _alive(end, observed)])


def _check_crossed(after: Network, ends: t.Sequence[Endpoint]) -> None:
    """Where one has only its IPv4 address fixed and another only its IPv6 address, the one that comes first is given one of the other family."""
    first = [end for end in ends if end.turn == 1]
    taken = {end.ipv6_address for end in ends if end.turn == 0}
    given = first_free(after, 6, taken, len(first))
    for end in ends:
        if end.turn == 2 and end.ipv6_address in given:
            raise WishError("Container %s has the fixed address %s on network %s, which the engine would give to a container that has a fixed "
                            "IPv4 address only (%s); give that one a fixed IPv6 address too." % (
                                end.name, end.ipv6_address, after.name, listed(sorted(other.name for other in first))))


def _alive(end: Endpoint, observed: Observed) -> bool:
    box = observed.container(end.container)
    return box is not None and box.alive


def _way_out(have: Network, box) -> str:
    if have.scope == "swarm" and box is not None and box.alive:
        return ("change one of them, or stop the container where it did not ask for that address, which a swarm does not tell "
                "while it runs")
    return "change one of them"
