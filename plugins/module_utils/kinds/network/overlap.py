# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subnets against the engine's other networks and the host's routes.

The engine's maintainers decline to check routes (docker/for-linux#599), so a network may swallow a VPN's.
"""
from __future__ import annotations

import ipaddress
import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.link import Route
from ...values.network import Network
from .made import made
from .state import Desired, Observed
from .target import networks_before

# Their subnet is the LAN's own: a route to it through the parent is what it should be.
ON_THE_LAN = ("macvlan", "ipvlan")


def check_overlap(desired: Desired, observed: Observed) -> None:
    """:raises WishError: naming the other network or route"""
    coming = made(desired, observed)
    asked = {wish.name for wish in desired.wishes}
    # What this task says nothing of comes back as it was before a run that was stopped.
    there = [net for net in observed.networks if net.name in asked] + [net for net in networks_before(observed).values() if net.name not in asked]
    leaving = {wish.name for wish in desired.wishes if wish.absent} | {net.name for _wish, net in coming}
    for index, (wish, net) in enumerate(coming):
        if wish.allow_overlap or net.config_only:
            continue
        others = [other for other in there if other.name not in leaving]
        others += [other for its_wish, other in coming[:index] if not its_wish.allow_overlap]
        for subnet in _subnets(net):
            _against_networks(net, subnet, others)
            for route in _routes(net, observed):
                if addresses.inside(route.subnet, subnet):
                    raise WishError("Subnet %s of network %s overlaps the host's route %s through %s; choose another, or "
                                    "set allow_overlap." % (subnet, net.name, route.subnet, route.interface))


def route_warnings(desired: Desired, observed: Observed) -> t.Tuple[str, ...]:
    """A broader route loses only what the network takes; that may be meant."""
    lines = []
    for _wish, net in made(desired, observed):
        for subnet in () if net.config_only else _subnets(net):
            for route in _routes(net, observed):
                if route.subnet != subnet and addresses.inside(subnet, route.subnet):
                    lines.append("Subnet %s of network %s is taken out of the host's route %s through %s." % (
                        subnet, net.name, route.subnet, route.interface))
    return tuple(lines)


def _subnets(net: Network) -> t.List[str]:
    return [pool.subnet for pool in net.ipam_config or () if pool.subnet]


def _against_networks(net: Network, subnet: str, others: t.Iterable[Network]) -> None:
    for other in others:
        for taken in () if other.config_only else _subnets(other):
            if addresses.overlap(subnet, taken):
                raise WishError("Subnet %s of network %s overlaps %s of network %s; choose another, or set allow_overlap." % (
                    subnet, net.name, taken, other.name))


def _routes(net: Network, observed: Observed) -> t.Iterator[Route]:
    """Routes that are neither the default, nor Docker's own bridges', nor the LAN's that a parent hangs on."""
    bridges = {bridge_name(other) for other in observed.networks}
    parent = net.option("parent") or ""
    for route in observed.routes or ():
        if ipaddress.ip_network(route.subnet).prefixlen == 0 or route.interface in bridges:
            continue
        if net.driver in ON_THE_LAN and (not parent or parent in (route.interface, route.parent)):
            continue
        yield route


def bridge_name(net: Network) -> str:
    """The link an engine makes for a bridge network, unless the option names another."""
    return net.option("com.docker.network.bridge.name") or "br-%s" % net.id[:12]
