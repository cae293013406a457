# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's parameters to frozen wishes; everything a text can be wrong in is found here."""
from __future__ import annotations

import typing as t
from collections import Counter

from ...core.errors import WishError
from ...values import addresses
from ...values.endpoint import listed
from ...values.network import NAME, Network, Pool, pairs
from .state import BUILT_IN, Desired, Wish

# What engines 20.10 to 29 accept; spaces and what needs quoting in a shell is left out.
RESERVED = "default"
TEXTS = ("driver", "ipam_driver", "scope", "config_from")
MAPPINGS = ("driver_options", "ipam_driver_options", "labels")
# A configuration network holds only these; what uses it can have none of them (moby: validateConfiguration).
OF_A_TEMPLATE = ("driver_options", "ipam_driver", "ipam_driver_options", "ipam_config", "enable_ipv6", "labels")
NOT_OF_A_TEMPLATE = ("internal", "attachable", "ingress", "config_from")
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
    twice = sorted(name for name, count in Counter(wish.name for wish in wishes).items() if count > 1)
    if twice:
        raise WishError("Network %s is in the list more than once; keep one of the entries." % listed(twice))
    return Desired(wishes, _purge(params.get("purge")), _bound(params.get("max_unavailable")))


def _purge(label: t.Optional[str]) -> t.Optional[str]:
    if label is None:
        return None
    key = label.partition("=")[0]
    if not key.strip() or key != key.strip():
        raise WishError("The label of purge is %r, which has no name; write it like fleet.managed or fleet.managed=yes." % label)
    return label


def _bound(number: t.Optional[int]) -> t.Optional[int]:
    if number is not None and number < 0:
        raise WishError("max_unavailable is %d, but fewer than no container cannot be off; give 0 or more." % number)
    return number


def _wish(row) -> Wish:
    name = row.get("name") or ""
    if not NAME.match(name):
        raise WishError(
            "The network name %r is not possible: it must start with a letter, digit or '_' and then have only "
            "letters, digits, '_', '.' and '-'." % name
        )
    if name == RESERVED:
        raise WishError("The network name %s is reserved by the engine; choose another." % name)
    absent = row.get("state") == "absent"
    if absent and name in BUILT_IN:
        raise WishError("Network %s is part of every engine and cannot be removed; take it off the list." % name)
    driver = row.get("driver")
    if not absent and driver in ONE_ONLY:
        raise WishError(
            "A network with driver %s exists exactly once in every engine, %s cannot be another; "
            "give the container network_mode %s instead." % (driver, name, {"null": "none"}.get(driver, driver))
        )
    _plain_values(name, row)
    if not absent:
        _one_kind_of_configuration(name, row)
    network = Network(
        name=name,
        driver_options=pairs(row.get("driver_options")),
        ipam_driver_options=pairs(row.get("ipam_driver_options")),
        ipam_config=_pools(name, row.get("ipam_config"), row),
        labels=pairs(row.get("labels")),
        **{key: row.get(key) for key in PLAIN},
    )
    connected = row.get("connected")
    return Wish(
        network=network,
        absent=absent,
        exact=bool(row.get("exact")),
        on_change=row.get("on_change") or "replace",
        on_label_change=row.get("on_label_change") or "replace",
        allow_overlap=bool(row.get("allow_overlap")),
        connected=None if connected is None else tuple(sorted(set(connected))),
        appends=bool(row.get("appends")),
        force=bool(row.get("force")),
    )


def _plain_values(name, row) -> None:
    for option in TEXTS:
        if row.get(option) is not None and not row[option].strip():
            raise WishError("The %s of network %s is empty; leave the option out, or give it a value." % (option, name))
    for option in MAPPINGS:
        for key, value in (row.get(option) or {}).items():
            if not str(key).strip():
                raise WishError("An entry of %s of network %s has no name (its value is %r); give it one." % (option, name, value))
            if isinstance(value, (dict, list, tuple, set)):
                raise WishError("The value of %s in %s of network %s is a %s; give a text, a number or a boolean." % (
                    key, option, name, "mapping" if isinstance(value, dict) else "list"))


def _one_kind_of_configuration(name, row) -> None:
    if row.get("config_only"):
        given = [option for option in NOT_OF_A_TEMPLATE if row.get(option)]
        if given:
            raise WishError("Network %s is a configuration for others (config_only) and cannot have %s; give that to the "
                            "networks that use it." % (name, ", ".join(given)))
    if row.get("config_from"):
        given = [option for option in OF_A_TEMPLATE if row.get(option)]
        if row.get("enable_ipv4") is False:  # where it is true it says what every template has unless it says otherwise
            given.append("enable_ipv4")
        if given:
            raise WishError("Network %s takes its configuration from %s and cannot have %s of its own; give that to %s." % (
                name, row["config_from"], ", ".join(given), row["config_from"]))
        if row["config_from"] == name:
            raise WishError("Network %s is to take its configuration from itself; name a configuration network." % name)


def _pools(name, rows, switches) -> t.Optional[t.Tuple[Pool, ...]]:
    if rows is None:
        return None
    pools = sorted((_pool(name, row, switches) for row in rows), key=lambda pool: addresses.order(pool.subnet))
    for one, other in zip(pools, pools[1:]):  # in this order, any that overlap include two neighbours that do
        if addresses.overlap(one.subnet, other.subnet):
            raise WishError(
                "Network %s asks for subnet %s and for %s, which overlap; keep one." % (name, one.subnet, other.subnet)
            )
    return tuple(pools)


def _pool(name, row, switches) -> Pool:
    if not row.get("subnet"):
        raise WishError("An ipam_config entry of network %s has no subnet; give one, such as 10.64.3.0/24." % name)
    subnet = _parsed(name, "subnet", row["subnet"], addresses.subnet, "10.64.3.0/24")
    useless = addresses.no_room(subnet)
    if useless:
        raise WishError("The subnet %s of network %s cannot hold containers (%s); choose another, such as 10.64.3.0/24." % (
            subnet, name, useless))
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
        _once(name, gateway, aux)
    switch = "enable_ipv%d" % addresses.family(subnet)
    if switches.get(switch) is False:
        raise WishError("Network %s has the subnet %s, but %s is false; drop one of the two." % (name, subnet, switch))
    return Pool(subnet, ip_range, gateway, aux)


def _once(name, gateway, aux) -> None:
    owners: t.Dict[str, str] = {gateway: "the gateway"} if gateway else {}
    for label, item in aux:
        if item in owners:
            raise WishError("The auxiliary address %s of network %s is %s, which is also %s; give it another." % (
                label, name, item, owners[item]))
        owners[item] = "the auxiliary address %s" % label


def _parsed(name, option, value, parse, example):
    try:
        return parse(str(value))
    except ValueError as reason:
        raise WishError("The %s %r of network %s is wrong (%s); write it like %s." % (
            option, value, name, reason, example)) from reason


def _inside(name, option, value, subnet):
    if not addresses.inside(value, subnet):
        raise WishError("The %s %s of network %s is not inside its subnet %s; choose one in it." % (option, value, name, subnet))
    if "/" not in value and addresses.edge(value, subnet):
        raise WishError("The %s %s of network %s is the first or last address of its subnet %s, which no host can have; choose "
                        "one between them." % (option, value, name, subnet))
