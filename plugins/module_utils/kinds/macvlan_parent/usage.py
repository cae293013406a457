# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parents and shims against the engine's networks that hang on them."""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.link import Link
from ...values.network import Network
from .state import HANGING_DRIVERS, Observed, Shim, Wish

A_DRIVER = {"macvlan": "a macvlan", "ipvlan": "an ipvlan"}
DEFAULT_MODES = {"macvlan": "bridge", "ipvlan": "l2"}


def check_unused(parent: str, observed: Observed) -> None:
    """:raises WishError: naming the networks that use a parent"""
    nets = observed.hanging(parent)
    if nets:
        names = ", ".join(sorted(net.name for net in nets))
        boxes = sorted({end.container for end in observed.attached if end.network in {net.name for net in nets}})
        raise WishError("Parent %s cannot be removed while networks use it (%s%s); remove those first." % (
            parent, names, ", with containers %s" % ", ".join(boxes) if boxes else ""))


def check_shim(wish: Wish, shim: Shim, observed: Observed, leaving: t.Container[str] = ()) -> None:
    """:param leaving: links that do not count

    :raises WishError: where the shim and networks or links cannot share the parent, or the shim's address is taken or lies elsewhere
    """
    nets = observed.hanging(wish.parent)
    for net in nets:
        _fits(wish, shim, net)
    for link in observed.links:
        if link.parent == wish.parent and link.kind in HANGING_DRIVERS and link.name != shim.name and link.name not in leaving:
            _beside(wish, shim, link)
    for text in shim.addresses:
        _address(shim, text.split("/")[0], nets, observed)
    for route in shim.routes:
        subnets = _subnets(nets, route)
        if subnets and not any(addresses.overlap(route, subnet) for subnet in subnets):
            raise WishError("The route %s of shim %s lies in no subnet of the networks on %s (%s); correct it." % (
                route, shim.name, wish.parent, ", ".join(subnets)))


def _beside(wish: Wish, shim: Shim, link: Link) -> None:
    if link.kind != shim.driver:
        raise WishError("Shim %s is %s link, but the %s link %s hangs on %s already, and a parent cannot have both; set "
                        "shim.driver to %s." % (shim.name, A_DRIVER[shim.driver], link.kind, link.name, wish.parent, link.kind))
    if link.mode == "passthru":
        raise WishError("The macvlan link %s is in mode passthru and has parent %s for itself, so there can be no shim; take the shim off, or "
                        "remove that link." % (link.name, wish.parent))
    if link.kind == "ipvlan" and link.mode != shim.mode:
        raise WishError("Shim %s is in mode %s, but the ipvlan link %s on %s is in mode %s, and all ipvlan links of a parent have one mode, that "
                        "of the latest; set shim.mode to %s." % (shim.name, shim.mode, link.name, wish.parent, link.mode, link.mode))


def _fits(wish: Wish, shim: Shim, net: Network) -> None:
    if net.driver != shim.driver:
        raise WishError("Shim %s is %s link, but network %s on %s is %s, and a parent cannot have both; set shim.driver to %s." % (
            shim.name, A_DRIVER[shim.driver], net.name, wish.parent, net.driver, net.driver))
    mode = net.option("%s_mode" % net.driver) or DEFAULT_MODES[net.driver]
    if mode == "passthru":
        raise WishError("Network %s is in mode passthru and has parent %s for itself, so there can be no shim; take the shim off." % (
            net.name, wish.parent))
    if mode == "private":
        raise WishError("Network %s on %s is in mode private, in which its containers answer no other link of the parent, so the shim %s "
                        "would reach none; take the shim off, or give the network another mode." % (net.name, wish.parent, shim.name))
    if mode == "vepa" and shim.mode != mode:
        raise WishError("Shim %s is in mode %s, but network %s on %s is in mode vepa, where all go through the switch; set shim.mode to "
                        "vepa." % (shim.name, shim.mode, net.name, wish.parent))
    if shim.driver == "ipvlan" and mode != shim.mode:
        raise WishError("Shim %s is in mode %s, but network %s on %s is in mode %s, and all ipvlan links of a parent have one mode; set "
                        "shim.mode to %s." % (shim.name, shim.mode, net.name, wish.parent, mode, mode))


def _subnets(nets: t.Iterable[Network], like: str) -> t.List[str]:
    pools = [pool.subnet for net in nets for pool in net.ipam_config or () if pool.subnet]
    return [subnet for subnet in pools if addresses.family(subnet) == addresses.family(like)]


def _address(shim: Shim, item: str, nets: t.Sequence[Network], observed: Observed) -> None:
    subnets = _subnets(nets, item)
    if subnets and not any(addresses.inside(item, subnet) for subnet in subnets):
        raise WishError("The address %s of shim %s lies in no subnet of the networks on its parent (%s); choose one in them." % (
            item, shim.name, ", ".join(subnets)))
    for subnet in subnets:
        if addresses.inside(item, subnet) and addresses.edge(item, subnet):
            raise WishError("The address %s of shim %s is the first or last of subnet %s, which no host can have; choose one between "
                            "them." % (item, shim.name, subnet))
    for net in nets:
        if any(pool.gateway == item for pool in net.ipam_config or ()):
            raise WishError("The address %s of shim %s is the gateway of network %s; choose a free one." % (item, shim.name, net.name))
    for end in observed.attached:
        if item in end.addresses and end.network in {net.name for net in nets}:
            raise WishError("The address %s of shim %s is that of container %s on network %s; choose a free one, and reserve it in the "
                            "network's aux_addresses." % (item, shim.name, end.container, end.network))


def reflected(wish: Wish, shim: Shim) -> t.List[str]:
    """:returns: a sentence where all depends on the switch"""
    return ["Shim %s is in mode vepa, so the host reaches the containers on %s only where the switch sends frames back by the port they "
            "came from (hairpin, reflective relay)." % (shim.name, wish.parent)] if shim.mode == "vepa" else []


def unreserved(wish: Wish, shim: Shim, observed: Observed) -> t.List[str]:
    """:returns: a sentence for each address that the engine may yet give to a container"""
    lines = []
    for net in observed.hanging(wish.parent):
        for item in (text.split("/")[0] for text in shim.addresses):
            for pool in net.ipam_config or ():
                reserved = {text for _name, text in pool.aux_addresses or ()}
                if pool.subnet and addresses.inside(item, pool.ip_range or pool.subnet) and item not in reserved:
                    lines.append("The engine may give the address %s of shim %s to a container of network %s; reserve it in the network's "
                                 "aux_addresses." % (item, shim.name, net.name))
    return lines
