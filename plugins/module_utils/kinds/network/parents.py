# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parents of macvlan and ipvlan networks: links of the host that not every pair of networks can share."""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...values.network import Network
from .made import made
from .overlap import ON_THE_LAN
from .state import Desired, Observed


def check_parents(desired: Desired, observed: Observed) -> None:
    """:raises WishError: naming the other network, or the link that is not there"""
    coming = made(desired, observed)
    leaving = {wish.name for wish in desired.wishes if wish.absent} | {net.name for _wish, net in coming}
    there = [net for net in observed.networks if net.name not in leaving]
    for index, (_wish, net) in enumerate(coming):
        if _parent(net) is None:
            continue
        _exists(net, observed)
        for other in there + [other for _wish, other in coming[:index]]:
            if _parent(other) == _parent(net):
                reason = _quarrel(net, other, observed.engine.version)
                if reason:
                    raise WishError("Network %s cannot have the parent %s, for network %s (%s) is on it and %s; choose another "
                                    "parent, such as a VLAN of it." % (net.name, _parent(net), other.name, other.driver, reason))


def _parent(net: Network) -> t.Optional[str]:
    return net.option("parent") or None if net.driver in ON_THE_LAN and not net.config_only else None


def _exists(net: Network, observed: Observed) -> None:
    """The engine makes a missing VLAN (eth0.50) by itself, but not the link that it is on."""
    name = _parent(net) or ""
    links = observed.links
    if links is not None and not {name, name.rpartition(".")[0]} & links:
        raise WishError("The parent %s of network %s is no link of this host; name one of those that ip link shows." % (
            name, net.name))


def _quarrel(net: Network, other: Network, version: t.Tuple[int, ...]) -> t.Optional[str]:
    """moby: createNetwork of the two drivers; the kernel refuses the mixture only when a container starts."""
    if net.driver != other.driver:
        return "macvlan and ipvlan cannot share a link"
    if net.driver == "ipvlan":
        return "the engine puts only one ipvlan network on a link"
    if "passthru" in (net.option("macvlan_mode"), other.option("macvlan_mode")):
        return "passthru takes a link for itself"
    if (0,) < version < (27,):
        return "engines before 27 put only one macvlan network on a link"
    return None
