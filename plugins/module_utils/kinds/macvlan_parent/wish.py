# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's parameters to frozen wishes; everything a text can be wrong in is found here."""
from __future__ import annotations

import re
import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.link import LONGEST_NAME
from . import shims
from .state import Desired, Shim, Wish

# The kernel takes more, but not every system that writes links at boot does.
NAME = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]*\Z")
MODES = {"macvlan": ("bridge", "vepa"), "ipvlan": ("l2", "l3", "l3s")}
LEAST_MTU = {4: 68, 6: 1280}
MOST_MTU = 65535


def desired(params: t.Mapping[str, t.Any]) -> Desired:
    """:param params: the module's parameters: C(link) and its options, or a list of such in C(parents)

    :raises WishError: for the first value that cannot be
    """
    rows = params.get("parents")
    rows = [params] if rows is None else rows
    wishes = tuple(sorted((_wish(row) for row in rows), key=lambda wish: wish.parent))
    _once([wish.parent for wish in wishes], "Parent %s is in the list more than once; keep one of the entries.")
    _once([wish.shim.name for wish in wishes if wish.shim],
          "The shim %s is asked for by more than one parent; give each its own shim.name.")
    _once([text.split("/")[0] for wish in wishes if wish.shim and not wish.absent for text in wish.shim.addresses],
          "The shim address %s is asked for by more than one parent; give each its own.")
    _once([text for wish in wishes if wish.shim and not wish.absent for text in wish.shim.routes],
          "The route %s is asked for by more than one shim; keep one of them.")
    shims.beside_each_other(wishes)
    return Desired(wishes, params.get("confirm") or "keep", frozenset(params.get("coming_networks") or ()))


def _once(names, message) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise WishError(message % ", ".join(twice))


def _wish(row) -> Wish:
    link = row.get("link") or ""
    _name("link", link)
    vlan_id = row.get("vlan_id")
    if vlan_id is not None and not 1 <= vlan_id <= 4094:
        raise WishError("The vlan_id %d for link %s is out of range; choose one from 1 to 4094." % (vlan_id, link))
    wish = Wish(link=link, vlan_id=vlan_id, persist=row.get("persist"), absent=row.get("state") == "absent")
    if len(wish.parent) > LONGEST_NAME:
        raise WishError("The name %s of VLAN %d on link %s has more than %d characters, which no link can have; give link %s "
                        "a shorter name." % (wish.parent, vlan_id, link, LONGEST_NAME, link))
    mtu = row.get("mtu")
    if mtu is not None and vlan_id is None:
        raise WishError("The MTU of link %s is set where the host configures that link; take mtu off the parent, or give "
                        "shim.mtu for the shim alone." % link)
    _mtu("mtu", mtu, wish.parent, ())
    return Wish(link=link, vlan_id=vlan_id, mtu=mtu, promiscuous=row.get("promiscuous"), shim=_shim(wish, row.get("shim")),
                persist=wish.persist, absent=wish.absent)


def _name(option, text) -> None:
    if not NAME.match(text) or len(text) > LONGEST_NAME:
        raise WishError("The %s %r is no name of a link; it must have 1 to %d letters, digits, '_', '-' or '.', and start with "
                        "a letter, digit or '_'." % (option, text, LONGEST_NAME))


def _mtu(option, value, name, given) -> None:
    least = LEAST_MTU[6] if any(addresses.family(text) == 6 for text in given) else LEAST_MTU[4]
    if value is not None and not least <= value <= MOST_MTU:
        raise WishError("The %s %d of %s is not possible; choose one from %d to %d." % (option, value, name, least, MOST_MTU))


def _shim(wish: Wish, row) -> t.Optional[Shim]:
    if row is None:
        return None
    name = row.get("name") or "shim-%s" % wish.parent
    if not row.get("name") and len(name) > LONGEST_NAME:
        raise WishError("The shim's name %s would have more than %d characters; give it a shorter one in shim.name." % (
            name, LONGEST_NAME))
    _name("shim.name", name)
    if name in (wish.parent, wish.link):
        raise WishError("The shim cannot be named %s, for that is its parent; give it another shim.name." % name)
    if row.get("state") == "absent" or wish.absent:
        return Shim(name, absent=True)
    driver = row.get("driver") or "macvlan"
    mode = row.get("mode") or MODES[driver][0]
    if mode not in MODES[driver]:
        raise WishError("Mode %s is none of %s; choose one of %s for shim %s." % (mode, driver, ", ".join(MODES[driver]), name))
    given = tuple(sorted({_address(name, text) for text in row.get("addresses") or ()}, key=_order))
    if not given:
        raise WishError("Shim %s has no address, and so no container can answer it; give it one in shim.addresses." % name)
    routes = tuple(sorted({_route(name, text) for text in row.get("routes") or ()}, key=addresses.order))
    for route in routes:
        if all(addresses.family(route) != addresses.family(text) for text in given):
            raise WishError("Shim %s has the route %s but no IPv%d address; give it one in shim.addresses." % (
                name, route, addresses.family(route)))
    shims.routes_of_its_own(name, given, routes)
    _mtu("shim.mtu", row.get("mtu"), name, given)
    return Shim(name, driver, mode, given, routes, row.get("mtu"))


def _order(text):
    return addresses.order(text), text


def _address(name, text) -> str:
    try:
        return addresses.with_prefix(str(text))
    except ValueError as reason:
        raise WishError("The address %r of shim %s is wrong (%s); write it like 192.0.2.190 or 192.0.2.190/24." % (
            text, name, reason)) from reason


def _route(name, text) -> str:
    try:
        route = addresses.subnet(str(text))
    except ValueError as reason:
        raise WishError("The route %r of shim %s is wrong (%s); write it like 192.0.2.192/28." % (text, name, reason)) from reason
    if route.endswith("/0"):
        raise WishError("The route %s of shim %s would take all of the host's traffic; give the range of the containers, such as "
                        "192.0.2.192/28." % (route, name))
    return route
