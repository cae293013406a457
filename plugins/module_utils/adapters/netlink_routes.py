# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's routes and the names of its links, read with pyroute2 (0.7 to 0.9); nothing is changed here."""
from __future__ import annotations

import re
import socket
import typing as t

from ..values.addresses import loose_subnet
from ..values.link import Route

MAIN_TABLE = 254
UNICAST = 1
SAME_LAN = ("macvlan", "macvtap", "ipvlan")
# As an engine names the bridge of a network itself; a name that somebody chose, such as docker0, may be that of another engine's bridge.
BY_ITS_ID = re.compile(r"br-[0-9a-f]{12}\Z")
# What a result says where the routes could not be read, on this host and on another.
BLIND_HERE = "whether a subnet overlaps a route of this host: its routes cannot be read (install python3-pyroute2)"
_THERE = "whether a subnet overlaps a route of the engine's host, and whether a parent is a link of it: "
BLIND_ELSEWHERE = _THERE + "the engine runs on another host, or in a network namespace of its own"
BLIND_WITHOUT_BRIDGES = _THERE + ("none of its bridges (%s) is a link here, so that it runs on another host, or in a network namespace of "
                                  "its own, unless somebody deleted them")
SHOWN = 3


def view(local: bool) -> t.Callable:
    """:param local: whether the engine is asked through a socket of this host, which may still be a tunnel to another

    :returns: a function: the name of the engine's host and the bridges it must have -> routes, links, and what could not be looked at
    """

    def look(hostname, bridges):
        unseen = out_of_sight(local, hostname, bridges)
        if unseen:
            return None, None, (unseen,)
        found = routes()
        return found, links(), () if found is not None else (BLIND_HERE,)

    return look


def out_of_sight(local: bool, hostname: t.Optional[str], bridges: t.FrozenSet[str]) -> t.Optional[str]:
    """:returns: why the routes and links here are not those of the engine's host, or C(None) where they are

    Somebody may have deleted the bridge of one network or another: one that is there tells enough.
    """
    if not local or hostname != socket.gethostname():
        return BLIND_ELSEWHERE
    telling = {name for name in bridges if BY_ITS_ID.match(name)} or bridges
    if telling and not telling & links():
        return BLIND_WITHOUT_BRIDGES % ", ".join(sorted(telling)[:SHOWN])
    return None


def routes() -> t.Optional[t.Tuple[Route, ...]]:
    """:returns: unicast routes of the main table, or C(None) where pyroute2 is missing or netlink is not allowed"""
    opened = _pyroute2()
    if opened is None:
        return None
    try:
        with opened() as netlink:
            found_links = netlink.get_links()
            names = {link["index"]: link.get_attr("IFLA_IFNAME") for link in found_links}
            parents = {link["index"]: names.get(link.get_attr("IFLA_LINK"), "") for link in found_links if _shares(link)}
            found = [row for fam in (socket.AF_INET, socket.AF_INET6) for row in netlink.get_routes(family=fam)]
    except OSError:
        return None
    return tuple(filter(None, (_route(row, names, parents) for row in found)))


def _pyroute2() -> t.Optional[t.Callable]:
    """Imported when routes are asked for: it takes a fifth of a second, and a run that finds nothing to do asks for none."""
    try:
        from pyroute2 import IPRoute
    except ImportError:
        return None
    return IPRoute


def _shares(link) -> bool:
    """Whether a link shares the LAN of another of this host; of a veth the same number may mean a link of another namespace."""
    info = link.get_attr("IFLA_LINKINFO")
    return info is not None and info.get_attr("IFLA_INFO_KIND") in SAME_LAN


def links() -> t.FrozenSet[str]:
    """:returns: names of the host's links"""
    return frozenset(name for _index, name in socket.if_nameindex())


def _route(row, names, parents) -> t.Optional[Route]:
    if row["type"] != UNICAST or (row.get_attr("RTA_TABLE") or row["table"]) != MAIN_TABLE:
        return None
    target = row.get_attr("RTA_DST")
    if target is None or target.startswith("fe80:"):
        return None
    hops = row.get_attr("RTA_MULTIPATH")  # the first of several ways stands for all of them
    index, way = (hops[0]["oif"], hops[0]) if hops else (row.get_attr("RTA_OIF"), row)
    return Route(loose_subnet("%s/%d" % (target, row["dst_len"])), names.get(index, ""), way.get_attr("RTA_GATEWAY") or "", parents.get(index, ""))
