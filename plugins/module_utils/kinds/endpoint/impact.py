# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who loses what, and for about how long: said in check mode, and before the first effect."""
from __future__ import annotations

import typing as t

from ...values.endpoint import Container, Endpoint, renumbered, untold_macs
from .state import Engine, Key, Observed, key_of

# Measured on two cores: one endpoint's way out and in.
SECONDS_AN_ENDPOINT = 0.25


def impact(gone: t.Sequence[Endpoint], new: t.Sequence[Endpoint], observed: Observed) -> t.Tuple[str, ...]:
    back = {key_of(end): end for end in new}
    seconds = max(1, round(SECONDS_AN_ENDPOINT * len(gone)))
    lines = []
    for end in gone:
        box = observed.container(end.container)
        returns = key_of(end) in back
        if box is not None and box.alive:
            lines.append(_alive(end, box, returns, seconds))
        elif not returns:
            lines.append("container %s (stopped) loses network %s" % (end.name, end.network))
    return tuple(lines) + losses(gone, back, observed)


def losses(gone: t.Sequence[Endpoint], back: t.Mapping[Key, Endpoint], observed: Observed) -> t.Tuple[str, ...]:
    """What no engine, or not this one, can give back (docs/endpoint.md)."""
    boxes = ((end, observed.container(end.container)) for end in gone if key_of(end) in back)
    pairs = [(end, box) for end, box in boxes if box is not None]
    lines = [line for end, box in pairs for line in _lost(end, box, observed.engine)]
    again = [(back[key_of(end)], box) for end, box in pairs]
    return tuple(lines) + renumbered(again, observed.engine.version) + untold_macs(again, observed.engine.version)


def _lost(end: Endpoint, box: Container, engine: Engine) -> t.Iterator[str]:
    if box.alive and box.random_ports:
        yield "container %s has another random host port for %s" % (box.name, ", ".join(box.random_ports))
    if end.mac_address and not engine.gives_mac and not engine.version <= (20, 10):
        yield "container %s has another MAC address than %s on network %s, which this engine cannot give back" % (
            box.name, end.mac_address, end.network)
    if box.alive and box.link_sysctls:
        yield "container %s is without its settings %s until it is restarted, for its link has another number" % (
            box.name, ", ".join(box.link_sysctls))


def _alive(end: Endpoint, box: Container, returns: bool, seconds: int) -> str:
    lasting = "for about %d s" % seconds if returns else "for good"
    ports = ", and with it the published ports %s" % ", ".join(box.ports) if box.ports else ""
    return "container %s (%s) loses network %s %s%s" % (box.name, box.state, end.network, lasting, ports)
