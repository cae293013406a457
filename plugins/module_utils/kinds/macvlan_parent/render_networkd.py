# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd-networkd: a .netdev and a .network for each link of ours, and a drop-in for the .network of the link below."""
from __future__ import annotations

import typing as t

from ...values.hostfile import File
from ...values.link import Link
from .state import Shim, Wish

FOLDER = "/etc/systemd/network/"
# The first .network that matches a link is the only one that counts, so these come before other people's,
PREFIX = "05-fleetnet-"
# and those for a link that nobody configured so far come after them.
LAST = "zz-fleetnet-"
FORMER = PREFIX + "link-%s.network"  # as they were called first
MADE = "# Made by fleetnet.docker.macvlan_parent, which removes it with state absent.\n"
ALONE = "[Network]\nLinkLocalAddressing=no\nIPv6AcceptRA=no\nConfigureWithoutCarrier=yes\n"


def own_file(link: str) -> str:
    return "%slink-%s.network" % (LAST, link)


def network_file(link: str) -> str:
    """:returns: name of the .network of a VLAN or shim of our own"""
    return "%s%s.network" % (PREFIX, link)


def files(wish: Wish, whose_vlan: bool, network_file: str) -> t.Tuple[File, ...]:
    """:param network_file: name of the .network that applies to the link below; empty where none does"""
    made: t.List[File] = []
    base, on_link = wish.parent, on_top(wish)
    if whose_vlan:
        base, on_link = wish.link, "[Network]\nVLAN=%s\n" % wish.parent
        made += [_file(wish.parent + ".netdev", _netdev(Link(wish.parent, "vlan", mtu=wish.mtu)) + "\n[VLAN]\nId=%d\n" % wish.vlan_id),
                 _file(wish.parent + ".network", _match(wish.parent) + _link_section(wish) + ALONE + _shim_line(wish.shim))]
    if on_link:
        name = own_file(base) if network_file in ("", FORMER % base) else network_file
        if name == own_file(base):
            made.append(_kept(base))
        made.append(dropin(name, wish.parent, on_link))
    return tuple(made) + shim_files(wish)


def shim_files(wish: Wish) -> t.Tuple[File, ...]:
    shim = wish.shim
    if shim is None:
        return ()
    kind = "\n[MACVLAN]\nMode=%s\n" % shim.mode if shim.driver == "macvlan" else "\n[IPVLAN]\nMode=%s\n" % shim.mode.upper()
    routes = "".join("\n[Route]\nDestination=%s\n" % route for route in shim.routes)
    given = "".join("Address=%s\n" % text for text in shim.addresses)
    return (_file(shim.name + ".netdev", _netdev(Link(shim.name, shim.driver, mtu=shim.mtu)) + kind),
            _file(shim.name + ".network", _match(shim.name) + ALONE + given + routes))


def dropin(network_file: str, parent: str, text: str) -> File:
    return File("%s%s.d/fleetnet-%s.conf" % (FOLDER, network_file, parent), MADE + text)


def on_top(wish: Wish) -> str:
    """What the .network of the parent has to say besides, so that the shim is made with it."""
    return _link_section(wish) + ("[Network]\n" + _shim_line(wish.shim) if wish.shim else "")


def _kept(link: str) -> File:
    """Of a link that nobody configured so far, networkd must change nothing, and nobody is to wait for what it still might get."""
    return File(FOLDER + own_file(link), MADE + _match(link) + "[Link]\nRequiredForOnline=no\n\n[Network]\nKeepConfiguration=yes\n")


def _file(name: str, text: str) -> File:
    return File(FOLDER + PREFIX + name, MADE + text)


def _netdev(link: Link) -> str:
    size = "MTUBytes=%d\n" % link.mtu if link.mtu else ""
    return "[NetDev]\nName=%s\nKind=%s\n%s" % (link.name, link.kind, size)


def _match(name: str) -> str:
    return "[Match]\nName=%s\n\n" % name


def _link_section(wish: Wish) -> str:
    return "" if wish.promiscuous is None else "[Link]\nPromiscuous=%s\n\n" % ("yes" if wish.promiscuous else "no")


def _shim_line(shim: t.Optional[Shim]) -> str:
    return "%s=%s\n" % (shim.driver.upper(), shim.name) if shim else ""
