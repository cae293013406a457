# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is on a network, as it is now: what a report needs beyond what a reconnect has to give back."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .endpoint import Endpoint
from .network import Network, Pairs


@dataclass(frozen=True)
class Attachment:
    """:param state: as the engine says: running, paused, restarting, exited, created, dead
    :param names: what the network's DNS answers to, C(None) where the container does not run
    """

    requested: Endpoint
    state: str
    ipv4_address: t.Optional[str] = None
    ipv6_address: t.Optional[str] = None
    mac_address: t.Optional[str] = None
    gateways: t.Tuple[str, ...] = ()
    names: t.Tuple[str, ...] = ()

    @property
    def addresses(self) -> t.Tuple[str, ...]:
        return tuple(filter(None, (self.ipv4_address, self.ipv6_address)))


@dataclass(frozen=True)
class Sight:
    """One network and all that was read about it.

    :param services: Swarm services on it, C(None) where only a manager could tell
    :param elsewhere: (address, who has it) that Swarm gave to services and tasks, on this host and others
    :param told: (subnet, addresses in use, dynamic addresses free) where the engine counts by itself (29)
    :param gatewayless: whether the engine makes no gateway of its own for it
    """

    network: Network
    attachments: t.Tuple[Attachment, ...] = ()
    services: t.Optional[t.Tuple[str, ...]] = ()
    elsewhere: Pairs = ()
    told: t.Tuple[t.Tuple[str, int, int], ...] = ()
    gatewayless: bool = False
