# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An endpoint: one container on one network, with what its owner asked for (not what the engine assigned)."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .network import Pairs


DYNAMIC = 3


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
    def turn(self) -> int:
        """When it is connected among others: 0 both addresses fixed, 1 IPv4 only, 2 IPv6 only, 3 none.

        An address handed out first may be the one another container is to have (seen on engine 26.1), in either family.
        """
        return (0 if self.ipv6_address else 1) if self.ipv4_address else (2 if self.ipv6_address else DYNAMIC)


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


Pair = t.Tuple[Endpoint, Container]


def renumbered(reconnected: t.Sequence[Pair], version: t.Tuple[int, ...]) -> t.Tuple[str, ...]:
    """Sentences: whose interfaces get other numbers. Engines before 28 count on, later ones give a free number again.

    :param reconnected: what is taken away and given back at once
    """
    boxes = [box for _end, box in reconnected if box.state in ("running", "paused")]
    names = sorted({box.name for box in boxes if version < (28,) or sum(other.id == box.id for other in boxes) > 1})
    if not names:
        return ()
    return ("the interfaces of container %s %s other numbers (eth1 in place of eth0) until the next restart" % (
        listed(names), "have" if version < (28,) else "may have"),)


def untold_macs(reconnected: t.Sequence[Pair], version: t.Tuple[int, ...]) -> t.Tuple[str, ...]:
    """Sentences: whose MAC address may be lost. Since engine 25 each endpoint can be given one, and no answer tells it from another while

    the container runs; up to 28 that of the network the container was made on is told.
    """
    names = sorted({box.name for end, box in reconnected if version >= (25,) and not end.mac_address and box.alive
                    and (version >= (29,) or end.network != box.network_mode)})
    if not names:
        return ()
    way_out = "give it with module endpoint" if gives_mac_back(version) else "have its owner make the container again"
    return ("container %s has another MAC address; if the one before was asked for, which this engine does not tell of a running container, "
            "%s" % (listed(names), way_out),)


def gives_mac_back(version: t.Tuple[int, ...]) -> bool:
    """20.10 sets the container's own address again by itself; 29.3 is the first to honour one on connect."""
    return version <= (20, 10) or version >= (29, 3)


def listed(names: t.Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" and %d more" % (len(names) - 5) if len(names) > 5 else "")
