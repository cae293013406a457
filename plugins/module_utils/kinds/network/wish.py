# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's parameters to frozen wishes; everything a text can be wrong in is found here."""
from __future__ import annotations

import re
import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.network import Network, Pool, pairs
from .state import BUILT_IN, Desired, Wish

# moby api/server: names are what the engine's own reference grammar accepts.
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z")
PLAIN = ("driver", "ipam_driver", "enable_ipv4", "enable_ipv6", "internal", "attachable", "ingress", "scope",
         "config_only", "config_from")
ONE_ONLY = ("host", "null")


def desired(params: t.Mapping[str, t.Any]) -> Desired:
    """:param params: the module's parameters: C(name) and its options, or a list of such in C(networks)

    :raises WishError: for the first value that cannot be
    """
    rows = params.get("networks")
    rows = [params] if rows is None else rows
    wishes = tuple(sorted((_wish(row) for row in rows), key=lambda wish: wish.name))
    names = [wish.name for wish in wishes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise WishError("Network %s is in the list more than once; keep one of the entries." % ", ".join(twice))
    return Desired(wishes)


def _wish(row) -> Wish:
    name = row.get("name") or ""
    if not NAME.match(name):
        raise WishError(
            "The network name %r is not possible: it must start with a letter or digit and then have only "
            "letters, digits, '_', '.' and '-'." % name
        )
    absent = row.get("state") == "absent"
    if absent and name in BUILT_IN:
        raise WishError("Network %s is part of every engine and cannot be removed; take it off the list." % name)
    driver = row.get("driver")
    if not absent and driver in ONE_ONLY:
        raise WishError(
            "A network with driver %s exists exactly once in every engine, %s cannot be another; "
            "give the container network_mode %s instead." % (driver, name, {"null": "none"}.get(driver, driver))
        )
    network = Network(
        name=name,
        driver_options=pairs(row.get("driver_options")),
        ipam_driver_options=pairs(row.get("ipam_driver_options")),
        ipam_config=_pools(name, row.get("ipam_config")),
        labels=pairs(row.get("labels")),
        **{key: row.get(key) for key in PLAIN},
    )
    connected = row.get("connected")
    return Wish(
        network=network,
        absent=absent,
        exact=bool(row.get("exact")),
        on_change=row.get("on_change") or "replace",
        allow_overlap=bool(row.get("allow_overlap")),
        connected=None if connected is None else tuple(sorted(set(connected))),
        appends=bool(row.get("appends")),
        force=bool(row.get("force")),
    )


def _pools(name, rows) -> t.Optional[t.Tuple[Pool, ...]]:
    if rows is None:
        return None
    pools = [_pool(name, row) for row in rows]
    for index, one in enumerate(pools):
        for other in pools[index + 1:]:
            if addresses.overlap(one.subnet, other.subnet):
                raise WishError(
                    "Network %s asks for subnet %s and for %s, which overlap; keep one." % (name, one.subnet, other.subnet)
                )
    return tuple(sorted(pools, key=lambda pool: addresses.order(pool.subnet)))


def _pool(name, row) -> Pool:
    if not row.get("subnet"):
        raise WishError("An ipam_config entry of network %s has no subnet; give one, such as 10.64.3.0/24." % name)
    subnet = _parsed(name, "subnet", row["subnet"], addresses.subnet, "10.64.3.0/24")
    ip_range = gateway = aux = None
    if row.get("iprange"):
        ip_range = _parsed(name, "iprange", row["iprange"], addresses.subnet, "10.64.3.128/25")
        _inside(name, "iprange", ip_range, subnet)
    if row.get("gateway"):
        gateway = _parsed(name, "gateway", row["gateway"], addresses.address, "10.64.3.1")
        _inside(name, "gateway", gateway, subnet)
    if row.get("aux_addresses") is not None:
        aux = tuple(sorted((str(k), _parsed(name, "aux_addresses", v, addresses.address, "10.64.3.2"))
                           for k, v in row["aux_addresses"].items()))
        for _label, item in aux:
            _inside(name, "aux_addresses", item, subnet)
    return Pool(subnet, ip_range, gateway, aux)


def _parsed(name, option, value, parse, example):
    try:
        return parse(str(value))
    except ValueError as reason:
        raise WishError("The %s %r of network %s is wrong (%s); write it like %s." % (
            option, value, name, reason, example)) from reason


def _inside(name, option, value, subnet):
    if not addresses.inside(value, subnet):
        raise WishError("The %s %s of network %s is not inside its subnet %s." % (option, value, name, subnet))
