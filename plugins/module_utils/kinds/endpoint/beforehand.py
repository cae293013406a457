# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fixed address, looked at before there is a container that asks for it."""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.network import Network, Pool
from .address_checks import check_possible

Raw = t.Mapping[str, t.Any]


def refuse(text: str, who: str, raw: Raw) -> None:
    """:param who: the container's name; :param raw: the network as the engine shows it (Name, Driver, IPAM, Containers)

    :raises WishError: where the container cannot have it
    """
    try:
        wanted = addresses.address(text)
    except ValueError as reason:
        raise WishError("The address %s for %s is none (%s); correct it." % (text, who, reason)) from reason
    rows = (raw.get("IPAM") or {}).get("Config") or ()
    check_possible(wanted, who, Network(raw["Name"], driver=raw["Driver"], ipam_config=tuple(map(_pool, rows))))
    for holder in (raw.get("Containers") or {}).values():
        if holder.get("Name") != who and wanted in _addresses(holder):
            raise WishError("The address %s for %s is taken by container %s; choose another." % (wanted, who, holder.get("Name")))


def _pool(row: Raw) -> Pool:
    aux = tuple(sorted((name, addresses.address(text)) for name, text in (row.get("AuxiliaryAddresses") or {}).items()))
    texts = {"subnet": row.get("Subnet"), "ip_range": row.get("IPRange"), "gateway": row.get("Gateway")}
    gateway = texts.pop("gateway")
    return Pool(gateway=addresses.address(gateway) if gateway else None, aux_addresses=aux,
                **{key: addresses.loose_subnet(text) if text else None for key, text in texts.items()})


def _addresses(holder: Raw) -> t.Set[str]:
    found = (holder.get(key) or "" for key in ("IPv4Address", "IPv6Address"))
    return {addresses.address(text) for text in found if text}
