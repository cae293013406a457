# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's parameters to a frozen wish; everything a text can be wrong in is found here."""
from __future__ import annotations

import ipaddress
import re
import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.swarm import DEFAULT_PORT, SETTINGS, Address, Addresses
from .state import Wish

TOKEN = re.compile(r"SWMTKN-(?:1|2-1)-[0-9a-z]{50}-[0-9a-z]{25}\Z")
INTERFACE = re.compile(r"[^\s/:]{1,15}\Z")  # linux: IFNAMSIZ, dev_valid_name
HOSTNAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\Z")
LOOKS_LIKE_IPV4 = re.compile(r"[0-9.]+\Z")
DATA_PATH_PORTS = (1024, 49151)  # swarmkit: manager/controlapi
DEFAULT_SUBNET_SIZE, LARGEST_SUBNET_SIZE = 24, 29  # moby: opts and daemon/cluster


def desired(params: t.Mapping[str, t.Any]) -> Wish:
    """:raises WishError: for the first value that cannot be; a token is never quoted"""
    state = params.get("state") or "present"
    own = Addresses(
        own_address("advertise_addr", params.get("advertise_addr")),
        own_address("listen_addr", params.get("listen_addr"), any_address=True),
        own_address("data_path_addr", params.get("data_path_addr"), port=False),
    )
    return Wish(
        state=state,
        own=own,
        data_path_port=_data_path_port(params.get("data_path_port")),
        pools=_pools(params.get("default_addr_pool"), params.get("subnet_size")),
        subnet_size=params.get("subnet_size"),
        settings=_settings(params),
        remotes=tuple(_remote(text) for text in params.get("remote_addrs") or ()),
        token=_token(params.get("join_token")) if state == "join" else "",
        node=params.get("node_id") or "",
        rotate=tuple(whose for whose in ("worker", "manager") if params.get("rotate_%s_token" % whose)),
        force=bool(params.get("force")),
        on_drift=params.get("on_drift") or "warn",
        allow_foreign_addr=bool(params.get("allow_foreign_addr")),
    )


def own_address(option, text, port=True, any_address=False) -> t.Optional[Address]:
    if not text:
        return None
    example = "192.0.2.11%s or eth0" % (":2377" if port else "")
    found = _split(option, text, example)
    if found.port is not None and not port:
        raise WishError("The %s %r has a port, which belongs in data_path_port; write it like %s." % (option, text, example))
    if not found.numeric and not INTERFACE.match(found.host):
        raise WishError("The %s %r is neither an IP address nor the name of an interface; write it like %s." % (
            option, text, example))
    if not any_address and found.numeric and ipaddress.ip_address(found.host).is_unspecified:
        raise WishError("The %s %s stands for every address; give the one that the other hosts reach." % (option, text))
    return found


def _remote(text) -> Address:
    found = _split("remote_addrs", text, "192.0.2.11:2377")
    if not found.numeric and not HOSTNAME.match(found.host):
        raise WishError("The entry %r in remote_addrs is neither an IP address nor a host's name; write it like "
                        "192.0.2.11:2377." % text)
    return Address(found.host, found.port or DEFAULT_PORT)


def _split(option, text, example) -> Address:
    """An IP address, a name, either with a port; IPv6 with a port is in brackets."""
    text = text.strip()
    if _is_address(text):
        return Address(addresses.address(text))
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = text, ""
    elif not port.isdigit() or not 1 <= int(port) <= 65535:
        raise WishError("The port in %s %r is not a number from 1 to 65535; write it like %s." % (option, text, example))
    host = host.strip("[]")
    if LOOKS_LIKE_IPV4.match(host) and not _is_address(host):
        raise WishError("The %s %r is not an IP address; write it like %s." % (option, text, example))
    return Address(addresses.address(host) if _is_address(host) else host, int(port) if port else None)


def _is_address(text) -> bool:
    try:
        ipaddress.ip_address(text)
        return True
    except ValueError:
        return False


def _data_path_port(port) -> t.Optional[int]:
    low, high = DATA_PATH_PORTS
    if port is not None and not low <= port <= high:
        raise WishError("The data_path_port %d is not possible; the engine takes %d to %d." % (port, low, high))
    return port


def _pools(texts, size) -> t.Optional[t.Tuple[str, ...]]:
    if texts is None and size is None:
        return None
    pools = []
    for text in texts or ():
        try:
            pool = addresses.subnet(text)
        except ValueError as reason:
            raise WishError("The default_addr_pool %r is wrong (%s); write it like 10.64.0.0/16." % (text, reason)) from reason
        if addresses.family(pool) == 6:
            raise WishError("The default_addr_pool %s is IPv6, and Swarm only takes IPv4 pools; leave it out." % text)
        for other in pools:
            if addresses.overlap(pool, other):
                raise WishError("The default_addr_pool has %s and %s, which overlap; keep one." % (other, pool))
        pools.append(pool)
    _subnets_fit(pools, size)
    return tuple(pools) if texts is not None else None


def _subnets_fit(pools, size) -> None:
    subnet = DEFAULT_SUBNET_SIZE if size is None else size
    if not 1 <= subnet <= LARGEST_SUBNET_SIZE:
        raise WishError("The subnet_size %d is not possible; the engine takes up to %d." % (subnet, LARGEST_SUBNET_SIZE))
    for pool in pools:
        if ipaddress.ip_network(pool).prefixlen > subnet:
            raise WishError("The default_addr_pool %s has no room for a subnet of size %d%s; give a larger pool, or a larger "
                            "subnet_size." % (pool, subnet, "" if size is not None else " (the default)"))


def _settings(params) -> t.Tuple[t.Tuple[str, t.Any], ...]:
    name = params.get("name")
    if name not in (None, "default"):
        raise WishError("The swarm's name cannot be %r: every engine names its swarm \"default\" and refuses any other; "
                        "leave name out." % name)
    # A lone key cannot be used, and a lone certificate would need a CA elsewhere (moby: daemon/cluster).
    if bool(params.get("signing_ca_cert")) != bool(params.get("signing_ca_key")):
        raise WishError("The options signing_ca_cert and signing_ca_key belong together; give both or none.")
    values = []
    for option, _path in SETTINGS:
        value = params.get(option)
        if value is not None:
            pairs = tuple(sorted((str(k), str(v)) for k, v in value.items())) if option == "labels" else value
            values.append((option, pairs))
    return tuple(values)


def _token(text) -> str:
    if not TOKEN.match(text or ""):
        raise WishError("The join_token is not a token of a swarm (SWMTKN-1-...-...); take it from the swarm_facts of a manager.")
    return text
