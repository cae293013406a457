# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's parameters to frozen wishes; everything a text can be wrong in is found here."""
from __future__ import annotations

import re
import typing as t
from collections import Counter

from ...core.errors import WishError
from ...values import addresses
from ...values.network import NAME as NETWORK_NAME
from ...values.network import pairs
from .compare import canonical_link
from .options import check_driver_options
from .state import Desired, Wish

# Of a container; engines are stricter there than with networks.
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z")
# What a resolver can ask for; underscores are common in containers' names.
ALIAS = re.compile(r"[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62})(\.[a-zA-Z0-9_-]{1,63})*\Z")
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}\Z")
ONE_CONTAINER_ONLY = ("ipv4_address", "ipv6_address", "link_local_ips", "mac_address")
MANAGED = ("aliases", "links", *ONE_CONTAINER_ONLY, "driver_opts", "gw_priority")


def desired(params: t.Mapping[str, t.Any]) -> Desired:
    """:param params: the module's parameters: one network with its containers, or a list of such in C(endpoints)

    :raises WishError: for the first value that cannot be
    """
    rows = params.get("endpoints")
    rows = [params] if rows is None else rows
    wishes = tuple(sorted((wish for row in rows for wish in _wishes(row)), key=lambda wish: (wish.network, wish.container)))
    counted = Counter((wish.network, wish.container) for wish in wishes)
    for (network, container), count in sorted(counted.items()):
        if count > 1:
            raise WishError("Container %s is listed %d times for network %s; keep one of the entries." % (
                container, count, network))
    _one_each(wishes)
    return Desired(wishes, tuple(sorted({row["network"] for row in rows if row.get("exclusive")})))


def _one_each(wishes) -> None:
    owners: t.Dict[t.Tuple[str, str], Wish] = {}
    for wish in wishes:
        for value in filter(None, (wish.ipv4_address, wish.ipv6_address, wish.mac_address)):
            other = owners.setdefault((wish.network, value), wish)
            if other is not wish:
                raise WishError("The address %s on network %s is asked for by container %s and by container %s; give one of "
                                "them another." % (value, wish.network, other.container, wish.container))


def _wishes(row) -> t.List[Wish]:
    network, containers = row.get("network") or "", row.get("container") or ()
    if not NETWORK_NAME.match(network):
        raise WishError("The network name %r is not possible; give the name as docker network ls shows it." % network)
    absent = row.get("state") == "absent"
    if not containers and not row.get("exclusive"):
        raise WishError("No container is named for network %s; name one, or set exclusive to detach all." % network)
    for container in containers:
        if not NAME.match(container):
            raise WishError("The container %r for network %s is not possible; give a name or an id as docker ps shows it." % (
                container, network))
    if absent:
        _nothing_besides(network, row)
    given = [option for option in ONE_CONTAINER_ONLY if row.get(option)]
    if given and len(containers) > 1:
        raise WishError("%s on network %s can be of one container only, but %d are named (%s); give each an entry of its own in "
                        "endpoints." % (given[0], network, len(containers), ", ".join(containers)))
    return [_wish(row, network, container, absent) for container in containers]


def _nothing_besides(network, row) -> None:
    if row.get("exclusive"):
        raise WishError("Network %s has exclusive with state absent; exclusive says who may stay, so it needs state present." % network)
    given = [option for option in MANAGED if row.get(option) is not None]
    if given:
        raise WishError("%s means nothing for network %s with state absent; leave it out." % (given[0], network))


def _wish(row, network, container, absent) -> Wish:
    where = "container %s on network %s" % (container, network)
    return Wish(
        network=network,
        container=container,
        absent=absent,
        aliases=_texts(row.get("aliases"), lambda text: _alias(text, where)),
        links=_texts(row.get("links"), lambda text: _link(text, where)),
        ipv4_address=_fixed(row.get("ipv4_address"), 4, where),
        ipv6_address=_fixed(row.get("ipv6_address"), 6, where),
        link_local_ips=_texts(row.get("link_local_ips"), lambda text: _address(text, "link_local_ips", where, "169.254.8.8")),
        mac_address=_mac(row.get("mac_address"), where),
        driver_opts=_driver_opts(row.get("driver_opts"), where),
        gw_priority=row.get("gw_priority"),
        appends=bool(row.get("appends")),
        exact=bool(row.get("exact")),
        on_change=row.get("on_change") or "replace",
    )


def _texts(rows, parse) -> t.Optional[t.Tuple[str, ...]]:
    return None if rows is None else tuple(sorted({parse(text) for text in rows}))


def _alias(text: str, where: str) -> str:
    if not ALIAS.match(text) or len(text) > 253:
        raise WishError("The alias %r of %s is not possible: nobody could look it up; use letters, digits, '-', '_' and '.'." % (
            text, where))
    return text


def _link(text: str, where: str) -> str:
    name, colon, alias = text.partition(":")
    if not NAME.match(name) or (colon and not ALIAS.match(alias)):
        raise WishError("The link %r of %s is not possible; write it like database:db, or database." % (text, where))
    return canonical_link(text)


def _fixed(text: t.Optional[str], family: int, where: str) -> t.Optional[str]:
    if not text:
        return text  # an empty text asks for no fixed address
    option, example = "ipv%d_address" % family, {4: "10.64.3.9", 6: "fd00:64::9"}[family]
    value = _address(text, option, where, example)
    if addresses.family(value) != family:
        raise WishError("The %s %s of %s is an IPv%d address; write it like %s." % (
            option, value, where, addresses.family(value), example))
    return value


def _address(text: str, option: str, where: str, example: str) -> str:
    try:
        if "/" in text:
            raise ValueError("it has a prefix length, which the network has already")
        return addresses.address(text)
    except ValueError as reason:
        raise WishError("The %s %r of %s is wrong (%s); write it like %s." % (option, text, where, reason, example)) from reason


def _mac(text: t.Optional[str], where: str) -> t.Optional[str]:
    if text is None:
        return None
    value = text.strip().lower().replace("-", ":")
    if not MAC.match(value):
        raise WishError("The mac_address %r of %s is wrong; write six pairs of hexadecimal digits like 02:42:0a:40:03:09." % (text, where))
    if int(value[:2], 16) & 1 or value == "00:00:00:00:00:00":
        raise WishError("The mac_address %s of %s is no address of one host; choose one whose first pair is even, like "
                        "02:42:0a:40:03:09." % (value, where))
    return value


def _driver_opts(mapping, where):
    for key, value in (mapping or {}).items():
        if not str(key).strip():
            raise WishError("An entry of driver_opts of %s has no name (its value is %r); give it one." % (where, value))
        if isinstance(value, (dict, list, tuple, set)):
            raise WishError("The value of %s in driver_opts of %s is a %s; give a text, a number or a boolean." % (
                key, where, "mapping" if isinstance(value, dict) else "list"))
    given = pairs(mapping)
    check_driver_options(given or (), where)
    return given
