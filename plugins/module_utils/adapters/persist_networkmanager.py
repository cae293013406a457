# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NetworkManager: whether it has a connection of its own on a link, and whether it would read a connection."""
from __future__ import annotations

import glob
import os
import shutil
import typing as t

from ..values.hostfile import Manager
from .command import FOLDERS, run

RUNS = "/run/NetworkManager/NetworkManager.pid"
DEVICES = "/run/NetworkManager/devices/%d"
IN_MEMORY = "/run/NetworkManager/system-connections/*.nmconnection"
OWN = ("/etc/NetworkManager/system-connections/fleetnet-*.nmconnection", "/etc/NetworkManager/dispatcher.d/fleetnet-*")
PROFILES = "/etc/NetworkManager/system-connections/*"
OURS = "/etc/NetworkManager/system-connections/fleetnet-%s.nmconnection"
NETPLANS = "/run/NetworkManager/system-connections/netplan-%s.nmconnection"
TRY_SECONDS = 20


def runs(root: str = "") -> bool:
    return os.path.exists(root + RUNS) or os.path.isdir(os.path.dirname(root + DEVICES))


def connection(index: int, root: str = "") -> str:
    """:returns: the id of the connection on a link; empty where NetworkManager only looks on"""
    told = _told(root + DEVICES % index)
    uuid = told.get("connection-uuid", "") if told.get("managed") == "true" else ""
    return "" if uuid and _looks_on(uuid, root) else uuid


def _looks_on(uuid: str, root: str) -> bool:
    """Where a link has an address that somebody else gave it, such as a VLAN of the engine's, NetworkManager makes up a connection for show."""
    shown = map(_told, glob.glob(root + IN_MEMORY))
    return any(told.get("uuid") == uuid and told.get("external") == "true" for told in shown)


def _told(path: str) -> t.Dict[str, str]:
    try:
        with open(path, encoding="utf-8") as stream:
            return dict(line.strip().partition("=")[::2] for line in stream if "=" in line)
    except OSError:
        return {}


def manages(link: str, index: int, root: str = "") -> t.Optional[Manager]:
    return Manager(link, "networkmanager") if connection(index, root) else None


def makes(link: str, index: int, root: str = "") -> bool:
    """Its own are links that it notes as made by itself, and those with a connection on the disk; not ours, nor netplan's."""
    uuid = connection(index, root) if runs(root) else ""
    if not uuid or uuid == _told(root + OURS % link).get("uuid") or glob.glob(root + NETPLANS % link):
        return False
    kept = (_told(path).get("uuid") for path in glob.glob(root + PROFILES))
    return _told(root + DEVICES % index).get("nm-owned") == "true" or uuid in kept


def link_of(path: str) -> str:
    """:returns: the link that the file of a connection of ours is for"""
    return os.path.basename(path)[len("fleetnet-"):-len(".nmconnection")] if path.endswith(".nmconnection") else ""


def let_go(link: str, index: int, root: str = "") -> None:
    """It makes a link of its own anew as long as it knows the connection; so it must not, until the next boot."""
    if root or not runs(root):
        return
    for name in ("fleetnet-" + link, "netplan-" + link):
        _nmcli("modify", "--temporary", "id", name, "connection.autoconnect", "no")
    if connection(index, root):
        run(["nmcli", "device", "disconnect", link], seconds=TRY_SECONDS)


def forget(link: str, root: str = "") -> None:
    """Have it see that the file of a connection is gone; what else it does stays as it is. With the connection it takes the link."""
    if not root and runs(root) and not os.path.exists(OURS % link):
        _nmcli("delete", "id", "fleetnet-" + link)
        _nmcli("reload")


def _nmcli(*words: str) -> None:
    """What it does not know is as good as done."""
    run(["nmcli", "connection", *words], seconds=TRY_SECONDS)


def refused(path: str, temporary: str, _root: str = "") -> str:
    """NetworkManager since 1.40 can read a connection without taking it up."""
    if not path.endswith(".nmconnection") or not shutil.which("nmcli", path=FOLDERS):
        return ""
    with open(temporary, encoding="utf-8") as stream:
        tried = run(["nmcli", "--offline", "connection", "modify", "connection.autoconnect", "yes"], stream.read(), seconds=TRY_SECONDS)
    said = tried.err.strip()
    return "" if tried.well or "--offline" in said else said
