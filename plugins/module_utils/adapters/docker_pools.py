# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which networks hold the engine's address pools, told when the engine has no subnet left to give."""
from __future__ import annotations

import typing as t

from ..core.errors import EnvironmentFault
from ..values import addresses
from . import docker_read

# 20.10 to 26 say the first, 27 and later the second.
EXHAUSTED = ("address pool among the defaults", "address pools have been fully subnetted")
# What every engine has where daemon.json names no pools (moby: libnetwork/ipamutils).
BUILT_IN = ("172.16.0.0/12", "192.168.0.0/16")
LISTED = 12


def exhausted(reason: Exception) -> bool:
    return any(words in str(reason) for words in EXHAUSTED)


def fault(name: str, client) -> EnvironmentFault:
    """:param name: the network that got no subnet; :param client: is asked who has the others"""
    networks = [docker_read.network(raw) for raw in client.networks()]
    used = {on for raw in client.containers(all=True) for on in (raw.get("NetworkSettings") or {}).get("Networks") or ()}
    bases = [row["Base"] for row in client.info().get("DefaultAddressPools") or ()] or BUILT_IN
    held = "; ".join("%s: %s" % (base, _few(_within(base, networks)) or "no network, so perhaps a route of the host") for base in bases)
    idle = _few(net.name for net in networks if net.name not in used | {"bridge", "host", "none"} and _in_pools(net, bases))
    return EnvironmentFault(
        "create network %s: the engine's address pools have no subnet left (%s); give the network one in ipam_config, give the engine more "
        "pools (engine_address_pools of role fleetnet.docker.engine)%s" % (
            name, held, ", or remove networks that no container is on: %s" % idle if idle else ""))


def _within(base: str, networks) -> t.List[str]:
    return ["%s %s" % (net.name, pool.subnet) for net in networks for pool in net.ipam_config
            if pool.subnet and not net.config_only and addresses.overlap(base, pool.subnet)]


def _in_pools(net, bases) -> bool:
    return any(_within(base, [net]) for base in bases)


def _few(names: t.Iterable[str]) -> str:
    found = sorted(names)
    return ", ".join(found[:LISTED]) + (" and %d more" % (len(found) - LISTED) if len(found) > LISTED else "")
