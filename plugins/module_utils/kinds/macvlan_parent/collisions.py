# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shim's addresses and routes against those that the host has already."""
from __future__ import annotations

import ipaddress
import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.link import Route
from .shims import connected
from .state import Observed, Shim, Wish


def check(wish: Wish, shim: Shim, leaving: t.Container[str], observed: Observed) -> None:
    """:param leaving: links whose addresses and routes do not count

    :raises WishError: where a shim would take what something else on the host needs
    """
    own = {(text.split("/")[0]): link.name for link in observed.links for text in link.every_address
           if link.name not in leaving and link.name != shim.name}
    others = [route for route in observed.routes if route.interface not in leaving and route.interface != shim.name]
    gateways = {route.gateway: route for route in others if route.gateway}
    for text in shim.addresses:
        bare = text.split("/")[0]
        if bare in own:
            raise WishError("The address %s of shim %s is that of link %s already; choose a free one." % (bare, shim.name, own[bare]))
        if bare in gateways:
            raise WishError("The address %s of shim %s is the host's gateway for %s; choose a free one." % (
                bare, shim.name, gateways[bare].subnet))
    for subnet in (*shim.routes, *connected(shim.addresses)):
        _route(wish, shim, subnet, others, own, gateways)


def _route(wish: Wish, shim: Shim, subnet: str, others: t.Iterable[Route], own, gateways) -> None:
    for route in others:
        if route.subnet == subnet:
            raise WishError("The host reaches %s through %s already, and shim %s would take that away; give the range of the containers "
                            "alone, such as %s." % (subnet, route.interface, shim.name, _part(subnet)))
        if _elsewhere(wish, route) and addresses.overlap(route.subnet, subnet):
            raise WishError("The route %s of shim %s collides with %s, which the host reaches through %s; choose a range that nothing "
                            "else has." % (subnet, shim.name, route.subnet, route.interface))
    for item, link in own.items():
        if addresses.inside(item, subnet):
            raise WishError("The route %s of shim %s holds the host's own address %s (link %s); give the range of the containers "
                            "alone." % (subnet, shim.name, item, link))
    for item in gateways:
        if addresses.inside(item, subnet):
            raise WishError("The route %s of shim %s holds the host's gateway %s, which would be out of reach; give the range of the "
                            "containers alone." % (subnet, shim.name, item))


def _elsewhere(wish: Wish, route: Route) -> bool:
    """Under a VLAN lies another LAN; what is reached through a router on it may hold the VLAN's subnets too."""
    near = route.interface == wish.parent or route.interface == wish.link and route.gateway
    return not near and not route.subnet.endswith("/0")


def _part(subnet: str) -> str:
    """An example: the last sixteenth."""
    net = ipaddress.ip_network(subnet)
    bits = min(4, net.max_prefixlen - net.prefixlen)
    return str(list(net.subnets(prefixlen_diff=bits))[-1]) if bits else subnet
