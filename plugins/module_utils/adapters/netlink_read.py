# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What netlink tells of links, addresses and routes, as values (pyroute2 0.7 to 0.9)."""
from __future__ import annotations

import os
import socket
import typing as t

from ..values.addresses import loose_subnet
from ..values.link import Link, Route

UP, LOOPBACK, PROMISCUOUS, RUNNING = 0x1, 0x8, 0x100, 0x40
MAIN_TABLE, UNICAST, BY_THE_KERNEL = 254, 1, 2
PERMANENT, NARROW = 0x80, 253  # from that scope on (link, host), an address means something here alone
IPVLAN_MODES = ("l2", "l3", "l3s")
STACKED = ("vlan", "macvlan", "ipvlan")
DATA = ("IFLA_LINKINFO", "IFLA_INFO_DATA")


class Addresses(t.NamedTuple):
    """Index of a link -> addresses; link-local ones come and go with the link, and are in neither."""

    given: t.Dict[int, t.Tuple[str, ...]]
    leased: t.Dict[int, t.Tuple[str, ...]]


def addresses(rows) -> Addresses:
    """:returns: what somebody gave the links for good, and what they have for a time"""
    given: t.Dict[int, t.List[str]] = {}
    leased: t.Dict[int, t.List[str]] = {}
    for row in rows:
        text = row.get_attr("IFA_LOCAL") or row.get_attr("IFA_ADDRESS")
        permanent = (row.get_attr("IFA_FLAGS") or row["flags"]) & PERMANENT
        if text and not text.lower().startswith("fe80:") and (permanent or row["scope"] < NARROW):
            (given if permanent else leased).setdefault(row["index"], []).append("%s/%d" % (text, row["prefixlen"]))
    return Addresses(*({index: tuple(sorted(texts)) for index, texts in found.items()} for found in (given, leased)))


def link(row, name_of: t.Callable[[t.Optional[int]], str], have: Addresses, sysfs: str) -> Link:
    """:param name_of: index of another link -> its name"""
    name = row.get_attr("IFLA_IFNAME")
    kind = row.get_nested("IFLA_LINKINFO", "IFLA_INFO_KIND") or ""
    return Link(
        name=name,
        kind=kind,
        parent=name_of(row.get_attr("IFLA_LINK")) if kind in STACKED else "",
        vlan_id=row.get_nested(*DATA, "IFLA_VLAN_ID") if kind == "vlan" else None,
        mode=_mode(row, kind),
        mtu=row.get_attr("IFLA_MTU"),
        up=bool(row["flags"] & UP),
        promiscuous=bool(row["flags"] & PROMISCUOUS),
        addresses=have.given.get(row["index"], ()),
        leased=have.leased.get(row["index"], ()),
        index=row["index"],
        master=name_of(row.get_attr("IFLA_MASTER")),
        master_kind=row.get_nested("IFLA_LINKINFO", "IFLA_INFO_SLAVE_KIND") or "",
        wireless=any(os.path.exists("%s/class/net/%s/%s" % (sysfs, name, sign)) for sign in ("wireless", "phy80211")),
        loopback=bool(row["flags"] & LOOPBACK),
        carrier=bool(row["flags"] & RUNNING),
    )


def _mode(row, kind: str) -> t.Optional[str]:
    if kind == "macvlan":
        return row.get_nested(*DATA, "IFLA_MACVLAN_MODE")
    return IPVLAN_MODES[row.get_nested(*DATA, "IFLA_IPVLAN_MODE") or 0] if kind == "ipvlan" else None


def routes(row, names: t.Mapping[int, str]) -> t.Tuple[Route, ...]:
    """:param names: index -> name of the links that matter

    :returns: the ways of a route of the main table through these links; none for all other tables and kinds of routes
    """
    target = row.get_attr("RTA_DST") or ("0.0.0.0" if row["family"] == socket.AF_INET else "::")
    if row["type"] != UNICAST or (row.get_attr("RTA_TABLE") or row["table"]) != MAIN_TABLE or target.startswith("fe80:"):
        return ()
    subnet, hops = loose_subnet("%s/%d" % (target, row["dst_len"])), row.get_attr("RTA_MULTIPATH")
    ways = [(hop["oif"], hop) for hop in hops] if hops else [(row.get_attr("RTA_OIF"), row)]
    return tuple(Route(subnet, names[index], hop.get_attr("RTA_GATEWAY") or "", by_kernel=row["proto"] == BY_THE_KERNEL, shared=bool(hops))
                 for index, hop in ways if names.get(index))
