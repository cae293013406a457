# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who loses what, and for about how long: said in check mode, and before the first effect."""
from __future__ import annotations

import typing as t

from ...values.allocation import unheld
from ...values.endpoint import Container, Endpoint, gives_mac_back, renumbered, untold_macs
from ...values.network import Network
from .state import Observed, strands

# Measured with engine 26.1 on two cores: removing and creating a bridge, and one endpoint's way out and in.
SECONDS_A_NETWORK = 0.4
SECONDS_AN_ENDPOINT = 0.25


def impact(networks: t.Mapping, gone: t.Sequence, new: t.Sequence, observed: Observed) -> t.Tuple[str, ...]:
    """:param networks: name -> (before, after) of networks that are created, replaced or removed"""
    back = {(end.network, end.container) for end in new}
    seconds = max(1, round(SECONDS_A_NETWORK * len(networks) + SECONDS_AN_ENDPOINT * len(gone)))
    lines = []
    for end in gone:
        box = observed.container(end.container)
        returns = (end.network, end.container) in back
        if box is not None and box.run.state != "down":
            lines.append(_running(end, box, returns, seconds))
            lines += ["container %s (%s), which shares its network, does too" % (one.name, one.state) for one in observed.beside(box)]
        elif not returns:
            lines.append("container %s (stopped) loses network %s" % (end.name, end.network))
    left = {(end.network, end.container) for end in gone}
    removed = [before for before, after in networks.values() if after is None]
    coming = [after for _before, after in networks.values() if after is not None]
    return tuple(lines) + losses([end for end in new if (end.network, end.container) in left], removed, coming, observed)


def losses(reconnected: t.Iterable[Endpoint], removed: t.Iterable[Network], coming: t.Iterable[Network],
           observed: Observed) -> t.Tuple[str, ...]:
    """What no engine, or not this one, can give back (docs/network.md: impossible)."""
    lines = ["container %s can neither be started nor connected until there is a network %s again, for it was made on it" % (
        box.name, net.name) for net in removed for box in observed.containers
        if strands(observed.engine.version) and net.answers_to(box.network_mode)]
    boxes = {box.id: box for box in observed.containers}
    pairs = [(end, boxes[end.container]) for end in reconnected if end.container in boxes]
    lines += [line for end, box in pairs for line in _lost(end, box, observed)]
    lines += unheld(pairs, {net.name: net for net in coming})
    return tuple(lines) + renumbered(pairs, observed.engine.version) + untold_macs(pairs, observed.engine.version)


def _lost(end: Endpoint, box: Container, observed: Observed) -> t.Iterator[str]:
    running = box.run.state != "down"
    if running and box.random_ports:
        yield "container %s has another random host port for %s" % (box.name, ", ".join(box.random_ports))
    if end.mac_address and not gives_mac_back(observed.engine.version):
        yield "container %s has another MAC address than %s on network %s, which this engine cannot give back" % (
            box.name, end.mac_address, end.network)
    if running and box.link_sysctls:
        yield "container %s is without its settings %s until it is restarted, for its link has another number" % (
            box.name, ", ".join(box.link_sysctls))


def _running(end, box, returns, seconds) -> str:
    lasting = "for about %d s" % seconds if returns else "for good"
    ports = ", and with it the published ports %s" % ", ".join(box.ports) if box.ports else ""
    return "container %s (%s) loses network %s %s%s" % (box.name, box.state, end.network, lasting, ports)
