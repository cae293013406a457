# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From one list of parents with their networks to what the two modules are asked for (role macvlan)."""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...values import addresses
from .state import HANGING_DRIVERS, Wish
from .wish import desired

MODES = {"macvlan": ("bridge", "vepa", "private", "passthru"), "ipvlan": ("l2", "l3", "l3s")}
OF_A_PARENT = ("link", "vlan_id", "mtu", "promiscuous", "persist", "shim", "state")
RESERVED = "fleetnet_shim"


def split(rows: t.Sequence[t.Mapping[str, t.Any]], persist: str = "auto") -> t.Dict[str, t.List[t.Dict[str, t.Any]]]:
    """:param rows: each with the options of macvlan_parent, and C(networks) with those of network besides C(mode)

    :returns: C(parents) and C(networks), as the modules take them; shims' addresses are reserved in their networks

    :raises WishError: for the first value that cannot be
    """
    parents = [dict({"persist": persist}, **{key: row[key] for key in OF_A_PARENT if row.get(key) is not None}) for row in rows]
    wishes = {wish.parent: wish for wish in desired({"parents": parents}).wishes}
    networks = []
    for row in rows:
        wish = wishes[Wish(row["link"], row.get("vlan_id")).parent]
        made = [_network(net, row, wish) for net in row.get("networks") or ()]
        _reachable(wish, made)
        networks += made
    return dict(parents=parents, networks=networks)


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
    """With the shim's addresses kept from containers."""
    given = [text.split("/")[0] for text in (wish.shim.addresses if wish.shim else ())]
    mine = [item for item in given if addresses.inside(item, _subnet(pool))]
    if not mine:
        return dict(pool)
    names = [RESERVED] + ["%s_%d" % (RESERVED, number) for number in range(2, len(mine) + 1)]
    return dict(pool, aux_addresses=dict(pool.get("aux_addresses") or {}, **dict(zip(names, mine))))


def _subnet(pool) -> str:
    try:
        return addresses.subnet(str(pool.get("subnet") or ""))
    except ValueError as reason:
        raise WishError("The subnet %r is wrong (%s); write it like 192.0.2.0/24." % (pool.get("subnet"), reason)) from reason


def _reachable(wish: Wish, networks) -> None:
    pools = [_subnet(pool) for net in networks for pool in net.get("ipam_config") or ()]
    for text in wish.shim.addresses if wish.shim and pools else ():
        if not any(addresses.inside(text.split("/")[0], subnet) for subnet in pools):
            raise WishError("The address %s of shim %s lies in no subnet of the networks on parent %s (%s); choose one in them." % (
                text.split("/")[0], wish.shim.name, wish.parent, ", ".join(pools)))
