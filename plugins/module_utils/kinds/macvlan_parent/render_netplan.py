# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netplan: it knows VLANs, but no macvlan and no ipvlan links, so the shim is left to the renderer behind it."""
from __future__ import annotations

import re
import typing as t

from ...values.hostfile import File, Manager
from . import render_networkd, render_networkmanager
from .state import Wish

FOLDER = "/etc/netplan/"
NETWORKD, NETWORKMANAGER = "networkd:", "networkmanager:"
# networkd by itself waits for all links that it makes; behind netplan, for those in netplan's files.
WAITING = ("/etc/systemd/system/network-online.target.d/fleetnet-%s.conf",
           "[Unit]\nWants=systemd-networkd-wait-online@%s.service\nAfter=systemd-networkd-wait-online@%s.service\n")
GENERATED, CONNECTION = "10-netplan-%s.network", "netplan-%s.nmconnection"


def network_file(manager: Manager) -> str:
    """:returns: the .network that netplan has made for a link, where its renderer is networkd"""
    return manager.detail[len(NETWORKD):] if manager.detail.startswith(NETWORKD) else ""


def detail_of_ours(link: str, below: Manager) -> str:
    """:returns: as an adapter will tell it (Manager) of a VLAN of our own, once netplan has made it with the renderer of the link below"""
    return NETWORKMANAGER + CONNECTION % link if below.detail.startswith(NETWORKMANAGER) else NETWORKD + GENERATED % link


def id_of(manager: Manager) -> str:
    """:returns: the key that a link has in netplan's files, which need not be its name; empty where it cannot be told"""
    for text in (NETWORKD + GENERATED, NETWORKMANAGER + CONNECTION):
        head, tail = text.split("%s")
        found = re.fullmatch(re.escape(head) + "([a-zA-Z0-9_.:-]+)" + re.escape(tail), manager.detail)
        if found:
            return found.group(1)
    return ""


def files(wish: Wish, whose_vlan: bool, manager: Manager) -> t.Tuple[File, ...]:
    by_nm = manager.detail.startswith(NETWORKMANAGER)
    made = [_vlan(wish, id_of(manager), "NetworkManager" if by_nm else "networkd")] if whose_vlan else []
    if by_nm:
        return tuple(made) + render_networkmanager.on_top(wish)
    on_parent = render_networkd.on_top(wish)
    if on_parent:
        below = GENERATED % wish.parent if whose_vlan else network_file(manager)
        made.append(render_networkd.dropin(below, wish.parent, on_parent))
    if wish.shim:
        name = wish.shim.name
        made.append(File(WAITING[0] % name, render_networkd.MADE + WAITING[1] % (name, name)))
    return tuple(made) + render_networkd.shim_files(wish)


def _vlan(wish: Wish, below: str, renderer: str) -> File:
    """:param renderer: that of the link below, which need not be the one that the whole of netplan's files has"""
    lines = [render_networkd.MADE + "network:", "  version: 2", "  vlans:", "    %s:" % wish.parent, "      id: %d" % wish.vlan_id,
             "      link: %s" % below, "      renderer: %s" % renderer,
             "      dhcp4: false", "      dhcp6: false", "      accept-ra: false", "      link-local: []"]
    if wish.mtu:
        lines.append("      mtu: %d" % wish.mtu)
    return File("%s90-fleetnet-%s.yaml" % (FOLDER, wish.parent), "\n".join(lines) + "\n", 0o600)
