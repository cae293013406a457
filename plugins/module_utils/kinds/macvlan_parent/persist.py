# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that make a parent and its shim at boot, in the words of the system that configures the host's links."""
from __future__ import annotations

import typing as t
from functools import lru_cache

from ...values.hostfile import File, Manager
from . import render_ifupdown, render_netplan, render_networkd, render_networkmanager
from .state import Observed, Wish

TITLES = {"networkd": "systemd-networkd", "networkmanager": "NetworkManager", "netplan": "netplan", "ifupdown": "ifupdown"}
# Where nothing configures a link, one of these can make what hangs on it without touching the rest of it.
FALLBACKS = ("networkd", "ifupdown")
# Who may configure the link below for a system to make what hangs on it; empty where nobody does. Netplan only hands on to another.
BELOW = {"networkd": ("", "networkd", render_netplan.NETWORKD), "networkmanager": ("", "networkmanager", render_netplan.NETWORKMANAGER),
         "ifupdown": ("", "ifupdown"), "netplan": (render_netplan.NETWORKD, render_netplan.NETWORKMANAGER)}


def fits(chosen: str, manager: Manager) -> bool:
    """:param chosen: the system to write for; :param manager: who configures the link below all that is made"""
    who = manager.detail.partition(":")[0] + ":" if manager.system == "netplan" else manager.system
    return who in BELOW[chosen]


def manager_of_ours(link: str, chosen: str, below: Manager) -> Manager:
    """:param chosen: the system that the files of a VLAN of our own are for; C(below): who configures the link it is made on

    :returns: who will configure the VLAN by these files; "none" where there are none
    """
    if chosen == "networkd":
        return Manager(link, chosen, render_networkd.network_file(link))
    return Manager(link, chosen, render_netplan.detail_of_ours(link, below) if chosen == "netplan" else "")


def system(wish: Wish, manager: Manager, observed: Observed) -> str:
    """:param manager: who configures the link below all that is made

    :returns: the system to write for; empty where C(auto) finds none
    """
    if wish.persist != "auto":
        return wish.persist
    return manager.system or next((name for name in FALLBACKS if name in observed.systems), "")


@lru_cache(maxsize=1024)
def files(wish: Wish, whose_vlan: bool, chosen: str, manager: Manager) -> t.Tuple[File, ...]:
    """:param whose_vlan: whether the VLAN is the collection's to make"""
    if chosen == "networkd":
        return render_networkd.files(wish, whose_vlan, render_netplan.network_file(manager) or manager.detail)
    if chosen == "networkmanager":
        return render_networkmanager.files(wish, whose_vlan)
    if chosen == "netplan":
        return render_netplan.files(wish, whose_vlan, manager)
    if chosen == "ifupdown":
        return render_ifupdown.files(wish, whose_vlan)
    return ()
