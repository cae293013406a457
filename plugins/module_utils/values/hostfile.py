# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that the collection writes on a host, and which it alone removes."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """:param path: absolute, or relative to the collection's own state folder; :param mode: such as 0o644."""

    path: str
    text: str
    mode: int = 0o644

    def __str__(self) -> str:
        return "file %s" % self.path


@dataclass(frozen=True)
class Manager:
    """Who configures a link at boot.

    :param system: networkd, networkmanager, netplan or ifupdown; empty where nobody does
    :param detail: networkd: the name of the .network file that applies to the link; netplan: its renderer besides,
        as in "networkd:10-netplan-eth0.network" or "networkmanager:netplan-eth0.nmconnection"
    :param makes: whether files that are not the collection's make the link, and do not only configure what others made
    """

    link: str
    system: str = ""
    detail: str = ""
    makes: bool = False
