# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's links, addresses and routes over netlink, read and changed with pyroute2 (0.7 to 0.9); nothing is decided here."""
from __future__ import annotations

import errno
import os
import socket
import typing as t
from contextlib import contextmanager

from ..core.errors import EnvironmentFault
from ..core.plan import Step
from ..values.link import Link, Route
from . import netlink_read as read
from .netlink_read import IPVLAN_MODES, PROMISCUOUS, UP

try:
    from pyroute2 import IPRoute
    from pyroute2.netlink.exceptions import NetlinkError
except ImportError:
    IPRoute, NetlinkError = None, OSError

LINK_SCOPE = 253
PROBE = "fleetnetprobe"
# What the kernel makes up by itself: a host beside its containers needs none of it on these links.
QUIET = ("net/ipv6/conf/%s/accept_ra", "net/ipv6/conf/%s/autoconf")


class NetlinkLinks:
    """:param opened: gives an IPRoute; :param sysfs: and C(sysctls) where the kernel shows the rest."""

    def __init__(self, opened: t.Optional[t.Callable] = None, sysfs: str = "/sys", sysctls: str = "/proc/sys"):
        self._opened, self._sysfs, self._sysctls = opened, sysfs, sysctls
        self._netlink: t.Any = None
        self._names: t.Dict[int, str] = {}

    @property
    def netlink(self):
        if self._netlink is None:
            if self._opened is None and IPRoute is None:
                raise EnvironmentFault("The Python library pyroute2 is missing on this host; install python3-pyroute2.")
            with explained("opening netlink"):
                # Strict, so that the kernel itself picks what is asked for, and not pyroute2 after having read everything.
                self._netlink = self._opened() if self._opened else IPRoute(strict_check=True)
        return self._netlink

    def links(self, names: t.Optional[t.Collection[str]] = None) -> t.Tuple[Link, ...]:
        """:param names: C(None) for all; those that do not exist are left out"""
        with explained("reading links"):
            rows = list(self.netlink.get_links()) if names is None else [row for name in sorted(names) for row in self._one(name)]
            self._names = {row["index"]: row.get_attr("IFLA_IFNAME") for row in rows}
            have = read.addresses(self.netlink.get_addr() if names is None else
                                  [row for index in list(self._names) for row in self.netlink.addr("dump", index=index, dump_filter=None)])
            found = [read.link(row, self._name, have, self._sysfs) for row in rows]
        return tuple(sorted(found, key=lambda link: link.name))

    def _one(self, name: str) -> t.List[t.Any]:
        try:
            return list(self.netlink.link("get", ifname=name))
        except NetlinkError as reason:
            if reason.code == errno.ENODEV:
                return []
            raise

    def _name(self, index: t.Optional[int]) -> str:
        """A parent may lie in another namespace, and then its number means nothing here."""
        if not index:
            return ""
        if index not in self._names:
            try:
                self._names[index] = self.netlink.link("get", index=index)[0].get_attr("IFLA_IFNAME")
            except NetlinkError:
                self._names[index] = ""
        return self._names[index]

    def routes(self, links: t.Collection[Link], every: bool) -> t.Tuple[Route, ...]:
        """:returns: the main table's routes through these links; :param every: whether these are all links"""
        names = {link.index: link.name for link in links}
        asked: t.List[t.Dict[str, int]] = [{}] if every else [{"oif": index} for index in names]
        # With a filter of its own pyroute2 would not pass on what is asked for; the kernel picks it far more quickly.
        with explained("reading routes"):
            rows = [row for how in asked for family in (socket.AF_INET, socket.AF_INET6)
                    for row in self.netlink.route("dump", family=family, table=read.MAIN_TABLE, dump_filter=None, **how)]
        found = {route for row in rows for route in read.routes(row, names)}
        return tuple(sorted(found, key=lambda route: (route.subnet, route.interface, route.gateway)))

    def towards(self, address: str) -> str:
        """:param address: of a neighbour on one link alone with that link behind it, as in fe80::1%lan0

        :returns: the link by which the kernel would answer an address; empty where it knows no way
        """
        bare, _percent, zone = address.partition("%")
        if zone:
            return zone
        try:
            rows = list(self.netlink.route("get", dst=bare, family=socket.AF_INET6 if ":" in bare else socket.AF_INET))
        except NetlinkError:
            return ""
        return self._name(rows[0].get_attr("RTA_OIF")) if rows else ""

    def lacking(self, kinds: t.Iterable[str]) -> t.FrozenSet[str]:
        """Of these kinds of links, those that the kernel cannot make: asked for one without a parent, it says whether it knows the

        kind (and wants a parent), and makes none either way.
        """
        return frozenset(kind for kind in kinds if not self._knows(kind))

    def _knows(self, kind: str) -> bool:
        try:
            self.netlink.link("add", ifname=PROBE, kind=kind)
        except NetlinkError as reason:
            return reason.code != errno.EOPNOTSUPP
        self.netlink.link("del", ifname=PROBE)
        return True

    def execute(self, step: Step) -> None:
        """:raises EnvironmentFault: with the kernel's own words"""
        with explained(str(step)):
            if isinstance(step.thing, Route):
                self._set_route(step)
            elif step.after is None:
                self._delete(step.before.name)
            elif step.before is None:
                self._create(step.after)
            else:
                self._update(self._index(step.after.name), step.before, step.after)

    def _index(self, name: str) -> int:
        rows = self._one(name)
        if not rows:
            raise EnvironmentFault("Link %s is gone." % name)
        return rows[0]["index"]

    def _create(self, link: Link) -> None:
        how: t.Dict[str, t.Any] = {"vlan": {"vlan_id": link.vlan_id}, "macvlan": {"macvlan_mode": link.mode},
                                   "ipvlan": {"ipvlan_mode": IPVLAN_MODES.index(link.mode) if link.kind == "ipvlan" else 0}}[link.kind]
        if link.mtu is not None:
            how["mtu"] = link.mtu
        self.netlink.link("add", ifname=link.name, kind=link.kind, link=self._index(link.parent), **how)
        for setting in QUIET:
            self._set(setting % link.name)
        self._update(self._index(link.name), Link(link.name, addresses=(), up=False, promiscuous=False, mtu=link.mtu), link)

    def _set(self, setting: str) -> None:
        """Not everywhere may a process set these, and nothing depends on it."""
        try:
            with open(os.path.join(self._sysctls, setting), "w", encoding="ascii") as stream:
                stream.write("0")
        except OSError:
            pass

    def _update(self, index: int, before: Link, after: Link) -> None:
        if after.mtu not in (None, before.mtu):
            self.netlink.link("set", index=index, mtu=after.mtu)
        flags = ((UP, before.up, after.up), (PROMISCUOUS, before.promiscuous, after.promiscuous))
        changed = [(flag, want) for flag, have, want in flags if want is not None and want != have]
        if changed:
            self.netlink.link("set", index=index, flags=sum(flag for flag, want in changed if want), change=sum(f for f, _w in changed))
        if after.addresses is not None:
            for command, texts in (("del", set(before.addresses or ()) - set(after.addresses)),
                                   ("add", set(after.addresses) - set(before.addresses or ()))):
                for text in sorted(texts):
                    address, prefix = text.split("/")
                    self.netlink.addr(command, index=index, address=address, prefixlen=int(prefix))

    def _delete(self, name: str) -> None:
        """A service that made the link may be faster, once its file is gone."""
        for row in self._one(name):
            try:
                self.netlink.link("del", index=row["index"])
            except NetlinkError as reason:
                if reason.code != errno.ENODEV:
                    raise

    def _set_route(self, step: Step) -> None:
        route = step.thing
        how = dict(dst=route.subnet, oif=self._index(route.interface), family=socket.AF_INET6 if ":" in route.subnet else socket.AF_INET)
        if route.gateway:
            how["gateway"] = route.gateway
        elif ":" not in route.subnet:
            how["scope"] = LINK_SCOPE
        self.netlink.route("del" if step.after is None else "add", **how)


@contextmanager
def explained(what: str):
    """Turn what netlink answers into one sentence."""
    try:
        yield
    except PermissionError as reason:
        raise EnvironmentFault("%s is not allowed to this user; run the task as root (become: true)." % what.capitalize()) from reason
    except NetlinkError as reason:
        raise EnvironmentFault("%s: the kernel answers: %s." % (what, _told(reason))) from reason


def _told(reason) -> str:
    return os.strerror(reason.code) if getattr(reason, "code", None) else str(reason)
