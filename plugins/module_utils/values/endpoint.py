# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An endpoint: one container on one network, with what its owner asked for (not what the engine assigned)."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .network import Pairs


@dataclass(frozen=True)
class Endpoint:
    """Requested properties only, so that two observations around a reconnect are equal.

    :param container: the container's full id
    :param name: the container's name, for people; it may be changed by its owner, so it is no part of equality
    :param aliases: sorted, without the short id that engines before 25 add
    :param links: sorted "container:alias" texts
    :param mac_address: only where it was requested
    """

    network: str
    container: str
    aliases: t.Tuple[str, ...] = ()
    links: t.Tuple[str, ...] = ()
    ipv4_address: t.Optional[str] = None
    ipv6_address: t.Optional[str] = None
    link_local_ips: t.Tuple[str, ...] = ()
    mac_address: t.Optional[str] = None
    driver_opts: Pairs = ()
    gw_priority: int = 0
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return "container %s on network %s" % (self.name or self.container[:12], self.network)

    @property
    def fixed(self) -> bool:
        return bool(self.ipv4_address or self.ipv6_address)


@dataclass(frozen=True)
class Orphan:
    """An endpoint that an engine counts on a network though no container has it; it keeps the network from being removed.

    :param name: the engine finds it by this
    """

    network: str
    name: str

    def __str__(self) -> str:
        return "endpoint %s, which no container has, on network %s" % (self.name, self.network)


@dataclass(frozen=True)
class Run:
    """Whether a container runs: C(up), C(paused) or C(down)."""

    container: str
    state: str
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return "container %s" % (self.name or self.container[:12])


@dataclass(frozen=True)
class Container:
    """A container as the planner needs to know it; it belongs to somebody else.

    :param state: as the engine says: running, paused, restarting, exited, created, dead, removing
    :param network_mode: HostConfig.NetworkMode: "bridge", "host", "container:ID", a network's name or id
    :param link_sysctls: kernel settings bound to a link's number, such as "net.ipv4.conf.eth0.forwarding"
    :param random_ports: container ports published on a port the engine chose, such as "80/tcp"
    :param ports: published host ports, such as "8001->80/tcp"
    :param service: the Swarm service that it is a task of
    """

    id: str
    name: str
    state: str
    network_mode: str = ""
    ports: t.Tuple[str, ...] = ()
    random_ports: t.Tuple[str, ...] = ()
    link_sysctls: t.Tuple[str, ...] = ()
    service: str = ""

    @property
    def alive(self) -> bool:
        return self.state in ("running", "paused", "restarting")

    @property
    def run(self) -> Run:
        state = {"running": "up", "restarting": "up", "paused": "paused"}.get(self.state, "down")
        return Run(self.id, state, self.name)


@dataclass(frozen=True)
class Held:
    """What a container has on a network now, asked for or not.

    :param addresses: those in use, and the fixed ones that a stopped container takes again at its next start
    :param mac_address: known only while the container runs
    """

    network: str
    container: str
    addresses: t.Tuple[str, ...] = ()
    mac_address: t.Optional[str] = None
