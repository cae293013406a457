# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel knows: routes of the host."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """:param interface: name of the outgoing link, such as "eth0"; :param gateway: empty where the subnet is on the link itself
    :param parent: the link that a macvlan, ipvlan or VLAN link is on, such as "eth0" for a shim; else empty
    """

    subnet: str
    interface: str
    gateway: str = ""
    parent: str = ""
