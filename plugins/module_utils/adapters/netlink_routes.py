# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's routes and the names of its links, read with pyroute2 (0.7 to 0.9); nothing is changed here."""
from __future__ import annotations

import socket
import typing as t

from ..values.addresses import loose_subnet
from ..values.link import Route

try:
    from pyroute2 import IPRoute
except ImportError:
    IPRoute = None

MAIN_TABLE = 254
UNICAST = 1
STACKED = ("macvlan", "macvtap", "ipvlan", "vlan")
# What a result says where the routes could not be read, on this host and on another.
BLIND_HERE = "whether a subnet overlaps a route of this host: its routes cannot be read (install python3-pyroute2)"
BLIND_ELSEWHERE = ("whether a subnet overlaps a route of the engine's host, and whether a parent is a link of it: the engine runs on "
                   "another host, or in a network namespace of its own")


def view(local: bool) -> t.Callable:
    """:param local: whether the engine is asked through a socket of this host, which may still be a tunnel to another

    :returns: a function: the name of the engine's host and the bridges it must have -> routes, links, and what could not be looked at
    """

    def look(hostname, bridges):
        names = links()
        if not local or hostname != socket.gethostname() or not bridges <= names:
            return None, None, (BLIND_ELSEWHERE,)
        found = routes()
        return found, names, () if found is not None else (BLIND_HERE,)

    return look


def routes() -> t.Optional[t.Tuple[Route, ...]]:
    """:returns: unicast routes of the main table, or C(None) where pyroute2 is missing or netlink is not allowed"""
    if IPRoute is None:
        return None
    try:
        with IPRoute() as netlink:
            found_links = netlink.get_links()
            names = {link["index"]: link.get_attr("IFLA_IFNAME") for link in found_links}
            parents = {link["index"]: names.get(link.get_attr("IFLA_LINK"), "") for link in found_links if _stacked(link)}
            found = [row for fam in (socket.AF_INET, socket.AF_INET6) for row in netlink.get_routes(family=fam)]
    except OSError:
        return None
    return tuple(filter(None, (_route(row, names, parents) for row in found)))


def _stacked(link) -> bool:
    """Whether a link is on another of this host; of a veth the same number may mean a link of another namespace."""
    info = link.get_attr("IFLA_LINKINFO")
    return info is not None and info.get_attr("IFLA_INFO_KIND") in STACKED


def links() -> t.FrozenSet[str]:
    """:returns: names of the host's links"""
    return frozenset(name for _index, name in socket.if_nameindex())


def _route(row, names, parents) -> t.Optional[Route]:
    if row["type"] != UNICAST or (row.get_attr("RTA_TABLE") or row["table"]) != MAIN_TABLE:
        return None
    target = row.get_attr("RTA_DST")
    if target is None or target.startswith("fe80:"):
        return None
    return Route(loose_subnet("%s/%d" % (target, row["dst_len"])), names.get(row.get_attr("RTA_OIF"), ""),
                 row.get_attr("RTA_GATEWAY") or "", parents.get(row.get_attr("RTA_OIF"), ""))
