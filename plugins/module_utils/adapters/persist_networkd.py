# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd-networkd: which .network file it applies to a link."""
from __future__ import annotations

import glob
import os
import typing as t

from ..values.hostfile import Manager

RUNS = "/run/systemd/netif/state"
LINKS = "/run/systemd/netif/links/%d"
NETDEVS = ("/etc/systemd/network/*.netdev", "/run/systemd/network/*.netdev", "/usr/local/lib/systemd/network/*.netdev",
           "/usr/lib/systemd/network/*.netdev")
OURS, NETPLANS = "05-fleetnet-", "10-netplan-"
OWN = ("/etc/systemd/network/05-fleetnet-*", "/etc/systemd/network/zz-fleetnet-*", "/etc/systemd/network/*.network.d/fleetnet-*.conf",
       "/etc/systemd/system/network-online.target.d/fleetnet-*.conf")


def runs(root: str = "") -> bool:
    return os.path.exists(root + RUNS)


def manages(link: str, index: int, root: str = "") -> t.Optional[Manager]:
    """:returns: with the name of the .network file, C(None) where networkd leaves the link alone"""
    path = network_file(index, root)
    return Manager(link, "networkd", os.path.basename(path)) if path else None


def makes(link: str, _index: int, root: str = "") -> bool:
    """A .network may match many links by a pattern; a .netdev names the one that it makes."""
    if not runs(root):
        return False
    paths = (path for pattern in NETDEVS for path in glob.glob(root + pattern))
    return any(_names(path, link) for path in paths if not os.path.basename(path).startswith((OURS, NETPLANS)))


def _names(path: str, link: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return any([part.strip() for part in line.partition("=")[::2]] == ["Name", link] for line in stream)
    except OSError:
        return False


def network_file(index: int, root: str = "") -> str:
    try:
        with open(root + LINKS % index, encoding="utf-8") as stream:
            told = dict(line.rstrip("\n").partition("=")[::2] for line in stream)
    except OSError:
        return ""
    return told.get("NETWORK_FILE", "") if told.get("ADMIN_STATE") != "unmanaged" else ""


def refused(_path: str, _temporary: str, _root: str = "") -> str:
    """networkd has no way to try a file; it leaves out what it does not know, and says so in its log."""
    return ""
