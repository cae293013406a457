# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From one list of parents with their networks to what the two modules are asked for (role macvlan)."""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.network import Network, Pool, pairs
from . import usage
from .state import HANGING_DRIVERS, Observed, Wish
from .wish import desired

MODES = {"macvlan": ("bridge", "vepa", "private", "passthru"), "ipvlan": ("l2", "l3", "l3s")}
OF_A_PARENT = ("link", "vlan_id", "mtu", "promiscuous", "persist", "shim", "state")
RESERVED = "fleetnet_shim"


def split(rows: t.Sequence[t.Mapping[str, t.Any]], persist: str = "auto") -> t.Dict[str, t.List[t.Dict[str, t.Any]]]:
    """:param rows: each with the options of macvlan_parent, and C(networks) with those of network besides C(mode)

    :returns: C(parents) and C(networks), as the modules take them, with shims' addresses reserved in their networks; and C(early), those
        networks that can be tried before the parents are made

    :raises WishError: for the first value that cannot be
    """
    rows = [_counted(row) for row in rows]
    parents = [dict({"persist": persist}, **{key: row[key] for key in OF_A_PARENT if row.get(key) is not None}) for row in rows]
    wishes = {wish.parent: wish for wish in desired({"parents": parents}).wishes}
    to_be_made = {name for name, wish in wishes.items() if wish.vlan_id is not None}
    networks, early = [], []
    for row in rows:
        wish = wishes[Wish(row["link"], row.get("vlan_id")).parent]
        made = [_network(net, row, wish) for net in row.get("networks") or ()]
        coming = Observed(networks=tuple(_value(net) for net in made if net.get("state") != "absent"))
        if wish.shim and not wish.shim.absent:
            usage.check_shim(wish, wish.shim, coming)
        networks += made
        # A VLAN's own base has to be there, or the engine could not make the VLAN either.
        early += made if wish.link not in to_be_made else []
    return dict(parents=parents, networks=networks, early=early)


def leaving(parents: t.Iterable[t.Mapping[str, t.Any]], found: t.Iterable[t.Mapping[str, t.Any]]) -> t.List[t.Dict[str, t.Any]]:
    """:param parents: as C(split) gives them; :param found: as they are now, in the words of macvlan_parent_info

    :returns: what macvlan_parent takes to remove the shims that are to be of another driver or not to be: while they are there, no container
        comes up on a network of the other driver
    """
    there = {row["name"]: row["shim"] for row in found if row["shim"] and row["shim"]["exists"]}
    gone = []
    for row in parents:
        had, shim = there.get(Wish(row["link"], row.get("vlan_id")).parent), row.get("shim")
        if had and shim and (shim.get("state") == "absent" or (shim.get("driver") or "macvlan") != had["driver"]):
            gone.append(dict({key: row[key] for key in ("link", "vlan_id") if key in row}, shim=dict(name=had["name"], state="absent")))
    return gone


def _counted(row) -> t.Dict[str, t.Any]:
    """What a template or --extra-vars gives is text."""
    counted = {key: _number(key, row[key]) for key in ("vlan_id", "mtu") if row.get(key) is not None}
    shim = row.get("shim")
    if shim and shim.get("mtu") is not None:
        counted["shim"] = dict(shim, mtu=_number("shim.mtu", shim["mtu"]))
    return dict(row, **counted)


def _number(option, given) -> int:
    try:
        return int(given)
    except (TypeError, ValueError) as reason:
        raise WishError("The %s %r is no number; correct it." % (option, given)) from reason


def _value(net) -> Network:
    """As the engine will answer, as far as a shim has to do with it."""
    pools = tuple(Pool(subnet=_subnet(pool), gateway=_gateway(pool)) for pool in net.get("ipam_config") or ())
    return Network(name=net.get("name") or "", driver=net["driver"], driver_options=pairs(net["driver_options"]), ipam_config=pools)


def _network(net, row, wish: Wish) -> t.Dict[str, t.Any]:
    name = net.get("name") or ""
    driver = net.get("driver") or (row.get("shim") or {}).get("driver") or "macvlan"
    if driver not in HANGING_DRIVERS:
        raise WishError("Network %s on parent %s has the driver %s; choose one of %s." % (
            name, wish.parent, driver, ", ".join(HANGING_DRIVERS)))
    options = dict(net.get("driver_options") or {}, parent=wish.parent)
    mode = net.get("mode")
    if mode is not None:
        if mode not in MODES[driver]:
            raise WishError("Mode %s of network %s is none of %s; choose one of %s." % (mode, name, driver, ", ".join(MODES[driver])))
        options["%s_mode" % driver] = mode
    kept = {key: value for key, value in net.items() if key != "mode"}
    pools = [_pool(pool, wish) for pool in net.get("ipam_config") or ()]
    return dict(kept, driver=driver, driver_options=options, **({"ipam_config": pools} if pools else {}))


def _pool(pool, wish: Wish) -> t.Dict[str, t.Any]:
    """With the shim's addresses kept from containers; one that is reserved already is not to be reserved twice."""
    given = [text.split("/")[0] for text in (wish.shim.addresses if wish.shim else ())]
    mine = [item for item in given if addresses.inside(item, _subnet(pool))]
    theirs = dict(pool.get("aux_addresses") or {})
    names = [RESERVED] + ["%s_%d" % (RESERVED, number) for number in range(2, len(mine) + 1)]
    kept = {_plain(text) for text in theirs.values()}
    more = {name: item for name, item in zip(names, mine) if item not in kept}
    return dict(pool, aux_addresses=dict(theirs, **more)) if more else dict(pool)


def _plain(text) -> str:
    try:
        return addresses.address(str(text))
    except ValueError:
        return ""  # the module for networks says it better


def _subnet(pool) -> str:
    try:
        return addresses.subnet(str(pool.get("subnet") or ""))
    except ValueError as reason:
        raise WishError("The subnet %r is wrong (%s); write it like 192.0.2.0/24." % (pool.get("subnet"), reason)) from reason


def _gateway(pool) -> t.Optional[str]:
    return _plain(pool["gateway"]) or None if pool.get("gateway") else None
