# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that a swarm's services publish by the ingress mesh: each host of the swarm serves them, whoever runs the service. Only reads."""
from __future__ import annotations

import re
import typing as t

from ..core.errors import EnvironmentFault
from .command import run
from .docker_client import explained

CHAIN = ("iptables", "-w", "10", "-t", "nat", "-S", "DOCKER-INGRESS")
RULE = re.compile(r"-A DOCKER-INGRESS -p (\w+) .*--dport (\d+) .*-j DNAT\b")
Opening = t.Tuple[str, str, str, int, t.Tuple[int, ...]]


def openings(client, info: t.Mapping[str, t.Any]) -> t.Tuple[Opening, ...]:
    """:returns: ("service", its name, protocol, port, families); without the name where only a manager could tell it"""
    swarm = info.get("Swarm") or {}
    if swarm.get("LocalNodeState") != "active":
        return ()
    if swarm.get("ControlAvailable"):
        try:
            with explained("reading Swarm services"):
                return tuple(sorted(_published(client.services())))
        except EnvironmentFault:
            pass  # a manager without a quorum knows as much as a worker
    return tuple(sorted({("service", "", *service) for service in _rewritten(run(CHAIN).out)}))


def _published(services: t.Iterable[t.Mapping[str, t.Any]]) -> t.Iterator[Opening]:
    for raw in services:
        for row in (raw.get("Endpoint") or {}).get("Ports") or ():
            if row.get("PublishMode", "ingress") == "ingress" and row.get("PublishedPort"):
                yield "service", raw["Spec"]["Name"], row.get("Protocol") or "tcp", row["PublishedPort"], (4, 6)


def _rewritten(listing: str) -> t.Iterator[t.Tuple[str, int, t.Tuple[int, ...]]]:
    for found in filter(None, map(RULE.match, listing.splitlines())):
        yield found.group(1), int(found.group(2)), (4, 6)
